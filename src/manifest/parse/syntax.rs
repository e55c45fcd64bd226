//! Text that is no YAML, explained to a person.

use crate::{document::Span, values::diagnostic::Diagnostic};

const CODE: &str = "yaml-syntax";

/// What the YAML parser's complaint `info` at the byte `at` means. `open` is the
/// innermost list or map, its place a bracket if it has one.
pub fn explain(text: &str, info: &str, at: usize, open: Option<Span>) -> Diagnostic {
    let bracket = open.filter(|open| open.start < open.end && is_bracket(text, *open));
    let here = character(text, at);
    let error = |message: &str| Diagnostic::error(CODE, message);
    if ["tabs disallowed", "found a tab", "tab cannot"].iter().any(|tab| info.contains(tab)) {
        return error("a tab cannot indent YAML").label(here, "a tab").help("indent with spaces");
    }
    if info.contains("quoted scalar") && !info.contains("escape") {
        return error("a quote is never closed").label(here, "opened here");
    }
    if info.contains("anchor") {
        return error("an alias of nothing")
            .label(here, "no anchor of this name is above")
            .help("a value that starts with `*` or `&` needs quotes");
    }
    if info.contains("unexpected character") {
        let name = &text[here.start..here.end];
        return error(&format!("a value cannot start with `{name}`"))
            .label(here, "")
            .help("put the value in quotes");
    }
    if info.contains("recursion limit") {
        let message = "lists and maps lie in each other too deep";
        return Diagnostic::error("too-large", message).label(here, "here");
    }
    if let Some(open) = bracket {
        let bracket = Span { start: open.start, end: open.start + "[".len() };
        let name = &text[bracket.start..bracket.end];
        return error("the text ends or changes before a bracket is closed")
            .label(here, "not expected here")
            .label(bracket, format!("this `{name}` is open"))
            .help("close the bracket, and put a comma between two values");
    }
    if info.contains("simple key") {
        return error("a key without a value")
            .label(line_before(text, at), "`: ` and a value are missing")
            .help("a list item is `- ` with a space; a key is `key: ` with a space");
    }
    if info.contains("mapping values are not allowed") {
        return error("a `: ` where none can be")
            .label(here, "not expected here")
            .help("if it belongs to the text, put the text in quotes")
            .help("if it ends a key, indent the line as its neighbours are");
    }
    if info.contains("did not find expected key") || info.contains("indentation") {
        return error("the line is indented as none above it")
            .label(rest_of_line(text, at), "")
            .help("the keys of a map, and the items of a list, start in one column");
    }
    error(&format!("not valid YAML: {info}")).label(here, "")
}

/// A `---` after the first document.
pub fn second_document(span: Span) -> Diagnostic {
    Diagnostic::error(CODE, "a manifest is one YAML document")
        .label(span, "a second one starts here")
        .help("put each manifest into a file of its own")
}

fn is_bracket(text: &str, span: Span) -> bool {
    text[span.start..].starts_with(['[', '{'])
}

/// The character at `at`, or the last one of the text.
fn character(text: &str, at: usize) -> Span {
    let written = text.trim_end().len();
    let start = if at < written { at } else { text.floor_char_boundary(written.saturating_sub(1)) };
    Span { start, end: text.ceil_char_boundary((start + 1).min(text.len())) }
}

/// What is written from `at` to the end of its line.
fn rest_of_line(text: &str, at: usize) -> Span {
    let line = text[at..].lines().next().unwrap_or_default().trim_end();
    if line.is_empty() { character(text, at) } else { Span { start: at, end: at + line.len() } }
}

/// The last line with text that ends before `at`, where the parser noticed.
fn line_before(text: &str, at: usize) -> Span {
    let end = text[..at].trim_end().len();
    let line = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = text[line..end].len() - text[line..end].trim_start().len();
    Span { start: line + indent, end }
}
