//! Packages that can be installed, and perhaps should not.

use expect_test::expect;

use super::wheel::Wheel;
use crate::e2e::project::Project;

fn manifest(rest: &str) -> String {
    format!(
        "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n  packages: torch\n{rest}"
    )
}

#[test]
fn wheels_for_a_gpu_that_no_one_named_are_warned_of() {
    let project = Project::with_index(&manifest(""), &[]);
    let word = &project.index().address;
    let requires = ["nvidia-cublas-cu12", "triton"];
    Wheel { requires: &requires, ..Wheel::new("torch", "2.15.0") }.add(&project, word);
    for name in requires {
        Wheel::new(name, "12.8").add(&project, word);
    }
    let warned = |rest: &str| {
        project.write("modelcache.yaml", &manifest(rest));
        let (built, log) = project.attempt(&[]);
        assert!(built, "{log}");
        let line = log.lines().find(|line| line.contains("cuda-wheels:"));
        // What is before it is the size.
        line.and_then(|line| Some(line.split_once(" of the ")?.1.trim().to_owned()))
    };
    expect!["packages for linux/amd64 are for GPUs of NVIDIA\'s (line 4)"]
        .assert_eq(&warned("").unwrap_or_default());
    assert_eq!(warned("  torch: index\n"), None);
    assert_eq!(warned("app: {env: {NVIDIA_VISIBLE_DEVICES: all}}\n"), None);
}
