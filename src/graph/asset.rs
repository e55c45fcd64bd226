//! The layers of files from any URL, and of models that are folders.

use buildkit_frontend::contexts;
use buildkit_llb::{Copy, File, FileAction, Image, Local, Output, Owner, Platform, Vertex};

use crate::{
    graph::{
        Scene, bundle,
        download::{self, FILE_MODE},
        layer,
        purpose::Purpose,
        unzip,
    },
    plan::{
        Plan,
        asset::{AssetLayer, AssetLayerKind, FolderOrigin, Unpack},
        places::{CACHE_ROOT, hub_cache},
    },
    request::Request,
    values::capabilities::SYMLINK,
};

/// What an archive is unpacked into, and all that is in it.
pub const CONTENTS: &str = "/contents/*";

/// The layers of all assets. Python, if it is needed, is that of `base`.
pub fn layers(plan: &Plan, base: Option<&Output>, scene: &Scene<'_>) -> Vec<Output> {
    let platform = &plan.platform;
    let layer = |(place, asset): (usize, &AssetLayer)| match &asset.kind {
        AssetLayerKind::File { .. } => file(place, asset, base, platform, scene),
        AssetLayerKind::Folder { .. } => folder(asset, platform, scene),
    };
    plan.assets.iter().enumerate().filter_map(layer).collect()
}

/// A file from its URL, and its path there; `None` for a folder. `place` is the asset's in the
/// plan.
pub fn download(place: usize, asset: &AssetLayer, scene: &Scene<'_>) -> Option<(Output, String)> {
    let AssetLayerKind::File { url, digest, .. } = &asset.kind else { return None };
    let source = download::pinned(url.clone(), digest, scene.attempts);
    let path = format!("/{}", source.filename);
    let vertex = Vertex::new(source).name(format!("[files] {url}")).at(scene.at(asset.span));
    Some((scene.purposes.output(vertex, Purpose::File(place)), path))
}

/// A file as it comes, and its path there.
fn source(place: usize, asset: &AssetLayer, scene: &Scene<'_>) -> Option<(Output, String)> {
    let AssetLayerKind::File { digest, .. } = &asset.kind else { return None };
    let Some(bundle) = scene.bundle else { return download(place, asset, scene) };
    let files = bundle.files(std::iter::once(digest), scene.request);
    Some((files, format!("/{}", bundle::path(digest))))
}

/// What is in an archive, in the folder of [`CONTENTS`]; `None` of what is no archive.
fn unpacked(
    place: usize,
    asset: &AssetLayer,
    base: Option<&Output>,
    platform: &Platform,
    scene: &Scene<'_>,
) -> Option<Output> {
    let AssetLayerKind::File { url, unpack, .. } = &asset.kind else { return None };
    let unpack = unpack.as_ref()?;
    let (source, blob) = source(place, asset, scene)?;
    let finish =
        |vertex: Vertex| vertex.name(format!("[files] unpack {url}")).at(scene.at(asset.span));
    if let (Unpack::BasePython(python), Some(base)) = (unpack, base) {
        let vertex = finish(unzip::vertex(python, &source, &blob, base, platform, scene));
        return Some(scene.purposes.output(vertex, Purpose::Unpacked(place)));
    }
    let unpack = Copy {
        unpack: true,
        owner: Some(Owner { uid: 0, gid: 0 }.into()),
        ..Copy::new(&source, blob, "/contents")
    };
    Some(finish(Vertex::new(File::on_scratch(vec![unpack.into()]))).output())
}

fn file(
    place: usize,
    asset: &AssetLayer,
    base: Option<&Output>,
    platform: &Platform,
    scene: &Scene<'_>,
) -> Option<Output> {
    let AssetLayerKind::File { path, stays, .. } = &asset.kind else { return None };
    let at = scene.at(asset.span);
    let mut folders = layer::Folders::default();
    let mut actions: Vec<FileAction> = Vec::new();
    let unpacked = unpacked(place, asset, base, platform, scene);
    if *stays || unpacked.is_none() {
        let (source, blob) = source(place, asset, scene)?;
        folders.add_parents(path);
        // A bundle's files went through the user's file system, which may change modes.
        let (mode, timestamp) = (Some(FILE_MODE), scene.timestamp());
        actions.push(Copy { mode, timestamp, ..Copy::new(&source, blob, path) }.into());
    }
    if let Some(unpacked) = unpacked {
        let above = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let folder = if *stays { above } else { path };
        folders.add(folder);
        let copy = Copy {
            mode_changes: Some(layer::READABLE.into()),
            timestamp: scene.timestamp(),
            // Finds nothing if the file was no archive, and was copied as it is.
            wildcard: true,
            ..Copy::new(&unpacked, CONTENTS, format!("{folder}/"))
        };
        actions.push(copy.into());
    }
    let vertex = layer::vertex(&folders, actions, scene.timestamp());
    let vertex = vertex.name(format!("[files] {path}")).at(at);
    Some(scene.purposes.output(vertex, Purpose::AssetLayer(place)))
}

fn folder(asset: &AssetLayer, platform: &Platform, scene: &Scene<'_>) -> Option<Output> {
    let AssetLayerKind::Folder { id, origin, path, commit, refs } = &asset.kind else {
        return None;
    };
    let timestamp = scene.timestamp();
    let cache = id.cache_folder();
    let repository = format!("{}/{cache}", hub_cache());
    let mut folders = layer::Folders::default();
    let mut actions = Vec::new();
    let snapshot = format!("{repository}/snapshots/{commit}");
    folders.add(&snapshot);
    let source = tree(origin, path, scene.request, platform).output();
    actions.push(FileAction::Copy(Copy {
        contents_only: true,
        follow_symlinks: true,
        owner: Some(Owner { uid: 0, gid: 0 }.into()),
        mode_changes: Some(layer::READABLE.into()),
        timestamp,
        ..Copy::new(&source, root(path), &snapshot)
    }));
    let version = format!("{}/version.txt", hub_cache());
    let refs = refs.iter().map(|name| (format!("{repository}/refs/{name}"), commit.as_str()));
    for (path, text) in refs.chain([(version, "1")]) {
        folders.add_parents(&path);
        actions.push(layer::mkfile(&path, text, timestamp));
    }
    if scene.capabilities.has(SYMLINK) {
        let link = format!("{CACHE_ROOT}/models/{id}");
        let up = "../".repeat(id.as_str().matches('/').count() + 1);
        let target = format!("{up}huggingface/hub/{cache}/snapshots/{commit}");
        folders.add_parents(&link);
        actions.push(layer::symlink(&link, &target, timestamp));
    }
    let vertex = layer::vertex(&folders, actions, timestamp);
    Some(vertex.name(format!("[model] {id} from a folder")).at(scene.at(asset.span)).output())
}

fn root(path: &str) -> String {
    if path == "." { "/".to_owned() } else { format!("/{path}") }
}

/// The tree that has a model's folder. What an ignore file leaves out of the build
/// context is meant for `app.copy`, and often it is just the models.
pub fn tree(origin: &FolderOrigin, path: &str, request: &Request, platform: &Platform) -> Vertex {
    let follow = if path == "." { Vec::new() } else { vec![path.to_owned()] };
    match origin {
        FolderOrigin::Context => {
            let key = format!("modelcache-model:{path}");
            contexts::context(request, follow, Vec::new(), &key)
                .name(format!("[internal] load {path}"))
        }
        FolderOrigin::Local(name) => Vertex::new(Local {
            name: name.clone(),
            session: request.session_of(name),
            follow,
            shared_key_hint: Some(format!("modelcache-context:{name}:{path}")),
            ..Local::default()
        })
        .name(format!("[context {name}] load {path}")),
        FolderOrigin::Image(reference) => Vertex::new(Image::new(reference.clone()))
            .platform(platform)
            .name(format!("[context] {reference}")),
        FolderOrigin::Layout(layout) => Vertex::new(layout.clone())
            .platform(platform)
            .name(format!("[context] {}", layout.reference)),
    }
}
