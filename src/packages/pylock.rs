//! `pylock.toml`: what a resolver found, and what a user may hand in
//! (<https://packaging.python.org/en/latest/specifications/pylock-toml/>).

use std::collections::BTreeMap;

use serde::Deserialize;

use self::choice::FileChoice;
use crate::{
    packages::{Artifact, Origin, Wheel, name, resolver, wheel},
    values::{digest::Digest, secret},
};

pub mod choice;
pub mod places;

/// A lock of the standard's form, as far as we need it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Pylock {
    /// The packages.
    #[serde(default)]
    pub packages: Vec<Package>,
}

/// One package; exactly one of its sources is there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, if it has a fixed one.
    pub version: Option<String>,
    /// For which environments it is meant.
    pub marker: Option<String>,
    /// Ready-made wheels.
    #[serde(default)]
    pub wheels: Vec<PylockFile>,
    /// The source that the index has.
    pub sdist: Option<PylockFile>,
    /// An archive at a URL, a wheel among them.
    pub archive: Option<PylockFile>,
    /// A repository.
    pub vcs: Option<Vcs>,
    /// A folder.
    pub directory: Option<Directory>,
}

/// A file at a URL.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PylockFile {
    /// Its name, if the URL doesn't say it.
    pub name: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// Where it is, beside the lock.
    pub path: Option<String>,
    /// Its size in bytes, if known.
    pub size: Option<u64>,
    /// Its digests by algorithm.
    #[serde(default)]
    pub hashes: BTreeMap<String, String>,
}

/// A commit of a repository.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Vcs {
    /// `git`
    pub r#type: String,
    /// Where it is.
    pub url: Option<String>,
    /// The full commit.
    pub commit_id: String,
    /// The project in the repository.
    pub subdirectory: Option<String>,
}

/// A folder with a project.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Directory {
    /// Where it is, from the lock.
    pub path: String,
    /// Whether it was to be installed in place.
    #[serde(default)]
    pub editable: bool,
}

/// Why a lock can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PylockError {
    /// It is not TOML, or not of this form.
    #[error("{0}")]
    Unreadable(String),
    /// A package that comes from nowhere.
    #[error("`{0}` has neither a wheel nor a source")]
    Nothing(String),
    /// A folder, in a lock that a user hands in.
    #[error("`{0}` is a folder: name it in a requirements file beside the lock")]
    Folder(String),
    /// A wheel whose URL ends in something else than a wheel's name.
    #[error("`{0}` has a wheel whose URL does not end in its name")]
    NoName(String),
    /// A file without a sha256.
    #[error("`{0}` has a file without a sha256")]
    NoDigest(String),
}

impl Pylock {
    /// Reads the text of a lock.
    pub fn parse(text: &str) -> Result<Self, PylockError> {
        toml::from_str(text).map_err(|error| PylockError::Unreadable(error.to_string()))
    }

    /// The packages as a plan takes them, sorted by name; the sizes that the index didn't
    /// tell are 0. Folders are named from `root`, in which the resolver ran and left the lock.
    pub fn wheels(&self, root: &str, choice: &FileChoice) -> Result<Vec<Wheel>, PylockError> {
        let packages = self.packages.iter().map(|package| package.wheel(root, choice));
        let mut wheels: Vec<Wheel> = packages.collect::<Result<_, _>>()?;
        wheels.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(wheels)
    }

    /// The packages as requirements, for a resolver that judges markers and picks files.
    pub fn requirements(&self) -> Result<String, PylockError> {
        let lines = self.packages.iter().map(Package::requirement);
        Ok(lines.collect::<Result<Vec<_>, _>>()?.concat())
    }
}

impl Package {
    fn wheel(&self, root: &str, choice: &FileChoice) -> Result<Wheel, PylockError> {
        Ok(Wheel {
            name: name::normalized(&self.name),
            version: self.version.clone().unwrap_or_default(),
            via: Vec::new(),
            origin: self.origin(root, choice)?,
        })
    }

    fn origin(&self, root: &str, choice: &FileChoice) -> Result<Origin, PylockError> {
        let best = choice.wheel(self);
        if let Some(path) = best.and_then(PylockFile::local) {
            return Ok(Origin::Folder(resolver::below(root, path)));
        }
        if let Some(file) = best {
            let artifact = file.artifact(&self.name)?;
            // The file's name becomes a path in a step.
            if wheel::WheelName::parse(&artifact.file()).is_none() {
                return Err(PylockError::NoName(self.name.clone()));
            }
            return Ok(Origin::Wheel(artifact));
        }
        if let Some(vcs) = &self.vcs {
            return Ok(Origin::Commit(vcs.reference()));
        }
        let files = [self.archive.as_ref(), self.sdist.as_ref()].into_iter().flatten();
        let paths = files.clone().filter_map(PylockFile::local);
        let paths = self.directory.iter().map(|it| it.path.as_str()).chain(paths);
        if let Some(path) = paths.into_iter().next() {
            return Ok(Origin::Folder(resolver::below(root, path)));
        }
        let Some(file) = files.into_iter().next() else {
            return Err(PylockError::Nothing(self.name.clone()));
        };
        let artifact = file.artifact(&self.name)?;
        let is_wheel = wheel::WheelName::parse(&artifact.file()).is_some();
        Ok(if is_wheel { Origin::Wheel(artifact) } else { Origin::Archive(artifact) })
    }

    fn requirement(&self) -> Result<String, PylockError> {
        let name = &self.name;
        let mut line = match (&self.vcs, &self.archive, &self.version) {
            (Some(vcs), ..) => format!("{name} @ {}", vcs.reference()),
            (None, Some(file), _) if file.url.is_some() => {
                let url = file.url.as_deref().unwrap_or_default();
                format!("{name} @ {}", secret::without_credentials(url))
            }
            (None, _, Some(version)) => format!("{name}=={version}"),
            _ if self.directory.is_some() => return Err(PylockError::Folder(name.clone())),
            _ => return Err(PylockError::Nothing(name.clone())),
        };
        if let Some(marker) = &self.marker {
            line.push_str(" ; ");
            line.push_str(marker);
        }
        for file in self.wheels.iter().chain(&self.sdist).chain(&self.archive) {
            if let Some(digest) = file.hashes.get("sha256") {
                line.push_str(" --hash=sha256:");
                line.push_str(digest);
            }
        }
        // A package is a line, whatever its strings hold.
        line = line.replace(char::is_control, " ");
        line.push('\n');
        Ok(line)
    }
}

impl PylockFile {
    /// Its path, if it is in the context: beside the lock, or in a folder of links.
    fn local(&self) -> Option<&str> {
        let url = self.url.as_deref().filter(|url| url.starts_with("file:"));
        self.path.as_deref().or(url)
    }

    fn file_name(&self) -> String {
        let place = self.url.as_deref().or(self.path.as_deref()).unwrap_or_default();
        self.name.clone().unwrap_or_else(|| wheel::file_of(place))
    }

    fn artifact(&self, package: &str) -> Result<Artifact, PylockError> {
        let digest = self.hashes.get("sha256").and_then(|digits| Digest::from_hex(digits));
        let (Some(url), Some(digest)) = (&self.url, digest) else {
            return Err(PylockError::NoDigest(package.to_owned()));
        };
        Ok(Artifact {
            url: secret::without_credentials(url),
            size: self.size.unwrap_or_default(),
            digest,
        })
    }
}

impl Vcs {
    fn reference(&self) -> String {
        let url = secret::without_credentials(self.url.as_deref().unwrap_or_default());
        let part = self.subdirectory.as_ref().map(|path| format!("#subdirectory={path}"));
        format!("{}+{url}@{}{}", self.r#type, self.commit_id, part.unwrap_or_default())
    }
}

/// Whether a file's name is that of a `pylock.toml`: `pylock.toml` or `pylock.NAME.toml`.
pub fn is_pylock(name: &str) -> bool {
    let rest = name.strip_prefix("pylock.").and_then(|rest| rest.strip_suffix("toml"));
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}
