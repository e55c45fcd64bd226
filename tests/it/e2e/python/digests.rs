//! Digests that files demand, and indexes that tell none.

use std::{fmt::Write, fs};

use expect_test::expect;

use super::{
    inputs::{PYPROJECT, digest, project, pylock, url, uv_lock},
    wheel::Wheel,
};
use crate::e2e::project::Project;

const HEAD: &str = "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n";

/// What the user is told, from the error's head on.
fn told(project: &Project, python: &str) -> String {
    project.write("modelcache.yaml", &format!("{HEAD}{python}"));
    let seen = project.fail(&[]);
    let (_, told) = seen.split_once("\n\nerror").unwrap_or_else(|| panic!("{seen}"));
    let at = told.find("the builder said").unwrap_or(told.len());
    let at = told[..at].find("------").unwrap_or(at);
    format!("error{}\n", told[..at].trim_end())
}

#[test]
fn one_digest_makes_all_a_must_as_with_pip() {
    let project = project();
    let hashed = |name: &str| format!("{name}==1 --hash=sha256:{}\n", digest(&project, name, "1"));
    let [alpha, beta] = ["alpha", "beta"].map(hashed);
    let file = "  requirements: requirements.txt\n";
    let mut seen = String::new();
    for (requirements, python) in [
        (format!("gamma\n{alpha}{beta}"), file),
        (format!("# a comment\n{alpha}"), file),
        (format!("{alpha}{beta}"), "  requirements: requirements.txt\n  packages: delta\n"),
        ("--require-hashes\ngamma\ndelta\n".to_owned(), file),
    ] {
        project.write("requirements.txt", &requirements);
        let shown = project.without_chance(&requirements);
        let _ = write!(seen, "--- {shown:?}\n{}", told(&project, python));
    }
    expect![[r##"
        --- "gamma\nalpha==1 --hash=sha256:…\nbeta==1 --hash=sha256:…\n"
        error[no-hash]: `gamma` has no `--hash` of a sha256
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `gamma` in `requirements.txt` line 1
          |
          = help: `requirements.txt` line 2 makes digests a must for all packages, as with pip: also for those that only others ask for
          = help: the index has, for this platform:
                  gamma==1 --hash=sha256:…
        --- "# a comment\nalpha==1 --hash=sha256:…\n"
        error[no-hash]: `beta` has no `--hash` of a sha256
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `alpha` in `requirements.txt` line 2 asks for it
          |
          = help: `requirements.txt` line 2 makes digests a must for all packages, as with pip: also for those that only others ask for
          = help: the index has, for this platform:
                  beta==2 --hash=sha256:…
        --- "alpha==1 --hash=sha256:…\nbeta==1 --hash=sha256:…\n"
        error[no-hash]: `delta` has no `--hash` of a sha256
         --> modelcache.yaml:5:13
          |
        5 |   packages: delta
          |             ^^^^^ asked for here
          |
          = help: `requirements.txt` line 1 makes digests a must for all packages, as with pip: also for those that only others ask for
          = help: the index has, for this platform:
                  delta==1 --hash=sha256:…
        --- "--require-hashes\ngamma\ndelta\n"
        error[no-hash]: `delta` has no `--hash` of a sha256 (and 1 more)
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `delta` in `requirements.txt` line 3
          |
          = help: `requirements.txt` line 1 makes digests a must for all packages, as with pip: also for those that only others ask for
          = help: the index has, for this platform:
                  delta==1 --hash=sha256:…
                  gamma==1 --hash=sha256:…
    "##]].assert_eq(&seen);

    // A marker that does not hold asks for nothing, a constraint's digest is one, and so is a URL's.
    let gamma =
        format!("{}#sha256={}", url(&project, "gamma", "1"), digest(&project, "gamma", "1"));
    project.write("held.txt", &beta);
    project.write(
        "requirements.txt",
        &format!("-c held.txt\n{alpha}gamma @ {gamma}\ndelta ; sys_platform == 'win32'\n"),
    );
    project.write("modelcache.yaml", &format!("{HEAD}{file}"));
    assert!(project.lock(&[]).contains("\"gamma\""));
}

#[test]
fn a_wrong_digest_is_shown_at_the_line_that_holds_it() {
    let project = project();
    let right = digest(&project, "gamma", "1");
    let wrong = |text: String| {
        text.replace(&format!("sha256:{right}"), &format!("sha256:{}", "0".repeat(64)))
            .replace(&format!("sha256 = \"{right}"), &format!("sha256 = \"{}", "0".repeat(64)))
    };
    project.write("pyproject.toml", PYPROJECT);
    project.write("uv.lock", &wrong(uv_lock(&project)));
    project.write("pylock.toml", &wrong(pylock(&project, &[("beta", ""), ("gamma", "")])));
    project.write("held.txt", &wrong(format!("gamma==1 --hash=sha256:{right}\n")));
    project.write("requirements.txt", "-c held.txt\ngamma\n");
    let gamma = format!("{}#sha256={}", url(&project, "gamma", "1"), "0".repeat(64));
    project.write("url.txt", &format!("gamma @ {gamma}\n"));
    let mut seen = String::new();
    for python in [
        "  requirements: uv.lock\n  extras: serve\n",
        "  requirements: pylock.toml\n",
        "  requirements: requirements.txt\n",
        "  requirements: url.txt\n",
    ] {
        seen.push_str(&told(&project, python));
    }
    expect![[r#"
        error[hash-mismatch]: the index has another `gamma-1-py3-none-any.whl` than `uv.lock` demands
         --> modelcache.yaml:4:17
          |
        4 |   requirements: uv.lock
          |                 ^^^^^^^ `gamma` in `uv.lock` line 27
          |
          = help: it has sha256:…
          = help: if the index is right, write that digest; a wheel for another platform needs its own
        error[hash-mismatch]: the index has another `gamma-1-py3-none-any.whl` than `pylock.toml` demands
         --> modelcache.yaml:4:17
          |
        4 |   requirements: pylock.toml
          |                 ^^^^^^^^^^^ `gamma` in `pylock.toml` line 12
          |
          = help: it has sha256:…
          = help: if the index is right, write that digest; a wheel for another platform needs its own
        error[hash-mismatch]: the index has another `gamma-1-py3-none-any.whl` than `held.txt` demands
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `gamma` in `held.txt` line 1
          |
          = help: it has sha256:…
          = help: if the index is right, write that digest; a wheel for another platform needs its own
        error[tampered-wheel]: `gamma-1-py3-none-any.whl` is not what the index lists
         --> modelcache.yaml:4:3
          |
        4 |   requirements: url.txt
          |   ^^^^^^^^^^^^^^^^^^^^^ it must be sha256:…
          |
          = help: http://INDEX/files/gamma/…/gamma-1-py3-none-any.whl sends sha256:…; nothing of it was kept
    "#]].assert_eq(&seen);
}

#[test]
fn what_an_index_without_sha256_sends_first_is_pinned() {
    let manifest = format!("{HEAD}  packages: [alpha, beta]\n");
    let mut seen = String::new();
    for kind in ["md5", "none"] {
        let project = Project::with_index(&manifest, &["-digests", kind]);
        let word = format!("{kind} {}", project.index().address);
        for name in ["alpha", "beta"] {
            Wheel::new(name, "1").add(&project, &word);
        }
        // A source beside a wheel, which nobody must read.
        let source = project.folder().join("wheels/alpha-1.tar.gz");
        fs::write(source, "no archive").expect("the folder is ours");
        let (built, log) = project.attempt(&[]);
        assert!(built, "{log}");
        let warnings = |log: &str| -> String {
            let lines = log.lines().filter(|line| line.contains("no-sha256:"));
            lines.map(|line| format!("{}\n", line.trim())).collect()
        };
        let _ = write!(seen, "{kind}:\n{}", warnings(&log));
        let lock = project.lock(&[]);
        for name in ["alpha", "beta"] {
            assert!(
                lock.contains(&format!("\"sha256\": \"{}\"", digest(&project, name, "1"))),
                "{lock}"
            );
        }
        let (built, log) = project.attempt(&[]);
        assert!(built && warnings(&log).is_empty(), "it is in the lock: {log}");
    }
    expect![[r#"
        md5:
        - no-sha256: the index lists no sha256 of `alpha-1-py3-none-any.whl` and 1 more (line 4)
        none:
    "#]]
    .assert_eq(&seen);
}

#[test]
fn a_byte_order_mark_hides_nothing_of_a_file() {
    let project = project();
    let wrong = format!("alpha==1 --hash=sha256:{}\n", "0".repeat(64));
    let secret = "--extra-index-url https://me:pw@example.com/simple\n";
    let utf16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let mut seen = Vec::new();
    for bytes in [
        format!("\u{feff}{wrong}").into_bytes(),
        utf16(&wrong),
        utf16(secret),
        utf16("-r missing.txt\n"),
        format!("# C:\\tools\\\n{secret}").into_bytes(),
        b"# caf\xe9\nalpha\n".to_vec(),
    ] {
        fs::write(project.context().join("requirements.txt"), bytes).expect("the folder is there");
        let told = told(&project, "  requirements: requirements.txt\n");
        seen.push(told.lines().next().unwrap_or_default().to_owned());
    }
    expect![[r#"
        error[hash-mismatch]: the index has another `alpha-1-py3-none-any.whl` than `requirements.txt` demands
        error[hash-mismatch]: the index has another `alpha-1-py3-none-any.whl` than `requirements.txt` demands
        error[secret-in-requirements]: `requirements.txt` line 1 has credentials in a URL
        error[missing-requirements-file]: `requirements.txt` line 1 includes `missing.txt`, which is not in the build context
        error[secret-in-requirements]: `requirements.txt` line 2 has credentials in a URL
        error[not-text]: `requirements.txt` can't be read: it is not UTF-8 text"#]].assert_eq(&seen.join("\n"));
}

#[test]
fn files_with_a_byte_order_mark_are_installed_with_what_they_include() {
    let project = project();
    let utf16: Vec<u8> =
        "\u{feff}-r more.txt\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    project.write("modelcache.yaml", &format!("{HEAD}  requirements: requirements.txt\n"));
    fs::write(project.context().join("requirements.txt"), utf16).expect("the folder is there");
    project.write("more.txt", "\u{feff}gamma==1\n");
    let lock = project.lock(&[]);
    assert!(lock.contains("gamma"), "{lock}");
}
