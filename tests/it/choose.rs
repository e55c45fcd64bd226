//! Which files of a repository are kept.

use expect_test::{Expect, expect};
use modelcache::{choose::choose, model::Pattern};

fn check(paths: &[&str], include: &[&str], exclude: &[&str], expected: Expect) {
    let patterns = |texts: &[&str]| -> Vec<Pattern> {
        texts.iter().map(|text| text.parse().expect("a pattern")).collect()
    };
    let kept = choose(paths, &patterns(include), &patterns(exclude));
    expected.assert_eq(&kept.join("\n"));
}

/// The shape of a sentence-transformers repository with all its twins.
const TWINS: &[&str] = &[
    ".gitattributes",
    "1_Pooling/config.json",
    "LICENSE",
    "README.md",
    "config.json",
    "config_sentence_transformers.json",
    "data_config.json",
    "flax_model.msgpack",
    "model.safetensors",
    "modules.json",
    "onnx/config.json",
    "onnx/model.onnx",
    "openvino/openvino_model.bin",
    "openvino/openvino_model.xml",
    "pytorch_model.bin",
    "rust_model.ot",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tf_model.h5",
    "tokenizer.json",
    "train_script.py",
    "training_args.bin",
    "vocab.txt",
];

#[test]
fn safetensors_win_and_twins_stay_out() {
    check(
        TWINS,
        &[],
        &[],
        expect![[r#"
            1_Pooling/config.json
            LICENSE
            README.md
            config.json
            config_sentence_transformers.json
            model.safetensors
            modules.json
            sentence_bert_config.json
            special_tokens_map.json
            tokenizer.json
            vocab.txt"#]],
    );
}

#[test]
fn pickles_are_kept_where_nothing_else_is() {
    check(
        &["config.json", "pytorch_model.bin", "tf_model.h5", "2_Dense/pytorch_model.bin"],
        &[],
        &[],
        expect![[r#"
            config.json
            pytorch_model.bin
            2_Dense/pytorch_model.bin"#]],
    );
}

#[test]
fn each_module_folder_chooses_for_itself() {
    check(
        &[
            "model.safetensors",
            "2_Dense/pytorch_model.bin",
            "3_Dense/model.safetensors",
            "3_Dense/pytorch_model.bin",
        ],
        &[],
        &[],
        expect![[r#"
            model.safetensors
            2_Dense/pytorch_model.bin
            3_Dense/model.safetensors"#]],
    );
}

#[test]
fn shards_and_their_index_are_kept_and_consolidated_copies_not() {
    check(
        &[
            "consolidated.safetensors",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json",
            "original/consolidated.00.pth",
            "pytorch_model-00001-of-00002.bin",
            "pytorch_model.bin.index.json",
        ],
        &[],
        &[],
        expect![[r#"
            model-00001-of-00002.safetensors
            model-00002-of-00002.safetensors
            model.safetensors.index.json"#]],
    );
}

#[test]
fn a_variant_stays_out_only_beside_its_plain_file() {
    check(
        &["a/model.fp16.safetensors", "a/model.safetensors", "b/model.fp16.safetensors"],
        &[],
        &[],
        expect![[r#"
            a/model.safetensors
            b/model.fp16.safetensors"#]],
    );
}

#[test]
fn include_takes_exactly_what_it_names() {
    check(
        TWINS,
        &["onnx/", "*.json"],
        &["data_config.json"],
        expect![[r#"
            1_Pooling/config.json
            config.json
            config_sentence_transformers.json
            modules.json
            onnx/config.json
            onnx/model.onnx
            sentence_bert_config.json
            special_tokens_map.json
            tokenizer.json"#]],
    );
}

#[test]
fn exclude_takes_away_from_the_default() {
    check(
        &["README.md", "config.json", "model.safetensors"],
        &[],
        &["*.md"],
        expect![[r#"
            config.json
            model.safetensors"#]],
    );
}
