//! The frontend in a build, a command line tool on a developer's machine.

use std::process::ExitCode;

fn main() -> ExitCode {
    modelcache::cli::run()
}
