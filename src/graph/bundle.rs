//! A bundle that the caller hands in: files by their digests, in the place of hub and index.

use std::collections::BTreeSet;

use buildkit_llb::{Local, OciLayout, Output, Platform, Vertex};

use crate::{
    request::{Request, context::NamedContext},
    values::digest::Digest,
};

/// The named context that a bundle is handed in by:
/// `--build-context modelcache-bundle=oci-layout://FOLDER`, or `=FOLDER`.
pub const CONTEXT: &str = "modelcache-bundle";

/// A bundle that the caller hands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bundle {
    /// A folder with the files alone, by the name of its local source. Nobody hashes them.
    Folder(String),
    /// An image in an OCI layout, on one platform: the files are the same on all.
    Layout(OciLayout, Platform),
}

impl Bundle {
    /// The bundle of this request. Its files are taken from `platform`'s image.
    pub fn given(request: &Request, platform: &Platform) -> Option<Self> {
        match request.named_context(CONTEXT, platform)? {
            NamedContext::Local(name) => Some(Self::Folder(name)),
            NamedContext::Layout(layout) => Some(Self::Layout(layout, platform.clone())),
            NamedContext::Image(_) | NamedContext::Other(_) => None,
        }
    }

    /// A tree in which the files of these digests are at their [`path`]s.
    pub fn files<'a>(
        &self,
        digests: impl Iterator<Item = &'a Digest>,
        request: &Request,
    ) -> Output {
        let vertex = match self {
            Self::Folder(name) => {
                let files: BTreeSet<String> = digests.map(path).collect();
                Vertex::new(Local {
                    name: name.to_owned(),
                    session: request.session_of(name),
                    include: files.into_iter().collect(),
                    shared_key_hint: Some(CONTEXT.into()),
                    ..Local::default()
                })
            }
            Self::Layout(layout, platform) => Vertex::new(layout.clone()).platform(platform),
        };
        vertex.name("[internal] load bundle").output()
    }
}

/// Where the file of a digest lies in a bundle, as in an OCI layout.
pub fn path(digest: &Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}
