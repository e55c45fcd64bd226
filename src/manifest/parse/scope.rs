//! What `${NAME}` stands for.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::document::Spanned;

/// How many bytes `${NAME}` may put into a manifest: arguments that are made of others
/// could grow to gigabytes.
pub const MAX_EXPANDED: usize = 1 << 20;

/// The arguments known so far.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Values by name.
    pub args: BTreeMap<String, Spanned<String>>,
    /// The names of all arguments, also of those to come.
    pub declared: BTreeSet<String>,
    /// Names whose values are mistakes, already told.
    pub broken: BTreeSet<String>,
    /// Bytes that may still be put in; `None` once it was told that they are used up.
    room: Option<usize>,
}

impl Default for Scope {
    fn default() -> Self {
        let (args, declared, broken) = Default::default();
        Self { args, declared, broken, room: Some(MAX_EXPANDED) }
    }
}

/// A `${…}` that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// Where it is in the text.
    pub range: Range<usize>,
    /// Why.
    pub reason: Reason,
}

/// Why a `${…}` stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such argument.
    Unknown(String),
    /// What is between the braces is no name.
    NoName(String),
    /// The brace is never closed.
    Open,
    /// With its value the manifest would grow beyond [`MAX_EXPANDED`].
    TooLong,
}

impl Scope {
    /// Replaces each `${NAME}` by its value and each `$$` by `$`. Values are not
    /// looked into again, and any other `$` is itself. What depends on a mistake
    /// fails without a reason of its own, and so does what no longer fits once that is told.
    pub fn expand(&mut self, text: &str) -> Result<String, Vec<Unresolved>> {
        let mut expanded = String::with_capacity(text.len());
        let mut unresolved = Vec::new();
        let mut broken = false;
        let mut at = 0;
        while let Some(dollar) = text[at..].find('$').map(|found| at + found) {
            expanded.push_str(&text[at..dollar]);
            let rest = &text[dollar + 1..];
            if rest.starts_with('$') {
                expanded.push('$');
                at = dollar + 2;
            } else if let Some(inside) = rest.strip_prefix('{') {
                let (name, length) = match inside.find('}') {
                    Some(close) => (&inside[..close], close + "${}".len()),
                    None => (inside, text.len() - dollar),
                };
                let range = dollar..dollar + length;
                let reason = match self.args.get(name) {
                    _ if !inside.contains('}') => Some(Reason::Open),
                    _ if !is_name(name) => Some(Reason::NoName(name.to_owned())),
                    None if self.broken.contains(name) => {
                        broken = true;
                        None
                    }
                    None => Some(Reason::Unknown(name.to_owned())),
                    Some(arg) => match self.room {
                        Some(room) if arg.value.len() <= room => {
                            self.room = Some(room - arg.value.len());
                            expanded.push_str(&arg.value);
                            None
                        }
                        room => {
                            self.room = None;
                            broken = true;
                            room.map(|_| Reason::TooLong)
                        }
                    },
                };
                at = range.end;
                unresolved.extend(reason.map(|reason| Unresolved { range, reason }));
            } else {
                expanded.push('$');
                at = dollar + 1;
            }
        }
        expanded.push_str(&text[at..]);
        if unresolved.is_empty() && !broken { Ok(expanded) } else { Err(unresolved) }
    }
}

/// Reports whether `text` can name an argument or an environment variable.
pub fn is_name(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(legal)
}
