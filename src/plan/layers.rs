//! Which files share a layer.
//!
//! A big file has a layer of its own: the registry cache carries file ops and not
//! downloads, so an unchanged file then comes from there although another changed.
//! The rest of a model is one layer. Which layer a file is in depends on its model
//! alone, so that models don't disturb each other; only where there are so many
//! that the image would be too deep do models share layers, by their names.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::ModelLayer;

/// From this size on, in bytes, a file is worth a layer.
pub const BIG: u64 = 32 << 20;
/// Layers for the big files of one model; more files than that share.
const BIG_LAYERS: usize = 16;
/// Layers for all models. Engines on graph drivers hold 125 in all, and the base
/// image, the packages and the application need theirs.
const BUDGET: usize = 80;
/// Layers that models share once the budget is spent.
const BUCKETS: u8 = 40;

/// Files that become one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGroup {
    /// Index of the model in the plan.
    pub model: usize,
    /// Indexes of the files in its snapshot.
    pub files: Vec<usize>,
    /// Whether the layer also holds what makes the model findable: refs and link.
    pub has_refs: bool,
}

/// The layers of all models, each made of the groups in it, in the order in which
/// they are laid over each other. A model without a snapshot has none.
pub fn layers(models: &[ModelLayer]) -> Vec<Vec<FileGroup>> {
    let groups: Vec<FileGroup> =
        models.iter().enumerate().flat_map(|(i, model)| model_groups(i, model)).collect();
    if groups.len() <= BUDGET {
        return groups.into_iter().map(|group| vec![group]).collect();
    }
    let mut buckets: BTreeMap<u8, Vec<FileGroup>> = BTreeMap::new();
    for group in groups {
        let name = Sha256::digest(models[group.model].id.as_str());
        buckets.entry(name[0] % BUCKETS).or_default().push(group);
    }
    buckets.into_values().collect()
}

fn model_groups(model: usize, layer: &ModelLayer) -> Vec<FileGroup> {
    let Some(snapshot) = &layer.snapshot else { return Vec::new() };
    let indexes = 0..snapshot.files.len();
    let (big, small): (Vec<usize>, Vec<usize>) =
        indexes.partition(|index| snapshot.files[*index].size >= BIG);
    let share = big.len().div_ceil(BIG_LAYERS).max(1);
    let small = FileGroup { model, files: small, has_refs: true };
    let big = big.chunks(share);
    let big = big.map(|files| FileGroup { model, files: files.to_vec(), has_refs: false });
    std::iter::once(small).chain(big).collect()
}
