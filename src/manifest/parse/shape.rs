//! Takes values out of [`Node`](super::node::Node)s by their shape, and notes every mistake.
//!
//! Each reader returns what it could read and goes on, so one run finds all there
//! is to find. Whether the manifest is of use is decided at the end.

use std::str::FromStr;

use super::{
    explain::{self, Explain},
    keys::Keys,
    node::NodeKind,
    place::{Fields, Place},
    scope::Scope,
    text::Text,
};
use crate::{
    document::{Document, Span, Spanned},
    values::diagnostic::Diagnostic,
};

/// Whether a string may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// It says something by being empty.
    Allowed,
    /// It must have been forgotten.
    Refused,
}

/// The arguments and the mistakes so far.
pub struct Decoder<'a> {
    document: &'a Document,
    /// What `${NAME}` stands for.
    pub scope: Scope,
    /// Every mistake so far.
    pub found: Vec<Diagnostic>,
}

impl<'a> Decoder<'a> {
    /// A decoder that knows no arguments yet.
    pub fn new(document: &'a Document) -> Self {
        Self { document, scope: Scope::default(), found: Vec::new() }
    }

    /// The entries of a map with known keys, by key. Unknown and repeated keys are noted.
    pub fn map<'n>(&mut self, place: &Place<'n>, keys: &Keys) -> Option<Fields<'n>> {
        let mut fields = Fields::new();
        for (key, value) in self.pairs(place)? {
            if let Some(known) = keys.known.iter().find(|known| **known == key.value) {
                fields.insert(*known, value);
                continue;
            }
            self.found.push(keys.unknown(&key, place));
            // The value of a misspelt key is looked at, too.
            if let Some(meant) = keys.meant(&key.value) {
                fields.entry(meant).or_insert_with(|| place.entry(meant, value.node));
            }
        }
        Some(fields)
    }

    /// The entries of a map with keys of the user's own, in the order written; `None`
    /// without any. Of a repeated key, the first is kept.
    pub fn pairs<'n>(&mut self, place: &Place<'n>) -> Option<Vec<(Spanned<String>, Place<'n>)>> {
        let NodeKind::Map(entries) = &place.node.kind else {
            self.wrong_type(place, "a map");
            return None;
        };
        let mut pairs: Vec<(Spanned<String>, Place<'n>)> = Vec::new();
        for (key, node) in entries {
            let NodeKind::Text(name) = &key.kind else {
                let found = key.kind.name();
                let error =
                    Diagnostic::error("wrong-type", format!("a key is a string, not {found}"))
                        .label(self.first_line(key.span), format!("{found} as a key"));
                self.found.push(error);
                continue;
            };
            if let Some((first, _)) = pairs.iter().find(|(first, _)| first.value == *name) {
                self.found.push(explain::duplicate_key(name, key.span, first.span));
                continue;
            }
            pairs.push((Spanned::new(name.clone(), key.span), place.entry(name, node)));
        }
        if entries.is_empty() {
            self.empty(place);
            return None;
        }
        Some(pairs)
    }

    /// The entries of a list.
    pub fn list<'n>(&mut self, place: &Place<'n>) -> Vec<Place<'n>> {
        if matches!(place.node.kind, NodeKind::List(_)) {
            return self.one_or_many(place);
        }
        self.wrong_type(place, "a list");
        Vec::new()
    }

    /// The entries of a list, or the one value that stands in its place.
    pub fn one_or_many<'n>(&mut self, place: &Place<'n>) -> Vec<Place<'n>> {
        let NodeKind::List(items) = &place.node.kind else {
            return vec![place.clone()];
        };
        if items.is_empty() {
            self.empty(place);
        }
        let name = format!("an entry of {}", place.name);
        let item = |node| Place { name: name.clone(), path: place.path.clone(), node };
        items.iter().map(item).collect()
    }

    /// A string, its arguments replaced, without secrets.
    pub fn text(&mut self, place: &Place, empty: Empty) -> Option<Text> {
        let NodeKind::Text(written) = &place.node.kind else {
            self.wrong_type(place, "a string");
            return None;
        };
        let span = place.node.span;
        let origin = self.document.slice(span).find(written).map(|found| span.start + found);
        let raw = Text { spanned: Spanned::new(written.clone(), span), origin };
        let value = match self.scope.expand(written) {
            Ok(value) => value,
            Err(unresolved) => {
                for unresolved in unresolved {
                    let part = raw.part(unresolved.range.clone());
                    self.found.push(explain::unresolved(&unresolved.reason, part, &self.scope));
                }
                return None;
            }
        };
        let origin = origin.filter(|_| value == *written);
        let text = Text { spanned: Spanned::new(value, span), origin };
        if empty == Empty::Refused && text.spanned.value.trim().is_empty() {
            self.empty(place);
            return None;
        }
        let secrets = explain::secrets(&text, place);
        if secrets.is_empty() {
            return Some(text);
        }
        self.found.extend(secrets);
        None
    }

    /// A string that may not be empty.
    pub fn string(&mut self, place: &Place) -> Option<Spanned<String>> {
        self.text(place, Empty::Refused).map(|text| text.spanned)
    }

    /// A string that is read into a type of its own.
    pub fn parsed<T>(&mut self, place: &Place) -> Option<Spanned<T>>
    where
        T: FromStr<Err: Explain>,
    {
        let text = self.string(place)?;
        self.read(&text)
    }

    /// The type that `text` is written for.
    pub fn read<T>(&mut self, text: &Spanned<String>) -> Option<Spanned<T>>
    where
        T: FromStr<Err: Explain>,
    {
        match text.value.parse() {
            Ok(value) => Some(Spanned::new(value, text.span)),
            Err(error) => {
                self.found.push(explain::value(&error, text));
                None
            }
        }
    }

    /// A list of strings, or one, each read into a type of its own; no two the same.
    pub fn parsed_list<T>(&mut self, place: Option<&Place>) -> Vec<Spanned<T>>
    where
        T: FromStr<Err: Explain> + PartialEq,
    {
        let mut values: Vec<Spanned<T>> = Vec::new();
        let Some(place) = place else { return values };
        if !matches!(place.node.kind, NodeKind::Text(_) | NodeKind::List(_)) {
            self.wrong_type(place, "a string or a list");
            return values;
        }
        for item in self.one_or_many(place) {
            let Some(value) = self.parsed::<T>(&item) else { continue };
            match values.iter().find(|first| first.value == value.value) {
                Some(first) => {
                    self.found.push(explain::duplicate_entry(&item.path, value.span, first.span));
                }
                None => values.push(value),
            }
        }
        values
    }

    /// Notes that `place` holds something of another shape.
    pub fn wrong_type(&mut self, place: &Place, expected: &str) {
        if matches!(place.node.kind, NodeKind::Null) {
            self.empty(place);
            return;
        }
        let found = place.node.kind.name();
        let message = format!("{} must be {expected}, not {found}", place.name);
        let label = self.first_line(place.node.span);
        self.found.push(
            Diagnostic::error("wrong-type", message).label(label, format!("expected {expected}")),
        );
    }

    /// Notes that `place` says nothing.
    fn empty(&mut self, place: &Place) {
        let label = self.first_line(place.node.span);
        let error = Diagnostic::error("empty-value", format!("{} is empty", place.name));
        self.found.push(error.label(label, "").help("write a value, or remove the key or entry"));
    }

    /// The part of `span` that is on its first line: an excerpt of a whole map hides
    /// what is said about it.
    pub fn first_line(&self, span: Span) -> Span {
        let line = self.document.slice(span).lines().next().unwrap_or_default();
        Span { start: span.start, end: span.start + line.trim_end().len() }
    }
}
