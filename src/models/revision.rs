//! A version of a model's repository.

use std::{fmt, str::FromStr};

/// A branch, tag, reference or commit: `main`, `v1.0`, `refs/pr/1`, 40 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(String);

impl Revision {
    /// The revision as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reports whether this is a full commit, which never moves.
    pub fn is_commit(&self) -> bool {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        self.0.len() == 40 && self.0.bytes().all(hex)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why a text is no [`Revision`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevisionError {
    /// Nothing after the `@`.
    #[error("the revision is empty")]
    Empty,
    /// A character that no git reference has.
    #[error("a revision has no `{}`", .0.escape_default())]
    Character(char),
    /// A form that no git reference has: `a..b`, `/a`, `a//b`, `a.lock`.
    #[error("`{0}` is no name of a branch, a tag or a commit")]
    Form(String),
}

impl FromStr for Revision {
    type Err = RevisionError;

    /// The rules of git-check-ref-format(1).
    fn from_str(text: &str) -> Result<Self, RevisionError> {
        if text.is_empty() {
            return Err(RevisionError::Empty);
        }
        let foreign = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\@".contains(c);
        if let Some(character) = text.chars().find(|c| foreign(*c)) {
            return Err(RevisionError::Character(character));
        }
        let part = |part: &str| {
            let lock = part.len() >= 5 && part.as_bytes().ends_with(b".lock");
            !part.is_empty() && !part.starts_with(['.', '-']) && !part.ends_with('.') && !lock
        };
        if text.contains("..") || !text.split('/').all(part) {
            return Err(RevisionError::Form(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}
