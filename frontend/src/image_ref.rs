//! The name of an image, as Docker reads it.

use std::{fmt, str::FromStr};

const DEFAULT_DOMAIN: &str = "docker.io";
const DEFAULT_OWNER: &str = "library/";

/// An image reference with its defaults filled in: `python:3.13-slim` is
/// `docker.io/library/python:3.13-slim`. Grammar: distribution/reference.
///
/// ```
/// use buildkit_frontend::image_ref::ImageRef;
///
/// let image: ImageRef = "debian:12".parse()?;
/// assert_eq!(image.full(), "docker.io/library/debian:12");
/// assert_eq!(image.to_string(), "debian:12");
/// # Ok::<(), buildkit_frontend::image_ref::ImageRefError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageRef {
    /// The registry: `docker.io`, `localhost:5000`.
    pub domain: String,
    /// The repository in it: `library/python`.
    pub path: String,
    /// `latest` if neither tag nor digest is written.
    pub tag: Option<String>,
    /// `sha256:…`, which pins the image.
    pub digest: Option<String>,
}

impl ImageRef {
    /// The reference with nothing left out: what goes into LLB, after `docker-image://`.
    pub fn full(&self) -> String {
        format!("{}/{}{}", self.domain, self.path, self.suffix())
    }

    fn suffix(&self) -> String {
        let tag = self.tag.iter().map(|tag| format!(":{tag}"));
        let digest = self.digest.iter().map(|digest| format!("@{digest}"));
        tag.chain(digest).collect()
    }
}

/// The familiar form, as people write it: `python:3.13-slim`.
impl fmt::Display for ImageRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.domain == DEFAULT_DOMAIN {
            // `library/a/b` is not `a/b` (`familiarizeName` of distribution/reference).
            let short = self.path.strip_prefix(DEFAULT_OWNER).filter(|name| !name.contains('/'));
            out.write_str(short.unwrap_or(&self.path))?;
        } else {
            write!(out, "{}/{}", self.domain, self.path)?;
        }
        out.write_str(&self.suffix())
    }
}

/// Why a text is no [`ImageRef`].
///
/// ```
/// use buildkit_frontend::image_ref::{ImageRef, ImageRefError};
///
/// assert_eq!("scratch".parse::<ImageRef>(), Err(ImageRefError::Scratch));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageRefError {
    /// `https://…`, `docker-image://…`
    #[error("an image reference has no `{0}://`")]
    Scheme(String),
    /// `FROM scratch` of a Dockerfile.
    #[error("`scratch` is not an image")]
    Scratch,
    /// The repository has capital letters.
    #[error("the repository of an image is in lower case")]
    UpperCase,
    /// Not a registry's name.
    #[error("`{0}` is not a registry")]
    Domain(String),
    /// Not a repository's name.
    #[error("`{0}` is not the name of an image repository")]
    Path(String),
    /// Not a tag.
    #[error("`{0}` is not an image tag")]
    Tag(String),
    /// What Docker calls an image by that has no name.
    #[error("64 hex digits are the ID of an image, which no registry knows; write its name")]
    Id,
    /// Not a digest.
    #[error("`{0}` is not a digest: `sha256:` and 64 hex digits")]
    Digest(String),
    /// More than 255 characters between registry and tag.
    #[error("the name of an image has at most 255 characters")]
    Long,
}

impl FromStr for ImageRef {
    type Err = ImageRefError;

    fn from_str(text: &str) -> Result<Self, ImageRefError> {
        if let Some((scheme, _)) = text.split_once("://") {
            return Err(ImageRefError::Scheme(scheme.to_owned()));
        }
        if text == "scratch" {
            return Err(ImageRefError::Scratch);
        }
        if is_digits(text, 64) {
            return Err(ImageRefError::Id);
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(checked_digest(digest)?)),
            None => (text, None),
        };
        // The last `:` starts a tag, unless it is that of the registry's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(checked_tag(tag)?)),
            _ => (rest, None),
        };
        let (domain, path) = split_domain(name);
        if path.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(ImageRefError::UpperCase);
        }
        if !path.split('/').all(is_path_part) {
            let written = path.strip_prefix(DEFAULT_OWNER).unwrap_or(&path);
            return Err(ImageRefError::Path(written.to_owned()));
        }
        // A host with a `_` is no registry by the grammar, and Docker takes it for more of the path.
        if !is_domain(&domain) && !is_path_part(&domain) {
            return Err(ImageRefError::Domain(domain));
        }
        if path.len() > 255 {
            return Err(ImageRefError::Long);
        }
        let latest = (tag.is_none() && digest.is_none()).then(|| "latest".to_owned());
        Ok(Self { domain, path, tag: tag.or(latest), digest })
    }
}

/// The part before the first `/` is a registry if it looks like a host name, as
/// `splitDockerDomain` of distribution/reference/normalize.go decides.
fn split_domain(name: &str) -> (String, String) {
    let host = |first: &str| {
        first.contains(['.', ':']) || first == "localhost" || first.to_lowercase() != first
    };
    let (domain, path) = match name.split_once('/') {
        Some((first, path)) if host(first) => (first, path),
        _ => (DEFAULT_DOMAIN, name),
    };
    let domain = if domain == "index.docker.io" { DEFAULT_DOMAIN } else { domain };
    let official = domain == DEFAULT_DOMAIN && !path.contains('/');
    let path = if official { format!("{DEFAULT_OWNER}{path}") } else { path.to_owned() };
    (domain.to_owned(), path)
}

fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (domain, None),
    };
    let label = |label: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let edge = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && !edge && label.bytes().all(legal)
    };
    let ipv6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = match ipv6 {
        // The grammar has no address that ends in one of IPv4.
        Some(address) => !address.contains('.') && address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => host.split('.').all(label),
    };
    host && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// Letters and digits, joined by `.`, `_`, `__` or any number of `-`.
fn is_path_part(part: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = [part.bytes().next(), part.bytes().next_back()];
    let separators = part.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    ends.into_iter().all(|end| end.is_some_and(alphanumeric))
        && separators.into_iter().all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-')
        })
}

fn checked_tag(tag: &str) -> Result<String, ImageRefError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    let fits = (1..=128).contains(&tag.len()) && !tag.starts_with(['.', '-']);
    if fits && tag.bytes().all(legal) {
        Ok(tag.to_owned())
    } else {
        Err(ImageRefError::Tag(tag.to_owned()))
    }
}

/// The algorithms that Docker knows.
fn checked_digest(digest: &str) -> Result<String, ImageRefError> {
    let (algorithm, hex) = digest.split_once(':').unwrap_or((digest, ""));
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => 0,
    };
    if length > 0 && is_digits(hex, length) {
        Ok(digest.to_owned())
    } else {
        Err(ImageRefError::Digest(digest.to_owned()))
    }
}

/// Whether a text is so many hex digits, in lower case.
fn is_digits(text: &str, length: usize) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == length && text.bytes().all(digit)
}
