//! Zip archives: what unpacks them, and what of them is refused.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use expect_test::{Expect, expect};
use modelcache::request::Request;

use crate::{
    assets,
    support::gateway::{Daemon, Image},
};

const WORDS: &str = "  - {url: 'https://example.com/words.zip?v=1', #, path: words, unpack: true}";

#[test]
fn the_bases_python_unpacks_a_zip() {
    assets::check(
        WORDS,
        Request::default(),
        expect![[r#"
            1  source docker-image://docker.io/library/python:3.13-slim  linux/amd64  -- [base] docker.io/library/python:3.13-slim
            2  source https://example.com/words.zip?v=1  -- [files] https://example.com/words.zip?v=1
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            3  file   on scratch  -- [internal] folders
            4  file   on scratch  -- [internal] unzip program
                 mkfile /unzip.py 0644 0:0 @0 3286 bytes sha256:2ebb88b9106179188d4a7243c23fdacaa0938122f20bee4170a813069e6e5503
            5  exec   python3 -s -B /run/modelcache/unzip.py /run/modelcache/archive.zip /run/modelcache/contents  linux/amd64  -- [files] unpack https://example.com/words.zip?v=1
                 network none
                 / bind #1
                 /run/modelcache/archive.zip bind #2:/blob
                 /run/modelcache/contents bind #3:/contents rw
                 /run/modelcache/unzip.py bind #4:/unzip.py
            6  file   on scratch  -- [internal] folders
            7  file   on scratch  -- [files] /opt/modelcache/files/words
                 copy #5:/contents/* -> /opt/modelcache/files/words/ wildcard mode u=rwX,go=rX @0
                 copy #6:/ -> / contents @0
            8  merge  #1 #7  -- [image] assemble
            result #8"#]],
    );
}

/// A daemon whose base image has Python, or has none.
fn daemon(python: bool) -> Daemon {
    let files = python.then(|| ("usr/bin/python3".to_owned(), Vec::new()));
    let image = Image {
        digest: format!("sha256:{}", "c".repeat(64)),
        config: r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin:/usr/bin"]}}"#
            .into(),
        files: files.into_iter().collect(),
    };
    Daemon::default()
        .file("modelcache.yaml", assets::manifest_of(WORDS))
        .url("https://example.com/words.zip?v=1", "weights\n")
        .image("docker.io/library/python:3.13-slim", image)
}

fn check_error(daemon: Daemon, target: &str, expected: Expect) {
    let outcome = daemon.build(&[("filename", "modelcache.yaml"), ("target", target)]);
    expected.assert_eq(&outcome.error().message);
}

#[test]
fn without_a_python_there_is_one_clear_error() {
    check_error(
        daemon(false),
        "image",
        expect![[r#"
            modelcache.yaml:4: `words.zip` can't be unpacked: of a zip archive that is Python's work

            error[no-python]: `words.zip` can't be unpacked: of a zip archive that is Python's work
             --> modelcache.yaml:4:11
              |
            4 |   - {url: 'https://example.com/words.zip?v=1', sha256: 1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, path: words,...
              |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ `python:3.13-slim` has none
              |
              = help: a tar archive needs none; or leave out `unpack`, if what loads it reads zip"#]],
    );
    check_error(
        daemon(true),
        "models",
        expect![[r#"
            modelcache.yaml:4: `words.zip` can't be unpacked: of a zip archive that is Python's work

            error[no-python]: `words.zip` can't be unpacked: of a zip archive that is Python's work
             --> modelcache.yaml:4:11
              |
            4 |   - {url: 'https://example.com/words.zip?v=1', sha256: 1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, path: words,...
              |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the target `models` has no base image
              |
              = help: a tar archive needs none; or leave out `unpack`, if what loads it reads zip"#]],
    );
}

#[test]
fn what_can_not_be_unpacked_is_shown_at_its_line() {
    let words = "process \"/usr/bin/python3 …\" did not complete successfully: exit code: 1";
    check_error(
        daemon(true).fail("[files] unpack", words),
        "image",
        expect![[r#"
        modelcache.yaml:4: a zip archive can't be unpacked

        error[not-an-archive]: a zip archive can't be unpacked
         --> modelcache.yaml:4:5
          |
        4 |   - {url: 'https://example.com/words.zip?v=1', sha256: 1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, path: words, unpack: true}
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ unpacked here
          |
          = help: the reason is above, in the output of this step

        the builder said: process "/usr/bin/python3 …" did not complete successfully: exit code: 1"#]],
    );
}

#[test]
fn a_bundle_has_the_archive_as_it_is() {
    let outcome = daemon(false).build(&[("filename", "modelcache.yaml"), ("target", "bundle")]);
    outcome.result();
    let graph = outcome.graphs().pop().unwrap();
    assert!(!graph.contains("exec "), "{graph}");
}

/// Makes a zip by the lines of Python in `code`, unpacks it, and shows what came of it:
/// the program's words, or the tree.
fn unpack(code: &str) -> String {
    const MAKE: &str = "
import sys, zipfile
def add(name, text='text', mode=0o100644, system=3):
    member = zipfile.ZipInfo(name, (2020, 1, 2, 3, 4, 6))
    member.create_system, member.external_attr = system, mode << 16
    zip.writestr(member, text)
zip = zipfile.ZipFile(sys.argv[1], 'w')
";
    let folder = tempfile::tempdir().unwrap();
    let (archive, contents) = (folder.path().join("a.zip"), folder.path().join("contents"));
    fs::create_dir(&contents).unwrap();
    let code = format!("{MAKE}{code}\nzip.close()\n");
    let made = Command::new("python3").args(["-c", &code]).arg(&archive).status().unwrap();
    assert!(made.success(), "{code}");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/src/graph/unzip/unzip.py");
    let output =
        Command::new("python3").args(["-s", "-B", program]).args([&archive, &contents]).output();
    let output = output.unwrap();
    if !output.status.success() {
        return String::from_utf8_lossy(&output.stderr).into_owned();
    }
    let mut lines = Vec::new();
    list(&contents, "", &mut lines);
    lines.sort();
    lines.concat()
}

fn list(folder: &Path, above: &str, lines: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{above}{}", entry.file_name().to_string_lossy());
        let found = entry.path().symlink_metadata().unwrap();
        let mode = found.permissions().mode() & 0o777;
        if found.is_symlink() {
            let target = fs::read_link(entry.path()).unwrap();
            lines.push(format!("{path} -> {}\n", target.display()));
        } else if found.is_dir() {
            lines.push(format!("{mode:o} {path}/\n"));
            list(&entry.path(), &format!("{path}/"), lines);
        } else {
            lines.push(format!("{mode:o} {path} {}\n", fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

#[test]
fn a_tree_comes_out_with_plain_modes() {
    let code = "
add('words/', '', 0o040700)
add('words/english', 'a', 0o100600)
add('words/run', 'b', 0o104710)
add('./other/ä', 'c', 0, 0)
add('words/link', '../other/ä', 0o120777)
add('beside', 'words', 0o120777)
";
    expect![[r#"
        644 other/ä c
        644 words/english a
        755 other/
        755 words/
        755 words/run b
        beside -> words
        words/link -> ../other/ä
    "#]]
    .assert_eq(&unpack(code));
}

#[test]
fn nothing_leads_out_of_the_folder() {
    let cases = [
        "add('../x')",
        "add('a/../../x')",
        "add('/etc/x')",
        r"add('a\\..\\x')",
        r"add('a\nb')",
        "add('x', '/etc/passwd', 0o120777)",
        "add('a/x', '../../b', 0o120777)",
        // The first link leads to where the second one's words mean something else.
        "add('d/e/', '', 0o040755); add('l', 'd/e', 0o120777); add('x', 'l/../../../y', 0o120777)",
        // Written through a link.
        "add('l', '..', 0o120777); add('l/x')",
        "add('l', 'd', 0o120777); add('l', '..', 0o120777)",
        "add('dev', '', 0o020644)",
        "add('x'); add('x')",
        "add('x'); add('x/y')",
        "pass",
        "zip.close(); open(sys.argv[1], 'w').write('no zip')",
    ];
    let seen: String =
        cases.into_iter().map(|code| format!("{code}\n    {}", unpack(code))).collect();
    expect![[r#"
        add('../x')
            modelcache: can't unpack: '../x' is no name in a folder
        add('a/../../x')
            modelcache: can't unpack: 'a/../../x' is no name in a folder
        add('/etc/x')
            modelcache: can't unpack: '/etc/x' is no name in a folder
        add('a\\..\\x')
            modelcache: can't unpack: 'a\\..\\x' is no name in a folder
        add('a\nb')
            modelcache: can't unpack: 'a\nb' is no name in a folder
        add('x', '/etc/passwd', 0o120777)
            modelcache: can't unpack: 'x' is a link that leads out of the archive's folder
        add('a/x', '../../b', 0o120777)
            modelcache: can't unpack: 'a/x' is a link that leads out of the archive's folder
        add('d/e/', '', 0o040755); add('l', 'd/e', 0o120777); add('x', 'l/../../../y', 0o120777)
            modelcache: can't unpack: 'x' is a link that leads out of the archive's folder
        add('l', '..', 0o120777); add('l/x')
            modelcache: can't unpack: 'l/x' lies where something else is
        add('l', 'd', 0o120777); add('l', '..', 0o120777)
            modelcache: can't unpack: 'l' is a link that leads out of the archive's folder
        add('dev', '', 0o020644)
            modelcache: can't unpack: 'dev' is neither a file nor a folder nor a link
        add('x'); add('x')
            644 x text
        add('x'); add('x/y')
            modelcache: can't unpack: 'x/y' lies where something else is
        pass
            modelcache: can't unpack: the archive is empty
        zip.close(); open(sys.argv[1], 'w').write('no zip')
            modelcache: can't unpack: File is not a zip file
    "#]]
    .assert_eq(&seen);
}
