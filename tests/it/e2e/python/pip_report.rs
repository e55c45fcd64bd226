//! Of real sets of packages, the files are those that pip would install, and so is the order.

use std::{collections::BTreeMap, fs, process::Command};

use modelcache::packages::wheel;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::e2e::{engine, project::Project};

/// The sets, every version pinned.
const SETS: &str = include_str!("pip_sets.txt");
/// Asks pip about each of them.
const REPORT: &str = include_str!("pip_report.py");

const DOCKERFILE: &str = "\
FROM python:3.13-slim AS pip
ARG PIP_INDEX_URL
WORKDIR /src
COPY . .
RUN --mount=type=secret,id=ca-certificates --mount=type=cache,target=/root/.cache/pip \\
    if [ -e /run/secrets/ca-certificates ]; then export PIP_CERT=/run/secrets/ca-certificates; fi; \\
    python -m venv --without-pip /opt/venv \\
    && python -m pip download --quiet --no-deps --dest=/opt pip==26.3 \\
    && /opt/venv/bin/python report.py sets /opt/pip-26.3-py3-none-any.whl programs /report.json
FROM scratch
COPY --from=pip /report.json /
";

/// What is said of a set.
#[derive(Deserialize)]
struct Said {
    /// Each package, with the file that it is installed from, in pip's order.
    pips: Vec<(String, String)>,
    /// The packages in our order.
    ours: Vec<String>,
}

/// Of each set, a requirements file and the constraints beside it, each a list of lines.
fn sets() -> BTreeMap<&'static str, [Vec<&'static str>; 2]> {
    let mut found: BTreeMap<&str, [Vec<&str>; 2]> = BTreeMap::new();
    let (mut name, mut part) = ("", 0);
    for word in SETS.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
        match word.strip_suffix(':') {
            Some(set) => (name, part) = (set, 0),
            None if word == "|" => part = 1,
            None => found.entry(name).or_default()[part].push(word),
        }
    }
    found
}

/// What pip would install of each set on `platform`.
fn by_pip(platform: &str) -> BTreeMap<String, Said> {
    let folder = TempDir::new().expect("temporary folders can be made");
    let write = |path: &str, text: &str| {
        let path = folder.path().join("context").join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("the folder is ours");
        fs::write(path, text).expect("the folder is ours");
    };
    write("Dockerfile", DOCKERFILE);
    write("report.py", REPORT);
    for program in ["hidden.py", "look.py", "resolve.py", "shared.py"] {
        let path = engine::top().join("src/graph/python").join(program);
        write(&format!("programs/{program}"), &fs::read_to_string(path).expect("it is there"));
    }
    for (name, [asked, held]) in sets() {
        write(&format!("sets/{name}"), &format!("-c held/{name}\n{}\n", asked.join("\n")));
        write(&format!("sets/held/{name}"), &held.join("\n"));
    }
    let out = folder.path().join("out");
    let mut command = Command::new("docker");
    command.args(["buildx", "build", "--platform", platform]).args(engine::build_flags());
    command.args(["--build-arg", "BUILDKIT_SYNTAX=docker/dockerfile:1"]);
    command.arg("--output").arg(format!("type=local,dest={}", out.display()));
    engine::stdout(command.arg(folder.path().join("context")));
    let text = fs::read(out.join("report.json")).expect("it was made");
    serde_json::from_slice(&text).expect("it is JSON")
}

/// What we would install of a set on `platform`, by name.
fn by_us([asked, held]: &[Vec<&str>; 2], platform: &str) -> BTreeMap<String, String> {
    let manifest = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
";
    let project = Project::with_real_packages(manifest);
    project.write("requirements.txt", &format!("-c held.txt\n{}\n", asked.join("\n")));
    project.write("held.txt", &held.join("\n"));
    let lock: Value = serde_json::from_str(&project.lock(&["--platform", platform])).expect("JSON");
    let wheels = &lock["python"]["platforms"][platform]["wheels"];
    let wheels = wheels.as_array().expect("it has packages").iter();
    let text = |value: &Value| value.as_str().expect("each is from a wheel").to_owned();
    wheels.map(|it| (text(&it["name"]), wheel::file_of(&text(&it["wheel"])))).collect()
}

#[test]
fn the_files_of_real_sets_and_their_order_are_pips() {
    let platform = "linux/amd64";
    let (mut packages, mut mistakes) = (0, Vec::new());
    let pips = by_pip(platform);
    for (name, files) in sets() {
        let mut ours = by_us(&files, platform);
        let Said { pips, ours: order } = &pips[name];
        let names: Vec<&String> = pips.iter().map(|(package, _)| package).collect();
        if names != order.iter().collect::<Vec<_>>() {
            mistakes.push(format!("{name}: {order:?}, pip has {names:?}"));
        }
        for (package, file) in pips {
            packages += 1;
            let mine = ours.remove(package);
            if mine.as_ref() != Some(file) {
                mistakes.push(format!("{name}: {package}: {mine:?}, pip has {file}"));
            }
        }
        mistakes.extend(ours.into_keys().map(|it| format!("{name}: pip has no {it}")));
    }
    assert!(mistakes.is_empty(), "{mistakes:#?}");
    assert_eq!((pips.len(), packages), (15, 170), "sets and packages");
}
