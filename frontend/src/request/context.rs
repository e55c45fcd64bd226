//! Named contexts: what `--build-context NAME=VALUE` puts in the place of a name.

use buildkit_llb::{OciLayout, Platform};

use super::Request;
use crate::image_ref::ImageRef;

/// Where a named context comes from (`frontend/dockerui/namedcontext.go`). A new kind is a breaking
/// change, and on purpose: a frontend has to say what it does with each.
///
/// ```
/// use buildkit_frontend::request::{Request, context::NamedContext};
///
/// let contexts = [("base".to_owned(), "docker-image://debian:12".to_owned())].into();
/// let request = Request { contexts, ..Request::default() };
/// let amd64 = "linux/amd64".parse().expect("it is a platform");
/// let image = NamedContext::Image("debian:12".into());
/// assert_eq!(request.named_context("base", &amd64), Some(image));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedContext {
    /// A folder of the client's, by the name of its local source.
    Local(String),
    /// An image, by its reference as given.
    Image(String),
    /// An image in an OCI layout of the client's.
    Layout(OciLayout),
    /// A form that we don't read, in words.
    Other(&'static str),
}

impl Request {
    /// The context given under `name`: for `platform` only, or for all.
    pub fn named_context(&self, name: &str, platform: &Platform) -> Option<NamedContext> {
        let special = self.contexts.get(&format!("{name}::{platform}"));
        let value = special.or_else(|| self.contexts.get(name))?;
        Some(match value.split_once(':') {
            Some(("local", local)) => NamedContext::Local(local.to_owned()),
            Some(("docker-image", reference)) => {
                NamedContext::Image(reference.trim_start_matches('/').to_owned())
            }
            Some(("oci-layout", value)) => self.layout(name, value).map_or(
                NamedContext::Other("an OCI layout without a digest"),
                NamedContext::Layout,
            ),
            _ => NamedContext::Other(kind(value)),
        })
    }

    /// What buildx makes of `oci-layout://FOLDER`: `//STORE:TAG@DIGEST`.
    fn layout(&self, name: &str, value: &str) -> Option<OciLayout> {
        let (store, digest) = value.trim_start_matches('/').split_once('@')?;
        let store = store.split_once(':').map_or(store, |(store, _)| store);
        // The name is for people: the daemon shows it, and looks into the store alone.
        let image: ImageRef = name.parse().ok()?;
        let image = ImageRef { digest: Some(digest.to_owned()), ..image };
        Some(OciLayout {
            reference: image.full(),
            store: store.to_owned(),
            session: (!self.session.is_empty()).then(|| self.session.clone()),
            layer_limit: None,
        })
    }
}

/// What `value` is, without the value, which may have a password in it.
fn kind(value: &str) -> &'static str {
    let remote = value.split(['#', '?']).next().unwrap_or_default();
    match value.split_once(':').map(|(scheme, _)| scheme) {
        Some("input" | "target") => "the result of another build",
        Some("git" | "ssh") => "a git repository",
        Some(scheme) if scheme.starts_with("git@") => "a git repository",
        Some("http" | "https") if remote.rsplit('.').next() == Some("git") => "a git repository",
        Some("http" | "https") => "a file at a URL",
        _ => "of a kind that is unknown",
    }
}
