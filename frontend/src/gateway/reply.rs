//! What a build hands back.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use buildkit_proto::gateway as wire;
use serde_json::json;

use super::Ref;

/// What a build hands back.
///
/// ```
/// use buildkit_frontend::gateway::reply::Reply;
///
/// // An answer without files, as one to a sub-request.
/// let metadata = [("result.txt".to_owned(), b"fine\n".to_vec())].into();
/// let reply = Reply { metadata, ..Reply::default() };
/// assert!(reply.refs.is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// A result for each platform: its id and ref.
    pub refs: Vec<(String, Ref)>,
    /// Whether the caller wants a map even of one.
    pub as_map: bool,
    /// `containerimage.config` and the like.
    pub metadata: BTreeMap<String, Vec<u8>>,
    /// Statements about the result of each platform, by its id.
    pub attestations: BTreeMap<String, Vec<Attestation>>,
}

/// The gateway's capability of taking [`Attestation`]s.
///
/// ```no_run
/// use buildkit_frontend::gateway::{Gateway, reply::ATTESTATIONS};
///
/// fn can_attest(gateway: &Gateway) -> bool {
///     gateway.api.has(ATTESTATIONS)
/// }
/// ```
pub const ATTESTATIONS: &str = "reference.attestations";

/// A statement about what was built, which the exporter puts beside it. Its text is in files of a
/// result of this build, since the gateway takes no other. One makes an index of an image, so
/// it is for callers who ask.
///
/// ```
/// use buildkit_frontend::gateway::{Ref, reply::{Attestation, Reply}};
/// use buildkit_llb::Platform;
///
/// fn attest(reply: &mut Reply, platform: &Platform, files: Ref) {
///     let packages = Attestation::in_toto(files, "/sbom.spdx.json", "https://spdx.dev/Document");
///     reply.attest(platform, packages.metadata("reason", "sbom"));
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Attestation {
    /// How it is written.
    pub form: Form,
    /// Where its files are.
    pub result: Ref,
    /// Which of them.
    pub path: String,
    /// `reason` and the like (`solver/result/attestation.go`).
    pub metadata: BTreeMap<String, Vec<u8>>,
}

/// How an [`Attestation`] is written.
///
/// ```
/// use buildkit_frontend::gateway::reply::Form;
///
/// let packages = Form::Predicate("https://spdx.dev/Document".into());
/// assert_ne!(packages, Form::Statements(None));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// The path is a file, an in-toto predicate of this type; the daemon makes the statement, whose
    /// subject is what was built.
    Predicate(String),
    /// The path is a folder of whole in-toto statements; of this type, if there is one.
    Statements(Option<String>),
}

/// The image of one platform.
///
/// ```
/// use buildkit_frontend::gateway::{Ref, reply::{Built, Reply}};
///
/// fn image(result: Ref) -> Reply {
///     let built = Built {
///         platform: "linux/amd64".parse().expect("it is one"),
///         result,
///         config: r#"{"os": "linux", "architecture": "amd64"}"#.into(),
///         base_config: None,
///     };
///     Reply::images(vec![built], false)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Built {
    /// What it runs on.
    pub platform: Platform,
    /// Its files.
    pub result: Ref,
    /// Its config, as JSON (`application/vnd.oci.image.config.v1+json`).
    pub config: String,
    /// The config of the image that it is built on, if it is.
    pub base_config: Option<String>,
}

impl Reply {
    /// One image or, as a map, the images of several platforms: with the keys that exporters read
    /// (`exporter/containerimage/exptypes`).
    ///
    /// ```
    /// use buildkit_frontend::gateway::reply::Reply;
    ///
    /// assert_eq!(Reply::images(vec![], true).metadata["refs.platforms"], br#"{"Platforms":[]}"#);
    /// ```
    pub fn images(built: Vec<Built>, as_map: bool) -> Self {
        let as_map = as_map || built.len() > 1;
        let mut reply = Self { as_map, ..Self::default() };
        let mut listed = Vec::new();
        for Built { platform, result, config, base_config } in built {
            let id = platform.to_string();
            let suffix = if as_map { format!("/{id}") } else { String::new() };
            let mut add = |key: &str, json: String| {
                reply.metadata.insert(format!("{key}{suffix}"), json.into_bytes());
            };
            add("containerimage.config", config);
            if let Some(base) = base_config {
                add("containerimage.base.config", base);
            }
            let mut described = json!({"architecture": platform.architecture, "os": platform.os});
            if let Some(variant) = platform.variant {
                described["variant"] = variant.into();
            }
            listed.push(json!({"ID": id, "Platform": described}));
            reply.refs.push((id, result));
        }
        let platforms = json!({"Platforms": listed}).to_string();
        reply.metadata.insert("refs.platforms".into(), platforms.into_bytes());
        reply
    }

    /// The reply, with a statement about the result of `platform`.
    pub fn attest(&mut self, platform: &Platform, attestation: Attestation) {
        self.attestations.entry(platform.to_string()).or_default().push(attestation);
    }

    /// The reply on the wire.
    pub(super) fn into_wire(self) -> wire::Result {
        let mut refs = self.refs;
        let result = match refs.pop() {
            None => None,
            Some((_, only)) if refs.is_empty() && !self.as_map => {
                Some(wire::result::Result::Ref(reference(only)))
            }
            Some(last) => {
                refs.push(last);
                let refs = refs.into_iter().map(|(id, result)| (id, reference(result))).collect();
                Some(wire::result::Result::Refs(wire::RefMap { refs }))
            }
        };
        let attestations = self.attestations.into_iter().map(|(id, of)| {
            let attestation = of.into_iter().map(Attestation::into_wire).collect();
            (id, wire::Attestations { attestation })
        });
        wire::Result { result, metadata: self.metadata, attestations: attestations.collect() }
    }
}

impl Attestation {
    /// The file at `path` of `result`, a predicate of the type `predicate`.
    ///
    /// ```
    /// use buildkit_frontend::gateway::{Ref, reply::Attestation};
    ///
    /// fn packages(files: Ref) -> Attestation {
    ///     Attestation::in_toto(files, "/sbom.cdx.json", "https://cyclonedx.org/bom")
    /// }
    /// ```
    pub fn in_toto(result: Ref, path: impl Into<String>, predicate: impl Into<String>) -> Self {
        let form = Form::Predicate(predicate.into());
        Self { form, result, path: path.into(), metadata: BTreeMap::new() }
    }

    /// The folder at `path` of `result`, empty for all of it, whose files are statements; of the type
    /// `predicate`, if all are of one. A scanner for packages leaves such a folder.
    ///
    /// ```
    /// use buildkit_frontend::gateway::{Ref, reply::Attestation};
    ///
    /// fn scanned(out: Ref) -> Attestation {
    ///     Attestation::bundle(out, "", Some("https://spdx.dev/Document".into()))
    /// }
    /// ```
    pub fn bundle(result: Ref, path: impl Into<String>, predicate: Option<String>) -> Self {
        let form = Form::Statements(predicate);
        Self { form, result, path: path.into(), metadata: BTreeMap::new() }
    }

    /// The statement, of which `key` is `value`.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    fn into_wire(self) -> wire::Attestation {
        let (kind, predicate) = match self.form {
            Form::Predicate(predicate) => (wire::AttestationKind::InToto, predicate),
            Form::Statements(predicate) => {
                (wire::AttestationKind::Bundle, predicate.unwrap_or_default())
            }
        };
        wire::Attestation {
            kind: kind.into(),
            metadata: self.metadata,
            r#ref: Some(reference(self.result)),
            path: self.path,
            in_toto_predicate_type: predicate,
            in_toto_subjects: Vec::new(),
        }
    }
}

fn reference(result: Ref) -> wire::Ref {
    wire::Ref { id: result.0, def: None }
}
