//! What a build says of the bundle that it is given.

use buildkit_llb::{OciLayout, Platform};

use super::{build::Build, failure::Failure};
use crate::{
    answers::{Answers, BaseImage},
    document::Span,
    gateway::rejection::Rejection,
    graph::{Scene, bundle::Bundle},
    plan::{self, Plan, asset::AssetLayerKind},
    values::{config::ImageConfig, diagnostic::Diagnostic, digest::Digest},
};

/// The command that makes the bundle of the manifest `name`.
pub fn command(name: &str) -> String {
    format!(
        "docker buildx build --target bundle --output type=oci,tar=false,dest=bundle -f {name} ."
    )
}

/// The base image in a bundle, which must be the one that is locked or named.
pub async fn base(
    build: Build<'_>,
    known: &Answers,
    layout: &OciLayout,
    platform: &Platform,
) -> Result<BaseImage, Failure> {
    let Build { gateway, request, manifest, .. } = build;
    let span = manifest.base.span;
    let again = || format!("make it again, for all platforms: {}", command(&request.filename));
    let unusable = |message: String, why: String| {
        Diagnostic::error("bundle", message).label(span, why).help(again())
    };
    let found = gateway.resolve_layout(layout, platform).await.map_err(|rejection| {
        let message = format!("the bundle has no image for {platform}");
        Failure::Explained(unusable(message, "asked for here".into()), rejection)
    })?;
    let config: Option<ImageConfig> = serde_json::from_slice(&found).ok();
    let Some(base) = config.as_ref().and_then(plan::bundle::base) else {
        let message = "the OCI layout given as the bundle holds another image".to_owned();
        return Err(unusable(message, "no base image is in it".into()).into());
    };
    let name = manifest.base.value.full();
    let fits = match known.base(platform) {
        Some(locked) => locked.reference == base.reference,
        None => base.reference.split('@').next() == name.split('@').next(),
    };
    if !fits {
        let wanted = known.base(platform).map_or(name, |locked| locked.reference.clone());
        let message = "the bundle was made with another base image".to_owned();
        return Err(unusable(message, format!("this is {wanted}"))
            .help(format!("the bundle has {}", base.reference))
            .into());
    }
    let layer_limit = Some(base.config.layers());
    let layout = OciLayout { layer_limit, ..layout.clone() };
    let locked = known.base(platform).cloned().unwrap_or_default();
    Ok(BaseImage { layout: Some(layout), reference: base.reference, config: base.config, ..locked })
}

/// Explains a file that the bundle lacks, and one that was tampered with.
pub fn explain(rejection: &Rejection, plan: &Plan, scene: &Scene<'_>) -> Option<Failure> {
    let bundle = scene.bundle?;
    let says = |words: &[&str]| words.iter().any(|word| rejection.message.contains(word));
    let again = format!("make it again: {}", command(&scene.request.filename));
    if matches!(bundle, Bundle::Layout(..))
        && says(&["unexpected commit digest", "unexpected commit size", "failed precondition"])
    {
        let span = plan.base.as_ref().map_or(Span::default(), |base| base.span);
        let diagnostic = Diagnostic::error("damaged-bundle", "the bundle is damaged")
            .label(span, "the image is made from it")
            .help("a file in it has other content than its name, a digest, says")
            .help(again)
            .help("the builder goes on from what it has of the damaged file: `docker buildx prune` first");
        return Some(Failure::Explained(diagnostic, rejection.clone()));
    }
    if !says(&["not found", "no such file"]) {
        return None;
    }
    let (what, span) = lacking(rejection, plan)?;
    let diagnostic = Diagnostic::error("incomplete-bundle", format!("the bundle lacks {what}"))
        .label(span, "needed for this")
        .help(again);
    Some(Failure::Explained(diagnostic, rejection.clone()))
}

/// The file whose path in the bundle the daemon names.
fn lacking(rejection: &Rejection, plan: &Plan) -> Option<(String, Span)> {
    let is_named =
        |digest: &Digest| rejection.message.contains(crate::graph::bundle::path(digest).as_str());
    for layer in &plan.models {
        let mut files = layer.snapshot.iter().flat_map(|snapshot| &snapshot.files);
        if let Some(file) = files.find(|file| is_named(&file.digest)) {
            return Some((format!("`{}` of `{}`", file.path, layer.id), layer.span));
        }
    }
    if let Some(system) = &plan.system
        && let Some(package) = system.packages.iter().find(|package| is_named(&package.digest))
    {
        return Some((format!("`{}`", package.file()), system.span));
    }
    plan.assets.iter().find_map(|layer| match &layer.kind {
        AssetLayerKind::File { url, digest, .. } if is_named(digest) => {
            Some((format!("`{url}`"), layer.span))
        }
        _ => None,
    })
}
