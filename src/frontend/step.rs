//! A step of the graph has failed: whoever it was made for does something about it, or explains.

use super::{
    asset, build::Build, bundle, download, failure::Failure, python::fetch::Fetching, verify,
};
use crate::{
    diagnostic::Diagnostic,
    gateway::rejection::Rejection,
    graph::{Scene, download::Attempts, purpose::Purpose, python::SECRET_IDS},
    plan::{
        Plan,
        python::{Install, Python},
    },
};

/// What is known of a build's downloads, from one solve to the next.
#[derive(Default)]
pub struct Downloads {
    /// How often each has failed.
    pub attempts: Attempts,
    wheels: Fetching,
}

impl Downloads {
    /// After a solve of `plan` has failed: the next one may do better, or the failure is
    /// explained.
    pub async fn again(
        &mut self,
        build: Build<'_>,
        rejection: Rejection,
        plan: &mut Plan,
        scene: &Scene<'_>,
    ) -> Result<(), Failure> {
        let gateway = build.gateway;
        let purpose = scene.purposes.find(&rejection.vertices());
        let manifest = &scene.request.filename;
        match (purpose, &mut plan.python) {
            (Some(Purpose::ModelFile { model, file }), _) => {
                let layer = &plan.models[model];
                let Some(snapshot) = &layer.snapshot else { return Err(rejection.into()) };
                let file = (layer, snapshot, &snapshot.files[file]);
                download::again(gateway, file, &rejection, &mut self.attempts).await
            }
            (Some(Purpose::File(place)), _) => {
                asset::again(gateway, &plan.assets[place], &rejection, &mut self.attempts).await
            }
            (Some(Purpose::Wheel(artifact)), Some(Python::Layers(layers))) => {
                let attempts = &mut self.attempts;
                self.wheels.again(gateway, &rejection, layers, &artifact, attempts).await?;
                build.warn(&std::mem::take(&mut self.wheels.warnings)).await
            }
            (
                purpose @ Some(Purpose::Wheels | Purpose::Built(_) | Purpose::BuildPackages),
                Some(Python::Layers(layers)),
            ) => Err(self.wheels.explain(rejection, layers, purpose, manifest)),
            (Some(Purpose::Pip), Some(Python::Single(install))) => Err(pip(install, rejection)),
            (Some(Purpose::Unpacked(place)), _) => {
                Err(asset::not_unpacked(&plan.assets[place], rejection))
            }
            (Some(Purpose::AssetLayer(place)), _) if asset::is_no_archive(&rejection) => {
                Err(asset::no_archive(&plan.assets[place], rejection))
            }
            (Some(Purpose::Proof(place)), _) => {
                Err(verify::no_end(&plan.proofs[place], plan, rejection))
            }
            (Some(Purpose::Verdict(place, run)), _) => {
                Err(verify::verdict(gateway, &plan.proofs[place], &run, plan, rejection).await)
            }
            _ => Err(bundle::explain(&rejection, plan, scene).unwrap_or(rejection.into())),
        }
    }
}

/// One run of pip that has failed.
fn pip(install: &Install, rejection: Rejection) -> Failure {
    if !rejection.message.contains("did not complete successfully") {
        return Failure::Refused(rejection);
    }
    let message = format!("pip could not install `{}`", install.title);
    let secrets = SECRET_IDS.map(|id| format!("`{id}`")).join(", ");
    let diagnostic = Diagnostic::error("pip-install", message)
        .label(install.span, "asked for here")
        .help("pip's own words are above, in the output of this step")
        .help("`--build-arg PIP_INDEX_URL=URL` names another index")
        .help(format!("a private CA and credentials are passed as build secrets: {secrets}"));
    Failure::Explained(diagnostic, rejection)
}
