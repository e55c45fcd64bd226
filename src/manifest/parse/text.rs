//! A string of the manifest, and where each part of it is written.

use std::ops::Range;

use crate::document::{Span, Spanned};

/// A string after `${NAME}` was replaced.
#[derive(Clone, Debug)]
pub struct Text {
    /// The value and where it was written, quotes included.
    pub spanned: Spanned<String>,
    /// Where the value's first byte is in the source, if the source has the value
    /// letter by letter: no escapes, no `${NAME}`.
    pub origin: Option<usize>,
}

impl Text {
    /// The place of a part of the value, or of all of it if that can't be told.
    pub fn part(&self, range: Range<usize>) -> Span {
        match self.origin {
            Some(origin) => Span { start: origin + range.start, end: origin + range.end },
            None => self.spanned.span,
        }
    }
}
