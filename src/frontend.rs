//! The frontend: one build, from the options to the result, in the order it happens.

use std::{
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use buildkit_frontend::serve;

use self::{build::Build, failure::Failure, job::Job};
use crate::{
    document::Document,
    gateway::{Gateway, rejection::Rejection, reply::Reply},
    manifest,
    request::Request,
    values::capabilities::{self, BELOW_FLOOR},
};

pub mod asset;
pub mod build;
pub mod bundle;
pub mod check;
pub mod context;
pub mod download;
pub mod failure;
pub mod file;
pub mod job;
pub mod locking;
pub mod planning;
pub mod python;
pub mod read;
pub mod resolve;
pub mod solve;
pub mod step;
pub mod subrequest;
pub mod system;
pub mod verify;

/// What the image's label `moby.buildkit.frontend.caps` declares. Clients that ask
/// for more are told so before we run.
pub const DECLARED: &[&str] =
    &["moby.buildkit.frontend.subrequests", "moby.buildkit.frontend.contexts"];

/// Serves one build on stdin and stdout, and returns when the daemon has the outcome.
pub fn run() -> ExitCode {
    serve::run(async |gateway, request| {
        // What is known of the manifest when a build fails, so that the failure has a place.
        let seen = Seen::default();
        seen.set(Document::new(request.filename.clone(), ""));
        let outcome = failure::caught(Box::pin(answer(gateway, request, &seen))).await;
        outcome.map_err(|failure| failure.into_rejection(&seen.get()))
    })
}

/// The manifest as far as it has been read; shared with the place that reports failures.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Option<Document>>>);

impl Seen {
    fn set(&self, document: Document) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(document);
    }

    fn get(&self) -> Document {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone().unwrap_or_else(|| Document::new("modelcache.yaml", ""))
    }
}

async fn answer(gateway: &Gateway, request: &Request, seen: &Seen) -> Result<Reply, Failure> {
    // Before all else: what an older one says of a graph is a riddle.
    if !capabilities::reach_floor(&gateway.api) {
        return Err(Rejection::new(BELOW_FLOOR).into());
    }
    if let Some(name) = &request.subrequest
        && let Some(reply) = subrequest::without_manifest(name)
    {
        return Ok(reply);
    }
    check::request(request)?;
    let file = read::manifest(gateway, request).await?;
    seen.set(file.document.clone());
    let parsed = manifest::parse(&file.document, &request.build_args);
    let asks_world =
        |name: &&String| [locking::SUBREQUEST, planning::SUBREQUEST].contains(&name.as_str());
    if let Some(name) = request.subrequest.as_ref().filter(|name| !asks_world(name)) {
        return subrequest::answer(name, &file.document, &parsed);
    }
    let Some(manifest) = &parsed.manifest else { return Err(parsed.diagnostics.into()) };
    let build = Build { gateway, request, manifest, file: &file };
    build.warn(&parsed.diagnostics).await?;
    Job::new(build)?.run().await
}
