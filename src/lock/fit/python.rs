//! Whether the locked packages are still those that are asked for.

use std::collections::BTreeMap;

use buildkit_llb::Platform;

use super::stale;
use crate::{
    answers::Answers,
    document::Span,
    lock::{LockFile, python::Asked},
    manifest::{Manifest, Python, python::Install},
    packages::{Packages, Wheel, name},
    plan::ContextFiles,
    values::diagnostic::Diagnostic,
};

/// What a lock is good for, as to Python packages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PythonFit {
    /// The packages that still hold, by platform.
    pub known: BTreeMap<Platform, Packages>,
    /// The versions of those that don't: an update changes no more than it must.
    pub previous: BTreeMap<Platform, Vec<String>>,
    /// What the manifest asks for and the lock lacks, each with its line.
    pub stale: Vec<Diagnostic>,
}

/// Compares `lock` with what `manifest` asks for on `platforms`. Packages are for one base
/// image: where `bases` doesn't have the locked one, they are asked for anew.
pub fn python(
    lock: &LockFile,
    manifest: &Manifest,
    context: &ContextFiles,
    bases: &Answers,
    platforms: &[Platform],
    command: &str,
) -> PythonFit {
    let mut fit = PythonFit::default();
    let Some(python) = manifest.python.as_ref().filter(|it| it.install() == Install::Layers) else {
        if lock.python.is_some() {
            let message = "the lock has Python packages that the manifest doesn't lock";
            let install = manifest.python.as_ref().and_then(|python| python.install.as_ref());
            let span = install.map_or_else(Span::default, |install| install.span);
            fit.stale.push(stale(message.into()).label(span, "in this manifest"));
        }
        return fit.with_command(command);
    };
    let Some(locked) = &lock.python else {
        fit.stale.push(
            stale("the lock has no Python packages".into()).label(python.span, "not locked yet"),
        );
        return fit.with_command(command);
    };
    let mut now = Asked::of(python, context);
    if locked.asked.projects.is_empty() {
        // It was made before they were noted, or has none: then a new one is in a file, too.
        now.projects.clear();
    }
    let changes = changes(&locked.asked, &now, python, context);
    for platform in platforms {
        let Some(packages) = locked.platforms.get(platform) else {
            let message = format!("the lock has no Python packages for {platform}");
            fit.stale.push(stale(message).label(python.span, "locked for other platforms only"));
            continue;
        };
        let packages = packages.packages();
        if changes.is_empty() && bases.base.contains_key(platform) {
            fit.known.insert(platform.clone(), packages);
        } else {
            let pins = packages.wheels.iter().filter(|wheel| !wheel.version.is_empty());
            fit.previous.insert(platform.clone(), pins.map(Wheel::pin).collect());
        }
    }
    fit.stale.extend(changes);
    fit.with_command(command)
}

impl PythonFit {
    /// Asks anew for the packages, of which all but `name` shall stay as they are.
    pub fn forget(&mut self, name: &str) {
        let name = name::normalized(name);
        for (platform, packages) in std::mem::take(&mut self.known) {
            let pins = packages.wheels.iter().filter(|wheel| !wheel.version.is_empty());
            self.previous.insert(platform, pins.map(Wheel::pin).collect());
        }
        for pins in self.previous.values_mut() {
            pins.retain(|pin| pin.split("==").next() != Some(&name));
        }
    }

    fn with_command(mut self, command: &str) -> Self {
        for diagnostic in &mut self.stale {
            diagnostic.help.push(format!("to update the lock: {command}"));
        }
        self
    }
}

/// What is asked for now and was not, or the other way round.
fn changes(was: &Asked, now: &Asked, python: &Python, context: &ContextFiles) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (path, digest) in &now.files {
        let message = match was.files.get(path) {
            Some(old) if old == digest => continue,
            Some(_) => format!("`{path}` has changed since the lock was made"),
            None => format!("the lock does not know `{path}`"),
        };
        let named = python.requirements.iter().find(|file| file.value.as_str() == path);
        let span = named.map_or(python.span, |file| file.span);
        found.push(stale(message).label(span, "other requirements are locked"));
    }
    if !found.is_empty() {
        return found;
    }
    found.extend(changed_projects(was, now, python, context));
    if !found.is_empty() {
        return found;
    }
    let added = python.packages.iter().filter(|package| !was.packages.contains(&package.value));
    found.extend(added.map(|package| {
        stale(format!("the lock does not know `{}`", package.value))
            .label(package.span, "not locked yet")
    }));
    if found.is_empty() && was != now {
        let message = "the Python packages are locked for other settings";
        let torch = python.torch.as_ref().filter(|_| was.torch != now.torch);
        let span = torch.map_or(python.span, |torch| torch.span);
        found.push(stale(message.into()).label(span, "changed since"));
    }
    found
}

/// Projects of the context that say something else of their dependencies now.
fn changed_projects(
    was: &Asked,
    now: &Asked,
    python: &Python,
    context: &ContextFiles,
) -> Vec<Diagnostic> {
    let added =
        now.projects.iter().filter(|(path, digest)| was.projects.get(*path) != Some(digest));
    let mut found: Vec<Diagnostic> = added
        .map(|(path, _)| {
            let by = context.project_files.get(path).map(|file| &file.by);
            let message = format!("`{path}` has changed since the lock was made");
            let place = by.map_or_else(String::new, |by| {
                format!("`{}` line {} installs its project", by.file, by.line)
            });
            stale(message).label(by.map_or(python.span, |by| by.span), place)
        })
        .collect();
    let gone = was.projects.keys().filter(|path| !now.projects.contains_key(*path));
    found.extend(gone.map(|path| {
        stale(format!("`{path}` is gone since the lock was made"))
            .label(python.span, "its project is locked with it")
    }));
    found
}
