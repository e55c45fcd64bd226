//! Finds what must not be in a file: tokens, keys and passwords.

use std::ops::Range;

pub mod named;
pub mod passed;

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// Where it is, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: &'static str,
}

/// How tokens look: a start, and at least so many characters of its alphabet.
/// The starts are what the services document for secret scanners; the lengths
/// are well below the true ones, so that a shortened token is found too.
const TOKENS: [(&str, usize, &str); 18] = [
    ("hf_", 20, "a Hugging Face token"),
    ("api_org_", 20, "a Hugging Face token"),
    ("ghp_", 30, "a GitHub token"),
    ("gho_", 30, "a GitHub token"),
    ("ghu_", 30, "a GitHub token"),
    ("ghs_", 30, "a GitHub token"),
    ("ghr_", 30, "a GitHub token"),
    ("github_pat_", 30, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("pypi-AgE", 40, "an upload token of a package index"),
    ("sk-ant-", 30, "an API key"),
    ("sk-proj-", 30, "an API key"),
    ("sk_live_", 16, "an API key"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("npm_", 36, "an upload token of a package index"),
];

/// Returns what looks like a token or a private key, in the order of `text`.
pub fn tokens(text: &str) -> Vec<Leak> {
    let mut found = Vec::new();
    for (start, least, kind) in TOKENS {
        for (at, _) in text.match_indices(start) {
            // Within a longer word it is something else.
            if text[..at].bytes().next_back().is_some_and(is_token_byte) {
                continue;
            }
            let rest = &text.as_bytes()[at + start.len()..];
            let length = rest.iter().take_while(|byte| is_token_byte(**byte)).count();
            if length >= least {
                found.push(Leak { range: at..at + start.len() + length, kind });
            }
        }
    }
    found.extend(private_keys(text));
    found.sort_by_key(|found| found.range.start);
    found
}

/// From `-----BEGIN RSA PRIVATE KEY-----` up to the line that ends the key.
fn private_keys(text: &str) -> Vec<Leak> {
    const BEGIN: &str = "-----BEGIN ";
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find(BEGIN).map(|begin| at + begin) {
        at = begin + BEGIN.len();
        let kind = text[at..].find("-----").map_or("", |end| &text[at..at + end]);
        if kind.ends_with("PRIVATE KEY") {
            at = text[at..].find("-----END").map_or(text.len(), |end| at + end);
            found.push(Leak { range: begin..at, kind: "a private key" });
        }
    }
    found
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Returns the `user:password` of URLs in `text`, or the user alone, where it
/// says more than `git@` does.
pub fn credentials(text: &str) -> Vec<Leak> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + "://".len();
        let host = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`');
        let authority = text[start..].split(host).next().unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@')
            && !matches!(user, "" | "git")
        {
            let kind = "a password or token in a URL";
            found.push(Leak { range: start..start + user.len(), kind });
        }
    }
    found
}

/// Returns the [`credentials`] that are no names of build secrets, `${NAME}`.
pub fn literal_credentials(text: &str) -> Vec<Leak> {
    let mut found = credentials(text);
    found.retain(|found| !named::is_name(&text[found.range.clone()]));
    found
}

/// Returns `text` with every secret overwritten by `*`, byte by byte, so that
/// places in it stay where they were.
pub fn mask(text: &str) -> String {
    let mut masked = text.to_owned();
    for Leak { range, .. } in tokens(text).into_iter().chain(credentials(text)) {
        let stars = |c: char| if c == '\n' { "\n".to_owned() } else { "*".repeat(c.len_utf8()) };
        let stars: String = text[range.clone()].chars().map(stars).collect();
        masked.replace_range(range, &stars);
    }
    masked
}

/// Returns the URL without the user and password in it; `git@` and names of secrets stay.
pub fn without_credentials(url: &str) -> String {
    without(url, literal_credentials(url))
}

/// Returns the URL without any user and password but `git@`.
pub fn anonymous(url: &str) -> String {
    without(url, credentials(url))
}

fn without(url: &str, found: Vec<Leak>) -> String {
    let mut bare = url.to_owned();
    for Leak { range, .. } in found.into_iter().rev() {
        // With the `@` after it.
        bare.replace_range(range.start..=range.end, "");
    }
    bare
}
