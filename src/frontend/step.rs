//! A step of the graph has failed: whoever it was made for does something about it, or explains.

use super::{
    asset, build::Build, bundle, download, failure::Failure, python::fetch::Fetching, system,
    verify,
};
use crate::{
    gateway::rejection::Rejection,
    graph::{Scene, download::Attempts, purpose::Purpose},
    plan::{
        Plan,
        python::{PipRun, PythonPlan},
    },
    values::{diagnostic::Diagnostic, secret::passed},
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
        let Some(purpose) = scene.purposes.find(&rejection.vertices()) else {
            return Err(bundle::explain(&rejection, plan, scene).unwrap_or(rejection.into()));
        };
        match purpose {
            Purpose::ModelFile { model, file } => {
                let layer = &plan.models[model];
                let Some(snapshot) = &layer.snapshot else { return Err(rejection.into()) };
                let file = (layer, snapshot, &snapshot.files[file]);
                download::again(gateway, file, &rejection, &mut self.attempts).await
            }
            Purpose::File(place) => {
                asset::again(gateway, &plan.assets[place], &rejection, &mut self.attempts).await
            }
            Purpose::Unpacked(place) => Err(asset::not_unpacked(&plan.assets[place], rejection)),
            Purpose::AssetLayer(place) if asset::is_no_archive(&rejection) => {
                Err(asset::no_archive(&plan.assets[place], rejection))
            }
            Purpose::AssetLayer(_) => {
                Err(bundle::explain(&rejection, plan, scene).unwrap_or(rejection.into()))
            }
            Purpose::Wheel(artifact) => {
                let Some(PythonPlan::Layers(layers)) = &mut plan.python else {
                    return Err(rejection.into());
                };
                let attempts = &mut self.attempts;
                self.wheels.again(gateway, &rejection, layers, &artifact, attempts).await?;
                build.warn(&std::mem::take(&mut self.wheels.warnings)).await
            }
            Purpose::Wheels | Purpose::Built(_) | Purpose::BuildPackages => {
                let Some(PythonPlan::Layers(layers)) = &plan.python else {
                    return Err(rejection.into());
                };
                let manifest = &scene.request.filename;
                Err(self.wheels.explain(rejection, layers, Some(purpose), manifest))
            }
            Purpose::Pip => match &plan.python {
                Some(PythonPlan::Single(install)) => Err(pip(install, rejection)),
                _ => Err(rejection.into()),
            },
            Purpose::SystemFile(package) => {
                let span = plan.system.as_ref().map(|system| system.span).unwrap_or_default();
                system::again(gateway, (&package, span), rejection, &mut self.attempts).await
            }
            Purpose::SystemInstall => match &plan.system {
                Some(layer) => Err(system::not_installed(layer.span, &layer.asked, rejection)),
                None => Err(rejection.into()),
            },
            Purpose::SystemUser => match &plan.user {
                Some(user) => Err(system::name_taken(user, rejection)),
                None => Err(rejection.into()),
            },
            // They have answered before an image is made.
            Purpose::Resolver | Purpose::SystemAnswer => Err(rejection.into()),
            Purpose::Proof(place) => Err(verify::no_end(&plan.proofs[place], plan, rejection)),
            Purpose::Verdict(place, run) => {
                Err(verify::verdict(gateway, &plan.proofs[place], &run, plan, rejection).await)
            }
        }
    }
}

/// One run of pip that has failed.
fn pip(install: &PipRun, rejection: Rejection) -> Failure {
    if !rejection.message.contains("did not complete successfully") {
        return Failure::Refused(rejection);
    }
    let message = format!("pip could not install `{}`", install.title);
    let diagnostic = Diagnostic::error("pip-install", message)
        .label(install.span, "asked for here")
        .help("pip's own words are above, in the output of this step")
        .help("`--build-arg PIP_INDEX_URL=URL` names another index")
        .help(passed::advice());
    Failure::Explained(diagnostic, rejection)
}
