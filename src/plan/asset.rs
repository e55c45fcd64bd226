//! Files from any URL, and models that are folders: where they go, and what their
//! libraries are told.

use std::collections::BTreeMap;

use buildkit_llb::{OciLayout, Platform};

use super::places::{CACHE_ROOT, hub_cache};
use crate::{
    answers::BaseImage,
    document::Span,
    manifest::{
        Manifest,
        asset::{
            AssetKind, Destination, Library, ModelFolder, RemoteFile, full_reference, nltk_unpacks,
        },
    },
    models::{ModelId, Revision, hub},
    request::{Request, context::NamedContext},
    values::{diagnostic::Diagnostic, digest::Digest},
};

/// What one entry becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetLayer {
    /// Where the manifest names it.
    pub span: Span,
    /// What is in it.
    pub kind: AssetLayerKind,
}

/// The kinds of [`AssetLayer`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssetLayerKind {
    /// A file, or the contents of an archive.
    File {
        /// Where to get it.
        url: String,
        /// `sha256:…`
        digest: Digest,
        /// Absolute path in the image; of an archive that does not stay, the folder.
        path: String,
        /// What unpacks it, if it is an archive.
        unpack: Option<Unpack>,
        /// Whether the archive stays as it is, and what is in it lies beside it.
        stays: bool,
    },
    /// A model that is a folder.
    Folder {
        /// The id that the application asks for.
        id: ModelId,
        /// Where the folder is.
        origin: FolderOrigin,
        /// The folder there; `.` is all of it.
        path: String,
        /// What the snapshot is called.
        commit: String,
        /// Names that stand for it.
        refs: Vec<String>,
    },
}

/// What unpacks an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpack {
    /// The daemon: a tar archive, plain or compressed.
    Daemon,
    /// The base image's Python: a zip archive.
    BasePython(BasePython),
}

/// A Python of the base image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePython {
    /// The program: a path, or a name to be found.
    pub path: String,
    /// Its environment.
    pub environment: Vec<(String, String)>,
}

/// Where a folder is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FolderOrigin {
    /// In the build context.
    Context,
    /// In another folder of the client's, by the name of its local source.
    Local(String),
    /// In an image.
    Image(String),
    /// In an image of an OCI layout.
    Layout(OciLayout),
}

/// The layers of all assets, in the manifest's order, on `base`.
pub fn plan(
    manifest: &Manifest,
    base: &BaseImage,
    platform: &Platform,
    request: &Request,
) -> Vec<AssetLayer> {
    let layers = manifest.assets.iter().map(|asset| AssetLayer {
        span: asset.span,
        kind: match &asset.kind {
            AssetKind::File(file) => remote_file(file, base),
            AssetKind::Folder(folder) => model_folder(folder, platform, request),
        },
    });
    layers.collect()
}

/// The archives that need a Python to be unpacked.
pub fn zips(manifest: &Manifest) -> impl Iterator<Item = &RemoteFile> {
    manifest.assets.iter().filter_map(|asset| match &asset.kind {
        AssetKind::File(file) if file.unpack && file.url.value.is_zip() => Some(file),
        _ => None,
    })
}

/// Whether a package of NLTK's is to lie unpacked beside its zip, for which there must be a
/// Python. Without one it stays a zip, which is all that some readers of NLTK's need.
pub fn wants_python(manifest: &Manifest) -> bool {
    let is_package = |kind: &AssetKind| match kind {
        AssetKind::File(file) => is_unpacked_beside(file),
        AssetKind::Folder(_) => false,
    };
    manifest.assets.iter().any(|asset| is_package(&asset.kind))
}

fn is_unpacked_beside(file: &RemoteFile) -> bool {
    matches!(&file.place, Destination::Library(Library::Nltk, path) if nltk_unpacks(path))
}

fn remote_file(file: &RemoteFile, base: &BaseImage) -> AssetLayerKind {
    let (root, path) = match &file.place {
        Destination::Path(path) => (format!("{CACHE_ROOT}/files"), path),
        Destination::Library(library, path) => (folder(*library), path),
    };
    let stays = is_unpacked_beside(file) && base.python.is_some();
    let unpack = if stays {
        Some(Unpack::BasePython(python(base)))
    } else {
        file.unpack.then(|| unpack(file, base))
    };
    AssetLayerKind::File {
        url: file.url.value.to_string(),
        digest: file.sha256.value,
        path: super::app::absolute(&root, path),
        unpack,
        stays,
    }
}

fn unpack(file: &RemoteFile, base: &BaseImage) -> Unpack {
    if !file.url.value.is_zip() {
        return Unpack::Daemon;
    }
    Unpack::BasePython(python(base))
}

fn python(base: &BaseImage) -> BasePython {
    BasePython {
        // Of a base that nobody has looked into: as pip's step finds it.
        path: base.python.clone().unwrap_or_else(|| "python3".to_owned()),
        environment: base.config.config.variables(),
    }
}

fn model_folder(folder: &ModelFolder, platform: &Platform, request: &Request) -> AssetLayerKind {
    let id = folder.id.value.clone();
    let revision = folder.revision.as_ref().map(|revision| &revision.value);
    let commit = match revision {
        Some(revision) if revision.is_commit() => revision.as_str().to_owned(),
        // Libraries want a commit and look no further. It is made of the name, so
        // that a changed file is the only thing that changes in the image.
        _ => hub::git_blob_id(id.hub_id().as_bytes()),
    };
    let names = std::iter::once("main").chain(revision.map(Revision::as_str));
    let mut refs: Vec<String> = names.filter(|name| *name != commit).map(str::to_owned).collect();
    refs.dedup();
    AssetLayerKind::Folder {
        id,
        origin: origin(folder, platform, request),
        path: folder.path.value.as_str().to_owned(),
        commit,
        refs,
    }
}

/// A context that was not given is taken for a folder: the command line tool shows
/// it so, and a build never gets that far.
pub fn origin(folder: &ModelFolder, platform: &Platform, request: &Request) -> FolderOrigin {
    let Some(name) = folder.from.as_ref().map(|from| from.value.as_str()) else {
        return FolderOrigin::Context;
    };
    match request.named_context(name, platform) {
        Some(NamedContext::Image(reference)) => {
            FolderOrigin::Image(full_reference(&reference).unwrap_or(reference))
        }
        Some(NamedContext::Local(local)) => FolderOrigin::Local(local),
        Some(NamedContext::Layout(layout)) => FolderOrigin::Layout(layout),
        Some(NamedContext::Other(_)) | None => FolderOrigin::Local(name.to_owned()),
    }
}

/// Why a zip archive can't be unpacked, where there is no Python: `reason` says so.
pub fn no_python(zip: &RemoteFile, reason: &str) -> Diagnostic {
    let name = zip.url.value.file_name();
    let message = format!("`{name}` can't be unpacked: of a zip archive that is Python's work");
    Diagnostic::error("no-python", message)
        .label(zip.url.span, reason)
        .help("a tar archive needs none; or leave out `unpack`, if what loads it reads zip")
}

/// The variables that tell libraries where their files are: those used, no others.
pub fn variables(manifest: &Manifest) -> BTreeMap<&'static str, String> {
    let library = |kind: &AssetKind| match kind {
        AssetKind::File(RemoteFile { place: Destination::Library(library, _), .. }) => {
            Some(*library)
        }
        _ => None,
    };
    let used = manifest.assets.iter().filter_map(|asset| library(&asset.kind));
    let used = used.chain(manifest.fastembed.then_some(Library::Fastembed));
    used.map(|library| (variable(library), folder(library))).collect()
}

/// Whether the image has a model that libraries find by its id.
pub fn has_models(manifest: &Manifest) -> bool {
    let is_folder = |kind: &AssetKind| matches!(kind, AssetKind::Folder(_));
    !manifest.models.is_empty() || manifest.assets.iter().any(|asset| is_folder(&asset.kind))
}

fn variable(library: Library) -> &'static str {
    match library {
        Library::TorchHub => "TORCH_HOME",
        Library::Tiktoken => "TIKTOKEN_CACHE_DIR",
        Library::Nltk => "NLTK_DATA",
        Library::Fastembed => "FASTEMBED_CACHE_PATH",
    }
}

fn folder(library: Library) -> String {
    match library {
        Library::TorchHub => format!("{CACHE_ROOT}/torch"),
        Library::Tiktoken => format!("{CACHE_ROOT}/tiktoken"),
        Library::Nltk => format!("{CACHE_ROOT}/nltk_data"),
        Library::Fastembed => hub_cache(),
    }
}
