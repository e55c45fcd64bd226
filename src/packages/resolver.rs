//! What the resolver says, read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    packages::{Artifact, Origin, Wheel, name, resolver, wheel},
    values::{digest::Digest, secret},
};

pub mod refusal;

/// Who asked for each package, from the notes in a requirements file that uv wrote:
/// `# via fastapi`, or one name a line below `# via`.
pub fn via(annotated: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut package = String::new();
    for line in annotated.lines() {
        let Some(note) = line.trim_start().strip_prefix('#').filter(|_| line.starts_with(' '))
        else {
            package = name::normalized(line.split(['=', ' ', '[', ';']).next().unwrap_or(line));
            continue;
        };
        let note = note.trim();
        let by = note.strip_prefix("via").map_or(note, str::trim);
        if !by.is_empty() && !package.is_empty() {
            found.entry(package.clone()).or_default().push(by.to_owned());
        }
    }
    found
}

/// What `pip install --report` says
/// (<https://pip.pypa.io/en/stable/reference/installation-report/>).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Report {
    /// What would be installed.
    #[serde(default)]
    pub install: Vec<Installed>,
}

/// A package that pip would install.
#[derive(Clone, Debug, Deserialize)]
pub struct Installed {
    metadata: Metadata,
    download_info: DownloadInfo,
}

#[derive(Clone, Debug, Deserialize)]
struct Metadata {
    name: String,
    version: String,
    #[serde(default)]
    requires_dist: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct DownloadInfo {
    url: String,
    archive_info: Option<ArchiveInfo>,
    vcs_info: Option<VcsInfo>,
    subdirectory: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct ArchiveInfo {
    #[serde(default)]
    hashes: Hashes,
}

/// A folder has none; an archive of an index has this one among others.
#[derive(Clone, Debug, Default, Deserialize)]
struct Hashes {
    sha256: Option<Digest>,
}

#[derive(Clone, Debug, Deserialize)]
struct VcsInfo {
    vcs: String,
    commit_id: String,
}

impl Report {
    /// The packages as a plan takes them, sorted by name; of unknown size.
    pub fn wheels(&self, root: &str) -> Vec<Wheel> {
        let mut wheels: Vec<Wheel> =
            self.install.iter().map(|package| package.wheel(root, &self.install)).collect();
        wheels.sort_by(|a, b| a.name.cmp(&b.name));
        wheels
    }
}

impl Installed {
    fn wheel(&self, root: &str, all: &[Self]) -> Wheel {
        let name = name::normalized(&self.metadata.name);
        let asks = |other: &&Self| {
            let wants = |text: &String| name::named_by(text).as_deref() == Some(&name);
            other.metadata.requires_dist.iter().any(wants)
        };
        let via = all.iter().filter(asks).map(|other| name::normalized(&other.metadata.name));
        Wheel {
            name: name.clone(),
            version: self.metadata.version.clone(),
            via: via.collect(),
            origin: self.download_info.origin(root),
        }
    }
}

impl DownloadInfo {
    fn origin(&self, root: &str) -> Origin {
        let url = secret::without_credentials(&self.url);
        if let Some(vcs) = &self.vcs_info {
            let part = self.subdirectory.as_ref().map(|path| format!("#subdirectory={path}"));
            let part = part.unwrap_or_default();
            return Origin::Commit(format!("{}+{url}@{}{part}", vcs.vcs, vcs.commit_id));
        }
        let Some(digest) = self.archive_info.as_ref().and_then(|info| info.hashes.sha256) else {
            return Origin::Folder(resolver::below(root, &url));
        };
        let artifact = Artifact { url, size: 0, digest };
        match wheel::WheelName::parse(&artifact.file()) {
            Some(_) => Origin::Wheel(artifact),
            None => Origin::Archive(artifact),
        }
    }
}

/// A resolver's path or `file:` URL as a path from `root`, in which it ran.
pub fn below(root: &str, path: &str) -> String {
    let path = path.trim_start_matches("file://");
    let path = path.strip_prefix(root).unwrap_or(path).trim_matches('/');
    let path = path.trim_start_matches("./");
    if path.is_empty() { "." } else { path }.to_owned()
}
