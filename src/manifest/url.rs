//! The address of an index or a hub.

use std::{fmt, str::FromStr};

/// An HTTP or HTTPS URL without credentials, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Url(String);

impl Url {
    /// The URL as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL as written.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Url {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why a text is no [`Url`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Neither `http://` nor `https://`.
    #[error("a URL here starts with `https://` or `http://`")]
    Scheme,
    /// No host after it.
    #[error("the URL names no host")]
    Host,
    /// White space or a character that a URL has to escape.
    #[error("a URL has no `{}`", .0.escape_default())]
    Character(char),
    /// `?` or `#`.
    #[error("the URL of an index or a hub has no query and no fragment")]
    Query,
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let lower = text.to_ascii_lowercase();
        let scheme = ["https://", "http://"].into_iter().find(|scheme| lower.starts_with(scheme));
        let rest = &text[scheme.ok_or(UrlError::Scheme)?.len()..];
        let foreign = |c: char| !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c);
        if let Some(character) = rest.chars().find(|c| foreign(*c)) {
            return Err(UrlError::Character(character));
        }
        if rest.contains(['?', '#']) {
            return Err(UrlError::Query);
        }
        let host = rest.split(['/', ':']).next().unwrap_or_default();
        // An IPv6 address starts with the bracket around it.
        if host.is_empty() { Err(UrlError::Host) } else { Ok(Self(text.to_owned())) }
    }
}
