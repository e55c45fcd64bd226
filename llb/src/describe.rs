//! Each kind of op in words: its kind, one line, and lines of detail.

use std::fmt::{self, Write};

use buildkit_proto::pb::{self, file_action::Action, user_opt::User};

use crate::vertex::digest;

/// A result of an op, by the op's place in the definition.
///
/// ```
/// use buildkit_llb::Reference;
///
/// assert_eq!(Reference { op: 0, index: 0 }.to_string(), "#1");
/// assert_eq!(Reference { op: 2, index: 1 }.to_string(), "#3.1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The place, from 0.
    pub op: usize,
    /// Which of its results.
    pub index: i64,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.op + 1)?;
        if self.index == 0 { Ok(()) } else { write!(f, ".{}", self.index) }
    }
}

/// Kind, one line, lines of detail.
pub(crate) type Description = (&'static str, String, Vec<String>);

/// Longer data are shown by their digest.
const DATA_LIMIT: usize = 400;

/// A source, with its attributes.
pub(crate) fn source(source: &pb::SourceOp) -> Description {
    let details = source.attrs.iter().map(|(key, value)| format!("{key} {}", one_line(value)));
    ("source", source.identifier.clone(), details.collect())
}

/// A process, with what differs from the usual, and its mounts.
pub(crate) fn exec(exec: &pb::ExecOp, inputs: &[Reference]) -> Description {
    let meta = exec.meta.clone().unwrap_or_default();
    let what: Vec<String> = meta.args.iter().map(|arg| quoted(arg)).collect();
    let mut details = Vec::new();
    let mut detail = |present: bool, text: String| {
        if present {
            details.push(text);
        }
    };
    for variable in &meta.env {
        detail(true, format!("env {}", one_line(variable)));
    }
    for secret in &exec.secretenv {
        let optional = if secret.optional { " optional" } else { "" };
        detail(true, format!("env {} secret {}{optional}", secret.name, secret.id));
    }
    detail(!["", "/"].contains(&meta.cwd.as_str()), format!("cwd {}", meta.cwd));
    detail(!meta.user.is_empty(), format!("user {}", meta.user));
    match exec.network() {
        pb::NetMode::Unset => {}
        pb::NetMode::Host => detail(true, "network host".to_owned()),
        pb::NetMode::None => detail(true, "network none".to_owned()),
    }
    detail(exec.security() == pb::SecurityMode::Insecure, "security insecure".to_owned());
    detail(!meta.hostname.is_empty(), format!("hostname {}", meta.hostname));
    for host in &meta.extra_hosts {
        detail(true, format!("host {} {}", host.host, host.ip));
    }
    for limit in &meta.ulimit {
        detail(true, format!("ulimit {} {}:{}", limit.name, limit.soft, limit.hard));
    }
    detail(!meta.cgroup_parent.is_empty(), format!("cgroup {}", meta.cgroup_parent));
    detail(meta.proxy_env.is_some(), "proxy".to_owned());
    for device in &exec.cdi_devices {
        let optional = if device.optional { " optional" } else { "" };
        detail(true, format!("device {}{optional}", device.name));
    }
    let codes: Vec<String> = meta.valid_exit_codes.iter().map(ToString::to_string).collect();
    detail(!codes.is_empty(), format!("exit codes {}", codes.join(" ")));
    details.extend(exec.mounts.iter().map(|item| mount(item, inputs)));
    ("exec", what.join(" "), details)
}

fn mount(mount: &pb::Mount, inputs: &[Reference]) -> String {
    let mut text = format!("{} ", mount.dest);
    let kind = match mount.mount_type() {
        pb::MountType::Bind => {
            let mut bind = format!("bind {}", part(mount, inputs));
            if !mount.readonly {
                bind += " rw";
            }
            if !mount.readonly && mount.output < 0 {
                bind += " discarded";
            }
            match mount.content_cache() {
                pb::MountContentCache::Default => bind,
                pb::MountContentCache::On => bind + " by content",
                pb::MountContentCache::Off => bind + " by definition",
            }
        }
        pb::MountType::Secret => {
            let secret = mount.secret_opt.clone().unwrap_or_default();
            let optional = if secret.optional { " optional" } else { "" };
            let owner = owned(secret.uid, secret.gid);
            format!("secret {} {:04o}{owner}{optional}", secret.id, secret.mode)
        }
        pb::MountType::Ssh => {
            let ssh = mount.ssh_opt.clone().unwrap_or_default();
            let optional = if ssh.optional { " optional" } else { "" };
            let owner = owned(ssh.uid, ssh.gid);
            format!("ssh {} {:04o}{owner}{optional}", ssh.id, ssh.mode)
        }
        pb::MountType::Cache => {
            let cache = mount.cache_opt.clone().unwrap_or_default();
            let sharing = match cache.sharing() {
                pb::CacheSharingOpt::Shared => "shared",
                pb::CacheSharingOpt::Private => "private",
                pb::CacheSharingOpt::Locked => "locked",
            };
            let from = match mount.input {
                ..0 => String::new(),
                _ => format!(" from {}", part(mount, inputs)),
            };
            format!("cache {} {sharing}{from}", cache.id)
        }
        pb::MountType::Tmpfs => match mount.tmpfs_opt.unwrap_or_default().size {
            0 => "tmpfs".to_owned(),
            size => format!("tmpfs {size}"),
        },
    };
    text += &kind;
    text
}

/// Changes, one a line.
pub(crate) fn file(file: &pb::FileOp, inputs: &[Reference]) -> Description {
    let base = file.actions.first().map_or(-1, |action| action.input);
    let details = file.actions.iter().map(|item| action(item, inputs));
    ("file", format!("on {}", tree(base, inputs)), details.collect())
}

fn action(action: &pb::FileAction, inputs: &[Reference]) -> String {
    match &action.action {
        Some(Action::Copy(item)) => copy(item, &tree(action.secondary_input, inputs)),
        Some(Action::Mkdir(item)) => {
            let parents = if item.make_parents { " parents" } else { "" };
            let facts = facts(item.mode, item.owner.as_ref(), item.timestamp);
            format!("mkdir {}{parents}{facts}", quoted(&item.path))
        }
        Some(Action::Mkfile(item)) => {
            let facts = facts(item.mode, item.owner.as_ref(), item.timestamp);
            format!("mkfile {}{facts} {}", quoted(&item.path), data(&item.data))
        }
        Some(Action::Symlink(item)) => {
            let facts = facts(-1, item.owner.as_ref(), item.timestamp);
            format!("symlink {} -> {}{facts}", quoted(&item.newpath), quoted(&item.oldpath))
        }
        Some(Action::Rm(item)) => {
            let optional = if item.allow_not_found { " optional" } else { "" };
            let wildcard = if item.allow_wildcard { " wildcard" } else { "" };
            format!("rm {}{optional}{wildcard}", quoted(&item.path))
        }
        None => "none".to_owned(),
    }
}

fn copy(copy: &pb::FileActionCopy, from: &str) -> String {
    let mut text = format!("copy {from}:{} -> {}", quoted(&copy.src), quoted(&copy.dest));
    for (set, word) in [
        (copy.create_dest_path, " parents"),
        (copy.dir_copy_contents, " contents"),
        (copy.follow_symlink, " follow"),
        (copy.allow_wildcard, " wildcard"),
        (copy.allow_empty_wildcard, " empty"),
        (copy.attempt_unpack_docker_compatibility, " unpack"),
        (copy.always_replace_existing_dest_paths, " replace"),
    ] {
        if set {
            text += word;
        }
    }
    for (word, patterns) in [
        ("include", &copy.include_patterns),
        ("exclude", &copy.exclude_patterns),
        ("require", &copy.required_paths),
    ] {
        for pattern in patterns {
            let _ = write!(text, " {word} {}", quoted(pattern));
        }
    }
    if !copy.mode_str.is_empty() {
        let _ = write!(text, " mode {}", copy.mode_str);
    }
    text + &facts(copy.mode, copy.owner.as_ref(), copy.timestamp)
}

/// Mode, owner and time, those that are given.
fn facts(mode: i32, owner: Option<&pb::ChownOpt>, timestamp: i64) -> String {
    let mut text = String::new();
    if mode >= 0 {
        let _ = write!(text, " {mode:04o}");
    }
    if let Some(owner) = owner {
        let name = |user: Option<&pb::UserOpt>| match user.and_then(|user| user.user.as_ref()) {
            Some(User::ByName(named)) => named.name.clone(),
            Some(User::ById(id)) => id.to_string(),
            None => String::new(),
        };
        let (user, group) = (name(owner.user.as_ref()), name(owner.group.as_ref()));
        let _ = write!(text, " {user}:{group}");
    }
    if timestamp >= 0 {
        let _ = write!(text, " @{}", timestamp / 1_000_000_000);
    }
    text
}

/// Trees, the lowest first.
pub(crate) fn merge(merge: &pb::MergeOp, inputs: &[Reference]) -> Description {
    let trees: Vec<String> = merge.inputs.iter().map(|item| tree(item.input, inputs)).collect();
    ("merge", trees.join(" "), Vec::new())
}

/// From one tree to another.
pub(crate) fn diff(diff: &pb::DiffOp, inputs: &[Reference]) -> Description {
    let lower = tree(diff.lower.unwrap_or_default().input, inputs);
    let upper = tree(diff.upper.unwrap_or_default().input, inputs);
    ("diff", format!("{lower} {upper}"), Vec::new())
}

/// What changes how an op runs or is shown.
pub(crate) fn metadata(metadata: &pb::OpMetadata) -> Vec<String> {
    let mut lines = Vec::new();
    if metadata.ignore_cache {
        lines.push("ignore-cache".to_owned());
    }
    if let Some(export) = &metadata.export_cache {
        lines.push(format!("export-cache {}", export.value));
    }
    if let Some(group) = &metadata.progress_group {
        lines.push(format!("group {} {}", group.id, quoted(&group.name)));
    }
    if let Some(limits) = &metadata.linux_resources {
        let pb::LinuxResources { memory, memory_swap, cpu_shares, cpu_period, cpu_quota, .. } =
            *limits;
        for (name, number) in [
            ("memory", memory),
            ("memory-swap", memory_swap),
            ("cpu-shares", cpu_shares),
            ("cpu-period", cpu_period),
            ("cpu-quota", cpu_quota),
        ] {
            lines.extend((number != 0).then(|| format!("limit {name} {number}")));
        }
        for (name, set) in [("cpus", &limits.cpuset_cpus), ("mems", &limits.cpuset_mems)] {
            lines.extend((!set.is_empty()).then(|| format!("limit {name} {set}")));
        }
    }
    lines
}

/// The tree of a mount, or the part of it.
fn part(mount: &pb::Mount, inputs: &[Reference]) -> String {
    let mut text = tree(mount.input, inputs);
    if !mount.selector.is_empty() {
        let slash = if mount.selector.starts_with('/') { "" } else { "/" };
        let _ = write!(text, ":{slash}{}", mount.selector);
    }
    text
}

/// Whom something belongs to, if not to root.
fn owned(uid: u32, gid: u32) -> String {
    if (uid, gid) == (0, 0) { String::new() } else { format!(" {uid}:{gid}") }
}

fn tree(index: i64, inputs: &[Reference]) -> String {
    match usize::try_from(index) {
        Err(_) => "scratch".to_owned(),
        Ok(index) => inputs.get(index).map_or_else(|| "?".to_owned(), ToString::to_string),
    }
}

fn data(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= DATA_LIMIT => format!("{text:?}"),
        _ => format!("{} bytes {}", bytes.len(), digest(bytes)),
    }
}

fn one_line(text: &str) -> String {
    if text.contains('\n') { format!("{text:?}") } else { text.to_owned() }
}

/// Words stay as they are; what has spaces or quotes gets quotes.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,*?[]{}~^<>!$&;#".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("{text:?}") }
}
