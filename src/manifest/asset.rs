//! What an image holds beside models of the hub: files from any URL, and models
//! that are folders of the user's own.

use std::str::FromStr;

use crate::{
    document::{Span, Spanned},
    image_ref::{ImageRef, ImageRefError},
    manifest::{ContextPath, Flag, url::FileUrl},
    models::{ModelId, Revision},
    values::digest::Digest,
};

/// An entry of `models` that no hub is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The whole entry.
    pub span: Span,
    /// What it is.
    pub kind: AssetKind,
}

/// The kinds of [`Asset`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssetKind {
    /// One file from a URL.
    File(RemoteFile),
    /// A model that is a folder.
    Folder(ModelFolder),
}

/// A file from a URL, known by its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFile {
    /// Where to get it.
    pub url: Spanned<FileUrl>,
    /// What must come.
    pub sha256: Spanned<Digest>,
    /// Where it goes.
    pub place: Destination,
    /// Whether it is an archive, and its contents go there.
    pub unpack: bool,
    /// Whether `verify` proves it.
    pub verify: Flag,
}

/// Where a file goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// An absolute path, or one below the folder of files.
    Path(String),
    /// A path below a library's own folder.
    Library(Library, String),
}

/// A model that is a folder of the user's own, found under its identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFolder {
    /// The identifier, as the application will ask for it.
    pub id: Spanned<ModelId>,
    /// What the application asks for beside `main`.
    pub revision: Option<Spanned<Revision>>,
    /// The named context that the folder is in; the build context if `None`.
    pub from: Option<Spanned<ContextName>>,
    /// The folder in the context.
    pub path: Spanned<ContextPath>,
    /// Whether `verify` may run the Python code in it.
    pub trust_remote_code: bool,
    /// Whether `verify` may load weights in pickle files, which can run code.
    pub allow_pickle: bool,
    /// Whether `verify` proves it.
    pub verify: Flag,
}

/// Libraries that must be told where their files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Library {
    /// `torch.hub`, which torchvision and many others load weights by.
    TorchHub,
    /// The tokenizer of GPT models.
    Tiktoken,
    /// The Natural Language Toolkit.
    Nltk,
    /// ONNX embeddings by Qdrant. It reads the layout of the hub's cache.
    Fastembed,
}

/// The name of a `--build-context`, in the form that buildx hands on: an image
/// reference without its defaults.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContextName(String);

impl ContextName {
    /// The name under which the image `reference` is replaced.
    pub fn of(reference: &ImageRef) -> Self {
        let name = reference.to_string();
        Self(name.strip_suffix(":latest").map_or(name.clone(), str::to_owned))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ContextName {
    type Err = ImageRefError;

    fn from_str(text: &str) -> Result<Self, ImageRefError> {
        Ok(Self::of(&text.parse()?))
    }
}

/// An image as a `--build-context` gives it, with nothing left out.
pub fn full_reference(text: &str) -> Result<String, ImageRefError> {
    text.parse::<ImageRef>().map(|image| image.full())
}

/// An encoding of tiktoken: `tiktoken_ext/openai_public.py` and `tiktoken/load.py`
/// of version 0.12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// The name that `get_encoding` takes.
    pub name: &'static str,
    /// Where the library gets it.
    pub url: &'static str,
    /// What the library calls it in its cache: the sha1 of the URL.
    pub file: &'static str,
    /// The digest that the library demands.
    pub sha256: &'static str,
}

macro_rules! encoding {
    ($name:literal, $file:literal, $cache:literal, $sha256:literal) => {
        Encoding {
            name: $name,
            url: concat!(
                "https://openaipublic.blob.core.windows.net/encodings/",
                $file,
                ".tiktoken"
            ),
            file: $cache,
            sha256: $sha256,
        }
    };
}

/// Every encoding that is one file.
#[rustfmt::skip]
pub const ENCODINGS: [Encoding; 6] = [
    encoding!("cl100k_base", "cl100k_base", "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
    encoding!("o200k_base", "o200k_base", "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
    encoding!("o200k_harmony", "o200k_base", "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
    encoding!("p50k_base", "p50k_base", "ec7223a39ce59f226a68acc30dc1af2788490e15",
        "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069"),
    encoding!("p50k_edit", "p50k_base", "ec7223a39ce59f226a68acc30dc1af2788490e15",
        "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069"),
    encoding!("r50k_base", "r50k_base", "0ea1e91bbb3a60f729a8dc8f777fd2fc07cd8df4",
        "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930"),
];

/// The folders of NLTK's data: `nltk/downloader.py`, `Package.subdir`.
pub const NLTK_FOLDERS: [&str; 10] = [
    "chunkers",
    "corpora",
    "grammars",
    "help",
    "misc",
    "models",
    "sentiment",
    "stemmers",
    "taggers",
    "tokenizers",
];

/// Packages that NLTK's downloader leaves as the zip that they are: `unzip="0"` in the index of
/// NLTK's data. All others lie unpacked beside their zip, since most readers know only folders.
const NLTK_ZIPPED: [&str; 21] = [
    "bcp47",
    "comtrans",
    "conll2007",
    "extended_omw",
    "jeita",
    "knbc",
    "machado",
    "masc_tagged",
    "nombank.1.0",
    "omw",
    "omw-1.4",
    "panlex_swadesh",
    "propbank",
    "reuters",
    "semcor",
    "snowball_data",
    "universal_treebanks_v20",
    "vader_lexicon",
    "wordnet",
    "wordnet2021",
    "wordnet31",
];

/// Whether `nltk.download` unpacks what it puts at `path`, which is below NLTK's folder.
pub fn nltk_unpacks(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".zip").is_some_and(|name| !NLTK_ZIPPED.contains(&name))
}

/// The folder of NLTK's data that a package of this name belongs to, where it is
/// known or the address says so.
pub fn nltk_folder(name: &str, url: Option<&FileUrl>) -> Option<&'static str> {
    let above = url.and_then(|url| url.path().rsplit('/').nth(1));
    if let Some(folder) = NLTK_FOLDERS.iter().find(|folder| above == Some(**folder)) {
        return Some(folder);
    }
    match name {
        "punkt" | "punkt_tab" => Some("tokenizers"),
        "stopwords" | "wordnet" | "wordnet31" | "omw" | "omw-1.4" | "words" | "names" | "brown"
        | "movie_reviews" => Some("corpora"),
        "universal_tagset" => Some("taggers"),
        "vader_lexicon" => Some("sentiment"),
        "rslp" | "snowball_data" | "porter_test" => Some("stemmers"),
        _ if name.starts_with("averaged_perceptron_tagger") => Some("taggers"),
        _ if name.starts_with("maxent_ne_chunker") => Some("chunkers"),
        _ => None,
    }
}
