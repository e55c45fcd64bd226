//! The programs that resolve, as far as no image is needed: what they make of a question.

use std::process::Command;

use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// What a Python expression over `resolve` gives; `given` is the question, or what it is about.
fn check(expression: &str, given: &Value, expected: Expect) {
    let code = format!(
        "import json, sys, resolve\ngiven = json.loads(sys.argv[1])\nprint(json.dumps({expression}, indent=1))"
    );
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/src/graph/python"));
    // What is imported must not be left in the source tree.
    python.env("PYTHONDONTWRITEBYTECODE", "1");
    let output = python.args(["-c", &code, &given.to_string()]).output().expect("there is Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    expected.assert_eq(&String::from_utf8_lossy(&output.stdout));
}

/// A question about nothing, with these fields.
fn question(fields: &Value) -> Value {
    let mut question = json!({
        "files": [], "packages": [], "machine": null, "system_site_packages": false,
        "pre": false, "torch": null, "trusted_hosts": [], "extras": [], "groups": [],
        "previous": [], "refresh": false,
    });
    for (name, value) in fields.as_object().expect("fields") {
        question[name] = value.clone();
    }
    question
}

#[test]
fn a_build_of_torch_is_asked_of_the_resolver_and_nothing_is_by_default() {
    let chosen = "resolve.chosen(given, {})";
    check(
        chosen,
        &question(&json!({})),
        expect![[r#"
        []
    "#]],
    );
    check(
        chosen,
        &question(&json!({"torch": "cpu"})),
        expect![[r#"
        [
         "--torch-backend=cpu"
        ]
    "#]],
    );
    let more = json!({
        "torch": "cu128", "pre": true, "trusted_hosts": ["index:8080"],
        "files": ["lib/pyproject.toml"], "extras": ["web"], "groups": ["dev"],
    });
    check(
        chosen,
        &question(&more),
        expect![[r#"
        [
         "--prerelease=allow",
         "--torch-backend=cu128",
         "--allow-insecure-host=index:8080",
         "--extra=web",
         "--group=lib/pyproject.toml:dev"
        ]
    "#]],
    );
    // Those of a uv.lock are chosen as it is exported.
    let locked = json!({"files": ["uv.lock"], "extras": ["web"], "groups": ["dev"]});
    check(
        chosen,
        &question(&locked),
        expect![[r#"
        []
    "#]],
    );
}

#[test]
fn what_pip_has_been_told_is_told_the_resolver_in_its_words() {
    let settings = json!({
        "index-url": "https://index/simple", "extra-index-url": "https://a/simple\nhttps://b/simple",
        "find-links": "links", "trusted-host": "a", "no-index": "off", "pre": "yes",
        "no-binary": "one,two", "only-binary": "three",
    });
    check(
        "resolve.indexes(given)",
        &settings,
        expect![[r#"
        [
         "--index-strategy=unsafe-best-match",
         "--default-index=https://index/simple",
         "--index=https://a/simple",
         "--index=https://b/simple",
         "--find-links=links",
         "--allow-insecure-host=a"
        ]
    "#]],
    );
    let none = question(&json!({})).to_string();
    check(
        &format!("resolve.chosen(json.loads({none:?}), given)"),
        &settings,
        expect![[r#"
        [
         "--prerelease=allow",
         "--no-binary=one",
         "--no-binary=two",
         "--only-binary=three"
        ]
    "#]],
    );
}

#[test]
fn beside_a_base_images_packages_a_project_is_its_requirements() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let project = folder.path().join("pyproject.toml");
    let text = r#"
[project]
name = "app"
dependencies = ["one>=1", "two ; python_version >= '3.9'"]
[project.optional-dependencies]
web = ["three"]
never = ["four"]
"#;
    std::fs::write(&project, text).expect("the folder is ours");
    let question = question(&json!({"extras": ["web", "unknown"]}));
    let given = json!({"path": project, "question": question});
    // What it writes is caught: its place is one in an image.
    let declared = "(lambda seen: (setattr(resolve, 'write', lambda _, text: seen.append(text)), \
        resolve.declared(given['path'], given['question']), seen[0].splitlines())[2])([])";
    check(
        declared,
        &given,
        expect![[r#"
            [
             "one>=1",
             "two ; python_version >= '3.9'",
             "three"
            ]
        "#]],
    );
}

#[test]
fn no_password_of_a_url_is_left_in_an_answer() {
    let text = "index https://me:pw@host/simple git+ssh://git@host/x.git a@b 'http://tok@h/'";
    check(
        "resolve.bare(given)",
        &json!(text),
        expect![[r#"
        "index https://host/simple git+ssh://git@host/x.git a@b 'http://h/'"
    "#]],
    );
}
