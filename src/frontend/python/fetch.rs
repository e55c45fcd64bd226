//! Wheels that can't be fetched: asked for again, or by a container.
//!
//! An index need not know the daemon: it may want credentials that only pip understands,
//! a private CA, or be reachable from containers alone. What the resolver has reached from
//! a container can be fetched from there, too.

use buildkit_llb::{Output, Platform};

use crate::{
    diagnostic::Diagnostic,
    frontend::{
        download::{ATTEMPTS, is_transient, pause},
        failure::Failure,
        python::explain,
    },
    gateway::{Gateway, rejection::Rejection},
    graph::{
        Scene,
        model::Attempts,
        python::{
            resolve,
            wheels::{self, Source},
        },
    },
    lock::packages::{Artifact, Origin},
    plan::python::layers::Layers,
};

/// How fetching goes so far.
#[derive(Debug, Default)]
pub struct Fetching {
    /// How often each file has failed.
    pub attempts: Attempts,
    /// What the user is told.
    pub warnings: Vec<Diagnostic>,
    /// What the builder itself could not fetch, and why not.
    denied: Option<(String, String)>,
}

impl Fetching {
    /// After a solve has failed: the next one may do better, or the failure says why not.
    pub async fn again(
        &mut self,
        gateway: &Gateway,
        rejection: Rejection,
        layers: &mut Layers,
        platform: &Platform,
        scene: &Scene<'_>,
    ) -> Result<(), Failure> {
        let scene = Scene { attempts: &self.attempts, ..*scene };
        let Some(artifact) = failed(&rejection, layers, &scene).cloned() else {
            let denied = self.denied.as_ref();
            return Err(failed_step(rejection, layers, platform, &scene, denied));
        };
        let used = self.attempts.get(&artifact.digest).copied().unwrap_or_default();
        for attempt in used + 1..ATTEMPTS {
            match gateway.resolve_http(&wheels::unpinned(&artifact, attempt)).await {
                Ok(found) if found.as_ref().is_none_or(|found| *found == artifact.digest) => {
                    self.attempts.insert(artifact.digest, attempt);
                    return Ok(());
                }
                Ok(found) => {
                    return Err(explain::other_bytes(
                        layers,
                        &artifact,
                        &found.unwrap_or_default(),
                    )
                    .into());
                }
                // Nobody listens there, or not to the daemon: a container may be better off.
                Err(no) if !is_transient(&no) || no.message.contains("connection refused") => {
                    self.in_container(layers, &artifact, &no);
                    return Ok(());
                }
                Err(_) if attempt + 1 < ATTEMPTS => pause(attempt).await,
                Err(no) => {
                    self.in_container(layers, &artifact, &no);
                    return Ok(());
                }
            }
        }
        self.in_container(layers, &artifact, &rejection);
        Ok(())
    }

    fn in_container(&mut self, layers: &mut Layers, artifact: &Artifact, reason: &Rejection) {
        layers.in_container = true;
        self.denied = Some((artifact.file(), reason.message.clone()));
        self.warnings.push(explain::fetched_in_container(layers, artifact, reason));
    }
}

/// The file whose download has failed, if one has.
fn failed<'a>(
    rejection: &Rejection,
    layers: &'a Layers,
    scene: &Scene<'_>,
) -> Option<&'a Artifact> {
    if layers.in_container {
        return None;
    }
    let failed = rejection.vertices();
    let mut artifacts = layers.artifacts().filter(|_| !failed.is_empty());
    artifacts.find(|artifact| {
        failed.contains(&wheels::fetch(artifact, scene.attempts).output().digest())
    })
}

/// Whether it is our wheels, or a step that makes them, that has failed.
pub fn is_about(
    rejection: &Rejection,
    layers: &Layers,
    platform: &Platform,
    scene: &Scene<'_>,
) -> bool {
    failed(rejection, layers, scene).is_some()
        || !matches!(
            failed_step(rejection.clone(), layers, platform, scene, None),
            Failure::Refused(_)
        )
}

/// What a failed step was for. `denied` is what made a container fetch.
fn failed_step(
    rejection: Rejection,
    layers: &Layers,
    platform: &Platform,
    scene: &Scene<'_>,
    denied: Option<&(String, String)>,
) -> Failure {
    let failed = rejection.vertices();
    let source = Source { layers, platform, scene };
    let is_meant = |output: Output| failed.contains(&output.digest());
    if layers.in_container && is_meant(source.fetched()) {
        let manifest = &scene.request.filename;
        return Failure::Explained(explain::no_fetch(layers, denied, manifest), rejection);
    }
    let needed = &layers.build_packages;
    if !needed.is_empty() && is_meant(resolve::build_base(layers, platform, scene)) {
        return explain::build_packages(needed, layers.span, rejection);
    }
    let mut built = layers.wheels().filter(|wheel| !matches!(wheel.origin, Origin::Wheel(_)));
    if let Some(wheel) = built.find(|wheel| is_meant(source.built(wheel))) {
        return Failure::Explained(explain::not_built(layers, wheel), rejection);
    }
    Failure::Refused(rejection)
}
