//! The manifest: what the user writes, read into types that are true.
//!
//! Every value keeps its [`Span`], so that whatever goes wrong later, be it a
//! missing file or a failing install, is shown at its line.

use std::collections::BTreeMap;

use crate::{
    diagnostic::Diagnostic,
    image_ref::ImageRef,
    model::{ModelId, Pattern, Revision},
    source::{Span, Spanned},
};

pub mod check;
pub mod context_path;
pub mod image_path;
pub mod parse;
pub mod port;
pub mod requirement;
pub mod url;
pub mod user;

pub use self::{context_path::ContextPath, parse::parse, port::Port, user::User};

/// Where the application lives when `app.workdir` is not given.
pub const DEFAULT_WORKDIR: &str = "/app";

/// A whole manifest, after `${NAME}` has been replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The image to build on.
    pub base: Spanned<ImageRef>,
    /// The values that `${NAME}` stands for, after the build arguments.
    pub args: BTreeMap<String, Spanned<String>>,
    /// The Python packages.
    pub python: Option<Python>,
    /// The models, in the order written; no two of the same identifier.
    pub models: Vec<Model>,
    /// The application and the image's configuration.
    pub app: Option<App>,
    /// Who the container runs as; [`User::default`] if `None`.
    pub user: Option<Spanned<User>>,
    /// Where to fetch from instead of the public places.
    pub mirrors: Mirrors,
}

/// The Python packages of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The whole of `python`.
    pub span: Span,
    /// Requirements files in the build context.
    pub requirements: Vec<Spanned<ContextPath>>,
    /// Requirement specifiers, as pip reads them on its command line.
    pub packages: Vec<Spanned<String>>,
    /// URL of the index to use instead of pip's own default.
    pub index: Option<Spanned<String>>,
    /// URLs of indexes to use beside it.
    pub extra_indexes: Vec<Spanned<String>>,
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
}

impl Model {
    /// The revision to ask for: the one written, or the hub's default branch.
    pub fn revision_or_main(&self) -> &str {
        self.revision.as_ref().map_or("main", |revision| revision.value.as_str())
    }
}

/// The application, and how the container starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The whole of `app`.
    pub span: Span,
    /// What to copy from the build context, in the order written.
    pub copy: Vec<Copy>,
    /// Absolute path of the working directory; [`DEFAULT_WORKDIR`] if `None`.
    pub workdir: Option<Spanned<String>>,
    /// The image's `Cmd`. A string is split into words as a shell does; no shell runs.
    pub command: Option<Spanned<Vec<String>>>,
    /// The image's `Entrypoint`, split as `command` is.
    pub entrypoint: Option<Spanned<Vec<String>>>,
    /// Ports the container listens on.
    pub expose: Vec<Spanned<Port>>,
    /// Environment variables, in the order written; names are unique.
    pub env: Vec<(Spanned<String>, Spanned<String>)>,
    /// Image labels, in the order written; names are unique.
    pub labels: Vec<(Spanned<String>, Spanned<String>)>,
}

/// A file or folder to copy from the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// The whole entry.
    pub span: Span,
    /// What to copy. Of a folder, its contents are copied.
    pub from: Spanned<ContextPath>,
    /// Where to, absolute or relative to the working directory, which is the
    /// default. With a trailing `/`, a file goes into that folder.
    pub to: Option<Spanned<String>>,
}

/// Places to fetch from instead of the public ones. They never enter a cache key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mirrors {
    /// URL of a Hugging Face hub, without a trailing `/`.
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
