//! The map `app.healthcheck`, or a command in its place.

use super::{
    keys,
    node::NodeKind,
    place::{Fields, Place},
    shape::{Decoder, Empty},
};
use crate::{
    document::Spanned,
    manifest::{
        duration::Duration,
        flag::Flag,
        healthcheck::{Healthcheck, Test},
    },
    values::diagnostic::Diagnostic,
};

/// What Docker refuses to wait less than (`minimumDuration` of its `HEALTHCHECK`).
const SHORTEST: u64 = 1_000_000;

impl Decoder<'_> {
    pub(super) fn healthcheck(&mut self, place: &Place) -> Option<Healthcheck> {
        if !matches!(place.node.kind, NodeKind::Map(_)) {
            return self.test(place).map(Healthcheck::from);
        }
        let fields = self.map(place, &keys::HEALTHCHECK)?;
        let disable = fields.get("disable").and_then(|flag| self.parsed::<Flag>(flag));
        let is_off = disable.as_ref().is_some_and(|flag| flag.value.0);
        if !is_off {
            let help = "name what is run: `test: [CMD, curl, -f, http://localhost:8000/health]`";
            self.require(place, &fields, &keys::HEALTHCHECK, "test", help);
        }
        let test = fields.get("test").and_then(|test| self.test(test));
        if let (Some(disable), Some(test)) = (disable.filter(|_| is_off), &test) {
            self.found.push(
                Diagnostic::error("invalid-command", "a check that is off has a command")
                    .label(test.span, "runs this")
                    .label(disable.span, "runs nothing")
                    .help("keep one of them"),
            );
        }
        let mut time = |key: &str| self.time(&fields, key);
        let (interval, timeout) = (time("interval"), time("timeout"));
        let (start_period, start_interval) = (time("start_period"), time("start_interval"));
        let retries = fields.get("retries").and_then(|count| self.parsed(count));
        if is_off {
            return Some(Spanned::new(Test::None, place.node.span).into());
        }
        Some(Healthcheck { interval, timeout, start_period, start_interval, retries, test: test? })
    }

    /// The command: a string, or a list with `CMD`, `CMD-SHELL` or `NONE` before it.
    fn test(&mut self, place: &Place) -> Option<Spanned<Test>> {
        let span = place.node.span;
        if let NodeKind::Text(_) = place.node.kind {
            return self.string(place).map(|line| line.map(Test::Shell));
        }
        if !matches!(place.node.kind, NodeKind::List(_)) {
            self.wrong_type(place, "a string or a list");
            return None;
        }
        let items = self.list(place);
        let words: Vec<Option<String>> = items
            .iter()
            .map(|word| self.text(word, Empty::Allowed).map(|word| word.spanned.value))
            .collect();
        let words: Vec<String> = words.into_iter().collect::<Option<_>>()?;
        let message = match (words.first()?.as_str(), &words[1..]) {
            ("NONE", []) => return Some(Spanned::new(Test::None, span)),
            ("CMD-SHELL", [line]) if !line.trim().is_empty() => {
                return Some(Spanned::new(Test::Shell(line.clone()), span));
            }
            ("CMD", [program, ..]) if !program.is_empty() => {
                return Some(Spanned::new(Test::Program(words[1..].to_vec()), span));
            }
            ("CMD-SHELL", _) => "`CMD-SHELL` takes one string",
            ("CMD", _) => "`CMD` takes a program",
            ("NONE", _) => "`NONE` takes nothing",
            _ => "a list starts with `CMD`, `CMD-SHELL` or `NONE`",
        };
        self.found.push(
            Diagnostic::error("invalid-command", message)
                .label(self.first_line(span), "")
                .help("as in Compose: `[CMD, curl, -f, http://localhost:8000/health]`"),
        );
        None
    }

    fn time(&mut self, fields: &Fields, key: &str) -> Option<Spanned<Duration>> {
        let time = fields.get(key).and_then(|time| self.parsed::<Duration>(time))?;
        let nanoseconds = time.value.nanoseconds();
        if nanoseconds > 0 && nanoseconds < SHORTEST {
            let error = Diagnostic::error("invalid-time", "Docker takes no time below 1 ms");
            self.found.push(error.label(time.span, ""));
            return None;
        }
        Some(time)
    }
}
