//! Repositories that a library of their own reads.

use expect_test::expect;

use super::Tree;

#[test]
fn a_dataset_is_loaded_by_its_name() {
    let mut tree = Tree::new();
    tree.repository = "datasets/org/name";
    let library = |by_name: &str, by_folder: &str| {
        tree.library(
            "datasets",
            &format!(
                "def load_dataset(name, config=None, streaming=False):\n    assert streaming\n    \
                 return {by_name} if name == 'org/name' else {by_folder}\n\
                 def fail(text): raise ConnectionError(text)\n"
            ),
        );
    };
    library("{'train': [1]}", "fail('no')");
    tree.check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB, datasets 1.0
    "#]]);
    library("fail('offline')", "{'train': [1]}");
    tree.check(expect![[r#"
        0, not passed
        load: datasets 1.0 doesn't find `org/name` without a network: ConnectionError: offline
          what is in the image it loads by its folder: load_dataset("ROOT/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41")
    "#]]);
    library("fail('offline')", "fail('no parquet')");
    tree.check(expect![[r#"
        0, not passed
        load: `load_dataset` fails: ConnectionError: no parquet
    "#]]);
}

#[test]
fn fastembed_embeds_by_each_name_of_the_repository() {
    let mut tree = Tree::new();
    tree.fastembed = true;
    let library = |model_file: &str, embed: &str| {
        tree.library(
            "fastembed",
            &format!(
                "class TextEmbedding:\n    \
                 def list_supported_models():\n        \
                 return [{{'model': 'a/b', 'sources': {{'hf': 'Org/Name'}}, 'model_file': '{model_file}'}},\n            \
                 {{'model': 'c/d', 'sources': {{'hf': 'org/other'}}, 'model_file': '{model_file}'}}]\n    \
                 def __init__(self, name, providers):\n        assert name == 'a/b'\n    \
                 def embed(self, texts):\n        {embed}\n"
            ),
        );
    };
    library("model.safetensors", "yield [1.0]");
    tree.check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB, fastembed 1.0
    "#]]);
    library("model.safetensors", "raise OSError('cut'); yield");
    tree.check(expect![[r#"
        0, not passed
        load: OSError: cut
    "#]]);
    library("model.onnx", "yield [1.0]");
    tree.check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB, fastembed 1.0 lists no model of this repository
    "#]]);
}
