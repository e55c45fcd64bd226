//! A frontend that others could write with our packages.

use std::{fs, process::Command};

use super::engine;

/// Builds `text` by the example, for `platforms`, into a folder.
fn build(text: &str, platforms: &str) -> (tempfile::TempDir, String, bool) {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let syntax = format!("# syntax={registry}/myorg/hello:1\n");
    fs::create_dir(folder.path().join("context")).expect("the folder is ours");
    let file = folder.path().join("context/names.txt");
    fs::write(&file, format!("{syntax}{text}")).expect("the folder is ours");
    let mut command = Command::new("docker");
    command.args(["buildx", "build", "--platform", platforms, "-f"]).arg(file);
    command.arg("--output").arg(folder.path().join("out")).arg(folder.path().join("context"));
    let output = engine::run(&mut command);
    let seen = String::from_utf8_lossy(&output.stderr).into_owned();
    (folder, seen, output.status.success())
}

#[test]
fn a_frontend_of_sixty_lines_is_used_by_its_name() {
    let (folder, seen, built) = build("world\nmoon\n", "linux/amd64");
    assert!(built, "{seen}");
    for name in ["world", "moon"] {
        let text = fs::read_to_string(folder.path().join("out").join(name)).expect("it was made");
        assert_eq!(text, format!("Hello, {name}!\n"));
    }

    let (folder, seen, built) = build("world\n", "linux/amd64,linux/arm64");
    assert!(built, "{seen}");
    for platform in ["linux_amd64", "linux_arm64"] {
        assert!(folder.path().join("out").join(platform).join("world").exists(), "{seen}");
    }

    let (_, seen, built) = build("", "linux/amd64");
    assert!(!built && seen.contains("`names.txt` has no name in it"), "{seen}");
}
