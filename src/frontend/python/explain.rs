//! What is wrong with packages, in words.

use buildkit_llb::Platform;

use crate::{
    diagnostic::Diagnostic,
    frontend::failure::Failure,
    gateway::rejection::Rejection,
    graph::python::SECRET_IDS,
    lock::packages::{Artifact, Packages, Wheel},
    manifest::Python,
    plan::{ContextFiles, python::layers::Layers},
    source::Span,
    wheel,
};

/// What the user is told when credentials or certificates may be missing.
fn secrets() -> String {
    let secrets = SECRET_IDS.map(|id| format!("`{id}`")).join(", ");
    format!("a private CA and credentials are passed as build secrets: {secrets}")
}

/// The resolver could not be had, or did not run.
pub fn tools(python: &Python, rejection: Rejection) -> Failure {
    let message = "the resolver for Python packages can't be had or run";
    let diagnostic = Diagnostic::error("no-resolver", message)
        .label(python.span, "for these packages")
        .help("the step's own words are above: the base image's pip fetches uv from the package index")
        .help("`--build-arg PIP_INDEX_URL=URL` names another index")
        .help(secrets())
        .help("`python.install: single` does without it");
    Failure::Explained(diagnostic, rejection)
}

/// The resolver found no answer. Its own words are shown, at the requirement they are about.
pub fn resolver(
    words: &str,
    python: &Python,
    context: &ContextFiles,
    platform: &Platform,
) -> Diagnostic {
    let words = words.trim();
    let (span, place) = blamed(words, python, context);
    let diagnostic = Diagnostic::error(
        "unresolvable",
        format!("the Python packages can't be resolved for {platform}"),
    )
    .label(span, place)
    .help(format!("the resolver says:\n{words}"));
    if words.contains("git") && words.contains("not found") {
        return diagnostic.help("add `build_packages: [git]` to `python`");
    }
    let backend = python.torch.as_ref().and_then(|torch| torch.value.backend());
    if let Some(backend) = backend.filter(|backend| words.contains(&format!("/whl/{backend}"))) {
        return diagnostic
            .help(format!(
                "`python.torch: {backend}` takes torch and its family from PyTorch's own index, \
                 whatever `python.index` is; the container that resolves can't reach it"
            ))
            .help("with a mirror of that index, leave `torch` out: name the mirror in `extra_indexes`, and pin the build, as in `torch==2.9.1+cpu`");
    }
    let is_access = ["401", "403", "Unauthorized", "Forbidden", "certificate"];
    if is_access.iter().any(|word| words.contains(word)) {
        return diagnostic.help(secrets());
    }
    diagnostic
}

/// The requirement that the resolver's words are about: the first that they name.
fn blamed(words: &str, python: &Python, context: &ContextFiles) -> (Span, String) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let named = words.split(|c| !is_name(c)).filter(|word| !word.is_empty());
    for name in named.map(|word| wheel::normalized(word.trim_end_matches('.'))) {
        let written = python.packages.iter().find(|package| {
            let end = package.value.find(|c| !is_name(c)).unwrap_or(package.value.len());
            wheel::normalized(&package.value[..end]) == name
        });
        if let Some(package) = written {
            return (package.span, "asked for here".to_owned());
        }
        if let Some(named) = context.named.get(&name) {
            let place = format!("`{name}` in `{}` line {}", named.file, named.line);
            return (named.span, place);
        }
    }
    (python.span, "asked for here".to_owned())
}

/// An answer that can't be used.
pub fn unusable(python: &Python, reason: &str) -> Diagnostic {
    Diagnostic::error("unusable-packages", format!("the packages can't be pinned: {reason}"))
        .label(python.span, "asked for here")
        .help("`python.install: single` leaves them to pip")
}

/// Packages whose digest is not the one that a requirements file demands.
pub fn digests(wheels: &[Wheel], context: &ContextFiles, python: &Python) -> Vec<Diagnostic> {
    let wrong = wheels.iter().filter_map(|wheel| {
        let demanded = context.hashes.get(&wheel.name)?;
        let artifact = wheel.artifact().filter(|it| !demanded.contains(&it.digest))?;
        let (span, place) = blamed(&wheel.name, python, context);
        let message = format!("the index has another `{}` than the requirements file demands", artifact.file());
        Some(
            Diagnostic::error("hash-mismatch", message)
                .label(span, place)
                .help(format!("it has {}", artifact.digest))
                .help("if the index is right, write that digest; a wheel for another platform needs its own `--hash`"),
        )
    });
    wrong.collect()
}

/// What is odd about packages that can be installed.
pub fn doubts(packages: &Packages, python: &Python, platform: &Platform) -> Vec<Diagnostic> {
    let _ = (packages, python, platform);
    Vec::new()
}

/// Why packages are installed by one run of pip.
pub fn single(python: &Python, reason: &str) -> Diagnostic {
    Diagnostic::warning(
        "single-layer",
        format!("all packages are installed in one layer: {reason}"),
    )
    .label(python.span, "")
    .help("`python.install: single` says that this is meant")
}

/// A file of another digest than the resolver was told.
pub fn other_bytes(layers: &Layers, artifact: &Artifact, found: &str) -> Diagnostic {
    let message = format!("`{}` is not what the index lists", artifact.file());
    Diagnostic::error("tampered-wheel", message)
        .label(layers.span, format!("it must be {}", artifact.digest))
        .help(format!("{} sends {found}; nothing of it was kept", artifact.url))
}

/// The daemon can't fetch, so a container does.
pub fn fetched_in_container(
    layers: &Layers,
    artifact: &Artifact,
    reason: &Rejection,
) -> Diagnostic {
    let message = "the builder can't fetch wheels from the package index: a container does";
    Diagnostic::warning("fetched-in-container", message)
        .label(layers.span, "")
        .help(format!("of `{}` the builder said: {}", artifact.file(), reason.message))
        .help("a fresh builder fetches all wheels then; with an index that the builder itself can reach (`--secret id=HTTP_AUTH_HEADER_<host>` for credentials) only those that changed")
}

/// A container could not fetch either.
pub fn no_fetch(layers: &Layers) -> Diagnostic {
    Diagnostic::error("no-wheels", "the wheels can't be fetched from the package index")
        .label(layers.span, "for these packages")
        .help("neither the builder nor a container gets them: pip's own words are above")
        .help(secrets())
        .help("if a lock names them, the index may have dropped them: make the lock anew")
}

/// A package could not be built from source.
pub fn not_built(layers: &Layers, wheel: &Wheel) -> Diagnostic {
    Diagnostic::error(
        "not-built",
        format!("`{}` has no wheel, and can't be built from source", wheel.pin()),
    )
    .label(layers.span, "asked for here")
    .help("pip's own words are above, in the output of this step")
    .help("what a compiler needs goes into `python.build_packages`: `[gcc, libc6-dev]`")
}
