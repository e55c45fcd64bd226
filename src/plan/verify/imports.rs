//! Which packages the user asked for, and where.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    document::Span,
    manifest::{Manifest, verify::Imports},
    packages::{Packages, Wheel, name, pylock},
    plan::ContextFiles,
};

/// A package to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Its name as the program is told it: normalized, or as written under `verify`.
    pub name: String,
    /// Where the manifest asks for it, or names the file that does.
    pub span: Span,
    /// That place in words.
    pub place: String,
}

/// The packages to import, each once. What only other packages ask for is left out: who asked
/// for those has to do with it.
pub fn asked(
    manifest: &Manifest,
    context: &ContextFiles,
    packages: Option<&Packages>,
) -> Vec<Import> {
    if let Imports::Named(names) = &manifest.verify.imports {
        let named = names.iter().map(|name| Import {
            name: name.value.clone(),
            span: name.span,
            place: "asked for here".to_owned(),
        });
        return named.collect();
    }
    let Some(python) =
        manifest.python.as_ref().filter(|_| manifest.verify.imports == Imports::Asked)
    else {
        return Vec::new();
    };
    let mut found: BTreeMap<String, (Span, String)> = BTreeMap::new();
    for package in &python.packages {
        let place = (package.span, "asked for here".to_owned());
        found.extend(name::named_by(&package.value).map(|name| (name, place)));
    }
    let wheels = packages.map_or(&[][..], |packages| &packages.wheels);
    let wheel = |name: &str| wheels.iter().find(|wheel| wheel.name == name);
    for (name, named) in &context.named {
        // A line of a constraints file asks for nothing.
        if wheel(name).is_none_or(|wheel| is_asked(wheel) || !is_constrained(wheel)) {
            found.entry(name.clone()).or_insert_with(|| (named.span, named.place(name)));
        }
    }
    let file = python.requirements.first().map_or(python.span, |file| file.span);
    for wheel in wheels.iter().filter(|wheel| is_asked(wheel)) {
        let place = || (file, format!("`{}` is asked for here", wheel.name));
        found.entry(wheel.name.clone()).or_insert_with(place);
    }
    let found = found.into_iter().filter(|(name, _)| !is_stub(name));
    found.map(|(name, (span, place))| Import { name, span, place }).collect()
}

/// What the program reads.
pub fn listing(manifest: &Manifest, asked: &[Import]) -> String {
    let names: Vec<&str> = asked.iter().map(|asked| asked.name.as_str()).collect();
    // Names under `verify` may be those of modules.
    let modules = matches!(manifest.verify.imports, Imports::Named(_));
    json!({"packages": names, "modules": modules}).to_string()
}

/// Whether the user's own files ask for a package, by what the resolver says. Of a lock, which
/// names all, it is asked for what no other package wants.
fn is_asked(wheel: &Wheel) -> bool {
    let is_lock = |file: &str| {
        let name = file.rsplit('/').next().unwrap_or(file);
        name == "uv.lock" || pylock::is_pylock(name)
    };
    let is_file = |by: &String| by.contains(' ') && !by.starts_with("-c ");
    let by_requirement =
        |by: &String| is_file(by) && by.strip_prefix("-r ").is_none_or(|file| !is_lock(file));
    let is_root = || !wheel.via.is_empty() && wheel.via.iter().all(is_file);
    wheel.via.iter().any(by_requirement) || is_root()
}

fn is_constrained(wheel: &Wheel) -> bool {
    wheel.via.iter().any(|by| by.starts_with("-c "))
}

/// Whether a package is types for others alone.
fn is_stub(name: &str) -> bool {
    name.starts_with("types-") || name.ends_with("-stubs")
}
