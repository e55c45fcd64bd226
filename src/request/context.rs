//! Named contexts: what `--build-context NAME=VALUE` puts in the place of a name.

use buildkit_llb::Platform;

use super::Request;

/// Where a named context comes from (`frontend/dockerui/namedcontext.go`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedContext {
    /// A folder of the client's, by the name of its local source.
    Local(String),
    /// An image, by its reference as given.
    Image(String),
    /// A form that we don't read: a repository, an archive, a stored image.
    Other(String),
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
            _ => NamedContext::Other(value.clone()),
        })
    }
}
