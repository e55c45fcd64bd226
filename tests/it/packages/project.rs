//! What of a project's files makes a lock stale.

use modelcache::packages::project::{digest, extras, named_files};

const PROJECT: &str = r#"
[build-system]
requires = ["hatchling"]

[project]
name = "own"
version = "1"
description = "words"
dependencies = ["httpx"]

[tool.ruff]
line-length = 100

[tool.setuptools.dynamic]
dependencies = { file = "requirements.in" }
optional-dependencies.serve = { file = ["serve.in", "more.in"] }
version = { attr = "own.VERSION" }
"#;

#[test]
fn what_decides_dependencies_counts_and_all_else_does_not() {
    let same = |from: &str, to: &str| {
        assert!(PROJECT.contains(from), "{from}");
        digest("lib/pyproject.toml", &PROJECT.replace(from, to))
            == digest("lib/pyproject.toml", PROJECT)
    };
    for (from, to) in [
        ("words", "others"),
        ("= 100", "= 80"),
        ("[tool.ruff]", "# why\n[tool.ruff]"),
        ("\n\n", "\n"),
    ] {
        assert!(same(from, to), "{from} -> {to}");
    }
    for (from, to) in [("httpx", "httpx<1"), ("hatchling", "setuptools"), ("\"1\"", "\"2\"")] {
        assert!(!same(from, to), "{from} -> {to}");
    }
}

#[test]
fn other_files_count_but_for_their_comments() {
    let of = |text: &str| digest("setup.cfg", text);
    assert_eq!(
        of("[options]\n# a\ninstall_requires = a\n"),
        of("[options]\ninstall_requires = a\n")
    );
    assert_ne!(of("[options]\ninstall_requires = b\n"), of("[options]\ninstall_requires = a\n"));
    // A file that is no TOML is for the build to complain of.
    assert_ne!(digest("pyproject.toml", "= a"), digest("pyproject.toml", "= b"));
}

#[test]
fn files_that_hold_dependencies_are_named_by_the_project() {
    assert_eq!(named_files("pyproject.toml", PROJECT), ["requirements.in", "serve.in", "more.in"]);
    assert_eq!(named_files("setup.cfg", PROJECT), [""; 0]);
}

#[test]
fn extras_are_known_unless_a_build_tells_them() {
    let of = |text: &str| extras(text).map(|names| names.join(" "));
    let optional = "[project.optional-dependencies]\nserve = []\nDev_tools = ['a']\n";
    let some = |names: &str| Some(names.to_owned());
    assert_eq!(of("[project]\nname = 'a'\n"), some(""));
    assert_eq!(of(&format!("[project]\nname = 'a'\n{optional}")), some("Dev_tools serve"));
    let dynamic = "[project]\nname = 'a'\ndynamic = ['version', 'optional-dependencies']\n";
    assert_eq!(of(dynamic), None);
    assert_eq!(of("[project]\nname = 'a'\ndynamic = ['version']\n"), some(""));
    assert_eq!(of("[tool.poetry.extras]\nserve = ['a']\n"), None);
    assert_eq!(of("= a"), None);
}
