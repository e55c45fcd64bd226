//! What a second build does: as little as the change asks for.

use expect_test::expect;

use super::{
    project::{Build, Project},
    registry::Image,
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
models:
  - acme/first
app:
  copy: main.py
  command: [python3, main.py]
";

/// The layers that a build of [`MANIFEST`] adds to the base image, lowest first.
/// The environment's folder is a layer of its own, on which pip's work is done.
const LAYERS: [&str; 5] = ["user", "venv", "python", "acme/first", "app"];

/// A project that has been built once, and its servers' requests forgotten.
fn built() -> (Project, Build) {
    let project = Project::new(MANIFEST);
    project.write("requirements.txt", "alpha==1\nbeta==1\n");
    project.write_new("main.py", "print(1)\n");
    project.add_wheel("alpha", "1");
    project.add_wheel("beta", "1");
    project.add_wheel("beta", "2");
    project.add_model("acme/first");
    project.add_model("acme/second");
    let build = project.build(&[]);
    project.hub_requests();
    project.index_requests();
    (project, build)
}

#[test]
fn a_first_build_asks_for_each_file_once() {
    let project = Project::new(MANIFEST);
    project.write("requirements.txt", "alpha==1\n");
    project.write_new("main.py", "print(1)\n");
    project.add_wheel("alpha", "1");
    project.add_model("acme/first");
    let build = project.build(&[]);
    expect![[r#"
        GET /acme/first/resolve/…/1_Pooling/config.json 307
        GET /acme/first/resolve/…/README.md 307
        GET /acme/first/resolve/…/config.json 307
        GET /acme/first/resolve/…/model.safetensors 302
        GET /acme/first/resolve/…/tokenizer.json 307
        GET /api/models/acme/first/revision/main?blobs=true 200 with a body
        GET /api/resolve-cache/models/acme/first/…/1_Pooling/config.json 200 with a body
        GET /api/resolve-cache/models/acme/first/…/README.md 200 with a body
        GET /api/resolve-cache/models/acme/first/…/config.json 200 with a body
        GET /api/resolve-cache/models/acme/first/…/tokenizer.json 200 with a body
        GET /cdn/models/acme/first/…/model.safetensors 200 with a body
    "#]]
    .assert_eq(&project.hub_requests());
    expect![[r#"
        GET /files/alpha/…/alpha-1-py3-none-any.whl 200 with a body
        GET /files/alpha/…/alpha-1-py3-none-any.whl.metadata 200 with a body
        GET /simple/alpha/ 200 with a body
    "#]]
    .assert_eq(&project.index_requests());
    expect![[r#"
        [app] copy main.py
        [image] assemble
        [model 1/1] acme/first
        [python] pip install requirements.txt
        [verify] load 1 model without a network
        [verify] passed
    "#]]
    .assert_eq(&build.ran());
}

#[test]
fn a_build_of_what_is_unchanged_runs_nothing_and_fetches_no_body() {
    let (project, first) = built();
    let second = project.build(&[]);
    expect![""].assert_eq(&second.ran());
    expect![""].assert_eq(&project.hub_requests());
    expect![[r#""#]].assert_eq(&project.index_requests());
    let [before, after] = [first, second].map(|build| Image::pull(&build.digest).top(&LAYERS));
    assert_eq!(before, after);
}

#[test]
fn a_change_of_code_makes_the_app_layer_only() {
    let (project, first) = built();
    project.write_new("main.py", "print(2)\n");
    let second = project.build(&[]);
    expect![[r#"
        [app] copy main.py
        [image] assemble
        [verify] passed
    "#]]
    .assert_eq(&second.ran());
    expect![[r#""#]].assert_eq(&project.index_requests());
    let [before, after] = [first, second].map(|build| Image::pull(&build.digest).top(&LAYERS));
    let changed = LAYERS.into_iter().filter(|name| before[name] != after[name]);
    assert_eq!(changed.collect::<Vec<_>>(), ["app"]);
}

#[test]
fn an_added_model_is_all_that_is_fetched() {
    let (project, first) = built();
    project.write("modelcache.yaml", &MANIFEST.replace("app:", "  - acme/second\napp:"));
    let second = project.build(&[]);
    expect![[r#"
        [image] assemble
        [model 2/2] acme/second
        [verify] load 2 models without a network
        [verify] passed
    "#]]
    .assert_eq(&second.ran());
    expect![[r#"
        GET /acme/second/resolve/…/1_Pooling/config.json 307
        GET /acme/second/resolve/…/README.md 307
        GET /acme/second/resolve/…/config.json 307
        GET /acme/second/resolve/…/model.safetensors 302
        GET /acme/second/resolve/…/tokenizer.json 307
        GET /api/models/acme/second/revision/main?blobs=true 200 with a body
        GET /api/resolve-cache/models/acme/second/…/1_Pooling/config.json 200 with a body
        GET /api/resolve-cache/models/acme/second/…/README.md 200 with a body
        GET /api/resolve-cache/models/acme/second/…/config.json 200 with a body
        GET /api/resolve-cache/models/acme/second/…/tokenizer.json 200 with a body
        GET /cdn/models/acme/second/…/model.safetensors 200 with a body
    "#]]
    .assert_eq(&project.hub_requests());
    expect![[r#""#]].assert_eq(&project.index_requests());
    let before = Image::pull(&first.digest).top(&LAYERS);
    let after = Image::pull(&second.digest).top(&[
        "user",
        "venv",
        "python",
        "acme/first",
        "acme/second",
        "app",
    ]);
    assert!(LAYERS.iter().all(|name| before[name] == after[name]), "{before:#?} {after:#?}");
}

#[test]
fn a_changed_requirement_is_the_only_wheel_fetched() {
    let (project, first) = built();
    project.write("requirements.txt", "alpha==1\nbeta==2\n");
    let second = project.build(&[]);
    expect![[r#"
        [image] assemble
        [python] pip install requirements.txt
        [verify] load 1 model without a network
        [verify] passed
    "#]]
    .assert_eq(&second.ran());
    expect![[r#"
        GET /files/beta/…/beta-2-py3-none-any.whl 200 with a body
        GET /files/beta/…/beta-2-py3-none-any.whl.metadata 200 with a body
        GET /simple/alpha/ 304
        GET /simple/beta/ 304
    "#]]
    .assert_eq(&project.index_requests());
    let [before, after] = [first, second].map(|build| Image::pull(&build.digest).top(&LAYERS));
    let changed = LAYERS.into_iter().filter(|name| before[name] != after[name]);
    assert_eq!(changed.collect::<Vec<_>>(), ["python"]);
}
