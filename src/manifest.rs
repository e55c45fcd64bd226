//! The manifest: what the user writes, read into types that are true.
//!
//! Every value keeps its [`Span`], so that whatever goes wrong later, be it a
//! missing file or a failing install, is shown at its line.
//!
//! The fields' documentation is the user's, too: `modelcache.schema.json` and
//! `docs/manifest.md` are made of it.

use std::collections::BTreeMap;

use crate::{
    document::{Span, Spanned},
    image_ref::ImageRef,
    models::{Format, ModelId, Pattern, Revision, Tag},
    values::diagnostic::Diagnostic,
};

pub mod asset;
pub mod check;
pub mod codes;
pub mod context_path;
pub mod duration;
pub mod flag;
pub mod healthcheck;
pub mod image_path;
pub mod mode;
pub mod parse;
pub mod port;
pub mod python;
#[cfg(test)]
mod reference;
pub mod requirement;
#[cfg(test)]
mod schema;
pub mod signal;
pub mod system;
pub mod url;
pub mod user;
pub mod verify;

pub use self::{
    asset::{Asset, AssetKind},
    context_path::ContextPath,
    flag::Flag,
    healthcheck::Healthcheck,
    image_path::ImagePath,
    mode::Mode,
    parse::parse,
    port::Port,
    python::Python,
    signal::Signal,
    system::System,
    user::User,
    verify::{Command, Imports, Verify},
};

/// Where the application lives when `app.workdir` is not given.
pub const DEFAULT_WORKDIR: &str = "/app";

/// A whole manifest, after `${NAME}` has been replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Manifest {
    /// The image to build on, one with Python: `python:3.13-slim`. A digest after
    /// the name pins it.
    #[cfg_attr(test, schemars(with = "String"))]
    pub base: Spanned<ImageRef>,
    /// Values for `${NAME}`, by name; `--build-arg NAME=value` replaces one. A value
    /// may use the arguments above it.
    #[cfg_attr(test, schemars(with = "Option<BTreeMap<String, schema::Scalar>>"))]
    pub args: BTreeMap<String, Spanned<String>>,
    /// The distribution's packages.
    pub system: Option<System>,
    /// The Python packages.
    pub python: Option<Python>,
    /// The models, datasets and other files. The image holds one revision of each
    /// repository.
    #[cfg_attr(test, schemars(with = "Option<Vec<schema::ModelForm>>"))]
    pub models: Vec<Model>,
    /// The entries of `models` that no hub is asked about.
    #[cfg_attr(test, schemars(skip))]
    pub assets: Vec<Asset>,
    /// Whether fastembed reads one of the models.
    #[cfg_attr(test, schemars(skip))]
    pub fastembed: bool,
    /// The application, and how the container starts.
    pub app: Option<App>,
    /// Who the container runs as: `name` or `uid`, either with `:group`, or `name:uid:gid`.
    /// Whom the base image lacks is added, with a home. By default `appuser:10001:10001`;
    /// `root` is warned of.
    #[cfg_attr(test, schemars(with = "Option<schema::Scalar>"))]
    pub user: Option<Spanned<User>>,
    /// Whether the build ends with a proof that each model loads in the image: offline,
    /// as its user, on a read-only root, by the libraries that are there. By default
    /// `true`. Each package that `python` asks for is imported there, too. A list of commands
    /// is run as well, each in the finished image; a map says which of the three is done.
    #[cfg_attr(test, schemars(with = "Option<schema::VerifyForm>"))]
    pub verify: Verify,
    /// Places to fetch from instead of the public ones. They change no cache key.
    #[cfg_attr(test, schemars(with = "Option<Mirrors>"))]
    pub mirrors: Mirrors,
}

impl Manifest {
    /// Whether an entry of `models` is to be proven.
    pub fn has_proven(&self) -> bool {
        let is_proven = |asset: &Asset| match &asset.kind {
            AssetKind::File(file) => file.verify.0,
            AssetKind::Folder(folder) => folder.verify.0,
        };
        self.models.iter().any(|model| model.verify.0) || self.assets.iter().any(is_proven)
    }
}

/// A model to put into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The whole entry.
    pub span: Span,
    /// The identifier, as the application will ask for it.
    pub id: Spanned<ModelId>,
    /// Branch, tag or commit; the hub's `main` if `None`.
    pub revision: Option<Spanned<Revision>>,
    /// Only files that one of these matches; empty: the files that the model's format needs.
    pub include: Vec<Spanned<Pattern>>,
    /// No file that one of these matches.
    pub exclude: Vec<Spanned<Pattern>>,
    /// The export to take; the safest that the repository has, if `None`.
    pub format: Option<Spanned<Format>>,
    /// Which quantisation of several GGUF files.
    pub quant: Option<Spanned<Tag>>,
    /// Which variant of the weights: `fp16` for `model.fp16.safetensors`.
    pub variant: Option<Spanned<Tag>>,
    /// Whether the repository's own Python code may run.
    pub trust_remote_code: bool,
    /// Whether `verify` may load weights in pickle files, which can run code.
    pub allow_pickle: bool,
    /// Whether fastembed reads it.
    pub fastembed: bool,
    /// Whether `verify` proves it.
    pub verify: Flag,
}

impl Model {
    /// A model of which nothing but its name is given.
    pub fn named(span: Span, id: Spanned<ModelId>, revision: Option<Spanned<Revision>>) -> Self {
        Self {
            span,
            id,
            revision,
            include: Vec::new(),
            exclude: Vec::new(),
            format: None,
            quant: None,
            variant: None,
            trust_remote_code: false,
            allow_pickle: false,
            fastembed: false,
            verify: Flag(true),
        }
    }

    /// The revision to ask for: the one written, or the hub's default branch.
    pub fn revision_or_main(&self) -> &str {
        self.revision.as_ref().map_or("main", |revision| revision.value.as_str())
    }
}

/// The application, and how the container starts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct App {
    /// The whole of `app`.
    #[cfg_attr(test, schemars(skip))]
    pub span: Span,
    /// What to copy from the build context, without what `.dockerignore` leaves out.
    /// A path is copied into the working directory.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<schema::CopyForm>>"))]
    pub copy: Vec<Copy>,
    /// The working directory, an absolute path. By default `/app`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub workdir: Option<Spanned<String>>,
    /// Folders, absolute or from the working directory, that belong to the user, with what is
    /// copied into them: a volume that is put over one is theirs, too.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<String>>"))]
    pub writable: Vec<Spanned<ImagePath>>,
    /// The command. A string is split into words as a shell does, but no shell runs.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<schema::Scalar>>"))]
    pub command: Option<Spanned<Vec<String>>>,
    /// What runs the command, written as `command` is. By default the base image's;
    /// if it is given, the base image's command is dropped.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<schema::Scalar>>"))]
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// Ports that the container listens on: `8000`, `53/udp`.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<schema::Scalar>>"))]
    pub expose: Vec<Spanned<Port>>,
    /// How Docker tells whether the container is well: a command for `/bin/sh`, the list `test`,
    /// or a map. By default the base image's.
    #[cfg_attr(test, schemars(with = "Option<schema::HealthcheckForm>"))]
    pub healthcheck: Option<Healthcheck>,
    /// The signal that ends the container: `SIGINT`. By default the base image's, or `SIGTERM`.
    #[cfg_attr(test, schemars(with = "Option<schema::Scalar>"))]
    pub stop_signal: Option<Spanned<Signal>>,
    /// Folders, each an absolute path, that every container has as volumes. To write there, the
    /// user needs them in `writable`, too.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<String>>"))]
    pub volumes: Vec<Spanned<ImagePath>>,
    /// The shell of Dockerfiles that build on the image: `[/bin/bash, -o, pipefail, -c]`. By
    /// default the base image's, or `[/bin/sh, -c]`. No container uses it: `command` and
    /// `entrypoint` have no shell, and Docker gives a healthcheck to `/bin/sh`.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<schema::Scalar>>"))]
    pub shell: Option<Spanned<Vec<String>>>,
    /// Environment variables, as a map or as a list of `NAME=value`.
    #[cfg_attr(test, schemars(with = "Option<schema::Assignments>"))]
    pub env: Vec<(Spanned<String>, Spanned<String>)>,
    /// Image labels, as a map or as a list of `name=value`.
    #[cfg_attr(test, schemars(with = "Option<schema::Assignments>"))]
    pub labels: Vec<(Spanned<String>, Spanned<String>)>,
}

/// A file or folder to copy from the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Copy {
    /// The whole entry.
    #[cfg_attr(test, schemars(skip))]
    pub span: Span,
    /// The file or folder in the build context. Of a folder, the contents are copied.
    #[cfg_attr(test, schemars(with = "String"))]
    pub from: Spanned<ContextPath>,
    /// Where it goes, absolute or from the working directory, which is the default.
    /// A file goes *into* a path that ends in `/`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub to: Option<Spanned<String>>,
    /// The mode of all that is copied, in octal digits: `0755`. By default each file keeps
    /// its own, and can be read by everybody.
    #[cfg_attr(test, schemars(with = "Option<schema::Scalar>"))]
    pub mode: Option<Spanned<Mode>>,
    /// To whom it belongs: `user`, `user:group`, `uid` or `uid:gid`. By default to root.
    #[cfg_attr(test, schemars(with = "Option<schema::Scalar>"))]
    pub owner: Option<Spanned<User>>,
}

/// Places to fetch from instead of the public ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Mirrors {
    /// URL of a Hugging Face hub. The build argument `HF_ENDPOINT` comes before it.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub huggingface: Option<Spanned<String>>,
}

/// What a manifest's text came to.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The manifest, if no diagnostic is an error.
    pub manifest: Option<Manifest>,
    /// Every mistake, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}
