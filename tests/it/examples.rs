//! Every folder of `examples/` is a test: its manifest is clean, its graph is
//! the one beside it, and its README says how to build it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use expect_test::expect_file;

const MANIFEST: &str = "modelcache.yaml";

fn folders() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(examples).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

/// Runs the binary in `folder`, as a person does who stands there.
fn run(folder: &Path, subcommand: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_modelcache"));
    command.args([subcommand, MANIFEST]).current_dir(folder).output().unwrap()
}

#[test]
fn every_example_is_without_mistakes_and_warnings() {
    for folder in folders() {
        let output = run(&folder, "check");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        assert!(output.status.success() && said.is_empty(), "{}: {said}", folder.display());
    }
}

#[test]
fn every_example_has_the_graph_beside_it() {
    for folder in folders() {
        let output = run(&folder, "graph");
        let graph = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        expect_file![folder.join("graph.txt")].assert_eq(&graph);
    }
}

#[test]
fn every_example_says_how_it_is_built() {
    for folder in folders() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        let build = |line: &&str| line.contains("$ docker buildx build");
        let command = readme.lines().find(build).unwrap_or_else(|| panic!("{name} is not built"));
        assert!(command.contains(&format!(" -f examples/{name}/{MANIFEST} ")), "{command}");
        assert!(command.ends_with(&format!(" examples/{name}")), "{command}");
    }
}
