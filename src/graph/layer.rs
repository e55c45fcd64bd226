//! A layer made of file actions, the same to the bit wherever it is made.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, File, FileAction, Output, Owner, Timestamp, Vertex};

/// Everything we write belongs to root and can be read by all.
const ROOT: Owner = Owner { uid: 0, gid: 0 };

/// The layer of `actions`, whose folders are made first.
///
/// A file put into a folder touches the folder's time. So the folders are copied
/// onto themselves at the end, from a tree of nothing else, which sets it again:
/// `fsutil/copy` does so for folders that exist already.
pub fn vertex(
    folders: &BTreeSet<String>,
    actions: Vec<FileAction>,
    timestamp: Timestamp,
) -> Vertex {
    let mkdirs = || folders.iter().map(|path| mkdir(path, timestamp));
    let skeleton = Vertex::new(File { base: None, actions: mkdirs().collect() })
        .name("[internal] folders")
        .output();
    let restore = Copy { contents_only: true, timestamp, ..Copy::new(&skeleton, "/", "/") };
    let actions =
        mkdirs().chain(actions).chain(std::iter::once(FileAction::Copy(restore))).collect();
    Vertex::new(File { base: None, actions })
}

/// Adds the folder of `path`, and the folders above it, to `folders`.
pub fn add_parents(folders: &mut BTreeSet<String>, path: &str) {
    for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
        folders.insert(path[..at].to_owned());
    }
}

/// Adds `folder` and the folders above it to `folders`.
pub fn add_folder(folders: &mut BTreeSet<String>, folder: &str) {
    add_parents(folders, &format!("{folder}/"));
}

/// A file with the bytes `data`, readable by all.
pub fn mkfile(path: &str, data: &str, timestamp: Timestamp) -> FileAction {
    FileAction::Mkfile {
        path: path.into(),
        mode: 0o644,
        data: data.as_bytes().to_vec(),
        owner: Some(ROOT),
        timestamp,
    }
}

/// A symbolic link at `path`.
pub fn symlink(path: &str, target: &str, timestamp: Timestamp) -> FileAction {
    FileAction::Symlink { target: target.into(), path: path.into(), owner: Some(ROOT), timestamp }
}

fn mkdir(path: &str, timestamp: Timestamp) -> FileAction {
    FileAction::Mkdir {
        path: path.into(),
        mode: 0o755,
        parents: false,
        owner: Some(ROOT),
        timestamp,
    }
}

/// Nothing at all: the empty file system.
pub fn empty() -> Output {
    // An op needs an action, and the root is there already.
    Vertex::new(File::on_scratch(vec![mkdir("/", Timestamp::Seconds(0))])).output()
}
