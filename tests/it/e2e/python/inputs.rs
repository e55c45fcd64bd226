//! What users hand in: each file that may stand under `requirements`, as it is locked.

use std::{fmt::Write, fs};

use expect_test::expect;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    lock::{BUILDER, PYPROJECT as OWN},
    wheel::Wheel,
};
use crate::e2e::{engine, project::Project};

const HEAD: &str = "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n";

/// An index with two versions of some packages; `alpha` asks for `beta`.
pub fn project() -> Project {
    let project = Project::with_index("", &[]);
    let word = project.index().address.clone();
    for version in ["1", "2"] {
        Wheel { requires: &["beta"], ..Wheel::new("alpha", version) }.add(&project, &word);
        Wheel::new("beta", version).add(&project, &word);
    }
    for name in ["gamma", "delta"] {
        Wheel::new(name, "1").add(&project, &word);
    }
    project
}

/// The sha256 of a wheel of the index.
pub fn digest(project: &Project, name: &str, version: &str) -> String {
    let file = format!("wheels/{name}-{version}-py3-none-any.whl");
    let bytes = fs::read(project.folder().join(file)).expect("it was added");
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Where the index has that wheel.
pub fn url(project: &Project, name: &str, version: &str) -> String {
    let digest = digest(project, name, version);
    let address = &project.index().address;
    format!("http://{address}/files/{name}/{digest}/{name}-{version}-py3-none-any.whl")
}

/// What is locked for each platform when the manifest's `python` says this, and who asked for it.
fn locked(project: &Project, python: &str, flags: &[&str]) -> String {
    project.write("modelcache.yaml", &format!("{HEAD}{python}"));
    // One that is there is kept where it fits.
    let _ = fs::remove_file(project.context().join("modelcache.lock.json"));
    let lock: Value = serde_json::from_str(&project.lock(flags)).expect("a lock is JSON");
    let platforms = lock["python"]["platforms"].as_object().expect("they are locked");
    let mut seen = String::new();
    for (platform, packages) in platforms {
        let _ = writeln!(seen, "{platform}");
        for wheel in packages["wheels"].as_array().into_iter().flatten() {
            let text = |key: &str| wheel[key].as_str().unwrap_or_default();
            let via = wheel["via"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let via = via.collect::<Vec<_>>().join(", ");
            let _ = writeln!(seen, "  {} {} <- {via}", text("name"), text("version"));
            assert_eq!(text("sha256"), digest_at(text("wheel")), "{wheel}");
        }
    }
    seen
}

/// The digest that the double writes into its URLs.
fn digest_at(url: &str) -> &str {
    url.rsplit('/').nth(1).unwrap_or_default()
}

/// A project with extras and groups.
pub const PYPROJECT: &str = r#"
[project]
name = "app"
version = "0.1"
requires-python = ">=3.9"
dependencies = ["alpha<2"]

[project.optional-dependencies]
serve = ["gamma"]
other = ["no-such-package"]

[dependency-groups]
data = ["delta"]
test = ["no-such-package"]
"#;

/// A lock of uv's for that project, with a `beta` that is not the newest.
pub fn uv_lock(project: &Project) -> String {
    let mut lock = "version = 1\nrevision = 3\nrequires-python = \">=3.9\"\n".to_owned();
    let registry = project.index_url().unwrap_or_default();
    for (name, dependencies) in [
        ("alpha", "dependencies = [{ name = \"beta\" }]\n"),
        ("beta", ""),
        ("gamma", ""),
        ("delta", ""),
    ] {
        let (url, digest) = (url(project, name, "1"), digest(project, name, "1"));
        let _ = write!(
            lock,
            "\n[[package]]\nname = \"{name}\"\nversion = \"1\"\nsource = {{ registry = \"{registry}\" }}\n{dependencies}\
             wheels = [\n    {{ url = \"{url}\", hash = \"sha256:{digest}\", size = 1 }},\n]\n",
        );
    }
    lock + r#"
[[package]]
name = "app"
version = "0.1"
source = { virtual = "." }
dependencies = [{ name = "alpha" }]

[package.optional-dependencies]
serve = [{ name = "gamma" }]

[package.dev-dependencies]
data = [{ name = "delta" }]

[package.metadata]
requires-dist = [
    { name = "alpha", specifier = "<2" },
    { name = "gamma", marker = "extra == 'serve'" },
]
provides-extras = ["serve"]

[package.metadata.requires-dev]
data = [{ name = "delta" }]
"#
}

/// A lock of the standard's: packages with the markers that they have.
pub fn pylock(project: &Project, packages: &[(&str, &str)]) -> String {
    let mut lock = "lock-version = \"1.0\"\ncreated-by = \"tests\"\n".to_owned();
    for (name, marker) in packages {
        let (url, digest) = (url(project, name, "1"), digest(project, name, "1"));
        let _ = write!(lock, "\n[[packages]]\nname = \"{name}\"\nversion = \"1\"\n");
        if !marker.is_empty() {
            let _ = writeln!(lock, "marker = \"{marker}\"");
        }
        let _ = writeln!(
            lock,
            "wheels = [{{ url = \"{url}\", hashes = {{ sha256 = \"{digest}\" }} }}]"
        );
    }
    lock
}

#[test]
fn each_kind_of_file_is_locked_as_it_says() {
    let project = project();
    let other = Project::with_index("", &[]);
    Wheel::new("gamma", "9").add(&other, "the other index");
    Wheel::new("beta", "1.5").add(&other, "the other index");
    project.write("pyproject.toml", PYPROJECT);
    project.write("locked/pyproject.toml", PYPROJECT);
    project.write("locked/uv.lock", &uv_lock(&project));
    // With a project beside its own.
    let lock = uv_lock(&project).replacen(
        "dependencies = [{ name = \"alpha\" }]",
        "dependencies = [{ name = \"own\" }]",
        1,
    );
    let own = "[[package]]\nname = \"own\"\nversion = \"1\"\nsource = { directory = \"../lib\" }\n\
               dependencies = [{ name = \"alpha\" }]\n";
    project.write("space/pyproject.toml", &PYPROJECT.replace("alpha<2", "own"));
    project.write("space/uv.lock", &format!("{lock}\n{own}"));
    project.write("lib/pyproject.toml", OWN);
    project.write("lib/builder.py", BUILDER);
    let (alpha, gamma) = (url(&project, "alpha", "1"), url(&project, "gamma", "1"));
    let hash = format!("#sha256={}", digest(&project, "gamma", "1"));
    project.write("urls.txt", &format!("alpha @ {alpha}\n{gamma}{hash}\n"));
    let extra = other.index_url().unwrap_or_default();
    project.write("indexes.txt", &format!("--extra-index-url {extra}\ngamma\nbeta\n"));
    project.write("nested.txt", "-r reqs/base.txt\n");
    project.write("reqs/base.txt", "-c ../held.txt\n-r deeper/more.txt\n");
    project.write("reqs/deeper/more.txt", "alpha\n");
    project.write("held.txt", "beta<2\nno-such-package==1\n");
    let mut seen = String::new();
    for python in [
        "  requirements: pyproject.toml\n",
        "  requirements: pyproject.toml\n  extras: serve\n  groups: data\n",
        "  requirements: locked/uv.lock\n",
        "  requirements: locked/uv.lock\n  extras: serve\n  groups: data\n",
        "  requirements: space/uv.lock\n",
        "  requirements: urls.txt\n",
        "  requirements: indexes.txt\n",
        "  requirements: nested.txt\n",
    ] {
        let _ = write!(seen, "{python}{}", locked(&project, python, &[]));
    }
    expect![[r#"
          requirements: pyproject.toml
        linux/amd64
          alpha 1 <- app (pyproject.toml)
          beta 2 <- alpha
          requirements: pyproject.toml
          extras: serve
          groups: data
        linux/amd64
          alpha 1 <- app (pyproject.toml)
          beta 2 <- alpha
          delta 1 <- app (pyproject.toml:data)
          gamma 1 <- app (pyproject.toml)
          requirements: locked/uv.lock
        linux/amd64
          alpha 1 <- -r locked/uv.lock
          beta 1 <- -r locked/uv.lock, alpha
          requirements: locked/uv.lock
          extras: serve
          groups: data
        linux/amd64
          alpha 1 <- -r locked/uv.lock
          beta 1 <- -r locked/uv.lock, alpha
          delta 1 <- -r locked/uv.lock
          gamma 1 <- -r locked/uv.lock
          requirements: space/uv.lock
        linux/amd64
          alpha 1 <- -r space/uv.lock, own
          beta 1 <- -r space/uv.lock, alpha
          own  <- 
          requirements: urls.txt
        linux/amd64
          alpha 1 <- -r urls.txt
          beta 2 <- alpha
          gamma 1 <- -r urls.txt
          requirements: indexes.txt
        linux/amd64
          beta 2 <- -r indexes.txt
          gamma 9 <- -r indexes.txt
          requirements: nested.txt
        linux/amd64
          alpha 2 <- -r reqs/deeper/more.txt
          beta 1 <- -c reqs/../held.txt, alpha
    "#]]
    .assert_eq(&seen);
}

#[test]
fn markers_of_a_lock_are_judged_for_each_platform() {
    engine::on_demand("arm64");
    let project = project();
    let packages = [
        ("beta", ""),
        ("gamma", "platform_machine == 'x86_64'"),
        ("delta", "platform_machine == 'aarch64'"),
    ];
    project.write("pylock.app.toml", &pylock(&project, &packages));
    let both = ["--platform", "linux/amd64,linux/arm64"];
    expect![[r#"
        linux/amd64
          beta 1 <- -r pylock.app.toml
          gamma 1 <- -r pylock.app.toml
        linux/arm64
          beta 1 <- -r pylock.app.toml
          delta 1 <- -r pylock.app.toml
    "#]]
    .assert_eq(&locked(&project, "  requirements: pylock.app.toml\n", &both));
    let ran = project.build(&[]).ran();
    // The bare environment may be there from another test, or not any more.
    let ours = ran.lines().filter(|line| line.starts_with("[python] install"));
    expect![[r#"
        [python] install beta==1
        [python] install gamma==1
    "#]]
    .assert_eq(&ours.map(|line| format!("{line}\n")).collect::<String>());
}

#[test]
fn a_file_with_all_digests_costs_no_more_than_the_pages_and_the_metadata() {
    let project = project();
    let line = |name: &str, version: &str| {
        format!("{name}=={version} --hash=sha256:{}\n", digest(&project, name, version))
    };
    project.write("requirements.txt", &(line("alpha", "1") + &line("beta", "1")));
    project.index().requests();
    expect![[r#"
        linux/amd64
          alpha 1 <- -r requirements.txt
          beta 1 <- -r requirements.txt, alpha
    "#]]
    .assert_eq(&locked(&project, "  requirements: requirements.txt\n", &[]));
    let requests = project.index_requests();
    let is_ours = |line: &&str| {
        line.starts_with("GET") && ["/alpha", "/beta"].iter().any(|name| line.contains(name))
    };
    let mut ours: Vec<&str> = requests.lines().filter(is_ours).collect();
    ours.dedup();
    expect![[r#"
        GET /files/alpha/…/alpha-1-py3-none-any.whl 200 with a body
        GET /files/alpha/…/alpha-1-py3-none-any.whl.metadata 200 with a body
        GET /files/beta/…/beta-1-py3-none-any.whl 200 with a body
        GET /files/beta/…/beta-1-py3-none-any.whl.metadata 200 with a body
        GET /simple/alpha/ 200 with a body
        GET /simple/beta/ 200 with a body"#]]
    .assert_eq(&ours.join("\n"));
}
