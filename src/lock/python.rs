//! The Python packages in a lock file.

use std::{collections::BTreeMap, fmt::Write};

use buildkit_llb::Platform;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::text::{self, list};
use crate::{
    manifest::{Python, python::Install},
    models::hub,
    packages::{Artifact, Interpreter, Origin, Packages, Wheel, wheel::WheelName},
    plan::{ContextFiles, Named, ProjectFile},
    values::digest::Digest,
};

/// What was asked, and what was found for each platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPython {
    /// What was asked.
    pub asked: Asked,
    /// The packages by platform.
    pub platforms: BTreeMap<Platform, LockedPackages>,
}

/// All in the manifest and the context that decides which packages are found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The requirements files, with the sha256 of what each says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Digest>,
    /// What projects of the context are made by, with the sha256 of what each file says of
    /// their dependencies. A lock of before that was noted has none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub projects: BTreeMap<String, Digest>,
    /// The manifest's own requirements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<String>,
    /// The manifest's indexes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<String>,
    /// Extras of a project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<String>,
    /// Dependency groups of a project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Which build of the torch family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torch: Option<String>,
    /// Whether packages of the base image count.
    #[serde(default, skip_serializing_if = "text::is_false")]
    pub system_site_packages: bool,
}

/// The packages of one platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPackages {
    /// The Python that they are for.
    pub python: Interpreter,
    /// What installs them.
    pub installer: LockedArtifact,
    /// Packages with a path in common.
    #[serde(default)]
    pub together: Vec<Vec<String>>,
    /// The packages, sorted by name.
    pub wheels: Vec<LockedWheel>,
}

/// A file of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedArtifact {
    /// Where it was.
    pub url: String,
    /// Size in bytes.
    pub size: u64,
    /// The digest of its content.
    pub sha256: Digest,
}

/// One package. One of `wheel`, `source`, `commit` and `folder` is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedWheel {
    /// Its name, normalized.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The URL of a wheel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wheel: Option<String>,
    /// The URL of a source archive, which is built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// A commit, which is built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// A folder of the context, which is built.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// Size in bytes of what is at the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The digest of what is at the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<String>,
}

impl Asked {
    /// What `python` asks for, with the files as they are in the context.
    pub fn of(python: &Python, context: &ContextFiles) -> Self {
        let text = |list: &[crate::document::Spanned<String>]| -> Vec<String> {
            list.iter().map(|item| item.value.clone()).collect()
        };
        let files = context.requirement_digests.iter();
        let projects = context.project_files.iter();
        let index = python.index.iter().chain(&python.extra_indexes);
        Self {
            files: files.map(|(path, digest)| (path.clone(), *digest)).collect(),
            projects: projects.map(|(path, file)| (path.clone(), file.digest)).collect(),
            packages: text(&python.packages),
            indexes: index.map(|url| url.value.clone()).collect(),
            extras: text(&python.extras),
            groups: text(&python.groups),
            torch: python.torch.as_ref().and_then(|it| it.value.backend()).map(str::to_owned),
            system_site_packages: python.sees_system(),
        }
    }

    /// `context` with the requirements files as they were, for those who don't read them.
    #[must_use]
    pub fn as_context(&self, context: ContextFiles) -> ContextFiles {
        let projects = self.projects.iter().map(|(path, digest)| {
            (path.clone(), ProjectFile { digest: *digest, by: Named::default() })
        });
        ContextFiles {
            requirements: self.files.keys().cloned().collect(),
            requirement_digests: self.files.clone(),
            project_files: projects.collect(),
            ..context
        }
    }
}

impl LockedPython {
    /// The lock of `python`; `None` if no package is locked.
    pub fn of(
        python: &Python,
        context: &ContextFiles,
        found: &BTreeMap<Platform, Packages>,
    ) -> Option<Self> {
        if python.install() == Install::Single || found.is_empty() {
            return None;
        }
        let platforms = found.iter().map(|(platform, it)| (platform.clone(), locked(it)));
        Some(Self { asked: Asked::of(python, context), platforms: platforms.collect() })
    }

    /// What is wrong with it, if something is.
    pub fn check(&self) -> Result<(), String> {
        for packages in self.platforms.values() {
            let installer = &packages.installer;
            let wheels = packages.wheels.iter().filter_map(|wheel| {
                let url = wheel.wheel.as_ref().or(wheel.source.as_ref())?;
                Some((wheel.name.as_str(), url, wheel.sha256))
            });
            let installed_by = ("installer", &installer.url, Some(installer.sha256));
            for (name, url, sha256) in std::iter::once(installed_by).chain(wheels) {
                if sha256.is_none() {
                    return Err(format!("`{name}` has no sha256 of 64 hex digits"));
                }
                if !url.starts_with("https://") && !url.starts_with("http://") {
                    return Err(format!("`{name}` has no URL: {url:?}"));
                }
            }
            if WheelName::parse(&crate::packages::wheel::file_of(&installer.url)).is_none() {
                return Err(format!("the installer has no wheel's name: {:?}", installer.url));
            }
            for wheel in &packages.wheels {
                wheel.check()?;
            }
        }
        Ok(())
    }

    /// Writes it as a member of the lock's object.
    pub fn write(&self, out: &mut String) {
        out.push_str(",\n  \"python\": {\n    \"asked\": {");
        text::fields(out, 6, &self.asked);
        out.push_str("\n    },\n    \"platforms\": {");
        for (i, (platform, packages)) in self.platforms.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let _ = write!(out, "{comma}\n      {}: {{", json!(platform));
            list(out, 8, packages.head().into_iter());
            out.push_str(",\n        \"wheels\": [");
            list(out, 10, packages.wheels.iter().map(text::entry));
            out.push_str("\n        ]\n      }");
        }
        out.push_str("\n    }\n  }");
    }
}

impl LockedPackages {
    fn head(&self) -> Vec<String> {
        let Interpreter { path, version, libc } = &self.python;
        let python = json!({"path": path, "version": version, "libc": libc});
        let mut head = vec![
            format!("\"python\": {python}"),
            format!("\"installer\": {}", text::entry(&self.installer)),
        ];
        if !self.together.is_empty() {
            head.push(format!("\"together\": {}", json!(self.together)));
        }
        head
    }

    /// As the answer that a plan is made from.
    pub fn packages(&self) -> Packages {
        Packages {
            interpreter: self.python.clone(),
            installer: self.installer.artifact(),
            wheels: self.wheels.iter().map(LockedWheel::wheel).collect(),
            together: self.together.clone(),
        }
    }
}

impl LockedArtifact {
    fn artifact(&self) -> Artifact {
        let Self { url, size, sha256 } = self;
        Artifact { url: url.clone(), size: *size, digest: *sha256 }
    }
}

impl LockedWheel {
    fn check(&self) -> Result<(), String> {
        let origins = [&self.wheel, &self.source, &self.commit, &self.folder];
        if origins.iter().filter(|origin| origin.is_some()).count() != 1 {
            return Err(format!("`{}` comes from nowhere, or from several places", self.name));
        }
        let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !self.name.starts_with(|c: char| c.is_ascii_alphanumeric())
            || !self.name.chars().all(fine)
        {
            return Err(format!("it lists a package with an unsafe name: {:?}", self.name));
        }
        if let Some(url) = &self.wheel
            && WheelName::parse(&crate::packages::wheel::file_of(url)).is_none()
        {
            return Err(format!("the wheel of `{}` has no wheel's name: {url:?}", self.name));
        }
        if let Some(folder) = &self.folder
            && folder != "."
            && !hub::is_safe_path(folder)
        {
            return Err(format!("`{}` is outside the build context: {folder:?}", self.name));
        }
        Ok(())
    }

    fn wheel(&self) -> Wheel {
        let artifact = |url: &String| Artifact {
            url: url.clone(),
            size: self.size.unwrap_or_default(),
            digest: self.sha256.unwrap_or_default(),
        };
        let origin = match (&self.wheel, &self.source, &self.commit, &self.folder) {
            (Some(url), ..) => Origin::Wheel(artifact(url)),
            (_, Some(url), ..) => Origin::Archive(artifact(url)),
            (_, _, Some(commit), _) => Origin::Commit(commit.clone()),
            (.., folder) => Origin::Folder(folder.clone().unwrap_or_default()),
        };
        let (name, version, via) = (self.name.clone(), self.version.clone(), self.via.clone());
        Wheel { name, version, via, origin }
    }
}

fn locked(packages: &Packages) -> LockedPackages {
    let wheel = |wheel: &Wheel| {
        let Wheel { name, version, via, origin } = wheel.clone();
        let bare = LockedWheel { name, version, via, ..LockedWheel::default() };
        match origin {
            Origin::Wheel(Artifact { url, size, digest }) => {
                LockedWheel { wheel: Some(url), size: Some(size), sha256: Some(digest), ..bare }
            }
            Origin::Archive(Artifact { url, size, digest }) => {
                LockedWheel { source: Some(url), size: Some(size), sha256: Some(digest), ..bare }
            }
            Origin::Commit(commit) => LockedWheel { commit: Some(commit), ..bare },
            Origin::Folder(folder) => LockedWheel { folder: Some(folder), ..bare },
        }
    };
    let Artifact { url, size, digest } = packages.installer.clone();
    LockedPackages {
        python: packages.interpreter.clone(),
        installer: LockedArtifact { url, size, sha256: digest },
        together: packages.together.clone(),
        wheels: packages.wheels.iter().map(wheel).collect(),
    }
}
