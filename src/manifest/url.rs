//! The address of an index, a hub or a file.

use std::{fmt, net::Ipv6Addr, str::FromStr};

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
    /// A bracket that holds no IPv6 address, or more after it than a port.
    #[error("between `[` and `]` stands an IPv6 address, and after it a port: `http://[::1]:80`")]
    Address,
    /// What comes after the colon is no port.
    #[error("`{0}` is no port; an IPv6 address stands in brackets: `http://[::1]:80`")]
    Port(String),
    /// A `%` in a host, or before what is no number.
    #[error("a `%` in a URL stands in its path and before two hex digits; for itself it is `%25`")]
    Escape,
    /// White space or a character that a URL has to escape.
    #[error("a URL has no `{}`", .0.escape_default())]
    Character(char),
    /// `?` or `#`.
    #[error("the URL of an index or a hub has no query and no fragment")]
    Query,
    /// `#`.
    #[error("the URL of a file has no fragment")]
    Fragment,
    /// Ends in `/`, or has no path at all.
    #[error("the URL names no file")]
    NoFile,
    /// A query that gives access to whoever has it, for a while.
    #[error("the URL is signed: whoever sees it has access, and soon it is of no use")]
    Signed,
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let lower = text.to_ascii_lowercase();
        let scheme = ["https://", "http://"].into_iter().find(|scheme| lower.starts_with(scheme));
        let rest = &text[scheme.ok_or(UrlError::Scheme)?.len()..];
        if let Some(character) = rest.chars().find(|c| is_foreign(*c)) {
            return Err(UrlError::Character(character));
        }
        if rest.contains(['?', '#']) {
            return Err(UrlError::Query);
        }
        let is_digits = |after: &str| {
            after.get(..2).is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        if !rest.split('%').skip(1).all(is_digits) {
            return Err(UrlError::Escape);
        }
        let authority = rest.split('/').next().unwrap_or_default();
        // Who is refused for a password is not told of it here.
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']').ok_or(UrlError::Address)?;
                address.parse::<Ipv6Addr>().map_err(|_| UrlError::Address)?;
                let is_port = port.is_empty() || port.starts_with(':');
                (address, if is_port { port.get(1..) } else { return Err(UrlError::Address) })
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        match port {
            Some(port) if port.bytes().any(|byte| !byte.is_ascii_digit()) => {
                Err(UrlError::Port(port.to_owned()))
            }
            _ if host.is_empty() => Err(UrlError::Host),
            _ if host.contains('%') => Err(UrlError::Escape),
            _ => Ok(Self(text.to_owned())),
        }
    }
}

/// An HTTP or HTTPS URL of one file, without credentials or fragment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileUrl(String);

impl FileUrl {
    /// The URL as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What comes before the query, host included.
    pub fn path(&self) -> &str {
        self.0.split('?').next().unwrap_or(&self.0)
    }

    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.path().rsplit('/').next().unwrap_or_default()
    }

    /// Whether the file is a zip archive, by its name.
    pub fn is_zip(&self) -> bool {
        self.file_name().to_ascii_lowercase().ends_with(".zip")
    }
}

impl fmt::Display for FileUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for FileUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        if text.contains('#') {
            return Err(UrlError::Fragment);
        }
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        address.parse::<Url>()?;
        if let Some(character) = query.chars().find(|c| is_foreign(*c)) {
            return Err(UrlError::Character(character));
        }
        let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
        let signatures = ["x-amz-signature", "x-goog-signature", "signature", "sig"];
        if names.clone().any(|name| signatures.contains(&name.to_ascii_lowercase().as_str())) {
            return Err(UrlError::Signed);
        }
        // `https://host/name`: the name comes after the third slash.
        let path = address.splitn(4, '/').nth(3);
        match path.and_then(|path| path.rsplit('/').next()) {
            None | Some("" | "." | "..") => Err(UrlError::NoFile),
            Some(_) => Ok(Self(text.to_owned())),
        }
    }
}

fn is_foreign(c: char) -> bool {
    !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c)
}
