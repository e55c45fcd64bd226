//! A listing and what the index files hold → kept, left out, and what is said about it.

use std::fmt::Write;

use expect_test::{Expect, expect};
use modelcache::models::choose::{self, Level, ListedFile, Texts, Wish};
use proptest::prelude::*;

mod build;
mod formats;
mod parts;
mod shapes;

/// A repository as text: `path size` lines.
struct Repository {
    files: Vec<ListedFile>,
    texts: Texts,
}

fn repository(listing: &str) -> Repository {
    let file = |line: &str| {
        let (path, size) = line.trim().rsplit_once(' ').unwrap_or((line.trim(), "1"));
        ListedFile { path: path.to_owned(), size: size.parse().expect("a size in bytes") }
    };
    let lines = listing.lines().filter(|line| !line.trim().is_empty());
    Repository { files: lines.map(file).collect(), texts: Texts::new() }
}

impl Repository {
    fn text(mut self, path: &str, text: &str) -> Self {
        self.texts.insert(path.to_owned(), text.as_bytes().to_vec());
        self
    }

    fn check(&self, wish: Wish, expected: Expect) {
        let wish = Wish { id: "org/name".to_owned(), ..wish };
        let asked: Vec<&str> =
            choose::indexes(&self.files, &wish).into_iter().map(|file| &*file.path).collect();
        let texts = self.texts.iter().filter(|(path, _)| asked.contains(&path.as_str()));
        let texts = texts.map(|(path, text)| (path.clone(), text.clone())).collect();
        let choice = choose::choose(&self.files, &texts, &wish);
        let mut text = String::new();
        for file in &choice.kept {
            writeln!(text, "{}", file.path).expect("a String takes all text");
        }
        for (file, reason) in &choice.left {
            writeln!(text, "- {}  ({reason})", file.path).expect("a String takes all text");
        }
        for found in &choice.findings {
            let level = if found.level == Level::Error { "error" } else { "warning" };
            writeln!(text, "{level}[{}] {:?}: {}", found.code, found.about, found.message)
                .expect("a String takes all text");
            for help in &found.help {
                writeln!(text, "  {help}").expect("a String takes all text");
            }
        }
        for need in &choice.needs {
            writeln!(text, "needs {}  ({})", need.entry(), need.by)
                .expect("a String takes all text");
        }
        expected.assert_eq(&text);
    }
}

fn format(name: &str) -> Wish {
    Wish { format: Some(name.parse().expect("a format")), ..Wish::default() }
}

fn quant(name: &str) -> Wish {
    Wish { quant: Some(name.parse().expect("a tag")), ..Wish::default() }
}

fn variant(name: &str) -> Wish {
    Wish { variant: Some(name.parse().expect("a tag")), ..Wish::default() }
}

fn patterns(texts: &[&str]) -> Vec<modelcache::models::Pattern> {
    texts.iter().map(|text| text.parse().expect("a pattern")).collect()
}

/// The shape of a sentence-transformers repository with all its twins.
const TWINS: &str = "
    .gitattributes
    1_Pooling/config.json
    LICENSE
    README.md
    config.json
    config_sentence_transformers.json
    data_config.json
    flax_model.msgpack
    model.safetensors
    modules.json
    onnx/config.json
    onnx/model.onnx
    onnx/model_O4.onnx
    onnx/model_qint8_avx512.onnx
    openvino/openvino_model.bin
    openvino/openvino_model.xml
    openvino/openvino_model_qint8_quantized.bin
    openvino/openvino_model_qint8_quantized.xml
    pytorch_model.bin
    rust_model.ot
    sentence_bert_config.json
    special_tokens_map.json
    tf_model.h5
    tokenizer.json
    train_script.py
    training_args.bin
    vocab.txt";

const MODULES: &str = r#"[
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]"#;

fn twins() -> Repository {
    repository(TWINS).text("modules.json", MODULES)
}

#[test]
fn safetensors_win_and_twins_stay_out() {
    twins().check(
        Wish::default(),
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
        vocab.txt
        - .gitattributes  (no part of the model)
        - data_config.json  (no part of the model)
        - flax_model.msgpack  (Flax)
        - onnx/config.json  (ONNX)
        - onnx/model.onnx  (ONNX)
        - onnx/model_O4.onnx  (ONNX)
        - onnx/model_qint8_avx512.onnx  (ONNX)
        - openvino/openvino_model.bin  (OpenVINO)
        - openvino/openvino_model.xml  (OpenVINO)
        - openvino/openvino_model_qint8_quantized.bin  (OpenVINO)
        - openvino/openvino_model_qint8_quantized.xml  (OpenVINO)
        - pytorch_model.bin  (the same as pickles)
        - rust_model.ot  (Rust)
        - tf_model.h5  (TensorFlow)
        - train_script.py  (no part of the model)
        - training_args.bin  (no part of the model)
    "#]],
    );
}

#[test]
fn onnx_takes_the_plain_export() {
    twins().check(
        format("onnx"),
        expect![[r#"
        1_Pooling/config.json
        LICENSE
        README.md
        config.json
        config_sentence_transformers.json
        modules.json
        onnx/config.json
        onnx/model.onnx
        sentence_bert_config.json
        special_tokens_map.json
        tokenizer.json
        vocab.txt
        - .gitattributes  (no part of the model)
        - data_config.json  (no part of the model)
        - flax_model.msgpack  (Flax)
        - model.safetensors  (safetensors)
        - onnx/model_O4.onnx  (another variant)
        - onnx/model_qint8_avx512.onnx  (another variant)
        - openvino/openvino_model.bin  (OpenVINO)
        - openvino/openvino_model.xml  (OpenVINO)
        - openvino/openvino_model_qint8_quantized.bin  (OpenVINO)
        - openvino/openvino_model_qint8_quantized.xml  (OpenVINO)
        - pytorch_model.bin  (PyTorch pickles)
        - rust_model.ot  (Rust)
        - tf_model.h5  (TensorFlow)
        - train_script.py  (no part of the model)
        - training_args.bin  (no part of the model)
    "#]],
    );
}

#[test]
fn a_variant_of_onnx_by_its_name() {
    let wish = Wish { variant: variant("O4").variant, ..format("onnx") };
    twins().check(
        wish,
        expect![[r#"
        1_Pooling/config.json
        LICENSE
        README.md
        config.json
        config_sentence_transformers.json
        modules.json
        onnx/config.json
        onnx/model_O4.onnx
        sentence_bert_config.json
        special_tokens_map.json
        tokenizer.json
        vocab.txt
        - .gitattributes  (no part of the model)
        - data_config.json  (no part of the model)
        - flax_model.msgpack  (Flax)
        - model.safetensors  (safetensors)
        - onnx/model.onnx  (another variant)
        - onnx/model_qint8_avx512.onnx  (another variant)
        - openvino/openvino_model.bin  (OpenVINO)
        - openvino/openvino_model.xml  (OpenVINO)
        - openvino/openvino_model_qint8_quantized.bin  (OpenVINO)
        - openvino/openvino_model_qint8_quantized.xml  (OpenVINO)
        - pytorch_model.bin  (PyTorch pickles)
        - rust_model.ot  (Rust)
        - tf_model.h5  (TensorFlow)
        - train_script.py  (no part of the model)
        - training_args.bin  (no part of the model)
    "#]],
    );
}

#[test]
fn openvino_takes_both_of_its_files() {
    let wish = Wish { variant: variant("qint8_quantized").variant, ..format("openvino") };
    twins().check(
        wish,
        expect![[r#"
        1_Pooling/config.json
        LICENSE
        README.md
        config.json
        config_sentence_transformers.json
        modules.json
        openvino/openvino_model_qint8_quantized.bin
        openvino/openvino_model_qint8_quantized.xml
        sentence_bert_config.json
        special_tokens_map.json
        tokenizer.json
        vocab.txt
        - .gitattributes  (no part of the model)
        - data_config.json  (no part of the model)
        - flax_model.msgpack  (Flax)
        - model.safetensors  (safetensors)
        - onnx/config.json  (ONNX)
        - onnx/model.onnx  (ONNX)
        - onnx/model_O4.onnx  (ONNX)
        - onnx/model_qint8_avx512.onnx  (ONNX)
        - openvino/openvino_model.bin  (another variant)
        - openvino/openvino_model.xml  (another variant)
        - pytorch_model.bin  (PyTorch pickles)
        - rust_model.ot  (Rust)
        - tf_model.h5  (TensorFlow)
        - train_script.py  (no part of the model)
        - training_args.bin  (no part of the model)
    "#]],
    );
}

#[test]
fn an_export_goes_with_the_torch_weights_of_further_modules() {
    let modules = r#"[{"path": "", "type": "sentence_transformers.models.Transformer"},
        {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]"#;
    let listing = "
        2_Dense/config.json
        2_Dense/model.safetensors
        2_Dense/pytorch_model.bin
        config.json
        model.safetensors
        modules.json
        onnx/model.onnx
        onnx/model.onnx_data";
    repository(listing).text("modules.json", modules).check(
        format("onnx"),
        expect![[r#"
        2_Dense/config.json
        2_Dense/model.safetensors
        config.json
        modules.json
        onnx/model.onnx
        onnx/model.onnx_data
        - 2_Dense/pytorch_model.bin  (the same as pickles)
        - model.safetensors  (safetensors)
    "#]],
    );
}

#[test]
fn a_tokenizer_without_weights() {
    twins().check(
        format("tokenizer"),
        expect![[r#"
        1_Pooling/config.json
        LICENSE
        README.md
        config.json
        special_tokens_map.json
        tokenizer.json
        vocab.txt
        - .gitattributes  (not for the tokenizer)
        - config_sentence_transformers.json  (not for the tokenizer)
        - data_config.json  (not for the tokenizer)
        - flax_model.msgpack  (not for the tokenizer)
        - model.safetensors  (not for the tokenizer)
        - modules.json  (not for the tokenizer)
        - onnx/config.json  (not for the tokenizer)
        - onnx/model.onnx  (not for the tokenizer)
        - onnx/model_O4.onnx  (not for the tokenizer)
        - onnx/model_qint8_avx512.onnx  (not for the tokenizer)
        - openvino/openvino_model.bin  (not for the tokenizer)
        - openvino/openvino_model.xml  (not for the tokenizer)
        - openvino/openvino_model_qint8_quantized.bin  (not for the tokenizer)
        - openvino/openvino_model_qint8_quantized.xml  (not for the tokenizer)
        - pytorch_model.bin  (not for the tokenizer)
        - rust_model.ot  (not for the tokenizer)
        - sentence_bert_config.json  (not for the tokenizer)
        - tf_model.h5  (not for the tokenizer)
        - train_script.py  (not for the tokenizer)
        - training_args.bin  (not for the tokenizer)
    "#]],
    );
}

#[test]
fn include_takes_exactly_what_it_names() {
    let wish = Wish {
        include: patterns(&["onnx/", "*.json"]),
        exclude: patterns(&["data_config.json", "onnx/*_*"]),
        ..Wish::default()
    };
    twins().check(
        wish,
        expect![[r#"
        1_Pooling/config.json
        config.json
        config_sentence_transformers.json
        modules.json
        onnx/config.json
        onnx/model.onnx
        sentence_bert_config.json
        special_tokens_map.json
        tokenizer.json
        - .gitattributes  (not included)
        - LICENSE  (not included)
        - README.md  (not included)
        - data_config.json  (excluded)
        - flax_model.msgpack  (not included)
        - model.safetensors  (not included)
        - onnx/model_O4.onnx  (excluded)
        - onnx/model_qint8_avx512.onnx  (excluded)
        - openvino/openvino_model.bin  (not included)
        - openvino/openvino_model.xml  (not included)
        - openvino/openvino_model_qint8_quantized.bin  (not included)
        - openvino/openvino_model_qint8_quantized.xml  (not included)
        - pytorch_model.bin  (not included)
        - rust_model.ot  (not included)
        - tf_model.h5  (not included)
        - train_script.py  (not included)
        - training_args.bin  (not included)
        - vocab.txt  (not included)
    "#]],
    );
}

#[test]
fn a_module_that_is_left_out_is_a_mistake() {
    let wish = Wish { exclude: patterns(&["1_Pooling/"]), ..Wish::default() };
    let listing = "
        1_Pooling/config.json
        config.json
        model.safetensors
        modules.json";
    repository(listing).text("modules.json", MODULES).check(wish, expect![[r#"
        config.json
        model.safetensors
        modules.json
        - 1_Pooling/config.json  (excluded)
        error[missing-module] Model: `modules.json` of `org/name` lists the module `1_Pooling`, and no file of it is left
          without it, the library builds another model, and says nothing
          `files` leaves it out
    "#]]);
}

#[test]
fn a_module_that_the_repository_lacks_is_a_mistake() {
    let listing = "
        config.json
        model.safetensors
        modules.json";
    repository(listing).text("modules.json", MODULES).check(Wish::default(), expect![[r#"
        config.json
        model.safetensors
        modules.json
        error[missing-module] Model: `modules.json` of `org/name` lists the module `1_Pooling`, and no file of it is left
          without it, the library builds another model, and says nothing
          `org/name` lacks it: name a revision that has it, and tell its owner
    "#]]);
}

#[test]
fn a_router_has_a_folder_for_each_route() {
    let modules = r#"[{"path": "", "type": "sentence_transformers.models.Router"}]"#;
    let router =
        r#"{"types": {"query_0_Static": "a.StaticEmbedding", "document_0_T": "a.Transformer"}}"#;
    let listing = "
        document_0_T/model.safetensors
        modules.json
        router_config.json";
    repository(listing)
        .text("modules.json", modules)
        .text("router_config.json", router)
        .check(Wish::default(), expect![[r#"
            document_0_T/model.safetensors
            modules.json
            router_config.json
            error[missing-module] Model: `router_config.json` of `org/name` lists the module `query_0_Static`, and no file of it is left
              without it, the library builds another model, and says nothing
              `org/name` lacks it: name a revision that has it, and tell its owner
        "#]]);
}

/// Names of which much can be said.
fn listing() -> impl Strategy<Value = String> {
    let folder = "(onnx/|unet/|1_Pooling/|original/|)";
    let stem = "(model|pytorch_model|openvino_model|consolidated|a-Q4_0|modules)";
    let middle = "(\\.fp16|_int8|-0000[0-2]-of-00002|\\.bf16-00001-of-00001|)";
    let end =
        "\\.(safetensors|safetensors\\.index\\.json|bin|xml|onnx|onnx_data|gguf|json|py|h5|pth)";
    let path = prop::string::string_regex(&format!("{folder}{stem}{middle}{end}"));
    prop::collection::btree_set(path.expect("it is a regular expression"), 0..12)
        .prop_map(|paths| paths.into_iter().collect::<Vec<_>>().join("\n"))
}

proptest! {
    #[test]
    fn every_file_is_kept_or_left(listing in listing(), wished in 0..7_usize) {
        let formats = modelcache::models::Format::ALL;
        let wish = Wish { format: formats.get(wished).copied(), ..Wish::default() };
        let Repository { files, texts } = repository(&listing);
        let choice = choose::choose(&files, &texts, &wish);
        let left = choice.left.iter().map(|(file, _)| file);
        let mut all: Vec<ListedFile> = choice.kept.iter().chain(left).cloned().collect();
        all.sort();
        prop_assert_eq!(all, files);
        let again = choose::choose(&choice.kept, &texts, &wish);
        prop_assert_eq!(again.kept, choice.kept);
    }
}
