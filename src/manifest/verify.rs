//! What is proven of the image before the build ends.

use crate::document::{Span, Spanned};

/// What is to be proven of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// What is imported.
    pub imports: Imports,
    /// Whether each model is loaded.
    pub models: bool,
    /// Commands that must end well.
    pub commands: Vec<Command>,
}

impl Default for Verify {
    fn default() -> Self {
        Self { imports: Imports::Asked, models: true, commands: Vec::new() }
    }
}

impl Verify {
    /// No proof at all.
    pub fn nothing() -> Self {
        Self { imports: Imports::Nothing, models: false, commands: Vec::new() }
    }

    /// Whether there is nothing to prove.
    pub fn is_nothing(&self) -> bool {
        *self == Self::nothing()
    }
}

/// What is imported as a proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Imports {
    /// Each package that the user asked for.
    #[default]
    Asked,
    /// Nothing.
    Nothing,
    /// These packages or modules, whoever asked for them.
    Named(Vec<Spanned<String>>),
}

/// A command line of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Where it is written.
    pub span: Span,
    /// The program and its arguments; at least one.
    pub words: Vec<String>,
}
