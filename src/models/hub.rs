//! The model hub's API as it stands on the wire: URLs to ask, answers to read.
//!
//! Nothing here asks; the gateway lets the daemon fetch the URLs and hands the
//! bytes back. Formats: `GET /api/models/{id}/revision/{rev}?blobs=true` and
//! `GET /{id}/resolve/{commit}/{path}` of the Hugging Face hub.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use sha1::{Digest as _, Sha1};

use crate::values::{digest::Digest, hex};

/// The public hub, asked when neither `mirrors` nor `HF_ENDPOINT` names another.
pub const PUBLIC_ENDPOINT: &str = "https://huggingface.co";

/// A repository at one commit, as the hub lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The id the hub calls it by; not the one asked for if it was renamed.
    pub id: String,
    /// The full commit, 40 lower-case hex digits.
    pub commit: String,
    /// Whether files need an accepted licence and a token.
    pub gated: bool,
    /// The licence in the model card, as the hub spells it.
    pub license: Option<String>,
    /// Every file, sorted by path.
    pub files: Vec<RepositoryFile>,
}

/// A file of a [`Repository`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFile {
    /// Path in the repository: relative, `/` between segments, checked to be harmless.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// What the hub says of the content.
    pub digest: ListedDigest,
}

/// The digest a listing gives: sha256 for LFS files, git's own for the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedDigest {
    /// The digest of the content.
    Sha256(Digest),
    /// 40 hex digits: sha1 of `blob {size}\0` and the content.
    GitBlob(String),
}

/// Why an answer of the hub can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Not the JSON of the API: often a login page, or a mirror's error page.
    #[error("the answer is not the hub's JSON: {0}")]
    Json(String),
    /// A commit that is not 40 hex digits.
    #[error("the answer names no commit (`sha` is {0:?})")]
    Commit(String),
    /// A file name that would leave the model's folder.
    #[error("the repository lists a file with an unsafe name: {0:?}")]
    Path(String),
    /// A file without size or digest, so that it can't be verified.
    #[error("the hub gives no digest for `{0}`")]
    Digest(String),
}

/// The URL that lists repository `id` at `revision`, with digests. A dataset's id
/// starts with `datasets/`, as it does in the URLs of files.
pub fn listing_url(endpoint: &str, id: &str, revision: &str) -> String {
    let kind = if id.starts_with("datasets/") { "" } else { "models/" };
    format!(
        "{endpoint}/api/{kind}{id}/revision/{}?blobs=true",
        utf8_percent_encode(revision, &RESERVED)
    )
}

/// The URL of a file's content at a commit. Files at a commit never change.
pub fn file_url(endpoint: &str, id: &str, commit: &str, path: &str) -> String {
    format!("{endpoint}/{id}/resolve/{commit}/{}", utf8_percent_encode(path, &IN_PATH))
}

/// All but RFC 3986's unreserved characters.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same, with `/` left as it is.
const IN_PATH: AsciiSet = RESERVED.remove(b'/');

#[derive(Deserialize)]
struct Listing {
    id: Option<String>,
    sha: Option<String>,
    #[serde(default)]
    gated: Gated,
    #[serde(default)]
    siblings: Vec<Sibling>,
    #[serde(default)]
    tags: Vec<String>,
}

/// `false`, or how access is granted: `"auto"`, `"manual"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Gated {
    Flag(bool),
    FileKind(String),
}

impl Default for Gated {
    fn default() -> Self {
        Self::Flag(false)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: String,
    size: Option<u64>,
}

/// Reads the answer to [`listing_url`]; `asked` is the id that was asked for.
pub fn parse_listing(asked: &str, answer: &[u8]) -> Result<Repository, AnswerError> {
    let listing: Listing =
        serde_json::from_slice(answer).map_err(|error| AnswerError::Json(error.to_string()))?;
    let commit = listing.sha.unwrap_or_default();
    if !is_hex(&commit, 40) {
        return Err(AnswerError::Commit(commit));
    }
    let mut files =
        listing.siblings.into_iter().map(repository_file).collect::<Result<Vec<_>, _>>()?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    let license = listing.tags.iter().find_map(|tag| tag.strip_prefix("license:"));
    Ok(Repository {
        id: listing.id.unwrap_or_else(|| asked.to_owned()),
        commit,
        gated: match listing.gated {
            Gated::Flag(gated) => gated,
            Gated::FileKind(kind) => !kind.is_empty(),
        },
        license: license.map(str::to_owned),
        files,
    })
}

fn repository_file(sibling: Sibling) -> Result<RepositoryFile, AnswerError> {
    let path = sibling.rfilename;
    if !is_safe_path(&path) {
        return Err(AnswerError::Path(path));
    }
    let (size, digest) = match (sibling.lfs, sibling.blob_id) {
        (Some(lfs), _) => match Digest::from_hex(&lfs.sha256) {
            Some(digest) => (lfs.size.or(sibling.size), ListedDigest::Sha256(digest)),
            None => return Err(AnswerError::Digest(path)),
        },
        (None, Some(blob)) if is_hex(&blob, 40) => (sibling.size, ListedDigest::GitBlob(blob)),
        _ => return Err(AnswerError::Digest(path)),
    };
    match size {
        Some(size) => Ok(RepositoryFile { path, size, digest }),
        None => Err(AnswerError::Digest(path)),
    }
}

/// The id under which git stores `content`: sha1 of `blob {size}\0` and the bytes.
pub fn git_blob_id(content: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", content.len()));
    hash.update(content);
    hex::encode(&hash.finalize())
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Names come from the network, so one that could leave its folder is refused.
pub fn is_safe_path(path: &str) -> bool {
    let segment = |s: &str| !s.is_empty() && s != "." && s != "..";
    path.len() < 1024
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
        && path.split('/').all(segment)
}
