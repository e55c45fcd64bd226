//! Fills the lock by asking: what the base image is, which files a model has.
//!
//! Everything is fetched by the daemon, so its cache, proxies, secrets and
//! policies apply; an answer that it still holds costs one conditional request.

use buildkit_llb::{Image, Platform, Vertex};
use futures_util::future::join_all;

use super::{failure::Failure, verify};
use crate::{
    config::ImageConfig,
    diagnostic::Diagnostic,
    gateway::{Gateway, Ref, rejection::Rejection},
    lock::{BaseImage, Lock, model_key},
    manifest::{Manifest, Verify},
    plan,
    request::Request,
};

pub mod hub;

/// What was found out, and what there is to say about it.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The answers.
    pub lock: Lock,
    /// Doubts about the models.
    pub warnings: Vec<Diagnostic>,
}

/// Asks for all that the manifest names and `known` lacks. Every mistake is reported, not the first.
pub async fn lock(
    gateway: &Gateway,
    request: &Request,
    manifest: &Manifest,
    platforms: &[Platform],
    known: Lock,
) -> Result<Resolved, Failure> {
    let bases = join_all(platforms.iter().map(async |platform| {
        let given = super::asset::base(request, manifest, platform)?;
        let locked = || known.base(platform).map(|base| base.reference.clone());
        let reference = given.or_else(locked).unwrap_or_else(|| manifest.base.value.full());
        base(gateway, request, manifest, platform, reference).await
    }));
    let models = manifest.models.iter().map(async |model| match known.model(model) {
        Some(snapshot) => {
            let renamed = snapshot.renamed_to.iter().map(|name| hub::renamed(model, name));
            Ok((snapshot.clone(), renamed.collect()))
        }
        None => hub::Asker::new(gateway, request, manifest, model).snapshot().await,
    });
    let (bases, models) = futures_util::join!(bases, join_all(models));
    let mut found = Resolved::default();
    let mut failures = Vec::new();
    for (platform, base) in platforms.iter().zip(bases) {
        match base {
            Ok(base) => drop(found.lock.base.insert(platform.to_string(), base)),
            Err(failure) => failures.push(failure),
        }
    }
    for (model, answer) in manifest.models.iter().zip(models) {
        match answer {
            Ok((snapshot, warnings)) => {
                found.lock.models.insert(model_key(model), snapshot);
                found.warnings.extend(warnings);
            }
            Err(failure) => failures.push(failure),
        }
    }
    match Failure::all(failures) {
        None => Ok(found),
        Some(failure) => Err(failure),
    }
}

async fn base(
    gateway: &Gateway,
    request: &Request,
    manifest: &Manifest,
    platform: &Platform,
    reference: String,
) -> Result<BaseImage, Failure> {
    let span = manifest.base.span;
    let mode = request.resolve_mode.as_deref().unwrap_or("default");
    let refused = |rejection: Rejection| {
        let message =
            format!("the base image `{}` can't be had for {platform}", manifest.base.value);
        let diagnostic = Diagnostic::error("base-image", message)
            .label(span, rejection.message.clone())
            .help("check the name and tag, and that the builder may pull from that registry");
        Failure::from(diagnostic)
    };
    let found = gateway.resolve_image(&reference, platform, mode).await.map_err(refused)?;
    let config: ImageConfig = serde_json::from_slice(&found.config)
        .map_err(|error| refused(Rejection::new(format!("its config is unreadable: {error}"))))?;
    let reference = if found.digest.is_empty() || found.reference.contains('@') {
        found.reference
    } else {
        format!("{}@{}", found.reference, found.digest)
    };
    let is_root = manifest.user.as_ref().is_some_and(|user| user.value.is_root());
    // Which Python verifies the models, where the manifest makes none.
    let proves = manifest.python.is_none()
        && manifest.verify != Verify::Nothing
        && plan::asset::has_models(manifest);
    let mut zips = plan::asset::zips(manifest).peekable();
    let wants_python = proves || zips.peek().is_some();
    let mut base = BaseImage { reference, config, ..BaseImage::default() };
    if is_root && !wants_python {
        return Ok(base);
    }
    let image = look_into(gateway, &base.reference, platform).await?;
    if !is_root {
        (base.passwd, base.group) = user_files(gateway, &image).await?;
    }
    if wants_python {
        base.python = verify::interpreter(gateway, &image, base.config.config.path()).await;
    }
    if base.python.is_none() && zips.peek().is_some() {
        let reason = format!("`{}` has none", manifest.base.value);
        return Err(zips
            .map(|zip| plan::asset::no_python(zip, &reason))
            .collect::<Vec<_>>()
            .into());
    }
    Ok(base)
}

/// The base image, to be looked into.
async fn look_into(
    gateway: &Gateway,
    reference: &str,
    platform: &Platform,
) -> Result<Ref, Failure> {
    let image = Vertex::new(Image::new(reference))
        .platform(platform)
        .name(format!("[internal] look into {reference}"))
        .output();
    Ok(gateway.solve(buildkit_llb::marshal(&image, &[]), false).await?)
}

/// The files that name the base image's users; empty where it has none.
async fn user_files(gateway: &Gateway, image: &Ref) -> Result<(String, String), Failure> {
    let read = async |path| match gateway.read_file(image, path).await {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(rejection) if rejection.is_not_found() => Ok(String::new()),
        Err(rejection) => Err(Failure::from(rejection)),
    };
    Ok((read("/etc/passwd").await?, read("/etc/group").await?))
}
