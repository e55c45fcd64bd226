//! The lock file: the digests that a manifest's names stood for, for review and
//! for builds that ask nobody.
//!
//! It lies beside the manifest, `modelcache.lock.json` beside `modelcache.yaml`,
//! and is made by `docker buildx build --target lock --output .`.

use serde::{Deserialize, Serialize};

use self::{base::LockedBase, python::LockedPython, system::LockedSystem, text::list};
use crate::{
    answers::{Answers, Snapshot, SnapshotFile},
    document::Spanned,
    manifest::{Manifest, Model},
    models::{ModelId, Pattern},
    plan::ContextFiles,
    values::digest::Digest,
};

pub mod base;
pub mod diff;
pub mod fit;
pub mod python;
pub mod system;
pub mod text;

/// The version of the format. Another one is refused, not guessed at.
pub const VERSION: u32 = 1;

/// A lock file's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockFile {
    /// [`VERSION`].
    pub version: u32,
    /// The base image.
    pub base: Option<LockedBase>,
    /// The distribution's packages.
    pub system: Option<LockedSystem>,
    /// The models, sorted by id.
    #[serde(default)]
    pub models: Vec<LockedModel>,
    /// The Python packages.
    pub python: Option<LockedPython>,
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Version {
    version: u64,
}

/// A model's commit and files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedModel {
    /// The repository on the hub.
    pub id: String,
    /// The revision that was asked for.
    pub revision: String,
    /// The patterns that chose the files; they are part of what was asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// The patterns that left files out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// The export that was asked for, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The quantisation that was asked for, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quant: Option<String>,
    /// The variant that was asked for, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Whether the repository's code is among the files.
    #[serde(default, skip_serializing_if = "text::is_false")]
    pub trust_remote_code: bool,
    /// What the hub calls the repository now, if that is another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_to: Option<String>,
    /// What the revision stood for, 40 hex digits.
    pub commit: String,
    /// The licence that the repository names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// Whether the files need an accepted licence and a token.
    #[serde(default, skip_serializing_if = "text::is_false")]
    pub gated: bool,
    /// The chosen files, sorted by path.
    #[serde(skip_serializing)]
    pub files: Vec<LockedFile>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedFile {
    /// Path in the repository.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// The digest of its content.
    pub sha256: Digest,
}

/// The lock file's name beside the manifest `name`: its extension is replaced.
pub fn name(manifest: &str) -> String {
    let (folder, file) = manifest.rsplit_once('/').map_or(("", manifest), |(a, b)| (a, b));
    let stem =
        file.rsplit_once('.').map_or(file, |(stem, _)| if stem.is_empty() { file } else { stem });
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}{stem}.lock.json")
}

impl LockFile {
    /// Reads a lock file; the error says what is wrong, with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        // First of all: a later version may have fields that this one does not know.
        if let Ok(Version { version }) = serde_json::from_str(text)
            && version != u64::from(VERSION)
        {
            return Err(format!("its version is {version}, and this is for version {VERSION}"));
        }
        let lock: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let renamed = lock.models.iter().filter_map(|model| model.renamed_to.as_ref());
        for name in renamed {
            if ModelId::of_hub(name).is_none() {
                return Err(format!("`renamed_to` is {name:?}, which is no name of a repository"));
            }
        }
        for file in lock.models.iter().flat_map(|model| &model.files) {
            if !crate::models::hub::is_safe_path(&file.path) {
                return Err(format!("it lists a file with an unsafe name: {:?}", file.path));
            }
        }
        if let Some(system) = &lock.system {
            system.check()?;
        }
        if let Some(python) = &lock.python {
            python.check()?;
        }
        Ok(lock)
    }

    /// The lock of a manifest whose every question `answers` has answered.
    pub fn of(manifest: &Manifest, context: &ContextFiles, answers: &Answers) -> Self {
        let model = |model: &Model| Some(locked_model(model, answers.model(model)?));
        let mut models: Vec<LockedModel> = manifest.models.iter().filter_map(model).collect();
        models.sort_by(|a, b| a.id.cmp(&b.id));
        let python = manifest.python.as_ref();
        Self {
            version: VERSION,
            base: Some(LockedBase::of(manifest, &answers.base)),
            system: manifest.system.as_ref().and_then(|it| LockedSystem::of(it, &answers.system)),
            models,
            python: python.and_then(|it| LockedPython::of(it, context, &answers.python)),
        }
    }

    /// Adds the platforms of `old` that this build was not for, if the base image
    /// is still the same.
    #[must_use]
    pub fn with_platforms_of(mut self, old: &Self) -> Self {
        if let (Some(base), Some(old)) = (&mut self.base, &old.base)
            && base.image == old.image
        {
            base.add_platforms_of(old);
        }
        if let (Some(system), Some(old)) = (&mut self.system, &old.system)
            && system.asked == old.asked
        {
            for (platform, packages) in &old.platforms {
                system.platforms.entry(platform.clone()).or_insert_with(|| packages.clone());
            }
        }
        if let (Some(python), Some(old)) = (&mut self.python, &old.python)
            && python.asked == old.asked
        {
            for (platform, packages) in &old.platforms {
                python.platforms.entry(platform.clone()).or_insert_with(|| packages.clone());
            }
        }
        self
    }

    /// The text of the file: sorted, one line for each file, so that a change of
    /// a model reads as one in review.
    pub fn text(&self) -> String {
        let mut out = format!("{{\n  \"version\": {}", self.version);
        if let Some(base) = &self.base {
            base.write(&mut out);
        }
        if let Some(system) = &self.system {
            system.write(&mut out);
        }
        out.push_str(",\n  \"models\": [");
        for (i, model) in self.models.iter().enumerate() {
            out.push_str(if i == 0 { "\n    {" } else { ",\n    {" });
            text::fields(&mut out, 6, model);
            out.push_str(",\n      \"files\": [");
            list(&mut out, 8, model.files.iter().map(text::entry));
            out.push_str("\n      ]\n    }");
        }
        out.push_str(if self.models.is_empty() { "]" } else { "\n  ]" });
        if let Some(python) = &self.python {
            python.write(&mut out);
        }
        out.push_str("\n}\n");
        out
    }
}

impl LockedModel {
    /// As the answer that a plan is made from.
    pub fn snapshot(&self) -> Snapshot {
        let file = |file: &LockedFile| SnapshotFile {
            path: file.path.clone(),
            size: file.size,
            digest: file.sha256,
        };
        Snapshot {
            commit: self.commit.clone(),
            license: self.license.clone(),
            gated: self.gated,
            renamed_to: self.renamed_to.clone(),
            files: self.files.iter().map(file).collect(),
        }
    }
}

fn locked_model(model: &Model, snapshot: &Snapshot) -> LockedModel {
    let file = |file: &SnapshotFile| LockedFile {
        path: file.path.clone(),
        size: file.size,
        sha256: file.digest,
    };
    LockedModel {
        id: model.id.value.hub_id(),
        revision: model.revision_or_main().to_owned(),
        include: patterns(&model.include),
        exclude: patterns(&model.exclude),
        format: as_text(model.format.as_ref()),
        quant: as_text(model.quant.as_ref()),
        variant: as_text(model.variant.as_ref()),
        trust_remote_code: model.trust_remote_code,
        renamed_to: snapshot.renamed_to.clone(),
        commit: snapshot.commit.clone(),
        license: snapshot.license.clone(),
        gated: snapshot.gated,
        files: snapshot.files.iter().map(file).collect(),
    }
}

fn patterns(list: &[Spanned<Pattern>]) -> Vec<String> {
    list.iter().map(|pattern| pattern.value.as_str().to_owned()).collect()
}

fn as_text(value: Option<&Spanned<impl ToString>>) -> Option<String> {
    value.map(|value| value.value.to_string())
}
