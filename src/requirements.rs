//! What a requirements file pulls in from the build context, and what in it only pip
//! would understand.
//!
//! The resolver judges the requirements themselves; the frontend has to know which further
//! files it will read, so that they are there and nothing else is, and what it must be told.

use std::collections::BTreeMap;

use crate::{hex, secret, wheel};

pub mod encoding;

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
    Project {
        /// The path as written, without extras.
        path: String,
        /// Whether it was to be installed in place.
        editable: bool,
    },
    /// `--find-links` with a folder or a file of the context.
    Links(String),
    /// A URL with a user name or password in it.
    Credentials,
    /// `--pre`
    Pre,
    /// `--trusted-host`
    TrustedHost(String),
    /// An option that has no meaning here.
    Unknown(String),
    /// A requirement that is pinned by digests.
    Hashed {
        /// The package.
        name: String,
        /// `sha256:…`; none if it has only digests of another kind.
        digests: Vec<String>,
        /// Whether all others must have some, too. A URL's own says nothing of others.
        binding: bool,
    },
    /// `--require-hashes`
    RequireHashes,
}

/// Options that the resolver reads in a requirements file as pip does.
const KNOWN: [&str; 13] = [
    "-i",
    "--index-url",
    "--pypi-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "--no-index",
    "--no-binary",
    "--only-binary",
    "-e",
    "--editable",
    "--prefer-binary",
    "--use-feature",
];

/// The digest of what a file says: without comments, so that a new one makes no lock stale.
pub fn digest(text: &str) -> String {
    let lines: Vec<String> = logical_lines(text).into_iter().map(|(_, line)| line).collect();
    hex::sha256(lines.join("\n").as_bytes())
}

/// Returns the lines of a requirements file that concern us.
pub fn references(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    for (line, text) in logical_lines(text) {
        let kind = if !secret::credentials(&text).is_empty() {
            Some(ReferenceKind::Credentials)
        } else if let Some(path) = option(&text, &["-r", "--requirement", "-c", "--constraint"]) {
            (!path.contains("://")).then(|| ReferenceKind::File(path.to_owned()))
        } else if let Some(path) = option(&text, &["-f", "--find-links"]) {
            (!path.contains("://")).then(|| ReferenceKind::Links(path.to_owned()))
        } else {
            project(&text).or_else(|| other_option(&text)).or_else(|| hashed(&text))
        };
        found.extend(kind.map(|kind| Reference { line, kind }));
    }
    found
}

/// The digests that a requirements file demands, by package.
pub fn hashes(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for reference in references(text) {
        if let ReferenceKind::Hashed { name, digests, .. } = reference.kind {
            found.entry(name).or_default().extend(digests);
        }
    }
    found
}

/// The packages that a requirements file names, normalized, each with its line.
pub fn names(text: &str) -> Vec<(usize, String)> {
    let lines = logical_lines(text).into_iter();
    let lines = lines.filter_map(|(line, text)| Some((line, named(&text)?)));
    lines.collect()
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
    let path = path.split(" --").next().unwrap_or(path);
    let path = path.split(['[', ';']).next().unwrap_or(path).trim();
    is_project
        .then(|| ReferenceKind::Project { path: path.to_owned(), editable: editable.is_some() })
}

fn other_option(line: &str) -> Option<ReferenceKind> {
    if !line.starts_with('-') {
        return None;
    }
    match line {
        "--pre" => return Some(ReferenceKind::Pre),
        "--require-hashes" => return Some(ReferenceKind::RequireHashes),
        _ => {}
    }
    if let Some(host) = option(line, &["--trusted-host"]) {
        return Some(ReferenceKind::TrustedHost(host.to_owned()));
    }
    let name = line.split([' ', '=']).next().unwrap_or(line);
    let is_known = KNOWN.iter().any(|known| match known.strip_prefix("--") {
        Some(_) => name == *known,
        None => name.starts_with(known),
    });
    (!is_known).then(|| ReferenceKind::Unknown(name.to_owned()))
}

fn hashed(line: &str) -> Option<ReferenceKind> {
    let mut words = line.split_whitespace();
    let mut written = Vec::new();
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--hash") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('='),
            None => None,
        };
        written.extend(value.map(|value| value.trim_matches(['"', '\''])));
    }
    let binding = !written.is_empty();
    let end = line.find(" --").or_else(|| line.find("\t--")).unwrap_or(line.len());
    let requirement = &line[..end];
    let mut digests: Vec<String> = written.into_iter().map(str::to_owned).collect();
    digests.retain(|digest| digest.starts_with("sha256:"));
    digests.extend(in_url(requirement));
    let name = named(requirement).filter(|_| binding || !digests.is_empty())?;
    Some(ReferenceKind::Hashed { name, digests, binding })
}

/// The digest in the fragment of a requirement's URL.
fn in_url(requirement: &str) -> Option<String> {
    let (_, url) = requirement.split_once("://")?;
    let (_, fragment) = url.split_whitespace().next()?.split_once('#')?;
    let digest = fragment.split('&').find_map(|part| part.strip_prefix("sha256="))?;
    Some(format!("sha256:{digest}"))
}

/// The package that a requirement is about, which may be a bare URL of a wheel.
fn named(requirement: &str) -> Option<String> {
    let (start, _) = requirement.split_once("://").unwrap_or((requirement, ""));
    if start.contains(|c| !wheel::is_in_name(c)) || start == requirement {
        return wheel::named_by(requirement);
    }
    Some(wheel::WheelName::parse(&wheel::file_of(requirement.trim()))?.name)
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

/// Lines as pip sees them: joined at a trailing `\`, without comments. Each with the number of its
/// first line. A comment ends with its line, whatever its last character is: so does the resolver
/// read it, and what it reads must not be hidden from us.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, raw) in text.lines().enumerate() {
        let (number, mut joined) = open.take().unwrap_or((index + 1, String::new()));
        let code = without_comment(raw);
        match code.strip_suffix('\\') {
            Some(part) if code.len() == raw.len() => {
                joined.push_str(part);
                open = Some((number, joined));
            }
            _ => {
                joined.push_str(code);
                lines.push((number, joined));
            }
        }
    }
    lines.extend(open);
    let strip = |(number, line): (usize, String)| {
        let code = without_comment(&line).trim();
        (!code.is_empty()).then(|| (number, code.to_owned()))
    };
    lines.into_iter().filter_map(strip).collect()
}

/// A line up to its comment, which starts it or follows a blank.
fn without_comment(line: &str) -> &str {
    let starts =
        |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').find(starts).map_or(line, |(at, _)| &line[..at])
}
