//! The command line. No subcommand uses the network.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod check;
pub mod graph;
pub mod input;
pub mod schema;

/// Builds Python images with their packages and models cached
#[derive(Debug, Parser)]
#[command(name = "modelcache", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tells what is wrong with a manifest
    Check(check::Arguments),
    /// Prints the graph that a build hands to BuildKit
    Graph(graph::Arguments),
    /// Prints the JSON Schema of manifests, for editors
    Schema,
    /// Runs a build, started by BuildKit with its gateway on stdin and stdout
    Frontend,
}

/// What a subcommand came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Fine,
    /// The user's mistakes were printed.
    Mistakes,
}

/// Runs what the process was started for. The exit code is 0 if all is well, 1 if
/// mistakes of the user's were printed, 2 if anything else failed.
pub fn run() -> ExitCode {
    // clap prints its own help and usage errors, the latter with exit code 2.
    let outcome = match Arguments::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
        Command::Schema => schema::run(),
        Command::Frontend => return crate::frontend::run(),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Mistakes) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
