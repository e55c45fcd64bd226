//! Wheels that can't be fetched: asked for again, or by a container.
//!
//! An index need not know the daemon: it may want credentials that only pip understands,
//! a private CA, or be reachable from containers alone. What the resolver has reached from
//! a container can be fetched from there, too.

use crate::{
    frontend::{
        download::{ATTEMPTS, is_transient, pause},
        failure::Failure,
        python::explain,
    },
    gateway::{Gateway, rejection::Rejection},
    graph::{download::Attempts, purpose::Purpose, python::wheels},
    packages::Artifact,
    plan::python::layers::Layers,
    values::diagnostic::Diagnostic,
};

/// How fetching goes so far.
#[derive(Debug, Default)]
pub struct Fetching {
    /// What the user is told.
    pub warnings: Vec<Diagnostic>,
    /// What the builder itself could not fetch, and why not.
    denied: Option<(String, String)>,
}

impl Fetching {
    /// After a file of an index could not be had: the next solve may do better, or the failure
    /// says why not.
    pub async fn again(
        &mut self,
        gateway: &Gateway,
        rejection: &Rejection,
        layers: &mut Layers,
        artifact: &Artifact,
        attempts: &mut Attempts,
    ) -> Result<(), Failure> {
        let used = attempts.of(&artifact.digest);
        for attempt in used + 1..ATTEMPTS {
            match gateway.resolve_http(&wheels::unpinned(artifact, attempt)).await {
                Ok(found)
                    if found.as_ref().is_none_or(|found| *found == artifact.digest.to_string()) =>
                {
                    attempts.set(artifact.digest, attempt);
                    return Ok(());
                }
                Ok(found) => {
                    return Err(
                        explain::other_bytes(layers, artifact, &found.unwrap_or_default()).into()
                    );
                }
                // Nobody listens there, or not to the daemon: a container may be better off.
                Err(no) if !is_transient(&no) || no.message.contains("connection refused") => {
                    self.in_container(layers, artifact, &no);
                    return Ok(());
                }
                Err(_) if attempt + 1 < ATTEMPTS => pause(attempt).await,
                Err(no) => {
                    self.in_container(layers, artifact, &no);
                    return Ok(());
                }
            }
        }
        self.in_container(layers, artifact, rejection);
        Ok(())
    }

    fn in_container(&mut self, layers: &mut Layers, artifact: &Artifact, reason: &Rejection) {
        layers.in_container = true;
        self.denied = Some((artifact.file(), reason.message.clone()));
        self.warnings.push(explain::fetched_in_container(layers, artifact, reason));
    }

    /// What a failed step of the packages was for; the rejection itself of any other.
    pub fn explain(
        &self,
        rejection: Rejection,
        layers: &Layers,
        purpose: Option<Purpose>,
        manifest: &str,
    ) -> Failure {
        match purpose {
            Some(Purpose::Wheels) => {
                let diagnostic = explain::no_fetch(layers, self.denied.as_ref(), manifest);
                Failure::Explained(diagnostic, rejection)
            }
            Some(Purpose::BuildPackages) => {
                explain::build_packages(&layers.build_packages, layers.span, rejection)
            }
            Some(Purpose::Built(name)) => match layers.wheels().find(|wheel| wheel.name == name) {
                Some(wheel) => Failure::Explained(explain::not_built(layers, wheel), rejection),
                None => Failure::Refused(rejection),
            },
            _ => Failure::Refused(rejection),
        }
    }
}
