//! That what the container starts with is there, and can be run by its user; so is what its
//! healthcheck runs.
//!
//! What the application brings is looked at in the build context, so that a change of code runs
//! nothing again. What must be in the image below it is looked for there, by a process.

use std::collections::BTreeMap;

use buildkit_llb::Owner;
use serde::Serialize;

use crate::{
    document::{Span, Spanned},
    manifest::{App, Manifest, healthcheck::Test},
    plan::{
        ContextFiles,
        app::{self, AppLayer, Copied},
    },
    values::{config::RunConfig, diagnostic::Diagnostic},
};

/// How much of a file tells what runs it; Linux reads no more (`BINPRM_BUF_SIZE`).
pub const HEAD: usize = 256;

/// Where Linux looks for programs if nobody says where.
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A file or folder of the build context that may be what the container starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The nine bits of who may do what.
    pub mode: u32,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// Its first [`HEAD`] bytes.
    pub head: Vec<u8>,
}

/// A program that must be in the image below the application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lookup {
    /// Where it may be, the first first.
    pub paths: Vec<String>,
    /// As it is written.
    #[serde(skip)]
    pub name: String,
    /// The script that it runs, if the manifest names that.
    #[serde(skip)]
    pub script: Option<String>,
    /// Where the build context would have it, if the application were to bring it.
    #[serde(skip)]
    pub from: Option<String>,
    /// Where the manifest names it, or the script.
    #[serde(skip)]
    pub span: Span,
    /// What it is for.
    #[serde(skip)]
    pub purpose: &'static str,
}

/// What runs a program.
struct Word {
    text: String,
    span: Span,
    purpose: &'static str,
}

/// Paths of the build context that may be what the container starts with, or its healthcheck.
pub fn candidates(manifest: &Manifest, context: &ContextFiles) -> Vec<String> {
    let Some(app) = &manifest.app else { return Vec::new() };
    let words = app.entrypoint.as_ref().or(app.command.as_ref());
    let first = words.and_then(|words| words.value.first()).cloned();
    let words = first.into_iter().chain(check(app).map(|word| word.text));
    let path = app.env.iter().find(|(name, _)| name.value == "PATH");
    let path = path.map_or(USUAL_PATH, |(_, path)| &path.value);
    let copies = app::copies(app, context);
    let places = words.flat_map(|word| places(&word, app::workdir(app), path));
    places.filter_map(|path| source(&copies, &path)).collect()
}

/// What must be looked for in the image below the application, or what is wrong with a file
/// that the application brings. `run` is the config of the finished image.
pub fn plan(
    manifest: &Manifest,
    context: &ContextFiles,
    layer: Option<&AppLayer>,
    run: &RunConfig,
) -> Result<Vec<Lookup>, Vec<Diagnostic>> {
    let Some((app, layer)) = manifest.app.as_ref().zip(layer) else { return Ok(Vec::new()) };
    let mut lookups = Vec::new();
    let mut mistakes = Vec::new();
    for word in first_word(app, run).into_iter().chain(check(app)) {
        match lookup(word, context, layer, run) {
            Ok(lookup) => lookups.extend(lookup),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() { Ok(lookups) } else { Err(mistakes) }
}

/// The same for one program.
fn lookup(
    word: Word,
    context: &ContextFiles,
    layer: &AppLayer,
    run: &RunConfig,
) -> Result<Option<Lookup>, Diagnostic> {
    let paths = places(&word.text, &layer.workdir, run.path());
    for path in &paths {
        let Some(from) = source(&layer.copies, path) else { continue };
        let Some(Some(found)) = context.programs.get(&from) else { continue };
        return InContext { word: &word, path, from: &from, layer }.check(found, run);
    }
    let from = paths.iter().find_map(|path| source(&layer.copies, path));
    let Word { text: name, span, purpose } = word;
    let from = from.filter(|_| name.contains('/'));
    Ok(Some(Lookup { paths, name, script: None, from, span, purpose }))
}

/// What `process` found wrong with a lookup.
pub fn explain(lookup: &Lookup, fault: &Fault, path: &str) -> Diagnostic {
    let Lookup { name, script, from, .. } = lookup;
    let place = (lookup.span, lookup.purpose);
    match (fault, script) {
        (Fault::Missing, None) if name.contains('/') => missing(name, place).help(match from {
            Some(from) => format!(
                "it would be `{from}` of the build context: check the path, and that `.dockerignore` doesn't leave it out"
            ),
            None => "check the path: neither `app.copy` nor the base image has it".to_owned(),
        }),
        (Fault::Missing, None) => missing(name, place).help(format!(
            "no folder of PATH has it; what a package brings is there if `python` asks for it, and {OTHERWISE}"
        )),
        (Fault::Missing, Some(script)) => no_interpreter(script, name, place),
        (Fault::Interpreter(interpreter), _) => no_interpreter(path, interpreter, place),
        (Fault::Mode, _) => not_executable(name, place).help(format!(
            "the user may not run `{path}`: choose another user, or run it by a program, as in {}",
 by_sh(path, place)
        )),
        (Fault::NoProgram, _) => no_program(name, place),
    }
}

const OTHERWISE: &str = "other programs come by `system`, or are in the base image";

/// What may be wrong with a program in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not there.
    Missing,
    /// The user may not run it.
    Mode,
    /// It is neither a script nor a binary.
    NoProgram,
    /// It is a script, and this, which runs it, is not there.
    Interpreter(String),
}

/// A file of the context that the container starts with.
struct InContext<'a> {
    word: &'a Word,
    path: &'a str,
    from: &'a str,
    layer: &'a AppLayer,
}

impl InContext<'_> {
    /// What the file needs in turn, if it can be run.
    fn check(&self, found: &Candidate, run: &RunConfig) -> Result<Option<Lookup>, Diagnostic> {
        let Self { word: Word { text: word, span, purpose }, from, layer, .. } = *self;
        let place = (*span, *purpose);
        if found.is_folder {
            let message = format!("`{word}` is a folder");
            return Err(Diagnostic::error("not-executable", message).label(place.0, place.1));
        }
        if !self.may_run(found) {
            return Err(not_executable(word, place).help(format!(
                "`git update-index --chmod=+x {from}` and `chmod +x {from}` make it so in the checkout, `mode: 0755` in `app.copy` in the image; or name what runs it, as in {}",
 by_sh(word, place)
            )));
        }
        if found.head.starts_with(b"\x7fELF") {
            return Ok(None);
        }
        let line = found.head.strip_prefix(b"#!").ok_or_else(|| no_program(word, place))?;
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        if line.ends_with('\r') {
            let message = format!("the first line of `{word}` ends with a carriage return");
            return Err(Diagnostic::error("no-interpreter", message)
                .label(place.0, place.1)
                .help(format!("Linux would look for `{}\\r`: save the file with the line ends of Unix; for git, `*.sh text eol=lf` in `.gitattributes` says so", line.trim())));
        }
        let mut words = line.split_ascii_whitespace();
        let Some(interpreter) = words.next() else { return Err(no_program(word, place)) };
        let name = match interpreter.rsplit('/').next() {
            Some("env") => words.find(|it| !it.starts_with('-') && !it.contains('=')),
            _ => None,
        };
        let name = name.unwrap_or(interpreter);
        let paths = places(name, &layer.workdir, run.path());
        // The application may bring it.
        let brings = |path: &String| source(&layer.copies, path).is_some();
        if paths.iter().any(brings) {
            return Ok(None);
        }
        let script = Some(word.to_owned());
        Ok(Some(Lookup {
            paths,
            name: name.to_owned(),
            script,
            from: None,
            span: place.0,
            purpose: place.1,
        }))
    }

    /// Whether the user may run the file, with the mode that it has in the image.
    fn may_run(&self, found: &Candidate) -> bool {
        let copied =
            self.layer.copies.iter().rev().find(|copied| inside(copied, self.path).is_some());
        let Some(Copied { mode: Some(mode), owner, .. }) = copied else {
            // Who may run it at all is everybody.
            return found.mode & 0o111 != 0;
        };
        let owner = owner.unwrap_or(Owner { uid: 0, gid: 0 });
        let user = self.layer.user;
        let bit = match (user.uid == 0, user.uid == owner.uid, user.gid == owner.gid) {
            (true, ..) => 0o111,
            (_, true, _) => 0o100,
            (_, _, true) => 0o010,
            _ => 0o001,
        };
        mode & bit != 0
    }
}

const STARTS: &str = "the container starts with it";
const CHECKS: &str = "the healthcheck runs it";

/// Where a program is named, and what for.
type Place = (Span, &'static str);

/// The same by a shell, written as it must be there.
fn by_sh(path: &str, (_, purpose): Place) -> String {
    let before = if purpose == CHECKS { "CMD, " } else { "" };
    format!("`[{before}sh, {path}]`")
}

fn missing(word: &str, place: Place) -> Diagnostic {
    Diagnostic::error("no-program", format!("`{word}` is not in the image")).label(place.0, place.1)
}

fn not_executable(word: &str, place: Place) -> Diagnostic {
    Diagnostic::error("not-executable", format!("`{word}` can't be run: it has no x bit"))
        .label(place.0, place.1)
}

fn no_program(word: &str, place: Place) -> Diagnostic {
    Diagnostic::error("not-executable", format!("`{word}` is neither a script nor a binary"))
        .label(place.0, place.1)
        .help("let its first line name what runs it: `#!/bin/sh`")
}

fn no_interpreter(script: &str, interpreter: &str, place: Place) -> Diagnostic {
    let message = format!("`{interpreter}`, which runs `{script}`, is not in the image");
    Diagnostic::error("no-interpreter", message)
        .label(place.0, place.1)
        .help(format!("the script's first line names it; {OTHERWISE}"))
}

/// The word that the container starts with, if the manifest says it. What a base image's
/// entrypoint makes of a command is not known.
fn first_word(app: &App, run: &RunConfig) -> Option<Word> {
    let command = || app.command.as_ref().filter(|_| run.entrypoint.is_empty());
    let words = app.entrypoint.as_ref().or_else(command)?;
    let word = words.value.first().filter(|word| !word.is_empty())?;
    Some(Word { text: word.clone(), span: words.span, purpose: STARTS })
}

/// The program of the healthcheck, if no shell looks for it.
fn check(app: &App) -> Option<Word> {
    let Spanned { value, span } = &app.healthcheck.as_ref()?.test;
    let Test::Program(words) = value else { return None };
    Some(Word { text: words.first()?.clone(), span: *span, purpose: CHECKS })
}

/// Where a runtime looks for `word`.
fn places(word: &str, workdir: &str, path: &str) -> Vec<String> {
    if word.contains('/') {
        return vec![app::absolute(workdir, word)];
    }
    let folders = path.split(':').filter(|folder| folder.starts_with('/'));
    folders.map(|folder| app::absolute(folder, word)).collect()
}

/// The path of the context that is copied to `path`; of several, the last wins.
fn source(copies: &[Copied], path: &str) -> Option<String> {
    copies.iter().rev().find_map(|copied| inside(copied, path))
}

fn inside(copied: &Copied, path: &str) -> Option<String> {
    let rest = path.strip_prefix(copied.to.trim_end_matches('/'))?;
    match (rest.strip_prefix('/'), copied.from.as_str()) {
        (None, _) if !rest.is_empty() => None,
        (None, from) => Some(from.to_owned()),
        (Some(_), _) if !copied.is_folder => None,
        (Some(rest), ".") => Some(rest.to_owned()),
        (Some(rest), from) => Some(format!("{from}/{rest}")),
    }
}

/// What the process reads.
pub fn listing(lookups: &[Lookup]) -> String {
    serde_json::to_string(&BTreeMap::from([("lookups", lookups)])).unwrap_or_default()
}
