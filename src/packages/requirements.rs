//! A requirements file, read once as pip reads it: what it pulls in from the build context, what
//! it demands, and the text that everybody else gets in its place.
//!
//! The resolver judges the requirements themselves; the frontend has to know which further
//! files it will read, so that they are there and nothing else is, and what it must be told.

use std::collections::BTreeMap;

use self::options::{OptionName, Set};
use crate::{
    packages::{name, wheel},
    values::{
        digest::Digest,
        secret::{
            self,
            named::{self, Credential},
        },
    },
};

pub mod encoding;
pub mod lines;
pub mod mistaken;
pub mod options;

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
    /// A line that pip refuses, and why.
    Refused(String),
    /// `${NAME}` of which nobody says what it stands for.
    Undeclared(String),
    /// `${NAME}` in a URL, which may be that of a build secret.
    Secret(String),
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

/// A requirements file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    lines: Vec<Line>,
}

/// A line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, or that of the first that it is joined of.
    pub number: usize,
    /// All of it, with the values of variables.
    pub text: String,
    /// Variables that have none.
    pub undeclared: Vec<String>,
    /// What it says, or why pip refuses it.
    pub says: Result<Statement, String>,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// A package is to be installed, or a constraint holds for it.
    Requirement {
        /// What pip's constructors read: a requirement specifier, a URL or a path.
        text: String,
        /// Whether it is to be installed in place.
        editable: bool,
        /// All options of the line; pip heeds those for one requirement.
        options: Vec<Set>,
    },
    /// `-r` or `-c`
    Include {
        /// The other file, relative to this one.
        path: String,
        /// Which of the two.
        option: OptionName,
    },
    /// Options alone.
    Options(Vec<Set>),
}

/// Who reads a requirements file after us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// pip, which knows every option.
    Pip,
    /// uv, which is told of some otherwise.
    Uv,
}

impl Requirements {
    /// Reads a file's text, with `values` in the places of `${NAME}`.
    pub fn parse(text: &str, values: &BTreeMap<String, String>) -> Self {
        let line = |line: lines::Logical| {
            let (text, undeclared) = lines::expand(&line.text, values);
            Line { number: line.number, says: statement(&text), text, undeclared }
        };
        Self { lines: lines::logical(text).into_iter().map(line).collect() }
    }

    /// What the file says, line by line.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The digest of what the file says: without comments, so that a new one makes no lock stale.
    pub fn digest(&self) -> Digest {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.text.as_str()).collect();
        Digest::of(lines.join("\n").as_bytes())
    }

    /// What the file says, for another reader: in UTF-8, nothing to join or to leave out, and
    /// each line where it was.
    pub fn text(&self, reader: Reader) -> String {
        let mut text = String::new();
        let mut at = 1;
        for line in &self.lines {
            text.extend(std::iter::repeat_n('\n', line.number - at));
            if let Ok(says) = &line.says {
                text.push_str(&says.text(reader));
            }
            text.push('\n');
            at = line.number + 1;
        }
        text
    }

    /// The lines that concern us.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        for line in &self.lines {
            let kinds = line.references().into_iter();
            found.extend(kinds.map(|kind| Reference { line: line.number, kind }));
        }
        found
    }

    /// The credentials in URLs that are build secrets.
    pub fn credentials(&self) -> Vec<Credential> {
        self.lines.iter().flat_map(Line::credentials).collect()
    }

    /// The packages that the file names, normalized, each with its line.
    pub fn names(&self) -> Vec<(usize, String)> {
        let name = |line: &Line| match &line.says {
            Ok(Statement::Requirement { text, .. }) => Some((line.number, named(text)?)),
            _ => None,
        };
        self.lines.iter().filter_map(name).collect()
    }

    /// The digests that the file demands, by package.
    pub fn hashes(&self) -> BTreeMap<String, Vec<String>> {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for reference in self.references() {
            if let ReferenceKind::Hashed { name, digests, .. } = reference.kind {
                found.entry(name).or_default().extend(digests);
            }
        }
        found
    }
}

/// The digest of a text that is written as a requirements file is, [`Requirements::digest`].
pub fn digest(text: &str) -> Digest {
    Requirements::parse(text, &BTreeMap::new()).digest()
}

/// The digests that a text without variables demands, by package.
pub fn hashes(text: &str) -> BTreeMap<String, Vec<String>> {
    Requirements::parse(text, &BTreeMap::new()).hashes()
}

/// Reads a line; an error says why pip refuses it.
fn statement(line: &str) -> Result<Statement, String> {
    let (text, options) = options::read(line)?;
    let value = |name: OptionName| options.iter().find(|set| set.option == name);
    if !text.is_empty() {
        // pip takes it for a part of the requirement, which is none then; uv for an option.
        let mut words = text.split(lines::is_space);
        if words.by_ref().skip(1).any(|word| word.starts_with('-')) {
            return Err("has an option after a tab: pip takes one after a space alone".to_owned());
        }
        if text.ends_with('\\') {
            return Err(
                "ends in a backslash and a space: only a backslash at its end goes on".to_owned()
            );
        }
        return Ok(Statement::Requirement { text, editable: false, options });
    }
    if let Some(editable) = value(OptionName::Editable) {
        let text = editable.value.clone();
        return Ok(Statement::Requirement { text, editable: true, options });
    }
    // As pip does: the first counts, and nothing else that is on the line.
    match value(OptionName::Requirement).or_else(|| value(OptionName::Constraint)) {
        Some(Set { option, value }) => {
            Ok(Statement::Include { path: value.clone(), option: *option })
        }
        None => Ok(Statement::Options(options)),
    }
}

impl Statement {
    fn text(&self, reader: Reader) -> String {
        let options: Vec<&Set> = match self {
            Self::Include { path, option: OptionName::Constraint } => {
                return format!("-c {}", quoted(path));
            }
            Self::Include { path, .. } => return format!("-r {}", quoted(path)),
            Self::Options(options) => options.iter().filter(|set| is_for(set, reader)).collect(),
            Self::Requirement { options, editable, .. } => {
                let is_its = |set: &&Set| match set.option {
                    OptionName::Hash => !editable,
                    OptionName::ConfigSettings | OptionName::GlobalOption => reader == Reader::Pip,
                    _ => false,
                };
                options.iter().filter(is_its).collect()
            }
        };
        let mut words: Vec<String> = options.into_iter().map(written).collect();
        if let Self::Requirement { text, editable, .. } = self {
            let start = if *editable { "-e " } else { "" };
            let here = if is_path(text, *editable) && !is_rooted(text) { "./" } else { "" };
            words.insert(0, format!("{start}{here}{text}"));
        }
        words.join(" ")
    }
}

/// An option in the spelling that is the most usual.
fn written(set: &Set) -> String {
    let Set { option, value } = set;
    match (option, value.as_str()) {
        (_, "") => option.long().to_owned(),
        (OptionName::Hash | OptionName::ConfigSettings | OptionName::GlobalOption, value) => {
            format!("{}={}", option.long(), quoted(value))
        }
        (_, value) => format!("{} {}", option.long(), quoted(value)),
    }
}

/// Whether an option on a line of options is one for `reader` to read.
fn is_for(set: &Set, reader: Reader) -> bool {
    let of_requirement = [OptionName::Hash, OptionName::ConfigSettings, OptionName::GlobalOption];
    !of_requirement.contains(&set.option) && (reader == Reader::Pip || is_uvs(set.option))
}

/// The options of which uv takes notice in a requirements file.
fn is_uvs(option: OptionName) -> bool {
    matches!(
        option,
        OptionName::IndexUrl
            | OptionName::ExtraIndexUrl
            | OptionName::NoIndex
            | OptionName::FindLinks
            | OptionName::NoBinary
            | OptionName::OnlyBinary
            | OptionName::RequireHashes
    )
}

/// A value that `shlex` reads as one word.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "@%+=:,./-_$~{}&?#;!*()<>[]|^".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\"'\"'"))
    }
}

impl Line {
    fn credentials(&self) -> Vec<Credential> {
        let is_place = |set: &&Set| {
            matches!(
                set.option,
                OptionName::IndexUrl | OptionName::ExtraIndexUrl | OptionName::FindLinks
            )
        };
        match &self.says {
            Ok(Statement::Requirement { text, .. }) => {
                Credential::of(text, true).into_iter().collect()
            }
            Ok(Statement::Options(options)) => {
                let places = options.iter().filter(is_place);
                places.filter_map(|set| Credential::of(&set.value, false)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn references(&self) -> Vec<ReferenceKind> {
        let secrets = named::in_urls(&self.text);
        let (secrets, undeclared): (Vec<_>, Vec<_>) =
            self.undeclared.iter().cloned().partition(|name| secrets.contains(name));
        if !undeclared.is_empty() {
            return undeclared.into_iter().map(ReferenceKind::Undeclared).collect();
        }
        if !secret::literal_credentials(&self.text).is_empty() {
            return vec![ReferenceKind::Credentials];
        }
        let secrets = secrets.into_iter().map(ReferenceKind::Secret);
        self.own_references().into_iter().chain(secrets).collect()
    }

    fn own_references(&self) -> Vec<ReferenceKind> {
        let is_here = |path: &String| !path.contains("://");
        match &self.says {
            Err(reason) => vec![ReferenceKind::Refused(reason.clone())],
            Ok(Statement::Include { path, .. }) => Some(path)
                .filter(|it| is_here(it))
                .cloned()
                .map(ReferenceKind::File)
                .into_iter()
                .collect(),
            Ok(Statement::Options(options)) => options.iter().filter_map(of_option).collect(),
            Ok(Statement::Requirement { text, editable, options }) => {
                let is_setting = |set: &&Set| {
                    matches!(set.option, OptionName::ConfigSettings | OptionName::GlobalOption)
                };
                let settings = options.iter().find(is_setting);
                let settings =
                    settings.map(|set| ReferenceKind::Unknown(set.option.long().to_owned()));
                let kind = project(text, *editable).or_else(|| hashed(text, options));
                kind.into_iter().chain(settings).collect()
            }
        }
    }
}

fn of_option(set: &Set) -> Option<ReferenceKind> {
    let Set { option, value } = set;
    match option {
        OptionName::FindLinks if !value.contains("://") => {
            Some(ReferenceKind::Links(value.clone()))
        }
        OptionName::Pre => Some(ReferenceKind::Pre),
        OptionName::AllReleases if value == ":all:" => Some(ReferenceKind::Pre),
        OptionName::AllReleases | OptionName::OnlyFinal | OptionName::NoRequireHashes => {
            Some(ReferenceKind::Unknown(option.long().to_owned()))
        }
        OptionName::RequireHashes => Some(ReferenceKind::RequireHashes),
        OptionName::TrustedHost => Some(ReferenceKind::TrustedHost(value.clone())),
        _ => None,
    }
}

/// Endings of files that pip takes for a package.
const ARCHIVES: [&str; 11] = [
    ".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz",
    ".tar.lz",
];

/// Whether a requirement is a path, by how it looks (`pip._internal.req.constructors`).
fn is_path(requirement: &str, editable: bool) -> bool {
    let bare = bare_path(requirement);
    if bare.to_ascii_lowercase().starts_with("file:") {
        return true;
    }
    // A name with a URL, or a URL: `name @ https://…`, `git+https://…`, `https://…`.
    let start = requirement.split('@').next().unwrap_or_default();
    if requirement.contains("://") || (requirement.contains('@') && !looks_like_path(start)) {
        return false;
    }
    let lower = bare.to_ascii_lowercase();
    editable || looks_like_path(bare) || ARCHIVES.iter().any(|ending| lower.ends_with(ending))
}

fn looks_like_path(text: &str) -> bool {
    text.contains('/') || text.starts_with('.')
}

/// Whether a path says by itself that it is one.
fn is_rooted(path: &str) -> bool {
    path.starts_with(['.', '/']) || path.to_ascii_lowercase().starts_with("file:")
}

/// A requirement without extras and marker.
fn bare_path(requirement: &str) -> &str {
    requirement.split(['[', ';']).next().unwrap_or(requirement).trim()
}

fn project(requirement: &str, editable: bool) -> Option<ReferenceKind> {
    let path = bare_path(requirement).to_owned();
    is_path(requirement, editable).then_some(ReferenceKind::Project { path, editable })
}

fn hashed(requirement: &str, options: &[Set]) -> Option<ReferenceKind> {
    let written =
        options.iter().filter(|set| set.option == OptionName::Hash).map(|set| set.value.clone());
    let mut digests: Vec<String> = written.collect();
    let binding = !digests.is_empty();
    digests.retain(|digest| digest.starts_with("sha256:"));
    digests.extend(in_url(requirement));
    let name = named(requirement).filter(|_| binding || !digests.is_empty())?;
    Some(ReferenceKind::Hashed { name, digests, binding })
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
    if start.contains(|c| !name::is_in_name(c)) || start == requirement {
        return name::named_by(requirement);
    }
    Some(wheel::WheelName::parse(&wheel::file_of(requirement.trim()))?.name)
}
