//! The lines of a requirements file, joined, stripped and filled in as pip does
//! (`pip._internal.req.req_file.preprocess`).

use std::collections::BTreeMap;

use crate::values::secret::named;

/// What is said on a line and those that continue it, without comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logical {
    /// The first of the lines, from 1.
    pub number: usize,
    /// What is said; never empty.
    pub text: String,
}

/// The lines that say something.
pub fn logical(text: &str) -> Vec<Logical> {
    let mut joined: Vec<Logical> = Vec::new();
    let mut open: Option<Logical> = None;
    for (index, line) in split(text).into_iter().enumerate() {
        let is_comment = line.trim_start_matches(is_space).starts_with('#');
        let mut started = open.take().unwrap_or(Logical { number: index + 1, text: String::new() });
        if line.ends_with('\\') && !is_comment {
            started.text.push_str(line.trim_matches('\\'));
            open = Some(started);
        } else {
            // So that it stays a comment behind what it is joined to.
            started.text.push_str(if is_comment { " " } else { "" });
            started.text.push_str(line);
            joined.push(started);
        }
    }
    joined.extend(open);
    for line in &mut joined {
        line.text = without_comment(&line.text).to_owned();
    }
    joined.retain(|line| !line.text.is_empty());
    joined
}

/// A line with `values` in the places of `${NAME}`, and the names that have none.
pub fn expand(line: &str, values: &BTreeMap<String, String>) -> (String, Vec<String>) {
    let mut expanded = line.to_owned();
    let mut missing = Vec::new();
    for name in named::variables(line) {
        match values.get(name).filter(|value| !value.is_empty()) {
            Some(value) => expanded = expanded.replace(&format!("${{{name}}}"), value),
            None => missing.push(name.to_owned()),
        }
    }
    (expanded, missing)
}

/// Python's `str.splitlines`.
fn split(text: &str) -> Vec<&str> {
    const ENDS: [char; 10] =
        ['\n', '\r', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e', '\u{85}', '\u{2028}', '\u{2029}'];
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(ENDS) {
        lines.push(&rest[..at]);
        let end = &rest[at..];
        let length = end.chars().next().map_or(0, char::len_utf8);
        rest = end.strip_prefix("\r\n").unwrap_or(&end[length..]);
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

/// Python's idea of a space.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// A line up to its comment, which starts it or follows a space.
fn without_comment(line: &str) -> &str {
    let starts = |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(is_space);
    let code = line.match_indices('#').find(starts).map_or(line, |(at, _)| &line[..at]);
    code.trim_matches(is_space)
}
