//! What can be wrong with a request, whatever the manifest says.

use super::failure::Failure;
use crate::{
    gateway::rejection::Rejection,
    request::{Context, Request},
    values::{predefined, secret, target::Target},
};

/// Refuses a request that no manifest can be built by.
pub fn request(request: &Request) -> Result<(), Failure> {
    let mistake = if let Context::Remote(url) = &request.context {
        let is_stdin = url.starts_with("http://buildkit-session/");
        let what = if is_stdin { "an archive from standard input" } else { url.as_str() };
        format!("the build context is {what}, and this version reads folders only")
    } else if let Some(name) =
        request.target.as_deref().filter(|it| Target::named(Some(it)).is_none())
    {
        format!(
            "there is no target `{name}`; there are {}",
            Target::ALL.map(Target::name).join(", ")
        )
    } else if let Some(name) = predefined::URLS.into_iter().find(|name| {
        request.build_arg(name).is_some_and(|url| !secret::credentials(url).is_empty())
    }) {
        // It would be in the graph, in the provenance and in a cache key.
        format!(
            "the build argument `{name}` has a password or token in its URL: \
             pass it as a build secret (`--secret id=netrc,src=…` for a package index, \
             `--secret id=HTTP_AUTH_TOKEN_<host>,env=…` for a hub)"
        )
    } else {
        return Ok(());
    };
    Err(Rejection::new(mistake).into())
}
