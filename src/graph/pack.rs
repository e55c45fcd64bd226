//! The bundle, made: the base image and every file by its digest, to carry over an air gap,
//! and to build from.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, File, FileAction, Output, Vertex};

use crate::{
    graph::{
        Scene, asset, bundle, layer, model, purpose::Purpose, python::wheels::WheelSource, system,
    },
    packages::Artifact,
    plan::{self, Plan, asset::AssetLayerKind, python::PythonPlan},
    system::SystemPackage,
    values::digest::Digest,
};

/// Files that share a layer of the bundle.
struct BundlePart {
    name: String,
    files: Vec<Stored>,
}

/// A file on its way into the bundle: its digest, and where it is.
struct Stored {
    digest: Digest,
    source: Output,
    path: String,
}

/// The base image with nothing to be seen of it: its layers are in the bundle, and one
/// above them takes all files away. So a bundle written to a folder is the files alone.
pub fn hidden(base: &Output, scene: &Scene<'_>) -> Output {
    let all = FileAction::Rm { path: "/*".into(), allow_not_found: true, wildcard: true };
    Vertex::new(File { base: Some(base.clone()), actions: vec![all] })
        .name(scene.name(None, "bundle", "hide the base image's files"))
        .output()
}

/// The layers of the files, each file once.
pub fn layers(plan: &Plan, scene: &Scene<'_>) -> Vec<Output> {
    let mut seen = BTreeSet::new();
    let parts = models(plan, scene).into_iter().chain(assets(plan, scene));
    let parts = parts.chain(wheels(plan, scene)).chain(system_packages(plan, scene));
    let layers = parts.filter_map(|part| {
        let files = part.files.into_iter().filter(|file| seen.insert(file.digest));
        let files: Vec<Stored> = files.collect();
        (!files.is_empty()).then(|| layer(part.name, files, scene))
    });
    layers.collect()
}

fn layer(name: String, files: Vec<Stored>, scene: &Scene<'_>) -> Output {
    let mut folders = layer::Folders::default();
    let mut actions = Vec::new();
    for file in files {
        let target = format!("/{}", bundle::path(&file.digest));
        folders.add_parents(&target);
        let copy = Copy::new(&file.source, file.path, target);
        actions.push(FileAction::Copy(Copy { timestamp: scene.timestamp(), ..copy }));
    }
    layer::vertex(&folders, actions, scene.timestamp()).name(name).output()
}

/// The files of the models, in layers as the image has them.
fn models(plan: &Plan, scene: &Scene<'_>) -> Vec<BundlePart> {
    let part = |groups: Vec<plan::layers::FileGroup>| {
        let mut names = BTreeSet::new();
        let mut files = Vec::new();
        for group in groups {
            let layer = &plan.models[group.model];
            let Some(snapshot) = &layer.snapshot else { continue };
            names.insert(layer.id.as_str());
            files.extend(group.files.iter().map(|index| {
                let file = &snapshot.files[*index];
                let vertex = model::fetch(layer, snapshot, file, scene.attempts)
                    .name(format!("[bundle] {}: {}", layer.id, file.path))
                    .at(scene.at(layer.span));
                let purpose = Purpose::ModelFile { model: group.model, file: *index };
                let source = scene.purposes.output(vertex, purpose);
                let path = model::blob_path(file, scene);
                Stored { digest: file.digest, source, path }
            }));
        }
        let names: Vec<&str> = names.into_iter().collect();
        BundlePart {
            name: format!("[bundle] {}: {} of its files", names.join(", "), files.len()),
            files,
        }
    };
    plan::layers::layers(&plan.models).into_iter().map(part).collect()
}

/// The wheels, in layers as the image has them, and what installs them.
fn wheels(plan: &Plan, scene: &Scene<'_>) -> Vec<BundlePart> {
    let Some(PythonPlan::Layers(layers)) = &plan.python else { return Vec::new() };
    let source = WheelSource { layers, platform: &plan.platform, scene };
    let stored = |artifact: &Artifact| {
        let (source, path) = source.file(artifact);
        Stored { digest: artifact.digest, source, path }
    };
    let groups = layers.groups.iter().map(|group| BundlePart {
        name: format!("[bundle] {}", group.title()),
        files: group.wheels.iter().filter_map(|wheel| wheel.artifact().map(stored)).collect(),
    });
    let installer = BundlePart {
        name: "[bundle] installer".to_owned(),
        files: vec![stored(&layers.installer)],
    };
    groups.chain([installer]).collect()
}

/// The distribution's packages, in one layer as in the image.
fn system_packages(plan: &Plan, scene: &Scene<'_>) -> Option<BundlePart> {
    let system = plan.system.as_ref()?;
    let stored = |package: &SystemPackage| {
        let (source, path) = system::file(package, system, scene);
        Stored { digest: package.digest, source, path }
    };
    Some(BundlePart {
        name: "[bundle] packages of the distribution's".to_owned(),
        files: system.packages.iter().map(stored).collect(),
    })
}

fn assets(plan: &Plan, scene: &Scene<'_>) -> Vec<BundlePart> {
    let part = |(place, layer): (usize, &plan::asset::AssetLayer)| {
        let AssetLayerKind::File { url, digest, .. } = &layer.kind else { return None };
        let (source, path) = asset::download(place, layer, scene)?;
        let files = vec![Stored { digest: *digest, source, path }];
        Some(BundlePart { name: format!("[bundle] {url}"), files })
    };
    plan.assets.iter().enumerate().filter_map(part).collect()
}
