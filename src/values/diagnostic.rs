//! A mistake of the user's, or a doubt of ours, and the places it is about.
//!
//! One value, three sinks: [`render`] for a terminal, [`Diagnostic::to_json`] for
//! tools, and the gateway's located error for a build.

use annotate_snippets::{
    AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str,
};
use serde_json::{Value, json};

use crate::{
    document::{Document, Span},
    values::secret,
};

/// Something to tell the user about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the build.
    pub severity: Severity,
    /// A stable name in kebab case, listed in `docs/manifest.md`.
    pub code: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// Where, and why there. The first is the place of the mistake; there may be none.
    pub labels: Vec<Label>,
    /// What to do, each a line of its own.
    pub help: Vec<String>,
}

/// Whether a [`Diagnostic`] stops the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It does.
    Error,
    /// It doesn't.
    Warning,
}

/// A place in the file, and what is to be said there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words; may be empty.
    pub text: String,
}

/// How [`render`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    Plain,
    /// With the escape codes of a terminal.
    Colour,
}

impl Diagnostic {
    /// A mistake that stops the build.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A doubt that doesn't.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A diagnostic without a place or advice.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self { severity, code, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// Adds a place; the first one added is that of the mistake.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Whether it stops the build.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The place of the mistake.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }

    /// The diagnostic with an excerpt of the file, without a final line break.
    /// Secrets of the excerpt are masked.
    pub fn render(&self, document: &Document, style: Style) -> String {
        self.render_in(document, &secret::mask(document.text()), style)
    }

    /// As [`Self::render`], with the source's text as it may be shown.
    fn render_in(&self, document: &Document, shown: &str, style: Style) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&self.message).id(self.code);
        let mut report = Group::with_title(title);
        if self.labels.is_empty() {
            report = report.element(Origin::path(&document.name));
        } else {
            let first = [AnnotationKind::Primary].into_iter();
            let kinds = first.chain(std::iter::repeat(AnnotationKind::Context));
            let annotations = self.labels.iter().zip(kinds).map(|(label, kind)| {
                let span = document.clip(label.span);
                let text = (!label.text.is_empty()).then(|| normalize_untrusted_str(&label.text));
                kind.span(span.start..span.end).label(text)
            });
            let excerpt = Snippet::source(shown).path(&document.name);
            report = report.element(excerpt.annotations(annotations));
        }
        let help = self.help.iter().map(|text| Level::HELP.message(normalize_untrusted_str(text)));
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Colour => Renderer::styled(),
        };
        renderer.render(&[report.elements(help)])
    }

    /// The diagnostic for a program: severity, code, message, help, and labels
    /// with byte offset, and line and column (in characters) counted from 1.
    pub fn to_json(&self, document: &Document) -> Value {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let position = |offset: usize| {
            let (line, column) = document.position(offset);
            json!({ "offset": offset, "line": line, "column": column })
        };
        let labels = self.labels.iter().map(|label| {
            let Span { start, end } = document.clip(label.span);
            json!({ "text": label.text, "start": position(start), "end": position(end) })
        });
        json!({
            "severity": severity,
            "code": self.code,
            "message": self.message,
            "labels": labels.collect::<Vec<Value>>(),
            "help": self.help,
        })
    }
}

/// Puts diagnostics into the order of the text; those without a place come first.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_key(Diagnostic::span);
}

/// Renders diagnostics with an empty line between them; ends in a line break,
/// unless there are none.
pub fn render(diagnostics: &[Diagnostic], document: &Document, style: Style) -> String {
    let shown = secret::mask(document.text());
    let texts = diagnostics.iter().map(|found| found.render_in(document, &shown, style) + "\n");
    texts.collect::<Vec<String>>().join("\n")
}
