//! What a build must know and say of files from URLs, of folders, and of the named
//! contexts that they or the base image come from.

use buildkit_llb::{Http, Output, Platform};

use super::{
    download::{self, ATTEMPTS},
    failure::Failure,
};
use crate::{
    diagnostic::Diagnostic,
    gateway::{Gateway, rejection::Rejection},
    graph::{
        self, Scene,
        asset::{fetch, tree},
        model::{Attempts, attempt_name, blob},
    },
    manifest::{
        Manifest,
        asset::{AssetKind, ContextName, ModelFolder, full_reference},
    },
    plan::{
        Plan,
        asset::{self, Kind, Layer, Origin, Unpack},
    },
    request::{Request, context::NamedContext},
    source::Span,
};

/// The image that a named context puts in the place of the base, if one does. A
/// lock is made without: it is for those who build without the context, too.
pub fn base(
    request: &Request,
    manifest: &Manifest,
    platform: &Platform,
) -> Result<Option<String>, Failure> {
    let name = ContextName::of(&manifest.base.value);
    let locks = request.target.as_deref() == Some(super::locking::TARGET)
        || request.subrequest.as_deref() == Some(super::locking::SUBREQUEST);
    let Some(context) = request.named_context(name.as_str(), platform).filter(|_| !locks) else {
        return Ok(None);
    };
    let span = manifest.base.span;
    match context {
        NamedContext::Image(reference) => image(&reference, &name, span).map(Some),
        NamedContext::Local(_) => Err(unreadable(&name, "a folder", "an image", span)),
        NamedContext::Other(value) => Err(unreadable(&name, &value, "an image", span)),
    }
}

/// Looks whether every folder that is a model is there.
pub async fn folders(
    gateway: &Gateway,
    request: &Request,
    manifest: &Manifest,
    platforms: &[Platform],
) -> Result<(), Failure> {
    let Some(platform) = platforms.first() else { return Ok(()) };
    let folders = manifest.assets.iter().filter_map(|asset| match &asset.kind {
        AssetKind::Folder(folder) => Some(folder),
        AssetKind::File(_) => None,
    });
    let looked = folders.map(|folder| look(gateway, request, folder, platform));
    let looked = futures_util::future::join_all(looked).await;
    let failures = looked.into_iter().filter_map(Result::err).collect();
    Failure::all(failures).map_or(Ok(()), Err)
}

async fn look(
    gateway: &Gateway,
    request: &Request,
    folder: &ModelFolder,
    platform: &Platform,
) -> Result<(), Failure> {
    if let Some(from) = &folder.from {
        given(request, from, platform)?;
    }
    let origin = asset::origin(folder, platform, request);
    let path = folder.path.value.as_str();
    if origin == Origin::Context && path == "." {
        return Ok(());
    }
    let source = tree(&origin, path, request, platform).output();
    let loaded = gateway.solve(buildkit_llb::marshal(&source, &[]), false).await?;
    if path == "." {
        return Ok(());
    }
    let place = folder.from.as_ref().map_or("the build context".to_owned(), |from| {
        format!("the context `{}`", from.value.as_str())
    });
    let mistake = match gateway.is_folder(&loaded, path).await {
        Ok(true) => return Ok(()),
        Ok(false) => format!("`{path}` is a file, and a model is a folder"),
        Err(rejection) if rejection.is_not_found() => format!("`{path}` is not in {place}"),
        Err(rejection) => return Err(rejection.into()),
    };
    let error = Diagnostic::error("missing-file", mistake).label(folder.path.span, "");
    Err(error
        .help("it holds what the repository would: `config.json`, the tokenizer, the weights")
        .into())
}

/// A context that a model needs must be given, in a form that we read.
fn given(
    request: &Request,
    from: &crate::source::Spanned<ContextName>,
    platform: &Platform,
) -> Result<(), Failure> {
    let name = &from.value;
    match request.named_context(name.as_str(), platform) {
        Some(NamedContext::Local(_)) => Ok(()),
        Some(NamedContext::Image(reference)) => image(&reference, name, from.span).map(drop),
        Some(NamedContext::Other(value)) => {
            Err(unreadable(name, &value, "a folder or an image", from.span))
        }
        None => {
            let message = format!("the build has no context named `{}`", name.as_str());
            let help = format!("give it a folder: `--build-context {}=./folder`", name.as_str());
            Err(Diagnostic::error("no-context", message).label(from.span, "").help(help).into())
        }
    }
}

fn image(reference: &str, name: &ContextName, span: Span) -> Result<String, Failure> {
    full_reference(reference).map_err(|error| {
        let message = format!("the context `{}` is not an image: {error}", name.as_str());
        Diagnostic::error("invalid-context", message).label(span, reference.to_owned()).into()
    })
}

fn unreadable(name: &ContextName, value: &str, wanted: &str, span: Span) -> Failure {
    let message = format!("the context `{}` is {value}, and must be {wanted}", name.as_str());
    let help = "write `--build-context NAME=docker-image://…`, or `NAME=./folder` for a model";
    Diagnostic::error("invalid-context", message).label(span, "named here").help(help).into()
}

/// The file from a URL whose download `rejection` is about, if it is about one.
pub fn failed<'a>(rejection: &Rejection, plan: &'a Plan, attempts: &Attempts) -> Option<&'a Layer> {
    let failed = rejection.vertices();
    plan.assets.iter().find(|layer| {
        fetch(layer, attempts).is_some_and(|vertex| failed.contains(&vertex.output().digest()))
    })
}

/// Gets a file that failed in the graph, as [`download::again`] does for a model's.
pub async fn again(
    gateway: &Gateway,
    layer: &Layer,
    attempts: &mut Attempts,
) -> Result<(), Failure> {
    let Kind::File { url, digest, .. } = &layer.kind else { return Ok(()) };
    let used = attempts.get(digest).copied().unwrap_or_default();
    let mut last = Rejection::new(format!("{ATTEMPTS} attempts have failed"));
    for attempt in used + 1..ATTEMPTS {
        let source = Http { filename: attempt_name(attempt), ..blob(url.clone()) };
        match gateway.resolve_http(&source).await {
            Ok(found) if found.as_ref().is_none_or(|found| found == digest) => {
                attempts.insert(digest.clone(), attempt);
                return Ok(());
            }
            Ok(found) => {
                let message = format!("`{url}` is another file than the manifest says");
                let found = found.unwrap_or_default();
                return Err(Diagnostic::error("tampered-file", message)
                    .label(layer.span, format!("it must be {digest}"))
                    .help(format!("what comes is {found}; nothing of it was kept"))
                    .into());
            }
            Err(no) => {
                let transient = download::is_transient(&no);
                last = no;
                if !transient {
                    break;
                }
                download::pause(attempt).await;
            }
        }
    }
    let host = url.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next());
    let token = format!("--secret id=HTTP_AUTH_TOKEN_{},env=TOKEN", host.unwrap_or_default());
    let diagnostic = Diagnostic::error("download", format!("`{url}` could not be downloaded"))
        .label(layer.span, "asked for here")
        .help("the builder itself asks for it: check its network, DNS and proxy")
        .help(format!("if it needs a token, pass it: {token}"));
    Err(Failure::Explained(diagnostic, last))
}

/// Explains an archive that can't be unpacked. Of what is no tar archive the contents
/// are looked for and not found; the program that unpacks zip archives says why.
pub fn explain(rejection: &Rejection, plan: &Plan, scene: &Scene<'_>) -> Option<Failure> {
    let failed = rejection.vertices();
    let archives = graph::archives(plan, scene);
    let by_python =
        |layer: &Layer| matches!(&layer.kind, Kind::File { unpack: Some(Unpack::Python(_)), .. });
    let is_meant = |(layer, unpacked): &&(&Layer, Output)| {
        by_python(layer) && failed.contains(&unpacked.digest())
    };
    let diagnostic = if let Some((layer, _)) = archives.iter().find(is_meant) {
        Diagnostic::error("not-an-archive", "a zip archive can't be unpacked")
            .label(layer.span, "unpacked here")
            .help("the reason is above, in the output of this step")
    } else if rejection.message.contains(graph::asset::CONTENTS) {
        let (layer, _) = archives.iter().find(|(layer, _)| !by_python(layer))?;
        Diagnostic::error("not-an-archive", "a file to unpack is no tar archive")
            .label(layer.span, "unpacked here")
            .help("tar archives are read, plain or compressed by gzip, bzip2, xz or zstd, and zip")
    } else {
        return None;
    };
    Some(Failure::Explained(diagnostic, rejection.clone()))
}
