//! What is proven of the finished image before anybody gets it.

use serde_json::{Value, json};

use self::program::Lookup;
use crate::{
    answers::BaseImage,
    document::Span,
    manifest::{
        Asset, Manifest, Model,
        asset::{AssetKind, Destination, ENCODINGS, Library},
    },
    plan::{
        ContextFiles, ModelLayer, app, asset,
        places::{CACHE_ROOT, VENV, hub_cache},
        user::ResolvedUser,
    },
    values::{config::RunConfig, diagnostic::Diagnostic},
};

pub mod imports;
pub mod program;

/// A process that must end well in the image, as it will run: as the image's user,
/// with the image's environment, on a read-only root, without a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What it proves.
    pub subject: Subject,
    /// Where the manifest asks for it.
    pub span: Span,
    /// Environment of the process.
    pub environment: Vec<(String, String)>,
    /// Numeric user and group.
    pub owner: (u32, u32),
}

/// What a [`Proof`] proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// That the models load. It runs on the image without the application, which
    /// can't change a model: so a change of code costs no proof.
    Models {
        /// The Python that loads them, a path in the image.
        python: String,
        /// What the program is to look for, as JSON.
        listing: String,
        /// What each failure is told of: its name in the listing, and where the manifest
        /// names it; in the listing's order.
        entries: Vec<(String, Span)>,
    },
    /// That packages can be imported. It runs on the same as the proof of models.
    Imports {
        /// The Python that imports them, a path in the image.
        python: String,
        /// What the program is to import, as JSON.
        listing: String,
        /// How many there are, for progress.
        count: usize,
    },
    /// That what the container starts with is in the image below the application.
    Programs {
        /// The Python that looks for it, a path in the image.
        python: String,
        /// What is looked for.
        lookups: Vec<Lookup>,
    },
    /// That a command of the user's works. It runs on all of the image.
    Command {
        /// Its words.
        words: Vec<String>,
        /// Where it starts.
        workdir: String,
    },
}

/// What there is to prove something of.
pub struct Parts<'a> {
    /// The models.
    pub models: &'a [ModelLayer],
    /// Files from any URL, and models that are folders.
    pub assets: &'a [asset::AssetLayer],
    /// The packages to import.
    pub imports: &'a [imports::Import],
    /// The programs to look for.
    pub programs: Vec<Lookup>,
}

/// The programs to look for in the image below the application.
pub fn programs(
    manifest: &Manifest,
    context: &ContextFiles,
    app: Option<&app::AppLayer>,
    run: &RunConfig,
) -> Result<Vec<Lookup>, Vec<Diagnostic>> {
    if manifest.verify.is_nothing() {
        return Ok(Vec::new());
    }
    let help = |mistake: Diagnostic| mistake.help("`verify: false` builds the image as it is");
    let planned = program::plan(manifest, context, app, run);
    planned.map_err(|mistakes| mistakes.into_iter().map(help).collect())
}

/// Plans the proofs that the manifest wants. Models of an image without Python are
/// not loaded: their files are put in place by file operations of ours alone, each
/// pinned by its digest, which leaves nothing to look for.
pub fn plan(
    manifest: &Manifest,
    base: &BaseImage,
    parts: Parts<'_>,
    user: &ResolvedUser,
    run: &RunConfig,
) -> Vec<Proof> {
    let proof = |subject, span| Proof {
        subject,
        span,
        environment: environment(run, user),
        owner: (user.id.uid, user.id.gid),
    };
    let Parts { models, assets, imports: asked, programs } = parts;
    let mut proofs = Vec::new();
    let venv = manifest.python.as_ref().map(|_| format!("{VENV}/bin/python3"));
    let python = venv.or_else(|| base.python.clone());
    if let (Some(python), Some(first)) = (&python, asked.first()) {
        let (python, count) = (python.clone(), asked.len());
        let listing = imports::listing(manifest, asked);
        proofs.push(proof(Subject::Imports { python, listing, count }, first.span));
    }
    if let (Some(python), Some(first)) = (&python, programs.first()) {
        let (python, span) = (python.clone(), first.span);
        proofs.push(proof(Subject::Programs { python, lookups: programs }, span));
    }
    let (listing, entries) = entries(manifest, models, assets);
    if let (true, Some(python), Some((_, first))) =
        (manifest.verify.models, python, entries.first())
    {
        let first = *first;
        proofs.push(proof(Subject::Models { python, listing, entries }, first));
    }
    let workdir = if run.working_dir.is_empty() { "/" } else { &run.working_dir };
    proofs.extend(manifest.verify.commands.iter().map(|command| {
        let words = command.words.clone();
        proof(Subject::Command { words, workdir: workdir.to_owned() }, command.span)
    }));
    proofs
}

/// What the program is to load, and what its failures are told of, both in one order.
fn entries(
    manifest: &Manifest,
    models: &[ModelLayer],
    assets: &[asset::AssetLayer],
) -> (String, Vec<(String, Span)>) {
    let models = manifest.models.iter().zip(models);
    let of_hub =
        models.filter_map(|(written, layer)| Some((layer.span, snapshot(written, layer)?)));
    let assets = || manifest.assets.iter().zip(assets);
    let folders = assets().filter_map(|(asset, layer)| Some((layer.span, folder(asset, layer)?)));
    let files = assets().filter_map(|(asset, layer)| Some((layer.span, file(asset, layer)?)));
    let (mut spans, loaded): (Vec<Span>, Vec<Value>) = of_hub.chain(folders).unzip();
    let (more, read): (Vec<Span>, Vec<Value>) = files.unzip();
    spans.extend(more);
    let ids = loaded.iter().chain(&read).filter_map(|entry| entry["id"].as_str());
    let entries = ids.map(str::to_owned).zip(spans).collect();
    let listing = json!({
        "root": CACHE_ROOT, "hub": hub_cache(), "models": loaded, "assets": read,
    });
    (listing.to_string(), entries)
}

/// What the libraries must find of a model. It is written from how they look, and
/// not from how the layer is made: the proof is worth that much more.
fn snapshot(written: &Model, layer: &ModelLayer) -> Option<Value> {
    let snapshot = layer.snapshot.as_ref().filter(|_| written.verify.0)?;
    let commit = &snapshot.commit;
    let revisions = ["main", &layer.revision].into_iter().filter(|name| name != commit);
    let revisions: std::collections::BTreeSet<&str> = revisions.collect();
    let files = snapshot.files.iter().map(|file| json!({"path": file.path, "size": file.size}));
    let alias = layer.alias.iter();
    let alias = alias.map(|id| json!({"repository": id.hub_id(), "folder": id.cache_folder()}));
    Some(json!({
        "id": layer.id.as_str(),
        "repository": layer.id.hub_id(),
        "folder": layer.id.cache_folder(),
        "also": alias.collect::<Vec<Value>>(),
        "commit": commit,
        "revisions": revisions,
        "files": files.collect::<Vec<Value>>(),
        "pickle": written.allow_pickle,
        "remote_code": written.trust_remote_code,
        "fastembed": written.fastembed,
    }))
}

/// The same of a model that is a folder: what is in it must do.
fn folder(written: &Asset, layer: &asset::AssetLayer) -> Option<Value> {
    let AssetKind::Folder(written) = &written.kind else { return None };
    if !written.verify.0 {
        return None;
    }
    let asset::AssetLayerKind::Folder { id, commit, refs, .. } = &layer.kind else { return None };
    Some(json!({
        "id": id.as_str(),
        "repository": id.hub_id(),
        "folder": id.cache_folder(),
        "also": [],
        "commit": commit,
        "revisions": refs,
        "files": null,
        "pickle": written.allow_pickle,
        "remote_code": written.trust_remote_code,
        "fastembed": false,
    }))
}

/// What a library must read of a file that is of no repository, and by which name.
fn file(written: &Asset, layer: &asset::AssetLayer) -> Option<Value> {
    let AssetKind::File(written) = &written.kind else { return None };
    if !written.verify.0 {
        return None;
    }
    let asset::AssetLayerKind::File { path, url, .. } = &layer.kind else { return None };
    let about = match &written.place {
        Destination::Path(_) | Destination::Library(Library::Fastembed, _) => {
            json!({"kind": "file"})
        }
        Destination::Library(Library::TorchHub, _) => json!({"kind": "torch_hub", "url": url}),
        Destination::Library(Library::Tiktoken, file) => {
            let names = ENCODINGS.iter().filter(|encoding| encoding.file == file);
            let names: Vec<&str> = names.map(|encoding| encoding.name).collect();
            json!({"kind": "tiktoken", "names": names})
        }
        Destination::Library(Library::Nltk, file) => {
            let resource = file.strip_suffix(".zip").unwrap_or(file);
            json!({"kind": "nltk", "resource": resource})
        }
    };
    let Value::Object(mut about) = about else { return None };
    about.insert("id".to_owned(), json!(path));
    about.insert("path".to_owned(), json!(path));
    Some(Value::Object(about))
}

/// The image's own environment, with the home that a runtime finds in its passwd.
fn environment(run: &RunConfig, user: &ResolvedUser) -> Vec<(String, String)> {
    let mut run = run.clone();
    if run.env("HOME").is_none() {
        run.set_env("HOME", &user.home);
    }
    run.variables()
}
