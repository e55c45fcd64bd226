//! The Python packages: one virtual environment, installed by pip.

use crate::{
    config::RunConfig,
    manifest::{Manifest, Python},
    plan::ContextFiles,
    request::{Request, predefined},
    source::Span,
};

/// Where the virtual environment lives. Scripts in it hold this path, so it is fixed.
pub const VENV: &str = "/opt/venv";

/// Where the install step finds the requirements files, at their paths in the context.
pub const REQUIREMENTS: &str = "/run/modelcache/requirements";

/// One run of pip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// Where the manifest asks for it.
    pub span: Span,
    /// Arguments of `pip install` that say what to install.
    pub arguments: Vec<String>,
    /// What to show for it: the files and specifiers as written.
    pub title: String,
    /// The requirements files that pip reads, included ones too: the only
    /// files whose change makes pip run again.
    pub files: Vec<String>,
    /// Environment of the step: the base image's, and where the indexes are.
    pub environment: Vec<(String, String)>,
}

/// Plans the install, if the manifest asks for any package.
pub fn plan(
    manifest: &Manifest,
    context: &ContextFiles,
    request: &Request,
    base: &RunConfig,
) -> Option<Install> {
    let python = manifest.python.as_ref()?;
    let written: Vec<&str> = python.requirements.iter().map(|file| file.value.as_str()).collect();
    let packages: Vec<&str> = python.packages.iter().map(|p| p.value.as_str()).collect();
    if written.is_empty() && packages.is_empty() {
        return None;
    }
    let mut arguments: Vec<String> =
        written.iter().map(|file| format!("--requirement={REQUIREMENTS}/{file}")).collect();
    arguments.extend(packages.iter().map(|package| (*package).to_owned()));
    let files = if context.requirements.is_empty() {
        written.iter().map(|file| (*file).to_owned()).collect()
    } else {
        context.requirements.clone()
    };
    Some(Install {
        span: python.span,
        arguments,
        title: [written, packages].concat().join(" "),
        files,
        environment: environment(python, request, base),
    })
}

/// pip reads its indexes from the environment, where a requirements file's own
/// `--index-url` still wins, as it does on a developer's machine.
fn environment(python: &Python, request: &Request, base: &RunConfig) -> Vec<(String, String)> {
    let mut run = base.clone();
    let path = run.path().to_owned();
    run.set_env("PATH", &path);
    let index = python.index.as_ref().map(|url| url.value.as_str());
    let index = request.build_arg(predefined::PIP_INDEX_URL).or(index);
    if let Some(index) = index {
        run.set_env(predefined::PIP_INDEX_URL, index);
    }
    let extra: Vec<&str> = python.extra_indexes.iter().map(|url| url.value.as_str()).collect();
    let extra = match request.build_arg(predefined::PIP_EXTRA_INDEX_URL) {
        Some(given) => given.to_owned(),
        None => extra.join(" "),
    };
    if !extra.is_empty() {
        run.set_env(predefined::PIP_EXTRA_INDEX_URL, &extra);
    }
    let loopback: Vec<&str> =
        index.into_iter().chain(extra.split_whitespace()).filter_map(loopback_netloc).collect();
    if !loopback.is_empty() {
        run.set_env("PIP_TRUSTED_HOST", &loopback.join(" "));
    }
    run.variables()
}

/// The host and port of a plain-http index on this machine. pip takes it for
/// secure as it is, but caches what comes from it only if it is also "trusted"
/// (`pip/_internal/network/session.py`).
fn loopback_netloc(url: &str) -> Option<&str> {
    let netloc = url.strip_prefix("http://")?.split('/').next()?;
    let host = netloc.rsplit_once(':').map_or(netloc, |(host, _)| host);
    let is_loopback = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    is_loopback.then_some(netloc)
}
