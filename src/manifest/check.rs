//! Mistakes that no value shows by itself.

use super::{Copy, DEFAULT_WORKDIR, Model, User};
use crate::{diagnostic::Diagnostic, source::Spanned};

/// Reports models that are in the list twice. A cache has one `main` for each, so
/// one revision of a model is all that an image can hold.
pub fn models(models: &[Model]) -> Vec<Diagnostic> {
    let again = models.iter().enumerate().filter_map(|(i, model)| {
        let same = |first: &&Model| first.id.value.hub_id() == model.id.value.hub_id();
        models[..i].iter().find(same).map(|first| (model, first))
    });
    let diagnostics = again.map(|(model, first)| {
        let message = format!("the model `{}` is there twice", model.id.value.hub_id());
        let help = if first.revision == model.revision {
            "remove one of them"
        } else {
            "an image holds one revision of a model: remove the other"
        };
        Diagnostic::error("duplicate-model", message)
            .label(model.id.span, "again here")
            .label(first.id.span, "first here")
            .help(help)
    });
    diagnostics.collect()
}

/// Reports copies that overwrite each other: two to one target, or one twice.
/// A target with a `/` at its end is a folder, and holds more than one.
pub fn copies(copies: &[Copy], workdir: Option<&Spanned<String>>) -> Vec<Diagnostic> {
    let workdir = workdir.map_or(DEFAULT_WORKDIR, |workdir| &workdir.value);
    let target = |copy: &Copy| {
        copy.to.as_ref().map(|to| match to.value.as_str() {
            absolute if absolute.starts_with('/') => absolute.to_owned(),
            "." => workdir.to_owned(),
            relative => format!("{}/{relative}", workdir.trim_end_matches('/')),
        })
    };
    let again = copies.iter().enumerate().filter_map(|(i, copy)| {
        let to = target(copy);
        let clash = |first: &&Copy| {
            let same_from = first.from.value == copy.from.value;
            let file = to.as_ref().is_some_and(|to| !to.ends_with('/'));
            target(first) == to && (same_from || file)
        };
        copies[..i].iter().find(clash).map(|first| (copy, first, to))
    });
    let place = |copy: &Copy| copy.to.as_ref().map_or(copy.from.span, |to| to.span);
    let diagnostics = again.map(|(copy, first, to)| {
        let target = to.unwrap_or_else(|| workdir.to_owned());
        Diagnostic::error("duplicate-target", format!("two copies go to `{target}`"))
            .label(place(copy), "again here")
            .label(place(first), "first here")
            .help("give each its own `to`, or end it in `/` to put files into one folder")
    });
    diagnostics.collect()
}

/// Warns of a container that may do everything.
pub fn user(user: &Spanned<User>) -> Option<Diagnostic> {
    user.value.is_root().then(|| {
        Diagnostic::warning("root-user", "the container runs as root")
            .label(user.span, "")
            .help("remove `user`: the default, `appuser`, can read all that is built")
    })
}
