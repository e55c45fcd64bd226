//! The frontend: one build, from the options to the result, in the order it happens.

use std::{
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use self::{build::Build, failure::Failure, job::Job};
use crate::{
    gateway::{Gateway, Reply, options, rejection::Rejection},
    manifest,
    request::Request,
    source::Source,
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
pub mod verify;

/// What the image's label `moby.buildkit.frontend.caps` declares. Clients that ask
/// for more are told so before we run.
pub const DECLARED: &[&str] =
    &["moby.buildkit.frontend.subrequests", "moby.buildkit.frontend.contexts"];

/// What can be built; the first is the default.
pub const TARGETS: [&str; 5] = ["image", "models", "python", "bundle", locking::TARGET];

/// Serves one build on stdin and stdout, and returns when the daemon has the outcome.
///
/// The exit code counts only if no outcome could be handed over: the daemon
/// takes a returned error for the build's own.
pub fn run() -> ExitCode {
    let runtime =
        match tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build() {
            Ok(runtime) => runtime,
            Err(error) => return fail(&format!("no runtime: {error}")),
        };
    match runtime.block_on(serve()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(rejection) => fail(&rejection.message),
    }
}

/// Where the daemon's own log ends up; users don't see it.
fn fail(reason: &str) -> ExitCode {
    eprintln!("modelcache: {reason}");
    ExitCode::from(2)
}

async fn serve() -> Result<(), Rejection> {
    let environment = options::from_env(std::env::vars());
    let request = Request::from_options(&environment.options, &environment.session);
    let imports = request.as_ref().map_or(&[][..], |request| &request.cache_imports);
    let gateway = Gateway::connect(imports).await?;
    // What is known of the manifest when a build fails, so that the failure has a place.
    let seen: Seen = Seen::default();
    let outcome = match request {
        Err(error) => Err(Failure::Refused(Rejection::new(error.to_string()))),
        Ok(request) => {
            seen.set(Source::new(request.filename.clone(), ""));
            failure::caught(Box::pin(answer(&gateway, &request, &seen))).await
        }
    };
    gateway.finish(outcome.map_err(|failure| failure.into_status(&seen.get()))).await
}

/// The manifest as far as it has been read; shared with the place that reports failures.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Option<Source>>>);

impl Seen {
    fn set(&self, source: Source) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(source);
    }

    fn get(&self) -> Source {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone().unwrap_or_else(|| Source::new("modelcache.yaml", ""))
    }
}

async fn answer(gateway: &Gateway, request: &Request, seen: &Seen) -> Result<Reply, Failure> {
    // Before all else: what an older one says of a graph is a riddle.
    gateway.check_floor()?;
    if let Some(name) = &request.subrequest
        && let Some(reply) = subrequest::without_manifest(name)
    {
        return Ok(reply);
    }
    check::request(request)?;
    let file = read::manifest(gateway, request).await?;
    seen.set(file.source.clone());
    let parsed = manifest::parse(&file.source, &request.build_args);
    let asks_world =
        |name: &&String| [locking::SUBREQUEST, planning::SUBREQUEST].contains(&name.as_str());
    if let Some(name) = request.subrequest.as_ref().filter(|name| !asks_world(name)) {
        return subrequest::answer(name, &file.source, &parsed);
    }
    let Some(manifest) = &parsed.manifest else { return Err(parsed.diagnostics.into()) };
    let build = Build { gateway, request, manifest, file: &file };
    build.warn(&parsed.diagnostics).await?;
    Job::new(build)?.run().await
}
