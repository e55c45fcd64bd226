//! The Python packages in a lock file.

use std::{collections::BTreeMap, fmt::Write};

use serde::Deserialize;
use serde_json::{Value, json};

use super::list;
use crate::{
    manifest::{Python, python::Install},
    models::hub,
    packages::{Artifact, Interpreter, Origin, Packages, Wheel, wheel::WheelName},
    plan::{ContextFiles, Named, ProjectFile},
};

/// What was asked, and what was found for each platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedPython {
    /// What was asked.
    pub asked: Asked,
    /// The packages by platform.
    pub platforms: BTreeMap<String, LockedPackages>,
}

/// All in the manifest and the context that decides which packages are found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The requirements files, with the sha256 of what each says.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What projects of the context are made by, with the sha256 of what each file says of
    /// their dependencies. A lock of before that was noted has none.
    #[serde(default)]
    pub projects: BTreeMap<String, String>,
    /// The manifest's own requirements.
    #[serde(default)]
    pub packages: Vec<String>,
    /// The manifest's indexes.
    #[serde(default)]
    pub indexes: Vec<String>,
    /// Extras of a project.
    #[serde(default)]
    pub extras: Vec<String>,
    /// Dependency groups of a project.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Which build of the torch family.
    #[serde(default)]
    pub torch: Option<String>,
    /// Whether packages of the base image count.
    #[serde(default)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedArtifact {
    /// Where it was.
    pub url: String,
    /// Size in bytes.
    pub size: u64,
    /// 64 hex digits.
    pub sha256: String,
}

/// One package. One of `wheel`, `source`, `commit` and `folder` is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedWheel {
    /// Its name, normalized.
    pub name: String,
    /// Its version.
    #[serde(default)]
    pub version: String,
    /// The URL of a wheel.
    pub wheel: Option<String>,
    /// The URL of a source archive, which is built.
    pub source: Option<String>,
    /// A commit, which is built.
    pub commit: Option<String>,
    /// A folder of the context, which is built.
    pub folder: Option<String>,
    /// Size in bytes of what is at the URL.
    #[serde(default)]
    pub size: u64,
    /// Its digest.
    #[serde(default)]
    pub sha256: String,
    /// Who asked for it.
    #[serde(default)]
    pub via: Vec<String>,
}

impl Asked {
    /// What `python` asks for, with the files as they are in the context.
    pub fn of(python: &Python, context: &ContextFiles) -> Self {
        let text = |list: &[crate::source::Spanned<String>]| -> Vec<String> {
            list.iter().map(|item| item.value.clone()).collect()
        };
        let files = context.requirement_digests.iter();
        let projects = context.project_files.iter();
        let index = python.index.iter().chain(&python.extra_indexes);
        Self {
            files: files
                .map(|(path, digest)| (path.clone(), digest.replacen("sha256:", "", 1)))
                .collect(),
            projects: projects
                .map(|(path, file)| (path.clone(), file.digest.replacen("sha256:", "", 1)))
                .collect(),
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
        let files = self.files.iter();
        let projects = self.projects.iter().map(|(path, digest)| {
            let digest = format!("sha256:{digest}");
            (path.clone(), ProjectFile { digest, by: Named::default() })
        });
        ContextFiles {
            requirements: self.files.keys().cloned().collect(),
            requirement_digests: files.map(|(k, v)| (k.clone(), format!("sha256:{v}"))).collect(),
            project_files: projects.collect(),
            ..context
        }
    }

    /// Each entry as a line; what is empty is left out.
    fn lines(&self) -> Vec<String> {
        let mut head: Vec<(&str, Value)> = Vec::new();
        if !self.files.is_empty() {
            head.push(("files", json!(self.files)));
        }
        if !self.projects.is_empty() {
            head.push(("projects", json!(self.projects)));
        }
        let lists = [
            ("packages", &self.packages),
            ("indexes", &self.indexes),
            ("extras", &self.extras),
            ("groups", &self.groups),
        ];
        head.extend(lists.into_iter().filter(|(_, l)| !l.is_empty()).map(|(k, l)| (k, json!(l))));
        head.extend(self.torch.as_ref().map(|torch| ("torch", json!(torch))));
        if self.system_site_packages {
            head.push(("system_site_packages", json!(true)));
        }
        head.into_iter().map(|(key, value)| format!("\"{key}\": {value}")).collect()
    }
}

impl LockedPython {
    /// The lock of `python`; `None` if no package is locked.
    pub fn of(
        python: &Python,
        context: &ContextFiles,
        found: &BTreeMap<String, Packages>,
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
            let named = std::iter::once(("installer", &installer.url, &installer.sha256));
            let wheels = packages.wheels.iter().filter_map(|wheel| {
                let url = wheel.wheel.as_ref().or(wheel.source.as_ref())?;
                Some((wheel.name.as_str(), url, &wheel.sha256))
            });
            for (name, url, sha256) in named.chain(wheels) {
                let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
                if sha256.len() != 64 || !sha256.chars().all(is_hex) {
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
        list(out, 6, self.asked.lines().into_iter());
        out.push_str("\n    },\n    \"platforms\": {");
        for (i, (platform, packages)) in self.platforms.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let _ = write!(out, "{comma}\n      {}: {{", json!(platform));
            list(out, 8, packages.head().into_iter());
            out.push_str(",\n        \"wheels\": [");
            list(out, 10, packages.wheels.iter().map(LockedWheel::line));
            out.push_str("\n        ]\n      }");
        }
        out.push_str("\n    }\n  }");
    }
}

impl LockedPackages {
    fn head(&self) -> Vec<String> {
        let Interpreter { path, version, libc } = &self.python;
        let python = json!({"path": path, "version": version, "libc": libc});
        let LockedArtifact { url, size, sha256 } = &self.installer;
        let mut head = vec![
            format!("\"python\": {python}"),
            format!(
                "\"installer\": {{\"url\": {}, \"size\": {size}, \"sha256\": \"{sha256}\"}}",
                json!(url)
            ),
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
        Artifact { url: url.clone(), size: *size, digest: format!("sha256:{sha256}") }
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

    fn line(&self) -> String {
        let mut line = format!("{{\"name\": {}", json!(self.name));
        let mut add = |key: &str, value: Value| {
            let _ = write!(line, ", \"{key}\": {value}");
        };
        if !self.version.is_empty() {
            add("version", json!(self.version));
        }
        let origins = [
            ("wheel", &self.wheel),
            ("source", &self.source),
            ("commit", &self.commit),
            ("folder", &self.folder),
        ];
        for (key, origin) in origins {
            if let Some(origin) = origin {
                add(key, json!(origin));
            }
        }
        if !self.sha256.is_empty() {
            add("size", json!(self.size));
            add("sha256", json!(self.sha256));
        }
        if !self.via.is_empty() {
            add("via", json!(self.via));
        }
        line.push('}');
        line
    }

    fn wheel(&self) -> Wheel {
        let artifact = |url: &String| Artifact {
            url: url.clone(),
            size: self.size,
            digest: format!("sha256:{}", self.sha256),
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
    let hex = |digest: &str| digest.trim_start_matches("sha256:").to_owned();
    let wheel = |wheel: &Wheel| {
        let Wheel { name, version, via, origin } = wheel.clone();
        let bare = LockedWheel { name, version, via, ..LockedWheel::default() };
        match origin {
            Origin::Wheel(Artifact { url, size, digest }) => {
                LockedWheel { wheel: Some(url), size, sha256: hex(&digest), ..bare }
            }
            Origin::Archive(Artifact { url, size, digest }) => {
                LockedWheel { source: Some(url), size, sha256: hex(&digest), ..bare }
            }
            Origin::Commit(commit) => LockedWheel { commit: Some(commit), ..bare },
            Origin::Folder(folder) => LockedWheel { folder: Some(folder), ..bare },
        }
    };
    let Artifact { url, size, digest } = packages.installer.clone();
    LockedPackages {
        python: packages.interpreter.clone(),
        installer: LockedArtifact { url, size, sha256: hex(&digest) },
        together: packages.together.clone(),
        wheels: packages.wheels.iter().map(wheel).collect(),
    }
}
