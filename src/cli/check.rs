//! `modelcache check`: a manifest's mistakes, for a person or for a program.

use std::{io, path::PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::{
    Outcome,
    input::{self, Error},
};
use crate::{
    manifest,
    values::diagnostic::{self, Diagnostic},
};

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The manifest; `-` reads standard input
    file: PathBuf,
    /// How to print what is found: text on stderr, or a JSON list on stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Replaces the default of an argument, as `docker build` does
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = input::build_arg)]
    build_args: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Prints every diagnostic; mistakes are errors, not warnings.
pub fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let source = input::read(&arguments.file)?;
    let found = manifest::parse(&source, &input::build_args(&arguments.build_args)).diagnostics;
    match arguments.format {
        Format::Text => {
            let stderr = io::stderr();
            eprint!("{}", diagnostic::render(&found, &source, input::style(&stderr)));
        }
        Format::Json => {
            let list: Vec<Value> = found.iter().map(|found| found.to_json(&source)).collect();
            input::print(&format!("{:#}\n", Value::from(list)))?;
        }
    }
    Ok(if found.iter().any(Diagnostic::is_error) { Outcome::Mistakes } else { Outcome::Fine })
}
