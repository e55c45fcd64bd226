//! Something to tell about a choice, without a place in a manifest yet.

/// Something to tell about a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the build.
    pub level: Level,
    /// A stable name in kebab case.
    pub code: &'static str,
    /// The part of the model's entry that it is about.
    pub about: About,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do, each a line of its own.
    pub help: Vec<String>,
}

/// Whether a [`Finding`] stops the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It does.
    Error,
    /// It doesn't.
    Warning,
}

/// A part of a model's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Its name, and so all of it.
    Model,
    /// `format`
    Format,
    /// `quant`
    Quant,
    /// `variant`
    Variant,
}

impl Finding {
    /// A mistake that stops the build.
    pub fn error(code: &'static str, about: About, message: impl Into<String>) -> Self {
        Self { level: Level::Error, code, about, message: message.into(), help: Vec::new() }
    }

    /// A doubt that doesn't.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        let level = Level::Warning;
        Self { level, code, about: About::Model, message: message.into(), help: Vec::new() }
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}
