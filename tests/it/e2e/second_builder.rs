//! What a fresh machine makes: the same layers, and none that a cache has.

use std::collections::BTreeMap;

use expect_test::expect;
use serde_json::Value;

use super::{
    builder::EmptyBuilders,
    engine,
    project::Project,
    registry::{Image, REPOSITORY},
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
models:
  - acme/first
  - acme/second
app:
  copy: main.py
  command: [python3, main.py]
";

const LAYERS: [&str; 8] =
    ["user", "venv's parents", "venv", "beta", "alpha gamma", "acme/first", "acme/second", "app"];

/// Those of [`without_python`].
const BARE: [&str; 4] = ["user", "acme/first", "acme/second", "app"];

fn without_python() -> String {
    MANIFEST.replace("python:\n  requirements: requirements.txt\n", "")
}

fn project() -> Project {
    let project = Project::with_index(MANIFEST, &[]);
    project.write("requirements.txt", "alpha==1\nbeta==1\ngamma==1\n");
    project.write("main.py", "print(1)\n");
    for (name, version) in [("alpha", "1"), ("beta", "1"), ("gamma", "1"), ("gamma", "2")] {
        project.add_wheel(name, version);
    }
    project.add_model("acme/first");
    project.add_model("acme/second");
    project
}

#[test]
fn two_empty_builders_make_the_same_layers_with_and_without_python() {
    let builders = EmptyBuilders::start();
    let project = project();
    let build = |name: &String| Image::pull(&project.build(&["--builder", name]).digest);
    let [first, second] = builders.names.each_ref().map(build);
    project.write("modelcache.yaml", &without_python());
    let bare = build(&builders.names[1]).top(&BARE);

    assert_eq!(lasting(&first.config), lasting(&second.config));
    let [first, second] = [first, second].map(|image| image.top(&LAYERS));
    expect![[r#""#]].assert_eq(&differing(&first, &second));
    expect![[r#""#]].assert_eq(&differing(&bare, &second));
}

/// The config without what tells when it was made.
fn lasting(config: &Value) -> Value {
    let mut config = config.clone();
    let fields = config.as_object_mut().expect("a config is an object");
    fields.remove("created");
    for entry in fields["history"].as_array_mut().expect("history is a list") {
        entry.as_object_mut().expect("its entries are objects").remove("created");
    }
    config
}

/// The names of layers in `some` that are not the same in `all`, one a line.
fn differing(some: &BTreeMap<&str, String>, all: &BTreeMap<&str, String>) -> String {
    let differ = some.iter().filter(|(name, digest)| all[*name] != **digest);
    differ.map(|(name, _)| format!("{name}\n")).collect()
}

#[test]
fn a_second_builder_takes_weights_from_the_registry_cache() {
    let builders = EmptyBuilders::start();
    let project = project();
    project.write("modelcache.yaml", &without_python());
    let cache =
        format!("type=registry,ref={}/{REPOSITORY}:cache", engine::variable("MODELCACHE_REGISTRY"));
    let [first, second] = &builders.names;
    let build = project.build(&["--builder", first, "--cache-to", &format!("{cache},mode=max")]);
    let before = Image::pull(&build.digest).top(&BARE);
    project.hub_requests();

    project.write_new("main.py", "print(2)\n");
    let build = project.build(&["--builder", second, "--cache-from", &cache]);
    let after = Image::pull(&build.digest).top(&BARE);
    expect![[r#"
        GET /acme/first/resolve/…/1_Pooling/config.json 307
        GET /acme/first/resolve/…/README.md 307
        GET /acme/first/resolve/…/config.json 307
        GET /acme/first/resolve/…/tokenizer.json 307
        GET /acme/second/resolve/…/1_Pooling/config.json 307
        GET /acme/second/resolve/…/README.md 307
        GET /acme/second/resolve/…/config.json 307
        GET /acme/second/resolve/…/tokenizer.json 307
        GET /api/models/acme/first/revision/main?blobs=true 200 with a body
        GET /api/models/acme/second/revision/main?blobs=true 200 with a body
        GET /api/resolve-cache/models/acme/first/…/1_Pooling/config.json 200 with a body
        GET /api/resolve-cache/models/acme/first/…/README.md 200 with a body
        GET /api/resolve-cache/models/acme/first/…/config.json 200 with a body
        GET /api/resolve-cache/models/acme/first/…/tokenizer.json 200 with a body
        GET /api/resolve-cache/models/acme/second/…/1_Pooling/config.json 200 with a body
        GET /api/resolve-cache/models/acme/second/…/README.md 200 with a body
        GET /api/resolve-cache/models/acme/second/…/config.json 200 with a body
        GET /api/resolve-cache/models/acme/second/…/tokenizer.json 200 with a body
    "#]]
    .assert_eq(&project.hub_requests());
    expect![[r#"
        [app] copy main.py
        [image] assemble
        [internal] remember what was asked
        [verify] passed
    "#]]
    .assert_eq(&build.ran());
    expect![[r#"
        app
    "#]]
    .assert_eq(&differing(&before, &after));
}

#[test]
fn without_a_lock_a_second_builder_has_the_answers_and_the_packages_from_the_registry() {
    let builders = EmptyBuilders::start();
    let project = project();
    let cache = format!(
        "type=registry,ref={}/{REPOSITORY}:cache-unlocked",
        engine::variable("MODELCACHE_REGISTRY")
    );
    let [first, second] = &builders.names;
    let build = project.build(&["--builder", first, "--cache-to", &format!("{cache},mode=max")]);
    let before = Image::pull(&build.digest).top(&LAYERS);
    project.index_requests();

    project.write_new("main.py", "print(2)\n");
    let build = project.build(&["--builder", second, "--cache-from", &cache]);
    let after = Image::pull(&build.digest).top(&LAYERS);
    expect![[r#""#]].assert_eq(&project.index_requests());
    expect![[r#"
        [app] copy main.py
        [image] assemble
        [internal] remember what was asked
        [verify] passed
    "#]]
    .assert_eq(&build.ran());
    expect![[r#"
        app
    "#]]
    .assert_eq(&differing(&before, &after));
}

#[test]
fn a_second_builder_fetches_and_installs_what_changed_and_has_the_rest_from_the_registry() {
    let builders = EmptyBuilders::start();
    let project = project();
    let cache = format!(
        "type=registry,ref={}/{REPOSITORY}:cache-python",
        engine::variable("MODELCACHE_REGISTRY")
    );
    let [first, second] = &builders.names;
    project.lock(&["--builder", first]);
    let build = project.build(&["--builder", first, "--cache-to", &format!("{cache},mode=max")]);
    let before = Image::pull(&build.digest).top(&LAYERS);

    project.write("requirements.txt", "alpha==1\nbeta==1\ngamma==2\n");
    // A developer's machine, from which the lock comes, is not the one that builds.
    project.lock(&["--builder", first, "--build-arg", "MODELCACHE_UPDATE=all"]);
    project.index_requests();
    let build = project.build(&["--builder", second, "--cache-from", &cache]);
    let after = Image::pull(&build.digest).top(&LAYERS);
    expect![[r#"
        GET /files/gamma/…/gamma-2-py3-none-any.whl 200 with a body
    "#]]
    .assert_eq(&project.index_requests());
    expect![[r#"
        [image] assemble
        [python] install alpha==1 gamma==2
        [python] keep gamma-2-py3-none-any.whl
        [verify] import 3 packages without a network
        [verify] load 2 models without a network
        [verify] look for python3
        [verify] passed
    "#]]
    .assert_eq(&build.ran());
    expect![[r#"
        alpha gamma
    "#]]
    .assert_eq(&differing(&before, &after));
}
