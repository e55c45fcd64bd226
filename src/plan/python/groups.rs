//! Which wheels share a layer.
//!
//! A large wheel has a layer of its own. The others are spread over a fixed number of
//! buckets by their names alone, so that a package that comes, goes or changes leaves all
//! other buckets as they are: with 16 buckets and real sets, a changed small package
//! pushes about a megabyte.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::layers::Group;
use crate::lock::packages::Wheel;

/// A wheel of so many bytes is a layer of its own.
pub const LARGE: u64 = 1_000_000;
/// How many layers the small wheels are spread over.
pub const BUCKETS: u8 = 16;
/// How many layers the packages may have in all; images have at most 127.
pub const BUDGET: usize = 40;

/// Groups `wheels`, which are sorted by name. `together` names those that write to a
/// common path: what is there in the end depends on their order, so one step has them all.
pub fn groups(wheels: &[Wheel], together: &[Vec<String>]) -> Vec<Group> {
    let leader = |wheel: &Wheel| {
        let linked = together.iter().find(|names| names.contains(&wheel.name));
        linked.and_then(|names| names.first()).cloned()
    };
    let alone = alone(wheels);
    let mut groups: BTreeMap<String, Vec<Wheel>> = BTreeMap::new();
    for wheel in wheels {
        let key = match leader(wheel) {
            Some(first) => format!("0 {first}"),
            None if alone.contains(&wheel.name) => format!("1 {}", wheel.name),
            None => format!("2 {:02}", bucket(&wheel.name)),
        };
        groups.entry(key).or_default().push(wheel.clone());
    }
    groups.into_values().map(|wheels| Group { wheels: dependencies_first(wheels) }).collect()
}

/// The wheels with layers of their own: what is built here, and the largest of the others
/// as far as the budget goes.
fn alone(wheels: &[Wheel]) -> BTreeSet<String> {
    let built = wheels.iter().filter(|wheel| wheel.artifact().is_none());
    let sized = wheels.iter().filter_map(|wheel| Some((wheel.artifact()?.size, &wheel.name)));
    let mut large: Vec<(u64, &String)> = sized.filter(|(size, _)| *size >= LARGE).collect();
    large.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let names = large.into_iter().map(|(_, name)| name).chain(built.map(|wheel| &wheel.name));
    names.take(BUDGET - usize::from(BUCKETS)).cloned().collect()
}

fn bucket(name: &str) -> u8 {
    Sha256::digest(name.as_bytes()).first().copied().unwrap_or_default() % BUCKETS
}

/// Sorts so that a package comes after those that it asked for, as pip installs.
fn dependencies_first(wheels: Vec<Wheel>) -> Vec<Wheel> {
    let mut sorted: Vec<Wheel> = Vec::new();
    let mut waiting = wheels;
    while !waiting.is_empty() {
        // A wheel is ready once none that waits was asked for by it; of a circle, the first.
        let is_ready = |wheel: &Wheel| {
            !waiting.iter().any(|other| other.name != wheel.name && other.via.contains(&wheel.name))
        };
        let next = waiting.iter().position(is_ready).unwrap_or_default();
        sorted.push(waiting.remove(next));
    }
    sorted
}
