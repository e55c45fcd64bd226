//! The build context, or the part of it that a step needs.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_frontend::contexts;
use buildkit_llb::{File, Output, Vertex};

use crate::{
    graph::{Scene, layer},
    request::Request,
};

/// The files of the context that `paths` name, without the ignored ones.
pub fn context<'a>(
    paths: impl Iterator<Item = &'a str> + Clone,
    ignore: &[String],
    request: &Request,
) -> Output {
    let whole = paths.clone().any(|path| path == ".");
    let follow = if whole { Vec::new() } else { paths.map(str::to_owned).collect() };
    contexts::context(request, follow, ignore.to_vec(), "context")
        .name("[internal] load build context")
        .output()
}

/// What a client is asked to send of the requirements `files`. All that ask for some of them
/// share a key, so that the daemon has them sent once.
pub fn requirements_as_sent(request: &Request, files: Vec<String>) -> Output {
    contexts::context(request, files, Vec::new(), "modelcache-requirements")
        .name("[internal] load requirements")
        .output()
}

/// The requirements files, and nothing else, so that no other change is seen. In the place of
/// most are `texts`: what was checked is what is read then, and a comment changes nothing.
pub fn requirements(
    files: &[String],
    texts: &BTreeMap<String, String>,
    scene: &Scene<'_>,
) -> Output {
    let whole = files.iter().any(|file| file == ".");
    let others: Vec<String> = files.iter().filter(|it| !texts.contains_key(*it)).cloned().collect();
    let files = if whole { Vec::new() } else { others.clone() };
    let base = (!others.is_empty()).then(|| requirements_as_sent(scene.request, files));
    if texts.is_empty() {
        return base.unwrap_or_else(layer::empty);
    }
    let folders: BTreeSet<&str> =
        texts.keys().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    let folders = folders.into_iter().map(|path| layer::mkdir_all(&format!("/{path}")));
    let write = |(path, text): (&String, &String)| {
        layer::mkfile(&format!("/{path}"), text, scene.timestamp())
    };
    let actions = folders.chain(texts.iter().map(write)).collect();
    Vertex::new(File { base, actions }).name("[internal] requirements").output()
}

/// A project in the context, to be built, without what `.dockerignore` leaves out.
pub fn project(path: &str, scene: &Scene<'_>) -> Output {
    let follow = if path == "." { Vec::new() } else { vec![path.to_owned()] };
    contexts::context(scene.request, follow, scene.ignore.to_vec(), "modelcache-project")
        .name(format!("[internal] load {path}"))
        .output()
}
