//! What a failed step of the graph means for the user.

use buildkit_llb::Vertex;

use super::failure::Failure;
use crate::{
    diagnostic::Diagnostic,
    gateway::rejection::Rejection,
    graph::{model, python},
    lock::SnapshotFile,
    plan::{ModelLayer, Plan},
};

/// Explains why the daemon could not build `plan`, if one of our steps is to blame.
pub fn explain(rejection: Rejection, plan: &Plan) -> Failure {
    let failed = rejection.vertices();
    let is_failed = |vertex: Vertex| failed.contains(&vertex.output().digest());
    for layer in &plan.models {
        let Some(snapshot) = &layer.snapshot else { continue };
        let mut files = snapshot.files.iter();
        if let Some(file) = files.find(|file| is_failed(model::fetch(layer, snapshot, file))) {
            return Failure::Explained(download(layer, file, &rejection), rejection);
        }
    }
    if let Some(install) = &plan.python
        && rejection.message.contains("did not complete successfully")
    {
        let message = format!("pip could not install `{}`", install.title);
        let secrets = python::SECRET_IDS.map(|id| format!("`{id}`")).join(", ");
        let diagnostic = Diagnostic::error("pip-install", message)
            .label(install.span, "asked for here")
            .help("pip's own words are above, in the output of this step")
            .help("`--build-arg PIP_INDEX_URL=URL` names another index")
            .help(format!("a private CA and credentials are passed as build secrets: {secrets}"));
        return Failure::Explained(diagnostic, rejection);
    }
    Failure::Refused(rejection)
}

fn download(layer: &ModelLayer, file: &SnapshotFile, rejection: &Rejection) -> Diagnostic {
    let SnapshotFile { path, digest, .. } = file;
    if rejection.message.contains("digest mismatch") {
        let message = format!("`{path}` of `{}` is not what the hub lists", layer.id);
        return Diagnostic::error("tampered-file", message)
            .label(layer.span, format!("it must be {digest}"))
            .help("other bytes came: from a tampering mirror or proxy, a cut connection, or an error page")
            .help("build again; if it stays, compare with another hub by `--build-arg HF_ENDPOINT=URL`");
    }
    Diagnostic::error("download", format!("`{path}` of `{}` could not be downloaded", layer.id))
        .label(layer.span, format!("from {}", layer.endpoint))
        .help("build again: finished files are kept, and only the rest is fetched")
}
