//! Who the container runs as, and who a file belongs to.

use std::{fmt, str::FromStr};

/// A user with a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// `user` or `user:group`, each a name or a number, as a Dockerfile's `USER` has it.
    Of {
        /// The user.
        user: Id,
        /// The group; by default the user's own.
        group: Option<Id>,
    },
    /// `name:uid:gid`, to be known to the image's passwd and group.
    Exact {
        /// Name of the user and of the group.
        name: String,
        /// The user's number; 0 is root.
        uid: u32,
        /// The group's number.
        gid: u32,
    },
}

/// A user or a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// By number; 0 is root.
    Number(u32),
    /// By name.
    Name(String),
}

impl Id {
    /// Reports whether this is the superuser, or its group.
    fn is_root(&self) -> bool {
        match self {
            Self::Number(number) => *number == 0,
            Self::Name(name) => name == "root",
        }
    }
}

impl User {
    /// Number of a user and group that the manifest gives no numbers. Above the
    /// range of Debian's system users, below that of dynamic ones.
    pub const DEFAULT_ID: u32 = 10001;

    /// Reports whether this is the superuser.
    pub fn is_root(&self) -> bool {
        match self {
            Self::Of { user, .. } => user.is_root(),
            Self::Exact { uid, .. } => *uid == 0,
        }
    }

    /// Reports whether the base image must be asked who this is.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Of { user, group } => {
                let is_name = |id: &Id| matches!(id, Id::Name(_)) && !id.is_root();
                !user.is_root() || group.as_ref().is_some_and(is_name)
            }
            Self::Exact { uid, .. } => *uid != 0,
        }
    }
}

/// `appuser:10001:10001`
impl Default for User {
    fn default() -> Self {
        Self::Exact { name: "appuser".to_owned(), uid: Self::DEFAULT_ID, gid: Self::DEFAULT_ID }
    }
}

/// Why a text is no [`User`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserError {
    /// None of the forms.
    #[error("a user is `name`, `uid`, either with `:group`, or `name:uid:gid`")]
    Form,
    /// Not a name that `useradd` would take.
    #[error(
        "a user's name is up to 32 of `a-z`, `0-9`, `_` and `-`, and starts with a letter or `_`"
    )]
    Name,
    /// Not a number, or beyond what Linux and image runtimes accept.
    #[error("a user's numbers are from 0 to 2147483647")]
    Number,
    /// `root` is number 0, and nobody else is.
    #[error("`root` and the number 0 belong together")]
    Root,
}

impl FromStr for User {
    type Err = UserError;

    fn from_str(text: &str) -> Result<Self, UserError> {
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            [user] => Ok(Self::Of { user: id(user)?, group: None }),
            [user, group] => Ok(Self::Of { user: id(user)?, group: Some(id(group)?) }),
            [user, uid, gid] => {
                let (name, uid, gid) = (name(user)?, number(uid)?, number(gid)?);
                if (name == "root") != (uid == 0) {
                    return Err(UserError::Root);
                }
                Ok(Self::Exact { name, uid, gid })
            }
            _ => Err(UserError::Form),
        }
    }
}

fn id(text: &str) -> Result<Id, UserError> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Ok(Id::Number(number(text)?)) } else { Ok(Id::Name(name(text)?)) }
}

fn name(text: &str) -> Result<String, UserError> {
    let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    let is_name = starts && text.len() <= 32 && text.bytes().all(legal);
    if is_name { Ok(text.to_owned()) } else { Err(UserError::Name) }
}

fn number(text: &str) -> Result<u32, UserError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().map_err(|_| UserError::Number)?;
    // As moby/sys/user has it: beyond int32, runtimes refuse to start.
    let is_legal = digits && number <= i32::MAX.unsigned_abs();
    if is_legal { Ok(number) } else { Err(UserError::Number) }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(out, "{number}"),
            Self::Name(name) => out.write_str(name),
        }
    }
}

/// As written.
impl fmt::Display for User {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of { user, group: None } => write!(out, "{user}"),
            Self::Of { user, group: Some(group) } => write!(out, "{user}:{group}"),
            Self::Exact { name, uid, gid } => write!(out, "{name}:{uid}:{gid}"),
        }
    }
}
