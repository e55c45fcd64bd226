//! The outside world's answers: what a manifest's names stood for when asked.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::{OciLayout, Platform};
use serde::{Deserialize, Serialize};

use crate::{
    packages::Packages,
    system::SystemPackage,
    values::{config::ImageConfig, digest::Digest},
};

/// Everything that must be known from outside before a plan
/// can be made. The gateway fills it by asking; a test's is a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// The base image for each platform.
    #[serde(default)]
    pub base: BTreeMap<Platform, BaseImage>,
    /// Models by the key that [`model_key`] makes.
    #[serde(default)]
    pub models: BTreeMap<String, Snapshot>,
    /// The Python packages of each platform.
    #[serde(default)]
    pub python: BTreeMap<Platform, Packages>,
    /// The distribution's packages that each platform's image gets.
    #[serde(default)]
    pub system: BTreeMap<Platform, Vec<SystemPackage>>,
    /// The platforms whose packages can't be pinned, so that pip installs them.
    #[serde(default)]
    pub unpinned: BTreeSet<Platform>,
    /// The platforms whose wheels a container fetches, since the builder can't.
    #[serde(default)]
    pub in_container: BTreeSet<Platform>,
}

/// What was found out about the base image on one platform.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseImage {
    /// The reference to build on, with its digest where the daemon knows one.
    pub reference: String,
    /// Where it is taken from instead of a registry, in this build alone.
    #[serde(skip)]
    pub layout: Option<OciLayout>,
    /// The image's own config.
    pub config: ImageConfig,
    /// Who is in it; none while that is not known.
    #[serde(default)]
    pub users: Option<Users>,
    /// Where it has `python3`, if it has and that was looked for.
    #[serde(default)]
    pub python: Option<String>,
}

/// The files that name a base image's users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Users {
    /// Its `/etc/passwd`, empty if it has none.
    pub passwd: String,
    /// Its `/etc/group`, empty if it has none.
    pub group: String,
}

/// The chosen files of a model repository at one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The full commit, 40 hex digits.
    pub commit: String,
    /// The licence that the repository names, if it names one.
    #[serde(default)]
    pub license: Option<String>,
    /// Whether the files need an accepted licence and a token.
    #[serde(default)]
    pub gated: bool,
    /// What the hub calls the repository now, where it was asked for by a former name.
    #[serde(default)]
    pub renamed_to: Option<String>,
    /// The chosen files, sorted by path.
    pub files: Vec<SnapshotFile>,
}

/// A file of a [`Snapshot`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotFile {
    /// Path in the repository.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// The digest of its content.
    pub digest: Digest,
}

impl Answers {
    /// The base image on `platform`, if it was asked for.
    pub fn base(&self, platform: &Platform) -> Option<&BaseImage> {
        self.base.get(platform)
    }

    /// The Python packages of `platform`, if they are known.
    pub fn packages(&self, platform: &Platform) -> Option<&Packages> {
        self.python.get(platform)
    }

    /// The distribution's packages for `platform`, if they are known.
    pub fn system(&self, platform: &Platform) -> Option<&Vec<SystemPackage>> {
        self.system.get(platform)
    }

    /// The snapshot of a model, if it was asked for.
    pub fn model(&self, model: &crate::manifest::Model) -> Option<&Snapshot> {
        self.models.get(&model_key(model))
    }
}

/// What a model's answer is filed under: its hub id and the revision asked for.
pub fn model_key(model: &crate::manifest::Model) -> String {
    format!("{}@{}", model.id.value.hub_id(), model.revision_or_main())
}
