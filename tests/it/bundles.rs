//! Images in OCI layouts: as the base, as a model's folder, and as the bundle.

use expect_test::{Expect, expect};

use crate::{
    frontend::daemon,
    support::gateway::{Daemon, Image, Outcome},
};

const BASE_DIGEST: &str = "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
const STORED: &str = "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";

/// What buildx makes of `oci-layout://FOLDER`.
fn layout() -> String {
    format!("oci-layout://store:latest@{STORED}")
}

/// A base image of two layers.
fn base() -> Image {
    Image {
        digest: BASE_DIGEST.into(),
        config: r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:1","sha256:2"]}}"#.into(),
        files: [("etc/passwd".to_owned(), b"root:x:0:0::/root:/bin/sh\n".to_vec())].into(),
    }
}

/// The same manifest on that base, without packages.
fn small() -> Daemon {
    let manifest = "base: python:3.13-slim\nmodels: [org/name]\nverify: false\n\
        mirrors: {huggingface: http://hub}\n";
    daemon().file("modelcache.yaml", manifest).image("docker.io/library/python:3.13-slim", base())
}

/// The config that a bundle of [`small`] has.
fn bundle_config() -> String {
    let outcome = build(small(), &[("target", "bundle")]);
    outcome.metadata("containerimage.config").expect("always sent")
}

/// A daemon without a registry, and a client with a bundle of this config.
fn behind_the_gap(config: &str) -> Daemon {
    let bundle = Image { digest: STORED.into(), config: config.into(), ..base() };
    let mut daemon = small();
    daemon.images.clear();
    daemon.image(&format!("docker.io/library/modelcache-bundle:latest@{STORED}"), bundle)
}

fn build(daemon: Daemon, options: &[(&str, &str)]) -> Outcome {
    daemon.build(&[&[("filename", "modelcache.yaml")], options].concat())
}

fn check_error(daemon: Daemon, options: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&build(daemon, options).error().message);
}

/// The sources of the image's graph, and the copies out of a bundle.
fn sources(outcome: &Outcome) -> String {
    outcome.result();
    let graph = outcome.graphs().pop().expect("something was solved");
    let is_shown = |line: &&str| {
        line.contains(" source ") || line.contains(" oci.") || line.contains("blobs/")
    };
    graph.lines().filter(is_shown).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_bundle_is_the_base_image_with_the_files_on_top() {
    let outcome = build(small(), &[("target", "bundle")]);
    let graph = outcome.graphs().pop().expect("something was solved");
    let steps = graph.lines().filter(|line| line.contains("[base]") || line.contains("bundle]"));
    let steps: Vec<&str> = steps.chain(graph.lines().filter(|l| l.contains("merge"))).collect();
    expect![[r#"
        1  source docker-image://docker.io/library/python:3.13-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc  linux/amd64  -- [base] docker.io/library/python:3.13-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
        2  file   on #1  -- [bundle] hide the base image's files
        3  source http://hub/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json  -- [bundle] org/name: config.json
        4  source http://hub/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors  -- [bundle] org/name: model.safetensors
        6  file   on scratch  -- [bundle] org/name: 2 of its files
        7  merge  #2 #6  -- [image] assemble"#]].assert_eq(&steps.join("\n"));
    expect![[r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"],"Labels":{"modelcache.bundle.base":"{\"config\":{\"architecture\":\"amd64\",\"config\":{\"Env\":[\"PATH=/bin\"]},\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[\"sha256:1\",\"sha256:2\"],\"type\":\"layers\"}},\"reference\":\"docker.io/library/python:3.13-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc\"}"}},"rootfs":{"diff_ids":["sha256:1","sha256:2"],"type":"layers"}}"#]].assert_eq(&bundle_config());
}

#[test]
fn a_layout_bundle_gives_the_base_image_too() {
    let outcome =
        build(behind_the_gap(&bundle_config()), &[("context:modelcache-bundle", &layout())]);
    expect![[r#"
        1  source oci-layout://docker.io/library/modelcache-bundle:latest@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd  linux/amd64  -- [base] docker.io/library/python:3.13-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
             oci.layerlimit 2
             oci.session session
             oci.store store
        4  source oci-layout://docker.io/library/modelcache-bundle:latest@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd  linux/amd64  -- [internal] load bundle
             oci.session session
             oci.store store
             copy #4:/blobs/sha256/ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356 -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json 0644 @0
             copy #4:/blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0 -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors 0644 @0
    "#]].assert_eq(&sources(&outcome));
    let normal = build(small(), &[]);
    for key in ["containerimage.config", "containerimage.base.config"] {
        assert_eq!(outcome.metadata(key), normal.metadata(key), "{key}");
    }
}

#[test]
fn a_bundle_of_another_base_is_refused() {
    let config = bundle_config().replace("python:3.13-slim", "python:3.12-slim");
    let context = [("context:modelcache-bundle", layout())];
    let context = context.each_ref().map(|(key, value)| (*key, value.as_str()));
    check_error(
        behind_the_gap(&config),
        &context,
        expect![[r#"
        modelcache.yaml:1: the bundle was made with another base image

        error[bundle]: the bundle was made with another base image
         --> modelcache.yaml:1:7
          |
        1 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^ this is docker.io/library/python:3.13-slim
          |
          = help: make it again, for all platforms: docker buildx build --target bundle --output type=oci,tar=false,dest=bundle -f modelcache.yaml .
          = help: the bundle has docker.io/library/python:3.12-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"#]],
    );
    check_error(
        behind_the_gap(&base().config),
        &context,
        expect![[r#"
        modelcache.yaml:1: the OCI layout given as the bundle holds another image

        error[bundle]: the OCI layout given as the bundle holds another image
         --> modelcache.yaml:1:7
          |
        1 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^ no base image is in it
          |
          = help: make it again, for all platforms: docker buildx build --target bundle --output type=oci,tar=false,dest=bundle -f modelcache.yaml ."#]],
    );
    check_error(
        small(),
        &context,
        expect![[r#"
        modelcache.yaml:1: the bundle has no image for linux/amd64

        error[bundle]: the bundle has no image for linux/amd64
         --> modelcache.yaml:1:7
          |
        1 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^ asked for here
          |
          = help: make it again, for all platforms: docker buildx build --target bundle --output type=oci,tar=false,dest=bundle -f modelcache.yaml .

        the builder said: docker.io/library/modelcache-bundle:latest@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd: not found"#]],
    );
}

#[test]
fn a_bundle_that_lacks_a_file_is_told_at_the_models_line() {
    let missing = "failed to calculate checksum of ref x::y: \"/blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0\": not found";
    let daemon = small().fail("[model 1/1] org/name", missing);
    check_error(
        daemon,
        &[("context:modelcache-bundle", "local:bundle")],
        expect![[r#"
        modelcache.yaml:2: the bundle lacks `model.safetensors` of `org/name`

        error[incomplete-bundle]: the bundle lacks `model.safetensors` of `org/name`
         --> modelcache.yaml:2:10
          |
        2 | models: [org/name]
          |          ^^^^^^^^ needed for this
          |
          = help: make it again: docker buildx build --target bundle --output type=oci,tar=false,dest=bundle -f modelcache.yaml .

        the builder said: failed to calculate checksum of ref x::y: "/blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0": not found"#]],
    );
}

#[test]
fn a_damaged_bundle_is_told() {
    let damaged = "failed commit on ref \"layer-sha256:1\": unexpected commit digest sha256:2, expected sha256:1: failed precondition";
    let daemon = behind_the_gap(&bundle_config()).fail("[model 1/1] org/name", damaged);
    check_error(
        daemon,
        &[("context:modelcache-bundle", &layout())],
        expect![[r#"
        modelcache.yaml:1: the bundle is damaged

        error[damaged-bundle]: the bundle is damaged
         --> modelcache.yaml:1:7
          |
        1 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^ the image is made from it
          |
          = help: a file in it has other content than its name, a digest, says
          = help: make it again: docker buildx build --target bundle --output type=oci,tar=false,dest=bundle -f modelcache.yaml .
          = help: the builder goes on from what it has of the damaged file: `docker buildx prune` first

        the builder said: failed commit on ref "layer-sha256:1": unexpected commit digest sha256:2, expected sha256:1: failed precondition"#]],
    );
}

#[test]
fn a_layout_stands_for_the_base_and_for_a_models_folder() {
    let manifest = "base: python:3.13-slim\nmodels:\n  - {id: org/own, from: own}\nverify: false\n";
    let config = base();
    let daemon = small()
        .file("modelcache.yaml", manifest)
        .image(&format!("docker.io/library/python:3.13-slim@{STORED}"), config);
    let outcome =
        build(daemon, &[("context:python:3.13-slim", &layout()), ("context:own", &layout())]);
    expect![[r#"
        1  source oci-layout://docker.io/library/python:3.13-slim@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd  linux/amd64  -- [base] docker.io/library/python:3.13-slim@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
             oci.session session
             oci.store store
        4  source oci-layout://docker.io/library/own:latest@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd  linux/amd64  -- [context] docker.io/library/own:latest@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
             oci.session session
             oci.store store
    "#]].assert_eq(&sources(&outcome));
}

#[test]
fn contexts_of_other_kinds_are_refused_where_they_are_needed() {
    let url = "https://user:pass@example.com/org/name.git#main";
    check_error(
        small(),
        &[("context:python:3.13-slim", url)],
        expect![[r#"
        modelcache.yaml:1: the context `python:3.13-slim` is a git repository, which is not read here

        error[invalid-context]: the context `python:3.13-slim` is a git repository, which is not read here
         --> modelcache.yaml:1:7
          |
        1 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^ given for this
          |
          = help: what is read: `--build-context` with `python:3.13-slim=docker-image://…` or `python:3.13-slim=oci-layout://./folder`"#]],
    );
    check_error(
        small(),
        &[("context:modelcache-bundle", "https://example.com/b.tar")],
        expect![[r#"
        modelcache.yaml:2: the context `modelcache-bundle` is a file at a URL, which is not read here

        error[invalid-context]: the context `modelcache-bundle` is a file at a URL, which is not read here
         --> modelcache.yaml:2:10
          |
        2 | models: [org/name]
          |          ^^^^^^^^ given for this
          |
          = help: what is read: `--build-context` with `modelcache-bundle=oci-layout://./folder` or `modelcache-bundle=./folder`"#]],
    );
    check_error(
        small(),
        &[("context:modelcache-bundle", "docker-image://example.com/bundle")],
        expect![[r#"
            modelcache.yaml:2: the context `modelcache-bundle` is an image in a registry, which is not read here

            error[invalid-context]: the context `modelcache-bundle` is an image in a registry, which is not read here
             --> modelcache.yaml:2:10
              |
            2 | models: [org/name]
              |          ^^^^^^^^ given for this
              |
              = help: what is read: `--build-context` with `modelcache-bundle=oci-layout://./folder` or `modelcache-bundle=./folder`"#]],
    );
    check_error(
        small(),
        &[("context:python:3.13-slim", "oci-layout://store")],
        expect![[r#"
        modelcache.yaml:1: the context `python:3.13-slim` is an OCI layout without a digest, which is not read here

        error[invalid-context]: the context `python:3.13-slim` is an OCI layout without a digest, which is not read here
         --> modelcache.yaml:1:7
          |
        1 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^ given for this
          |
          = help: what is read: `--build-context` with `python:3.13-slim=docker-image://…` or `python:3.13-slim=oci-layout://./folder`"#]],
    );
}
