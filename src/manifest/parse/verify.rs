//! The key `verify`: yes, no, or what to run.

use super::{
    decode::{Decoder, Place},
    node::Kind,
};
use crate::manifest::{
    flag::Flag,
    verify::{Command, Verify},
};

impl Decoder<'_> {
    /// The value of `verify`. One command is a list of one, too: of the words of a
    /// lone command, nobody could tell whether each is meant to be one.
    pub fn verify(&mut self, place: &Place) -> Verify {
        match &place.node.kind {
            Kind::Text(_) => match self.parsed::<Flag>(place) {
                Some(flag) if !flag.value.0 => Verify::Nothing,
                _ => Verify::Models,
            },
            Kind::List(_) => {
                let commands: Vec<Command> =
                    self.list(place).iter().filter_map(|command| self.command(command)).collect();
                Verify::Commands(commands)
            }
            _ => {
                self.wrong_type(place, "`true`, `false` or a list of commands");
                Verify::Models
            }
        }
    }

    fn command(&mut self, place: &Place) -> Option<Command> {
        let words = self.words(place)?;
        (!words.value.is_empty()).then_some(Command { span: words.span, words: words.value })
    }
}
