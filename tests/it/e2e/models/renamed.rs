//! A repository that has another name now: found by both, on the bytes of one.

use std::{fs, process::Command};

use expect_test::expect;

use crate::e2e::{
    engine,
    project::Project,
    registry::{self, Image, REPOSITORY},
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: [huggingface_hub==2.4.0]
models:
  - acme/former
app:
  copy: check.py
  command: [python3, check.py]
";

/// The model by each name, as any program asks for it.
const CHECK: &str = r#"
import os
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download
for name in ["acme/former", "acme/present"]:
    folder = snapshot_download(name)
    weights = hf_hub_download(name, "model.safetensors", revision="main")
    print(name, os.path.realpath(folder).split("/hub/")[1], os.stat(weights).st_size, os.stat(weights).st_nlink)
    print(os.path.realpath("/opt/modelcache/models/" + name) == os.path.realpath(folder))
"#;

#[test]
fn both_names_load_offline_with_a_lock_and_without() {
    let project = Project::with_real_packages(MANIFEST);
    project.add_model("acme/present");
    let former = project.repository("acme/former");
    fs::create_dir_all(&former).expect("the folder is ours");
    fs::write(former.join(".hub.json"), r#"{"renamed_to": "acme/present"}"#).expect("it is ours");
    project.write("check.py", CHECK);

    let (built, log) = project.attempt(&[]);
    assert!(built, "{log}");
    let warned = log.lines().filter(|line| line.contains("renamed-model"));
    let warned: Vec<&str> = warned.collect();
    expect![" - renamed-model: `acme/former` is called `acme/present` now (line 6)"]
        .assert_eq(&warned.join("\n"));

    let lock = project.lock(&[]);
    assert!(lock.contains("\"renamed_to\": \"acme/present\""), "{lock}");
    project.hub_requests();
    let digest = project.build(&[]).digest;
    expect![""].assert_eq(&project.hub_requests());

    let layers = Image::pull(&digest).top(&["model", "app"]);
    let names = registry::entries(&layers["model"]);
    let is_new = |line: &String| line.contains("present") || line.contains("model.safetensors");
    let lines: Vec<String> = names.iter().map(ToString::to_string).filter(is_new).collect();
    expect![[r#"
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--former/snapshots/…/model.safetensors
        lrwxrwxrwx 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--present -> models--acme--former
        lrwxrwxrwx 0/0 1970-01-01 00:00:00 opt/modelcache/models/acme/present -> ../../huggingface/hub/models--acme--present/snapshots/…
    "#]].assert_eq(&project.without_chance(&lines.join("\n")));

    let reference = format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"));
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
    run.args(["--user", "23456:23456", &reference]);
    expect![[r#"
        acme/former models--acme--former/snapshots/… 2691 1
        True
        acme/present models--acme--former/snapshots/… 2691 1
        True
    "#]]
    .assert_eq(&project.without_chance(&engine::stdout(&mut run)));
}
