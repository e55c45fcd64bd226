//! A repository that the hub calls by another name than it was asked for.

use expect_test::{Expect, expect};

use crate::support::gateway::{Daemon, Image, Outcome};

const COMMIT: &str = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41";
const MANIFEST: &str = "\
base: python:3.13-slim
user: root
verify: false
models:
  - bert-base-uncased
mirrors:
  huggingface: http://hub
";
const LISTING: &str = "http://hub/api/models/bert-base-uncased/revision/main?blobs=true";

/// A hub that answers the question for `listing` under the name `id`.
fn daemon(manifest: &str, listing: &str, id: &str) -> Daemon {
    let answer = format!(
        r#"{{"id": "{id}", "sha": "{COMMIT}", "siblings": [
            {{"rfilename": "config.json", "size": 3, "blobId": "0967ef424bce6791893e9a57bb952f80fd536e93"}}]}}"#,
    );
    let image = Image {
        digest: format!("sha256:{}", "c".repeat(64)),
        config: r#"{"architecture":"amd64","os":"linux","config":{}}"#.into(),
        ..Image::default()
    };
    let file = |name: &str| format!("http://hub/{name}/resolve/{COMMIT}/config.json");
    Daemon::default()
        .file("modelcache.yaml", manifest)
        .url(listing, answer)
        .url(&file("google-bert/bert-base-uncased"), "{}\n")
        .url(&file("datasets/org/new"), "{}\n")
        .url(&file("bert-base-uncased"), "{}\n")
        .image(&format!("docker.io/library/python:3.13-slim@{}", image.digest), image.clone())
        .image("docker.io/library/python:3.13-slim", image)
}

fn build(daemon: Daemon) -> Outcome {
    daemon.build(&[("filename", "modelcache.yaml")])
}

/// Where the model's file comes from and goes to, all links, and the warnings.
fn check(outcome: &Outcome, expected: Expect) {
    outcome.result();
    let graph = outcome.graphs().pop().unwrap();
    let is_told = |line: &&str| {
        line.contains("/resolve/") || line.contains(":/blob ->") || line.contains("symlink ")
    };
    let mut lines: Vec<String> = graph.lines().filter(is_told).map(str::to_owned).collect();
    for warning in &outcome.warnings {
        let short = String::from_utf8_lossy(&warning.short);
        let help = warning.detail.iter().map(|line| String::from_utf8_lossy(line));
        if short.starts_with("renamed") {
            lines.push(format!("{short}; {}", help.collect::<Vec<_>>().join("; ")));
        }
    }
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn both_names_find_the_one_copy() {
    let outcome = build(daemon(MANIFEST, LISTING, "google-bert/bert-base-uncased"));
    check(
        &outcome,
        expect![[r#"
            2  source http://hub/google-bert/bert-base-uncased/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json  -- [model 1/1] bert-base-uncased: config.json
                 copy #2:/blob -> /opt/modelcache/huggingface/hub/models--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json @0
                 symlink /opt/modelcache/models/bert-base-uncased -> ../huggingface/hub/models--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
                 symlink /opt/modelcache/huggingface/hub/models--google-bert--bert-base-uncased -> models--bert-base-uncased 0:0 @0
                 symlink /opt/modelcache/models/google-bert/bert-base-uncased -> ../../huggingface/hub/models--google-bert--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
            renamed-model: `bert-base-uncased` is called `google-bert/bert-base-uncased` now (line 5); write `google-bert/bert-base-uncased`; until then the image has it under both names"#]],
    );
}

#[test]
fn without_links_there_are_two_copies_of_one_download() {
    let daemon = daemon(MANIFEST, LISTING, "google-bert/bert-base-uncased");
    check(
        &build(daemon.disable("file.symlink.create")),
        expect![[r#"
            2  source http://hub/google-bert/bert-base-uncased/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json  -- [model 1/1] bert-base-uncased: config.json
                 copy #2:/blob -> /opt/modelcache/huggingface/hub/models--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json @0
                 copy #2:/blob -> /opt/modelcache/huggingface/hub/models--google-bert--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json @0
            renamed-model: `bert-base-uncased` is called `google-bert/bert-base-uncased` now (line 5); write `google-bert/bert-base-uncased`; until then the image has it under both names"#]],
    );
}

#[test]
fn a_lock_knows_the_new_name_and_nobody_is_asked() {
    let lock = format!(
        r#"{{"version": 1,
        "base": {{"image": "docker.io/library/python:3.13-slim", "platforms": {{"linux/amd64": "sha256:{}"}}}},
        "models": [{{"id": "bert-base-uncased", "revision": "main", "renamed_to": "google-bert/bert-base-uncased", "commit": "{COMMIT}",
            "files": [{{"path": "config.json", "size": 3, "sha256": "{}"}}]}}]}}"#,
        "c".repeat(64),
        "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
    );
    let daemon = daemon(MANIFEST, "http://nowhere/", "").file("modelcache.lock.json", lock);
    check(
        &build(daemon),
        expect![[r#"
        2  source http://hub/google-bert/bert-base-uncased/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json  -- [model 1/1] bert-base-uncased: config.json
             copy #2:/blob -> /opt/modelcache/huggingface/hub/models--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json @0
             symlink /opt/modelcache/models/bert-base-uncased -> ../huggingface/hub/models--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
             symlink /opt/modelcache/huggingface/hub/models--google-bert--bert-base-uncased -> models--bert-base-uncased 0:0 @0
             symlink /opt/modelcache/models/google-bert/bert-base-uncased -> ../../huggingface/hub/models--google-bert--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
        renamed-model: `bert-base-uncased` is called `google-bert/bert-base-uncased` now (line 5); write `google-bert/bert-base-uncased`; until then the image has it under both names"#]],
    );
}

#[test]
fn a_dataset_has_two_names_as_well() {
    let manifest = MANIFEST.replace("- bert-base-uncased", "- dataset: org/old");
    let listing = "http://hub/api/datasets/org/old/revision/main?blobs=true";
    check(
        &build(daemon(&manifest, listing, "org/new")),
        expect![[r#"
            2  source http://hub/datasets/org/new/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json  -- [model 1/1] datasets/org/old: config.json
                 copy #2:/blob -> /opt/modelcache/huggingface/hub/datasets--org--old/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json @0
                 symlink /opt/modelcache/models/datasets/org/old -> ../../../huggingface/hub/datasets--org--old/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
                 symlink /opt/modelcache/huggingface/hub/datasets--org--new -> datasets--org--old 0:0 @0
                 symlink /opt/modelcache/models/datasets/org/new -> ../../../huggingface/hub/datasets--org--new/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
            renamed-model: `org/old` is called `org/new` now (line 5); write `org/new`; until then the image has it under both names"#]],
    );
}

#[test]
fn what_has_the_new_name_already_keeps_it() {
    let manifest =
        MANIFEST.replace("mirrors", "  - {id: google-bert/bert-base-uncased, path: w}\nmirrors");
    let daemon = daemon(&manifest, LISTING, "google-bert/bert-base-uncased");
    check(
        &build(daemon.file("w/config.json", "{}")),
        expect![[r#"
            2  source http://hub/google-bert/bert-base-uncased/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json  -- [model 1/1] bert-base-uncased: config.json
                 copy #2:/blob -> /opt/modelcache/huggingface/hub/models--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json @0
                 symlink /opt/modelcache/models/bert-base-uncased -> ../huggingface/hub/models--bert-base-uncased/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
                 symlink /opt/modelcache/models/google-bert/bert-base-uncased -> ../../huggingface/hub/models--google-bert--bert-base-uncased/snapshots/5ba455cb56b97d35b254075427a6291524b4aa75 0:0 @0
            renamed-model: `bert-base-uncased` is called `google-bert/bert-base-uncased` now (line 5); write `google-bert/bert-base-uncased`; until then the image has it under both names"#]],
    );
}

#[test]
fn a_name_that_no_client_could_ask_for_is_left_alone() {
    for name in ["../../etc/passwd", "a/b/c", "some-name", "bert-base-uncased"] {
        let outcome = build(daemon(MANIFEST, LISTING, name));
        let graph = outcome.graphs().pop().unwrap();
        assert!(graph.contains("http://hub/bert-base-uncased/resolve/"), "{graph}");
        assert_eq!(graph.matches("symlink ").count(), 1, "{graph}");
    }
}
