//! The distribution's packages, as the manifest asks for them.

use std::str::FromStr;

#[cfg(test)]
use super::schema;
use crate::document::{Span, Spanned};

/// Packages of the base image's distribution, Debian's or Ubuntu's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct System {
    /// The whole of `system`.
    #[cfg_attr(test, schemars(skip))]
    pub span: Span,
    /// Names of packages, with a version if need be: `ffmpeg`, `libgl1=1.7.0-1`. What they depend
    /// on and the base image lacks is installed, too.
    #[cfg_attr(test, schemars(with = "schema::OneOrMany<String>"))]
    pub packages: Vec<Spanned<String>>,
    /// Whether packages are installed that those recommend. By default `false`.
    #[cfg_attr(test, schemars(with = "Option<bool>"))]
    pub recommends: bool,
}

/// The name of a package of Debian's, with `=VERSION` or `:ARCHITECTURE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageName(String);

impl PackageName {
    /// As apt takes it.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A text that is no [`PackageName`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name of a Debian package")]
pub struct PackageNameError(String);

impl FromStr for PackageName {
    type Err = PackageNameError;

    /// Names by Debian's policy 5.6.7, versions by 5.6.12.
    fn from_str(text: &str) -> Result<Self, PackageNameError> {
        let (name, version) = text.split_once('=').map_or((text, None), |(a, b)| (a, Some(b)));
        let (name, architecture) = name.split_once(':').map_or((name, None), |(a, b)| (a, Some(b)));
        let is_name = |text: &str| {
            let usual = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
            text.len() > 1
                && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                && text.chars().all(usual)
                // apt removes or adds by these at the end.
                && !text.ends_with(['-', '+']) | text.ends_with("++")
        };
        let is_version = |text: &str| {
            let usual = |c: char| c.is_ascii_alphanumeric() || ".+-~:".contains(c);
            text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(usual)
        };
        if is_name(name) && architecture.is_none_or(is_name) && version.is_none_or(is_version) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PackageNameError(text.to_owned()))
        }
    }
}
