//! Base images with musl, the C library of Alpine: which wheels there are for it, and that they
//! work.

use std::process::Command;

use expect_test::expect;

use super::wheel::Wheel;
use crate::e2e::{engine, project::Project, registry::REPOSITORY};

/// Compiled packages of three kinds: Rust, C, and C++ with a library of its own; and a model.
const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-alpine
python:
  packages:
    - pydantic==2.13.1
    - httptools==0.7.1
    - numpy==2.4.1
    - huggingface_hub==2.4.0
    - hf-xet==1.8.0
    - pyyaml==6.0.3
models:
  - acme/first
app:
  copy: check.py
  command: [python3, check.py]
";

/// What runs there, that all is imported, and that the model is found.
const CHECK: &str = r#"
import os, pathlib, platform, sysconfig
import httptools, numpy, pydantic
from huggingface_hub import snapshot_download

print(sysconfig.get_config_var("SOABI"), platform.libc_ver(), "uid", os.getuid())
print(numpy.linalg.inv(numpy.array([[2.0, 0.0], [0.0, 4.0]])).tolist())
print(pydantic.TypeAdapter(int).validate_python("7"), httptools.parse_url(b"http://a/b").path)
print(sorted(path.name for path in pathlib.Path(snapshot_download("acme/first")).iterdir()))
"#;

fn musl_base() {
    engine::on_demand("musl");
}

/// The wheels of a lock that are for one kind of machine.
fn compiled(lock: &str) -> String {
    let files = lock.split('"').filter_map(|word| word.rsplit_once('/'));
    let files = files.filter(|(_, file)| file.contains("linux_"));
    let mut lines: Vec<String> = files.map(|(_, file)| format!("{file}\n")).collect();
    lines.sort();
    lines.concat()
}

#[test]
fn packages_with_wheels_for_musl_are_locked_installed_and_imported() {
    musl_base();
    let project = Project::with_real_packages(MANIFEST);
    project.add_model("acme/first");
    project.write("check.py", CHECK);
    let lock = project.lock(&["--platform", "linux/amd64,linux/arm64"]);
    expect![[r#"
        hf_xet-1.8.0-cp38-abi3-musllinux_1_2_aarch64.whl
        hf_xet-1.8.0-cp38-abi3-musllinux_1_2_x86_64.whl
        httptools-0.7.1-cp313-cp313-musllinux_1_2_aarch64.whl
        httptools-0.7.1-cp313-cp313-musllinux_1_2_x86_64.whl
        numpy-2.4.1-cp313-cp313-musllinux_1_2_aarch64.whl
        numpy-2.4.1-cp313-cp313-musllinux_1_2_x86_64.whl
        pydantic_core-2.46.1-cp313-cp313-musllinux_1_1_aarch64.whl
        pydantic_core-2.46.1-cp313-cp313-musllinux_1_1_x86_64.whl
        pyyaml-6.0.3-cp313-cp313-musllinux_1_2_aarch64.whl
        pyyaml-6.0.3-cp313-cp313-musllinux_1_2_x86_64.whl
    "#]]
    .assert_eq(&compiled(&lock));
    let build = project.build(&[]);
    let ran = build.ran();
    assert!(ran.contains("[verify] load 1 model without a network"), "{ran}");
    assert!(!ran.contains("resolve"), "locked: {ran}");

    let reference =
        format!("{}/{REPOSITORY}@{}", engine::variable("MODELCACHE_REGISTRY"), build.digest);
    let run = |command: &[&str]| {
        let mut run = Command::new("docker");
        run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
        engine::stdout(run.args(["--user", "23456:23456", &reference]).args(command))
    };
    expect![[r#"
        cpython-313-x86_64-linux-musl ('', '') uid 23456
        [[0.5, 0.0], [0.0, 0.25]]
        7 b'/b'
        ['1_Pooling', 'README.md', 'config.json', 'model.safetensors', 'tokenizer.json']
        No broken requirements found.
    "#]]
    .assert_eq(&(run(&[]) + &run(&["pip", "check"])));
}

#[test]
fn a_package_with_wheels_for_glibc_alone_is_refused_in_one_sentence() {
    musl_base();
    let manifest = "# syntax=myorg/modelcache:1\nbase: python:3.13-alpine\npython:\n  requirements: requirements.txt\n";
    let project = Project::with_index(manifest, &[]);
    for tag in ["cp313-cp313-manylinux_2_17_x86_64", "cp313-cp313-manylinux_2_17_aarch64"] {
        Wheel { tag, ..Wheel::new("elsewhere", "1") }.add(&project, "1");
    }
    project.write("requirements.txt", "elsewhere==1\n");
    let seen = project.fail(&[]);
    let (_, told) = seen.split_once("ERROR: ").unwrap_or_else(|| panic!("{seen}"));
    expect![[r#"
        failed to build: failed to solve: modelcache.yaml:4: `elsewhere` has no wheel for musl, the C library of this base image

        error[no-musl-wheel]: `elsewhere` has no wheel for musl, the C library of this base image
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `elsewhere` in `requirements.txt` line 1
          |
          = help: a base image with glibc has wheels: `python:3.13-slim`, and not `-alpine`
          = help: there are wheels for linux/arm64, linux/amd64
          = help: the resolver says:
                  error: No solution found when resolving dependencies
                    cause: Because elsewhere==1 has no wheels with a matching platform tag (e.g., `musllinux_1_2_x86_64`) and you require elsewhere==1, we can conclude that your requirements are unsatisfiable.

                  hint: Wheels are available for `elsewhere` (v1) on the following platforms: `manylinux_2_17_aarch64`, `manylinux_2_17_x86_64`
    "#]].assert_eq(told);
}
