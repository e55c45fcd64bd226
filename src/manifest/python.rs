//! The Python packages of the image, as the manifest asks for them.

use std::str::FromStr;

use super::ContextPath;
#[cfg(test)]
use super::schema;
use crate::document::{Span, Spanned};

/// The Python packages of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Python {
    /// The whole of `python`.
    #[cfg_attr(test, schemars(skip))]
    pub span: Span,
    /// Requirements files, as paths in the build context. A `pyproject.toml`, a
    /// `pylock.toml` and a `uv.lock` beside its project are read, too.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<String>>"))]
    pub requirements: Vec<Spanned<ContextPath>>,
    /// Requirement specifiers, as pip reads them: `torch>=2.3`, `uvicorn[standard]`.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<String>>"))]
    pub packages: Vec<Spanned<String>>,
    /// Extras of the project in `pyproject.toml` or `uv.lock`.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<String>>"))]
    pub extras: Vec<Spanned<String>>,
    /// Dependency groups of that project.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<String>>"))]
    pub groups: Vec<Spanned<String>>,
    /// URL of the package index to use instead of pip's default. Credentials are
    /// passed by `--secret id=netrc`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub index: Option<Spanned<String>>,
    /// URLs of package indexes to use beside it.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<String>>"))]
    pub extra_indexes: Vec<Spanned<String>>,
    /// Which build of torch and its family: `cpu`, `cu128`, and so on. By default what
    /// the index has, which for Linux is the one for CUDA. The family comes from an
    /// index of torch's own then. With a mirror of that, name the mirror in `extra_indexes` instead,
    /// and pin the build: `torch==2.9.1+cpu`.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub torch: Option<Spanned<Torch>>,
    /// How packages are installed. `layers`, the default: each large wheel in a layer of
    /// its own, the others in a few; `single`: all by one run of pip.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub install: Option<Spanned<Install>>,
    /// Whether modules are compiled in the build, so that no start has to. By default
    /// `true`; `false` makes the image smaller.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub bytecode: Option<Spanned<bool>>,
    /// Whether packages of the base image count: only what they lack is installed, and
    /// what they have in another version than is asked for. By pip's resolver, on an image
    /// of the target platform.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub system_site_packages: Option<Spanned<bool>>,
    /// Debian packages for building what has no wheel: `gcc`, `git`. They are not in the image.
    #[cfg_attr(test, schemars(with = "Option<schema::OneOrMany<String>>"))]
    pub build_packages: Vec<Spanned<String>>,
}

impl Python {
    /// Whether modules are compiled.
    pub fn compiles(&self) -> bool {
        self.bytecode.as_ref().is_none_or(|flag| flag.value)
    }

    /// Whether packages of the base image count.
    pub fn sees_system(&self) -> bool {
        self.system_site_packages.as_ref().is_some_and(|flag| flag.value)
    }

    /// How packages are installed.
    pub fn install(&self) -> Install {
        self.install.as_ref().map_or(Install::Layers, |install| install.value)
    }
}

/// How packages get into the image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Install {
    /// In groups, each a layer.
    #[default]
    Layers,
    /// By one run of pip, in one layer.
    Single,
}

/// A word that is no [`Install`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a way of installing")]
pub struct InstallError(String);

impl FromStr for Install {
    type Err = InstallError;

    fn from_str(text: &str) -> Result<Self, InstallError> {
        match text {
            "layers" => Ok(Self::Layers),
            "single" => Ok(Self::Single),
            _ => Err(InstallError(text.to_owned())),
        }
    }
}

/// A build of the torch family, in uv's words (`--torch-backend`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torch(Option<String>);

impl Torch {
    /// The backend to ask for; `None` is whatever the index has.
    pub fn backend(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// A word that names no build of torch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no build of torch")]
pub struct TorchError(String);

impl FromStr for Torch {
    type Err = TorchError;

    fn from_str(text: &str) -> Result<Self, TorchError> {
        let numbered = |prefix: &str| {
            let version = text.strip_prefix(prefix);
            version
                .is_some_and(|v| !v.is_empty() && v.chars().all(|c| c.is_ascii_digit() || c == '.'))
        };
        match text {
            "index" => Ok(Self(None)),
            "cpu" | "xpu" => Ok(Self(Some(text.to_owned()))),
            _ if numbered("cu") || numbered("rocm") => Ok(Self(Some(text.to_owned()))),
            _ => Err(TorchError(text.to_owned())),
        }
    }
}

/// The name of an extra, a group or a Debian package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The name.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A text that is no [`Name`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name")]
pub struct NameError(String);

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let rest = |c: char| c.is_ascii_alphanumeric() || "-_.+:".contains(c);
        let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts && text.chars().all(rest) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError(text.to_owned()))
        }
    }
}
