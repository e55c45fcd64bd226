//! One model's layer: pinned http sources put where the libraries look.
//!
//! No vertex here has a platform, so that all platforms share one download and
//! one layer.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, FileAction, Http, Output, ProgressGroup, Vertex};

use crate::{
    capabilities::SYMLINK,
    graph::{Scene, layer},
    hub,
    lock::{Snapshot, SnapshotFile},
    plan::{CACHE_ROOT, ModelLayer, environment::hub_cache},
};

/// The name of a downloaded file in its source. It enters the cache key, so it
/// is the same for all: renaming a file in its repository costs no download.
pub const BLOB: &str = "blob";

/// Ends the name of a vertex that fetches a file, after the file's path.
const FILE_MODE: u32 = 0o644;

/// The layer of `model`: real files in the hub's cache layout.
pub fn layer(model: &ModelLayer, stage: &str, scene: &Scene<'_>) -> Output {
    let Some(snapshot) = &model.snapshot else { return listing(model, stage, scene) };
    let timestamp = scene.timestamp();
    let paths = Paths::of(model, snapshot);
    let group = ProgressGroup {
        id: format!("model {}@{}", model.id, snapshot.commit),
        name: format!("[{stage}] {}: {} files", model.id, snapshot.files.len()),
        weak: false,
    };
    let mut folders = BTreeSet::new();
    let mut actions = Vec::new();
    for file in &snapshot.files {
        let target = format!("{}/{}", paths.snapshot, file.path);
        layer::add_parents(&mut folders, &target);
        let source = fetch(model, snapshot, file)
            .name(format!("[{stage}] {}: {}", model.id, file.path))
            .group(&group)
            .at(scene.at(model.span))
            .output();
        actions.push(FileAction::Copy(Copy {
            timestamp,
            ..Copy::new(&source, format!("/{BLOB}"), target)
        }));
    }
    // Import of transformers 4 prints a notice, and tries to write, without this file.
    let version = format!("{}/version.txt", hub_cache());
    for (path, text) in
        paths.refs.iter().map(|path| (path, snapshot.commit.as_str())).chain([(&version, "1")])
    {
        layer::add_parents(&mut folders, path);
        actions.push(layer::mkfile(path, text, timestamp));
    }
    if scene.capabilities.has(SYMLINK) {
        layer::add_parents(&mut folders, &paths.link);
        actions.push(layer::symlink(&paths.link, &paths.link_target, timestamp));
    }
    layer::vertex(&folders, actions, timestamp)
        .name(format!("[{stage}] {}", model.id))
        .at(scene.at(model.span))
        .output()
}

/// A file of the model, pinned by its sha256. The daemon's cache key of it holds
/// no URL, so a mirror shares it.
pub fn fetch(model: &ModelLayer, snapshot: &Snapshot, file: &SnapshotFile) -> Vertex {
    let id = model.id.hub_id();
    Vertex::new(Http {
        checksum: Some(file.digest.clone()),
        ..blob(hub::file_url(&model.endpoint, &id, &snapshot.commit, &file.path))
    })
}

/// An http source as all our downloads are: same name, readable by all.
pub fn blob(url: String) -> Http {
    Http { url, filename: BLOB.into(), mode: Some(FILE_MODE), ..Http::default() }
}

/// What is known of a model before the hub was asked: where to ask.
fn listing(model: &ModelLayer, stage: &str, scene: &Scene<'_>) -> Output {
    Vertex::new(blob(hub::listing_url(&model.endpoint, &model.id.hub_id(), &model.revision)))
        .name(format!("[{stage}] {}: files are chosen when the hub has answered", model.id))
        .at(scene.at(model.span))
        .output()
}

/// Places in the image of one model.
struct Paths {
    snapshot: String,
    refs: BTreeSet<String>,
    link: String,
    link_target: String,
}

impl Paths {
    fn of(model: &ModelLayer, snapshot: &Snapshot) -> Self {
        let folder = model.id.cache_folder();
        let repository = format!("{}/{folder}", hub_cache());
        let commit = &snapshot.commit;
        // Applications ask for `main` unless told otherwise, also where the
        // manifest pins a revision.
        let names = ["main", &model.revision].into_iter().filter(|name| name != commit);
        let up = "../".repeat(model.id.to_string().matches('/').count() + 1);
        Self {
            snapshot: format!("{repository}/snapshots/{commit}"),
            refs: names.map(|name| format!("{repository}/refs/{name}")).collect(),
            link: format!("{CACHE_ROOT}/models/{}", model.id),
            link_target: format!("{up}huggingface/hub/{folder}/snapshots/{commit}"),
        }
    }
}
