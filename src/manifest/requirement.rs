//! A requirement specifier: the package it names, the rest as pip reads it.

use std::{fmt, str::FromStr};

/// A requirement as on pip's command line: `torch>=2.3`, `uvicorn[standard]==0.30.1`,
/// `pkg @ https://…`. pip judges versions and markers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement(String);

impl Requirement {
    /// The specifier as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The specifier as written.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why a text is no [`Requirement`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// `-r requirements.txt`, `--pre`.
    #[error("`{0}` is an option of pip, not a package")]
    Option(String),
    /// `https://…`, `git+ssh://…`.
    #[error("a URL alone does not say which package it is")]
    Url,
    /// `./pkg`, `pkg.whl`, `requirements.txt`.
    #[error("a file is not a package")]
    Path,
    /// `a b`
    #[error("`{0}` is more than one package")]
    Several(String),
    /// No name at the start.
    #[error("a package's name is letters, digits, `.`, `_` and `-`, from letter to letter")]
    Name,
    /// `pkg[extra`
    #[error("a `[` is never closed")]
    Extras,
    /// `pkg=1`
    #[error("`=` does not compare versions")]
    Assignment,
    /// Something else after the name.
    #[error("`{0}` is not a version specifier")]
    Specifier(String),
}

impl FromStr for Requirement {
    type Err = RequirementError;

    /// The outer grammar of <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>.
    fn from_str(text: &str) -> Result<Self, RequirementError> {
        let text = text.trim();
        if text.starts_with('-') {
            let option = text.split([' ', '=']).next().unwrap_or(text);
            return Err(RequirementError::Option(option.to_owned()));
        }
        let name = text.find(|c: char| !is_name(c)).map_or(text, |end| &text[..end]);
        let rest = text[name.len()..].trim_start();
        if rest.starts_with(':') || rest.starts_with('+') && rest.contains("://") {
            return Err(RequirementError::Url);
        }
        let file = [".whl", ".tar.gz", ".txt", ".toml"].iter().any(|end| text.ends_with(end));
        if text.starts_with(['.', '/', '~']) || rest.starts_with('/') || file && !rest.contains('@')
        {
            return Err(RequirementError::Path);
        }
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        if !edge(name.chars().next()) || !edge(name.chars().next_back()) {
            return Err(RequirementError::Name);
        }
        let rest = match rest.strip_prefix('[') {
            Some(extras) => extras.split_once(']').ok_or(RequirementError::Extras)?.1.trim_start(),
            None => rest,
        };
        check_rest(text, rest)?;
        Ok(Self(text.to_owned()))
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// What may follow name and extras: a URL, versions in or out of parentheses, a marker.
fn check_rest(text: &str, rest: &str) -> Result<(), RequirementError> {
    if rest.starts_with('@') {
        return Ok(());
    }
    let versions = rest.split(';').next().unwrap_or_default().trim();
    if versions.is_empty() {
        return Ok(());
    }
    let inside = versions.strip_prefix('(').and_then(|inside| inside.strip_suffix(')'));
    // packaging's own grammar takes a comma at the end.
    let versions = match inside.map(str::trim) {
        Some("") => return Ok(()),
        inside => inside.unwrap_or(versions).trim_end_matches([',', ' ']),
    };
    for (i, version) in versions.split(',').map(str::trim).enumerate() {
        let operators = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];
        let operator = operators.into_iter().find(|operator| version.starts_with(operator));
        let Some(operator) = operator else {
            return Err(match version {
                version if version.starts_with('=') => RequirementError::Assignment,
                version if i == 0 && version.starts_with(is_name) => {
                    RequirementError::Several(text.to_owned())
                }
                version => RequirementError::Specifier(version.to_owned()),
            });
        };
        let number = version[operator.len()..].trim();
        // A `!` alone ends an epoch: `1!2.0`.
        let foreign = |c: char| c.is_whitespace() || "<>=~".contains(c);
        if number.is_empty() || number.contains(foreign) {
            return Err(RequirementError::Specifier(version.to_owned()));
        }
    }
    Ok(())
}
