//! Changes to a tree that need no process.

use buildkit_proto::pb::{self, file_action::Action, user_opt::User};

use crate::{
    op::{NONE, Needs, as_index},
    vertex::Output,
};

/// A list of changes, each to the result of the one before. The last result is the output.
///
/// ```
/// use buildkit_llb::{Copy, File, Image, Local, Vertex};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// let context = Vertex::new(Local::new("context")).output();
/// let layer = Vertex::new(File::on(&base, vec![Copy::new(&context, "/app", "/app").into()])).output();
/// assert_eq!(layer.index(), 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The changes, in order.
    pub actions: Vec<FileAction>,
    /// The tree that the first one changes; none is the empty one.
    pub base: Option<Output>,
}

/// One change. Paths are absolute in their tree.
///
/// ```
/// use buildkit_llb::{File, FileAction, Timestamp, Vertex, marshal, text};
///
/// let hello = FileAction::Mkfile {
///     path: "/hello".into(),
///     mode: 0o644,
///     data: b"Hello!".to_vec(),
///     owner: None,
///     timestamp: Timestamp::Seconds(0),
/// };
/// let tree = Vertex::new(File::on_scratch(vec![hello])).output();
/// assert!(text(&marshal(&tree, &[]))?.contains("mkfile /hello 0644 @0 \"Hello!\""));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FileAction {
    /// Copies files.
    Copy(Copy),
    /// Makes a directory; one that exists is left as it is.
    Mkdir {
        /// Where.
        path: String,
        /// Its mode.
        mode: u32,
        /// Whether missing parents are made too.
        parents: bool,
        /// Its owner; 0:0 by default.
        owner: Option<Chown>,
        /// Its time.
        timestamp: Timestamp,
    },
    /// Writes a file whose parent exists.
    Mkfile {
        /// Where.
        path: String,
        /// Its mode.
        mode: u32,
        /// What is in it.
        data: Vec<u8>,
        /// Its owner; 0:0 by default.
        owner: Option<Chown>,
        /// Its time.
        timestamp: Timestamp,
    },
    /// Makes a symbolic link whose parent exists.
    Symlink {
        /// What it says.
        target: String,
        /// Where it is.
        path: String,
        /// Its owner; 0:0 by default.
        owner: Option<Chown>,
        /// Its time.
        timestamp: Timestamp,
    },
    /// Removes a path and what is under it.
    Rm {
        /// What.
        path: String,
        /// Whether nothing to remove is fine.
        allow_not_found: bool,
        /// Whether `path` is a pattern.
        wildcard: bool,
    },
}

/// Files to copy from one tree into another.
///
/// ```
/// use buildkit_llb::{Copy, FileAction, Local, Vertex};
///
/// let context = Vertex::new(Local::new("context")).output();
/// let copy = Copy { create_parents: true, mode: Some(0o755), ..Copy::new(&context, "/run", "/bin/run") };
/// let action = FileAction::from(copy);
/// # assert!(matches!(action, FileAction::Copy(_)));
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are the op's own, each a fact")]
pub struct Copy {
    /// The tree they are in.
    pub from: Output,
    /// What to copy.
    pub source: String,
    /// Where to; ending in `/`, into that directory.
    pub target: String,
    /// Their new owner; none keeps it.
    pub owner: Option<Chown>,
    /// Their new mode; none keeps it. It is given to created parents too, so
    /// a file's mode is better set where the file comes from.
    pub mode: Option<u32>,
    /// Changes to the mode that each has, as chmod(1) reads them: `u=rwX,go=rX`.
    /// It comes before `mode`; a daemon older than 0.17 doesn't see it.
    pub mode_changes: Option<String>,
    /// Their time, and that of created parents.
    pub timestamp: Timestamp,
    /// Whether a file that is a tar archive, compressed or not, is unpacked into
    /// the target. Its files keep their modes and times.
    pub unpack: bool,
    /// Whether missing parents of the target are made.
    pub create_parents: bool,
    /// Whether of a directory only what is in it is copied.
    pub contents_only: bool,
    /// Whether a link is copied as what it points to.
    pub follow_symlinks: bool,
    /// Whether the source is a pattern.
    pub wildcard: bool,
    /// Whether a pattern that fits nothing is fine.
    pub allow_empty_wildcard: bool,
    /// Patterns of what to copy; all by default.
    pub include: Vec<String>,
    /// Patterns of what not to copy.
    pub exclude: Vec<String>,
    /// Paths that must be there.
    pub required: Vec<String>,
    /// Whether what is in the way, as a folder where a file goes, is replaced.
    pub replace: bool,
}

/// Numeric owner and group.
///
/// ```
/// use buildkit_llb::{Chown, Owner};
///
/// let owner = Owner { uid: 1000, gid: 1000 };
/// assert_eq!(Chown::from(owner), Chown::To(owner));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// Whom files are given to.
///
/// ```
/// use buildkit_llb::{Chown, Copy, Id, Local, Vertex};
///
/// let context = Vertex::new(Local::new("context")).output();
/// let owner = Chown::Named { user: Id::Name("app".into()), group: None };
/// let copy = Copy { owner: Some(owner), ..Copy::new(&context, "/app", "/app") };
/// # assert!(copy.owner.is_some());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chown {
    /// By numbers.
    To(Owner),
    /// By names of the tree that the list of changes begins with.
    Named {
        /// The user.
        user: Id,
        /// The group; the user's own by default.
        group: Option<Id>,
    },
}

/// A user or group, as a Dockerfile's `--chown` names it.
///
/// ```
/// use buildkit_llb::{Chown, Id};
///
/// let chown = Chown::Named { user: Id::Name("app".into()), group: Some(Id::Number(0)) };
/// # assert!(matches!(chown, Chown::Named { .. }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    /// By number.
    Number(u32),
    /// By a name of that tree's `/etc/passwd` or `/etc/group`.
    Name(String),
}

/// The time that a file is given.
///
/// ```
/// use buildkit_llb::Timestamp;
///
/// assert_eq!(Timestamp::default(), Timestamp::Keep);
/// assert_ne!(Timestamp::Seconds(0), Timestamp::Keep);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timestamp {
    /// The one it has; what is made new gets the time of the build.
    #[default]
    Keep,
    /// Seconds since 1970.
    Seconds(i64),
}

impl Timestamp {
    /// Nanoseconds; -1 keeps.
    fn encode(self) -> i64 {
        match self {
            Self::Keep => -1,
            Self::Seconds(seconds) => seconds.saturating_mul(1_000_000_000),
        }
    }
}

impl From<Owner> for Chown {
    fn from(owner: Owner) -> Self {
        Self::To(owner)
    }
}

impl Chown {
    /// Names are those of the tree `base`.
    fn encode(&self, base: i64) -> pb::ChownOpt {
        let id = |id: &Id| match id {
            Id::Number(number) => pb::UserOpt { user: Some(User::ById(*number)) },
            Id::Name(name) => {
                let named = pb::NamedUserOpt { name: name.clone(), input: base };
                pb::UserOpt { user: Some(User::ByName(named)) }
            }
        };
        match self {
            Self::To(Owner { uid, gid }) => pb::ChownOpt {
                user: Some(id(&Id::Number(*uid))),
                group: Some(id(&Id::Number(*gid))),
            },
            Self::Named { user, group } => {
                pb::ChownOpt { user: Some(id(user)), group: group.as_ref().map(id) }
            }
        }
    }
}

impl File {
    /// Changes to the empty tree.
    ///
    /// ```
    /// use buildkit_llb::{File, FileAction};
    ///
    /// let rm = FileAction::Rm { path: "/tmp".into(), allow_not_found: true, wildcard: false };
    /// assert!(File::on_scratch(vec![rm]).base.is_none());
    /// ```
    pub fn on_scratch(actions: Vec<FileAction>) -> Self {
        Self { actions, base: None }
    }

    /// Changes to `base`.
    ///
    /// ```
    /// use buildkit_llb::{File, FileAction, Image, Vertex};
    ///
    /// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
    /// let rm = FileAction::Rm { path: "/tmp/*".into(), allow_not_found: true, wildcard: true };
    /// assert!(File::on(&base, vec![rm]).base.is_some());
    /// ```
    pub fn on(base: &Output, actions: Vec<FileAction>) -> Self {
        Self { actions, base: Some(base.clone()) }
    }

    /// The op.
    pub(crate) fn encode(&self, needs: &mut Needs) -> pb::FileOp {
        needs.cap("file.base");
        let base = self.base.as_ref().map_or(NONE, |base| needs.input(base));
        // Results are counted after all inputs, so those must be known first.
        let sources: Vec<i64> = self.actions.iter().map(|action| action.source(needs)).collect();
        let inputs = needs.input_count();
        let last = self.actions.len().saturating_sub(1);
        let chain = self.actions.iter().zip(sources).enumerate().map(|(i, (action, source))| {
            let input = if i == 0 { base } else { as_index(inputs + i - 1) };
            let output = if i == last { 0 } else { NONE };
            // Names are those of the tree that the list begins with, as in Go's client.
            let action = Some(action.encode(base, needs));
            pb::FileAction { input, secondary_input: source, output, action }
        });
        pb::FileOp { actions: chain.collect() }
    }
}

impl FileAction {
    /// The index of the tree that is copied from.
    fn source(&self, needs: &mut Needs) -> i64 {
        match self {
            Self::Copy(copy) => needs.input(&copy.from),
            _ => NONE,
        }
    }

    /// The action, which changes the tree `base`.
    fn encode(&self, base: i64, needs: &mut Needs) -> Action {
        match self {
            Self::Copy(copy) => Action::Copy(copy.encode(base, needs)),
            Self::Mkdir { path, mode, parents, owner, timestamp } => {
                let mkdir = pb::FileActionMkDir {
                    path: path.clone(),
                    mode: mode_bits(*mode),
                    make_parents: *parents,
                    owner: owner.as_ref().map(|owner| owner.encode(base)),
                    timestamp: timestamp.encode(),
                };
                Action::Mkdir(mkdir)
            }
            Self::Mkfile { path, mode, data, owner, timestamp } => {
                let mkfile = pb::FileActionMkFile {
                    path: path.clone(),
                    mode: mode_bits(*mode),
                    data: data.clone(),
                    owner: owner.as_ref().map(|owner| owner.encode(base)),
                    timestamp: timestamp.encode(),
                };
                Action::Mkfile(mkfile)
            }
            Self::Symlink { target, path, owner, timestamp } => {
                needs.cap("file.symlink.create");
                let symlink = pb::FileActionSymlink {
                    oldpath: target.clone(),
                    newpath: path.clone(),
                    owner: owner.as_ref().map(|owner| owner.encode(base)),
                    timestamp: timestamp.encode(),
                };
                Action::Symlink(symlink)
            }
            Self::Rm { path, allow_not_found, wildcard } => {
                let rm = pb::FileActionRm {
                    path: path.clone(),
                    allow_not_found: *allow_not_found,
                    allow_wildcard: *wildcard,
                };
                Action::Rm(rm)
            }
        }
    }
}

impl Copy {
    /// Copies `source` of the tree `from` to `target`, all else as by default.
    ///
    /// ```
    /// use buildkit_llb::{Copy, Local, Vertex};
    ///
    /// let context = Vertex::new(Local::new("context")).output();
    /// assert_eq!(Copy::new(&context, "/a", "/b/").mode, None);
    /// ```
    pub fn new(from: &Output, source: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            from: from.clone(),
            source: source.into(),
            target: target.into(),
            owner: None,
            mode: None,
            mode_changes: None,
            timestamp: Timestamp::Keep,
            unpack: false,
            create_parents: false,
            contents_only: false,
            follow_symlinks: false,
            wildcard: false,
            allow_empty_wildcard: false,
            include: Vec::new(),
            exclude: Vec::new(),
            required: Vec::new(),
            replace: false,
        }
    }

    fn encode(&self, base: i64, needs: &mut Needs) -> pb::FileActionCopy {
        if !self.include.is_empty() || !self.exclude.is_empty() {
            needs.cap("file.copy.includeexcludepatterns");
        }
        if !self.required.is_empty() {
            needs.cap("file.copy.requiredpaths");
        }
        if self.replace {
            needs.cap("file.copy.alwaysreplaceexistingdestpaths");
        }
        pb::FileActionCopy {
            src: self.source.clone(),
            dest: self.target.clone(),
            owner: self.owner.as_ref().map(|owner| owner.encode(base)),
            // Go's client writes 0 beside changes, which a daemon that doesn't know
            // them would take for the mode. The capability that it asks for is one
            // that no daemon lists.
            mode: self.mode.map_or(-1, mode_bits),
            mode_str: self.mode_changes.clone().unwrap_or_default(),
            follow_symlink: self.follow_symlinks,
            dir_copy_contents: self.contents_only,
            attempt_unpack_docker_compatibility: self.unpack,
            create_dest_path: self.create_parents,
            allow_wildcard: self.wildcard,
            allow_empty_wildcard: self.allow_empty_wildcard,
            timestamp: self.timestamp.encode(),
            include_patterns: self.include.clone(),
            exclude_patterns: self.exclude.clone(),
            required_paths: self.required.clone(),
            always_replace_existing_dest_paths: self.replace,
        }
    }
}

impl From<Copy> for FileAction {
    fn from(copy: Copy) -> Self {
        Self::Copy(copy)
    }
}

/// A mode is twelve bits; the wire's field is signed for its -1.
fn mode_bits(mode: u32) -> i32 {
    i32::try_from(mode & 0o7777).expect("twelve bits fit")
}
