//! The real sentence-transformers with the genuine all-MiniLM-L6-v2.

use std::{fs, os::unix::fs::symlink, path::Path, process::Command};

use expect_test::expect;

use crate::e2e::{engine, project::Project, registry::REPOSITORY};

const MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-torch
models:
  - all-MiniLM-L6-v2
app:
  copy: check.py
  command: [python3, check.py]
";

/// The similarity of two sentences, by each name under which the model can be loaded.
const CHECK: &str = r#"
from sentence_transformers import SentenceTransformer
for name in ["all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2", "/plain"]:
    model = SentenceTransformer(name, device="cpu")
    one, two = model.encode(["A man is eating food.", "A man is eating a piece of bread."])
    print(name, [type(module).__name__ for module in model], f"{one @ two:.6f}")
"#;

fn genuine() -> String {
    format!("{}/{MODEL}", engine::variable("MODELCACHE_HUB_ROOT"))
}

/// Puts the genuine model on the project's hub.
pub fn add_genuine(project: &Project) {
    let repository = project.repository(MODEL);
    fs::create_dir_all(repository.parent().expect("it has one")).expect("the folder is ours");
    symlink(Path::new(&genuine()), repository).expect("the folder is ours");
}

#[test]
fn sentence_transformers_encodes_offline_as_from_a_plain_folder() {
    engine::on_demand("torch");
    let project = Project::new(MANIFEST);
    add_genuine(&project);
    project.write("check.py", CHECK);
    let digest = project.build(&[]).digest;

    let reference = format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"));
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
    run.args(["--user", "23456:23456", "-v", &format!("{}:/plain:ro", genuine()), &reference]);
    expect![[r#"
        all-MiniLM-L6-v2 ['Transformer', 'Pooling', 'Normalize'] 0.755337
        sentence-transformers/all-MiniLM-L6-v2 ['Transformer', 'Pooling', 'Normalize'] 0.755337
        /plain ['Transformer', 'Pooling', 'Normalize'] 0.755337
    "#]]
    .assert_eq(&engine::stdout(&mut run));
}
