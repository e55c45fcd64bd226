//! Names of models, revisions and file patterns.

use std::fmt::Write;

use expect_test::expect;
use modelcache::models::{CLASSIC, ModelId, Pattern, Revision};

#[test]
fn where_a_model_is_found() {
    let ids = [
        "BAAI/bge-small-en-v1.5",
        "paraphrase-MiniLM-L3-v2",
        "bert-base-uncased",
        "GPT2",
        "gpt2-medium-x",
        "_a/b_",
    ];
    let mut seen = String::new();
    for id in ids {
        let id: ModelId = id.parse().unwrap();
        writeln!(seen, "{id}: {} {}", id.hub_id(), id.cache_folder()).unwrap();
    }
    expect![[r#"
        BAAI/bge-small-en-v1.5: BAAI/bge-small-en-v1.5 models--BAAI--bge-small-en-v1.5
        paraphrase-MiniLM-L3-v2: sentence-transformers/paraphrase-MiniLM-L3-v2 models--sentence-transformers--paraphrase-MiniLM-L3-v2
        bert-base-uncased: bert-base-uncased models--bert-base-uncased
        GPT2: GPT2 models--GPT2
        gpt2-medium-x: sentence-transformers/gpt2-medium-x models--sentence-transformers--gpt2-medium-x
        _a/b_: _a/b_ models--_a--b_
    "#]].assert_eq(&seen);
}

#[test]
fn classic_names_are_names() {
    assert!(CLASSIC.is_sorted());
    for name in CLASSIC {
        assert_eq!(name.parse::<ModelId>().unwrap().hub_id(), name);
        assert_eq!(name, name.to_lowercase());
    }
}

#[test]
fn what_is_no_model() {
    let long = "x".repeat(97);
    let texts = [
        "", "/", "a/", "/b", "a//b", "a/b/c", "~/m", "a\\b", "a b", "ä/b", "a:b", "a@b", "a..b",
        "a--b", ".a/b", "a./b", "a/b-", "a/b.GIT", &long,
    ];
    let errors: Vec<String> = texts
        .into_iter()
        .map(|text| format!("{text:.9}: {}\n", text.parse::<ModelId>().unwrap_err()))
        .collect();
    expect![[r#"
        : a model identifier is `owner/name` or `name`
        /: a model is named by its identifier, not by a path
        a/: a model identifier is `owner/name` or `name`
        /b: a model is named by its identifier, not by a path
        a//b: a model identifier has at most one `/`
        a/b/c: a model identifier has at most one `/`
        ~/m: a model is named by its identifier, not by a path
        a\b: a model is named by its identifier, not by a path
        a b: a model identifier has no ` `
        ä/b: a model identifier has no `ä`
        a:b: a model identifier has no `:`
        a@b: a model identifier has no `@`
        a..b: a model identifier has no `..`
        a--b: a model identifier has no `--`
        .a/b: a model is named by its identifier, not by a path
        a./b: no part of a model identifier starts or ends with `.`
        a/b-: no part of a model identifier starts or ends with `-`
        a/b.GIT: a model identifier does not end in `.git`
        xxxxxxxxx: a model identifier has at most 96 characters
    "#]]
    .assert_eq(&errors.concat());
}

#[test]
fn revisions() {
    let right =
        ["main", "v1.0", "refs/pr/1", "feature/x-y_z", "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"];
    let commits = right.map(|text| text.parse::<Revision>().unwrap().is_commit());
    assert_eq!(commits, [false, false, false, false, true]);
    for wrong in
        ["", "a b", "a..b", "/a", "a/", "a//b", "-a", ".a", "a.lock", "a~1", "a^", "a:b", "a@b"]
    {
        assert!(wrong.parse::<Revision>().is_err(), "{wrong:?}");
    }
}

/// Each line was compared with Python's `fnmatch.fnmatchcase`.
#[test]
fn patterns_match_as_the_hub_does() {
    let matches = |pattern: &str, path| pattern.parse::<Pattern>().unwrap().matches(path);
    let right = [
        ("*.json", "config.json"),
        ("*.json", "1_Pooling/config.json"), // `*` crosses `/`
        ("onnx/", "onnx/model.onnx"),
        ("onnx/", "onnx/a/b"),
        ("model-?????-of-*", "model-00001-of-00002.safetensors"),
        ("[!a]*", "b"),
        ("[]]", "]"),
        ("[a", "[a"),
        ("[a-c]x", "bx"),
        ("[a-]", "-"),
        ("**", "a/b"),
        ("*", ""),
        ("a.b", "a.b"),
        ("é?", "éü"),
    ];
    let wrong = [
        ("*.json", "config.JSON"),
        ("onnx/", "onnx"),
        ("onnx", "onnx/model.onnx"),
        ("[!a]", "a"),
        ("[c-a]", "b"),
        ("a.b", "axb"),
        ("{a,b}", "a"),
        ("", "a"),
        ("?", ""),
    ];
    for (pattern, path) in right {
        assert!(matches(pattern, path), "{pattern} {path}");
    }
    for (pattern, path) in wrong {
        assert!(!matches(pattern, path), "{pattern} {path}");
    }
}

#[test]
fn many_stars_take_little_time() {
    let pattern: Pattern = "*a".repeat(200).parse().unwrap();
    assert!(!pattern.matches(&("a".repeat(4000) + "b")));
}
