//! The engine that `make engine` brought up, as its environment tells it.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The value of an engine variable.
pub fn variable(name: &str) -> String {
    env::var(name)
        .unwrap_or_else(|_| panic!("the engine is not up ({name} is unset): run `make test`"))
}

/// The flags that every build on this machine needs.
pub fn build_flags() -> Vec<String> {
    variable("MODELCACHE_BUILD_FLAGS").split_whitespace().map(str::to_owned).collect()
}

/// The folder of the repository.
pub fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program that the engine compiled for itself.
pub fn program(name: &str) -> PathBuf {
    top().join(".engine/bin").join(name)
}

/// Makes what takes its time, once (`tests/engine/on_demand.sh`).
pub fn on_demand(what: &str) {
    stdout(Command::new(top().join("tests/engine/on_demand.sh")).arg(what));
}

/// Runs a command to its end; panics if there is no such program.
pub fn run(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// What a command prints; panics with its errors if it fails.
pub fn stdout(command: &mut Command) -> String {
    let output = run(command);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}
