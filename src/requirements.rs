//! What a requirements file pulls in from the build context.
//!
//! pip judges the requirements themselves; the frontend only has to know which
//! further files pip will read, so that they are there and nothing else is.

use crate::secret;

/// A line of a requirements file that concerns the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub kind: ReferenceKind,
}

/// What a line refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceKind {
    /// `-r` or `-c`: another requirements file, relative to this one.
    File(String),
    /// A project in the context, by path or `-e`.
    Project(String),
    /// A URL with a user name or password in it.
    Credentials,
}

/// Returns the lines of a requirements file that concern us.
pub fn references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    for (line, text) in logical_lines(text) {
        let kind = if !secret::credentials(&text).is_empty() {
            Some(ReferenceKind::Credentials)
        } else if let Some(path) = option(&text, &["-r", "--requirement", "-c", "--constraint"]) {
            (!path.contains("://")).then(|| ReferenceKind::File(path.to_owned()))
        } else {
            project(&text)
        };
        found.extend(kind.map(|kind| Reference { line, kind }));
    }
    found
}

/// Joins `path` to the folder of the file `from`; `None` if that leaves the context.
pub fn beside(from: &str, path: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn project(line: &str) -> Option<ReferenceKind> {
    let editable = option(line, &["-e", "--editable"]);
    let path = editable.unwrap_or(line);
    let is_path = path.starts_with('.') || path.starts_with('/') || path.starts_with("file:");
    // An editable URL is fetched by pip itself.
    let is_project = is_path || editable.is_some_and(|target| !target.contains("://"));
    is_project.then(|| ReferenceKind::Project(path.to_owned()))
}

/// The value of an option in one of pip's spellings: `-r x`, `-rx`, `--requirement=x`.
fn option<'a>(line: &'a str, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| {
        let rest = line.strip_prefix(name)?;
        let value = rest.trim_start_matches([' ', '\t', '=']);
        let separated = value.len() < rest.len();
        let is_short = !name.starts_with("--");
        ((separated || is_short) && !value.is_empty()).then(|| value.trim())
    })
}

/// Lines as pip sees them: joined at a trailing `\`, without comments. Each with
/// the number of its first line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, raw) in text.lines().enumerate() {
        let (number, mut joined) = open.take().unwrap_or((index + 1, String::new()));
        if let Some(part) = raw.strip_suffix('\\') {
            joined.push_str(part);
            open = Some((number, joined));
        } else {
            joined.push_str(raw);
            lines.push((number, joined));
        }
    }
    lines.extend(open);
    let strip = |(number, line): (usize, String)| {
        let end = line.find(" #").or_else(|| line.find("\t#")).unwrap_or(line.len());
        let code = line[..end].trim();
        (!code.is_empty() && !code.starts_with('#')).then(|| (number, code.to_owned()))
    };
    lines.into_iter().filter_map(strip).collect()
}
