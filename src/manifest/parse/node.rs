//! YAML as a tree in which everything knows its place.

use crate::document::Span;

/// A value as written.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it is; of an empty value, where its key is.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a value looks like. Numbers and booleans are text: the key decides what
/// a value is, so `3.10` stays `3.10` and `no` stays `no`.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// Nothing, `~` or `null`.
    Null,
    /// Text, without its quotes.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order written, with repeated keys.
    Map(Vec<(Node, Node)>),
}

impl NodeKind {
    /// What to call it in a message.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}
