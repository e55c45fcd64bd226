//! What an update of a lock changes, in words.

use std::fmt::Write;

use super::{LockFile, LockedModel};
use crate::bytes::human;

/// The differences of two locks, a line each; empty if there are none.
pub fn diff(old: Option<&LockFile>, new: &LockFile) -> String {
    let empty = LockFile::default();
    let old = old.unwrap_or(&empty);
    let mut out = String::new();
    base(old, new, &mut out);
    for model in &new.models {
        match old.models.iter().find(|was| was.id == model.id) {
            None => {
                let bytes = model.files.iter().map(|file| file.size).sum();
                let (id, count) = (&model.id, model.files.len());
                let _ = writeln!(out, "+ {id}@{}: {count} files, {}", model.revision, human(bytes));
            }
            Some(was) => model_diff(was, model, &mut out),
        }
    }
    for was in old.models.iter().filter(|was| !new.models.iter().any(|model| model.id == was.id)) {
        let _ = writeln!(out, "- {}", was.id);
    }
    out
}

fn base(old: &LockFile, new: &LockFile, out: &mut String) {
    let digests = |lock: &LockFile| {
        let base = lock.base.clone().unwrap_or_default();
        base.platforms.into_iter().map(move |(p, d)| ((base.image.clone(), p), d)).collect()
    };
    let old: std::collections::BTreeMap<(String, String), String> = digests(old);
    for ((image, platform), digest) in digests(new) {
        match old.get(&(image.clone(), platform.clone())) {
            Some(was) if *was == digest => {}
            Some(was) => {
                let _ = writeln!(out, "~ {image} {platform}: {} -> {}", short(was), short(&digest));
            }
            None => {
                let _ = writeln!(out, "+ {image} {platform}: {}", short(&digest));
            }
        }
    }
}

fn model_diff(was: &LockedModel, now: &LockedModel, out: &mut String) {
    if was == now {
        return;
    }
    let _ = writeln!(out, "~ {}: {} -> {}", now.id, short(&was.commit), short(&now.commit));
    if was.renamed_to != now.renamed_to {
        let name = now.renamed_to.as_ref().unwrap_or(&now.id);
        let _ = writeln!(out, "    the hub calls it {name} now");
    }
    for file in &now.files {
        match was.files.iter().find(|old| old.path == file.path) {
            None => {
                let _ = writeln!(out, "    + {} ({})", file.path, human(file.size));
            }
            Some(old) if old.sha256 != file.sha256 => {
                let _ = writeln!(
                    out,
                    "    ~ {} ({} -> {})",
                    file.path,
                    human(old.size),
                    human(file.size)
                );
            }
            Some(_) => {}
        }
    }
    for old in was.files.iter().filter(|old| !now.files.iter().any(|file| file.path == old.path)) {
        let _ = writeln!(out, "    - {}", old.path);
    }
}

/// The first digits of a digest or commit, enough to tell two apart.
fn short(digest: &str) -> &str {
    let digits = digest.trim_start_matches("sha256:");
    digits.get(..12).unwrap_or(digits)
}
