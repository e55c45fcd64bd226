//! A layer made of file actions, the same to the bit wherever it is made.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::{Copy, File, FileAction, Output, Owner, Timestamp, Vertex};

/// Everything we write belongs to root and can be read by all.
const ROOT: Owner = Owner { uid: 0, gid: 0 };

/// Changes to a mode after which whoever runs the image can read the file, or enter the
/// folder. What can be run stays so.
pub const READABLE: &str = "u=rwX,go=rX";

/// The folders that a layer makes.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    paths: BTreeSet<String>,
    given: BTreeMap<String, Owner>,
}

impl Folders {
    /// Adds `folder` and the folders above it.
    pub fn add(&mut self, folder: &str) {
        self.add_parents(&format!("{folder}/"));
    }

    /// Adds the folder of `path`, and the folders above it.
    pub fn add_parents(&mut self, path: &str) {
        for (at, _) in path.match_indices('/').filter(|(at, _)| *at > 0) {
            self.paths.insert(path[..at].to_owned());
        }
    }

    /// Adds `folder` and the folders above it. It belongs to `owner`, with all that is in it.
    pub fn give(&mut self, folder: &str, owner: Owner) {
        self.add(folder);
        self.given.insert(folder.to_owned(), owner);
    }

    /// To whom `path` belongs.
    pub fn owner(&self, path: &str) -> Owner {
        let is_in = |folder: &str| path.strip_prefix(folder).is_some_and(is_end_of_name);
        // Of folders in each other the innermost is the last.
        let mut given = self.given.iter().rev();
        given.find(|(folder, _)| is_in(folder)).map_or(ROOT, |(_, owner)| *owner)
    }

    fn mkdirs(&self, timestamp: Timestamp) -> impl Iterator<Item = FileAction> {
        self.paths.iter().map(move |path| mkdir(path, self.owner(path), timestamp))
    }
}

fn is_end_of_name(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

/// The layer of `actions`, whose folders are made first.
///
/// A file put into a folder touches the folder's time. So the folders are copied
/// onto themselves at the end, from a tree of nothing else, which sets it again:
/// `fsutil/copy` does so for folders that exist already.
pub fn vertex(folders: &Folders, actions: Vec<FileAction>, timestamp: Timestamp) -> Vertex {
    let mkdirs = || folders.mkdirs(timestamp);
    let skeleton = Vertex::new(File { base: None, actions: mkdirs().collect() })
        .name("[internal] folders")
        .output();
    let restore = Copy { contents_only: true, timestamp, ..Copy::new(&skeleton, "/", "/") };
    let actions =
        mkdirs().chain(actions).chain(std::iter::once(FileAction::Copy(restore))).collect();
    Vertex::new(File { base: None, actions })
}

/// A file with the bytes `data`, readable by all.
pub fn mkfile(path: &str, data: &str, timestamp: Timestamp) -> FileAction {
    FileAction::Mkfile {
        path: path.into(),
        mode: 0o644,
        data: data.as_bytes().to_vec(),
        owner: Some(ROOT.into()),
        timestamp,
    }
}

/// A symbolic link at `path`.
pub fn symlink(path: &str, target: &str, timestamp: Timestamp) -> FileAction {
    FileAction::Symlink {
        target: target.into(),
        path: path.into(),
        owner: Some(ROOT.into()),
        timestamp,
    }
}

fn mkdir(path: &str, owner: Owner, timestamp: Timestamp) -> FileAction {
    FileAction::Mkdir {
        path: path.into(),
        mode: 0o755,
        parents: false,
        owner: Some(owner.into()),
        timestamp,
    }
}

/// A folder with those above it, which may be there.
pub fn mkdir_all(path: &str) -> FileAction {
    FileAction::Mkdir {
        path: path.into(),
        mode: 0o755,
        parents: true,
        owner: Some(ROOT.into()),
        timestamp: Timestamp::Seconds(0),
    }
}

/// Nothing at all: the empty file system.
pub fn empty() -> Output {
    // An op needs an action, and the root is there already.
    Vertex::new(File::on_scratch(vec![mkdir("/", ROOT, Timestamp::Seconds(0))])).output()
}
