//! Processes and what they see.

use std::collections::BTreeMap;

use buildkit_proto::pb;

use crate::{
    mount::{Mount, MountKind},
    op::{NONE, Needs, as_index},
};

/// A process. It needs a mount at `/`; each writable mount becomes an output.
///
/// ```
/// use buildkit_llb::{Exec, Image, Mount, Vertex, marshal, text};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// let exec = Exec {
///     args: vec!["touch".into(), "/done".into()],
///     mounts: vec![Mount::writable("/", &base)],
///     ..Exec::default()
/// };
/// let done = Vertex::new(exec).output();
/// assert!(text(&marshal(&done, &[]))?.contains("exec   touch /done"));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
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
    /// Devices of the host that it gets.
    pub devices: Vec<Device>,
    /// The exit codes with which it has done its work; 0 alone, if there are none.
    pub valid_exit_codes: Vec<i32>,
}

/// What a process can reach.
///
/// ```
/// use buildkit_llb::{Exec, Network};
///
/// let exec = Exec { network: Network::None, ..Exec::default() };
/// assert_eq!(Network::default(), Network::Sandbox);
/// # assert_eq!(exec.network, Network::None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
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
///
/// ```
/// use buildkit_llb::{Exec, Security};
///
/// let exec = Exec { security: Security::Insecure, ..Exec::default() };
/// assert_eq!(Security::default(), Security::Sandbox);
/// # assert_eq!(exec.security, Security::Insecure);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Security {
    /// What a container may.
    #[default]
    Sandbox,
    /// What root may; needs an entitlement.
    Insecure,
}

/// A resource limit.
///
/// ```
/// use buildkit_llb::{Exec, Ulimit};
///
/// let files = Ulimit { name: "nofile".into(), soft: 1024, hard: 4096 };
/// let exec = Exec { ulimits: vec![files], ..Exec::default() };
/// # assert_eq!(exec.ulimits[0].hard, 4096);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ulimit {
    /// `nofile`, `nproc` and so on.
    pub name: String,
    /// The limit that holds.
    pub soft: i64,
    /// The limit that the process may go to.
    pub hard: i64,
}

/// A device of the host, as the Container Device Interface (CDI) names it; needs an entitlement.
///
/// ```
/// use buildkit_llb::{Device, Exec};
///
/// let gpu = Device { name: "nvidia.com/gpu=all".into(), optional: true };
/// let exec = Exec { devices: vec![gpu], ..Exec::default() };
/// # assert!(exec.devices[0].optional);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// `vendor.example.com/class=name`, or without `=name` for any of the class.
    pub name: String,
    /// Whether the build goes on without it.
    pub optional: bool,
}

/// Proxies by protocol; empty means none.
///
/// ```
/// use buildkit_llb::{Exec, ProxyEnv};
///
/// let proxy = ProxyEnv { https: "http://proxy.example.com:3128".into(), ..ProxyEnv::default() };
/// let exec = Exec { proxy: Some(proxy), ..Exec::default() };
/// # assert!(exec.proxy.is_some_and(|proxy| proxy.http.is_empty()));
/// ```
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
///
/// ```
/// use buildkit_llb::{Exec, SecretEnv};
///
/// let token = SecretEnv { id: "token".into(), name: "TOKEN".into(), optional: false };
/// let exec = Exec { secret_env: vec![token], ..Exec::default() };
/// # assert_eq!(exec.secret_env[0].name, "TOKEN");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretEnv {
    /// The secret's id.
    pub id: String,
    /// The variable.
    pub name: String,
    /// Whether the build goes on without it.
    pub optional: bool,
}

impl Exec {
    /// The mounts as client/llb/exec.go has them: by target, then secrets, then sockets.
    fn sorted_mounts(&self) -> Vec<(usize, &Mount)> {
        let mut mounts: Vec<(usize, &Mount)> = self.mounts.iter().enumerate().collect();
        // Secrets and sockets stay in the order in which they were given.
        mounts.sort_by_key(|(_, mount)| match mount.kind {
            MountKind::Secret { .. } => (1, ""),
            MountKind::Ssh { .. } => (2, ""),
            _ => (0, mount.target.as_str()),
        });
        mounts
    }

    /// For each writable mount, as given, the index of its output: outputs are
    /// counted in the order of the mounts on the wire.
    pub(crate) fn output_indices(&self) -> Vec<i64> {
        let sorted = self.sorted_mounts();
        let outputs = sorted.iter().filter(|(_, mount)| mount.is_output());
        let by_position: BTreeMap<usize, i64> =
            outputs.enumerate().map(|(index, (given, _))| (*given, as_index(index))).collect();
        by_position.into_values().collect()
    }

    /// The op.
    pub(crate) fn encode(&self, needs: &mut Needs) -> pb::ExecOp {
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
            (!self.devices.is_empty(), "exec.meta.cdi"),
            (!self.valid_exit_codes.is_empty(), "exec.validexitcode"),
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
            cdi_devices: self.devices.iter().map(Device::encode).collect(),
        }
    }

    /// The variable by which programs find the first SSH socket.
    fn agent(&self) -> Option<(String, String)> {
        const NAME: &str = "SSH_AUTH_SOCK";
        let is_set = self.env.iter().any(|(name, _)| name == NAME);
        let mut sockets = self.mounts.iter();
        let first = sockets.find(|mount| matches!(mount.kind, MountKind::Ssh { .. }))?;
        (!is_set).then(|| (NAME.to_owned(), first.target.clone()))
    }

    fn meta(&self) -> pb::Meta {
        let cwd = if self.cwd.is_empty() { "/" } else { &self.cwd };
        let hosts = self.extra_hosts.iter().cloned();
        pb::Meta {
            args: self.args.clone(),
            env: self.env.iter().chain(&self.agent()).map(|(n, v)| format!("{n}={v}")).collect(),
            cwd: cwd.to_owned(),
            user: self.user.clone().unwrap_or_default(),
            proxy_env: self.proxy.as_ref().map(ProxyEnv::encode),
            extra_hosts: hosts.map(|(host, ip)| pb::HostIp { host, ip }).collect(),
            hostname: self.hostname.clone().unwrap_or_default(),
            ulimit: self.ulimits.iter().map(Ulimit::encode).collect(),
            cgroup_parent: self.cgroup_parent.clone().unwrap_or_default(),
            // Without it the empty directories and files under mounts stay in the layer.
            remove_mount_stubs_recursive: true,
            valid_exit_codes: self.valid_exit_codes.clone(),
        }
    }
}

impl Device {
    fn encode(&self) -> pb::CdiDevice {
        let Self { name, optional } = self.clone();
        pb::CdiDevice { name, optional }
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
