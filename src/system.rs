//! Packages of a distribution's archive: Debian's, as apt names their files.

use serde::{Deserialize, Serialize};

use crate::values::digest::Digest;

/// A package, as the file that it comes in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SystemPackage {
    /// Its name.
    pub name: String,
    /// Its version, with epoch and revision: `1:2.3-4+b1`.
    pub version: String,
    /// What it is for: `amd64`, `all`.
    pub architecture: String,
    /// Where the file was found; no cache key has it.
    pub url: String,
    /// Size in bytes.
    pub size: u64,
    /// The digest of the file.
    #[serde(rename = "sha256")]
    pub digest: Digest,
}

/// A line of apt's that names no file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("apt names a file in words that are not understood: `{0}`")]
pub struct UriError(String);

impl SystemPackage {
    /// Reads what `apt-get install --print-uris` writes, a line for each file:
    /// `'URL' NAME_VERSION_ARCHITECTURE.deb SIZE SHA256:HEX`, where a `:` of the version is `%3a`.
    pub fn parse_uris(text: &str) -> Result<Vec<Self>, UriError> {
        let lines = text.lines().filter(|line| line.starts_with('\''));
        let mut found: Vec<Self> = lines
            .map(|line| Self::parse_uri(line).ok_or_else(|| UriError(line.to_owned())))
            .collect::<Result<_, _>>()?;
        found.sort_by(|a, b| (&a.name, &a.architecture).cmp(&(&b.name, &b.architecture)));
        Ok(found)
    }

    fn parse_uri(line: &str) -> Option<Self> {
        let (url, rest) = line.strip_prefix('\'')?.split_once("' ")?;
        let mut words = rest.split_whitespace();
        let (file, size, digest) = (words.next()?, words.next()?, words.next()?);
        let mut parts = file.strip_suffix(".deb")?.splitn(3, '_');
        let (name, version, architecture) = (parts.next()?, parts.next()?, parts.next()?);
        let is_name = |text: &str| {
            let usual = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
            text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(usual)
        };
        let is_http = url.starts_with("http://") || url.starts_with("https://");
        (is_name(name) && is_name(architecture) && is_http).then_some(())?;
        Some(Self {
            name: name.to_owned(),
            version: version.replace("%3a", ":").replace("%3A", ":"),
            architecture: architecture.to_owned(),
            url: url.to_owned(),
            size: size.parse().ok()?,
            digest: Digest::from_hex(digest.strip_prefix("SHA256:")?)?,
        })
    }

    /// The name of its file, as dpkg writes it without an epoch: `name_1.2-3_amd64.deb`.
    pub fn file(&self) -> String {
        let Self { name, version, architecture, .. } = self;
        let version = version.split_once(':').map_or(version.as_str(), |(_, version)| version);
        format!("{name}_{version}_{architecture}.deb")
    }
}

/// What apt says when it can't answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// The image has no apt.
    NoApt,
    /// No archive has a package of this name.
    Unknown(String),
    /// No archive has this version of it.
    NoVersion {
        /// The package.
        name: String,
        /// The version.
        version: String,
    },
    /// Something else, in apt's own words.
    Other(String),
}

impl Words {
    /// Reads what apt wrote to its standard error.
    pub fn parse(words: &str) -> Self {
        let quoted = |text: &str| text.split(['\'', '‘', '’']).nth(1).map(str::to_owned);
        for line in words.lines() {
            if line.starts_with("modelcache: no apt-get") {
                return Self::NoApt;
            }
            if let Some(rest) = line.split_once("Unable to locate package ") {
                return Self::Unknown(rest.1.trim().to_owned());
            }
            if line.contains("has no installation candidate")
                && let Some(name) = quoted(line)
            {
                return Self::Unknown(name);
            }
            if line.starts_with("E: Version")
                && let [Some(version), Some(name)] =
                    [quoted(line), line.rsplit(['\'', '‘', '’']).nth(1).map(str::to_owned)]
            {
                return Self::NoVersion { name, version };
            }
        }
        let errors: Vec<&str> = words.lines().filter(|line| line.starts_with("E: ")).collect();
        Self::Other(if errors.is_empty() { words.trim().to_owned() } else { errors.join("; ") })
    }
}
