//! Git repositories.

use buildkit_proto::pb;

use super::Source;
use crate::op::Needs;

/// A Git repository's files.
///
/// ```
/// use buildkit_llb::{Git, SourceOp};
///
/// let git = Git { reference: Some("v1".into()), ..Git::new("https://example.com/org/name.git") };
/// assert_eq!(SourceOp::from(&git).identifier, "git://example.com/org/name.git#v1");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the source's own, each a fact")]
pub struct Git {
    /// The remote: `https://example.com/org/name.git`.
    pub url: String,
    /// A branch, tag or commit; the remote's default branch by default.
    pub reference: Option<String>,
    /// The directory that becomes the tree.
    pub subdir: Option<String>,
    /// Whether `.git` is kept.
    pub keep_git_dir: bool,
    /// The commit that the reference must resolve to.
    pub checksum: Option<String>,
    /// The secret that holds a token; `GIT_AUTH_TOKEN` by default.
    pub auth_token_secret: Option<String>,
    /// The secret whose value is the `Authorization` header; `GIT_AUTH_HEADER` by default.
    pub auth_header_secret: Option<String>,
    /// For SSH: lines of a `known_hosts` file, each ended, that the remote must fit.
    pub known_ssh_hosts: Option<String>,
    /// For SSH: the id of the client's agent; `default` by default.
    pub ssh_socket: Option<String>,
    /// Whether submodules are left out.
    pub skip_submodules: bool,
    /// Whether files get the time of the commit, and not of the checkout.
    pub commit_times: bool,
    /// Whether the checksum is fetched without asking the remote for the reference.
    pub fetch_by_commit: bool,
    /// Whether Git's advice is shown.
    pub advice: bool,
    /// A bundle that the history is read from, instead of the remote.
    pub bundle: Option<GitBundle>,
    /// Whether the result is a bundle of the commit, and no tree.
    pub checkout_bundle: bool,
}

/// Where a Git bundle is.
///
/// ```
/// use buildkit_llb::{Git, GitBundle};
///
/// let locator = format!("docker-image+blob://example.com/name@sha256:{}", "a".repeat(64));
/// let bundle = GitBundle { locator, layout: None };
/// let git = Git { bundle: Some(bundle), ..Git::new("https://example.com/org/name.git") };
/// # assert!(git.bundle.is_some());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitBundle {
    /// `docker-image+blob://…@sha256:…` or `oci-layout+blob://…@sha256:…`.
    pub locator: String,
    /// Of a layout: the client's session, and its name for it.
    pub layout: Option<(String, String)>,
}

impl Git {
    /// The repository at `url`.
    ///
    /// ```
    /// use buildkit_llb::Git;
    ///
    /// assert_eq!(Git::new("https://example.com/org/name.git").reference, None);
    /// ```
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// The op's source.
    pub(crate) fn encode(&self, needs: &mut Needs) -> pb::SourceOp {
        let mut identifier = format!("git://{}", self.host_and_path());
        if self.reference.is_some() || self.subdir.is_some() {
            identifier.push('#');
            identifier.push_str(self.reference.as_deref().unwrap_or_default());
        }
        let mut source = Source::new(identifier, needs);
        if let Some(subdir) = &self.subdir {
            source.identifier.push(':');
            source.identifier.push_str(subdir);
            source.needs.cap("source.git.subdir");
        }
        source.needs.cap("source.git");
        source.attr("git.fullurl", Some(&self.url), Some("source.git.fullurl"));
        if self.keep_git_dir {
            source.attr("git.keepgitdir", Some("true"), Some("source.git.keepgitdir"));
        }
        for (key, given, default) in [
            ("git.authtokensecret", &self.auth_token_secret, "GIT_AUTH_TOKEN"),
            ("git.authheadersecret", &self.auth_header_secret, "GIT_AUTH_HEADER"),
        ] {
            let cap = given.as_ref().map(|_| "source.git.httpauth");
            source.attr(key, Some(given.as_deref().unwrap_or(default)), cap);
        }
        if self.is_ssh() {
            let hosts = self.known_ssh_hosts.as_deref();
            source.attr("git.knownsshhosts", hosts, Some("source.git.knownsshhosts"));
            let socket = self.ssh_socket.as_deref().unwrap_or("default");
            source.attr("git.mountsshsock", Some(socket), Some("source.git.mountsshsock"));
        }
        source.attr("git.checksum", self.checksum.as_deref(), Some("source.git.checksum"));
        for (key, is_set, value, cap) in [
            ("git.skipsubmodules", self.skip_submodules, "true", Some("source.git.skipsubmodules")),
            ("git.mtime", self.commit_times, "commit", Some("source.git.mtime")),
            ("git.advice", self.advice, "true", None),
            ("git.fetchbycommit", self.fetch_by_commit, "true", Some("source.git.fetchbycommit")),
            ("git.checkoutbundle", self.checkout_bundle, "true", Some("source.git.checkoutbundle")),
        ] {
            source.attr(key, is_set.then_some(value), cap);
        }
        if let Some(GitBundle { locator, layout }) = &self.bundle {
            source.attr("git.bundle", Some(locator), Some("source.git.bundle"));
            let (session, store) = layout.clone().unzip();
            source.attr("oci.session", session.as_deref(), None);
            source.attr("oci.store", store.as_deref(), None);
        }
        source.done()
    }

    /// Whether the remote is `ssh://…` or, like scp, `git@host:path`.
    fn is_ssh(&self) -> bool {
        self.url.starts_with("ssh://") || !self.url.contains("://")
    }

    /// The remote without scheme and user, so that one repository has one
    /// identifier whatever protocol is used (client/llb/source.go).
    fn host_and_path(&self) -> String {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let host_end = rest.find('/').unwrap_or(rest.len());
        let rest = match rest[..host_end].rfind('@') {
            Some(at) => &rest[at + 1..],
            None => rest,
        };
        match rest.split_once(':') {
            Some((host, path)) if !self.url.contains("://") => {
                format!("{host}/{}", path.trim_start_matches('/'))
            }
            _ => rest.to_owned(),
        }
    }
}
