//! The lock of packages: what makes it stale, and what an update changes.

use expect_test::expect;

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
