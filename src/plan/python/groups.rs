//! Which wheels share a layer.
//!
//! A large wheel has a layer of its own. The others are spread over a fixed number of
//! buckets by their names alone, so that a package that comes, goes or changes leaves all
//! other buckets as they are: with 16 buckets and real sets, a changed small package
//! pushes about a megabyte. Wheels for one machine have buckets of their own: so those in
//! Python alone are the same layers for every machine.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::packages::{Wheel, wheel::WheelName};

/// A wheel of so many bytes is a layer of its own.
pub const LARGE: u64 = 1_000_000;
/// How many layers the small wheels are spread over that run on any machine.
pub const BUCKETS: u8 = 16;
/// How many layers those are spread over that are for one machine; they are few.
pub const NATIVE_BUCKETS: u8 = 4;
/// How many layers the packages may have in all; images have at most 127.
pub const BUDGET: usize = 40;

/// Wheels that are one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// In the order in which they are installed.
    pub wheels: Vec<Wheel>,
}

impl Group {
    /// What to show for it.
    pub fn title(&self) -> String {
        const SHOWN: usize = 4;
        let named: Vec<String> = self.wheels.iter().take(SHOWN).map(Wheel::pin).collect();
        let more = match self.wheels.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{}{more}", named.join(" "))
    }
}

/// Groups `wheels`, which are sorted by name. `together` names those that write to a
/// common path: what is there in the end depends on their order, so one step has them all.
pub fn groups(wheels: &[Wheel], together: &[Vec<String>]) -> Vec<Group> {
    let linked = |wheel: &Wheel| together.iter().find(|names| names.contains(&wheel.name));
    let leader = |wheel: &Wheel| linked(wheel).and_then(|names| names.iter().min()).cloned();
    let alone = alone(wheels);
    let mut groups: BTreeMap<String, Vec<Wheel>> = BTreeMap::new();
    for wheel in wheels {
        let key = match leader(wheel) {
            Some(first) => format!("0 {first}"),
            None if alone.contains(&wheel.name) => format!("1 {}", wheel.name),
            None if is_pure(wheel) => format!("2 {:02}", bucket(&wheel.name, BUCKETS)),
            None => format!("3 {:02}", bucket(&wheel.name, NATIVE_BUCKETS)),
        };
        groups.entry(key).or_default().push(wheel.clone());
    }
    let order = |wheels: Vec<Wheel>| match wheels.first().and_then(linked) {
        Some(names) => in_order(wheels, names),
        None => dependencies_first(wheels),
    };
    groups.into_values().map(|wheels| Group { wheels: order(wheels) }).collect()
}

/// Sorts as `names` are, which is pip's order. A lock of before has them sorted by name, and
/// who asks for whom says the order; of a list that is sorted by chance, it says the same.
fn in_order(mut wheels: Vec<Wheel>, names: &[String]) -> Vec<Wheel> {
    if names.is_sorted() {
        return dependencies_first(wheels);
    }
    wheels.sort_by_key(|wheel| names.iter().position(|name| *name == wheel.name));
    wheels
}

/// The wheels with layers of their own: what is built here, and the largest of the others
/// as far as the budget goes.
fn alone(wheels: &[Wheel]) -> BTreeSet<String> {
    let built = wheels.iter().filter(|wheel| wheel.artifact().is_none());
    let sized = wheels.iter().filter_map(|wheel| Some((wheel.artifact()?.size, &wheel.name)));
    let mut large: Vec<(u64, &String)> = sized.filter(|(size, _)| *size >= LARGE).collect();
    large.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let names = large.into_iter().map(|(_, name)| name).chain(built.map(|wheel| &wheel.name));
    names.take(BUDGET - usize::from(BUCKETS + NATIVE_BUCKETS)).cloned().collect()
}

/// Whether a wheel is the same for every machine. Of what is built here, nobody knows.
fn is_pure(wheel: &Wheel) -> bool {
    let name = wheel.artifact().and_then(|artifact| WheelName::parse(&artifact.file()));
    name.is_some_and(|name| name.is_pure())
}

fn bucket(name: &str, buckets: u8) -> u8 {
    Sha256::digest(name.as_bytes()).first().copied().unwrap_or_default() % buckets
}

/// Sorts so that a package comes after those that it asked for.
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
