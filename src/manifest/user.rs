//! Who the container runs as.

use std::{fmt, str::FromStr};

/// A user with its own group, both to be known to the image's passwd and group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Name of the user and of the group.
    pub name: String,
    /// The user's number; 0 is root.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
}

impl User {
    /// Number of a user and group that the manifest gives no numbers. Above the
    /// range of Debian's system users, below that of dynamic ones.
    pub const DEFAULT_ID: u32 = 10001;

    /// Reports whether this is the superuser.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }
}

/// `appuser:10001:10001`
impl Default for User {
    fn default() -> Self {
        Self { name: "appuser".to_owned(), uid: Self::DEFAULT_ID, gid: Self::DEFAULT_ID }
    }
}

/// Why a text is no [`User`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    /// Numbers alone: programs that look up who they are would fail.
    #[error("a user needs a name")]
    NoName,
    /// Neither `name` nor `name:uid:gid`.
    #[error("a user is `name` or `name:uid:gid`")]
    Form,
    /// Not a name that `useradd` would take.
    #[error(
        "a user's name is up to 32 of `a-z`, `0-9`, `_` and `-`, and starts with a letter or `_`"
    )]
    Name,
    /// Not a number, or beyond what Linux and image runtimes accept.
    #[error("a user's numbers are from 0 to 2147483647")]
    Id,
    /// `root` is number 0, and nobody else is.
    #[error("`root` and the number 0 belong together")]
    Root,
}

impl FromStr for User {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Self, UserError> {
        let parts: Vec<&str> = text.split(':').collect();
        if parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())) {
            return Err(UserError::NoName);
        }
        let (name, uid, gid) = match parts[..] {
            ["root"] => ("root", 0, 0),
            [name] => (name, Self::DEFAULT_ID, Self::DEFAULT_ID),
            [name, uid, gid] => (name, id(uid)?, id(gid)?),
            _ => return Err(UserError::Form),
        };
        let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        let starts = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if !starts || name.len() > 32 || !name.bytes().all(legal) {
            return Err(UserError::Name);
        }
        if (name == "root") != (uid == 0) {
            return Err(UserError::Root);
        }
        Ok(Self { name: name.to_owned(), uid, gid })
    }
}

fn id(text: &str) -> Result<u32, UserError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let id = text.parse().map_err(|_| UserError::Id)?;
    // As moby/sys/user has it: beyond int32, runtimes refuse to start.
    if digits && id <= i32::MAX.unsigned_abs() { Ok(id) } else { Err(UserError::Id) }
}

/// `name:uid:gid`
impl fmt::Display for User {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.name, self.uid, self.gid)
    }
}
