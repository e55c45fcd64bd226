//! The image itself: what is in it, and that it works where nothing is allowed.

use std::process::Command;

use expect_test::expect;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{
    engine,
    project::Project,
    registry::{self, Image, REPOSITORY},
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
models:
  - acme/first
  - acme/second@main
app:
  copy: .
  workdir: /srv
  command: [python3, check.py]
  expose: [8000, 9000/udp]
  env:
    GREETING: hello
  labels:
    org.example.team: search
user: searcher:4321:4321
";

/// Loads the models by their ids as any program does, and says who and where it is.
const CHECK: &str = r#"
import grp, hashlib, os, pathlib, pwd
from huggingface_hub import snapshot_download

for model in ["acme/first", "acme/second"]:
    folder = pathlib.Path(snapshot_download(model))
    weights = (folder / "model.safetensors").read_bytes()
    print(model, hashlib.sha256(weights).hexdigest())
    print(*sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")))
print("uid", os.getuid(), "in", os.getcwd())
print(pwd.getpwnam("searcher"))
print(grp.getgrnam("searcher"))
"#;

#[test]
fn an_image_loads_its_models_with_no_network_no_writable_disk_and_any_user() {
    let project = Project::with_real_packages(MANIFEST);
    project.write("requirements.txt", "huggingface_hub==2.4.0\n");
    project.write("check.py", CHECK);
    project.add_model("acme/first");
    project.add_model("acme/second");
    let build = project.build(&["--label", "org.example.commit=abc"]);
    let image = Image::pull(&build.digest);

    let reference =
        format!("{}/{REPOSITORY}@{}", engine::variable("MODELCACHE_REGISTRY"), build.digest);
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
    run.args(["--user", "23456:23456", &reference]);
    let output = engine::stdout(&mut run);
    for model in ["acme/first", "acme/second"] {
        let digest = Sha256::digest(project.weights(model));
        let line = format!("{model} {}", modelcache::values::hex::encode(&digest));
        assert!(output.contains(&line), "{line} is not in\n{output}");
    }
    expect![[r#"
        acme/first …
        1_Pooling/config.json README.md config.json model.safetensors tokenizer.json
        acme/second …
        1_Pooling/config.json README.md config.json model.safetensors tokenizer.json
        uid 23456 in /srv
        pwd.struct_passwd(pw_name='searcher', pw_passwd='x', pw_uid=4321, pw_gid=4321, pw_gecos='', pw_dir='/home/searcher', pw_shell='/usr/sbin/nologin')
        grp.struct_group(gr_name='searcher', gr_passwd='x', gr_gid=4321, gr_mem=[])
    "#]].assert_eq(&project.without_chance(&output));

    let config = &image.config["config"];
    let kept = ["User", "ExposedPorts", "Cmd", "Entrypoint", "WorkingDir", "Labels"];
    let told: Map<String, Value> =
        kept.map(|key| (key.to_owned(), config[key].clone())).into_iter().collect();
    expect![[r#"
        {
          "Cmd": [
            "python3",
            "check.py"
          ],
          "Entrypoint": null,
          "ExposedPorts": {
            "8000/tcp": {},
            "9000/udp": {}
          },
          "Labels": {
            "org.example.commit": "abc",
            "org.example.team": "search"
          },
          "User": "4321:4321",
          "WorkingDir": "/srv"
        }
    "#]]
    .assert_eq(&format!("{:#}\n", Value::from(told)));

    let environment: Vec<&str> =
        config["Env"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let path = environment.iter().find(|entry| entry.starts_with("PATH="));
    assert!(path.is_some_and(|path| path.starts_with("PATH=/opt/venv/bin:/")), "{path:?}");
    // What else is there is the base image's.
    let ours = ["VIRTUAL_ENV", "HF_", "TRANSFORMERS_", "XDG_", "NUMBA_", "GREETING"];
    let ours = environment.iter().filter(|entry| ours.iter().any(|name| entry.starts_with(name)));
    expect![[r#"
        VIRTUAL_ENV=/opt/venv
        HF_HOME=/opt/modelcache/huggingface
        HF_HUB_CACHE=/opt/modelcache/huggingface/hub
        HF_HUB_OFFLINE=1
        TRANSFORMERS_OFFLINE=1
        HF_DATASETS_OFFLINE=1
        HF_MODULES_CACHE=/tmp/hf_modules
        HF_DATASETS_CACHE=/tmp/hf_datasets
        HF_HUB_DISABLE_TELEMETRY=1
        XDG_CACHE_HOME=/tmp/.cache
        NUMBA_CACHE_DIR=/tmp/.cache/numba
        GREETING=hello
    "#]]
    .assert_eq(&ours.map(|entry| format!("{entry}\n")).collect::<String>());
}

#[test]
fn layers_hold_what_they_are_for_and_nothing_of_the_build() {
    let project = Project::with_index(MANIFEST, &[]);
    project.write("requirements.txt", "alpha==1\n");
    project.write("main.py", "print(1)\n");
    project.add_wheel("alpha", "1");
    project.add_model("acme/first");
    project.add_model("acme/second");
    let image = Image::pull(&project.build(&[]).digest);
    let layers =
        image.top(&["user", "venv's parents", "venv", "alpha", "acme/first", "acme/second", "app"]);

    let show = |name: &str| {
        let entries = registry::entries(&layers[name]);
        project
            .without_chance(&entries.iter().map(|entry| format!("{entry}\n")).collect::<String>())
    };
    expect![[r#"
        drwxr-xr-x 0/0 1970-01-01 00:00:00 etc/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 etc/group
        -rw-r--r-- 0/0 1970-01-01 00:00:00 etc/passwd
        drwxr-xr-x 0/0 1970-01-01 00:00:00 home/
        drwxr-xr-x 4321/4321 1970-01-01 00:00:00 home/searcher/
    "#]]
    .assert_eq(&show("user"));
    expect![[r#"
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/refs/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/refs/main
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/snapshots/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/snapshots/…/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/snapshots/…/1_Pooling/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/snapshots/…/1_Pooling/config.json
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/snapshots/…/README.md
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/snapshots/…/config.json
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/snapshots/…/model.safetensors
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/models--acme--first/snapshots/…/tokenizer.json
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/modelcache/huggingface/hub/version.txt
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/models/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/modelcache/models/acme/
        lrwxrwxrwx 0/0 1970-01-01 00:00:00 opt/modelcache/models/acme/first -> ../../huggingface/hub/models--acme--first/snapshots/…
    "#]].assert_eq(&show("acme/first"));
    expect![[r#"
        drwxr-xr-x 0/0 1970-01-01 00:00:00 srv/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 srv/main.py
        -rw-r--r-- 0/0 1970-01-01 00:00:00 srv/modelcache.yaml
        -rw-r--r-- 0/0 1970-01-01 00:00:00 srv/requirements.txt
    "#]]
    .assert_eq(&show("app"));
    expect![[r#"
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/bin/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/bin/Activate.ps1
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/bin/activate
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/bin/activate.csh
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/bin/activate.fish
        lrwxrwxrwx 0/0 1970-01-01 00:00:00 opt/venv/bin/python -> python3
        lrwxrwxrwx 0/0 1970-01-01 00:00:00 opt/venv/bin/python3 -> /usr/local/bin/python3
        lrwxrwxrwx 0/0 1970-01-01 00:00:00 opt/venv/bin/python3.13 -> python3
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/include/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/include/python3.13/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/lib/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/pip.py
        lrwxrwxrwx 0/0 1970-01-01 00:00:00 opt/venv/lib64 -> lib
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/pyvenv.cfg
    "#]]
    .assert_eq(&show("venv"));
    expect![[r#"
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/lib/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/__pycache__/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/__pycache__/alpha.cpython-313.pyc
        drwxr-xr-x 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/alpha-1.dist-info/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/alpha-1.dist-info/INSTALLER
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/alpha-1.dist-info/METADATA
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/alpha-1.dist-info/RECORD
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/alpha-1.dist-info/WHEEL
        -rw-r--r-- 0/0 1970-01-01 00:00:00 opt/venv/lib/python3.13/site-packages/alpha.py
    "#]].assert_eq(&show("alpha"));
}
