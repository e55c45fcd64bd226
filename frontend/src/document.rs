//! A file the user wrote, and places in it.

/// A file's name as the user knows it, and its text.
///
/// ```
/// use buildkit_frontend::document::{Document, Span};
///
/// let document = Document::new("image.yaml", "base: débian\nuser: root\n");
/// assert_eq!(document.slice(Span { start: 6, end: 13 }), "débian");
/// assert_eq!(document.position(14), (2, 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The name to show: the path in the build context.
    pub name: String,
    text: String,
    /// Where each line ends: every step of a graph is asked for its line.
    newlines: Vec<usize>,
}

impl Document {
    /// A source of this name and text.
    ///
    /// ```
    /// use buildkit_frontend::document::Document;
    ///
    /// assert_eq!(Document::new("image.yaml", "base: x\n").name, "image.yaml");
    /// ```
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let newlines = text.match_indices('\n').map(|(at, _)| at).collect();
        Self { name: name.into(), text, newlines }
    }

    /// The whole text.
    ///
    /// ```
    /// use buildkit_frontend::document::Document;
    ///
    /// assert_eq!(Document::new("image.yaml", "base: x\n").text(), "base: x\n");
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the 1-based line that the byte offset `at` lies on.
    pub fn line(&self, at: usize) -> usize {
        1 + self.newlines.partition_point(|newline| *newline < at)
    }

    /// Returns the 1-based first and last line that `span` touches.
    pub fn lines(&self, span: Span) -> (usize, usize) {
        (self.line(span.start), self.line(span.end.saturating_sub(1).max(span.start)))
    }

    /// Returns the 1-based line and column of the byte offset `at`; the column
    /// counts characters.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let before = &self.text[..self.floor(at)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (self.line(at), 1 + before[line_start..].chars().count())
    }

    /// Returns `span` kept inside the text and on whole characters.
    pub fn clip(&self, span: Span) -> Span {
        let start = self.floor(span.start);
        let within = span.end.clamp(start, self.text.len());
        let mut after = within..=self.text.len();
        let end = after.find(|at| self.text.is_char_boundary(*at)).unwrap_or(within);
        Span { start, end }
    }

    /// The start of the character that the byte offset `at` is in; `str` has this from Rust 1.91.
    fn floor(&self, at: usize) -> usize {
        let before = 0..=at.min(self.text.len());
        before.rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }

    /// Returns the text at `span`.
    pub fn slice(&self, span: Span) -> &str {
        let Span { start, end } = self.clip(span);
        &self.text[start..end]
    }
}

/// A range of bytes in a [`Document`]: `start..end`.
///
/// ```
/// use buildkit_frontend::document::{Document, Span};
///
/// let document = Document::new("a", "one\ntwo\n");
/// assert_eq!(document.lines(Span { start: 0, end: 7 }), (1, 2));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

/// A value and the place where the user wrote it.
///
/// ```
/// use buildkit_frontend::document::{Span, Spanned};
///
/// let written = Spanned::new("12", Span { start: 5, end: 7 });
/// assert_eq!(written.map(str::len).value, 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value with its place.
    ///
    /// ```
    /// use buildkit_frontend::document::{Span, Spanned};
    ///
    /// assert_eq!(Spanned::new(1, Span::default()).span.end, 0);
    /// ```
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// Returns what `change` makes of the value, at the same place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}
