//! Where a lock of Python's, `pylock.toml` or `uv.lock`, has its digests: by its lines, since
//! most values that were read have no place.

use serde::{Deserialize, de::IgnoredAny};
use toml::Spanned;

use crate::packages::{name, wheel};

/// A line with a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestLine {
    /// Its number, from 1.
    pub number: usize,
    /// The package, normalized.
    pub package: String,
    /// The name of the file that the digest is of, if it is told.
    pub file: Option<String>,
}

/// The lines of `text` that hold a sha256, as tools write them: a file's table is on one
/// line, or its keys are, or those of its digests.
pub fn places(text: &str) -> Vec<DigestLine> {
    let mut found = Vec::new();
    let (mut package, mut file) = (None, None);
    for (index, line) in text.lines().map(str::trim).enumerate() {
        match line {
            "[[packages]]" | "[[package]]" => (package, file) = (None, None),
            "[[packages.wheels]]" | "[packages.sdist]" | "[packages.archive]" => file = None,
            _ => {}
        }
        if package.is_none() {
            package = value(line, "name").map(name::normalized);
        } else if let Some(named) = value(line, "name").or_else(|| value(line, "url")) {
            file = Some(wheel::file_of(named));
        }
        let Some(package) = package.clone().filter(|_| line.contains("sha256")) else { continue };
        let own = ["name = \"", "url = \""].into_iter().find_map(|key| {
            let (_, rest) = line.split_once(key)?;
            Some(wheel::file_of(rest.split('"').next()?))
        });
        found.push(DigestLine { number: index + 1, package, file: own.or_else(|| file.clone()) });
    }
    found
}

/// The line of each package of a `pylock.toml`, which is that of its name.
pub fn packages(text: &str) -> Vec<usize> {
    #[derive(Deserialize)]
    struct Lock {
        #[serde(default)]
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: Spanned<IgnoredAny>,
    }
    let line = |package: &Package| {
        let before = text.get(..package.name.span().start).unwrap_or_default();
        before.matches('\n').count() + 1
    };
    toml::from_str::<Lock>(text)
        .map_or_else(|_| Vec::new(), |lock| lock.packages.iter().map(line).collect())
}

/// The folders of a `uv.lock` that hold projects beside its own, from where it is.
pub fn folders(text: &str) -> Vec<String> {
    let folder = |line: &str| {
        let source = line.trim().strip_prefix("source = { ")?;
        let kinds = ["directory", "editable", "virtual"];
        let (_, path) = source.split_once(" = ").filter(|(kind, _)| kinds.contains(kind))?;
        Some(path.strip_prefix('"')?.split('"').next()?.to_owned())
    };
    text.lines().filter_map(folder).filter(|path| path != ".").collect()
}

/// The text of a key that a line begins with.
fn value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(key)?.trim_start().strip_prefix('=')?;
    rest.trim().strip_prefix('"')?.strip_suffix('"')
}
