//! What is said of a file that is taken for a requirements file.

use crate::{diagnostic::Diagnostic, requirements::mistaken, source::Span};

/// The mistake, shown at `span`, if the file at `path` is of a kind that is known.
pub fn told(path: &str, text: &str, span: Span) -> Option<Diagnostic> {
    let found = mistaken::recognize(path, text)?;
    let line = found.line.map_or_else(String::new, |line| format!(" (line {line})"));
    let message = format!("`{path}` is no requirements file, but {}{line}", found.what);
    let mistake = Diagnostic::error("not-requirements", message).label(span, "named here");
    Some(mistake.help(found.instead))
}
