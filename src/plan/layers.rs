//! Which files share a layer.
//!
//! A big file has a layer of its own: the registry cache carries file ops and not
//! downloads, so an unchanged file then comes from there although another changed.
//! The rest of a model is one layer. Which layer a file is in depends on its model
//! alone, so that models don't disturb each other; only where there are so many
//! that the image would be too deep do models share layers, by their names. What shares
//! a layer is no more than every registry takes.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::ModelLayer;
use crate::{
    answers::SnapshotFile,
    values::{bytes, diagnostic::Diagnostic},
};

/// From this size on, in bytes, a file is worth a layer.
pub const BIG: u64 = 32 << 20;
/// Layers for the big files of one model; more files than that share.
const BIG_LAYERS: usize = 16;
/// Layers for all models. Engines on graph drivers hold 125 in all, and the base
/// image, the packages and the application need theirs.
const BUDGET: usize = 80;
/// Layers that models share once the budget is spent.
const BUCKETS: u8 = 40;

/// The most bytes of files that share a layer: what the strictest of `REGISTRIES` takes.
pub const LIMIT: u64 = REGISTRIES[0].1;
/// Registries that limit the size of a layer, the strictest first, as their documents
/// have it. Limits are on compressed layers, but weights hardly get smaller.
const REGISTRIES: [(&str, u64); 3] = [
    ("GitHub's registry", 10_000_000_000),
    ("Amazon ECR Public", 10_000 << 20),
    ("Amazon ECR", 52_000 << 20),
];

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
    let size = |group: &FileGroup| {
        let files = models[group.model].snapshot.as_ref().map_or(&[][..], |found| &found.files);
        bytes::total(group.files.iter().filter_map(|index| files.get(*index)).map(|file| file.size))
    };
    buckets.into_values().flat_map(|groups| runs(groups, usize::MAX, size)).collect()
}

fn model_groups(model: usize, layer: &ModelLayer) -> Vec<FileGroup> {
    let Some(snapshot) = &layer.snapshot else { return Vec::new() };
    let size = |index: &usize| snapshot.files[*index].size;
    let (big, small): (Vec<usize>, Vec<usize>) =
        (0..snapshot.files.len()).partition(|index| size(index) >= BIG);
    let share = big.len().div_ceil(BIG_LAYERS).max(1);
    let group = |files| FileGroup { model, files, has_refs: false };
    let small = runs(small, usize::MAX, size);
    let mut groups: Vec<FileGroup> = small.into_iter().map(group).collect();
    if groups.is_empty() {
        groups.push(group(Vec::new()));
    }
    groups[0].has_refs = true;
    groups.extend(runs(big, share, size).into_iter().map(group));
    groups
}

/// Cuts a list, in its order, into runs of at most `most` items and [`LIMIT`] bytes. An
/// item that is larger by itself is a run by itself.
fn runs<T>(items: Vec<T>, most: usize, size: impl Fn(&T) -> u64) -> Vec<Vec<T>> {
    let mut runs: Vec<Vec<T>> = Vec::new();
    let mut bytes: u64 = 0;
    for item in items {
        bytes = bytes.saturating_add(size(&item));
        match runs.last_mut() {
            Some(run) if run.len() < most && bytes <= LIMIT => run.push(item),
            _ => {
                bytes = size(&item);
                runs.push(vec![item]);
            }
        }
    }
    runs
}

/// Warns of every file that some registries won't take as the layer that it is.
pub fn warnings(models: &[ModelLayer]) -> Vec<Diagnostic> {
    let warning = |layer: &ModelLayer, file: &SnapshotFile| {
        let size = bytes::human(file.size);
        let message = format!("`{}` of `{}` is a layer of {size}", file.path, layer.id);
        let refuse = REGISTRIES.iter().filter(|(_, limit)| file.size > *limit);
        let refuse: Vec<String> = refuse
            .map(|(name, limit)| format!("{name} (up to {})", bytes::human(*limit)))
            .collect();
        Diagnostic::warning("huge-layer", message)
            .label(layer.span, "")
            .help(format!("it will be refused by {}", refuse.join(", ")))
            .help("a file can't be split: take a repository with the weights in shards, or a smaller quantisation")
    };
    let files = |layer: &ModelLayer| -> Vec<Diagnostic> {
        let files = layer.snapshot.iter().flat_map(|snapshot| &snapshot.files);
        files.filter(|file| file.size > LIMIT).map(|file| warning(layer, file)).collect()
    };
    models.iter().flat_map(files).collect()
}
