//! The key `verify`: yes, no, what to run, or each of the three by name.

use super::{
    keys,
    node::NodeKind,
    place::Place,
    shape::{Decoder, Empty},
};
use crate::{
    document::Spanned,
    manifest::{
        flag::Flag,
        verify::{Command, Imports, Verify},
    },
    values::diagnostic::Diagnostic,
};

impl Decoder<'_> {
    /// The value of `verify`. One command is a list of one, too: of the words of a
    /// lone command, nobody could tell whether each is meant to be one.
    pub fn verify(&mut self, place: &Place) -> Verify {
        match &place.node.kind {
            NodeKind::Text(_) => match self.parsed::<Flag>(place) {
                Some(flag) if !flag.value.0 => Verify::nothing(),
                _ => Verify::default(),
            },
            NodeKind::List(_) => Verify { commands: self.commands(place), ..Verify::default() },
            NodeKind::Map(_) => {
                let fields = self.map(place, &keys::VERIFY).unwrap_or_default();
                let imports = fields.get("imports").map(|imports| self.imports(imports));
                let models = fields.get("models").and_then(|models| self.parsed::<Flag>(models));
                let commands = fields.get("commands").map(|commands| self.commands(commands));
                Verify {
                    imports: imports.unwrap_or_default(),
                    models: models.is_none_or(|models| models.value.0),
                    commands: commands.unwrap_or_default(),
                }
            }
            NodeKind::Null => {
                self.wrong_type(place, "`true`, `false`, a list of commands or a map");
                Verify::default()
            }
        }
    }

    fn imports(&mut self, place: &Place) -> Imports {
        match &place.node.kind {
            NodeKind::Text(_) => match self.parsed::<Flag>(place) {
                Some(flag) if !flag.value.0 => Imports::Nothing,
                _ => Imports::Asked,
            },
            NodeKind::List(_) => {
                let names = self.list(place);
                let names = names.iter().filter_map(|name| self.text(name, Empty::Refused));
                let names: Vec<Spanned<String>> = names.map(|name| name.spanned).collect();
                self.found.extend(names.iter().filter(|name| !is_importable(&name.value)).map(
                    |name| {
                        let message = format!("`{}` is neither a package nor a module", name.value);
                        Diagnostic::error("invalid-name", message)
                            .label(name.span, "")
                            .help("write it as in `import sklearn.cluster`: `sklearn.cluster`")
                    },
                ));
                Imports::Named(names)
            }
            _ => {
                self.wrong_type(place, "`true`, `false` or a list of packages and modules");
                Imports::Asked
            }
        }
    }

    fn commands(&mut self, place: &Place) -> Vec<Command> {
        self.list(place).iter().filter_map(|command| self.command(command)).collect()
    }

    fn command(&mut self, place: &Place) -> Option<Command> {
        let words = self.words(place)?;
        (!words.value.is_empty()).then_some(Command { span: words.span, words: words.value })
    }
}

/// Whether `name` may be that of a package or a module. A module's is of letters of any script.
fn is_importable(name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_.-".contains(c);
    name.chars().all(is_part) && !name.starts_with(['.', '-']) && !name.ends_with(['.', '-'])
}
