//! The environment is the one that plain pip makes in a plain Dockerfile.

use std::{collections::BTreeSet, fs, process::Command};

use crate::e2e::{engine, files::Files, project::Project, registry::REPOSITORY};

/// What a user without modelcache writes, for building from git, and without.
const GIT: &str = "\
RUN --mount=type=secret,id=ca-certificates \\
    apt-get -o Acquire::https::CAInfo=/run/secrets/ca-certificates -q update \\
    && apt-get -qy install --no-install-recommends git
";
const PIP: &str = "\
ARG PIP_INDEX_URL
WORKDIR /src
COPY . .
RUN --mount=type=secret,id=ca-certificates --mount=type=cache,target=/root/.cache/pip \\
    if [ -e /run/secrets/ca-certificates ]; then export PIP_CERT=/run/secrets/ca-certificates; fi; \\
    python -m venv /opt/venv && /opt/venv/bin/pip install -r requirements.txt
";

/// Makes packages of the rare kinds.
const HANDMADE: &str = include_str!("handmade.py");
/// Lists what two environments must agree on.
const TREE: &str = include_str!("tree.py");

/// Builds `project` both ways, pip's after the steps `before`, and compares what is there.
fn check(project: &Project, before: &str) -> String {
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let ours = format!("{registry}/{REPOSITORY}@{}", project.build(&[]).digest);
    let file = project.folder().join("Dockerfile");
    fs::write(&file, format!("FROM python:3.13-slim\n{before}{PIP}")).expect("the folder is ours");
    let name =
        project.folder().file_name().expect("it has a name").to_string_lossy().to_lowercase();
    let plain = format!("{registry}/{REPOSITORY}:plain{}", name.replace('.', ""));
    let mut command = Command::new("docker");
    command.args(["buildx", "build", "--push", "-t", &plain]).args(engine::build_flags());
    if let Some(url) = project.index_url() {
        command.arg("--build-arg").arg(format!("PIP_INDEX_URL={url}"));
    }
    command.args(["--build-arg", "BUILDKIT_SYNTAX=docker/dockerfile:1"]);
    engine::stdout(command.arg("-f").arg(file).arg(project.context()));
    let (ours, plain) = (tree(&ours), tree(&plain));
    let (mine, theirs): (BTreeSet<&str>, BTreeSet<&str>) =
        (ours.lines().collect(), plain.lines().collect());
    let extra: Vec<&&str> = mine.difference(&theirs).collect();
    let lacking: Vec<&&str> = theirs.difference(&mine).collect();
    assert!(extra.is_empty() && lacking.is_empty(), "ours: {extra:#?}\npip's: {lacking:#?}");
    ours
}

/// What is in the environment of an image.
fn tree(image: &str) -> String {
    let mut command = Command::new("docker");
    command.args(["run", "--rm", "--user", "0", "--network", "none", "--entrypoint", ""]);
    engine::stdout(command.args([image, "/opt/venv/bin/python3", "-c", TREE, "/opt/venv"]))
}

#[test]
fn the_rare_kinds_of_packages_are_installed_as_pip_does() {
    let manifest = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
  build_packages: [git]
";
    let project = Project::with_index(manifest, &[]);
    let mut make = Command::new("python3");
    engine::stdout(make.args(["-c", HANDMADE]).arg(project.folder()));
    let git = Files::of(&project.folder().join("git"));
    project.write(
        "requirements.txt",
        &format!(
            "-r reqs/base.txt\n\
             -c reqs/held.txt\n\
             --no-binary both-kinds\n\
             --find-links links\n\
             data-files[more]==1.0  # with an extra\n\
             from-source\n\
             both-kinds\n\
             by-link\n\
             loose\n\
             many-builds\n\
             many-tags\n\
             vcspkg @ git+http://{}/vcspkg/.git@main\n\
             win-only ; sys_platform == \"win32\"\n\
             ./lib/localpkg\n\
             ./lib/by_path-1.0-py3-none-any.whl\n",
            git.address
        ),
    );
    project.write("reqs/base.txt", "--pre\nyoung\nover-b\n-r deeper/more.txt\n");
    project.write("reqs/deeper/more.txt", "space-two>=1\n");
    project.write("reqs/held.txt", "held<2\n");
    let copy = |from: &str, to: &str| {
        let to = project.context().join(to);
        fs::create_dir_all(to.parent().expect("it is in a folder")).expect("the folder is ours");
        fs::rename(project.folder().join(from), to).expect("it was made");
    };
    copy("wheels/by_link-1.0-py3-none-any.whl", "links/by_link-1.0-py3-none-any.whl");
    copy("wheels/by_path-1.0-py3-none-any.whl", "lib/by_path-1.0-py3-none-any.whl");
    copy("localpkg", "lib/localpkg");
    let tree = check(&project, GIT);
    for line in ["No broken requirements found.", "held 1.0", "young 2.0rc1", "space-two 1.0"] {
        assert!(tree.lines().any(|it| it.trim() == line), "{line} is not in\n{tree}");
    }
}

/// What a web service needs.
const SERVICE: &str = "fastapi\nuvicorn[standard]\npydantic\nqdrant-client\nsqlalchemy\nhttpx\n";
/// What one with models needs beside that.
const MODELS: &str =
    "numpy\nscikit-learn\ntokenizers\ntransformers\nsafetensors\nhuggingface_hub\n";

fn check_genuine(requirements: &str) -> Project {
    let manifest = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
";
    let project = Project::with_real_packages(manifest);
    project.write("requirements.txt", requirements);
    let tree = check(&project, "");
    assert!(tree.contains("No broken requirements found."), "{tree}");
    project
}

#[test]
fn a_web_service_is_installed_as_pip_does() {
    check_genuine(SERVICE);
}

#[test]
fn a_service_with_models_is_installed_as_pip_does() {
    check_genuine(&format!("{SERVICE}{MODELS}"));
}

#[test]
fn packages_of_which_several_wheels_fit_are_installed_as_pip_does() {
    check_genuine(
        "lxml==6.0.2\ncryptography==46.0.3\nbcrypt==5.0.0\npycparser==3.12\ncffi==2.1.1\n",
    );
}

#[test]
fn of_packages_that_write_to_the_same_paths_the_same_one_wins_as_with_pip() {
    let project = check_genuine(
        "numpy==2.2.6\nopencv-python-headless==4.12.0.88\nopencv-contrib-python-headless==4.12.0.88\n",
    );
    let lock = project.lock(&[]);
    let order = "\"together\": [[\"opencv-python-headless\",\"opencv-contrib-python-headless\"]]";
    assert!(lock.contains(order), "{lock}");
    let reference = format!(
        "{}/{REPOSITORY}@{}",
        engine::variable("MODELCACHE_REGISTRY"),
        project.build(&[]).digest
    );
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", &reference]);
    engine::stdout(run.args(["python3", "-c", "import cv2; cv2.ximgproc.thinning"]));
}
