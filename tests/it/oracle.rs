//! What we read by hand, against what the programs answer that others read the same with. The
//! answers are in `tests/data/oracle`, which says how to make them again.
//!
//! Each input on which we differ is in a snapshot under the reason why. So a new difference fails,
//! and so does one that is gone.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

mod durations;
mod headers;
mod ignore;
mod images;
mod models;
mod packages;
mod patterns;
mod platforms;
mod sizes;
mod urls;
mod users;
mod words;

/// One input with the answer to it.
type Vector = (Value, Value);

/// The vectors of a file: a list for each, the input first, and the answer behind it, which is a
/// list if it has several parts.
fn vectors(text: &str) -> Vec<Vector> {
    let all: Vec<Vec<Value>> = serde_json::from_str(text).expect("the generator writes JSON");
    let split = |mut vector: Vec<Value>| {
        let input = vector.remove(0);
        let answer = if vector.len() == 1 { vector.remove(0) } else { Value::Array(vector) };
        (input, answer)
    };
    all.into_iter().map(split).collect()
}

/// Counts where `ours` is the answer, and sorts the other inputs by `why`: what differs for no
/// known reason is shown whole.
fn compared(
    vectors: &[Vector],
    ours: impl Fn(&Value) -> Value,
    why: impl Fn(&Value, &Value, &Value) -> Option<&'static str>,
) -> String {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut text = String::new();
    for (input, answer) in vectors {
        let ours = ours(input);
        if ours == *answer {
            continue;
        }
        match why(input, answer, &ours) {
            Some(reason) => reasons.entry(reason).or_default().push(short(input)),
            None => writeln!(text, "NO REASON: {input}: it is {answer}, ours {ours}").unwrap(),
        }
    }
    let differ: usize = reasons.values().map(Vec::len).sum();
    let mut out = format!("{} inputs, {differ} differ\n{text}", vectors.len());
    for (reason, inputs) in reasons {
        writeln!(out, "{reason}: {}", inputs.join("  ")).unwrap();
    }
    out
}

/// An input as JSON in ASCII, cut where it is long.
fn short(input: &Value) -> String {
    let text = input.to_string();
    let escaped =
        |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    let head: String = text.chars().take(48).map(escaped).collect();
    if text.chars().nth(48).is_none() { head } else { format!("{head}...") }
}
