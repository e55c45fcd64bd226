//! Which wheels an interpreter takes, and which of them first.

use std::{cmp::Reverse, collections::BTreeMap};

use super::WheelName;

/// The tags that an interpreter takes, each with its rank: 0 is the best.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, usize>);

/// How good a wheel is among those of one version: the greater, the better. The number of a
/// build decides last.
pub type Fitness = (Reverse<usize>, Option<Build>);

/// The number of a build, as it is compared: its digits by value, then what follows them.
pub type Build = (usize, String, String);

impl Tags {
    /// The tags of `ranked`, which has the best first; of one that comes twice, the first counts.
    pub fn new<T: AsRef<str>>(ranked: &[T]) -> Self {
        let mut ranks = BTreeMap::new();
        for (rank, tag) in ranked.iter().enumerate() {
            ranks.entry(tag.as_ref().to_lowercase()).or_insert(rank);
        }
        Self(ranks)
    }

    /// How good a wheel is, in pip's order (its `CandidateEvaluator`); `None` if it can't be used.
    pub fn fitness(&self, wheel: &WheelName) -> Option<Fitness> {
        let rank = wheel.tags().filter_map(|tag| self.0.get(&tag)).min()?;
        Some((Reverse(*rank), wheel.build.as_deref().map(build)))
    }
}

/// Reads the number of a build: `1`, `02`, `3_local`.
fn build(text: &str) -> Build {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let digits = text[..end].trim_start_matches('0');
    // Of two numbers without leading zeros, the longer is the larger.
    (digits.len(), digits.to_owned(), text[end..].to_owned())
}
