//! A path inside the build context.

use std::{fmt, str::FromStr};

/// A relative path that stays in the build context, in its shortest form:
/// `src/app`, or `.` for all of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContextPath(String);

impl ContextPath {
    /// The path, with `/` between its parts and none at either end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reports whether this is the whole context, `.`.
    pub fn is_whole(&self) -> bool {
        self.0 == "."
    }
}

/// Why a text is no [`ContextPath`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextPathError {
    /// Starts at the root.
    #[error("an absolute path is not in the build context")]
    Absolute,
    /// Leaves the context by `..`.
    #[error("`..` leaves the build context")]
    Outside,
    /// Has `\` in it.
    #[error("paths are written with `/` on every system")]
    Backslash,
    /// Has `*` or `?` in it.
    #[error("`*` and `?` are not expanded in a path")]
    Wildcard,
    /// Has a control character in it.
    #[error("a path has no line breaks or other control characters")]
    Control,
    /// A URL.
    #[error("a URL is not a path in the build context")]
    Url,
}

impl FromStr for ContextPath {
    type Err = ContextPathError;

    fn from_str(text: &str) -> Result<Self, ContextPathError> {
        if text.chars().any(char::is_control) {
            return Err(ContextPathError::Control);
        }
        if text.contains("://") {
            return Err(ContextPathError::Url);
        }
        if text.starts_with('/') {
            return Err(ContextPathError::Absolute);
        }
        if text.contains('\\') {
            return Err(ContextPathError::Backslash);
        }
        if text.contains(['*', '?']) {
            return Err(ContextPathError::Wildcard);
        }
        let mut parts = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop().ok_or(ContextPathError::Outside)?),
                part => parts.push(part),
            }
        }
        let path = if parts.is_empty() { ".".to_owned() } else { parts.join("/") };
        Ok(Self(path))
    }
}

impl fmt::Display for ContextPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
