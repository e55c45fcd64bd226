//! The parts of an image that can be built by themselves, and building from them.

use expect_test::expect;

use crate::{frontend::daemon, support::gateway::Outcome};

fn build(options: &[(&str, &str)]) -> Outcome {
    daemon().build(&[&[("filename", "modelcache.yaml")], options].concat())
}

fn image_of(outcome: &Outcome) -> String {
    outcome.result();
    outcome.graphs().pop().expect("something was solved")
}

/// Names of the vertices, without those that have only folders.
fn steps(graph: &str) -> String {
    let names = graph.lines().filter_map(|line| line.split_once("  -- "));
    let names: Vec<&str> =
        names.map(|(_, name)| name).filter(|name| *name != "[internal] folders").collect();
    names.join("\n")
}

#[test]
fn models_alone_need_no_base_image_and_no_context() {
    let outcome = build(&[("target", "models")]);
    expect![[r#"
        [model 1/1] org/name: config.json
        [model 1/1] org/name: model.safetensors
        [model 1/1] org/name"#]]
    .assert_eq(&steps(&image_of(&outcome)));
    expect![[r#"{"architecture":"amd64","os":"linux","config":{"Env":["HF_HOME=/opt/modelcache/huggingface","HF_HUB_CACHE=/opt/modelcache/huggingface/hub","HF_HUB_OFFLINE=1","TRANSFORMERS_OFFLINE=1","HF_DATASETS_OFFLINE=1","HF_MODULES_CACHE=/tmp/hf_modules","HF_DATASETS_CACHE=/tmp/hf_datasets","HF_HUB_DISABLE_TELEMETRY=1"]}}"#]].assert_eq(&outcome.metadata("containerimage.config").expect("always sent"));
}

#[test]
fn a_bundle_holds_every_file_by_its_digest() {
    let outcome = build(&[("target", "bundle")]);
    let graph = image_of(&outcome);
    let copies = graph.lines().filter(|line| line.contains("/blob "));
    let copies: Vec<&str> = copies.map(str::trim).collect();
    expect![[r#"
        copy #3:/blob -> /blobs/sha256/ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356 @0
        copy #4:/blob -> /blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0 @0"#]].assert_eq(&copies.join("\n"));
}

#[test]
fn a_build_from_a_bundle_names_no_url() {
    let outcome = build(&[
        ("context:modelcache-bundle", "local:bundle"),
        ("local-sessionid:bundle", "other"),
    ]);
    let graph = image_of(&outcome);
    assert!(!graph.contains("resolve/"), "{graph}");
    let bundle: Vec<&str> = graph
        .lines()
        .skip_while(|line| !line.contains("local://bundle"))
        .take(5)
        .chain(graph.lines().filter(|line| line.contains("/blobs/")))
        .collect();
    expect![[r#"
        9  source local://bundle  -- [internal] load bundle
             local.includepattern ["blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0","blobs/sha256/ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"]
             local.session other
             local.sharedkeyhint modelcache-bundle
        10 file   on scratch  -- [internal] folders
             copy #9:/blobs/sha256/ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356 -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json 0644 @0
             copy #9:/blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0 -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors 0644 @0"#]].assert_eq(&bundle.join("\n"));
}

#[test]
fn packages_alone_need_a_package() {
    let text = "# syntax=x\nbase: python:3.13-slim\n";
    let outcome = daemon()
        .file("modelcache.yaml", text)
        .build(&[("filename", "modelcache.yaml"), ("target", "python")]);
    expect![[r#"
        modelcache.yaml:2: this target holds Python packages, and the manifest names none

        error[no-packages]: this target holds Python packages, and the manifest names none
         --> modelcache.yaml:2:7
          |
        2 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^
          |
          = help: add `python:` with `requirements` or `packages`"#]]
    .assert_eq(&outcome.error().message);
}

#[test]
fn targets_of_models_need_a_model() {
    let text = "# syntax=x\nbase: python:3.13-slim\n";
    let outcome = daemon()
        .file("modelcache.yaml", text)
        .build(&[("filename", "modelcache.yaml"), ("target", "models")]);
    expect![[r#"
        modelcache.yaml:2: this target holds models, and the manifest names none

        error[no-models]: this target holds models, and the manifest names none
         --> modelcache.yaml:2:7
          |
        2 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^
          |
          = help: add `models:` with a model's id"#]]
    .assert_eq(&outcome.error().message);
}
