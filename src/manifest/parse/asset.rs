//! The entries of `models` that are no models of the hub's.

use std::collections::BTreeMap;

use super::{
    keys::{self, Keys},
    node::NodeKind,
    place::{Fields, Place},
    shape::{Decoder, Empty},
};
use crate::{
    document::Spanned,
    manifest::{
        Model,
        asset::{self, Asset, AssetKind, ENCODINGS, Encoding, Library, ModelFolder, RemoteFile},
        flag::Flag,
        image_path::ImagePath,
        url::FileUrl,
    },
    models::{Format, ModelId},
    values::{diagnostic::Diagnostic, digest::Digest},
};

/// What stands in the list `models`.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// Repositories of the hub.
    pub models: Vec<Model>,
    /// All else.
    pub assets: Vec<Asset>,
    /// Where fastembed is named, if it is.
    pub fastembed: bool,
}

/// Where NLTK's downloader gets its packages: `Downloader.DEFAULT_URL`, without
/// the name of its index.
const NLTK_PACKAGES: &str = "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages";

impl Decoder<'_> {
    /// One entry, into the list that it belongs to.
    pub fn entry(&mut self, place: &Place, entries: &mut Entries) {
        let NodeKind::Map(pairs) = &place.node.kind else {
            entries.models.extend(self.model(place));
            return;
        };
        let has = |key: &str| {
            pairs.iter().any(|(name, _)| matches!(&name.kind, NodeKind::Text(name) if name == key))
        };
        let span = place.node.span;
        let file = |file: RemoteFile| Asset { span, kind: AssetKind::File(file) };
        if has("dataset") {
            entries.models.extend(self.dataset(place));
        } else if has("fastembed") {
            entries.fastembed = true;
            entries.models.extend(self.fastembed(place));
        } else if has("torch_hub") {
            entries.assets.extend(self.torch_hub(place).map(file));
        } else if has("tiktoken") {
            entries.assets.extend(self.tiktoken(place).map(file));
        } else if has("nltk") {
            entries.assets.extend(self.nltk(place).map(file));
        } else if has("url") {
            entries.assets.extend(self.remote_file(place).map(file));
        } else if has("path") || has("from") {
            let folder = self.model_folder(place).map(AssetKind::Folder);
            entries.assets.extend(folder.map(|kind| Asset { span, kind }));
        } else if has("spacy") {
            let message = "a model of spaCy is a Python package";
            let label = self.first_line(span);
            let help = "name its wheel in `python.packages`: `en-core-web-sm @ https://…/en_core_web_sm-3.8.0-py3-none-any.whl`";
            self.found.push(Diagnostic::error("unknown-key", message).label(label, "").help(help));
        } else {
            entries.models.extend(self.model(place));
        }
    }

    /// All files of a dataset, unless told otherwise.
    fn dataset(&mut self, place: &Place) -> Option<Model> {
        let fields = self.map(place, &keys::DATASET)?;
        let (id, revision) = self.named(&fields, "dataset")?;
        let id = id.map(ModelId::into_dataset);
        let (include, exclude) = self.files(&fields);
        let verify = self.is_proven(&fields);
        let named = Model::named(place.node.span, id, revision);
        let mut model = Model { include, exclude, verify, ..named };
        if model.include.is_empty() {
            let span = model.id.span;
            let pattern = |text: &str| self.read(&Spanned::new(text.to_owned(), span));
            let [all, git] = ["*", ".gitattributes"].map(pattern);
            model.include.extend(all);
            model.exclude.extend(git);
        }
        Some(model)
    }

    /// fastembed loads ONNX; what it takes from where changes with its versions, so
    /// the repository is named as it is.
    fn fastembed(&mut self, place: &Place) -> Option<Model> {
        let fields = self.map(place, &keys::FASTEMBED)?;
        let (id, revision) = self.named(&fields, "fastembed")?;
        let (include, exclude) = self.files(&fields);
        let verify = self.is_proven(&fields);
        let format = include.is_empty().then(|| Spanned::new(Format::Onnx, id.span));
        let model = Model::named(place.node.span, id, revision);
        Some(Model { include, exclude, format, fastembed: true, verify, ..model })
    }

    fn named(
        &mut self,
        fields: &Fields,
        key: &str,
    ) -> Option<(Spanned<ModelId>, Option<Spanned<crate::models::Revision>>)> {
        let text = self.text(fields.get(key)?, Empty::Refused)?;
        let (id, inline) = self.id_and_revision(&text);
        let revision = self.revision(fields, inline);
        Some((id?, revision))
    }

    fn model_folder(&mut self, place: &Place) -> Option<ModelFolder> {
        let fields = self.map(place, &keys::FOLDER)?;
        let help = "name the model as the application asks for it: `id: owner/name`";
        self.require(place, &fields, &keys::FOLDER, "id", help);
        let from = fields.get("from").map(|from| self.parsed(from));
        let path = fields.get("path").map(|path| self.parsed(path));
        let [trust_remote_code, allow_pickle] =
            ["trust_remote_code", "allow_pickle"].map(|key| self.flag(&fields, key));
        let verify = self.is_proven(&fields);
        let (id, revision) = self.named(&fields, "id")?;
        let whole = Spanned::new(".".to_owned(), place.node.span);
        let path = path.unwrap_or_else(|| self.read(&whole))?;
        let from = match from {
            Some(from) => Some(from?),
            None => None,
        };
        Some(ModelFolder { id, revision, from, path, trust_remote_code, allow_pickle, verify })
    }

    fn remote_file(&mut self, place: &Place) -> Option<RemoteFile> {
        let fields = self.map(place, &keys::FILE)?;
        let help = "say where it goes: `path: weights/model.onnx`, or an absolute path";
        self.require(place, &fields, &keys::FILE, "path", help);
        let sha256 = self.sha256(place, &fields, &keys::FILE);
        let url = fields.get("url").and_then(|url| self.parsed::<FileUrl>(url));
        let path = fields.get("path").and_then(|path| self.parsed::<ImagePath>(path));
        let unpack = self.flag(&fields, "unpack");
        let verify = self.is_proven(&fields);
        let (url, path) = (url?, path?);
        if unpack {
            self.found.extend(not_unpacked(&url));
        }
        let mut path = path.value.to_string();
        if !unpack && (path.ends_with('/') || path == ".") {
            path = format!("{path}/{}", url.value.file_name());
        }
        let place = asset::Destination::Path(path);
        Some(RemoteFile { url, sha256: sha256?, place, unpack, verify })
    }

    /// `true` or `false`; the latter if it is not there.
    fn flag(&mut self, fields: &Fields, key: &str) -> bool {
        let flag = fields.get(key).and_then(|flag| self.parsed::<Flag>(flag));
        flag.is_some_and(|flag| flag.value.0)
    }

    /// Whether the entry is proven: yes, unless it says `verify: false`.
    pub(super) fn is_proven(&mut self, fields: &Fields) -> Flag {
        let flag = fields.get("verify").and_then(|flag| self.parsed::<Flag>(flag));
        flag.map_or(Flag(true), |flag| flag.value)
    }

    fn torch_hub(&mut self, place: &Place) -> Option<RemoteFile> {
        let fields = self.map(place, &keys::TORCH_HUB)?;
        let sha256 = self.sha256(place, &fields, &keys::TORCH_HUB);
        let verify = self.is_proven(&fields);
        let url = self.parsed::<FileUrl>(fields.get("torch_hub")?)?;
        let path = format!("hub/checkpoints/{}", url.value.file_name());
        Some(RemoteFile {
            url,
            sha256: sha256?,
            place: asset::Destination::Library(Library::TorchHub, path),
            unpack: false,
            verify,
        })
    }

    fn tiktoken(&mut self, place: &Place) -> Option<RemoteFile> {
        let fields = self.map(place, &keys::TIKTOKEN)?;
        let mirror = fields.get("url").map(|url| self.parsed::<FileUrl>(url));
        let verify = self.is_proven(&fields);
        let name = self.string(fields.get("tiktoken")?)?;
        let Some(known) = ENCODINGS.iter().find(|encoding| encoding.name == name.value) else {
            let names = ENCODINGS.map(|Encoding { name, .. }| format!("`{name}`")).join(", ");
            let message = format!("tiktoken has no encoding `{}` in one file", name.value);
            let error = Diagnostic::error("unknown-encoding", message).label(name.span, "");
            self.found.push(error.help(format!("the encodings are {names}")));
            return None;
        };
        let text = |text: &str| Spanned::new(text.to_owned(), name.span);
        let url = mirror.unwrap_or_else(|| self.read(&text(known.url)))?;
        let sha256 = self.read(&text(known.sha256))?;
        let place = asset::Destination::Library(Library::Tiktoken, known.file.to_owned());
        Some(RemoteFile { url, sha256, place, unpack: false, verify })
    }

    /// `stopwords`, or `corpora/stopwords` where the folder can't be guessed.
    fn nltk(&mut self, place: &Place) -> Option<RemoteFile> {
        let fields = self.map(place, &keys::NLTK)?;
        let sha256 = self.sha256(place, &fields, &keys::NLTK);
        let url = fields.get("url").map(|url| self.parsed::<FileUrl>(url));
        let verify = self.is_proven(&fields);
        let written = self.string(fields.get("nltk")?)?;
        let url = match url {
            Some(url) => Some(url?),
            None => None,
        };
        let (folder, name) = if let Some((folder, name)) = written.value.rsplit_once('/') {
            (asset::NLTK_FOLDERS.into_iter().find(|known| *known == folder), name)
        } else {
            let url = url.as_ref().map(|url| &url.value);
            (asset::nltk_folder(&written.value, url), written.value.as_str())
        };
        let fine = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_name = !name.is_empty() && !name.starts_with('.') && name.chars().all(fine);
        let Some(folder) = folder.filter(|_| is_name) else {
            let message = format!("`{}` is in no known folder of NLTK's data", written.value);
            let folders = asset::NLTK_FOLDERS.map(|folder| format!("`{folder}`")).join(", ");
            let error = Diagnostic::error("unknown-package", message).label(written.span, "");
            let error = error.help(format!("write `folder/name`; the folders are {folders}"));
            self.found.push(error);
            return None;
        };
        let path = format!("{folder}/{name}.zip");
        let public = Spanned::new(format!("{NLTK_PACKAGES}/{path}"), written.span);
        let url = match url {
            Some(url) => url,
            None => self.read(&public)?,
        };
        let place = asset::Destination::Library(Library::Nltk, path);
        Some(RemoteFile { url, sha256: sha256?, place, unpack: false, verify })
    }

    fn sha256(&mut self, place: &Place, fields: &Fields, keys: &Keys) -> Option<Spanned<Digest>> {
        let help = "a file is known by its digest: `curl -L URL | sha256sum`";
        self.require(place, fields, keys, "sha256", help);
        fields.get("sha256").and_then(|sha256| self.parsed(sha256))
    }
}

/// Refuses archives that the daemon would put there as they are.
fn not_unpacked(url: &Spanned<FileUrl>) -> Option<Diagnostic> {
    let name = url.value.file_name().to_ascii_lowercase();
    let ending = [".7z", ".rar", ".whl"].into_iter().find(|end| name.ends_with(end))?;
    let message = format!("`unpack` reads tar and zip archives, and this is a `{ending}`");
    let error = Diagnostic::error("not-an-archive", message).label(url.span, "");
    Some(error.help(
        "leave out `unpack` if what loads it reads the archive itself, or pack it anew: `tar czf`",
    ))
}

/// The entries of the whole list.
pub fn entries(decoder: &mut Decoder<'_>, places: &[Place]) -> Entries {
    let mut entries = Entries::default();
    for place in places {
        decoder.entry(place, &mut entries);
    }
    entries
}

/// Two entries for one path of the image, or one model twice.
pub fn duplicates(entries: &Entries) -> Vec<Diagnostic> {
    let mut places: BTreeMap<&asset::Destination, &Asset> = BTreeMap::new();
    let mut ids: BTreeMap<String, &Asset> = BTreeMap::new();
    let mut found = Vec::new();
    for asset in &entries.assets {
        let first = match &asset.kind {
            AssetKind::File(file) => places.insert(&file.place, asset).map(|first| first.span),
            AssetKind::Folder(folder) => {
                let id = folder.id.value.hub_id();
                let model = entries.models.iter().find(|model| model.id.value.hub_id() == id);
                let first = ids.insert(id, asset).map(|first| first.span);
                first.or(model.map(|model| model.span))
            }
        };
        if let Some(first) = first {
            let message = "two entries of `models` go to one place";
            let error = Diagnostic::error("duplicate-target", message);
            let error = error.label(asset.span, "again here").label(first, "first here");
            found.push(error.help("remove one of them"));
        }
    }
    found
}
