//! What is said of a file that is taken for a requirements file.

use crate::{document::Span, packages::requirements::mistaken, values::diagnostic::Diagnostic};

/// The mistake, shown at `span`, if the file at `path` is of a kind that is known. `by` is the
/// file that includes it, and its line.
pub fn told(
    path: &str,
    text: &str,
    by: Option<&(String, usize)>,
    span: Span,
) -> Option<Diagnostic> {
    let found = mistaken::recognize(path, text)?;
    let line = found.line.map_or_else(String::new, |line| format!(" (line {line})"));
    let named = by.map_or_else(
        || format!("`{path}`"),
        |(file, line)| format!("`{file}` line {line} includes `{path}`, which"),
    );
    let message = format!("{named} is no requirements file, but {}{line}", found.what);
    let mistake = Diagnostic::error("not-requirements", message).label(span, "named here");
    Some(mistake.help(found.instead))
}
