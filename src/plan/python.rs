//! The Python packages: one virtual environment, of wheels in layers or by one run of pip.

use std::collections::BTreeMap;

use crate::{
    answers::Answers,
    document::Span,
    manifest::{self, Manifest},
    plan::{Base, ContextFiles, places::REQUIREMENTS},
    request::Request,
    values::{config::RunConfig, predefined},
};
use buildkit_llb::Platform;

pub mod groups;
pub mod hashes;
pub mod layers;
pub mod question;

/// How the packages get into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PythonPlan {
    /// Wheels known by digest, in groups, each a layer.
    Layers(Box<layers::Layers>),
    /// One run of pip.
    Single(PipRun),
    /// Nobody has asked which wheels they are; a build never gets that far.
    Unresolved(Box<question::Asking>),
}

impl PythonPlan {
    /// Where the manifest asks for packages.
    pub fn span(&self) -> Span {
        match self {
            Self::Layers(layers) => layers.span,
            Self::Single(install) => install.span,
            Self::Unresolved(asking) => asking.span,
        }
    }
}

/// One run of pip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipRun {
    /// Where the manifest asks for it.
    pub span: Span,
    /// Arguments of `pip install` that say what to install.
    pub arguments: Vec<String>,
    /// What to show for it: the files and specifiers as written.
    pub title: String,
    /// The requirements files that pip reads, included ones too: the only
    /// files whose change makes pip run again.
    pub files: Vec<String>,
    /// What stands in the place of some of them.
    pub texts: BTreeMap<String, String>,
    /// The build secrets that those name.
    pub secrets: Vec<String>,
    /// Environment of the step: the base image's, and where the indexes are.
    pub environment: Vec<(String, String)>,
    /// Whether modules are compiled.
    pub bytecode: bool,
    /// Whether packages of the base image count.
    pub system: bool,
}

/// Plans the install, if the manifest asks for any package: in layers, where the
/// packages are known.
pub fn plan(
    manifest: &Manifest,
    answers: &Answers,
    context: &ContextFiles,
    platform: &Platform,
    request: &Request,
    base: &Base,
    run: &RunConfig,
) -> Option<PythonPlan> {
    let python = manifest.python.as_ref()?;
    if python.requirements.is_empty() && python.packages.is_empty() {
        return None;
    }
    let environment = environment(python, request, run);
    if let Some(packages) = answers.packages(platform) {
        let steps = steps_base(manifest, answers, context, platform, base);
        let mut layers = layers::plan(python, packages, base, steps, environment, context);
        layers.in_container |= answers.in_container.contains(platform);
        return Some(PythonPlan::Layers(Box::new(layers)));
    }
    if python.install() == manifest::python::Install::Layers && !answers.unpinned.contains(platform)
    {
        let steps = steps_base(manifest, answers, context, platform, base);
        let asking = question::asking(python, context, platform, steps, environment, Vec::new());
        return Some(PythonPlan::Unresolved(Box::new(asking)));
    }
    let written: Vec<&str> = python.requirements.iter().map(|file| file.value.as_str()).collect();
    let packages: Vec<&str> = python.packages.iter().map(|p| p.value.as_str()).collect();
    let mut arguments: Vec<String> =
        written.iter().map(|file| format!("--requirement={REQUIREMENTS}/{file}")).collect();
    arguments.extend(packages.iter().map(|package| (*package).to_owned()));
    Some(PythonPlan::Single(PipRun {
        span: python.span,
        arguments,
        title: [written, packages].concat().join(" "),
        files: files(python, context),
        texts: context.requirement_texts.clone(),
        secrets: context.secrets.keys().cloned().collect(),
        environment,
        bytecode: python.compiles(),
        system: python.sees_system(),
    }))
}

/// The image that steps for `platform` run in, and its platform: the builder's own, where
/// the base image is known for that, since nothing has to be emulated then.
pub fn steps_base(
    manifest: &Manifest,
    answers: &Answers,
    context: &ContextFiles,
    platform: &Platform,
    base: &Base,
) -> (Base, Platform) {
    let own = context.builder.as_ref().and_then(|own| Some((own, answers.base(own)?)));
    match own {
        Some((own, image)) => (Base::of(image, manifest.base.span), own.clone()),
        None => (base.clone(), platform.clone()),
    }
}

/// The requirements files, with all that they include where that is known.
pub fn files(python: &manifest::Python, context: &ContextFiles) -> Vec<String> {
    if context.requirements.is_empty() {
        python.requirements.iter().map(|file| file.value.as_str().to_owned()).collect()
    } else {
        context.requirements.clone()
    }
}

/// pip reads its indexes from the environment, where a requirements file's own
/// `--index-url` still wins, as it does on a developer's machine.
pub fn environment(
    python: &manifest::Python,
    request: &Request,
    base: &RunConfig,
) -> Vec<(String, String)> {
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
    let host = match netloc.split_once(']') {
        Some((address, _)) => address,
        None => netloc.split(':').next().unwrap_or(netloc),
    };
    let is_loopback = host == "localhost" || host.starts_with("127.") || host == "[::1";
    is_loopback.then_some(netloc)
}
