//! What is wrong with packages, in words.

use buildkit_llb::Platform;

use crate::{
    document::Span,
    frontend::{
        failure::{self, Failure},
        locking,
    },
    gateway::rejection::Rejection,
    graph::python::resolve::{UV_CACHE, WORK},
    manifest::Python,
    packages::{
        Artifact, Origin, Wheel, name,
        resolver::refusal::{self, Lacks, Refusal},
        wheel::WheelName,
    },
    plan::{
        ContextFiles, Named,
        python::{hashes::Hashes, layers::Layers},
    },
    values::{
        diagnostic::Diagnostic,
        secret::passed::{self, PASS_APT_CONFIG},
    },
};

/// Where `resolve.py` writes what is in no requirements file.
const PACKAGES: &str = "/tmp/packages.txt";

/// As `failure`, but where the build was given no secret of a name that the requirements have,
/// the user is told of that.
pub fn not_given(failure: Failure, context: &ContextFiles) -> Failure {
    let (Failure::Refused(rejection) | Failure::Explained(_, rejection)) = &failure else {
        return failure;
    };
    let missing = context
        .secrets
        .iter()
        .find(|(name, _)| rejection.message.contains(&format!("secret {name}: not found")));
    missing.map_or(failure, |(name, named)| undeclared(name, named, true).into())
}

/// `${NAME}` stands in a requirements file for nothing that is known.
pub fn undeclared(name: &str, named: &Named, is_in_url: bool) -> Diagnostic {
    let Named { file, line, span } = named;
    let message = format!("`{file}` line {line} has `${{{name}}}`, which nobody declares");
    let told = Diagnostic::error("unknown-variable", message).label(*span, "named here").help(
        format!("give it a value in the manifest, `args: {{{name}: …}}`, which `--build-arg {name}=…` replaces"),
    );
    if is_in_url {
        told.help(format!("a password or a token is a secret: `--secret id={name}` passes the variable of that name"))
    } else {
        told.help("a build argument is no secret; a build secret can stand in a URL alone")
    }
}

/// The resolver could not be had, or did not run.
pub fn tools(python: &Python, rejection: Rejection) -> Failure {
    let message = "the resolver for Python packages can't be had or run";
    let diagnostic = Diagnostic::error("no-resolver", message)
        .label(python.span, "for these packages")
        .help("the step's own words are above: the base image's pip fetches uv from the package index")
        .help("`--build-arg PIP_INDEX_URL=URL` names another index, `--build-arg HTTPS_PROXY=URL` a proxy")
        .help(passed::advice())
        .help("`python.install: single` does without it");
    Failure::Explained(diagnostic, rejection)
}

/// What building needs could not be installed.
pub fn build_packages(names: &[String], span: Span, rejection: Rejection) -> Failure {
    let message = format!("the packages for building can't be installed: {}", names.join(", "));
    let diagnostic = Diagnostic::error("no-build-packages", message)
        .label(span, "asked for here")
        .help("apt's own words are above, in the output of this step")
        .help("a base image without apt, as Alpine's, must have the compiler itself")
        .help(format!("`{PASS_APT_CONFIG}` tells apt of a mirror or a proxy"));
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
    let listed = listed(words, python, context);
    let (span, place) = listed
        .as_ref()
        .map(|listed| (listed.span, listed.place.clone()))
        .or_else(|| asked(words, python, context))
        .unwrap_or_else(|| blamed(refusal::own(words), python, context));
    let again = again(words, &place, python, context);
    let words = &with_own_names(&match listed {
        Some(listed) => words.replace(&listed.ours, &listed.own),
        None => words.to_owned(),
    });
    let diagnostic = match Refusal::parse(words) {
        Some(refusal) => no_wheel(&refusal, platform),
        None => Diagnostic::error(
            "unresolvable",
            format!("the Python packages can't be resolved for {platform}"),
        ),
    };
    let diagnostic = diagnostic.label(span, place);
    let diagnostic = again.into_iter().fold(diagnostic, Diagnostic::help);
    let diagnostic = diagnostic.help(format!("the resolver says:\n{words}"));
    if words.contains("git") && words.contains("not found") {
        return diagnostic.help("add `build_packages: [git]` to `python`");
    }
    let backend = python.torch.as_ref().and_then(|torch| torch.value.backend());
    if let Some(backend) = backend.filter(|backend| words.contains(&format!("/whl/{backend}"))) {
        return diagnostic
            .help(format!(
                "`python.torch: {backend}` takes torch and its family from PyTorch's own index, \
                 whatever `python.index` is; the container that resolves can't reach it, \
                 or not by the proxy that it has been given"
            ))
            .help("with a mirror of that index, leave `torch` out: name the mirror in `extra_indexes`, and pin the build, as in `torch==2.9.1+cpu`");
    }
    let is_access = ["401", "403", "Unauthorized", "Forbidden", "certificate"];
    if is_access.iter().any(|word| words.contains(word)) {
        return diagnostic.help(passed::advice());
    }
    diagnostic
}

/// A package has wheels, but none for this image.
fn no_wheel(refusal: &Refusal, platform: &Platform) -> Diagnostic {
    let Refusal { name, lacks, available } = refusal;
    let found = match lacks {
        _ if refusal.is_of_musl() => {
            let message =
                format!("`{name}` has no wheel for musl, the C library of this base image");
            Diagnostic::error("no-musl-wheel", message)
                .help("a base image with glibc has wheels: `python:3.13-slim`, and not `-alpine`")
        }
        Lacks::Platform(tag) => {
            let is_musl = lacks.is_musl();
            let place = if is_musl { refusal::platform(tag) } else { platform.to_string() };
            Diagnostic::error("no-wheel", format!("`{name}` has no wheel for {place}"))
        }
        Lacks::Python(tag) => {
            let message = format!("`{name}` has no wheel for the Python of the base image ({tag})");
            Diagnostic::error("no-wheel", message)
                .help("take another version of the package, or a base image with another Python")
        }
    };
    if available.is_empty() {
        return found;
    }
    let mut places: Vec<String> = available.iter().map(|tag| refusal::platform(tag)).collect();
    places.dedup();
    found.help(format!("there are wheels for {}", places.join(", ")))
}

/// The requirement that the resolver names as asked for, or the project that it could not build.
fn asked(words: &str, python: &Python, context: &ContextFiles) -> Option<(Span, String)> {
    let at = |path: &String, by: &Named| {
        (by.span, format!("`{path}` in `{}` line {}", by.file, by.line))
    };
    let own = refusal::own(words);
    let project = own.split(&format!("{WORK}/")).skip(1).find_map(|rest| {
        let end = rest.find(|c: char| c.is_whitespace() || "`'\"#)".contains(c));
        let path = rest[..end.unwrap_or(rest.len())].trim_end_matches('/');
        context.installs.get_key_value(path).map(|(path, by)| at(path, by))
    });
    let required = || {
        let asked = refusal::asked(words);
        let packages = asked.iter().filter_map(|text| name::named_by(text));
        packages.into_iter().find_map(|name| written(&name, python, context))
    };
    // Of a project without a name, uv tells nothing: only one can be meant.
    let only = || {
        let mut installs = context.installs.iter();
        let (path, by) = installs.next().filter(|_| own.contains("build backend"))?;
        installs.next().is_none().then(|| at(path, by))
    };
    project.or_else(required).or_else(only)
}

/// The other places of the package that the resolver names as asked for: a constraints file may
/// be the one to blame, and the resolver doesn't say which file it means.
fn again(words: &str, place: &str, python: &Python, context: &ContextFiles) -> Vec<String> {
    let asked = refusal::asked(words);
    let mut names = asked.iter().filter_map(|text| name::named_by(text));
    let Some(name) = names.find(|name| written(name, python, context).is_some()) else {
        return Vec::new();
    };
    let again = context.named_again.get(&name).into_iter().flatten();
    let places = context.named.get(&name).into_iter().chain(again);
    let places = places.map(|named| named.place(&name)).filter(|other| other != place);
    places.map(|place| format!("{place} is about it, too")).collect()
}

/// A requirement of the list that we write of what is in no requirements file.
struct Listed {
    /// Where the user has it.
    span: Span,
    place: String,
    /// How the resolver names it, and how it is named to the user.
    ours: String,
    own: String,
}

/// The requirement of our list that can't be read, by its place there: uv says
/// ``in `FILE` at position 5``, pip `(from line 2 of FILE)`.
fn listed(words: &str, python: &Python, context: &ContextFiles) -> Option<Listed> {
    let number = |text: &str| -> Option<usize> {
        let digits = text.trim_start().split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    };
    let written = python.packages.iter().map(|package| (&package.value, package.span, None));
    let locked = context.locked_requirements.iter();
    let locked = locked.map(|(line, named)| (line, named.span, Some(named)));
    let mut lines = written.chain(locked);
    let by_uv = format!("`{PACKAGES}` at position ");
    let ((line, span, named), ours) = if let Some((_, rest)) = words.split_once(&by_uv) {
        let position = number(rest)?;
        let mut end = 0;
        let line = lines.find(|(line, ..)| {
            end += line.len() + 1;
            position < end
        });
        (line?, format!("{by_uv}{position}"))
    } else {
        let (before, _) = words.split_once(&format!(" of {PACKAGES})"))?;
        let (_, at) = before.rsplit_once("(from line ")?;
        let at = number(at)?;
        (lines.nth(at.checked_sub(1)?)?, format!("from line {at} of {PACKAGES}"))
    };
    let name = name::named_by(line).unwrap_or_else(|| line.clone());
    Some(match named {
        Some(named) => Listed {
            span,
            place: named.place(&name),
            ours,
            own: format!("`{}` line {}", named.file, named.line),
        },
        None => Listed {
            span,
            place: "asked for here".to_owned(),
            ours,
            own: "`python.packages`".to_owned(),
        },
    })
}

/// The words with the user's files in them, and not where a step of ours has them.
fn with_own_names(words: &str) -> String {
    let names = [
        (format!("file://{WORK}/"), "./"),
        (format!("{WORK}/"), "./"),
        (format!("file://{WORK}"), "."),
        (WORK.to_owned(), "."),
        (format!("{UV_CACHE}/"), "…/"),
        (PACKAGES.to_owned(), "python.packages"),
        ("/tmp/uv-lock.txt".to_owned(), "uv.lock"),
        ("/tmp/project.txt".to_owned(), "pyproject.toml"),
    ];
    names.iter().fold(words.to_owned(), |text, (ours, own)| text.replace(ours, own))
}

/// The requirement that the resolver's words are about: the first that they name.
fn blamed(words: &str, python: &Python, context: &ContextFiles) -> (Span, String) {
    written(words, python, context).unwrap_or_else(|| (python.span, "asked for here".to_owned()))
}

/// The same, if it is written in the manifest or in a requirements file.
fn written(words: &str, python: &Python, context: &ContextFiles) -> Option<(Span, String)> {
    let named = words.split(|c| !name::is_in_name(c)).filter(|word| !word.is_empty());
    for name in named.map(|word| name::normalized(word.trim_end_matches('.'))) {
        let asks = |text: &str| name::named_by(text).as_ref() == Some(&name);
        if let Some(package) = python.packages.iter().find(|package| asks(&package.value)) {
            return Some((package.span, "asked for here".to_owned()));
        }
        let locked = || {
            let mut locked = context.locked_requirements.iter();
            Some(&locked.find(|(line, _)| asks(line))?.1)
        };
        if let Some(named) = context.named.get(&name).or_else(locked) {
            return Some((named.span, named.place(&name)));
        }
    }
    None
}

/// An answer that can't be used.
pub fn unusable(python: &Python, reason: &str) -> Diagnostic {
    Diagnostic::error("unusable-packages", format!("the packages can't be pinned: {reason}"))
        .label(python.span, "asked for here")
        .help("`python.install: single` leaves them to pip")
}

/// Packages whose digest is not one of those that requirements files and locks demand.
pub fn digests(
    wheels: &[Wheel],
    hashes: &Hashes,
    context: &ContextFiles,
    python: &Python,
) -> Vec<Diagnostic> {
    let wrong = hashes.wrong(wheels).into_iter().map(|(wheel, artifact, place)| {
        let file = place.map_or("the requirements file".into(), |at| format!("`{}`", at.file));
        let place = place.map(|at| (at.span, at.place(&wheel.name)));
        let (span, place) = place.unwrap_or_else(|| blamed(&wheel.name, python, context));
        let message = format!("the index has another `{}` than {file} demands", artifact.file());
        Diagnostic::error("hash-mismatch", message)
            .label(span, place)
            .help(format!("it has {}", artifact.digest))
            .help("if the index is right, write that digest; a wheel for another platform needs its own")
    });
    wrong.collect()
}

/// Packages without a digest beside others that have one. As with pip, digests are for all or
/// for none: one that may be anything makes those of the others worthless.
pub fn no_hash(
    wheels: &[Wheel],
    hashes: &Hashes,
    context: &ContextFiles,
    python: &Python,
) -> Option<Diagnostic> {
    const SHOWN: usize = 20;
    let required = hashes.required.as_ref()?;
    let lacking = hashes.lacking(wheels);
    let first = lacking.first()?;
    let more = match lacking.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let message = format!("`{}` has no `--hash` of a sha256{more}", first.name);
    // What is written nowhere is asked for by something that is.
    let asked = first.via.iter().find_map(|by| written(by, python, context));
    let asked = asked.map(|(span, place)| (span, format!("{place} asks for it")));
    let place = written(&first.name, python, context).or(asked);
    let (span, place) = place.unwrap_or_else(|| (python.span, "asked for here".to_owned()));
    let commit = lacking.iter().find(|wheel| matches!(wheel.origin, Origin::Commit(_)));
    let lines = lacking.iter().filter_map(|wheel| {
        let (Origin::Wheel(artifact) | Origin::Archive(artifact)) = &wheel.origin else {
            return None;
        };
        Some(format!("\n{} --hash={}", wheel.pin(), artifact.digest))
    });
    let lines: String = lines.take(SHOWN).collect();
    let mut found = Diagnostic::error("no-hash", message)
        .label(span, place)
        .help(format!(
            "`{}` line {} makes digests a must for all packages, as with pip: also for those that only others ask for",
            required.file, required.line
        ));
    if !lines.is_empty() {
        found = found.help(format!("the index has, for this platform:{lines}"));
    }
    if let Some(commit) = commit {
        found = found.help(format!("a repository has no sha256: build a wheel of `{}`, or leave all digests out and use a lock", commit.name));
    }
    Some(found)
}

/// The index tells no sha256 of files.
pub fn unlisted(python: &Python, files: &[String]) -> Option<Diagnostic> {
    let first = files.first()?;
    let more = match files.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let found =
        Diagnostic::warning("no-sha256", format!("the index lists no sha256 of `{first}`{more}"))
            .label(python.span, "")
            .help("what came first is taken, and nothing else from then on; a lock keeps that");
    Some(found)
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

/// Packages that pip installs in one run can't be in a lock.
pub fn not_lockable(python: &Python, platform: &Platform) -> Diagnostic {
    let message =
        format!("the packages for {platform} can't be locked: pip installs them in one run");
    Diagnostic::error("not-lockable", message)
        .label(python.span, "these packages")
        .help("the warning `single-layer` says why; a base image with a newer Python has layers")
        .help("`install: single` says that this is meant, and locks all but the packages")
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
        .help(format!("of `{}` the builder said: {}", artifact.file(), failure::words(reason)))
        .help("a fresh builder fetches all wheels then; with an index that the builder itself can reach (`--secret id=HTTP_AUTH_HEADER_<host>` for credentials) only those that changed")
}

/// A container could not fetch either. `denied` is what the builder was told before, with
/// the file that it asked for; `manifest` is the manifest's name.
pub fn no_fetch(layers: &Layers, denied: Option<&(String, String)>, manifest: &str) -> Diagnostic {
    let message = denied.map_or_else(
        || "the wheels can't be fetched from the package index".to_owned(),
        |(file, _)| format!("`{file}` can't be fetched from the package index"),
    );
    let diagnostic = Diagnostic::error("no-wheels", message)
        .label(layers.span, "for these packages")
        .help("neither the builder nor a container gets it: pip's own words are above");
    let Some((file, said)) = denied else { return diagnostic.help(passed::advice()) };
    let diagnostic = diagnostic.help(format!("the builder was told: {said}"));
    let gone = WheelName::parse(file).filter(|_| said.contains("404"));
    match gone {
        // Making the lock once more would not do: it fits.
        Some(wheel) => diagnostic.help(format!(
            "if a lock names it, the index has dropped it; to lock another version: {}",
            locking::update_command(manifest, &wheel.name)
        )),
        None => diagnostic.help(passed::advice()),
    }
}

/// A package could not be built from source.
pub fn not_built(layers: &Layers, wheel: &Wheel) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        "not-built",
        format!("`{}` has no wheel, and can't be built from source", wheel.pin()),
    )
    .label(layers.span, "asked for here")
    .help("pip's own words are above, in the output of this step");
    if layers.interpreter.libc.starts_with("musl") {
        return diagnostic
            .help("more packages have wheels for glibc than for musl: take `python:3.13-slim`, and not `-alpine`")
            .help("`python.build_packages` are apt's: on Alpine, the base image itself must have the compiler");
    }
    diagnostic.help("what a compiler needs goes into `python.build_packages`: `[gcc, libc6-dev]`")
}
