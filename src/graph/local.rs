//! The build context, or the part of it that a step needs.

use buildkit_llb::{Local, Output, Vertex};

use crate::{graph::Scene, request::Request};

/// Name of the local source that buildx serves the context under.
const CONTEXT: &str = "context";

/// The files of the context that `paths` name, without the ignored ones.
pub fn context<'a>(
    paths: impl Iterator<Item = &'a str> + Clone,
    ignore: &[String],
    request: &Request,
) -> Output {
    let whole = paths.clone().any(|path| path == ".");
    let follow = if whole { Vec::new() } else { paths.map(str::to_owned).collect() };
    local(request, follow, ignore.to_vec(), "context")
        .name("[internal] load build context")
        .output()
}

/// The requirements files, and nothing else, so that no other change is seen.
pub fn requirements(files: &[String], request: &Request) -> Output {
    let whole = files.iter().any(|file| file == ".");
    let files = if whole { Vec::new() } else { files.to_vec() };
    local(request, files, Vec::new(), "modelcache-requirements")
        .name("[internal] load requirements")
        .output()
}

/// A project in the context, to be built, without what `.dockerignore` leaves out.
pub fn project(path: &str, scene: &Scene<'_>) -> Output {
    let follow = if path == "." { Vec::new() } else { vec![path.to_owned()] };
    local(scene.request, follow, scene.ignore.to_vec(), "modelcache-project")
        .name(format!("[internal] load {path}"))
        .output()
}

/// A local source of the context. A shared key of its own for each use lets the
/// daemon keep what it has received for one while another is sent.
pub fn local(
    request: &Request,
    follow: Vec<String>,
    exclude: Vec<String>,
    shared_key: &str,
) -> Vertex {
    Vertex::new(Local {
        name: CONTEXT.into(),
        session: request.session_of(CONTEXT),
        follow,
        exclude,
        shared_key_hint: Some(shared_key.into()),
        ..Local::default()
    })
}
