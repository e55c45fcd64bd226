//! What is fetched of a repository that holds the same weights in six formats.

use std::fs;

use expect_test::expect;

use crate::e2e::project::Project;

/// A repository as popular ones are: the weights for every framework there is.
/// Sizes are a thousandth of those of all-MiniLM-L6-v2.
const FILES: [(&str, usize); 17] = [
    ("README.md", 10),
    ("config.json", 1),
    ("config_sentence_transformers.json", 1),
    ("modules.json", 1),
    ("sentence_bert_config.json", 1),
    ("special_tokens_map.json", 1),
    ("tokenizer.json", 466),
    ("tokenizer_config.json", 1),
    ("vocab.txt", 231),
    ("1_Pooling/config.json", 1),
    ("model.safetensors", 90_868),
    ("pytorch_model.bin", 90_888),
    ("tf_model.h5", 91_005),
    ("flax_model.msgpack", 90_863),
    ("rust_model.ot", 90_887),
    ("onnx/model.onnx", 90_405),
    ("openvino/openvino_model.bin", 90_265),
];

const MODULES: &str = r#"[
  {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
  {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
  {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}
]"#;

#[test]
fn of_six_formats_one_is_fetched() {
    let project = Project::new(
        "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\nmodels:\n  - acme/twins\n",
    );
    project.add_model("acme/twins");
    let repository = project.repository("acme/twins");
    // Of about the size that the table tells.
    let weights = project.weights(&"w".repeat(1_390));
    let mut whole = 0;
    for (path, size) in FILES {
        let content: Vec<u8> = match path {
            "modules.json" => MODULES.into(),
            "model.safetensors" => weights.clone(),
            _ if path.contains(".json") => b"{}".to_vec(),
            _ => path.bytes().chain(weights.iter().copied()).cycle().take(size).collect(),
        };
        let file = repository.join(path);
        fs::create_dir_all(file.parent().expect("it is in a folder")).expect("it is ours");
        whole += content.len();
        fs::write(file, content).expect("it is ours");
    }
    project.build(&[]);

    let bodies = project.hub.requests();
    let files = bodies.iter().filter(|request| !request.path.contains("/api/models/"));
    let fetched: u64 = files.map(|request| request.bytes).sum();
    expect![[r#"
        91429 bytes of 635742
    "#]]
    .assert_eq(&format!("{fetched} bytes of {whole}\n"));
}

#[test]
fn files_longer_than_a_message_of_the_daemon_are_read() {
    let project = Project::new(
        "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\nmodels:\n  - acme/long\n",
    );
    project.add_model("acme/long");
    let repository = project.repository("acme/long");
    let write = |path: &str, content: String| {
        fs::write(repository.join(path), content).expect("it is ours");
    };
    let weights = repository.join("model.safetensors");
    fs::rename(weights, repository.join("model-00001-of-00001.safetensors")).expect("it is ours");
    let shard = "model-00001-of-00001.safetensors";
    let padding = " ".repeat(17 << 20);
    let index = format!(r#"{{"weight_map": {{{padding}"w": "{shard}"}}}}"#);
    write("model.safetensors.index.json", index);
    // Too small for LFS, so that it is read for its digest.
    write("tokenizer.json", format!("{{{}}}", " ".repeat(5 << 20)));
    project.build(&[]);
}
