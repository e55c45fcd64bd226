//! The proof of a repository's weights in each format, where the image has no library for them.

use std::fs;

use expect_test::{Expect, expect};

use crate::{e2e::project::Project, verify::program::gguf};

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
