//! `pylock.toml`, as resolvers write it and users hand it in.

use expect_test::{Expect, expect};
use modelcache::packages::{
    Origin,
    pylock::{Pylock, choice::FileChoice, places},
};

const LOCK: &str = r#"
lock-version = "1.0"

[[packages]]
name = "Pure"
version = "1.0"
marker = "sys_platform == 'linux'"
sdist = { url = "https://me:secret@host/pure-1.0.tar.gz", hashes = { sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } }
wheels = [{ url = "https://me:secret@host/pure-1.0-py3-none-any.whl", size = 7, hashes = { sha256 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" } }]

[[packages]]
name = "both"
version = "2"
wheels = [
    { url = "https://host/both-2-py3-none-any.whl", hashes = { sha256 = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" } },
    { url = "https://host/both-2-cp313-cp313-linux_x86_64.whl", hashes = { sha256 = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd" } },
]

[[packages]]
name = "from-source"
version = "1"
sdist = { url = "https://host/from_source-1.tar.gz", hashes = { sha256 = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee" } }

[[packages]]
name = "by-url"
version = "1"
archive = { url = "https://host/by_url-1-py3-none-any.whl", hashes = { sha256 = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" } }

[[packages]]
name = "vcs"
vcs = { type = "git", url = "https://me:secret@host/vcs.git", commit-id = "0123", subdirectory = "python" }
"#;

const FOLDERS: &str = r#"
[[packages]]
name = "here"
directory = { path = "." }

[[packages]]
name = "inner"
directory = { path = "libs/inner/", editable = true }

[[packages]]
name = "linked"
version = "1"
wheels = [{ url = "file:///run/work/links/linked-1-py3-none-any.whl", hashes = { sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } }]

[[packages]]
name = "packed"
archive = { path = "vendor/packed-1-py3-none-any.whl", hashes = { sha256 = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" } }
"#;

fn check(text: &str, expected: Expect) {
    let wheels =
        Pylock::parse(text).and_then(|lock| lock.wheels("/run/work", &FileChoice::default()));
    let lines = wheels.map(|wheels| {
        let line = |wheel: &modelcache::packages::Wheel| match &wheel.origin {
            Origin::Wheel(it) => {
                format!("{} wheel {} {} {}", wheel.pin(), it.url, it.size, it.digest)
            }
            Origin::Archive(it) => format!("{} source {} {}", wheel.pin(), it.url, it.digest),
            Origin::Commit(it) => format!("{} commit {it}", wheel.pin()),
            Origin::Folder(it) => format!("{} folder {it}", wheel.pin()),
        };
        wheels.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    expected.assert_eq(&lines.unwrap_or_else(|error| error.to_string()));
}

#[test]
fn each_package_comes_from_one_place_without_credentials() {
    check(
        LOCK,
        expect![[r#"
        both==2 wheel https://host/both-2-cp313-cp313-linux_x86_64.whl 0 sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
        by-url==1 wheel https://host/by_url-1-py3-none-any.whl 0 sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        from-source==1 source https://host/from_source-1.tar.gz sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee
        pure==1.0 wheel https://host/pure-1.0-py3-none-any.whl 7 sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        vcs commit git+https://host/vcs.git@0123#subdirectory=python"#]],
    );
}

#[test]
fn what_is_in_the_context_is_a_path() {
    check(
        FOLDERS,
        expect![[r#"
        here folder .
        inner folder libs/inner
        linked==1 folder links/linked-1-py3-none-any.whl
        packed folder vendor/packed-1-py3-none-any.whl"#]],
    );
}

#[test]
fn what_cant_be_pinned_is_named() {
    check("[[packages]]\nname = \"a\"\n", expect!["`a` has neither a wheel nor a source"]);
    let md5 = "[[packages]]\nname = \"a\"\nsdist = { url = \"https://host/a.tar.gz\", hashes = { md5 = \"0\" } }\n";
    check(md5, expect!["`a` has a file without a sha256"]);
    let up = "[[packages]]\nname = \"a\"\nwheels = [{ url = \"https://host/..%2F..%2Fa-1-py3-none-any.whl\", hashes = { sha256 = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" } }]\n";
    check(up, expect!["`a` has a wheel whose URL does not end in its name"]);
    assert!(Pylock::parse("[[packages]]\nversion = 1\n").is_err());
}

#[test]
fn a_users_lock_becomes_requirements_with_markers_and_digests() {
    let lines = Pylock::parse(LOCK).unwrap().requirements().unwrap();
    expect![[r#"
        Pure==1.0 ; sys_platform == 'linux' --hash=sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb --hash=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        both==2 --hash=sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc --hash=sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
        from-source==1 --hash=sha256:eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee
        by-url @ https://host/by_url-1-py3-none-any.whl --hash=sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
        vcs @ git+https://host/vcs.git@0123#subdirectory=python
    "#]]
    .assert_eq(&lines);
}

#[test]
fn each_package_is_a_line_and_has_one() {
    assert_eq!(places::packages(LOCK), [5, 12, 20, 25, 30]);
    let inline = "lock-version = '1.0'\npackages = [\n  {version = '1', name = 'a'},\n\n\
                  {name = \"b\", version = \"1.0\\n--pre\", marker = \"\"\"os_name == 'posix'\n and\"\"\"}]\n";
    assert_eq!(places::packages(inline), [3, 5]);
    let lines = Pylock::parse(inline).unwrap().requirements().unwrap();
    assert_eq!(lines, "a==1\nb==1.0 --pre ; os_name == 'posix'  and\n");
    assert_eq!(places::packages("[[packages]]\nversion = '1'\n"), [0; 0]);
    assert_eq!(places::packages("= a"), [0; 0]);
}
