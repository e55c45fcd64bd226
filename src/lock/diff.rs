//! What an update of a lock changes, in words.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use buildkit_llb::Platform;

use super::{
    LockFile, LockedModel,
    python::{LockedPython, LockedWheel},
};
use crate::{
    system::SystemPackage,
    values::bytes::{human, total},
};

/// The differences of two locks, a line each; empty if there are none.
pub fn diff(old: Option<&LockFile>, new: &LockFile) -> String {
    let empty = LockFile::default();
    let old = old.unwrap_or(&empty);
    let mut out = String::new();
    base(old, new, &mut out);
    system(old, new, &mut out);
    for model in &new.models {
        match old.models.iter().find(|was| was.id == model.id) {
            None => {
                let bytes = total(model.files.iter().map(|file| file.size));
                let (id, count) = (&model.id, model.files.len());
                let _ = writeln!(out, "+ {id}@{}: {count} files, {}", model.revision, human(bytes));
            }
            Some(was) => model_diff(was, model, &mut out),
        }
    }
    for was in old.models.iter().filter(|was| !new.models.iter().any(|model| model.id == was.id)) {
        let _ = writeln!(out, "- {}", was.id);
    }
    python(old, new, &mut out);
    out
}

/// The distribution's packages, a line for each that differs.
fn system(old: &LockFile, new: &LockFile, out: &mut String) {
    let versions = |lock: &LockFile| -> BTreeMap<(String, String), String> {
        let platforms = lock.system.iter().flat_map(|system| &system.platforms);
        let of = |(platform, packages): (&Platform, &Vec<SystemPackage>)| {
            let entry = |it: &SystemPackage| {
                ((it.name.clone(), format!("{platform}, {}", it.architecture)), it.version.clone())
            };
            packages.iter().map(entry).collect::<Vec<_>>()
        };
        platforms.flat_map(of).collect()
    };
    let (was, now) = (versions(old), versions(new));
    let all: BTreeSet<&(String, String)> = was.keys().chain(now.keys()).collect();
    for key in all {
        let (name, place) = key;
        let change = match (was.get(key), now.get(key)) {
            (None, Some(now)) => format!("+ {name} {now}"),
            (Some(was), None) => format!("- {name} {was}"),
            (Some(was), Some(now)) if was != now => format!("~ {name} {was} -> {now}"),
            _ => continue,
        };
        let _ = writeln!(out, "{change} ({place})");
    }
}

/// The packages, a line for each platform that differs.
fn python(old: &LockFile, new: &LockFile, out: &mut String) {
    let none = LockedPython::default();
    let (old, new) = (old.python.as_ref().unwrap_or(&none), new.python.as_ref().unwrap_or(&none));
    let before = out.len();
    let platforms: BTreeSet<&Platform> = old.platforms.keys().chain(new.platforms.keys()).collect();
    for platform in platforms {
        let by_name = |lock: &'_ LockedPython| -> BTreeMap<String, LockedWheel> {
            let wheels = lock.platforms.get(platform).into_iter().flat_map(|it| &it.wheels);
            wheels.map(|wheel| (wheel.name.clone(), wheel.clone())).collect()
        };
        let (was, now) = (by_name(old), by_name(new));
        let names: BTreeSet<&String> = was.keys().chain(now.keys()).collect();
        for name in names {
            if let Some(change) = package(was.get(name), now.get(name)) {
                let _ = writeln!(out, "{change} ({platform})");
            }
        }
    }
    if out.len() == before && old != new {
        out.push_str("~ python: the same packages, otherwise asked for\n");
    }
}

/// What has become of a package, if anything: where it is and who asked for it is no change.
fn package(was: Option<&LockedWheel>, now: Option<&LockedWheel>) -> Option<String> {
    let title = |wheel: &LockedWheel| {
        let LockedWheel { name, version, .. } = wheel;
        format!("{name} {version}").trim_end().to_owned()
    };
    match (was, now) {
        (None, None) => None,
        (Some(was), None) => Some(format!("- {}", title(was))),
        (None, Some(now)) => {
            let size = now.size.filter(|size| *size > 0);
            let size = size.map(|size| format!(", {}", human(size))).unwrap_or_default();
            Some(format!("+ {}{size}", title(now)))
        }
        (Some(was), Some(now)) if was.version != now.version => {
            Some(format!("~ {} -> {}", title(was), now.version))
        }
        (Some(was), Some(now)) => {
            let id = |wheel: &LockedWheel| match &wheel.commit {
                Some(commit) => commit.rsplit('@').next().unwrap_or_default().to_owned(),
                None => {
                    wheel.folder.clone().unwrap_or_else(|| wheel.sha256.unwrap_or_default().hex())
                }
            };
            let (before, after) = (id(was), id(now));
            (before != after)
                .then(|| format!("~ {}: {} -> {}", title(now), short(&before), short(&after)))
        }
    }
}

fn base(old: &LockFile, new: &LockFile, out: &mut String) {
    let digests = |lock: &LockFile| {
        let base = lock.base.clone().unwrap_or_default();
        base.platforms.into_iter().map(move |(p, d)| ((base.image.clone(), p), d)).collect()
    };
    let old: BTreeMap<(String, Platform), String> = digests(old);
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
