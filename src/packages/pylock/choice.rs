//! Which of a package's files is taken.

use std::collections::BTreeMap;

use super::{Package, PylockFile};
use crate::packages::{
    name,
    wheel::{WheelName, tags::Tags},
};

/// What decides between the files of one version, as with pip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileChoice {
    /// The tags of the interpreter that the files are for; none if they are not known.
    pub tags: Tags,
    /// Digests that are demanded of packages, by normalized name: `sha256:…`.
    pub demanded: BTreeMap<String, Vec<String>>,
}

impl FileChoice {
    /// The wheel that pip would take; `None` if it would take the source.
    pub(super) fn wheel<'a>(&self, package: &'a Package) -> Option<&'a PylockFile> {
        let demanded = self.demanded.get(&name::normalized(&package.name));
        let demanded = demanded.filter(|digests| !digests.is_empty());
        let is_allowed = |file: &&PylockFile| {
            let digest = file.hashes.get("sha256").map(|hex| format!("sha256:{hex}"));
            demanded.is_none_or(|demanded| digest.is_some_and(|it| demanded.contains(&it)))
        };
        let allowed: Vec<&PylockFile> = package.wheels.iter().filter(is_allowed).collect();
        // Where no file is the one that is demanded, pip looks at all, and so says which is wrong.
        let files = match allowed.is_empty() {
            true if package.sdist.as_ref().is_some_and(|file| is_allowed(&file)) => return None,
            true => package.wheels.iter().collect(),
            false => allowed,
        };
        let fitness = |file: &&PylockFile| self.tags.fitness(&WheelName::parse(&file.file_name())?);
        let fitting = files.iter().filter_map(|file| Some((fitness(file)?, *file)));
        // Of equals pip takes the last, as does this.
        let best = fitting.max_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, file)| file);
        // Without tags, what is for one platform is the better.
        let is_pure = |file: &&&PylockFile| file.file_name().contains("-none-any.");
        best.or_else(|| files.iter().find(|file| !is_pure(file)).copied())
            .or_else(|| files.first().copied())
    }
}
