//! One build for two platforms, on two machines that have built nothing.

use std::process::Command;

use expect_test::expect;

use crate::e2e::{
    builder::EmptyBuilders,
    engine,
    project::Project,
    registry::{Image, REPOSITORY},
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
models:
  - acme/first
  - acme/second
app:
  copy: .
  command: [python3, main.py]
  env:
    PYTHONPATH: /app/site
";
const LAYERS: [&str; 3] = ["acme/first", "acme/second", "app"];

/// The library in Python alone: it runs on both platforms as it is, and no pip has to
/// run under emulation, which takes minutes.
const LIBRARY: &str = "huggingface_hub==0.23.5";

/// Loads a model by its id, and says on what machine.
const MAIN: &str = r#"
import platform, pathlib
from huggingface_hub import snapshot_download
files = pathlib.Path(snapshot_download("acme/first")).iterdir()
print(platform.machine(), *sorted(path.name for path in files))
"#;

#[test]
fn both_platforms_share_what_is_fetched_once_and_both_load_it() {
    engine::on_demand("arm64");
    let builders = EmptyBuilders::start();
    let project = Project::with_real_packages(MANIFEST);
    project.write("main.py", MAIN);
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "-q", "--no-compile", "--target"]);
    engine::stdout(pip.arg(project.context().join("site")).arg(LIBRARY));
    project.add_model("acme/first");
    project.add_model("acme/second");
    let build = |name: &str| {
        project.build(&["--builder", name, "--platform", "linux/amd64,linux/arm64"]).digest
    };
    let [first, second] = &builders.names;
    let digest = build(first);
    let layers = |digest: &str, arch: &str| Image::pull_for(digest, arch).top(&LAYERS);
    let [amd64, arm64] = ["amd64", "arm64"].map(|arch| layers(&digest, arch));
    assert_eq!(amd64, arm64);
    expect![[r#"
        GET /acme/first/resolve/…/1_Pooling/config.json 307
        GET /acme/first/resolve/…/README.md 307
        GET /acme/first/resolve/…/config.json 307
        GET /acme/first/resolve/…/model.safetensors 302
        GET /acme/first/resolve/…/tokenizer.json 307
        GET /acme/second/resolve/…/1_Pooling/config.json 307
        GET /acme/second/resolve/…/README.md 307
        GET /acme/second/resolve/…/config.json 307
        GET /acme/second/resolve/…/model.safetensors 302
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
        GET /cdn/models/acme/first/…/model.safetensors 200 with a body
        GET /cdn/models/acme/second/…/model.safetensors 200 with a body
    "#]]
    .assert_eq(&project.hub_requests());

    let digest = build(second);
    assert_eq!(layers(&digest, "amd64"), amd64, "on another machine");
    assert_eq!(layers(&digest, "arm64"), amd64, "on another machine");

    let reference = format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"));
    let run = |platform: &str| {
        let mut run = Command::new("docker");
        run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
        engine::stdout(run.args(["--user", "23456:23456", "--platform", platform, &reference]))
    };
    expect![[r#"
        x86_64 1_Pooling README.md config.json model.safetensors tokenizer.json
        aarch64 1_Pooling README.md config.json model.safetensors tokenizer.json
    "#]]
    .assert_eq(&(run("linux/amd64") + &run("linux/arm64")));
}
