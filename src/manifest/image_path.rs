//! A path inside the image.

use std::{fmt, str::FromStr};

/// A path in the image, without `.`, `..` and doubled `/`. A `/` at the end stays:
/// it says that the path is a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImagePath(String);

impl ImagePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reports whether the path starts at the image's root.
    pub fn is_absolute(&self) -> bool {
        self.0.starts_with('/')
    }
}

impl fmt::Display for ImagePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why a text is no [`ImagePath`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImagePathError {
    /// Has `..` in it.
    #[error("a path in the image has no `..`")]
    Upwards,
    /// Has `\` in it, as on Windows.
    #[error("a path in the image is written with `/`")]
    Backslash,
    /// Has a control character in it.
    #[error("a path has no line breaks or other control characters")]
    Control,
}

impl FromStr for ImagePath {
    type Err = ImagePathError;

    fn from_str(text: &str) -> Result<Self, ImagePathError> {
        if text.chars().any(char::is_control) {
            return Err(ImagePathError::Control);
        }
        if text.contains('\\') {
            return Err(ImagePathError::Backslash);
        }
        let parts: Vec<&str> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        if parts.contains(&"..") {
            return Err(ImagePathError::Upwards);
        }
        let root = if text.starts_with('/') { "/" } else { "" };
        let folder = if text.ends_with('/') && !parts.is_empty() { "/" } else { "" };
        let path = format!("{root}{}{folder}", parts.join("/"));
        Ok(Self(if path.is_empty() { ".".to_owned() } else { path }))
    }
}
