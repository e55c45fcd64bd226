//! What a failed step of the graph means for the user.

use super::failure::Failure;
use crate::{
    diagnostic::Diagnostic,
    gateway::rejection::Rejection,
    graph::{
        model::{self, Attempts},
        python,
    },
    lock::{Snapshot, SnapshotFile},
    plan::{ModelLayer, Plan, python::Python},
};

/// The file of a model whose download `rejection` is about, if it is about one.
pub fn failed_file<'a>(
    rejection: &Rejection,
    plan: &'a Plan,
    attempts: &Attempts,
) -> Option<(&'a ModelLayer, &'a Snapshot, &'a SnapshotFile)> {
    let failed = rejection.vertices();
    let files = plan.models.iter().flat_map(|layer| {
        let snapshot = layer.snapshot.iter();
        snapshot.flat_map(move |snapshot| snapshot.files.iter().map(move |f| (layer, snapshot, f)))
    });
    let mut files = files.filter(|_| !failed.is_empty());
    files.find(|(layer, snapshot, file)| {
        failed.contains(&model::fetch(layer, snapshot, file, attempts).output().digest())
    })
}

/// Explains why the daemon could not build `plan`, if one of our steps is to blame.
pub fn explain(rejection: Rejection, plan: &Plan) -> Failure {
    if let Some(Python::Single(install)) = &plan.python
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
