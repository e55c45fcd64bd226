//! What is proven of the image before the build ends.

use crate::source::Span;

/// What is to be proven of the image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Verify {
    /// That each model loads.
    #[default]
    Models,
    /// Nothing.
    Nothing,
    /// That each model loads, and that these commands end well.
    Commands(Vec<Command>),
}

/// A command line of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Where it is written.
    pub span: Span,
    /// The program and its arguments; at least one.
    pub words: Vec<String>,
}
