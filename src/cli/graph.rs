//! `modelcache graph`: what a build hands to the daemon, without a daemon.

use std::{collections::BTreeMap, io, path::PathBuf};

use buildkit_llb::{DecodeError, Definition, Platform, SourceFile};
use clap::{Args, ValueEnum};

use super::{
    Outcome,
    input::{self, Error},
};
use crate::{
    answers::Answers,
    graph::{self, Scene},
    lock::{LockFile, fit},
    manifest::{self, Manifest},
    plan::{self, ContextFiles},
    request::Request,
    values::{capabilities, diagnostic},
};

/// What the user of a lock that doesn't fit is told to run.
const UPDATE: &str = "docker buildx build --target lock --output . -f FILE .";

/// Arguments of `graph`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The manifest; `-` reads standard input
    file: PathBuf,
    /// How to print the graph
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The platform to build for
    #[arg(long, default_value = "linux/amd64")]
    platform: Platform,
    /// The build context; without it, the manifest's folder
    #[arg(long, value_name = "FOLDER")]
    context: Option<PathBuf>,
    /// The manifest's lock file; without it, what only the hub knows is left open
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Replaces the default of an argument, as `docker build` does
    #[arg(long = "build-arg", value_name = "NAME=VALUE", value_parser = input::build_arg)]
    build_args: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One op a paragraph
    Text,
    /// All of it, for programs
    Json,
    /// A diagram for Markdown
    Mermaid,
    /// A diagram for Graphviz
    Dot,
}

/// Prints the graph, or the mistakes that prevent it.
pub fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let document = input::read(&arguments.file)?;
    let build_args = input::build_args(&arguments.build_args);
    let parsed = manifest::parse(&document, &build_args);
    let mut found = parsed.diagnostics;
    let lock = arguments.lock.as_deref().map(input::lock).transpose()?;
    let text = parsed.manifest.and_then(|manifest| {
        let definition = definition(arguments, &document, &manifest, lock.as_ref(), build_args);
        definition.map_err(|mistakes| found.extend(mistakes)).ok()
    });
    eprint!("{}", diagnostic::render(&found, &document, input::style(&io::stderr())));
    let Some(definition) = text else { return Ok(Outcome::Mistakes) };
    let printed: Result<String, DecodeError> = match arguments.format {
        Format::Text => buildkit_llb::text(&definition),
        Format::Json => buildkit_llb::json(&definition),
        Format::Mermaid => buildkit_llb::mermaid(&definition),
        Format::Dot => buildkit_llb::dot(&definition),
    };
    input::print(&printed?)?;
    Ok(Outcome::Fine)
}

fn definition(
    arguments: &Arguments,
    document: &crate::document::Document,
    manifest: &Manifest,
    lock: Option<&LockFile>,
    build_args: BTreeMap<String, String>,
) -> Result<Definition, Vec<diagnostic::Diagnostic>> {
    let request = Request { build_args, ..Request::default() };
    let context = context(arguments, manifest);
    let context = match lock.and_then(|lock| lock.python.as_ref()) {
        // Which files are read is a build's question.
        Some(python) => python.asked.as_context(context),
        None => context,
    };
    let answers = known(lock, manifest, &context, &arguments.platform)?;
    let plan = plan::plan(manifest, &answers, &context, &arguments.platform, &request)?;
    let scene = Scene {
        request: &request,
        capabilities: &capabilities::current(),
        manifest: document,
        ignore: &[],
        bundle: None,
        attempts: &graph::download::Attempts::default(),
        purposes: &graph::purpose::Purposes::default(),
        many_platforms: false,
    };
    let file = SourceFile {
        filename: document.name.clone(),
        text: document.text().into(),
        language: "YAML".into(),
        definition: None,
    };
    Ok(buildkit_llb::marshal(&graph::proven(&plan, &[], &scene), &[file]))
}

/// The answers of a lock that fits; one that doesn't is a mistake, as in a build.
fn known(
    lock: Option<&LockFile>,
    manifest: &Manifest,
    context: &ContextFiles,
    platform: &Platform,
) -> Result<Answers, Vec<diagnostic::Diagnostic>> {
    let Some(lock) = lock else { return Ok(Answers::default()) };
    let platforms = std::slice::from_ref(platform);
    let fit = fit::fit(lock, manifest, platforms, UPDATE);
    let packages = fit::python::python(lock, manifest, context, &fit.known, platforms, UPDATE);
    let stale = [fit.stale, packages.stale].concat();
    if stale.is_empty() { Ok(Answers { python: packages.known, ..fit.known }) } else { Err(stale) }
}

/// Looks at the files that `app.copy` names; one that is missing counts as a
/// file, since only a build needs it.
fn context(arguments: &Arguments, manifest: &Manifest) -> ContextFiles {
    let beside = arguments.file.parent().map_or_else(PathBuf::new, PathBuf::from);
    let root = arguments.context.clone().unwrap_or(beside);
    let copies = manifest.app.iter().flat_map(|app| &app.copy);
    let folders = copies.map(|copy| {
        let path = copy.from.value.as_str();
        (path.to_owned(), root.join(path).is_dir())
    });
    ContextFiles { folders: folders.collect(), ..ContextFiles::default() }
}
