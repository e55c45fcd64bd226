//! Extras that are asked for and that no project has.

use crate::{document::Spanned, packages::name::normalized, values::diagnostic::Diagnostic};

/// The mistakes in `asked`, where the projects `defined` these extras. One of which nobody
/// knows, since its build tells them, may have any.
pub fn unknown(asked: &[Spanned<String>], defined: &[Option<Vec<String>>]) -> Vec<Diagnostic> {
    let known: Option<Vec<&Vec<String>>> = defined.iter().map(Option::as_ref).collect();
    let Some(known) = known.filter(|known| !known.is_empty()) else { return Vec::new() };
    let known: Vec<&String> = known.into_iter().flatten().collect();
    let is_unknown = |extra: &&Spanned<String>| {
        let wanted = normalized(&extra.value);
        known.iter().all(|name| normalized(name) != wanted)
    };
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    let help = match names.as_slice() {
        [] => "it has none: `project.optional-dependencies` defines them".to_owned(),
        names => format!("it has {}", names.join(", ")),
    };
    let told = asked.iter().filter(is_unknown).map(|extra| {
        let message = format!("the project has no extra `{}`", extra.value);
        Diagnostic::error("unknown-extra", message).label(extra.span, "").help(&help)
    });
    told.collect()
}
