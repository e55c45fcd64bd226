//! The models' layers: pinned http sources put where the libraries look.
//!
//! No vertex here has a platform, so that all platforms share one download and
//! one layer.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, FileAction, Output, ProgressGroup, Vertex};

use crate::{
    answers::{Snapshot, SnapshotFile},
    graph::{
        Scene, bundle,
        download::{self, Attempts, FILE_MODE, attempt_name, blob},
        layer,
        purpose::Purpose,
    },
    models::{ModelId, hub},
    plan::{
        self, ModelLayer,
        layers::{BIG, FileGroup},
        places::{CACHE_ROOT, hub_cache},
    },
    values::capabilities::SYMLINK,
};

/// The layers of all models, in the order in which they are laid over each other.
pub fn layers(models: &[ModelLayer], scene: &Scene<'_>) -> Vec<Output> {
    let count = models.len();
    let open = models.iter().enumerate().filter(|(_, model)| model.snapshot.is_none());
    let open = open.map(|(i, model)| listing(model, &stage(i, count), scene));
    let known = plan::layers::layers(models).into_iter();
    let snapshots = models.iter().filter_map(|model| model.snapshot.as_ref());
    let digests = snapshots.flat_map(|snapshot| &snapshot.files).map(|file| &file.digest);
    let bundle = scene.bundle.map(|bundle| bundle.files(digests, scene.request));
    known.map(|groups| layer(&groups, models, bundle.as_ref(), scene)).chain(open).collect()
}

fn stage(index: usize, count: usize) -> String {
    format!("model {}/{count}", index + 1)
}

/// One layer: the files of `groups`, and for some of them what makes their model
/// findable.
fn layer(
    groups: &[FileGroup],
    models: &[ModelLayer],
    bundle: Option<&Output>,
    scene: &Scene<'_>,
) -> Output {
    let mut contents = Contents::default();
    let mut names = Vec::new();
    let mut places = Vec::new();
    for group in groups {
        let model = &models[group.model];
        let Some(snapshot) = &model.snapshot else { continue };
        let stage = stage(group.model, models.len());
        let part = ModelPart { place: group.model, model, snapshot, stage: &stage, bundle };
        for paths in part.places(scene) {
            for index in &group.files {
                part.add_file(*index, &paths, &mut contents, scene);
            }
            if group.has_refs {
                part.add_refs(&paths, &mut contents, scene);
            }
        }
        names.push(part.title(group));
        places.push(scene.at(model.span));
    }
    let title = match names.as_slice() {
        [one] => one.clone(),
        many => format!("[models] {} models in a layer", many.len()),
    };
    let vertex = layer::vertex(&contents.folders, contents.actions, scene.timestamp()).name(title);
    places.into_iter().fold(vertex, buildkit_llb::Vertex::at).output()
}

/// What goes into a layer.
#[derive(Default)]
struct Contents {
    folders: layer::Folders,
    actions: Vec<FileAction>,
}

impl Contents {
    fn push(&mut self, path: &str, action: FileAction) {
        self.folders.add_parents(path);
        self.actions.push(action);
    }
}

/// A model on its way into a layer.
struct ModelPart<'a> {
    /// The model's place in the plan.
    place: usize,
    model: &'a ModelLayer,
    snapshot: &'a Snapshot,
    stage: &'a str,
    /// Where the files come from instead of the hub.
    bundle: Option<&'a Output>,
}

impl ModelPart<'_> {
    /// Where it goes. Under a second name is a link to the first, or the same once more.
    fn places(&self, scene: &Scene<'_>) -> Vec<Paths> {
        let Self { model, snapshot, .. } = self;
        let alias = model.alias.iter().filter(|_| !scene.capabilities.has(SYMLINK));
        let names = std::iter::once(&model.id).chain(alias);
        names.map(|id| Paths::of(id, &model.revision, snapshot)).collect()
    }

    fn add_file(&self, index: usize, paths: &Paths, contents: &mut Contents, scene: &Scene<'_>) {
        let file = &self.snapshot.files[index];
        let target = if is_linked(file, scene) {
            paths.blob(file)
        } else {
            format!("{}/{}", paths.snapshot, file.path)
        };
        let copy = match self.bundle {
            // Its files went through the user's file system, which may change modes.
            Some(bundle) => Copy {
                mode: Some(FILE_MODE),
                ..Copy::new(bundle, format!("/{}", bundle::path(&file.digest)), target.clone())
            },
            None => Copy::new(&self.download(index, scene), blob_path(file, scene), target.clone()),
        };
        let copy = Copy { timestamp: scene.timestamp(), ..copy };
        contents.push(&target, FileAction::Copy(copy));
    }

    fn download(&self, index: usize, scene: &Scene<'_>) -> Output {
        let Self { place, model, snapshot, stage, .. } = *self;
        let file = &snapshot.files[index];
        let group = ProgressGroup {
            id: format!("model {}@{}", model.id, snapshot.commit),
            name: format!("[{stage}] {}: {} files", model.id, snapshot.files.len()),
            weak: false,
        };
        let vertex = fetch(model, snapshot, file, scene.attempts)
            .name(format!("[{stage}] {}: {}", model.id, file.path))
            .group(&group)
            .at(scene.at(model.span));
        scene.purposes.output(vertex, Purpose::ModelFile { model: place, file: index })
    }

    fn add_refs(&self, paths: &Paths, contents: &mut Contents, scene: &Scene<'_>) {
        let Self { model, snapshot, .. } = self;
        let timestamp = scene.timestamp();
        for path in &paths.refs {
            contents.push(path, layer::mkfile(path, &snapshot.commit, timestamp));
        }
        // Import of transformers 4 prints a notice, and tries to write, without this file.
        let version = format!("{}/version.txt", hub_cache());
        contents.push(&version, layer::mkfile(&version, "1", timestamp));
        for file in snapshot.files.iter().filter(|file| is_linked(file, scene)) {
            let path = format!("{}/{}", paths.snapshot, file.path);
            let up = "../".repeat(file.path.matches('/').count() + 2);
            let target = format!("{up}blobs/{}", hex_of(file));
            contents.push(&path, layer::symlink(&path, &target, timestamp));
        }
        if scene.capabilities.has(SYMLINK) {
            let mut link = |path: String, target: &str| {
                contents.push(&path, layer::symlink(&path, target, timestamp));
            };
            link(format!("{CACHE_ROOT}/models/{}", model.id), &paths.link_target);
            if let Some(alias) = &model.alias {
                let folder = format!("{}/{}", hub_cache(), alias.cache_folder());
                link(folder, &model.id.cache_folder());
                let target = Paths::of(alias, &model.revision, snapshot).link_target;
                link(format!("{CACHE_ROOT}/models/{alias}"), &target);
            }
        }
    }

    fn title(&self, group: &FileGroup) -> String {
        let Self { model, snapshot, stage, .. } = self;
        match group.files.as_slice() {
            [file] if !group.has_refs => {
                format!("[{stage}] {}: add {}", model.id, snapshot.files[*file].path)
            }
            _ => format!("[{stage}] {}", model.id),
        }
    }
}

/// Whether the file lies under its digest, with a link to it in the snapshot, as
/// the hub's own cache has it. A big file then keeps its path, and so its layer,
/// when another file of the repository changes and with it the commit. ONNX
/// Runtime refuses external data that a link leads out of the model's folder.
fn is_linked(file: &SnapshotFile, scene: &Scene<'_>) -> bool {
    file.size >= BIG && !file.path.contains(".onnx") && scene.capabilities.has(SYMLINK)
}

fn hex_of(file: &SnapshotFile) -> String {
    file.digest.hex()
}

/// A file of the model, pinned by its sha256. The daemon's cache key of it holds
/// no URL, so a mirror shares it.
pub fn fetch(
    model: &ModelLayer,
    snapshot: &Snapshot,
    file: &SnapshotFile,
    attempts: &Attempts,
) -> Vertex {
    let url = file_url(model, snapshot, file);
    Vertex::new(download::pinned(url, &file.digest, attempts))
}

/// Where a file of the model is fetched from: by its present name, since a former one
/// may become somebody else's.
pub fn file_url(model: &ModelLayer, snapshot: &Snapshot, file: &SnapshotFile) -> String {
    let id = snapshot.renamed_to.clone().unwrap_or_else(|| model.id.hub_id());
    hub::file_url(&model.endpoint, &id, &snapshot.commit, &file.path)
}

/// Where a downloaded file lies in its source.
pub fn blob_path(file: &SnapshotFile, scene: &Scene<'_>) -> String {
    format!("/{}", attempt_name(scene.attempts.of(&file.digest)))
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
    repository: String,
    snapshot: String,
    refs: BTreeSet<String>,
    link_target: String,
}

impl Paths {
    fn of(id: &ModelId, revision: &str, snapshot: &Snapshot) -> Self {
        let folder = id.cache_folder();
        let repository = format!("{}/{folder}", hub_cache());
        let commit = &snapshot.commit;
        // Applications ask for `main` unless told otherwise, also where the
        // manifest pins a revision.
        let names = ["main", revision].into_iter().filter(|name| name != commit);
        let up = "../".repeat(id.as_str().matches('/').count() + 1);
        Self {
            snapshot: format!("{repository}/snapshots/{commit}"),
            refs: names.map(|name| format!("{repository}/refs/{name}")).collect(),
            link_target: format!("{up}huggingface/hub/{folder}/snapshots/{commit}"),
            repository,
        }
    }

    fn blob(&self, file: &SnapshotFile) -> String {
        format!("{}/blobs/{}", self.repository, hex_of(file))
    }
}
