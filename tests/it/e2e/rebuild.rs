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

/// The layers that a build of [`MANIFEST`] adds to the base image, lowest first. Which
/// packages share one is told by their names.
const LAYERS: [&str; 7] =
    ["user", "venv's parents", "venv", "beta", "alpha gamma", "acme/first", "app"];

const REQUIREMENTS: &str = "alpha==1\nbeta==1\ngamma==1\n";

/// A project that has been built once, and its servers' requests forgotten.
fn built() -> (Project, Build) {
    built_of(MANIFEST)
}

fn built_of(manifest: &str) -> (Project, Build) {
    let project = project(manifest);
    let build = project.build(&[]);
    project.hub_requests();
    project.index_requests();
    (project, build)
}

/// A project that has not been built. Its index speaks plain http, so that the daemon
/// itself gets the wheels.
fn project(manifest: &str) -> Project {
    let project = Project::with_index(manifest, &[]);
    project.write("requirements.txt", REQUIREMENTS);
    project.write_new("main.py", "print(1)\n");
    for version in ["1", "2"] {
        for name in ["alpha", "beta", "gamma", "delta"] {
            project.add_wheel(name, version);
        }
    }
    project.add_model("acme/first");
    project.add_model("acme/second");
    project
}

/// The names of the layers that `first` and `second` do not have in common.
fn changed(first: &Build, second: &Build) -> Vec<&'static str> {
    let [before, after] = [first, second].map(|build| Image::pull(&build.digest).top(&LAYERS));
    LAYERS.into_iter().filter(|name| before[name] != after[name]).collect()
}

#[test]
fn a_first_build_asks_for_each_file_once() {
    // What all projects share is made by the first build on a builder.
    built();
    let project = project(MANIFEST);
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
        GET /files/beta/…/beta-1-py3-none-any.whl 200 with a body
        GET /files/beta/…/beta-1-py3-none-any.whl.metadata 200 with a body
        GET /files/gamma/…/gamma-1-py3-none-any.whl 200 with a body
        GET /files/gamma/…/gamma-1-py3-none-any.whl.metadata 200 with a body
        GET /files/pip/…/pip-26.3-py3-none-any.whl 200 with a body
        GET /files/uv/…/uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl 200 with a body
        GET /simple/alpha/ 200 with a body
        GET /simple/beta/ 200 with a body
        GET /simple/gamma/ 200 with a body
        GET /simple/installer/ 200 with a body
        GET /simple/pip/ 200 with a body
        GET /simple/uv/ 200 with a body
    "#]]
    .assert_eq(&project.index_requests());
    expect![[r#"
        [app] copy main.py
        [image] assemble
        [internal] remember what was asked
        [model 1/1] acme/first
        [python] get the resolver
        [python] install alpha==1 gamma==1
        [python] install beta==1
        [python] keep alpha-1-py3-none-any.whl
        [python] keep gamma-1-py3-none-any.whl
        [python] look into the wheels
        [python] resolve requirements
        [verify] import 3 packages without a network
        [verify] load 1 model without a network
        [verify] look for python3
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
    assert_eq!(changed(&first, &second), [""; 0]);
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
    assert_eq!(changed(&first, &second), ["app"]);
}

#[test]
fn an_added_model_is_all_that_is_fetched() {
    let (project, first) = built();
    project.write("modelcache.yaml", &MANIFEST.replace("app:", "  - acme/second\napp:"));
    let second = project.build(&[]);
    expect![[r#"
        [image] assemble
        [model 2/2] acme/second
        [verify] import 3 packages without a network
        [verify] load 2 models without a network
        [verify] look for python3
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
        "venv's parents",
        "venv",
        "beta",
        "alpha gamma",
        "acme/first",
        "acme/second",
        "app",
    ]);
    assert!(LAYERS.iter().all(|name| before[name] == after[name]), "{before:#?} {after:#?}");
}

#[test]
fn a_changed_requirement_is_the_only_wheel_fetched_and_its_group_the_only_one_installed() {
    let (project, first) = built();
    project.write("requirements.txt", &REQUIREMENTS.replace("alpha==1", "alpha==2"));
    let second = project.build(&[]);
    expect![[r#"
        [image] assemble
        [internal] remember what was asked
        [python] install alpha==2 gamma==1
        [python] keep alpha-2-py3-none-any.whl
        [python] look into the wheels
        [python] resolve requirements
        [verify] import 3 packages without a network
        [verify] load 1 model without a network
        [verify] look for python3
        [verify] passed
    "#]]
    .assert_eq(&second.ran());
    expect![[r#"
        GET /files/alpha/…/alpha-2-py3-none-any.whl 200 with a body
        GET /files/alpha/…/alpha-2-py3-none-any.whl.metadata 200 with a body
    "#]]
    .assert_eq(&project.index_requests());
    assert_eq!(changed(&first, &second), ["alpha gamma"]);
}

#[test]
fn an_added_requirement_is_another_layer_and_a_removed_one_none() {
    let (project, first) = built();
    let layers = Image::pull(&first.digest).top(&LAYERS);
    project.write("requirements.txt", "alpha==1\nbeta==1\ndelta==1\ngamma==1\n");
    let second = project.build(&[]);
    expect![[r#"
        [image] assemble
        [internal] remember what was asked
        [python] install delta==1
        [python] look into the wheels
        [python] resolve requirements
        [verify] import 4 packages without a network
        [verify] load 1 model without a network
        [verify] look for python3
        [verify] passed
    "#]]
    .assert_eq(&second.ran());
    expect![[r#"
        GET /files/delta/…/delta-1-py3-none-any.whl 200 with a body
        GET /files/delta/…/delta-1-py3-none-any.whl.metadata 200 with a body
        GET /simple/delta/ 200 with a body
    "#]]
    .assert_eq(&project.index_requests());
    let more =
        ["user", "venv's parents", "venv", "beta", "alpha gamma", "delta", "acme/first", "app"];
    let after = Image::pull(&second.digest).top(&more);
    assert!(LAYERS.iter().all(|name| layers[name] == after[name]), "{layers:#?} {after:#?}");

    project.write("requirements.txt", "alpha==1\ngamma==1\n");
    let third = project.build(&[]);
    expect![[r#"
        [image] assemble
        [internal] remember what was asked
        [python] look into the wheels
        [python] resolve requirements
        [verify] import 2 packages without a network
        [verify] load 1 model without a network
        [verify] look for python3
        [verify] passed
    "#]]
    .assert_eq(&third.ran());
    expect![""].assert_eq(&project.index_requests());
    let fewer = ["user", "venv's parents", "venv", "alpha gamma", "acme/first", "app"];
    let after = Image::pull(&third.digest).top(&fewer);
    assert!(fewer.iter().all(|name| layers[name] == after[name]), "{layers:#?} {after:#?}");
}

#[test]
fn a_locked_build_asks_nothing_and_an_update_fetches_what_changed() {
    let project = project(MANIFEST);
    project.lock(&[]);
    let first = project.build(&[]);
    project.hub_requests();
    project.index_requests();
    let second = project.build(&[]);
    expect![""].assert_eq(&second.ran());
    expect![""].assert_eq(&project.hub_requests());
    expect![""].assert_eq(&project.index_requests());

    project.write("requirements.txt", &REQUIREMENTS.replace("beta==1", "beta==2"));
    project.lock(&["--build-arg", "MODELCACHE_UPDATE=all"]);
    expect![[r#"
        GET /files/beta/…/beta-2-py3-none-any.whl 200 with a body
        GET /files/beta/…/beta-2-py3-none-any.whl.metadata 200 with a body
        GET /simple/alpha/ 304
        GET /simple/beta/ 304
        GET /simple/gamma/ 304
    "#]]
    .assert_eq(&project.index_requests());
    let third = project.build(&[]);
    expect![[r#"
        [image] assemble
        [python] install beta==2
        [verify] import 3 packages without a network
        [verify] load 1 model without a network
        [verify] look for python3
        [verify] passed
    "#]]
    .assert_eq(&third.ran());
    expect![""].assert_eq(&project.index_requests());
    assert_eq!(changed(&second, &third), ["beta"]);
    assert_eq!(changed(&first, &second), [""; 0]);
}

#[test]
fn in_a_single_layer_a_changed_requirement_is_the_only_wheel_fetched() {
    let manifest = MANIFEST.replace("models:", "  install: single\nmodels:");
    let layers = ["user", "venv", "python", "acme/first", "app"];
    // pip keeps nothing that came by plain http.
    let project = Project::new(&manifest);
    project.write("requirements.txt", "alpha==1\nbeta==1\n");
    project.write("main.py", "print(1)\n");
    for (name, version) in [("alpha", "1"), ("beta", "1"), ("beta", "2")] {
        project.add_wheel(name, version);
    }
    project.add_model("acme/first");
    let first = project.build(&[]);
    project.index_requests();
    project.write("requirements.txt", "alpha==1\nbeta==2\n");
    let second = project.build(&[]);
    expect![[r#"
        [image] assemble
        [python] pip install requirements.txt
        [verify] import 2 packages without a network
        [verify] load 1 model without a network
        [verify] look for python3
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
    let [before, after] = [first, second].map(|build| Image::pull(&build.digest).top(&layers));
    let changed = layers.into_iter().filter(|name| before[name] != after[name]);
    assert_eq!(changed.collect::<Vec<_>>(), ["python"]);
}
