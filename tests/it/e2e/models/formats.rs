//! The proof of a repository's weights in each format, where the image has no library for them.

use std::{fs, process::Command};

use expect_test::{Expect, expect};

use crate::{
    e2e::{engine, project::Project, registry::REPOSITORY},
    verify::program::gguf,
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
models:
  - acme/first
";

/// A repository with a file that says what the model is, and these.
fn project(files: &[(&str, &[u8])]) -> Project {
    let project = Project::new(MANIFEST);
    let folder = project.repository("acme/first");
    for (path, content) in
        [("config.json", &b"{\"model_type\": \"bert\"}\n"[..])].iter().chain(files)
    {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder is ours");
        fs::write(path, content).expect("the folder is ours");
    }
    project
}

fn fails(project: &Project, expected: &Expect) {
    let said = project.fail(&[]);
    let (_, told) = said.split_once("\nerror[").expect("it is explained");
    expected.assert_eq(&format!("error[{told}"));
}

#[test]
fn weights_in_safetensors_are_whole() {
    let weights = Project::new(MANIFEST).weights("acme/first");
    project(&[("model.safetensors", &weights)]).build(&[]);
    let cut = &weights[..weights.len() - 1];
    fails(
        &project(&[("model.safetensors", cut)]),
        &expect![[r#"
        error[verify]: `acme/first` is not whole in the image: `model.safetensors` is no file of its format: its tensors end at byte 2563, and the file at 2562
         --> modelcache.yaml:4:5
          |
        4 |   - acme/first
          |     ^^^^^^^^^^ verified offline, as the image's user
          |
          = help: `verify: false` in its entry of `models` leaves this proof out; at the top of the manifest, every proof
    "#]],
    );
}

#[test]
fn weights_in_gguf_are_whole() {
    project(&[("model.gguf", &gguf(64))]).build(&[]);
    fails(
        &project(&[("model.gguf", &gguf(63))]),
        &expect![[r#"
        error[verify]: `acme/first` is not whole in the image: `model.gguf` is no file of its format: its tensor `w` ends at byte 224, and the file at 223
         --> modelcache.yaml:4:5
          |
        4 |   - acme/first
          |     ^^^^^^^^^^ verified offline, as the image's user
          |
          = help: `verify: false` in its entry of `models` leaves this proof out; at the top of the manifest, every proof
    "#]],
    );
}

#[test]
fn a_repository_of_which_only_documents_would_be_taken_is_told() {
    fails(
        &project(&[("README.md", b"# A model\n"), ("checkpoint-500/model.safetensors", b"x")]),
        &expect![[r#"
            error[no-weights]: no weights are taken of `acme/first`
             --> modelcache.yaml:4:5
              |
            4 |   - acme/first
              |     ^^^^^^^^^^
              |
              = help: its weights are where no library looks: `checkpoint-500/model.safetensors`
              = help: to take them, choose by `files`, as in `files: 'checkpoint-500/*'`
              = help: what `files` names is taken as it is
        "#]],
    );
}

/// A BERT with hardly a weight, as transformers before 4.35 saved it: in a pickle alone.
const MAKE_PICKLE: &str = r#"
import torch
from transformers import BertConfig, BertModel
torch.manual_seed(0)
config = BertConfig(
    vocab_size=32, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
    max_position_embeddings=8, architectures=["BertModel"])
config.save_pretrained("/out")
torch.save(BertModel(config).state_dict(), "/out/pytorch_model.bin")
"#;

const WITH_PICKLE: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-torch
models:
  - {id: acme/pickled, allow_pickle: true}
";

#[test]
fn weights_in_a_pickle_are_loaded_where_that_is_allowed() {
    engine::on_demand("torch");
    let project = Project::new(WITH_PICKLE);
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let saved = tempfile::tempdir().expect("temporary folders can be made");
    let mut make = Command::new("docker");
    make.args(["run", "--rm", "--network", "none", "-v"])
        .arg(format!("{}:/out", saved.path().display()))
        .arg(format!("{registry}/library/python:3.13-torch"))
        .args(["python3", "-c", MAKE_PICKLE]);
    engine::stdout(&mut make);
    let folder = project.repository("acme/pickled");
    fs::create_dir_all(folder.parent().expect("it has one")).expect("the folder is ours");
    fs::rename(saved.keep(), &folder).expect("both are temporary");
    // No daemon has seen it before: a proof that is remembered says nothing.
    let config = folder.join("config.json");
    let text = fs::read_to_string(&config).expect("it was made");
    let text = text.replacen('{', &format!("{{\"seed\": \"{}\",", folder.display()), 1);
    fs::write(&config, &text).expect("it is ours");
    let run = |image: &str, code: &str| {
        let mut run = Command::new("docker");
        run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
        engine::stdout(run.args([image, "python3", "-c", code]))
    };
    let image = format!("{registry}/{REPOSITORY}@{}", project.build(&[]).digest);
    expect![[r#"
        BertModel 888
    "#]]
    .assert_eq(&run(
        &image,
        "from transformers import AutoModel\n\
         model = AutoModel.from_pretrained('acme/pickled')\n\
         print(type(model).__name__, model.num_parameters())",
    ));

    // Nobody said that its code may run: it is not loaded, and the build tells so.
    project.write("modelcache.yaml", &WITH_PICKLE.replace(", allow_pickle: true", ""));
    let (is_built, said) = project.attempt(&[]);
    assert!(is_built, "{said}");
    let note = "weights not loaded: loading `pytorch_model.bin` can run code; `allow_pickle: true` lets it";
    assert!(said.contains(note), "{said}");
    let warning = "pickle-weights: `acme/pickled` is loaded from pickles, which can run code";
    assert!(said.contains(warning), "{said}");

    // A pickle that was cut before the hub took its digest is found without loading it.
    let weights = folder.join("pytorch_model.bin");
    let whole = fs::read(&weights).expect("it was made");
    fs::write(&weights, &whole[..whole.len() / 2]).expect("it is ours");
    fails(
        &project,
        &expect![[r#"
        error[verify]: `acme/pickled` is not whole in the image: `pytorch_model.bin` is no file of its format: it begins as a zip archive, and its end is missing
         --> modelcache.yaml:4:5
          |
        4 |   - {id: acme/pickled}
          |     ^^^^^^^^^^^^^^^^^^ verified offline, as the image's user
          |
          = help: `verify: false` in its entry of `models` leaves this proof out; at the top of the manifest, every proof
    "#]],
    );
    // And what is whole, but of no such model, by loading it.
    project.write("modelcache.yaml", WITH_PICKLE);
    fs::write(&weights, &whole).expect("it is ours");
    fs::write(&config, text.replace("\"vocab_size\": 32", "\"vocab_size\": 33"))
        .expect("it is ours");
    fails(
        &project,
        &expect![[r#"
        error[verify]: `acme/pickled` can't be loaded in the image: RuntimeError: You set `ignore_mismatched_sizes` to `False`, thus raising an error. For details look at the above report!
         --> modelcache.yaml:4:5
          |
        4 |   - {id: acme/pickled, allow_pickle: true}
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ verified offline, as the image's user
          |
          = help: `verify: false` in its entry of `models` leaves this proof out; at the top of the manifest, every proof
    "#]],
    );
}
