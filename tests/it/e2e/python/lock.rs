//! The lock of packages: what makes it stale, and what an update changes.

use std::fs;

use expect_test::expect;
use modelcache::values::digest::Digest;

use super::wheel::Wheel;
use crate::e2e::project::Project;

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
";

#[test]
fn an_update_of_one_package_leaves_the_others_alone() {
    let project = Project::with_index(MANIFEST, &[]);
    let word = project.index().address.clone();
    let add = |version: &str| {
        for name in ["alpha", "beta"] {
            Wheel::new(name, version).add(&project, &word);
        }
    };
    add("1");
    project.write("requirements.txt", "alpha\nbeta\n");
    project.lock(&[]);
    add("2");
    let update = |name: &str| {
        let flag = format!("MODELCACHE_UPDATE={name}");
        project.call("lock", &["--build-arg", &flag])
    };
    expect!["the lock is up to date\n"].assert_eq(&project.call("lock", &[]));
    expect!["~ beta 1 -> 2 (linux/amd64)\n"].assert_eq(&update("beta"));
    expect![[r#"
        ~ alpha 1 -> 2 (linux/amd64)
        ~ beta 1 -> 2 (linux/amd64)
    "#]]
    .assert_eq(&update("python"));

    // A changed file: what is still fine stays, though there is a newer one.
    Wheel::new("gamma", "1").add(&project, &word);
    project.write("requirements.txt", "beta\ngamma\n");
    let told = project.fail(&[]);
    let head = told.lines().find(|line| line.starts_with("error")).unwrap_or(&told);
    expect!["error[stale-lock]: `requirements.txt` has changed since the lock was made"]
        .assert_eq(head);
    let change = project.call("lock", &[]);
    let sizes = |line: &str| line.contains("gamma 1,");
    assert!(change.lines().any(sizes), "{change}");
    let rest: String =
        change.lines().filter(|line| !sizes(line)).map(|line| format!("{line}\n")).collect();
    expect!["- alpha 1 (linux/amd64)\n"].assert_eq(&rest);
}

#[test]
fn beside_a_base_images_packages_an_update_leaves_the_others_alone_where_all_of_them_fit() {
    let project = Project::with_index(&format!("{MANIFEST}  system_site_packages: true\n"), &[]);
    let word = project.index().address.clone();
    let add = |version: &str| {
        for name in ["alpha", "beta"] {
            Wheel::new(name, version).add(&project, &word);
        }
    };
    add("1");
    project.write("requirements.txt", "alpha\nbeta\n");
    project.lock(&[]);
    add("2");
    let update = project.call("lock", &["--build-arg", "MODELCACHE_UPDATE=beta"]);
    expect![[r#"
        ~ beta 1 -> 2 (linux/amd64)
    "#]]
    .assert_eq(&update);
    // pip can't be asked to hold what it can: nothing is held.
    project.write("requirements.txt", "alpha>=2\nbeta\n");
    expect![[r#"
        ~ alpha 1 -> 2 (linux/amd64)
        ~ beta 1 -> 2 (linux/amd64)
    "#]]
    .assert_eq(&project.call("lock", &[]));
}

#[test]
fn a_locked_wheel_that_the_index_has_dropped_is_told_with_a_way_out_that_works() {
    let project = Project::with_index(
        "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n  packages: gone\n",
        &[],
    );
    let word = project.folder().display().to_string();
    Wheel::new("gone", "1").add(&project, &word);
    let lock = project.lock(&[]);
    fs::remove_file(project.folder().join("wheels/gone-1-py3-none-any.whl")).expect("it was made");
    Wheel::new("gone", "2").add(&project, &word);
    // As on a machine that has never built it: this one has the wheel.
    let (_, digest) = lock
        .lines()
        .find(|line| line.contains("\"name\": \"gone\""))
        .and_then(|line| line.split_once("\"sha256\": \""))
        .expect("it is locked");
    let other = Digest::of(word.as_bytes()).hex();
    project.write("modelcache.lock.json", &lock.replace(&digest[..64], &other));

    let seen = project.fail(&[]);
    let (_, told) = seen.split_once("\n\nerror").unwrap_or_else(|| panic!("{seen}"));
    let told = told.split("\nthe builder said").next().unwrap_or(told);
    expect![[r#"
        [no-wheels]: `gone-1-py3-none-any.whl` can't be fetched from the package index
         --> modelcache.yaml:4:3
          |
        4 |   packages: gone
          |   ^^^^^^^^^^^^^^ for these packages
          |
          = help: neither the builder nor a container gets it: pip's own words are above
          = help: the builder was told: invalid response status 404
          = help: if a lock names it, the index has dropped it; to lock another version: docker buildx build --target lock --build-arg MODELCACHE_UPDATE=gone --output . -f modelcache.yaml .
    "#]]
    .assert_eq(told);
    expect![[r#"
        the lock is up to date
    "#]]
    .assert_eq(&project.call("lock", &[]));
    expect![[r#"
        ~ gone 1 -> 2 (linux/amd64)
    "#]]
    .assert_eq(&project.call("lock", &["--build-arg", "MODELCACHE_UPDATE=gone"]));
    project.lock(&["--build-arg", "MODELCACHE_UPDATE=gone"]);
    project.build(&[]);
}

/// A project of the context with a builder of its own, so that nothing is fetched for it.
pub const PYPROJECT: &str = r#"
[build-system]
requires = []
build-backend = "builder"
backend-path = ["."]

[project]
name = "own"
version = "1"
dependencies = ["alpha"]
optional-dependencies = { serve = ["gamma"] }

[tool.ruff]
line-length = 100
"#;
/// That builder.
pub const BUILDER: &str = r#"
import os, zipfile

def build_wheel(folder, *_):
    name = "own-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        info = "own-1.dist-info/"
        wheel.writestr("own.py", "")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: own\nVersion: 1\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "")
    return name
"#;

#[test]
fn a_project_that_asks_for_something_else_makes_the_lock_stale() {
    let project = Project::with_index(MANIFEST, &[]);
    let word = project.index().address.clone();
    for name in ["alpha", "beta", "gamma"] {
        Wheel::new(name, "1").add(&project, &word);
    }
    project.write("requirements.txt", "beta\n-e ./lib[serve]\n");
    project.write("lib/pyproject.toml", PYPROJECT);
    project.write("lib/builder.py", BUILDER);
    let with_projects = project.lock(&[]);

    // Not what a linter is told, nor code.
    project.write("lib/pyproject.toml", &PYPROJECT.replace("100", "80"));
    project.write("lib/own.py", "changed = True\n");
    expect!["the lock is up to date\n"].assert_eq(&project.call("lock", &[]));

    project.write("lib/pyproject.toml", &PYPROJECT.replace("\"alpha\"", "\"alpha\", \"gamma\""));
    project.write("lib/setup.cfg", "[options]\ninstall_requires = delta\n");
    let told = project.fail(&[]);
    let (_, told) = told.split_once("\n\nerror").unwrap_or_else(|| panic!("{told}"));
    expect![[r#"
        [stale-lock]: `lib/pyproject.toml` has changed since the lock was made
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `requirements.txt` line 2 installs its project
          |
          = help: to update the lock: docker buildx build --target lock --output . -f modelcache.yaml .

        error[stale-lock]: `lib/setup.cfg` has changed since the lock was made
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `requirements.txt` line 2 installs its project
          |
          = help: to update the lock: docker buildx build --target lock --output . -f modelcache.yaml .
    "#]].assert_eq(told);

    // One of before projects were noted knows nothing of them.
    let (before, rest) = with_projects.split_once("\"projects\": {").expect("they are noted");
    let (_, after) = rest.split_once('}').expect("they are a map");
    let before = before.trim_end().trim_end_matches(',');
    project.write("modelcache.lock.json", &format!("{before}{after}"));
    project.build(&[]);
}
