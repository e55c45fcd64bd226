//! Secrets by name: `${NAME}` in a URL, of which only the step that asks the URL learns the value.

use std::collections::BTreeSet;

use serde::Serialize;

/// The user and password in a URL, by which they are put back where a resolver leaves them out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Credential {
    /// As written: `${TOKEN}`, `me:${TOKEN}`.
    pub userinfo: String,
    /// The host, with its port.
    pub host: String,
    /// What of the host they are for, from its first `/` on; none for an index, which has its
    /// files wherever it likes.
    pub path: Option<String>,
}

impl Credential {
    /// What a URL, or a requirement that ends in one, has of names of secrets before its host.
    /// `is_one` says that it is one file or repository.
    pub fn of(text: &str, is_one: bool) -> Option<Self> {
        let (_, rest) = text.split_once("://")?;
        let is_end = |c: char| c.is_whitespace() || matches!(c, '#' | '?' | ';');
        let rest = rest.split(is_end).next()?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (userinfo, host) = authority.rsplit_once('@')?;
        // Up to the revision of a repository.
        let path = path.split('@').next().unwrap_or(path);
        is_name(userinfo).then(|| Self {
            userinfo: userinfo.to_owned(),
            host: host.to_ascii_lowercase(),
            path: is_one.then(|| format!("/{path}")),
        })
    }
}

/// The names in `${NAME}`: of upper case, digits and `_` alone, so that others stay text.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").filter_map(|(at, start)| {
        let name = text[at + start.len()..].split_once('}')?.0;
        let is_usual = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
        (!name.is_empty() && name.bytes().all(is_usual)).then_some(name)
    })
}

/// The names in the URLs of a text.
pub fn in_urls(text: &str) -> BTreeSet<String> {
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
    let urls = text.split(is_end).filter(|word| word.contains("://"));
    urls.flat_map(variables).map(str::to_owned).collect()
}

/// Whether what is before a URL's `@` names a secret, and holds none.
pub fn is_name(userinfo: &str) -> bool {
    let is_one = |part: &str| {
        variables(part).next().is_some_and(|name| part.len() == name.len() + "${}".len())
    };
    match userinfo.split_once(':') {
        None => is_one(userinfo),
        Some((_, password)) if is_one(password) => true,
        // A service that wants no password takes none, or this word.
        Some((user, password)) => is_one(user) && matches!(password, "" | "x-oauth-basic"),
    }
}
