//! Packages of two platforms, by a builder that is one of them.

use std::{collections::BTreeSet, process::Command};

use expect_test::expect;

use crate::e2e::{
    builder::EmptyBuilders,
    engine,
    project::Project,
    registry::{Image, REPOSITORY},
};

/// Two packages in Python alone, and one for each machine.
const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: [click==8.5.1, h11==0.16.0, pyyaml==6.0.3]
app:
  command: [python3, -c, 'import platform, click, h11, yaml; print(platform.machine(), yaml.__with_libyaml__)']
";

const BOTH: [&str; 2] = ["--platform", "linux/amd64,linux/arm64"];

fn both_bases() {
    engine::on_demand("arm64");
}

fn run(digest: &str, platform: &str, command: &[&str]) -> String {
    let reference = format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"));
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
    engine::stdout(run.args(["--platform", platform, &reference]).args(command))
}

#[test]
fn one_lock_makes_the_same_layers_on_every_machine_and_shares_those_for_any() {
    both_bases();
    let builders = EmptyBuilders::start();
    let [first, second] = &builders.names;
    let project = Project::with_real_packages(MANIFEST);
    let lock = project.lock(&[["--builder", first], BOTH].concat());
    let wheels = |name: &str| {
        let name = format!("\"name\": \"{name}\"");
        let lines = lock.lines().filter(|line| line.contains(&name));
        lines.map(|line| line.trim().trim_end_matches(',')).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(["click", "h11", "pyyaml"].map(wheels), [1, 1, 2]);

    let [one, two] = [first, second].map(|name| {
        let build = project.build(&[["--builder", name.as_str()], BOTH].concat());
        let fetched =
            build.steps.iter().filter(|step| step.name == "[python] click-8.5.1-py3-none-any.whl");
        assert_eq!(fetched.count(), 1, "for both platforms");
        assert!(!build.ran().contains("resolve"), "locked: {}", build.ran());
        build.digest
    });
    let layers = |digest: &str, architecture| Image::pull_for(digest, architecture).layers;
    let [amd64, arm64] = ["amd64", "arm64"].map(|architecture| layers(&one, architecture));
    assert_eq!(layers(&two, "amd64"), amd64, "on another machine");
    assert_eq!(layers(&two, "arm64"), arm64, "on another machine");
    let own = amd64.iter().zip(&arm64).filter(|(amd64, arm64)| amd64 != arm64);
    assert_eq!((amd64.len(), own.count()), (arm64.len(), 2), "the base image's and pyyaml's");

    expect![[r#"
        x86_64 True
        aarch64 True
        No broken requirements found.
    "#]]
    .assert_eq(
        &(run(&one, "linux/amd64", &[])
            + &run(&one, "linux/arm64", &[])
            + &run(&one, "linux/arm64", &["pip", "check"])),
    );
}

#[test]
fn a_lock_for_another_platform_alone_is_enough_for_that() {
    both_bases();
    // One that has no base image yet: of an image that it has, it takes the platform there is.
    let builders = EmptyBuilders::start();
    let builder = ["--builder", &builders.names[0]];
    let project = Project::with_real_packages(MANIFEST);
    let platform = [&builder[..], &["--platform", "linux/arm64"]].concat();
    let lock = project.lock(&platform);
    let other = project.fail(&builder);
    assert!(other.contains("the lock has no Python packages for linux/amd64"), "{other}");
    let with = project.build(&platform).digest;

    // As if it had been made on a machine of that platform.
    let lines = lock.lines().filter(|line| !line.contains("\"linux/amd64\": \"sha256:"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.replacen("\",\n    }", "\"\n    }", 1);
    project.write("modelcache.lock.json", &text);
    let without = project.build(&platform).digest;
    let layers = |digest: &str| Image::pull(digest).layers;
    assert_eq!(layers(&without), layers(&with), "emulated or not");
    assert_eq!(run(&without, "linux/arm64", &[]), "aarch64 True\n");
}
