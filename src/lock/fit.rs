//! Whether a lock still says what its manifest asks for.

use buildkit_llb::Platform;

use super::{
    LockFile, LockedModel, as_text, base::LockedContents, patterns, system::AskedOfSystem,
};
use crate::{
    answers::{Answers, BaseImage, model_key},
    document::Span,
    manifest::{Manifest, Model},
    values::diagnostic::Diagnostic,
};

pub mod python;

/// What a lock is good for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fit {
    /// The answers that still hold. A base image has no config, which must be asked for by
    /// its digest.
    pub known: Answers,
    /// What the manifest asks for and the lock lacks, each with its line.
    pub stale: Vec<Diagnostic>,
}

/// Compares `lock` with what `manifest` asks for on `platforms`. `command` is
/// what the user is told to run.
pub fn fit(lock: &LockFile, manifest: &Manifest, platforms: &[Platform], command: &str) -> Fit {
    let mut fit = Fit::default();
    base(lock, manifest, platforms, &mut fit);
    system(lock, manifest, platforms, &mut fit);
    for model in &manifest.models {
        match find(lock, model) {
            Some(locked) if is_same(locked, model) => {
                fit.known.models.insert(model_key(model), locked.snapshot());
            }
            Some(locked) => fit.stale.push(changed(locked, model)),
            None => fit.stale.push(
                stale(format!("the lock has no model `{}`", model.id.value))
                    .label(model.id.span, "not locked yet"),
            ),
        }
    }
    let wanted = |locked: &&LockedModel| {
        !manifest.models.iter().any(|model| model.id.value.hub_id() == locked.id)
    };
    for locked in lock.models.iter().filter(wanted) {
        let message = format!("the lock has a model `{}` that the manifest has not", locked.id);
        fit.stale.push(stale(message).label(Span::default(), "in this manifest"));
    }
    for diagnostic in &mut fit.stale {
        diagnostic.help.push(format!("to update the lock: {command}"));
    }
    fit
}

fn base(lock: &LockFile, manifest: &Manifest, platforms: &[Platform], fit: &mut Fit) {
    let image = manifest.base.value.full();
    let Some(base) = lock.base.as_ref().filter(|base| base.image == image) else {
        let had =
            lock.base.as_ref().map_or("no base image".into(), |base| format!("`{}`", base.image));
        fit.stale.push(
            stale(format!("the lock does not fit the base image `{}`", manifest.base.value))
                .label(manifest.base.span, format!("the lock has {had}")),
        );
        return;
    };
    for platform in platforms {
        match base.platforms.get(platform) {
            Some(digest) => {
                let reference = format!("{image}@{digest}");
                let known = base.contents(platform);
                let known = known.map_or_else(BaseImage::default, LockedContents::base);
                let known = BaseImage { reference, ..known };
                fit.known.base.insert(platform.clone(), known);
            }
            None => fit.stale.push(
                stale(format!("the lock has no base image for {platform}"))
                    .label(manifest.base.span, "locked for other platforms only"),
            ),
        }
    }
}

/// The distribution's packages, which were asked for in the locked base image.
fn system(lock: &LockFile, manifest: &Manifest, platforms: &[Platform], fit: &mut Fit) {
    let (system, locked) = match (&manifest.system, &lock.system) {
        (None, None) => return,
        (None, Some(_)) => {
            let message = "the lock has packages of the distribution's that the manifest has not";
            fit.stale.push(stale(message.to_owned()).label(Span::default(), "in this manifest"));
            return;
        }
        (Some(system), locked) => (system, locked.as_ref()),
    };
    let asked = AskedOfSystem::of(system);
    let had = locked.map_or("not locked yet".to_owned(), |it| format!("the lock has {}", it.asked));
    let Some(locked) = locked.filter(|locked| locked.asked == asked) else {
        let message = "the lock does not fit `system`";
        fit.stale.push(stale(message.to_owned()).label(system.span, had));
        return;
    };
    for platform in platforms {
        match locked.platforms.get(platform) {
            Some(packages) => {
                fit.known.system.insert(platform.clone(), packages.clone());
            }
            None => fit.stale.push(
                stale(format!("the lock has no packages of the distribution's for {platform}"))
                    .label(system.span, "locked for other platforms only"),
            ),
        }
    }
}

fn find<'a>(lock: &'a LockFile, model: &Model) -> Option<&'a LockedModel> {
    let id = model.id.value.hub_id();
    lock.models.iter().find(|locked| locked.id == id)
}

fn is_same(locked: &LockedModel, model: &Model) -> bool {
    locked.revision == model.revision_or_main()
        && locked.include == patterns(&model.include)
        && locked.exclude == patterns(&model.exclude)
        && locked.format == as_text(model.format.as_ref())
        && locked.quant == as_text(model.quant.as_ref())
        && locked.variant == as_text(model.variant.as_ref())
        && locked.trust_remote_code == model.trust_remote_code
}

fn changed(locked: &LockedModel, model: &Model) -> Diagnostic {
    let (was, span) = if locked.revision == model.revision_or_main() {
        ("other files were chosen".to_owned(), model.span)
    } else {
        let span = model.revision.as_ref().map_or(model.id.span, |revision| revision.span);
        (format!("locked at `{}`", locked.revision), span)
    };
    stale(format!("the lock does not fit the model `{}`", model.id.value)).label(span, was)
}

fn stale(message: String) -> Diagnostic {
    Diagnostic::error("stale-lock", message)
}
