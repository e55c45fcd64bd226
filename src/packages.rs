//! Python packages: what is installed on one platform, and what the files say that tell it.

use crate::values::digest::Digest;

use serde::{Deserialize, Serialize};

pub mod name;
pub mod project;
pub mod pylock;
pub mod requirements;
pub mod resolver;
pub mod wheel;

/// The packages of one platform, and what installs them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// The Python that they are for.
    pub interpreter: Interpreter,
    /// The wheel of the package `installer`, which unpacks all others.
    pub installer: Artifact,
    /// All packages, sorted by name.
    pub wheels: Vec<Wheel>,
    /// Packages that write to a common path, by name, in pip's order: one step installs them.
    #[serde(default)]
    pub together: Vec<Vec<String>>,
}

/// A Python interpreter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// Its path in the base image.
    pub path: String,
    /// `3.13.5`
    pub version: String,
    /// The C library and its version: `glibc 2.41`, `musl`.
    pub libc: String,
}

/// A file of an index, or at a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Where it was found; it may be elsewhere, too, and no cache key has it.
    pub url: String,
    /// Size in bytes.
    pub size: u64,
    /// The digest of its content.
    pub digest: Digest,
}

/// One package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// Its name, normalized.
    pub name: String,
    /// Its version; empty of what is built from a folder that tells none.
    #[serde(default)]
    pub version: String,
    /// Who asked for it: packages by name, files as `-r requirements.txt`; sorted.
    #[serde(default)]
    pub via: Vec<String>,
    /// The wheel, or the source that it is built from.
    pub origin: Origin,
}

/// Where a wheel comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// It is ready made.
    Wheel(Artifact),
    /// It is built from this archive.
    Archive(Artifact),
    /// It is built from a commit: `git+https://…@COMMIT`, with `#subdirectory=…`.
    Commit(String),
    /// It is built from this folder of the build context.
    Folder(String),
}

impl Default for Origin {
    fn default() -> Self {
        Self::Wheel(Artifact::default())
    }
}

impl Interpreter {
    /// `3.13`, by which bytecode and folders differ.
    pub fn minor(&self) -> String {
        self.version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
    }
}

impl Artifact {
    /// The file's name.
    pub fn file(&self) -> String {
        wheel::file_of(&self.url)
    }
}

impl Wheel {
    /// The ready-made wheel, if it is one.
    pub fn artifact(&self) -> Option<&Artifact> {
        match &self.origin {
            Origin::Wheel(artifact) => Some(artifact),
            _ => None,
        }
    }

    /// `name==version`, or the name alone.
    pub fn pin(&self) -> String {
        if self.version.is_empty() {
            self.name.clone()
        } else {
            format!("{}=={}", self.name, self.version)
        }
    }
}
