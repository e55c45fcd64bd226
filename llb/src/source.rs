//! What comes from outside: images, URLs, the client's files, repositories.
//!
//! The names of attributes are those of solver/pb/attr.go, the names of
//! capabilities those of solver/pb/caps.go.

use std::collections::BTreeMap;

use buildkit_proto::pb;

use crate::op::Needs;

use self::git::Git;

pub(crate) mod git;

/// A source as the daemon is asked for it: what a frontend needs to ask about one, or to write an op
/// by other means.
///
/// ```
/// use buildkit_llb::{Image, SourceOp};
///
/// let op = SourceOp::from(&Image::new("docker.io/library/debian:12"));
/// assert_eq!(op.identifier, "docker-image://docker.io/library/debian:12");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceOp {
    /// `docker-image://docker.io/library/python:3.13`.
    pub identifier: String,
    /// The rest, by the names that solver/pb/attr.go has.
    pub attrs: BTreeMap<String, String>,
}

macro_rules! source_op_of {
    ($($source:ty),*) => {$(
        impl From<&$source> for SourceOp {
            fn from(source: &$source) -> Self {
                let pb::SourceOp { identifier, attrs } = source.encode(&mut Needs::default());
                Self { identifier, attrs }
            }
        }
    )*};
}

source_op_of!(Image, OciLayout, Blob, Http, Local, Git);

/// An image from a registry.
///
/// ```
/// use buildkit_llb::{Image, Platform, Vertex};
///
/// let arm64: Platform = "linux/arm64".parse()?;
/// let image = Image { internal: true, ..Image::new("docker.io/library/debian:12") };
/// let output = Vertex::new(image).platform(&arm64).output();
/// # assert!(output.digest().starts_with("sha256:"));
/// # Ok::<(), buildkit_llb::PlatformError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The whole reference, registry included: `docker.io/library/python:3.13`.
    pub reference: String,
    /// Where to look for it; the daemon's choice by default.
    pub resolve_mode: Option<ResolveMode>,
    /// The manifest's digest that it must have.
    pub checksum: Option<String>,
    /// Only so many layers, from the lowest; all by default.
    pub layer_limit: Option<usize>,
    /// Whether it is for the build's own use, and shown to nobody.
    pub internal: bool,
}

/// Where to look for an image.
///
/// ```
/// use buildkit_llb::{Image, ResolveMode, SourceOp};
///
/// let image = Image::new("docker.io/library/debian:12");
/// let op = SourceOp::from(&Image { resolve_mode: Some(ResolveMode::Pull), ..image });
/// assert_eq!(op.attrs["image.resolvemode"], "pull");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResolveMode {
    /// As the daemon likes.
    Default,
    /// In the registry.
    Pull,
    /// In the daemon's own images first.
    Local,
}

impl Image {
    /// The image of this reference.
    ///
    /// ```
    /// use buildkit_llb::Image;
    ///
    /// assert_eq!(Image::new("docker.io/library/debian:12").layer_limit, None);
    /// ```
    pub fn new(reference: impl Into<String>) -> Self {
        Self { reference: reference.into(), ..Self::default() }
    }

    /// The op's source.
    pub(crate) fn encode(&self, needs: &mut Needs) -> pb::SourceOp {
        let mut source = Source::new(format!("docker-image://{}", self.reference), needs);
        source.needs.cap("source.image");
        let (mode, cap) = match self.resolve_mode {
            None | Some(ResolveMode::Default) => (None, None),
            Some(ResolveMode::Pull) => (Some("pull"), Some("source.image.resolvemode")),
            Some(ResolveMode::Local) => (Some("local"), None), // a wish, no demand
        };
        source.attr("image.resolvemode", mode, cap);
        source.attr("image.recordtype", self.internal.then_some("internal"), None);
        let limit = self.layer_limit.map(|limit| limit.to_string());
        source.attr("image.layerlimit", limit.as_deref(), Some("source.image.layerlimit"));
        source.attr("image.checksum", self.checksum.as_deref(), Some("source.image.checksum"));
        source.done()
    }
}

/// An image in an OCI layout of the client's.
///
/// ```
/// use buildkit_llb::{OciLayout, SourceOp};
///
/// let digest = format!("sha256:{}", "a".repeat(64));
/// let layout = OciLayout {
///     reference: format!("example.com/name@{digest}"),
///     store: "store".into(),
///     ..OciLayout::default()
/// };
/// assert_eq!(SourceOp::from(&layout).attrs["oci.store"], "store");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OciLayout {
    /// A name for people, and the digest that counts: `docker.io/library/name@sha256:…`.
    pub reference: String,
    /// The client's name for the layout.
    pub store: String,
    /// The client's session.
    pub session: Option<String>,
    /// Only so many layers, from the lowest; all by default.
    pub layer_limit: Option<usize>,
}

impl OciLayout {
    /// The op's source.
    pub(crate) fn encode(&self, needs: &mut Needs) -> pb::SourceOp {
        let mut source = Source::new(format!("oci-layout://{}", self.reference), needs);
        source.needs.cap("source.ocilayout");
        source.attr("oci.session", self.session.as_deref(), None);
        source.attr("oci.store", Some(&self.store), None);
        let limit = self.layer_limit.map(|limit| limit.to_string());
        source.attr("oci.layerlimit", limit.as_deref(), None);
        source.done()
    }
}

/// One blob of a registry or an OCI layout: the result is a tree with that one file.
///
/// ```
/// use buildkit_llb::{Blob, SourceOp};
///
/// let blob = Blob::new(format!("example.com/name@sha256:{}", "a".repeat(64)));
/// let op = SourceOp::from(&Blob { filename: Some("layer.tar".into()), ..blob });
/// assert_eq!(op.attrs["http.filename"], "layer.tar");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blob {
    /// The repository and the blob's digest: `docker.io/library/name@sha256:…`.
    pub reference: String,
    /// The client's session, and its name for the layout; none of a registry.
    pub layout: Option<(String, String)>,
    /// The file's name in the tree.
    pub filename: Option<String>,
    /// The file's mode; 0600 by default.
    pub mode: Option<u32>,
    /// The file's owner; 0 by default.
    pub uid: Option<u32>,
    /// The file's group; 0 by default.
    pub gid: Option<u32>,
}

impl Blob {
    /// The blob of this reference in its registry.
    ///
    /// ```
    /// use buildkit_llb::Blob;
    ///
    /// assert_eq!(Blob::new("example.com/name@sha256:…").filename, None);
    /// ```
    pub fn new(reference: impl Into<String>) -> Self {
        Self { reference: reference.into(), ..Self::default() }
    }

    /// The op's source.
    pub(crate) fn encode(&self, needs: &mut Needs) -> pb::SourceOp {
        let place = if self.layout.is_some() { "oci-layout" } else { "docker-image" };
        let mut source = Source::new(format!("{place}+blob://{}", self.reference), needs);
        source.needs.cap("source.imageblob");
        source.attr("http.filename", self.filename.as_deref(), None);
        let mode = self.mode.map(|mode| format!("0{mode:o}"));
        source.attr("http.perm", mode.as_deref(), None);
        for (key, id) in [("http.uid", self.uid), ("http.gid", self.gid)] {
            let id = id.map(|id| id.to_string());
            source.attr(key, id.as_deref(), None);
        }
        let (session, store) = self.layout.clone().unzip();
        source.attr("oci.session", session.as_deref(), None);
        source.attr("oci.store", store.as_deref(), None);
        source.done()
    }
}

/// A file from a URL: the result is a tree with that one file.
///
/// ```
/// use buildkit_llb::{Http, SourceOp};
///
/// let file = Http { mode: Some(0o644), ..Http::new("https://example.com/a.bin", "a.bin") };
/// assert_eq!(SourceOp::from(&file).attrs["http.perm"], "0644");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Http {
    /// Where to get it; no part of the cache key when there is a checksum.
    pub url: String,
    /// The file's name in the tree.
    pub filename: String,
    /// `sha256:` and the hex digest; with it the daemon asks nobody when it has the file.
    pub checksum: Option<String>,
    /// The file's mode; 0600 by default.
    pub mode: Option<u32>,
    /// The file's owner; 0 by default.
    pub uid: Option<u32>,
    /// The file's group; 0 by default.
    pub gid: Option<u32>,
    /// The secret whose value is the `Authorization` header.
    pub auth_header_secret: Option<String>,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The signature that it must have.
    pub signature: Option<Signature>,
}

/// A detached PGP signature, and the key that made it, both armoured.
///
/// ```
/// use buildkit_llb::{Http, Signature};
///
/// let signature = Signature { public_key: "…".into(), signature: "…".into() };
/// let file = Http {
///     signature: Some(signature),
///     ..Http::new("https://example.com/a.bin", "a.bin")
/// };
/// # assert!(file.signature.is_some());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The public key.
    pub public_key: String,
    /// The signature.
    pub signature: String,
}

impl Http {
    /// The file at `url`, named `filename`.
    ///
    /// ```
    /// use buildkit_llb::Http;
    ///
    /// assert_eq!(Http::new("https://example.com/a.bin", "a.bin").filename, "a.bin");
    /// ```
    pub fn new(url: impl Into<String>, filename: impl Into<String>) -> Self {
        Self { url: url.into(), filename: filename.into(), ..Self::default() }
    }

    /// The op's source.
    pub(crate) fn encode(&self, needs: &mut Needs) -> pb::SourceOp {
        let mut source = Source::new(self.url.clone(), needs);
        source.needs.cap("source.http");
        source.attr("http.checksum", self.checksum.as_deref(), Some("source.http.checksum"));
        source.attr("http.filename", Some(&self.filename), None);
        let mode = self.mode.map(|mode| format!("0{mode:o}"));
        source.attr("http.perm", mode.as_deref(), Some("source.http.perm"));
        for (key, id) in [("http.uid", self.uid), ("http.gid", self.gid)] {
            let id = id.map(|id| id.to_string());
            source.attr(key, id.as_deref(), Some("soruce.http.uidgid")); // sic
        }
        let secret = self.auth_header_secret.as_deref();
        source.attr("http.authheadersecret", secret, Some("source.http.auth"));
        source.attr("http.header.accept", self.accept.as_deref(), Some("source.http.header"));
        if let Some(Signature { public_key, signature }) = &self.signature {
            let cap = Some("source.http.signatureverify");
            source.attr("http.sig.pubkey", Some(public_key), cap);
            source.attr("http.sig.signature", Some(signature), cap);
        }
        source.done()
    }
}

/// Files that the client sends.
///
/// ```
/// use buildkit_llb::{Local, SourceOp};
///
/// let local = Local { follow: vec!["app".into()], ..Local::new("context") };
/// assert_eq!(SourceOp::from(&local).attrs["local.followpaths"], r#"["app"]"#);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Local {
    /// The client's name for the directory: `context`.
    pub name: String,
    /// The client's session.
    pub session: Option<String>,
    /// Patterns of paths to send; all by default.
    pub include: Vec<String>,
    /// Patterns of paths not to send.
    pub exclude: Vec<String>,
    /// Paths to send, symbolic links followed.
    pub follow: Vec<String>,
    /// Transfers with the same hint share what was sent before.
    pub shared_key_hint: Option<String>,
    /// How files sent before are recognised.
    pub differ: Differ,
    /// What keeps transfers apart that name no session.
    pub unique: Option<String>,
    /// If given, of all files but these patterns' only the metadata is sent.
    pub metadata_but: Option<Vec<String>>,
}

/// How the client knows which files were sent before.
///
/// ```
/// use buildkit_llb::{Differ, Local, SourceOp};
///
/// let local = Local { differ: Differ::None, ..Local::new("dockerfile") };
/// assert_eq!(SourceOp::from(&local).attrs["local.differ"], "none");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Differ {
    /// By size, mode and time.
    #[default]
    Metadata,
    /// Not at all: every file is sent again.
    None,
}

impl Local {
    /// The directory that the client calls `name`.
    ///
    /// ```
    /// use buildkit_llb::Local;
    ///
    /// assert_eq!(Local::new("context").name, "context");
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The op's source.
    pub(crate) fn encode(&self, needs: &mut Needs) -> pb::SourceOp {
        let mut source = Source::new(format!("local://{}", self.name), needs);
        source.needs.cap("source.local");
        source.attr("local.session", self.session.as_deref(), Some("source.local.sessionid"));
        source.list("local.includepattern", &self.include, "source.local.includepatterns");
        source.list("local.excludepatterns", &self.exclude, "source.local.excludepatterns");
        source.list("local.followpaths", &self.follow, "source.local.followpaths");
        let hint = self.shared_key_hint.as_deref();
        source.attr("local.sharedkeyhint", hint, Some("source.local.sharedkeyhint"));
        if self.differ == Differ::None {
            source.attr("local.differ", Some("none"), Some("source.local.differ"));
        }
        source.attr("local.unique", self.unique.as_deref(), Some("source.local.unique"));
        if let Some(but) = &self.metadata_but {
            let cap = "source.local.metadatatransfer";
            source.attr("local.metadatatransfer", Some("true"), Some(cap));
            source.list("local.metadatatransferexclude", but, cap);
        }
        source.done()
    }
}

/// A source op that is being written.
struct Source<'a> {
    identifier: String,
    attrs: BTreeMap<String, String>,
    needs: &'a mut Needs,
}

impl<'a> Source<'a> {
    fn new(identifier: String, needs: &'a mut Needs) -> Self {
        Self { identifier, attrs: BTreeMap::new(), needs }
    }

    /// Sets an attribute, unless it is empty: Go writes an empty value of a
    /// map and prost does not, so the digest would differ.
    fn attr(&mut self, key: &str, value: Option<&str>, cap: Option<&'static str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.attrs.insert(key.to_owned(), value.to_owned());
            if let Some(cap) = cap {
                self.needs.cap(cap);
            }
        }
    }

    fn list(&mut self, key: &str, values: &[String], cap: &'static str) {
        if !values.is_empty() {
            let json = serde_json::Value::from(values.to_vec()).to_string();
            // Go's encoder escapes what HTML would take for markup.
            let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
            self.attr(key, Some(&json), Some(cap));
        }
    }

    fn done(self) -> pb::SourceOp {
        pb::SourceOp { identifier: self.identifier, attrs: self.attrs }
    }
}
