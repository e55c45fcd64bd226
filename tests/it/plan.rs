//! The plan: the image's config, its user, its paths.

use std::collections::BTreeMap;

use buildkit_llb::Owner;
use expect_test::{Expect, expect};
use modelcache::{
    answers::{Answers, BaseImage, Users},
    document::Document,
    manifest,
    plan::{self, ContextFiles, Plan, environment, python::PythonPlan, user::ResolvedUser},
    request::Request,
    values::{
        config::ImageConfig,
        diagnostic::{self, Style},
    },
};

use crate::support::platform;

/// A base image with a user of its own and Docker's extensions in its config.
const BASE_CONFIG: &str = r#"{
    "architecture": "amd64", "os": "linux", "created": "2026-01-01T00:00:00Z",
    "config": {
        "Env": ["PATH=/usr/local/bin:/usr/bin", "LANG=C.UTF-8", "TRANSFORMERS_CACHE=/x", "SENTENCE_TRANSFORMERS_HOME=/y"],
        "Cmd": ["python3"], "Entrypoint": ["/entry"], "Labels": null,
        "Healthcheck": {"Test": ["CMD", "true"]}, "OnBuild": ["RUN false"]
    },
    "rootfs": {"type": "layers", "diff_ids": []},
    "history": [{"created_by": "base", "x-unknown": 1}]
}"#;

fn build(text: &str, request: &Request) -> Result<Plan, String> {
    let source = Document::new("modelcache.yaml", text);
    let parsed = manifest::parse(&source, &request.build_args);
    let manifest = parsed
        .manifest
        .ok_or_else(|| diagnostic::render(&parsed.diagnostics, &source, Style::Plain))?;
    let config: ImageConfig = serde_json::from_str(BASE_CONFIG).expect("an image config");
    let base = BaseImage {
        reference: "docker.io/library/python@sha256:b".into(),
        config,
        users: Some(Users {
            passwd: "root:x:0:0:root:/root:/bin/sh\napp:x:33:34::/:/bin/sh".into(),
            group: "root:x:0:\n".into(),
        }),
        ..BaseImage::default()
    };
    let lock =
        Answers { base: BTreeMap::from([(platform("linux/amd64"), base)]), ..Answers::default() };
    let platform = "linux/amd64".parse().expect("a platform");
    let context = ContextFiles {
        folders: BTreeMap::from([("src".into(), true), ("main.py".into(), false)]),
        ..ContextFiles::default()
    };
    plan::plan(&manifest, &lock, &context, &platform, request)
        .map_err(|found| diagnostic::render(&found, &source, Style::Plain))
}

fn plan_of(text: &str) -> Plan {
    build(text, &Request::default()).expect("a plan")
}

fn check_config(plan: &Plan, expected: Expect) {
    let config = serde_json::to_string_pretty(&plan.config).expect("a config is JSON");
    expected.assert_eq(&config);
}

#[test]
fn the_config_keeps_what_the_base_has_and_adds_what_the_manifest_says() {
    let plan = plan_of(
        "base: python:3.13-slim\n\
         python:\n  packages: [httpx]\n\
         models: [org/name]\n\
         app:\n  command: uvicorn main:app\n  expose: [8000, 53/udp]\n  env: {A: b, LANG: de}\n  labels: {l: m}\n",
    );
    check_config(
        &plan,
        expect![[r#"
            {
              "architecture": "amd64",
              "os": "linux",
              "config": {
                "User": "10001:10001",
                "ExposedPorts": {
                  "53/udp": {},
                  "8000/tcp": {}
                },
                "Env": [
                  "PATH=/opt/venv/bin:/usr/local/bin:/usr/bin",
                  "LANG=de",
                  "SENTENCE_TRANSFORMERS_HOME=/opt/modelcache/huggingface/hub",
                  "VIRTUAL_ENV=/opt/venv",
                  "PIP_PYTHON=/opt/venv/bin/python3",
                  "HF_HOME=/opt/modelcache/huggingface",
                  "HF_HUB_CACHE=/opt/modelcache/huggingface/hub",
                  "HF_HUB_OFFLINE=1",
                  "TRANSFORMERS_OFFLINE=1",
                  "HF_DATASETS_OFFLINE=1",
                  "HF_MODULES_CACHE=/tmp/hf_modules",
                  "HF_DATASETS_CACHE=/tmp/hf_datasets",
                  "HF_HUB_DISABLE_TELEMETRY=1",
                  "XDG_CACHE_HOME=/tmp/.cache",
                  "MPLCONFIGDIR=/tmp/.cache/matplotlib",
                  "NUMBA_CACHE_DIR=/tmp/.cache/numba",
                  "TRITON_CACHE_DIR=/tmp/.cache/triton",
                  "TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor",
                  "TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions",
                  "CUDA_CACHE_PATH=/tmp/.cache/nv",
                  "CUPY_CACHE_DIR=/tmp/.cache/cupy",
                  "FLASHINFER_WORKSPACE_BASE=/tmp",
                  "A=b"
                ],
                "Entrypoint": [
                  "/entry"
                ],
                "Cmd": [
                  "uvicorn",
                  "main:app"
                ],
                "WorkingDir": "/app",
                "Labels": {
                  "l": "m"
                },
                "Healthcheck": {
                  "Test": [
                    "CMD",
                    "true"
                  ]
                }
              },
              "history": [
                {
                  "created_by": "base",
                  "x-unknown": 1
                }
              ],
              "rootfs": {
                "diff_ids": [],
                "type": "layers"
              }
            }"#]],
    );
}

#[test]
fn caches_are_where_every_user_can_write_unless_somebody_says_where() {
    let base = r#"{"config": {"Env": ["NUMBA_CACHE_DIR=/base", "MPLCONFIGDIR=/base"]}}"#;
    let config: ImageConfig = serde_json::from_str(base).expect("an image config");
    let source = Document::new(
        "modelcache.yaml",
        "base: python:3.13-slim\napp:\n  env: {MPLCONFIGDIR: /own, TRITON_CACHE_DIR: /own}\n",
    );
    let manifest = manifest::parse(&source, &BTreeMap::new()).manifest.expect("a manifest");
    let user = ResolvedUser { id: Owner { uid: 1, gid: 1 }, home: "/".into(), entry: None };
    let config = environment::config(&manifest, &config, &user, &Request::default());
    let told = config.config.env.iter().filter(|entry| !entry.starts_with("PATH="));
    expect![[r#"
        NUMBA_CACHE_DIR=/base
        MPLCONFIGDIR=/own
        XDG_CACHE_HOME=/tmp/.cache
        TRITON_CACHE_DIR=/own
        TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor
        TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions
        CUDA_CACHE_PATH=/tmp/.cache/nv
        CUPY_CACHE_DIR=/tmp/.cache/cupy
        FLASHINFER_WORKSPACE_BASE=/tmp
    "#]]
    .assert_eq(&told.map(|entry| format!("{entry}\n")).collect::<String>());
}

/// What a plan's config has beside what the image specification names.
fn extensions(app: &str) -> String {
    let plan = plan_of(&format!("base: python:3.13-slim\napp:\n  workdir: /app\n{app}"));
    serde_json::to_string_pretty(&plan.config.config.rest).expect("a config is JSON")
}

#[test]
fn check_signal_volumes_and_shell_are_written_as_docker_has_them() {
    expect![[r#"
        {
          "Healthcheck": {
            "Interval": 90000000000,
            "Retries": 5,
            "StartInterval": 1000000,
            "StartPeriod": 2500000000,
            "Test": [
              "CMD",
              "python3",
              "-c",
              "import main"
            ],
            "Timeout": 10000000000
          },
          "Shell": [
            "/bin/bash",
            "-o",
            "pipefail",
            "-c"
          ],
          "StopSignal": "SIGINT",
          "Volumes": {
            "/data": {},
            "/var/cache/app": {}
          }
        }"#]].assert_eq(&extensions(
        "  healthcheck:\n    test: [CMD, python3, -c, import main]\n    interval: 1m30s\n    timeout: 10s\n    \
             start_period: 2.5s\n    start_interval: 1ms\n    retries: 5\n  \
           stop_signal: SIGINT\n  volumes: [/data, /var/cache/app/]\n  shell: [/bin/bash, -o, pipefail, -c]\n",
    ));
}

#[test]
fn a_check_of_the_base_stays_unless_another_is_named_or_none() {
    let test = |app: &str| {
        let plan = plan_of(&format!("base: python:3.13-slim\napp:\n  workdir: /app\n{app}"));
        plan.config.config.rest["Healthcheck"].to_string()
    };
    assert_eq!(test(""), r#"{"Test":["CMD","true"]}"#);
    assert_eq!(test("  healthcheck: exit 0\n"), r#"{"Test":["CMD-SHELL","exit 0"]}"#);
    assert_eq!(test("  healthcheck: [NONE]\n"), r#"{"Test":["NONE"]}"#);
    assert_eq!(test("  healthcheck: {disable: true}\n"), r#"{"Test":["NONE"]}"#);
}

#[test]
fn an_entrypoint_drops_the_bases_arguments() {
    let plan = plan_of("base: python:3.13-slim\napp:\n  entrypoint: [python3, -m, app]\n");
    assert_eq!(plan.config.config.entrypoint, ["python3", "-m", "app"]);
    assert!(plan.config.config.cmd.is_empty());
}

#[test]
fn labels_of_the_command_line_have_the_last_word() {
    let request =
        Request { labels: BTreeMap::from([("l".into(), "line".into())]), ..Request::default() };
    let plan = build("base: python:3.13-slim\napp:\n  labels: {l: file, m: file}\n", &request)
        .expect("a plan");
    let labels = &plan.config.config.labels;
    assert_eq!((labels["l"].as_str(), labels["m"].as_str()), ("line", "file"));
}

#[test]
fn a_new_user_is_added_to_the_bases_files() {
    let plan = plan_of("base: python:3.13-slim\nuser: web:1001:1002\n");
    let entry = plan.user.expect("an entry");
    expect![[r#"
        root:x:0:0:root:/root:/bin/sh
        app:x:33:34::/:/bin/sh
        web:x:1001:1002::/home/web:/usr/sbin/nologin
        ---
        root:x:0:
        web:x:1002:
    "#]]
    .assert_eq(&format!("{}---\n{}", entry.passwd, entry.group));
    assert_eq!(plan.config.config.user, "1001:1002");
}

#[test]
fn a_user_that_the_base_knows_is_taken_as_it_is() {
    let plan = plan_of("base: python:3.13-slim\nuser: app\n");
    assert_eq!((plan.user, plan.config.config.user.as_str()), (None, "33:34"));
    let plan = plan_of("base: python:3.13-slim\nuser: root\n");
    assert_eq!((plan.user, plan.config.config.user.as_str()), (None, "0:0"));
}

#[test]
fn a_known_user_with_other_numbers_is_a_mistake() {
    let error = build("base: python:3.13-slim\nuser: app:1:2\n", &Request::default());
    expect![[r#"
        error[user-exists]: the base image has a user `app` with other numbers
         --> modelcache.yaml:2:7
          |
        2 | user: app:1:2
          |       ^^^^^^^ there it is `app:33:34`
          |
          = help: write `user: app` to take it, or choose another name
    "#]]
    .assert_eq(&error.expect_err("a mistake"));
}

#[test]
fn a_user_is_named_in_every_form_of_a_dockerfiles() {
    let told = |user: &str| {
        let plan = plan_of(&format!("base: python:3.13-slim\nuser: {user}\n"));
        let entry = plan.user.map(|entry| {
            let last = |text: &str| text.lines().last().unwrap_or_default().to_owned();
            format!("{} {}", last(&entry.passwd), last(&entry.group))
        });
        format!("{user} = {} {}\n", plan.config.config.user, entry.unwrap_or_default())
    };
    let users =
        ["app", "33", "app:1000", "33:root", "1000", "1000:1000", "1000:0", "web:web", "web:0"];
    expect![[r#"
        app = 33:34 
        33 = 33:34 
        app:1000 = 33:1000 
        33:root = 33:0 
        1000 = 1000:1000 appuser:x:1000:1000::/home/appuser:/usr/sbin/nologin appuser:x:1000:
        1000:1000 = 1000:1000 appuser:x:1000:1000::/home/appuser:/usr/sbin/nologin appuser:x:1000:
        1000:0 = 1000:0 appuser:x:1000:0::/home/appuser:/usr/sbin/nologin root:x:0:
        web:web = 10001:10001 web:x:10001:10001::/home/web:/usr/sbin/nologin web:x:10001:
        web:0 = 10001:0 web:x:10001:0::/home/web:/usr/sbin/nologin root:x:0:
    "#]]
    .assert_eq(&users.map(told).concat());
}

#[test]
fn a_group_that_the_base_lacks_is_a_mistake() {
    let manifest = "base: python:3.13-slim\nuser: app:staff\n";
    expect![[r#"
        error[unknown-user]: the base image has no group `staff`
         --> modelcache.yaml:2:7
          |
        2 | user: app:staff
          |       ^^^^^^^^^
          |
          = help: name one that it has, or write numbers: `1000:1000`
    "#]]
    .assert_eq(&build(manifest, &Request::default()).expect_err("a mistake"));
    let manifest = "base: python:3.13-slim\napp: {copy: [{from: a, owner: 'web'}]}\n";
    expect![[r#"
        error[unknown-user]: the base image has no user `web`
         --> modelcache.yaml:2:31
          |
        2 | app: {copy: [{from: a, owner: 'web'}]}
          |                               ^^^^^
          |
          = help: name one that it has, or write numbers: `1000:1000`
    "#]]
    .assert_eq(&build(manifest, &Request::default()).expect_err("a mistake"));
}

#[test]
fn copies_have_modes_and_owners_and_folders_are_the_users() {
    let plan = plan_of(
        "\
base: python:3.13-slim
user: web
app:
  writable: [data, /srv/logs/]
  copy:
    - .
    - {from: a, to: /a, mode: 0755, owner: app}
    - {from: b, to: /b, owner: web:root}
    - {from: c, to: /c, mode: 640, owner: 7}
",
    );
    let app = plan.app.expect("an application");
    let copies = app.copies.iter().map(|copy| {
        let owner = copy.owner.map(|owner| (owner.uid, owner.gid));
        format!("{} {:?} {owner:?}\n", copy.to, copy.mode.map(|mode| format!("{mode:o}")))
    });
    let writable = format!("{:?} {}\n", app.writable, app.user.uid);
    expect![[r#"
        /app None None
        /a Some("755") Some((33, 34))
        /b None Some((10001, 0))
        /c Some("640") Some((7, 7))
        ["/app/data", "/srv/logs"] 10001
    "#]]
    .assert_eq(&(copies.collect::<String>() + &writable));
}

#[test]
fn copies_go_where_a_dockerfile_would_put_them() {
    let plan = plan_of(
        "base: python:3.13-slim\n\
         app:\n  workdir: /srv\n  copy:\n    - main.py\n    - src\n    - {from: main.py, to: other.py}\n    - {from: src, to: lib/}\n    - {from: main.py, to: /etc/x/}\n",
    );
    let copies = plan.app.expect("an app").copies;
    let lines: Vec<String> =
        copies.iter().map(|copy| format!("{} -> {}", copy.from, copy.to)).collect();
    expect![[r#"
        main.py -> /srv/main.py
        src -> /srv
        main.py -> /srv/other.py
        src -> /srv/lib
        main.py -> /etc/x/main.py"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn the_hub_and_the_indexes_can_be_named_from_outside() {
    let arguments = [
        ("HF_ENDPOINT", "http://127.0.0.1:5010/"),
        ("PIP_INDEX_URL", "http://127.0.0.1:5030/simple/"),
        ("PIP_EXTRA_INDEX_URL", "http://a/simple http://[::1]/simple http://[::1]:80/simple"),
    ];
    let build_args = arguments.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let request = Request { build_args, ..Request::default() };
    let text = "base: python:3.13-slim\n\
                python:\n  packages: [httpx]\n  index: https://in.example.com/simple\n\
                models: [org/name]\n\
                mirrors:\n  huggingface: https://hub.example.com\n";
    let outside = build(text, &request).expect("a plan");
    assert_eq!(outside.models[0].endpoint, "http://127.0.0.1:5010");
    let inside = plan_of(text);
    assert_eq!(inside.models[0].endpoint, "https://hub.example.com");
    let indexes = |plan: Plan| {
        let environment = match plan.python.expect("an install") {
            PythonPlan::Single(install) => install.environment,
            PythonPlan::Layers(layers) => layers.environment,
            PythonPlan::Unresolved(asking) => asking.environment,
        };
        let pip = environment.into_iter().filter(|(name, _)| name.starts_with("PIP_"));
        pip.map(|(name, value)| format!("{name}={value}\n")).collect::<String>()
    };
    expect![[r#"
        PIP_INDEX_URL=http://127.0.0.1:5030/simple/
        PIP_EXTRA_INDEX_URL=http://a/simple http://[::1]/simple http://[::1]:80/simple
        PIP_TRUSTED_HOST=127.0.0.1:5030 [::1] [::1]:80
    "#]]
    .assert_eq(&indexes(outside));
    expect![[r#"
        PIP_INDEX_URL=https://in.example.com/simple
    "#]]
    .assert_eq(&indexes(inside));
}
