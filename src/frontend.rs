//! The frontend: one build, from the options to the result, in the order it happens.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use buildkit_llb::{Output, Platform};
use futures_util::future::join_all;

use self::{failure::Failure, job::Job, read::ManifestFile};
use crate::{
    diagnostic::{Diagnostic, Severity},
    gateway::{Gateway, Ref, Reply, Warning, options, rejection::Rejection},
    graph::{self, Scene, purpose::Purposes},
    lock::Lock,
    lockfile, manifest,
    plan::{self, ContextFiles, Plan, Target},
    request::{Context, Request, predefined},
    secret,
    source::Source,
};

pub mod asset;
pub mod bundle;
pub mod context;
pub mod download;
pub mod failure;
pub mod job;
pub mod locking;
pub mod planning;
pub mod python;
pub mod read;
pub mod resolve;
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
    check_request(request)?;
    let file = read::manifest(gateway, request).await?;
    seen.set(file.source.clone());
    let parsed = manifest::parse(&file.source, &request.build_args);
    let locks = request.subrequest.as_deref() == Some(locking::SUBREQUEST);
    let plans = request.subrequest.as_deref() == Some(planning::SUBREQUEST);
    if let Some(name) = request.subrequest.as_ref().filter(|_| !locks && !plans) {
        return subrequest::answer(name, &file.source, &parsed);
    }
    let Some(manifest) = parsed.manifest else { return Err(parsed.diagnostics.into()) };
    warn(gateway, &file, &parsed.diagnostics).await?;
    let platforms = platforms(gateway, request);
    let lock_name = lockfile::name(&request.filename);
    let old = file.lock.as_deref().map(|text| locking::parse(&lock_name, text, &request.filename));
    let old = old.transpose()?;
    let updating = locking::locks(request);
    let bundle = match platforms.first() {
        Some(platform) if !updating => context::bundle(request, &manifest, platform)?,
        _ => None,
    };
    let job = Job {
        gateway,
        request,
        manifest: &manifest,
        file: &file,
        platforms: &platforms,
        old: old.as_ref(),
        bundle: bundle.as_ref(),
        updating,
    };
    let bases = job.bases();
    let known = locking::known(old.as_ref(), &manifest, &bases, request, updating)?;
    if plans {
        return planning::answer(gateway, request, &manifest, &known, &file.source).await;
    }
    if !updating {
        return job.build(known, &bases).await;
    }
    let new = job.lock(known, &bases).await?;
    if locks {
        Ok(locking::describe(old.as_ref(), &new))
    } else {
        locking::reply(gateway, request, &new).await
    }
}

/// What can be wrong with a request, whatever the manifest says.
fn check_request(request: &Request) -> Result<(), Failure> {
    let mistake = if let Context::Remote(url) = &request.context {
        let is_stdin = url.starts_with("http://buildkit-session/");
        let what = if is_stdin { "an archive from standard input" } else { url.as_str() };
        format!("the build context is {what}, and this version reads folders only")
    } else if let Some(target) = request.target.as_deref().filter(|name| !TARGETS.contains(name)) {
        format!("there is no target `{target}`; there are {}", TARGETS.join(", "))
    } else if let Some(name) = predefined::URLS.into_iter().find(|name| {
        request.build_arg(name).is_some_and(|url| !secret::credentials(url).is_empty())
    }) {
        // It would be in the graph, in the provenance and in a cache key.
        format!(
            "the build argument `{name}` has a password or token in its URL: \
             pass it as a build secret (`--secret id=netrc,src=…` for a package index, \
             `--secret id=HTTP_AUTH_TOKEN_<host>,env=…` for a hub)"
        )
    } else {
        return Ok(());
    };
    Err(Rejection::new(mistake).into())
}

async fn facts(
    gateway: &Gateway,
    request: &Request,
    manifest: &manifest::Manifest,
    platforms: &[Platform],
) -> Result<(Vec<String>, ContextFiles), Failure> {
    let copies = manifest.app.as_ref().is_some_and(|app| !app.copy.is_empty());
    let ignore = if copies { read::ignore_patterns(gateway, request).await? } else { Vec::new() };
    let (context, folders) = futures_util::join!(
        read::context(gateway, request, manifest, &ignore),
        asset::folders(gateway, request, manifest, platforms),
    );
    let (context, ()) = failure::both(context, folders)?;
    Ok((ignore, context))
}

fn platforms(gateway: &Gateway, request: &Request) -> Vec<Platform> {
    if !request.platforms.is_empty() {
        return request.platforms.clone();
    }
    let own = gateway.platforms.first().cloned();
    vec![own.unwrap_or_else(|| Platform {
        os: "linux".into(),
        architecture: "amd64".into(),
        ..Platform::default()
    })]
}

async fn warn(
    gateway: &Gateway,
    file: &ManifestFile,
    diagnostics: &[Diagnostic],
) -> Result<(), Failure> {
    for diagnostic in diagnostics.iter().filter(|found| found.severity == Severity::Warning) {
        let lines = diagnostic.span().map(|span| file.source.lines(span));
        let place = lines.map_or_else(String::new, |(line, _)| format!(" (line {line})"));
        let info = file.as_source_file();
        let warning = Warning {
            digest: file.digest.clone(),
            short: format!("{}: {}{place}", diagnostic.code, diagnostic.message),
            detail: diagnostic.help.clone(),
            info: buildkit_proto::pb::SourceInfo {
                filename: info.filename,
                data: info.text,
                definition: info.definition,
                language: info.language,
            },
            lines,
        };
        gateway.warn(warning).await?;
    }
    Ok(())
}

/// What is known before a plan is made, beside the manifest.
struct Known {
    /// The outside world's answers.
    lock: Lock,
    /// The build context's.
    context: ContextFiles,
    /// By platform, the steps that have answered.
    asked: BTreeMap<String, Vec<Output>>,
}

/// Plans, emits and solves each platform; they run side by side.
async fn build(
    gateway: &Gateway,
    scene: &Scene<'_>,
    file: &ManifestFile,
    manifest: &manifest::Manifest,
    known: &Known,
    platforms: &[Platform],
) -> Result<Reply, Failure> {
    let Known { lock, context, asked } = known;
    let plans = platforms.iter().map(|platform| {
        plan::plan(manifest, lock, context, platform, scene.request).map_err(Failure::from)
    });
    let mut plans: Vec<Plan> = plans.collect::<Result<_, _>>()?;
    // They are the same on every platform, and a bundle goes into no registry.
    if let Some(plan) = plans.first().filter(|plan| plan.target != Target::Bundle) {
        warn(gateway, file, &plan::layers::warnings(&plan.models)).await?;
    }
    for plan in &mut plans {
        let unproven = verify::leave_out(plan, &gateway.platforms);
        warn(gateway, file, unproven.as_slice()).await?;
    }
    let none = Vec::new();
    let solves = plans.iter().map(|plan| {
        let asked = asked.get(&plan.platform.to_string()).unwrap_or(&none);
        solve(gateway, scene, file, plan, asked)
    });
    let mut refs = Vec::new();
    let mut failures = Vec::new();
    for (platform, solved) in platforms.iter().zip(join_all(solves).await) {
        match solved {
            Ok(result) => refs.push((platform.to_string(), result)),
            Err(failure) => {
                failures.push(python::explain::not_given(failure, context));
            }
        }
    }
    if let Some(failure) = Failure::all(failures) {
        return Err(failure);
    }
    let as_map = scene.request.multi_platform || platforms.len() > 1;
    Ok(Reply { refs, as_map, metadata: metadata(&plans, lock, as_map)? })
}

/// Evaluates the image of one platform, so that a failing step is explained here
/// and not, without its meaning, after we are gone.
async fn solve(
    gateway: &Gateway,
    scene: &Scene<'_>,
    file: &ManifestFile,
    plan: &Plan,
    asked: &[Output],
) -> Result<Ref, Failure> {
    let mut downloads = step::Downloads::default();
    let mut plan = plan.clone();
    loop {
        let (attempts, purposes) = (downloads.attempts.clone(), Purposes::default());
        let scene = Scene { attempts: &attempts, purposes: &purposes, ..*scene };
        let definition = |output| buildkit_llb::marshal(output, &[file.as_source_file()]);
        let image = gateway.solve(definition(&graph::proven(&plan, asked, &scene)), true).await;
        let rejection = match image {
            Ok(image) if graph::binds_proofs(&scene) => return Ok(image),
            Ok(image) => match verify::each(gateway, file, &plan, &scene).await {
                Ok(()) => return Ok(image),
                Err(rejection) => rejection,
            },
            Err(rejection) => rejection,
        };
        downloads.again(gateway, file, rejection, &mut plan, &scene).await?;
    }
}

/// The keys that exporters read (`exporter/containerimage/exptypes`).
fn metadata(
    plans: &[Plan],
    lock: &Lock,
    as_map: bool,
) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let json = |config| {
        serde_json::to_vec(config)
            .map_err(|error| Rejection::new(format!("the image config can't be written: {error}")))
    };
    let mut metadata = BTreeMap::new();
    let mut listed = Vec::new();
    for plan in plans {
        let id = plan.platform.to_string();
        let suffix = if as_map { format!("/{id}") } else { String::new() };
        metadata.insert(format!("containerimage.config{suffix}"), json(&plan.config)?);
        let base = lock.base(&plan.platform).filter(|_| plan.target == Target::Image);
        if let Some(base) = base {
            metadata.insert(format!("containerimage.base.config{suffix}"), json(&base.config)?);
        }
        let mut platform = serde_json::json!({
            "architecture": plan.platform.architecture,
            "os": plan.platform.os,
        });
        if let Some(variant) = &plan.platform.variant {
            platform["variant"] = variant.clone().into();
        }
        listed.push(serde_json::json!({"ID": id, "Platform": platform}));
    }
    let platforms = serde_json::json!({"Platforms": listed});
    metadata.insert("refs.platforms".into(), platforms.to_string().into_bytes());
    Ok(metadata)
}
