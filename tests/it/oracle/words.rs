//! Command lines as words, as a shell splits them (dash).

use std::collections::BTreeMap;

use expect_test::expect;
use modelcache::{document::Document, manifest};
use serde_json::{Value, json};

use super::{compared, vectors};

fn ours(input: &Value) -> Value {
    // JSON's text is YAML's, too.
    let text = format!("base: python:3.13-slim\napp: {{command: {input}}}\n");
    let parsed = manifest::parse(&Document::new("modelcache.yaml", &text), &BTreeMap::new());
    let app = parsed.manifest.and_then(|manifest| manifest.app);
    json!(app.and_then(|app| app.command).map(|command| command.value))
}

#[test]
fn command_lines_are_split_as_by_a_shell() {
    let vectors = vectors(include_str!("../../data/oracle/words.json"));
    let why = |input: &Value, _: &Value, _: &Value| {
        let ends = input.as_str()?.contains(['\n', '\r', '\x0c']);
        ends.then_some("it is one command, so that the end of a line is a space")
    };
    expect![[r#"
        819 inputs, 4 differ
        it is one command, so that the end of a line is a space: "a\nb"  "a \n b\n"  "a\rb"  "a\fb"
    "#]]
    .assert_eq(&compared(&vectors, ours, why));
}
