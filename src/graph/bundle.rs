//! The bundle: every file by its digest, to carry over an air gap, and to build from.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, FileAction, Local, Output, Vertex};

use crate::{
    graph::{Scene, asset, layer, model},
    plan::{ModelLayer, Plan, asset::Kind},
    request::Request,
};

/// The named context that a bundle is handed in by:
/// `--build-context modelcache-bundle=FOLDER`.
pub const CONTEXT: &str = "modelcache-bundle";

/// Where the file of a digest lies in a bundle, as in an OCI layout.
pub fn path(digest: &str) -> String {
    format!("blobs/{}", digest.replacen(':', "/", 1))
}

/// The files of all models, and those from any URL, each once.
pub fn emit(plan: &Plan, scene: &Scene<'_>) -> Output {
    let mut folders = BTreeSet::new();
    let mut actions = Vec::new();
    let mut seen = BTreeSet::new();
    for layer in &plan.models {
        let Some(snapshot) = &layer.snapshot else { continue };
        for file in snapshot.files.iter().filter(|file| seen.insert(file.digest.clone())) {
            let source = model::fetch(layer, snapshot, file, scene.attempts)
                .name(format!("[bundle] {}: {}", layer.id, file.path))
                .at(scene.at(layer.span))
                .output();
            let target = format!("/{}", path(&file.digest));
            layer::add_parents(&mut folders, &target);
            let copy = Copy::new(&source, model::blob_path(file, scene), target);
            actions.push(FileAction::Copy(Copy { timestamp: scene.timestamp(), ..copy }));
        }
    }
    for layer in &plan.assets {
        let Kind::File { digest, .. } = &layer.kind else { continue };
        let Some((source, blob)) = asset::download(layer, scene) else { continue };
        if seen.insert(digest.clone()) {
            let target = format!("/{}", path(digest));
            layer::add_parents(&mut folders, &target);
            let copy = Copy { timestamp: scene.timestamp(), ..Copy::new(&source, blob, target) };
            actions.push(FileAction::Copy(copy));
        }
    }
    layer::vertex(&folders, actions, scene.timestamp())
        .name("[bundle] all files by digest")
        .output()
}

/// The bundle as the source of the files of `models`, if the caller hands one in.
pub fn source(models: &[ModelLayer], request: &Request) -> Option<Output> {
    let snapshots = models.iter().filter_map(|model| model.snapshot.as_ref());
    files(snapshots.flat_map(|snapshot| &snapshot.files).map(|file| file.digest.as_str()), request)
}

/// The files of these digests from the bundle, if the caller hands one in.
pub fn files<'a>(digests: impl Iterator<Item = &'a str>, request: &Request) -> Option<Output> {
    let name = request.contexts.get(CONTEXT)?.strip_prefix("local:")?;
    let files: BTreeSet<String> = digests.map(path).collect();
    let local = Local {
        name: name.to_owned(),
        session: request.session_of(name),
        include: files.into_iter().collect(),
        shared_key_hint: Some(CONTEXT.into()),
        ..Local::default()
    };
    Some(Vertex::new(local).name("[internal] load bundle").output())
}
