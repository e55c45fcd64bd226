//! A value of the manifest, and what it is called.

use std::collections::BTreeMap;

use super::node::Node;

/// A value, and what to call it in a message: `` `python.index` ``.
#[derive(Clone, Debug)]
pub struct Place<'n> {
    /// What to call it, with its backticks.
    pub name: String,
    /// Its key and those above it, joined by `.`; empty for the whole manifest.
    pub path: String,
    /// The value.
    pub node: &'n Node,
}

impl<'n> Place<'n> {
    /// The whole manifest.
    pub fn top(node: &'n Node) -> Self {
        Self { name: "the manifest".to_owned(), path: String::new(), node }
    }

    /// The value of the key `name` of this map.
    pub(super) fn entry(&self, name: &str, node: &'n Node) -> Self {
        let path =
            if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { name: format!("`{path}`"), path, node }
    }
}

/// The entries of a map with known keys.
pub type Fields<'n> = BTreeMap<&'static str, Place<'n>>;
