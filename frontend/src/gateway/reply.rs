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

    /// The reply on the wire.
    pub(super) fn into_wire(self) -> wire::Result {
        let reference = |result: Ref| wire::Ref { id: result.0, def: None };
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
        wire::Result { result, metadata: self.metadata, ..wire::Result::default() }
    }
}
