//! What a Python project of the context says of its dependencies.

use toml::{Table, Value};

use crate::{packages::requirements, values::digest::Digest};

/// The files in a project's folder that may say it.
pub const FILES: [&str; 3] = ["pyproject.toml", "setup.cfg", "setup.py"];

/// What in `project` decides what is installed with it.
const KEYS: [&str; 6] =
    ["name", "version", "requires-python", "dependencies", "optional-dependencies", "dynamic"];

/// The key in `project` that its extras are in.
const OPTIONAL: &str = "optional-dependencies";

/// Tools that have their settings in `pyproject.toml` and build nothing.
const BYSTANDERS: [&str; 14] = [
    "bandit",
    "basedpyright",
    "black",
    "codespell",
    "commitizen",
    "coverage",
    "interrogate",
    "isort",
    "mypy",
    "nox",
    "pylint",
    "pyright",
    "pytest",
    "ruff",
];

/// Whether a path that is installed is a folder, and no wheel or archive.
pub fn is_folder(path: &str) -> bool {
    let archives = [".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2"];
    !archives.iter().any(|ending| path.ends_with(ending))
}

/// The digest of what decides a project's dependencies. Of `pyproject.toml` that is less than
/// all: a new rule for a linter makes no lock stale.
pub fn digest(path: &str, text: &str) -> Digest {
    match parsed(path, text) {
        Some(table) => {
            // In one way of writing, with sorted keys.
            let written = serde_json::to_string(&relevant(table)).unwrap_or_default();
            Digest::of(written.as_bytes())
        }
        None => requirements::digest(text),
    }
}

/// The files that a `pyproject.toml` says its dependencies are in, as setuptools has it.
pub fn named_files(path: &str, text: &str) -> Vec<String> {
    let Some(table) = parsed(path, text) else { return Vec::new() };
    let dynamic = ["tool", "setuptools", "dynamic"];
    let mut found = Vec::new();
    let inner = dynamic.iter().try_fold(&table, |table, key| table.get(*key)?.as_table());
    let dependencies = inner.and_then(|dynamic| dynamic.get("dependencies"));
    let optional = inner.and_then(|dynamic| dynamic.get("optional-dependencies")?.as_table());
    for entry in dependencies.into_iter().chain(optional.into_iter().flat_map(Table::values)) {
        match entry.get("file") {
            Some(Value::String(file)) => found.push(file.clone()),
            Some(Value::Array(files)) => {
                found.extend(files.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            _ => {}
        }
    }
    found
}

/// The extras of a `pyproject.toml`, as it writes them; `None` where a build tells them.
pub fn extras(text: &str) -> Option<Vec<String>> {
    let table: Table = toml::from_str(text).ok()?;
    let project = table.get("project")?.as_table()?;
    let dynamic = project.get("dynamic").and_then(Value::as_array);
    if dynamic.is_some_and(|keys| keys.iter().any(|it| it.as_str() == Some(OPTIONAL))) {
        return None;
    }
    let extras = project.get(OPTIONAL).and_then(Value::as_table);
    Some(extras.into_iter().flat_map(Table::keys).cloned().collect())
}

fn parsed(path: &str, text: &str) -> Option<Table> {
    let name = path.rsplit('/').next();
    toml::from_str(text).ok().filter(|_| name == Some("pyproject.toml"))
}

fn relevant(mut table: Table) -> Table {
    table.retain(|key, _| matches!(key, "project" | "build-system" | "tool"));
    if let Some(Value::Table(project)) = table.get_mut("project") {
        project.retain(|key, _| KEYS.contains(&key));
    }
    if let Some(Value::Table(tool)) = table.get_mut("tool") {
        tool.retain(|key, _| !BYSTANDERS.contains(&key));
    }
    table
}
