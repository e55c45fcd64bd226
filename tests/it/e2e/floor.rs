//! The oldest Docker that is supported: BuildKit 0.13, in an image store that knows no merged
//! layers, so that the graph is another one. And one that is too old.

use std::process::Command;

use expect_test::expect;

use super::{engine, project::Project, registry::REPOSITORY};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: [alpha, beta]
models:
  - acme/first
app:
  copy: main.py
  command: [python3, main.py]
";

const MAIN: &str = r#"
import os, pathlib
import alpha, beta
hub = pathlib.Path(os.environ["HF_HUB_CACHE"])
files = sorted(path.name for path in hub.glob("models--acme--first/snapshots/*/*"))
print(alpha.VERSION, beta.VERSION, os.getuid(), *files)
"#;

/// A Docker Engine beside the engine's. It ends with the value.
struct Old {
    address: String,
    /// What the script calls it.
    which: &'static [&'static str],
}

impl Old {
    /// An empty one, whatever an interrupted test has left.
    fn start(which: &'static [&'static str]) -> Self {
        engine::stdout(Command::new(script()).arg("remove").args(which));
        let address = engine::stdout(Command::new(script()).arg("start").args(which));
        Self { address: address.trim().to_owned(), which }
    }

    fn docker(&self, args: &[&str]) -> String {
        engine::stdout(Command::new("docker").env("DOCKER_HOST", &self.address).args(args))
    }

    fn version(&self) -> String {
        self.docker(&["version", "-f", "{{.Server.Version}}"])
    }
}

impl Drop for Old {
    fn drop(&mut self) {
        // Not `stdout`: a panic while panicking would hide the reason.
        let _ = Command::new(script()).arg("remove").args(self.which).output();
    }
}

fn script() -> std::path::PathBuf {
    engine::top().join("tests/engine/floor.sh")
}

#[test]
fn the_oldest_docker_builds_an_image_that_runs_and_redoes_the_code_alone() {
    let oldest = Old::start(&[]);
    let version = oldest.version();
    assert!(version.starts_with("26.1."), "{version}");
    let project = Project::with_index(MANIFEST, &[]).on(&oldest.address);
    for name in ["alpha", "beta"] {
        project.add_wheel(name, "1");
    }
    project.add_model("acme/first");
    project.write("main.py", MAIN);
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let run = |digest: &str| {
        let image = format!("{registry}/{REPOSITORY}@{digest}");
        let flags = ["run", "--rm", "--network", "none", "--read-only", "--user", "23456", &image];
        oldest.docker(&flags)
    };
    let first = project.build(&[]);
    expect![[r#"
        1 1 23456 1_Pooling README.md config.json model.safetensors tokenizer.json
    "#]]
    .assert_eq(&run(&first.digest));
    expect![[r#"
        [app] copy main.py
        [image] add a layer
        [internal] folders
        [internal] look for users
        [internal] warm the interpreter up
        [model 1/1] acme/first
        [python] get the resolver
        [python] install alpha==1
        [python] install beta==1
        [python] keep installer-1.1.0-py3-none-any.whl
        [python] look into the wheels
        [python] make the environment
        [python] resolve requirements
        [user] appuser
        [verify] import 2 packages without a network
        [verify] judge
        [verify] load 1 model without a network
        [verify] look for python3
    "#]]
    .assert_eq(&first.ran());

    project.index_requests();
    project.write_new("main.py", MAIN);
    let second = project.build(&[]);
    expect![[r#"
        1 1 23456 1_Pooling README.md config.json model.safetensors tokenizer.json
    "#]]
    .assert_eq(&run(&second.digest));
    expect![[r#"
        [app] copy main.py
        [image] add a layer
    "#]]
    .assert_eq(&second.ran());
    expect![[r#""#]].assert_eq(&project.index_requests());

    project.lock(&[]);
    project.index_requests();
    expect![[r#""#]].assert_eq(&project.build(&[]).ran());
    expect![[r#""#]].assert_eq(&project.index_requests());
}

#[test]
fn a_docker_below_the_floor_names_the_version_that_is_needed() {
    let older = Old::start(&["below"]);
    let version = older.version();
    assert!(version.starts_with("20.10."), "{version}");
    // This one knows no build argument that names a frontend.
    let syntax = engine::variable("MODELCACHE_SYNTAX");
    let manifest = format!("# syntax={syntax}\nbase: python:3.13-slim\nmodels: [acme/first]\n");
    let project = Project::new(&manifest).on(&older.address);
    project.add_model("acme/first");
    let seen = project.fail(&[]);
    let expected = expect![[r#"
        this builder is too old: modelcache needs BuildKit 0.13 (Docker Engine 26) or newer; update Docker, or build with a newer BuildKit (`docker buildx create --use`)
    "#]];
    let (_, said) = seen.rsplit_once("desc = ").expect("gRPC's words are before ours");
    expected.assert_eq(said);
    expect![[r#""#]].assert_eq(&project.hub_requests());
}
