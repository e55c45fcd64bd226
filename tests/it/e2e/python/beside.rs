//! A base image that holds packages: Debian's torch, and what it lacks on top.

use std::{fs, os::unix::fs::symlink, process::Command};

use expect_test::expect;

use crate::e2e::{engine, project::Project, registry::REPOSITORY};

const MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-torch-bare
python:
  system_site_packages: true
  packages: [sentence-transformers==6.2.0, transformers==5.23.0]
models:
  - all-MiniLM-L6-v2
app:
  copy: check.py
  command: [python3, check.py]
";

/// Who brought torch, sympy, which torch wants in one version, and the similarity of two sentences.
const CHECK: &str = r#"
import sympy, torch
from sentence_transformers import SentenceTransformer
print("torch", torch.__file__.split("/")[1], "sympy", sympy.__file__.split("/")[1])
model = SentenceTransformer("all-MiniLM-L6-v2", device="cpu")
one, two = model.encode(["A man is eating food.", "A man is eating a piece of bread."])
print(f"{one @ two:.6f}")
"#;

#[test]
fn only_what_the_base_image_lacks_is_installed() {
    engine::on_demand("torch");
    let project = Project::with_real_packages(MANIFEST);
    let genuine = format!("{}/{MODEL}", engine::variable("MODELCACHE_HUB_ROOT"));
    let repository = project.repository(MODEL);
    fs::create_dir_all(repository.parent().expect("it has one")).expect("the folder is ours");
    symlink(genuine, repository).expect("the folder is ours");
    project.write("check.py", CHECK);
    let lock = project.lock(&[]);
    // Debian's are no packages of ours: torch, and numpy, which transformers asks for.
    let is_locked = |name: &str| lock.contains(&format!("{{\"name\": \"{name}\""));
    assert_eq!(
        ["torch", "numpy", "transformers", "sympy"].map(is_locked),
        [false, false, true, true]
    );
    let digest = project.build(&[]).digest;

    let reference = format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"));
    let run = |command: &[&str]| {
        let mut run = Command::new("docker");
        run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
        engine::stdout(run.args(["--user", "23456:23456", &reference]).args(command))
    };
    expect![[r#"
        torch usr sympy opt
        0.755337
        No broken requirements found.
    "#]]
    .assert_eq(&(run(&[]) + &run(&["pip", "check"])));
}
