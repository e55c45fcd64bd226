//! Asks which files the distribution's packages come to, and explains what went wrong with them.

use std::collections::BTreeMap;

use buildkit_llb::{Output, Platform};
use futures_util::future::join_all;

use super::{
    build::Build,
    download::{self, Came},
    failure::Failure,
};
use crate::{
    answers::Answers,
    document::Span,
    gateway::{Gateway, rejection::Rejection},
    graph::{
        Scene,
        download::Attempts,
        purpose::{Purpose, Purposes},
        system::{self, REPORT, URIS},
    },
    manifest::System,
    plan::{self, system::Asking, user::Entry},
    system::{SystemPackage, Words},
    values::{diagnostic::Diagnostic, secret::passed::PASS_APT_CONFIG},
};

/// What was found out, and by which steps, by platform.
pub type Found = (BTreeMap<Platform, Vec<SystemPackage>>, BTreeMap<Platform, Vec<Output>>);

/// Finds the files for every platform that `answers` lacks them for.
pub async fn ask(
    build: Build<'_>,
    answers: &Answers,
    platforms: &[Platform],
    now: bool,
    scene: &Scene<'_>,
) -> Result<Found, Failure> {
    let Some(system) = &build.manifest.system else { return Ok(Found::default()) };
    let missing = platforms.iter().filter(|platform| answers.system(platform).is_none());
    let questions: Vec<(&Platform, Asking)> = missing
        .filter_map(|platform| {
            Some((platform, plan::system::asking(build.manifest, answers.base(platform)?)?))
        })
        .collect();
    let asked = questions
        .iter()
        .map(|(platform, asking)| on_platform(build, system, asking, platform, now, scene));
    let (mut found, mut failures) = (Found::default(), Vec::new());
    for ((platform, _), answer) in questions.iter().zip(join_all(asked).await) {
        match answer {
            Ok((packages, step)) => {
                found.0.insert((*platform).clone(), packages);
                found.1.insert((*platform).clone(), vec![step]);
            }
            Err(failure) => failures.push(failure),
        }
    }
    match Failure::all(failures) {
        None => Ok(found),
        Some(failure) => Err(failure),
    }
}

async fn on_platform(
    build: Build<'_>,
    system: &System,
    asking: &Asking,
    platform: &Platform,
    now: bool,
    scene: &Scene<'_>,
) -> Result<(Vec<SystemPackage>, Output), Failure> {
    let word = format!("{} {platform}", scene.request.session);
    let now = now.then_some(word.as_str());
    let purposes = Purposes::default();
    let scene = &Scene { purposes: &purposes, ..*scene };
    let output = system::ask(asking, now, None, platform, scene);
    let rejection = match file_of(build, &output, URIS).await {
        Ok(text) => {
            let packages = SystemPackage::parse_uris(&text)
                .map_err(|error| Failure::from(Rejection::new(error.to_string())))?;
            return Ok((packages, output));
        }
        Err(rejection) => rejection,
    };
    if !matches!(purposes.find(&rejection.vertices()), Some(Purpose::SystemAnswer)) {
        return Err(rejection.into());
    }
    // Of a step that failed nothing can be read, so it is asked for its words.
    let output = system::ask(asking, now, Some(&word), platform, scene);
    match file_of(build, &output, REPORT).await {
        Ok(words) => Err(unresolved(&words, system, build, platform).into()),
        Err(_) => Err(rejection.into()),
    }
}

async fn file_of(build: Build<'_>, output: &Output, name: &str) -> Result<String, Rejection> {
    let result = build.gateway.solve(build.definition(output), true).await?;
    let bytes = build.gateway.read_file(&result, &format!("/{name}")).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Why apt could not answer.
fn unresolved(words: &str, system: &System, build: Build<'_>, platform: &Platform) -> Diagnostic {
    let span_of = |name: &str| {
        let is_it = |asked: &str| asked.split(['=', ':']).next() == Some(name);
        system.packages.iter().find(|it| is_it(&it.value)).map_or(system.span, |it| it.span)
    };
    match Words::parse(words) {
        Words::NoApt => {
            let base = &build.manifest.base;
            Diagnostic::error("no-apt", format!("the base image `{}` has no apt", base.value))
                .label(system.span, "these are packages of Debian's or Ubuntu's")
                .help("choose a base image of theirs, or one that has the packages")
        }
        Words::Unknown(name) => {
            let message = format!("there is no package `{name}` for {platform}");
            Diagnostic::error("unknown-system-package", message)
                .label(span_of(&name), "asked for here")
                .help(format!(
                    "the archives of `{}` are what counts: a name can differ between releases",
                    build.manifest.base.value
                ))
        }
        Words::NoVersion { name, version } => {
            let message = format!("the archive has no version `{version}` of `{name}`");
            Diagnostic::error("unknown-system-package", message)
                .label(span_of(&name), "asked for here")
                .help("an archive keeps only the newest of each release: leave the version out, and let the lock hold it")
        }
        Words::Other(words) => {
            Diagnostic::error("system-packages", "apt could not tell which packages these are")
                .label(system.span, "asked for here")
                .help(words)
                .help(format!("`{PASS_APT_CONFIG}` tells apt of a mirror or a proxy"))
        }
    }
}

/// What a failed installation means for the user.
pub fn not_installed(span: Span, asked: &[String], rejection: Rejection) -> Failure {
    let message = format!("`{}` could not be installed", asked.join(" "));
    let diagnostic = Diagnostic::error("system-install", message)
        .label(span, "asked for here")
        .help("the words of apt and dpkg are above, in the output of this step")
        .help("it runs without a network: a package whose script downloads something can't be installed so");
    Failure::Explained(diagnostic, rejection)
}

/// Gets the file of a package again. Afterwards `attempts` says under which name the daemon has
/// it; or the failure says what is wrong.
pub async fn again(
    gateway: &Gateway,
    (package, span): (&SystemPackage, Span),
    failed: Rejection,
    attempts: &mut Attempts,
) -> Result<(), Failure> {
    let SystemPackage { name, version, url, digest, .. } = package;
    let error =
        |message| Diagnostic::error("system-package", message).label(span, "asked for here");
    let lock_anew = "`MODELCACHE_UPDATE=system` locks what there is now";
    let (diagnostic, said) = match download::ask(gateway, url, digest, attempts.of(digest), &failed)
        .await
    {
        Ok(Came::Good(attempt)) => {
            attempts.set(*digest, attempt);
            return Ok(());
        }
        Ok(Came::Other(found)) => {
            let message = format!("`{name}` {version} is not what the archive lists");
            let told = format!("it must be {digest}, and {url} sends {found}");
            (error(message).help(told).help(lock_anew), failed)
        }
        Err(no) if download::status(&no.message) == Some(404) => {
            let message = format!("the archive no longer has `{name}` {version}");
            let help = "an archive keeps only the newest version; a registry's cache and a bundle have it for longer";
            (error(message).help(lock_anew).help(help), no)
        }
        Ok(Came::Never) => (unreachable(error, package), failed),
        Err(no) => (unreachable(error, package), no),
    };
    Err(Failure::Explained(diagnostic, said))
}

fn unreachable(error: impl Fn(String) -> Diagnostic, package: &SystemPackage) -> Diagnostic {
    let SystemPackage { name, version, url, .. } = package;
    error(format!("`{name}` {version} could not be downloaded from {url}"))
        .help("the builder itself asks for it: check its network, DNS and proxy")
}

/// What it means that the user could not be added beside those of packages.
pub fn name_taken(user: &Entry, rejection: Rejection) -> Failure {
    let message = format!("a package of `system` has a user or group `{}` of its own", user.name);
    let diagnostic = Diagnostic::error("user-taken", message)
        .label(user.span, "to be added")
        .help("choose another name for `user`");
    Failure::Explained(diagnostic, rejection)
}
