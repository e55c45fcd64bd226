//! What all downloads have in common, whoever names them: files pinned by their digest.

use crate::values::digest::Digest;

use std::collections::BTreeMap;

use buildkit_llb::{Copy, File, FileAction, Http, Output, Timestamp, Vertex};

/// The name of a downloaded file in its source. It enters the cache key, so it
/// is the same for all: renaming a file in its repository costs no download.
pub const BLOB: &str = "blob";

/// The mode of every file that is fetched: readable by all.
pub const FILE_MODE: u32 = 0o644;

/// How often the download of a file has failed in this build, by digest.
///
/// A failed download stays failed for the rest of a build under its cache key,
/// which holds the file name: so another attempt has another name.
#[derive(Clone, Debug, Default)]
pub struct Attempts(BTreeMap<Digest, u32>);

impl Attempts {
    /// How often the file of `digest` has failed.
    pub fn of(&self, digest: &Digest) -> u32 {
        self.0.get(digest).copied().unwrap_or_default()
    }

    /// From now on, the file of `digest` is asked for under the name of this attempt.
    pub fn set(&mut self, digest: Digest, attempt: u32) {
        self.0.insert(digest, attempt);
    }
}

/// The name under which an attempt is fetched; 0 is the first.
pub fn attempt_name(attempt: u32) -> String {
    if attempt == 0 { BLOB.into() } else { format!("{BLOB}.{attempt}") }
}

/// An http source as all our downloads are: same name, readable by all.
pub fn blob(url: String) -> Http {
    Http { url, filename: BLOB.into(), mode: Some(FILE_MODE), ..Http::default() }
}

/// The same, pinned: what comes must have `digest`.
pub fn pinned(url: String, digest: &Digest, attempts: &Attempts) -> Http {
    let filename = attempt_name(attempts.of(digest));
    Http { checksum: Some(digest.to_string()), filename, ..blob(url) }
}

/// What was downloaded, copied to `/name`: a registry's cache holds copies but no downloads, so that
/// a builder that has no more than that fetches only what changed. `kind` is the first word of its
/// progress.
pub fn kept(
    (output, path): (Output, String),
    name: &str,
    kind: &str,
    timestamp: Timestamp,
) -> Output {
    let copy = Copy::new(&output, path, format!("/{name}"));
    let copy = Copy { mode: Some(FILE_MODE), timestamp, ..copy };
    Vertex::new(File::on_scratch(vec![FileAction::Copy(copy)]))
        .name(format!("[{kind}] keep {name}"))
        .output()
}
