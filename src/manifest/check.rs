//! Mistakes that no value shows by itself.

use std::collections::BTreeMap;

use super::{ContextPath, Copy, DEFAULT_WORKDIR, Model, User, flag::Flag};
use crate::{document::Spanned, values::diagnostic::Diagnostic};

/// Reports models that are in the list twice. A cache has one `main` for each, so
/// one revision of a model is all that an image can hold.
pub fn models(models: &[Model]) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<String, &Model> = BTreeMap::new();
    let mut found = Vec::new();
    for model in models {
        let id = model.id.value.hub_id();
        let Some(first) = seen.get(&id) else {
            seen.insert(id, model);
            continue;
        };
        let message = format!("the model `{id}` is there twice");
        let help = if first.revision == model.revision {
            "remove one of them"
        } else {
            "an image holds one revision of a model: remove the other"
        };
        let error = Diagnostic::error("duplicate-model", message);
        let error = error.label(model.id.span, "again here").label(first.id.span, "first here");
        found.push(error.help(help));
    }
    found
}

/// Reports two ways to choose files of one model: a list of all that is wanted
/// leaves nothing to be chosen.
pub fn choice(model: &Model) -> Option<Diagnostic> {
    let include = model.include.first()?;
    let keys = [
        ("format", model.format.as_ref().map(|format| format.span)),
        ("quant", model.quant.as_ref().map(|quant| quant.span)),
        ("variant", model.variant.as_ref().map(|variant| variant.span)),
    ];
    let (key, span) = keys.into_iter().find_map(|(key, span)| Some((key, span?)))?;
    let message = format!("`{key}` and `files` both choose the files of `{}`", model.id.value);
    let diagnostic = Diagnostic::error("two-choices", message)
        .label(span, "chosen here")
        .label(include.span, "and listed here")
        .help("keep one of them; `files: {exclude: …}` goes with both");
    Some(diagnostic)
}

/// Reports code that is trusted whatever it will be.
pub fn trust(model: &Model, trust: &Spanned<Flag>) -> Option<Diagnostic> {
    let pinned = model.revision.as_ref().is_some_and(|revision| revision.value.is_commit());
    (trust.value.0 && !pinned).then(|| {
        let message = format!("the code of `{}` is trusted at no commit", model.id.value);
        Diagnostic::error("unpinned-code", message)
            .label(trust.span, "")
            .help("write `revision:` with the commit that you have read, 40 hex digits")
    })
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
    let mut seen: BTreeMap<(Option<String>, Option<&ContextPath>), &Copy> = BTreeMap::new();
    let mut found = Vec::new();
    for copy in copies {
        let to = target(copy);
        let file = to.as_ref().is_some_and(|to| !to.ends_with('/'));
        let from = (!file).then_some(&copy.from.value);
        let Some(first) = seen.get(&(to.clone(), from)) else {
            seen.insert((to, from), copy);
            continue;
        };
        let place = |copy: &Copy| copy.to.as_ref().map_or(copy.from.span, |to| to.span);
        let to = to.unwrap_or_else(|| workdir.to_owned());
        let error = Diagnostic::error("duplicate-target", format!("two copies go to `{to}`"));
        let error = error.label(place(copy), "again here").label(place(first), "first here");
        let help = "give each its own `to`, or end it in `/` to put files into one folder";
        found.push(error.help(help));
    }
    found
}

/// Warns of a container that may do everything.
pub fn user(user: &Spanned<User>) -> Option<Diagnostic> {
    user.value.is_root().then(|| {
        Diagnostic::warning("root-user", "the container runs as root")
            .label(user.span, "")
            .help("remove `user`: the default, `appuser`, can read all that is built")
    })
}
