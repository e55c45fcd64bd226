//! The lock file in a build: read, held against the manifest, made anew.

use buildkit_llb::{File, Platform, Timestamp, Vertex};

use super::failure::Failure;
use crate::{
    answers::Answers,
    document::Span,
    gateway::{Gateway, rejection::Rejection, reply::Reply},
    graph::layer,
    lock::{
        self, LockFile, diff,
        fit::{self, python::PythonFit},
    },
    manifest::Manifest,
    packages::name,
    plan::ContextFiles,
    request::Request,
    values::{diagnostic::Diagnostic, predefined, target::Target},
};

/// The target whose result is the lock file.
const TARGET: &str = Target::Lock.name();
/// The subrequest that tells what an update would change.
pub const SUBREQUEST: &str = "frontend.lock";

/// Whether `request` makes a lock, or tells what making one would change.
pub fn locks(request: &Request) -> bool {
    request.target.as_deref() == Some(TARGET) || request.subrequest.as_deref() == Some(SUBREQUEST)
}

/// The command that makes or updates the lock of the manifest `name`.
pub fn command(name: &str) -> String {
    format!("docker buildx build --target {TARGET} --output . -f {name} .")
}

/// The command that locks `what` anew, of a lock that fits.
pub fn update_command(name: &str, what: &str) -> String {
    let update = predefined::UPDATE;
    format!(
        "docker buildx build --target {TARGET} --build-arg {update}={what} --output . -f {name} ."
    )
}

/// Reads the text of a lock file.
pub fn parse(name: &str, text: &str, manifest: &str) -> Result<LockFile, Failure> {
    LockFile::parse(text).map_err(|reason| {
        Diagnostic::error("unreadable-lock", format!("the lock file `{name}` can't be read"))
            .label(Span::default(), reason)
            .help(format!("remove it, and make it again: {}", command(manifest)))
            .into()
    })
}

/// What a build without a lock is told, once.
pub fn advice(manifest: &Manifest, name: &str) -> Diagnostic {
    let message = "no lock file: the same manifest may build something else tomorrow";
    Diagnostic::warning("no-lock", message)
        .label(manifest.base.span, "")
        .help(format!("to pin all digests: {}", command(name)))
}

/// Why a part made of models can't be built of a manifest without any.
pub fn no_models(manifest: &Manifest) -> Diagnostic {
    Diagnostic::error("no-models", "this target holds models, and the manifest names none")
        .label(manifest.base.span, "")
        .help("add `models:` with a model's id")
}

/// Why the packages can't be built where there are none.
pub fn no_packages(manifest: &Manifest) -> Diagnostic {
    let message = "this target holds Python packages, and the manifest names none";
    Diagnostic::error("no-packages", message)
        .label(manifest.base.span, "")
        .help("add `python:` with `requirements` or `packages`")
}

/// What need not be asked: the answers of a lock that fits. A lock that doesn't
/// is a mistake, unless `updating`: then the rest of it still holds.
pub fn known(
    lock: Option<&LockFile>,
    manifest: &Manifest,
    platforms: &[Platform],
    request: &Request,
    updating: bool,
) -> Result<Answers, Failure> {
    let Some(lock) = lock else { return Ok(Answers::default()) };
    let fit = fit::fit(lock, manifest, platforms, &command(&request.filename));
    if !updating {
        return if fit.stale.is_empty() { Ok(fit.known) } else { Err(fit.stale.into()) };
    }
    let mut known = fit.known;
    for name in request.build_arg(predefined::UPDATE).unwrap_or_default().split(',') {
        forget(name.trim(), lock, manifest, &mut known)?;
    }
    Ok(known)
}

/// The same of the Python packages, for `bases`; an update forgets what it shall ask anew.
pub fn known_packages(
    lock: &LockFile,
    manifest: &Manifest,
    context: &ContextFiles,
    platforms: &[Platform],
    request: &Request,
    bases: &Answers,
) -> PythonFit {
    let command = command(&request.filename);
    let mut fit = fit::python::python(lock, manifest, context, bases, platforms, &command);
    for name in request.build_arg(predefined::UPDATE).unwrap_or_default().split(',') {
        match name.trim() {
            "all" | "python" => fit = PythonFit::default(),
            name if has_package(lock, name) => fit.forget(name),
            _ => {}
        }
    }
    fit
}

/// Whether the lock has a Python package of this name.
fn has_package(lock: &LockFile, name: &str) -> bool {
    let platforms = lock.python.iter().flat_map(|python| python.platforms.values());
    let name = name::normalized(name);
    platforms.flat_map(|packages| &packages.wheels).any(|wheel| wheel.name == name)
}

/// Drops the answers that the user wants asked anew.
fn forget(
    name: &str,
    lock: &LockFile,
    manifest: &Manifest,
    known: &mut Answers,
) -> Result<(), Failure> {
    let is_named = |model: &&crate::manifest::Model| {
        model.id.value.as_str() == name || model.id.value.hub_id() == name
    };
    match name {
        "" | "python" => {}
        _ if has_package(lock, name) => {}
        "all" => *known = Answers::default(),
        // The packages were asked for in that very image.
        "base" => {
            known.base.clear();
            known.system.clear();
        }
        "system" => known.system.clear(),
        _ => {
            let Some(model) = manifest.models.iter().find(is_named) else {
                let names: Vec<&str> =
                    manifest.models.iter().map(|model| model.id.value.as_str()).collect();
                return Err(Rejection::new(format!(
                    "`{}={name}` names nothing that can be updated: write `all`, `base`, `system`, `python`, a package of the lock, or a model of the manifest ({})",
                    predefined::UPDATE,
                    names.join(", "),
                ))
                .into());
            };
            known.models.remove(&crate::answers::model_key(model));
        }
    }
    Ok(())
}

/// The result of the target `lock`: one file, for `--output .`.
pub async fn reply(
    gateway: &Gateway,
    request: &Request,
    lock: &LockFile,
) -> Result<Reply, Failure> {
    let name = lock::name(&request.filename);
    let file = name.rsplit('/').next().unwrap_or(&name);
    let action =
        layer::mkfile(&format!("/{file}"), &lock.text(), Timestamp::Seconds(request.epoch));
    let output =
        Vertex::new(File::on_scratch(vec![action])).name(format!("[lock] write {file}")).output();
    let result = gateway.solve(buildkit_llb::marshal(&output, &[]), true).await?;
    Ok(Reply { refs: vec![(String::new(), result)], ..Reply::default() })
}

/// The answer to `--call=lock`.
pub fn describe(old: Option<&LockFile>, new: &LockFile) -> Reply {
    let changes = diff::diff(old, new);
    let text = if changes.is_empty() { "the lock is up to date\n".to_owned() } else { changes };
    let json = serde_json::json!({
        "changed": old != Some(new),
        "lock": new.text(),
    });
    let metadata =
        [("result.json", json.to_string()), ("result.txt", text), ("version", "1.0.0".to_owned())];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value.into_bytes()));
    Reply { metadata: metadata.into(), ..Reply::default() }
}
