//! What a build reads from its context: the manifest, the ignore file, the
//! requirements files, and whether what the app copies is there.

use std::collections::BTreeMap;

use buildkit_frontend::contexts;
use buildkit_llb::Output;

use super::{build::Build, failure::Failure, file::ManifestFile};
use crate::{
    document::Document,
    gateway::{Gateway, Ref, rejection::Rejection},
    graph::local,
    lock,
    plan::{
        ContextFiles,
        verify::program::{self, Candidate},
    },
    request::{Request, ignore},
    values::diagnostic::Diagnostic,
};

pub mod extras;
pub mod mistaken;
pub mod requirements;

/// Reads the manifest that the request names.
pub async fn manifest(gateway: &Gateway, request: &Request) -> Result<ManifestFile, Failure> {
    let name = &request.filename;
    let output = definition_files(request);
    let definition = buildkit_llb::marshal(&output, &[]);
    let loaded = gateway.solve(definition.clone(), false).await?;
    let bytes = gateway.read_file(&loaded, name).await.map_err(|rejection| {
        let message = format!("failed to read the manifest `{name}`: {rejection}");
        rejection.explained(message, None)
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Rejection::new(format!("the manifest `{name}` is not UTF-8 text")))?;
    let document = Document::new(name.clone(), text);
    let lock = match gateway.read_file(&loaded, &lock::name(name)).await {
        Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        Err(rejection) if rejection.is_not_found() => None,
        Err(rejection) => return Err(rejection.into()),
    };
    Ok(ManifestFile { document, lock, definition, digest: output.digest() })
}

/// The manifest and the files that belong to it: loaded together, in one transfer.
fn definition_files(request: &Request) -> Output {
    let name = &request.filename;
    contexts::file(request, vec![ignore_name(name), lock::name(name)]).output()
}

fn ignore_name(manifest: &str) -> String {
    format!("{manifest}.dockerignore")
}

/// The patterns of the ignore file: the manifest's own, or the context's.
pub async fn ignore_patterns(gateway: &Gateway, request: &Request) -> Result<Vec<String>, Failure> {
    let own = ignore_name(&request.filename);
    if let Some(text) = read_optional(gateway, &definition_files(request), &own).await? {
        return Ok(ignore::patterns(&text));
    }
    let name = ".dockerignore";
    let shared_key = "modelcache-ignore";
    let root = contexts::context(request, vec![name.into()], Vec::new(), shared_key)
        .name(format!("[internal] load {name}"))
        .output();
    Ok(read_optional(gateway, &root, name)
        .await?
        .map_or(Vec::new(), |text| ignore::patterns(&text)))
}

async fn read_optional(
    gateway: &Gateway,
    output: &Output,
    path: &str,
) -> Result<Option<String>, Failure> {
    let loaded = gateway.solve(buildkit_llb::marshal(output, &[]), false).await?;
    match gateway.read_file(&loaded, path).await {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(rejection) if rejection.is_not_found() => Ok(None),
        Err(rejection) => Err(rejection.into()),
    }
}

/// Looks at what `app.copy` names: whether it is there, and a folder.
pub async fn copied(
    build: Build<'_>,
    ignore: &[String],
) -> Result<BTreeMap<String, bool>, Failure> {
    let Build { gateway, request, manifest, .. } = build;
    let mut folders = BTreeMap::new();
    let copies: &[_] = manifest.app.as_ref().map_or(&[], |app| &app.copy);
    let named: Vec<_> = copies.iter().filter(|copy| !copy.from.value.is_whole()).collect();
    if named.is_empty() {
        return Ok(folders);
    }
    let output =
        local::context(copies.iter().map(|copy| copy.from.value.as_str()), ignore, request);
    let loaded: Ref = gateway.solve(buildkit_llb::marshal(&output, &[]), false).await?;
    let mut missing = Vec::new();
    for copy in named {
        let path = copy.from.value.as_str();
        match gateway.is_folder(&loaded, path).await {
            Ok(is_folder) => drop(folders.insert(path.to_owned(), is_folder)),
            Err(rejection) if rejection.is_not_found() => missing.push(
                Diagnostic::error("missing-file", format!("`{path}` is not in the build context"))
                    .label(copy.from.span, "copied here")
                    .help("check the path, and that `.dockerignore` doesn't leave it out"),
            ),
            Err(rejection) => return Err(rejection.into()),
        }
    }
    if missing.is_empty() { Ok(folders) } else { Err(missing.into()) }
}

/// Looks at what the container may start with, of what `app.copy` names.
async fn programs(
    build: Build<'_>,
    ignore: &[String],
    context: &ContextFiles,
) -> Result<BTreeMap<String, Option<Candidate>>, Failure> {
    let Build { gateway, request, manifest, .. } = build;
    let mut found = BTreeMap::new();
    let paths = program::candidates(manifest, context);
    let (Some(app), false) = (&manifest.app, paths.is_empty()) else { return Ok(found) };
    let copied = app.copy.iter().map(|copy| copy.from.value.as_str());
    let output = local::context(copied, ignore, request);
    let loaded = gateway.solve(buildkit_llb::marshal(&output, &[]), false).await?;
    for path in paths {
        let stat = match gateway.stat(&loaded, &path).await {
            Ok(stat) => stat,
            Err(rejection) if rejection.is_not_found() => {
                found.insert(path, None);
                continue;
            }
            Err(rejection) => return Err(rejection.into()),
        };
        let head = if stat.is_folder {
            Vec::new()
        } else {
            gateway.read_head(&loaded, &path, program::HEAD).await?
        };
        let candidate = Candidate { mode: stat.mode, is_folder: stat.is_folder, head };
        found.insert(path, Some(candidate));
    }
    Ok(found)
}

/// All that [`crate::plan::plan`] must know of the context.
pub async fn context(build: Build<'_>, ignore: &[String]) -> Result<ContextFiles, Failure> {
    let (requirements, folders) =
        futures_util::join!(requirements::files(build), copied(build, ignore));
    let builder = build.gateway.platforms.first().cloned();
    let context = ContextFiles { folders: folders?, builder, ..requirements? };
    let programs = programs(build, ignore, &context).await?;
    Ok(ContextFiles { programs, ..context })
}
