//! What a build must know and say of files from URLs and of folders.

use buildkit_llb::Platform;

use super::{
    build::Build,
    context,
    download::{self, Came},
    failure::Failure,
};
use crate::{
    gateway::{Gateway, rejection::Rejection},
    graph::{
        asset::{CONTENTS, tree},
        download::Attempts,
    },
    manifest::asset::{AssetKind, ModelFolder},
    plan::asset::{self, AssetLayer, AssetLayerKind, FolderOrigin},
    request::Request,
    values::{capabilities, diagnostic::Diagnostic, secret::passed::pass_token},
};

/// Looks whether every folder that is a model is there.
pub async fn folders(build: Build<'_>, platforms: &[Platform]) -> Result<(), Failure> {
    let Build { gateway, request, manifest, .. } = build;
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
        context::folder(request, from, platform)?;
    }
    let origin = asset::origin(folder, platform, request);
    let path = folder.path.value.as_str();
    if origin == FolderOrigin::Context && path == "." {
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

/// Gets a file that failed in the graph, as [`download::again`] does for a model's.
pub async fn again(
    gateway: &Gateway,
    layer: &AssetLayer,
    failed: &Rejection,
    attempts: &mut Attempts,
) -> Result<(), Failure> {
    let AssetLayerKind::File { url, digest, .. } = &layer.kind else { return Ok(()) };
    let used = attempts.of(digest);
    let last = match download::ask(gateway, url, digest, used, failed).await {
        Ok(Came::Good(attempt)) => {
            attempts.set(*digest, attempt);
            return Ok(());
        }
        Ok(Came::Other(found)) => {
            let message = format!("`{url}` is another file than the manifest says");
            return Err(Diagnostic::error("tampered-file", message)
                .label(layer.span, format!("it must be {digest}"))
                .help(format!("what comes is {found}; nothing of it was kept"))
                .into());
        }
        Ok(Came::Never) => failed.clone(),
        Err(no) => no,
    };
    let token = pass_token(download::host(url), "TOKEN");
    let diagnostic = Diagnostic::error("download", format!("`{url}` could not be downloaded"))
        .label(layer.span, "asked for here")
        .help("the builder itself asks for it: check its network, DNS and proxy")
        .help(format!("if it needs a token, pass it: {token}"));
    let diagnostic = match download::too_old(capabilities::sends_tokens(&gateway.llb), &last) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    };
    Err(Failure::Explained(diagnostic, last))
}

/// A zip archive that the program can't unpack, which says why.
pub fn not_unpacked(layer: &AssetLayer, rejection: Rejection) -> Failure {
    let diagnostic = Diagnostic::error("not-an-archive", "a zip archive can't be unpacked")
        .label(layer.span, "unpacked here")
        .help("the reason is above, in the output of this step");
    Failure::Explained(diagnostic, rejection)
}

/// Whether it is the contents of an archive that a layer lacks: of what is no tar archive they
/// are looked for and not found.
pub fn is_no_archive(rejection: &Rejection) -> bool {
    rejection.message.contains(CONTENTS)
}

/// A file to unpack that the daemon can't unpack.
pub fn no_archive(layer: &AssetLayer, rejection: Rejection) -> Failure {
    let diagnostic = Diagnostic::error("not-an-archive", "a file to unpack is no tar archive")
        .label(layer.span, "unpacked here")
        .help("tar archives are read, plain or compressed by gzip, bzip2, xz or zstd, and zip");
    Failure::Explained(diagnostic, rejection)
}
