//! Input that grows: little of it may not end the process for want of memory, which no
//! handler of ours would see.

use std::{
    fmt::Write as _,
    process::{Command, Output},
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
    expect_test::expect![[r#"
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
    expect_test::expect![
        "error[too-large]: a manifest has at most 4194304 bytes of text, aliases followed"
    ]
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
    expect_test::expect![
        "error[too-large]: a manifest has at most 4194304 bytes of text, aliases followed"
    ]
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
    expect_test::expect![
        "error[too-large]: a manifest has at most 4194304 bytes of text, aliases followed"
    ]
    .assert_eq(title);
}
