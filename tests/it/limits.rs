//! Input that grows: little of it may not end the process for want of memory, which no
//! handler of ours would see.

use std::{
    fmt::Write as _,
    process::{Command, Output},
};

use crate::frontend::daemon;
use expect_test::expect;
use modelcache::{
    lock::{LockFile, diff::diff},
    models::{
        choose::{self, ListedFile, Texts, Wish},
        hub,
    },
    packages::{project, pylock::Pylock, requirements},
    values::bytes,
};

/// What the process may have, in KiB.
const MEMORY: &str = "204800";

/// `modelcache check` with this manifest, under [`MEMORY`].
fn check(manifest: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("modelcache.yaml"), manifest).unwrap();
    let limited = "ulimit -v \"$0\" && exec \"$@\"";
    let binary = env!("CARGO_BIN_EXE_modelcache");
    let arguments = ["-c", limited, MEMORY, binary, "check", "modelcache.yaml"];
    let Output { status, stderr, .. } =
        Command::new("sh").args(arguments).current_dir(folder.path()).output().unwrap();
    (status.code().is_some_and(|code| code < 100), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn arguments_that_are_made_of_others() {
    let mut manifest = format!("base: python\nargs:\n  A0: {}\n", "x".repeat(64));
    for i in 1..20 {
        let last = i - 1;
        let _ = writeln!(manifest, "  A{i}: ${{A{last}}}${{A{last}}}${{A{last}}}${{A{last}}}");
    }
    manifest += "app: {labels: {a: \"${A19}\"}}\n";
    let (ended, told) = check(&manifest);
    assert!(ended, "{told}");
    expect![[r#"
        error[too-large]: arguments put more than 1048576 bytes into the manifest
          --> modelcache.yaml:10:17
           |
        10 |   A7: ${A6}${A6}${A6}${A6}
           |                 ^^^^^ this value no longer fits
           |
           = help: an argument that is made of others grows with each step
    "#]]
    .assert_eq(&told);
}

#[test]
fn aliases_of_one_long_string() {
    let aliases = ", *a".repeat(9000);
    let long = "x".repeat(200_000);
    let manifest = format!("base: python\napp:\n  command: [&a {long}\n   {aliases}]\n");
    let (ended, told) = check(&manifest);
    assert!(ended, "{told}");
    let title = told.lines().next().unwrap_or_default();
    expect!["error[too-large]: a manifest has at most 4194304 bytes of text, aliases followed"]
        .assert_eq(title);
    assert_eq!(told.matches("error[").count(), 1);
}

#[test]
fn aliases_as_keys() {
    let keys: String = (0..9000).map(|_| "    *a : x\n").collect();
    let long = "x".repeat(200_000);
    let manifest = format!("base: python\nargs: {{A: &a {long}}}\napp:\n  env:\n{keys}");
    let (ended, told) = check(&manifest);
    assert!(ended, "{told}");
    let title = told.lines().next().unwrap_or_default();
    expect!["error[too-large]: a manifest has at most 4194304 bytes of text, aliases followed"]
        .assert_eq(title);
}

#[test]
fn anchors_in_anchors_around_a_long_string() {
    let manifest = format!(
        "base: python\nuser: {}{}{}\n",
        (0..30).map(|i| format!("&a{i} [")).collect::<String>(),
        "x".repeat(900_000),
        "]".repeat(30)
    );
    let (ended, told) = check(&manifest);
    assert!(ended, "{told}");
    let title = told.lines().next().unwrap_or_default();
    expect!["error[too-large]: a manifest has at most 4194304 bytes of text, aliases followed"]
        .assert_eq(title);
}

#[test]
fn sizes_that_add_up_to_more_than_there_can_be() {
    assert_eq!(bytes::total([u64::MAX, 1].into_iter()), u64::MAX);
    let file = |path: &str| ListedFile { path: path.to_owned(), size: u64::MAX };
    let files = [
        file("m-q4_k_m-00001-of-00002.gguf"),
        file("m-q4_k_m-00002-of-00002.gguf"),
        file("m-q8_0.gguf"),
        file("a.fp16.safetensors"),
        file("b.fp16.safetensors"),
        file("a.fp32.safetensors"),
        file("model-00001-of-4294967295.safetensors"),
    ];
    let wish = Wish { id: "a/b".to_owned(), ..Wish::default() };
    let choice = choose::choose(&files, &Texts::new(), &wish);
    let codes: Vec<&str> = choice.findings.iter().map(|finding| finding.code).collect();
    expect!["ambiguous-variant missing-shard"].assert_eq(&codes.join(" "));

    let sha256 = "0".repeat(64);
    let file =
        |path| format!(r#"{{"path": "{path}", "size": {}, "sha256": "{sha256}"}}"#, u64::MAX);
    let lock = format!(
        r#"{{"version": 1, "models": [{{"id": "a/b", "revision": "main", "commit": "{}", "files": [{}, {}]}}]}}"#,
        "0".repeat(40),
        file("a"),
        file("b"),
    );
    let lock = LockFile::parse(&lock).unwrap();
    expect![[r#"
        + a/b@main: 2 files, 18446744073.7 GB
    "#]]
    .assert_eq(&diff(None, &lock));
}

/// What is nested deeper than any tool writes is an error, or is read; neither takes the stack.
#[test]
fn depth() {
    let deep = 100_000;
    let nested =
        ["[".repeat(deep), "{\"a\":".repeat(deep), format!("{{\"siblings\": {}", "[".repeat(deep))];
    for json in nested {
        assert!(hub::parse_listing("a/b", json.as_bytes()).is_err());
        assert!(LockFile::parse(&json).is_err());
        let files = [ListedFile { path: "config.json".to_owned(), size: 1 }];
        let texts = Texts::from([("config.json".to_owned(), json.into_bytes())]);
        let wish = Wish { id: "a/b".to_owned(), ..Wish::default() };
        assert_eq!(choose::choose(&files, &texts, &wish).kept.len(), 1);
    }
    let dotted = format!("a{}", ".a".repeat(deep));
    for toml in [
        format!("packages = {}", "[".repeat(deep)),
        format!("packages = {}", "{a = ".repeat(deep)),
        format!("[{dotted}]"),
        format!("[[{dotted}]]"),
        format!("{dotted} = 1"),
    ] {
        assert!(Pylock::parse(&toml).is_err(), "{}", &toml[..20]);
        assert!(project::named_files("pyproject.toml", &toml).is_empty());
        assert_eq!(project::digest("pyproject.toml", &toml), requirements::digest(&toml));
    }
}

/// The daemon made of data sends 4 MiB in one message, and a real one 16.
#[test]
fn files_that_are_longer_than_a_message() {
    let listing = "http://hub/api/models/org/name/revision/main?blobs=true";
    let padded = |length: usize| {
        let mut daemon = daemon();
        let Some(Ok(content)) = daemon.urls.get_mut(listing) else { panic!("no listing") };
        content.resize(length, b' ');
        daemon.build(&[("filename", "modelcache.yaml")])
    };
    // One more than a message, an even number of pieces, and more than any daemon's message.
    for length in [(4 << 20) + 1, 6 << 20, 17 << 20] {
        padded(length).result();
    }
    let error = padded((64 << 20) + 1).error().message.clone();
    expect![[r#"
        modelcache.yaml:7: the hub's list of `org/name` is too long to be read

        error[hub-answer]: the hub's list of `org/name` is too long to be read
         --> modelcache.yaml:7:5
          |
        7 |   - org/name
          |     ^^^^^^^^ http://hub sent more than is read of any file

        the builder said: the file is to be read, and is longer than 64 MiB"#]]
    .assert_eq(&error);
}
