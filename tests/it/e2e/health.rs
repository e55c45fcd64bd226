//! What the config says beside the command: the check, the signal, the volumes and the shell.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use expect_test::expect;
use serde_json::{Map, Value};

use super::{
    engine,
    project::Project,
    registry::{Image, REPOSITORY},
};

/// Only as the image's user, and with a variable of the container's, it is well.
const MANIFEST: &str = r#"# syntax=myorg/modelcache:1
base: python:3.13-slim
app:
  workdir: /srv
  command: [sleep, 600]
  healthcheck:
    test: '[ "$$WELL" = yes ] && [ "$$(id -u)" = 4321 ]'
    interval: 1s
    timeout: 1m30s
    retries: 1
  stop_signal: SIGINT
  writable: [/data]
  volumes: [/data]
  shell: [/bin/bash, -c]
user: searcher:4321:4321
"#;

/// What Docker says of the first check of a container, as soon as it says it.
fn health(image: &str, well: &str) -> String {
    let docker = |args: &[&str]| engine::stdout(Command::new("docker").args(args));
    let well = format!("WELL={well}");
    let container = docker(&["create", "--rm", "--network", "none", "--env", &well, image]);
    let container = container.trim();
    let before = engine::stdout(Command::new("date").arg("+%s.%N"));
    docker(&["start", container]);
    let mut events = Command::new("docker")
        .args(["events", "--filter", "event=health_status", "--format", "{{.Action}}"])
        .args(["--since", before.trim(), "--filter", &format!("container={container}")])
        .stdout(Stdio::piped())
        .spawn()
        .expect("docker can be run");
    let mut first = String::new();
    let stdout = events.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut first).expect("Docker writes text");
    events.kill().expect("it is our child");
    events.wait().expect("it is our child");
    docker(&["rm", "--force", "--volumes", container]);
    first.trim().to_owned()
}

#[test]
fn a_container_is_well_or_not_as_its_check_says() {
    let project = Project::with_real_packages(MANIFEST);
    let build = project.build(&[]);
    let config = &Image::pull(&build.digest).config["config"];
    let kept = ["Healthcheck", "StopSignal", "Volumes", "Shell"];
    let told: Map<String, Value> =
        kept.map(|key| (key.to_owned(), config[key].clone())).into_iter().collect();
    expect![[r#"
        {
          "Healthcheck": {
            "Interval": 1000000000,
            "Retries": 1,
            "Test": [
              "CMD-SHELL",
              "[ \"$WELL\" = yes ] && [ \"$(id -u)\" = 4321 ]"
            ],
            "Timeout": 90000000000
          },
          "Shell": [
            "/bin/bash",
            "-c"
          ],
          "StopSignal": "SIGINT",
          "Volumes": {
            "/data": {}
          }
        }
    "#]]
    .assert_eq(&format!("{:#}\n", Value::from(told.clone())));

    let registry = engine::variable("MODELCACHE_REGISTRY");
    let image = format!("{registry}/{REPOSITORY}@{}", build.digest);
    assert_eq!(health(&image, "yes"), "health_status: healthy");
    assert_eq!(health(&image, "no"), "health_status: unhealthy");

    // As Docker itself reads it.
    let format = "{{json .Config}}";
    let seen =
        engine::stdout(Command::new("docker").args(["image", "inspect", "-f", format, &image]));
    let seen: Value = serde_json::from_str(&seen).expect("docker writes JSON");
    for (key, value) in &told {
        assert_eq!(&seen[key], value, "{key}");
    }

    // The volume is the user's, since it is a folder that they may write to.
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", "--read-only", &image]);
    run.args(["sh", "-c", "echo kept > /data/file && cat /data/file"]);
    assert_eq!(engine::stdout(&mut run), "kept\n");
}

#[test]
fn a_check_by_a_program_that_is_not_there_is_no_image() {
    let project = Project::with_index(
        "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython: {packages: alpha}\napp:\n  \
         command: [python3, -V]\n  healthcheck: [CMD, curl, -f, http://localhost:8000]\n",
        &[],
    );
    project.add_wheel("alpha", "1");
    expect![[r#"
        ------
         > [verify] judge:
        ------

         [33m1 warning found (use docker --debug to expand):
        [0m - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
        modelcache.yaml:6
        --------------------
           4 |     app:
           5 |       command: [python3, -V]
           6 | >>>   healthcheck: [CMD, curl, -f, http://localhost:8000]
           7 |
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:6: `curl` is not in the image

        error[no-program]: `curl` is not in the image
         --> modelcache.yaml:6:16
          |
        6 |   healthcheck: [CMD, curl, -f, http://localhost:8000]
          |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the healthcheck runs it
          |
          = help: no folder of PATH has it; what a package brings is there if `python` asks for it, and other programs come by `system`, or are in the base image
          = help: `verify: false` builds the image as it is
    "#]].assert_eq(&project.fail(&[]));
}
