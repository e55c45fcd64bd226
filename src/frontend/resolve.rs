//! Fills the lock by asking: what the base image is, which files a model has.
//!
//! Everything is fetched by the daemon, so its cache, proxies, secrets and
//! policies apply; an answer that it still holds costs one conditional request.

use std::collections::BTreeSet;

use buildkit_llb::{Image, OciLayout, Op, Output, Platform, Timestamp, Vertex};
use futures_util::future::join_all;

use super::{build::Build, bundle, context, failure::Failure, locking, verify};
use crate::{
    answers::{Answers, BaseImage, Users, model_key},
    gateway::{Gateway, Ref, rejection::Rejection},
    graph::{self, bundle::Bundle},
    manifest::{Manifest, verify::Imports},
    plan,
    values::{config::ImageConfig, diagnostic::Diagnostic, target::Target},
};

pub mod hub;

/// What was found out, and what there is to say about it.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The answers.
    pub answers: Answers,
    /// Doubts about the models.
    pub warnings: Vec<Diagnostic>,
    /// The platforms whose base image was asked who is in it.
    pub read: BTreeSet<Platform>,
}

/// Asks for all that the manifest names and `known` lacks. Every mistake is reported, not the first.
pub async fn ask(
    build: Build<'_>,
    platforms: &[Platform],
    known: Answers,
) -> Result<Resolved, Failure> {
    let manifest = build.manifest;
    let bases = join_all(platforms.iter().map(async |platform| {
        let found = base(build, platform, &known).await?;
        with_files(build, platform, found).await
    }));
    let models = manifest.models.iter().map(async |model| match known.model(model) {
        Some(snapshot) => {
            let renamed = snapshot.renamed_to.iter().map(|name| hub::renamed(model, name));
            Ok((snapshot.clone(), renamed.collect()))
        }
        None => hub::ModelAsker::new(build, model).snapshot().await,
    });
    let (bases, models) = futures_util::join!(bases, join_all(models));
    let mut found = Resolved::default();
    found.answers.system.clone_from(&known.system);
    let mut failures = Vec::new();
    for (platform, base) in platforms.iter().zip(bases) {
        match base {
            Ok((base, read)) => {
                if read {
                    found.read.insert(platform.clone());
                }
                found.warnings.extend(other_platform(manifest, platform, &base));
                found.answers.base.insert(platform.clone(), base);
            }
            Err(failure) => failures.push(failure),
        }
    }
    for (model, answer) in manifest.models.iter().zip(models) {
        match answer {
            Ok((snapshot, warnings)) => {
                found.answers.models.insert(model_key(model), snapshot);
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

/// The base image: the one that a named context gives, else the bundle's, else the
/// locked one, else what the manifest names.
async fn base(
    build: Build<'_>,
    platform: &Platform,
    known: &Answers,
) -> Result<BaseImage, Failure> {
    let Build { gateway, request, manifest, .. } = build;
    let bundle = Bundle::given(request, platform).filter(|_| !locking::locks(request));
    let reference = match (context::base(request, manifest, platform)?, bundle) {
        (Some(context::BaseContext::Layout(layout)), _) => {
            return stored(build, platform, layout).await;
        }
        (None, Some(Bundle::Layout(layout, _))) => {
            return bundle::base(build, known, &layout, platform).await;
        }
        (Some(context::BaseContext::Image(reference)), _) => reference,
        (None, _) => match known.base(platform) {
            Some(locked) => locked.reference.clone(),
            None => manifest.base.value.full(),
        },
    };
    let mode = request.resolve_mode.as_deref().unwrap_or("default");
    let refused = |rejection| refused(manifest, platform, &rejection);
    let found = gateway.resolve_image(&reference, platform, mode).await.map_err(refused)?;
    let config = config(&found.config, manifest, platform)?;
    let reference = if found.digest.is_empty() || found.reference.contains('@') {
        found.reference
    } else {
        format!("{}@{}", found.reference, found.digest)
    };
    // Of another image than the locked one, a lock knows nothing.
    let locked = known.base(platform).filter(|locked| locked.reference == reference);
    Ok(BaseImage { reference, config, ..locked.cloned().unwrap_or_default() })
}

/// What there is to say of a base image for another machine, which a store of the
/// builder's may hold under the name.
fn other_platform(
    manifest: &Manifest,
    platform: &Platform,
    base: &BaseImage,
) -> Option<Diagnostic> {
    let found = &base.config.architecture;
    if found.is_empty() || *found == platform.architecture {
        return None;
    }
    let message = format!(
        "the base image `{}` is for {}/{found}, and {platform} is built",
        manifest.base.value, base.config.os,
    );
    let warning = Diagnostic::warning("base-platform", message).label(manifest.base.span, "");
    Some(
        warning.help(
            "`--pull` asks the registry, where the builder has an image for one platform only",
        ),
    )
}

/// An image in an OCI layout as the base image.
async fn stored(
    build: Build<'_>,
    platform: &Platform,
    layout: OciLayout,
) -> Result<BaseImage, Failure> {
    let Build { gateway, manifest, .. } = build;
    let found = gateway.resolve_layout(&layout, platform).await;
    let found = found.map_err(|rejection| refused(manifest, platform, &rejection))?;
    let config = config(&found, manifest, platform)?;
    let reference = layout.reference.clone();
    Ok(BaseImage { reference, config, layout: Some(layout), ..BaseImage::default() })
}

fn config(json: &[u8], manifest: &Manifest, platform: &Platform) -> Result<ImageConfig, Failure> {
    serde_json::from_slice(json).map_err(|error| {
        let rejection = Rejection::new(format!("its config is unreadable: {error}"));
        refused(manifest, platform, &rejection)
    })
}

fn refused(manifest: &Manifest, platform: &Platform, rejection: &Rejection) -> Failure {
    let message = format!("the base image `{}` can't be had for {platform}", manifest.base.value);
    let diagnostic = Diagnostic::error("base-image", message)
        .label(manifest.base.span, rejection.message.clone())
        .help("check the name and tag, and that the builder may pull from that registry");
    Failure::from(diagnostic)
}

/// The base image with what must be known of the files in it, and whether it was asked who
/// is in it.
async fn with_files(
    build: Build<'_>,
    platform: &Platform,
    mut base: BaseImage,
) -> Result<(BaseImage, bool), Failure> {
    let Build { gateway, request, manifest, .. } = build;
    let target = Target::named(request.target.as_deref());
    // They have no user, and prove nothing.
    let is_part = matches!(target, Some(Target::Bundle | Target::Python));
    let wants_user = plan::user::asks_base(manifest);
    // Which Python runs the proofs, where the manifest makes none.
    let imports = matches!(manifest.verify.imports, Imports::Named(_));
    let loads = manifest.verify.models && manifest.has_proven();
    let proves = manifest.python.is_none() && (imports || loads);
    let mut zips = plan::asset::zips(manifest).peekable();
    let unpacks = zips.peek().is_some() || plan::asset::wants_python(manifest);
    let wants_python = proves || unpacks;
    if is_part {
        return Ok((base, false));
    }
    let image = image(&base, platform);
    let asks_users = wants_user && base.users.is_none();
    if asks_users {
        let files = graph::user::files(&image, Timestamp::Seconds(request.epoch));
        base.users = Some(users(gateway, &files).await?);
    }
    if wants_python && base.python.is_none() {
        let image = gateway.solve(buildkit_llb::marshal(&image, &[]), false).await?;
        base.python = verify::interpreter(gateway, &image, base.config.config.path()).await;
    }
    if base.python.is_none() && zips.peek().is_some() {
        let reason = format!("`{}` has none", manifest.base.value);
        return Err(zips
            .map(|zip| plan::asset::no_python(zip, &reason))
            .collect::<Vec<_>>()
            .into());
    }
    Ok((base, asks_users))
}

/// The base image, to be looked into.
fn image(base: &BaseImage, platform: &Platform) -> Output {
    let reference = &base.reference;
    let op = match &base.layout {
        Some(layout) => Op::OciLayout(layout.clone()),
        None => Op::Image(Image::new(reference)),
    };
    Vertex::new(op).platform(platform).name(format!("[internal] look into {reference}")).output()
}

/// Who is in the base image that `files` are from.
async fn users(gateway: &Gateway, files: &Output) -> Result<Users, Failure> {
    let files: Ref = gateway.solve(buildkit_llb::marshal(files, &[]), false).await?;
    let read = async |path| match gateway.read_file(&files, path).await {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(rejection) if rejection.is_not_found() => Ok(String::new()),
        Err(rejection) => Err(Failure::from(rejection)),
    };
    Ok(Users { passwd: read("/passwd").await?, group: read("/group").await? })
}
