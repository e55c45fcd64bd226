//! What a process sees in its file system.

use buildkit_proto::pb;

use crate::{
    file::Owner,
    op::{NONE, Needs},
    vertex::Output,
};

/// Whom secrets and sockets belong to, if nobody says.
const ROOT: Owner = Owner { uid: 0, gid: 0 };

/// Something in the process's file system.
///
/// ```
/// use buildkit_llb::{Exec, Image, Mount, Sharing, Vertex};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// let exec = Exec {
///     args: vec!["apt-get".into(), "update".into()],
///     mounts: vec![
///         Mount::writable("/", &base),
///         Mount::cache("/var/cache/apt", "apt", Sharing::Locked),
///     ],
///     ..Exec::default()
/// };
/// // Only the writable tree is an output.
/// assert_eq!(Vertex::new(exec).outputs().len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where the process sees it.
    pub target: String,
    /// What it is.
    pub kind: MountKind,
}

/// What a mount is.
///
/// ```
/// use buildkit_llb::{Mount, MountKind};
///
/// let mount = Mount::tmpfs("/tmp", Some(1 << 20));
/// assert!(matches!(mount.kind, MountKind::Tmpfs { size: Some(1_048_576) }));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MountKind {
    /// A tree.
    Bind {
        /// The tree; none is the empty one.
        from: Option<Output>,
        /// The part of the tree that is seen; empty for all of it.
        selector: String,
        /// Whether it can't be changed. If it can, it is an output.
        readonly: bool,
        /// Whether the daemon need not look for a result by the tree's content.
        only_by_definition: bool,
        /// Whether nobody wants what becomes of it, where it can be changed.
        discarded: bool,
    },
    /// A tree that outlives the build.
    Cache {
        /// Mounts of one id share one tree.
        id: String,
        /// What happens when two use it at once.
        sharing: Sharing,
        /// What is in it when it is new; none is the empty tree.
        from: Option<Output>,
        /// The part of that; empty for all of it.
        selector: String,
    },
    /// A secret as a file.
    Secret {
        /// The secret's id.
        id: String,
        /// The file's mode.
        mode: u32,
        /// The file's owner.
        owner: Owner,
        /// Whether the build goes on without it; then there is no file.
        optional: bool,
    },
    /// The socket of an SSH agent of the client's.
    Ssh {
        /// The agent's id; empty for `default`.
        id: String,
        /// The socket's mode.
        mode: u32,
        /// The socket's owner.
        owner: Owner,
        /// Whether the build goes on without it; then there is no socket.
        optional: bool,
    },
    /// A tree in memory.
    Tmpfs {
        /// How many bytes it may hold.
        size: Option<u64>,
    },
}

/// What happens when two processes use one cache at the same time.
///
/// ```
/// use buildkit_llb::{Mount, Sharing};
///
/// let mount = Mount::cache("/root/.cache", "cache", Sharing::Private);
/// assert_eq!(Sharing::default(), Sharing::Shared);
/// # assert_eq!(mount.target, "/root/.cache");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sharing {
    /// Both use it.
    #[default]
    Shared,
    /// The second gets a new one.
    Private,
    /// The second waits.
    Locked,
}

impl Mount {
    /// The tree `from`, unchangeable.
    ///
    /// ```
    /// use buildkit_llb::{Exec, Image, Mount, Vertex};
    ///
    /// let tree = Vertex::new(Image::new("docker.io/library/debian:12")).output();
    /// let mounts = vec![Mount::scratch("/out"), Mount::readonly("/in", &tree)];
    /// assert_eq!(Vertex::new(Exec { mounts, ..Exec::default() }).outputs().len(), 1);
    /// ```
    pub fn readonly(target: impl Into<String>, from: &Output) -> Self {
        Self::readonly_path(target, from, "")
    }

    /// The part `selector` of the tree `from`, unchangeable.
    ///
    /// ```
    /// use buildkit_llb::{Exec, Image, Mount, Vertex};
    ///
    /// let tree = Vertex::new(Image::new("docker.io/library/debian:12")).output();
    /// let mounts = vec![Mount::scratch("/out"), Mount::readonly_path("/in", &tree, "/etc")];
    /// assert_eq!(Vertex::new(Exec { mounts, ..Exec::default() }).outputs().len(), 1);
    /// ```
    pub fn readonly_path(
        target: impl Into<String>,
        from: &Output,
        selector: impl Into<String>,
    ) -> Self {
        Self::bind(target, Some(from), selector, true)
    }

    /// The mount, of whose tree the daemon computes no digest: a result is found only by the
    /// definition of the exec and of what it needs. Otherwise, of an exec not known by its
    /// definition, every such tree but `/` is fetched and hashed, since the same content may
    /// have been there before. (`MountContentCache_OFF`, solver/llbsolver/ops/exec.go)
    #[must_use]
    pub fn only_by_definition(mut self) -> Self {
        if let MountKind::Bind { only_by_definition, .. } = &mut self.kind {
            *only_by_definition = true;
        }
        self
    }

    /// The tree `from`; what becomes of it is an output.
    ///
    /// ```
    /// use buildkit_llb::{Exec, Image, Mount, Vertex};
    ///
    /// let tree = Vertex::new(Image::new("docker.io/library/debian:12")).output();
    /// let mounts = vec![Mount::scratch("/out"), Mount::writable("/", &tree)];
    /// assert_eq!(Vertex::new(Exec { mounts, ..Exec::default() }).outputs().len(), 2);
    /// ```
    pub fn writable(target: impl Into<String>, from: &Output) -> Self {
        Self::writable_path(target, from, "")
    }

    /// The part `selector` of the tree `from`; what becomes of the whole tree is an output.
    ///
    /// ```
    /// use buildkit_llb::{Exec, Image, Mount, Vertex};
    ///
    /// let tree = Vertex::new(Image::new("docker.io/library/debian:12")).output();
    /// let mounts = vec![Mount::scratch("/out"), Mount::writable_path("/data", &tree, "/srv")];
    /// assert_eq!(Vertex::new(Exec { mounts, ..Exec::default() }).outputs().len(), 2);
    /// ```
    pub fn writable_path(
        target: impl Into<String>,
        from: &Output,
        selector: impl Into<String>,
    ) -> Self {
        Self::bind(target, Some(from), selector, false)
    }

    /// An empty tree; what is written there is an output.
    ///
    /// ```
    /// use buildkit_llb::{Mount, MountKind};
    ///
    /// let mount = Mount::scratch("/out");
    /// assert!(matches!(mount.kind, MountKind::Bind { from: None, readonly: false, .. }));
    /// ```
    pub fn scratch(target: impl Into<String>) -> Self {
        Self::bind(target, None, "", false)
    }

    /// A tree that outlives the build.
    ///
    /// ```
    /// use buildkit_llb::{Mount, MountKind, Sharing};
    ///
    /// let mount = Mount::cache("/root/.cache", "cache", Sharing::Locked);
    /// assert!(matches!(mount.kind, MountKind::Cache { sharing: Sharing::Locked, .. }));
    /// ```
    pub fn cache(target: impl Into<String>, id: impl Into<String>, sharing: Sharing) -> Self {
        let kind = MountKind::Cache { id: id.into(), sharing, from: None, selector: String::new() };
        Self { target: target.into(), kind }
    }

    /// The cache mount, which begins as the part `selector` of the tree `from`.
    #[must_use]
    pub fn starting_as(mut self, from: &Output, selector: impl Into<String>) -> Self {
        if let MountKind::Cache { from: tree, selector: part, .. } = &mut self.kind {
            *tree = Some(from.clone());
            *part = selector.into();
        }
        self
    }

    /// The writable mount, of which nobody wants what becomes of it: it is no output.
    #[must_use]
    pub fn discarded(mut self) -> Self {
        if let MountKind::Bind { discarded, .. } = &mut self.kind {
            *discarded = true;
        }
        self
    }

    /// The secret or socket, which belongs to `owner` instead of root.
    #[must_use]
    pub fn owned_by(mut self, to: Owner) -> Self {
        if let MountKind::Secret { owner, .. } | MountKind::Ssh { owner, .. } = &mut self.kind {
            *owner = to;
        }
        self
    }

    /// The socket of the client's SSH agent `id`, at `target`. Where the exec sets no
    /// `SSH_AUTH_SOCK`, the first of its sockets is that.
    ///
    /// ```
    /// use buildkit_llb::{Mount, MountKind};
    ///
    /// let mount = Mount::ssh("/run/agent", "default", 0o600, false);
    /// assert!(matches!(mount.kind, MountKind::Ssh { mode: 0o600, optional: false, .. }));
    /// ```
    pub fn ssh(
        target: impl Into<String>,
        id: impl Into<String>,
        mode: u32,
        optional: bool,
    ) -> Self {
        let kind = MountKind::Ssh { id: id.into(), mode, owner: ROOT, optional };
        Self { target: target.into(), kind }
    }

    /// A secret as a file.
    ///
    /// ```
    /// use buildkit_llb::{Mount, MountKind};
    ///
    /// let mount = Mount::secret("/run/secrets/token", "token", 0o400, true);
    /// assert!(matches!(mount.kind, MountKind::Secret { optional: true, .. }));
    /// ```
    pub fn secret(
        target: impl Into<String>,
        id: impl Into<String>,
        mode: u32,
        optional: bool,
    ) -> Self {
        let kind = MountKind::Secret { id: id.into(), mode, owner: ROOT, optional };
        Self { target: target.into(), kind }
    }

    /// A tree in memory of at most `size` bytes.
    ///
    /// ```
    /// use buildkit_llb::{Mount, MountKind};
    ///
    /// let mount = Mount::tmpfs("/tmp", None);
    /// assert!(matches!(mount.kind, MountKind::Tmpfs { size: None }));
    /// ```
    pub fn tmpfs(target: impl Into<String>, size: Option<u64>) -> Self {
        Self { target: target.into(), kind: MountKind::Tmpfs { size } }
    }

    fn bind(
        target: impl Into<String>,
        from: Option<&Output>,
        selector: impl Into<String>,
        readonly: bool,
    ) -> Self {
        let (from, selector) = (from.cloned(), selector.into());
        let kind = MountKind::Bind {
            from,
            selector,
            readonly,
            only_by_definition: false,
            discarded: false,
        };
        Self { target: target.into(), kind }
    }

    /// Whether what becomes of it is an output of the exec.
    pub(crate) fn is_output(&self) -> bool {
        matches!(self.kind, MountKind::Bind { readonly: false, discarded: false, .. })
    }

    /// The mount, as output `output` or [`NONE`].
    pub(crate) fn encode(&self, output: i64, needs: &mut Needs) -> pb::Mount {
        let mut mount = pb::Mount { input: NONE, output, ..pb::Mount::default() };
        mount.dest.clone_from(&self.target);
        match &self.kind {
            MountKind::Bind { from, selector, readonly, only_by_definition, discarded } => {
                if *discarded && !readonly {
                    needs.cap("exec.mount.bind.readwrite-nooutput");
                }
                if let Some(from) = from {
                    needs.cap("exec.mount.bind");
                    mount.input = needs.input(from);
                }
                if !selector.is_empty() {
                    needs.cap("exec.mount.selector");
                }
                mount.selector.clone_from(selector);
                mount.readonly = *readonly;
                if *only_by_definition {
                    needs.cap("exec.mount.cache.content");
                    mount.set_content_cache(pb::MountContentCache::Off);
                }
            }
            MountKind::Cache { id, sharing, from, selector } => {
                if let Some(from) = from {
                    mount.input = needs.input(from);
                }
                if !selector.is_empty() {
                    needs.cap("exec.mount.selector");
                }
                mount.selector.clone_from(selector);
                needs.cap("exec.mount.cache");
                needs.cap("exec.mount.cache.sharing");
                mount.set_mount_type(pb::MountType::Cache);
                let sharing = match sharing {
                    Sharing::Shared => pb::CacheSharingOpt::Shared,
                    Sharing::Private => pb::CacheSharingOpt::Private,
                    Sharing::Locked => pb::CacheSharingOpt::Locked,
                };
                mount.cache_opt = Some(pb::CacheOpt { id: id.clone(), sharing: sharing.into() });
            }
            MountKind::Secret { id, mode, owner, optional } => {
                needs.cap("exec.mount.secret");
                mount.output = 0; // as client/llb/exec.go; no output comes of it
                mount.set_mount_type(pb::MountType::Secret);
                let Owner { uid, gid } = *owner;
                let (id, mode, optional) = (id.clone(), *mode, *optional);
                mount.secret_opt = Some(pb::SecretOpt { id, uid, gid, mode, optional });
            }
            MountKind::Ssh { id, mode, owner, optional } => {
                needs.cap("exec.mount.ssh");
                mount.output = 0; // as client/llb/exec.go; no output comes of it
                mount.set_mount_type(pb::MountType::Ssh);
                let Owner { uid, gid } = *owner;
                let (id, mode, optional) = (id.clone(), *mode, *optional);
                mount.ssh_opt = Some(pb::SshOpt { id, uid, gid, mode, optional });
            }
            MountKind::Tmpfs { size } => {
                needs.cap("exec.mount.tmpfs");
                if size.is_some() {
                    needs.cap("exec.mount.tmpfs.size");
                }
                mount.set_mount_type(pb::MountType::Tmpfs);
                let size = i64::try_from(size.unwrap_or_default()).unwrap_or(i64::MAX);
                mount.tmpfs_opt = Some(pb::TmpfsOpt { size });
            }
        }
        mount
    }
}
