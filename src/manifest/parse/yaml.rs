//! Text to [`Node`]s. The only file that names the YAML crate.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::{
    node::{Node, NodeKind},
    syntax,
};
use crate::{
    document::{Document, Span},
    values::diagnostic::Diagnostic,
};

/// Longest manifest, in bytes. A long one has some thousand.
const MAX_BYTES: usize = 1 << 20;

/// How deep lists and maps may lie in each other. A manifest needs five levels.
const MAX_DEPTH: usize = 32;

/// How many values a manifest may have, those that aliases repeat included: a few
/// lines of aliases could grow to gigabytes.
const MAX_VALUES: usize = 10_000;

/// How many bytes of text those values may have: an alias of one long string costs
/// three bytes of the file.
const MAX_TEXT: usize = 4 << 20;

/// Reads the one document of `source`; `None` if there is nothing but comments.
pub fn read(document: &Document) -> Result<Option<Node>, Diagnostic> {
    if document.text().len() > MAX_BYTES {
        let bytes = document.text().len();
        let message = format!("a manifest has at most {MAX_BYTES} bytes, this file has {bytes}");
        return Err(Diagnostic::error("too-large", message));
    }
    Reader::new(document.text()).read()
}

/// Builds the tree from events, without recursion, so that depth costs no stack.
struct Reader<'a> {
    text: &'a str,
    offsets: Offsets,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, Size)>,
    size: Size,
    root: Option<Node>,
}

/// What a value takes, with all that is in it.
#[derive(Clone, Copy, Default)]
struct Size {
    values: usize,
    text: usize,
}

impl Size {
    /// Of one value with this much text of its own.
    fn one(text: usize) -> Self {
        Self { values: 1, text }
    }

    fn add(&mut self, other: Self) {
        self.values += other.values;
        self.text += other.text;
    }
}

/// A list or map whose end is still to come.
struct Open {
    span: Span,
    anchor: usize,
    /// So far, itself included.
    size: Size,
    kind: NodeKind,
    /// The key that waits for its value.
    key: Option<Node>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let (open, anchors) = (Vec::new(), BTreeMap::new());
        Self { text, offsets: Offsets::of(text), open, anchors, size: Size::default(), root: None }
    }

    fn read(mut self) -> Result<Option<Node>, Diagnostic> {
        for event in Parser::new_from_str(self.text) {
            let (event, place) = event.map_err(|error| {
                let at = self.offsets.byte(error.marker().index());
                let open = self.open.last().map(|open| open.span);
                syntax::explain(self.text, error.info(), at, open)
            })?;
            let start = self.offsets.byte(place.start.index());
            let span = Span { start, end: self.offsets.byte(place.end.index()).max(start) };
            self.take(event, span)?;
        }
        Ok(self.root)
    }

    fn take(&mut self, event: Event, span: Span) -> Result<(), Diagnostic> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => Err(syntax::second_document(span)),
            Event::Alias(anchor) => self.repeat(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                self.check_tag(tag.as_deref(), span)?;
                let null = matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let kind = match style {
                    ScalarStyle::Plain if null => NodeKind::Null,
                    _ => NodeKind::Text(text.into_owned()),
                };
                let size = Size::one(if let NodeKind::Text(text) = &kind { text.len() } else { 0 });
                self.count(size, span)?;
                self.add(Node { span: self.trimmed(span), kind }, size, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(NodeKind::List(Vec::new()), anchor, tag.as_deref(), span)
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(NodeKind::Map(Vec::new()), anchor, tag.as_deref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    // A block has no end of its own; its last value has.
                    let end = if span.start == span.end { open.span.end } else { span.end };
                    let end = end.max(open.span.end);
                    let span = Span { start: open.span.start, end };
                    return self.add(Node { span, kind: open.kind }, open.size, open.anchor);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        kind: NodeKind,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Diagnostic> {
        self.check_tag(tag, span)?;
        self.count(Size::one(0), span)?;
        if self.open.len() == MAX_DEPTH {
            let message = format!("lists and maps lie in each other more than {MAX_DEPTH} deep");
            return Err(Diagnostic::error("too-large", message).label(span, "here"));
        }
        self.open.push(Open { span, anchor, size: Size::one(0), kind, key: None });
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, mut node: Node, size: Size, anchor: usize) -> Result<(), Diagnostic> {
        if let (NodeKind::Null, Some(Open { key: Some(key), .. })) = (&node.kind, self.open.last())
            && node.span.start == node.span.end
        {
            node.span = key.span;
        }
        if anchor != 0 {
            // It is kept twice. Its values are few enough for that.
            self.count(Size { values: 0, ..size }, node.span)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        open.size.add(size);
        // An alias may stand before the container it is in only as a mistake.
        open.span.end = open.span.end.max(node.span.end);
        match &mut open.kind {
            NodeKind::List(items) => items.push(node),
            NodeKind::Map(entries) => match open.key.take() {
                None => open.key = Some(node),
                Some(key) => entries.push((key, node)),
            },
            NodeKind::Null | NodeKind::Text(_) => {}
        }
        Ok(())
    }

    fn repeat(&mut self, anchor: usize, span: Span) -> Result<(), Diagnostic> {
        let Some(size) = self.anchors.get(&anchor).map(|(_, size)| *size) else {
            let message = "an alias stands inside of what it names";
            return Err(Diagnostic::error("yaml-syntax", message).label(span, "would never end"));
        };
        // Before it is copied.
        self.count(size, span)?;
        let kind = self.anchors.get(&anchor).map_or(NodeKind::Null, |(node, _)| node.kind.clone());
        self.add(Node { span, kind }, size, 0)
    }

    fn count(&mut self, size: Size, span: Span) -> Result<(), Diagnostic> {
        self.size.add(size);
        let message = if self.size.values > MAX_VALUES {
            format!("a manifest has at most {MAX_VALUES} values, aliases followed")
        } else if self.size.text > MAX_TEXT {
            format!("a manifest has at most {MAX_TEXT} bytes of text, aliases followed")
        } else {
            return Ok(());
        };
        Err(Diagnostic::error("too-large", message).label(span, "this is one too many"))
    }

    /// `!!str` and its like say what the key says anyway; others mean nothing here.
    fn check_tag(&self, tag: Option<&Tag>, span: Span) -> Result<(), Diagnostic> {
        match tag {
            Some(tag) if !tag.is_yaml_core_schema() => {
                let message = format!("the tag `{tag}` means nothing in a manifest");
                let line = Span { start: span.start, end: self.trimmed(span).end };
                Err(Diagnostic::error("yaml-syntax", message).label(line, "remove the tag"))
            }
            _ => Ok(()),
        }
    }

    /// A block scalar's place reaches over the empty lines below it.
    fn trimmed(&self, span: Span) -> Span {
        let written = self.text[span.start..span.end].trim_end();
        Span { start: span.start, end: span.start + written.len() }
    }
}

/// From the parser's offsets in characters to ours in bytes.
struct Offsets {
    /// Byte offset of each character, unless all have one byte.
    bytes: Option<Vec<usize>>,
    length: usize,
}

impl Offsets {
    fn of(text: &str) -> Self {
        let wide = !text.is_ascii();
        let bytes = wide.then(|| text.char_indices().map(|(byte, _)| byte).collect());
        Self { bytes, length: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        match &self.bytes {
            Some(bytes) => bytes.get(character).copied().unwrap_or(self.length),
            None => character.min(self.length),
        }
    }
}
