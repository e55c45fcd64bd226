//! How a lock is written: each file and package on a line, so that a change reads as one in review.

use std::{fmt::Write as _, io};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Writes the members of a struct on lines of their own.
pub fn fields(out: &mut String, indent: usize, value: &impl Serialize) {
    let members = members(value, &format!(",\n{:indent$}", ""));
    if !members.is_empty() {
        let _ = write!(out, "\n{:indent$}{members}", "");
    }
}

/// The members of a struct as `"key": value`, in the order of its fields, with `between` between
/// them; what is in a value is written without spaces.
fn members(value: &impl Serialize, between: &str) -> String {
    let mut out = Vec::new();
    let format = Members { between, depth: 0 };
    // Keys are text and the writer is memory, so nothing here can fail.
    let _ = value.serialize(&mut Serializer::with_formatter(&mut out, format));
    String::from_utf8_lossy(&out).into_owned()
}

/// A struct on one line.
pub fn entry(value: &impl Serialize) -> String {
    format!("{{{}}}", members(value, ", "))
}

/// Writes entries on lines of their own.
pub fn list(out: &mut String, indent: usize, entries: impl Iterator<Item = String>) {
    for (i, entry) in entries.enumerate() {
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(out, "{comma}\n{:indent$}{entry}", "");
    }
}

/// For fields that are written only if they are `true`. Serde hands a reference over.
#[allow(clippy::trivially_copy_pass_by_ref)]
pub fn is_false(flag: &bool) -> bool {
    !flag
}

struct Members<'a> {
    between: &'a str,
    /// Objects that are open.
    depth: usize,
}

impl Formatter for Members<'_> {
    fn begin_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        if self.depth > 1 { out.write_all(b"{") } else { Ok(()) }
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.depth > 0 { out.write_all(b"}") } else { Ok(()) }
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        match (first, self.depth) {
            (true, _) => Ok(()),
            (false, 1) => out.write_all(self.between.as_bytes()),
            (false, _) => out.write_all(b","),
        }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(if self.depth == 1 { b": " } else { b":" })
    }
}
