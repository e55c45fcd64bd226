//! Text to [`Manifest`](super::Manifest), or to everything that is wrong with it.
//!
//! YAML is read into a tree with places, and the tree is decoded by hand: a decoder
//! made by serde stops at the first mistake and forgets places inside of unions.

use std::collections::BTreeMap;

use self::{node::Node, place::Place, shape::Decoder};
use super::Parsed;
use crate::{
    document::Document,
    values::diagnostic::{self, Diagnostic},
};

pub mod asset;
pub mod explain;
mod healthcheck;
pub mod keys;
pub mod nearest;
pub mod node;
pub mod parts;
pub mod place;
pub mod python;
pub mod scope;
pub mod shape;
pub mod syntax;
mod system;
pub mod text;
pub mod verify;
pub mod words;
pub mod yaml;

/// How many mistakes are told one by one.
const MAX_TOLD: usize = 100;

/// Reads a manifest, with `build_args` in place of the defaults of the same names.
/// Reports every mistake, not only the first; a text that is no YAML is one mistake.
pub fn parse(document: &Document, build_args: &BTreeMap<String, String>) -> Parsed {
    match yaml::read(document) {
        Ok(Some(node)) => decode(document, &node, build_args),
        Ok(None) => failed(empty()),
        Err(diagnostic) => failed(diagnostic),
    }
}

fn decode(document: &Document, node: &Node, build_args: &BTreeMap<String, String>) -> Parsed {
    let mut decoder = Decoder::new(document);
    let manifest = decoder.manifest(&Place::top(node), build_args);
    let mut diagnostics = decoder.found;
    diagnostic::sort(&mut diagnostics);
    shorten(&mut diagnostics);
    let wrong = diagnostics.iter().any(Diagnostic::is_error);
    Parsed { manifest: manifest.filter(|_| !wrong), diagnostics }
}

/// Tells the rest of very many mistakes as one.
fn shorten(diagnostics: &mut Vec<Diagnostic>) {
    if let Some(first) = diagnostics.get(MAX_TOLD).and_then(Diagnostic::span) {
        let message = format!("there are {} more mistakes", diagnostics.len() - MAX_TOLD);
        diagnostics.truncate(MAX_TOLD);
        diagnostics.push(Diagnostic::error("too-large", message).label(first, "from here on"));
    }
}

fn failed(diagnostic: Diagnostic) -> Parsed {
    Parsed { manifest: None, diagnostics: vec![diagnostic] }
}

fn empty() -> Diagnostic {
    Diagnostic::error("missing-key", "the manifest is empty")
        .help("name the image to build on: `base: python:3.13-slim`")
}
