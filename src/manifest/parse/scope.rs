//! What `${NAME}` stands for.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::source::Spanned;

/// The arguments known so far.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Values by name.
    pub args: BTreeMap<String, Spanned<String>>,
    /// The names of all arguments, also of those to come.
    pub declared: BTreeSet<String>,
    /// Names whose values are mistakes, already told.
    pub broken: BTreeSet<String>,
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
}

impl Scope {
    /// Replaces each `${NAME}` by its value and each `$$` by `$`. Values are not
    /// looked into again, and any other `$` is itself. What depends on a mistake
    /// fails without a reason of its own.
    pub fn expand(&self, text: &str) -> Result<String, Vec<Unresolved>> {
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
                    Some(arg) => {
                        expanded.push_str(&arg.value);
                        None
                    }
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
