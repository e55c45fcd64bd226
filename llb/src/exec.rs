//! Processes and what they see.

use std::collections::BTreeMap;

use buildkit_proto::pb;

use crate::{
    op::{NONE, Needs, as_index},
    vertex::Output,
};

/// A process. It needs a mount at `/`; each writable mount becomes an output.
#[derive(Clone, Debug, Default)]
pub struct Exec {
    /// The program and its arguments.
    pub args: Vec<String>,
    /// Variables; without `PATH` the daemon adds the usual one.
    pub env: Vec<(String, String)>,
    /// Where it starts; `/` when empty.
    pub cwd: String,
    /// Who runs it, as in a Dockerfile's `USER`; root by default.
    pub user: Option<String>,
    /// What it can reach.
    pub network: Network,
    /// What it may do.
    pub security: Security,
    /// Its file system.
    pub mounts: Vec<Mount>,
    /// Host names and their addresses.
    pub extra_hosts: Vec<(String, String)>,
    /// Its host name.
    pub hostname: Option<String>,
    /// Its resource limits.
    pub ulimits: Vec<Ulimit>,
    /// The cgroup that it runs in.
    pub cgroup_parent: Option<String>,
    /// Proxies, which are no part of the cache key.
    pub proxy: Option<ProxyEnv>,
    /// Secrets as variables.
    pub secret_env: Vec<SecretEnv>,
}

/// What a process can reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// What the daemon gives a build.
    #[default]
    Sandbox,
    /// The host's network; needs an entitlement.
    Host,
    /// Nothing.
    None,
}

/// What a process may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Security {
    /// What a container may.
    #[default]
    Sandbox,
    /// What root may; needs an entitlement.
    Insecure,
}

/// A resource limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ulimit {
    /// `nofile`, `nproc` and so on.
    pub name: String,
    /// The limit that holds.
    pub soft: i64,
    /// The limit that the process may go to.
    pub hard: i64,
}

/// Proxies by protocol; empty means none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyEnv {
    /// `HTTP_PROXY`.
    pub http: String,
    /// `HTTPS_PROXY`.
    pub https: String,
    /// `FTP_PROXY`.
    pub ftp: String,
    /// `NO_PROXY`.
    pub no: String,
    /// `ALL_PROXY`.
    pub all: String,
}

/// A secret as a variable. One that is optional and missing is set to the
/// empty string.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretEnv {
    /// The secret's id.
    pub id: String,
    /// The variable.
    pub name: String,
    /// Whether the build goes on without it.
    pub optional: bool,
}

/// Something in the process's file system.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where the process sees it.
    pub target: String,
    /// What it is.
    pub kind: MountKind,
}

/// What a mount is.
#[derive(Clone, Debug)]
pub enum MountKind {
    /// A tree.
    Bind {
        /// The tree; none is the empty one.
        from: Option<Output>,
        /// The part of the tree that is seen; empty for all of it.
        selector: String,
        /// Whether it can't be changed. If it can, it is an output.
        readonly: bool,
    },
    /// A tree that outlives the build.
    Cache {
        /// Mounts of one id share one tree.
        id: String,
        /// What happens when two use it at once.
        sharing: Sharing,
    },
    /// A secret as a file of user and group 0.
    Secret {
        /// The secret's id.
        id: String,
        /// The file's mode.
        mode: u32,
        /// Whether the build goes on without it; then there is no file.
        optional: bool,
    },
    /// A tree in memory.
    Tmpfs {
        /// How many bytes it may hold.
        size: Option<u64>,
    },
}

/// What happens when two processes use one cache at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
    pub fn readonly(target: impl Into<String>, from: &Output) -> Self {
        Self::readonly_path(target, from, "")
    }

    /// The part `selector` of the tree `from`, unchangeable.
    pub fn readonly_path(
        target: impl Into<String>,
        from: &Output,
        selector: impl Into<String>,
    ) -> Self {
        Self::bind(target, Some(from), selector, true)
    }

    /// The tree `from`; what becomes of it is an output.
    pub fn writable(target: impl Into<String>, from: &Output) -> Self {
        Self::writable_path(target, from, "")
    }

    /// The part `selector` of the tree `from`; what becomes of the whole tree is an output.
    pub fn writable_path(
        target: impl Into<String>,
        from: &Output,
        selector: impl Into<String>,
    ) -> Self {
        Self::bind(target, Some(from), selector, false)
    }

    /// An empty tree; what is written there is an output.
    pub fn scratch(target: impl Into<String>) -> Self {
        Self::bind(target, None, "", false)
    }

    /// A tree that outlives the build.
    pub fn cache(target: impl Into<String>, id: impl Into<String>, sharing: Sharing) -> Self {
        Self { target: target.into(), kind: MountKind::Cache { id: id.into(), sharing } }
    }

    /// A secret as a file.
    pub fn secret(
        target: impl Into<String>,
        id: impl Into<String>,
        mode: u32,
        optional: bool,
    ) -> Self {
        let kind = MountKind::Secret { id: id.into(), mode, optional };
        Self { target: target.into(), kind }
    }

    /// A tree in memory of at most `size` bytes.
    pub fn tmpfs(target: impl Into<String>, size: Option<u64>) -> Self {
        Self { target: target.into(), kind: MountKind::Tmpfs { size } }
    }

    fn bind(
        target: impl Into<String>,
        from: Option<&Output>,
        selector: impl Into<String>,
        readonly: bool,
    ) -> Self {
        let kind = MountKind::Bind { from: from.cloned(), selector: selector.into(), readonly };
        Self { target: target.into(), kind }
    }

    fn is_output(&self) -> bool {
        matches!(self.kind, MountKind::Bind { readonly: false, .. })
    }

    fn encode(&self, output: i64, needs: &mut Needs) -> pb::Mount {
        let mut mount = pb::Mount { input: NONE, output, ..pb::Mount::default() };
        mount.dest.clone_from(&self.target);
        match &self.kind {
            MountKind::Bind { from, selector, readonly } => {
                if let Some(from) = from {
                    needs.cap("exec.mount.bind");
                    mount.input = needs.input(from);
                }
                if !selector.is_empty() {
                    needs.cap("exec.mount.selector");
                }
                mount.selector.clone_from(selector);
                mount.readonly = *readonly;
            }
            MountKind::Cache { id, sharing } => {
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
            MountKind::Secret { id, mode, optional } => {
                needs.cap("exec.mount.secret");
                mount.output = 0; // as client/llb/exec.go; no output comes of it
                mount.set_mount_type(pb::MountType::Secret);
                let (id, mode, optional) = (id.clone(), *mode, *optional);
                mount.secret_opt = Some(pb::SecretOpt { id, uid: 0, gid: 0, mode, optional });
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

impl Exec {
    /// The mounts as client/llb/exec.go has them: by target, secrets after the others.
    fn sorted_mounts(&self) -> Vec<(usize, &Mount)> {
        let mut mounts: Vec<(usize, &Mount)> = self.mounts.iter().enumerate().collect();
        let secret = |mount: &Mount| matches!(mount.kind, MountKind::Secret { .. });
        // Secrets stay in the order in which they were given.
        mounts.sort_by(|(_, a), (_, b)| {
            let by_target =
                || if secret(a) { a.target.cmp(&a.target) } else { a.target.cmp(&b.target) };
            secret(a).cmp(&secret(b)).then_with(by_target)
        });
        mounts
    }

    /// For each writable mount, as given, the index of its output: outputs are
    /// counted in the order of the mounts on the wire.
    pub fn output_indices(&self) -> Vec<i64> {
        let sorted = self.sorted_mounts();
        let outputs = sorted.iter().filter(|(_, mount)| mount.is_output());
        let by_position: BTreeMap<usize, i64> =
            outputs.enumerate().map(|(index, (given, _))| (*given, as_index(index))).collect();
        by_position.into_values().collect()
    }

    /// The op.
    pub fn encode(&self, needs: &mut Needs) -> pb::ExecOp {
        let mut next_output = 0;
        let mut mounts = Vec::with_capacity(self.mounts.len());
        for (_, mount) in self.sorted_mounts() {
            let output = if mount.is_output() { next_output } else { NONE };
            next_output += i64::from(mount.is_output());
            mounts.push(mount.encode(output, needs));
        }
        let network = match self.network {
            Network::Sandbox => pb::NetMode::Unset,
            Network::Host => pb::NetMode::Host,
            Network::None => pb::NetMode::None,
        };
        let security = match self.security {
            Security::Sandbox => pb::SecurityMode::Sandbox,
            Security::Insecure => pb::SecurityMode::Insecure,
        };
        for (needed, cap) in [
            (true, "exec.meta.base"),
            (self.network != Network::Sandbox, "exec.meta.network"),
            (self.security != Security::Sandbox, "exec.meta.security"),
            (self.proxy.is_some(), "exec.meta.proxyenv"),
            (!self.ulimits.is_empty(), "exec.meta.ulimit"),
            (self.cgroup_parent.is_some(), "exec.meta.cgroup.parent"),
            (!self.secret_env.is_empty(), "exec.secretenv"),
        ] {
            if needed {
                needs.cap(cap);
            }
        }
        pb::ExecOp {
            meta: Some(self.meta()),
            mounts,
            network: network.into(),
            security: security.into(),
            secretenv: self.secret_env.iter().map(SecretEnv::encode).collect(),
            cdi_devices: Vec::new(),
        }
    }

    fn meta(&self) -> pb::Meta {
        let cwd = if self.cwd.is_empty() { "/" } else { &self.cwd };
        let hosts = self.extra_hosts.iter().cloned();
        pb::Meta {
            args: self.args.clone(),
            env: self.env.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            cwd: cwd.to_owned(),
            user: self.user.clone().unwrap_or_default(),
            proxy_env: self.proxy.as_ref().map(ProxyEnv::encode),
            extra_hosts: hosts.map(|(host, ip)| pb::HostIp { host, ip }).collect(),
            hostname: self.hostname.clone().unwrap_or_default(),
            ulimit: self.ulimits.iter().map(Ulimit::encode).collect(),
            cgroup_parent: self.cgroup_parent.clone().unwrap_or_default(),
            // Without it the empty directories and files under mounts stay in the layer.
            remove_mount_stubs_recursive: true,
            valid_exit_codes: Vec::new(),
        }
    }
}

impl SecretEnv {
    fn encode(&self) -> pb::SecretEnv {
        let Self { id, name, optional } = self.clone();
        pb::SecretEnv { id, name, optional }
    }
}

impl ProxyEnv {
    fn encode(&self) -> pb::ProxyEnv {
        let Self { http, https, ftp, no, all } = self.clone();
        pb::ProxyEnv {
            http_proxy: http,
            https_proxy: https,
            ftp_proxy: ftp,
            no_proxy: no,
            all_proxy: all,
        }
    }
}

impl Ulimit {
    fn encode(&self) -> pb::Ulimit {
        let Self { name, soft, hard } = self.clone();
        pb::Ulimit { name, soft, hard }
    }
}
