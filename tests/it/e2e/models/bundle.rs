//! Builds that ask nobody: of what is unchanged, and on an empty machine from a bundle.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process::Command,
};

use expect_test::expect;
use serde_json::Value;

use super::library::add_genuine;
use crate::e2e::{
    builder::EmptyBuilders,
    engine,
    project::{Build, Project},
    registry::Image,
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
models:
  - all-MiniLM-L6-v2
app:
  copy: main.py
";

/// A base image that no registry has.
const NOWHERE: &str = "registry.invalid/python:1";

fn project(manifest: &str) -> Project {
    let project = Project::new(manifest);
    add_genuine(&project);
    project.write("main.py", "print(1)\n");
    project
}

/// Builds and writes the result as buildx is told to.
fn export(project: &Project, output: &str, flags: &[&str]) {
    let (built, log) = project.attempt(&[&["--output", output], flags].concat());
    assert!(built, "{log}");
}

fn layers(project: &Project, flags: &[&str]) -> BTreeMap<&'static str, String> {
    let Build { digest, .. } = project.build(flags);
    Image::pull(&digest).top(&["base", "user", "model", "weights", "app"])
}

#[test]
fn an_unchanged_locked_build_asks_neither_hub_nor_index() {
    let packages = "python:\n  packages: [alpha==1]\nmodels:";
    let project = project(&MANIFEST.replace("models:", packages));
    project.add_wheel("alpha", "1");
    project.lock(&[]);
    let first = project.build(&[]);
    project.hub.requests();
    project.index_requests();

    let second = project.build(&[]);
    assert_eq!(second.ran(), "");
    assert_eq!(Image::pull(&second.digest).config, Image::pull(&first.digest).config);
    // HEAD requests included.
    assert_eq!(project.hub.requests().len(), 0);
    expect![""].assert_eq(&project.index_requests());
}

#[test]
fn a_bundle_builds_on_an_empty_machine_without_hub_and_registry() {
    let builders = EmptyBuilders::start();
    let [first, second] = &builders.names;
    let mut project = project(MANIFEST);
    let beside = |name: &str| project.context().with_file_name(name);
    let (base, bundle, damaged) = (beside("base"), beside("bundle"), beside("damaged"));
    let digest = stored_base(first, &base);
    project.lock(&["--builder", first]);
    rebase(&project, &digest);

    let given = format!("{NOWHERE}=oci-layout://{}", base.display());
    let flags = ["--builder", first, "--build-context", &given];
    let output = format!("type=oci,tar=false,dest={}", bundle.display());
    export(&project, &output, &[&["--target", "bundle"], &flags[..]].concat());
    let before = layers(&project, &flags);
    project.hub.requests();
    project.hub.stop();

    copy_damaged(&bundle, &damaged);
    let context = |folder: &Path| format!("modelcache-bundle=oci-layout://{}", folder.display());
    let seen = project.fail(&["--builder", second, "--build-context", &context(&damaged)]);
    assert!(seen.contains("error[damaged-bundle]: the bundle is damaged"), "{seen}");
    // What has come of the damaged file is kept, and gone on from.
    let mut prune = Command::new("docker");
    engine::stdout(prune.args(["buildx", "prune", "--force", "--all", "--builder", second]));

    let after = layers(&project, &["--builder", second, "--build-context", &context(&bundle)]);
    assert_eq!(after, before);
    assert_eq!(project.hub.requests().len(), 0);
}

#[test]
fn a_bundle_in_a_folder_is_the_files_alone() {
    let builders = EmptyBuilders::start();
    let [first, second] = &builders.names;
    let mut project = project(MANIFEST);
    project.lock(&["--builder", first]);
    let bundle = project.context().with_file_name("bundle");
    let output = format!("type=local,dest={}", bundle.display());
    export(&project, &output, &["--builder", first, "--target", "bundle"]);
    let names = fs::read_dir(&bundle).expect("it was written");
    let names: Vec<_> = names.map(|entry| entry.expect("it is listed").file_name()).collect();
    assert_eq!(names, ["blobs"]);
    let before = layers(&project, &["--builder", first]);
    project.hub.requests();
    project.hub.stop();

    let context = format!("modelcache-bundle={}", bundle.display());
    let flags = ["--builder", second, "--build-context", &context];
    assert_eq!(layers(&project, &flags), before);
    assert_eq!(project.hub.requests().len(), 0);

    let weights = largest(&bundle.join("blobs/sha256"));
    fs::remove_file(weights).expect("the folder is ours");
    let seen = project.fail(&[&["--no-cache"], &flags[..]].concat());
    let line = seen.lines().find(|line| line.starts_with("error["));
    expect!["error[incomplete-bundle]: the bundle lacks `model.safetensors` of `all-MiniLM-L6-v2`"]
        .assert_eq(line.unwrap_or(&seen));
}

/// Writes the base image to an OCI layout, and returns its digest.
fn stored_base(builder: &str, folder: &Path) -> String {
    let context = tempfile::tempdir().expect("temporary folders can be made");
    fs::write(context.path().join("Dockerfile"), "FROM python:3.13-slim\n").expect("it is ours");
    let mut build = Command::new("docker");
    build.args(["buildx", "build", "--builder", builder, "--provenance=false", "--output"]);
    build.arg(format!("type=oci,tar=false,dest={}", folder.display())).arg(context.path());
    engine::stdout(&mut build);
    let index = fs::read(folder.join("index.json")).expect("it was written");
    let index: Value = serde_json::from_slice(&index).expect("an index is JSON");
    index["manifests"][0]["digest"].as_str().expect("it has an image").to_owned()
}

/// Puts [`NOWHERE`] with this digest in the place of the base image.
fn rebase(project: &Project, digest: &str) {
    let lock = project.context().join("modelcache.lock.json");
    let mut text = fs::read_to_string(&lock).expect("it was made");
    let value: Value = serde_json::from_str(&text).expect("a lock is JSON");
    let old = value["base"]["platforms"]["linux/amd64"].as_str().expect("it is locked");
    text = text.replace(old, digest).replace("docker.io/library/python:3.13-slim", NOWHERE);
    project.write("modelcache.lock.json", &text);
    project.write("modelcache.yaml", &MANIFEST.replace("python:3.13-slim", NOWHERE));
}

/// Copies an OCI layout, and flips a bit of the largest file in it.
fn copy_damaged(layout: &Path, to: &Path) {
    engine::stdout(Command::new("cp").arg("-r").arg(layout).arg(to));
    let path = largest(&to.join("blobs/sha256"));
    let mut file = File::options().read(true).write(true).open(path).expect("it is ours");
    let place = SeekFrom::Start(1 << 20);
    let mut byte = [0];
    file.seek(place).and_then(|_| file.read_exact(&mut byte)).expect("it is large");
    byte[0] ^= 1;
    file.seek(place).and_then(|_| file.write_all(&byte)).expect("it is ours");
}

fn largest(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("listed"));
    let size = |entry: &fs::DirEntry| entry.metadata().map_or(0, |metadata| metadata.len());
    entries.max_by_key(size).expect("it is not empty").path()
}
