//! The digests that requirements files and locks of Python's demand.

use std::collections::BTreeMap;

use crate::{
    packages::{Artifact, Origin, Wheel},
    plan::Named,
};

/// Digests that packages must have, and where they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashes {
    /// Each package's, by normalized name: `sha256:…`.
    pub demanded: BTreeMap<String, Vec<String>>,
    /// The lines that hold them, by package.
    pub places: BTreeMap<String, Vec<HashLine>>,
    /// The line of a requirements file by which every package must have one: the first with
    /// a digest, as pip has it, or with `--require-hashes`.
    pub required: Option<Named>,
}

/// A line with a digest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HashLine {
    /// The file of the index that it is of, where the line names one.
    pub file: Option<String>,
    /// The line.
    pub named: Named,
}

impl Hashes {
    /// Adds what `named` demands of a package.
    pub fn demand(&mut self, package: &str, digests: Vec<String>, named: &Named) {
        self.demanded.entry(package.to_owned()).or_default().extend(digests);
        self.found(package, HashLine { file: None, named: named.clone() });
    }

    /// Adds a place.
    pub fn found(&mut self, package: &str, place: HashLine) {
        self.places.entry(package.to_owned()).or_default().push(place);
    }

    /// The files that have none of the digests that are demanded of them, each with the line
    /// that demands another: the one about that very file, or else the first of the package.
    pub fn wrong<'a>(
        &'a self,
        wheels: &'a [Wheel],
    ) -> Vec<(&'a Wheel, &'a Artifact, Option<&'a Named>)> {
        let wrong = wheels.iter().filter_map(|wheel| {
            let (Origin::Wheel(artifact) | Origin::Archive(artifact)) = &wheel.origin else {
                return None;
            };
            let demanded = self.demanded.get(&wheel.name)?;
            (!demanded.contains(&artifact.digest.to_string())).then_some((wheel, artifact))
        });
        wrong.map(|(wheel, artifact)| (wheel, artifact, self.place(wheel, artifact))).collect()
    }

    /// The packages without a digest, where they must have one. A folder of the context has
    /// none, and needs none: nothing of it comes from elsewhere.
    pub fn lacking<'a>(&self, wheels: &'a [Wheel]) -> Vec<&'a Wheel> {
        if self.required.is_none() {
            return Vec::new();
        }
        let is_bare = |wheel: &&Wheel| {
            let is_foreign = !matches!(wheel.origin, Origin::Folder(_));
            is_foreign && self.demanded.get(&wheel.name).is_none_or(Vec::is_empty)
        };
        wheels.iter().filter(is_bare).collect()
    }

    fn place(&self, wheel: &Wheel, artifact: &Artifact) -> Option<&Named> {
        let places = self.places.get(&wheel.name)?;
        let file = artifact.file();
        let own = places.iter().find(|place| place.file.as_ref() == Some(&file));
        Some(&own.or(places.first())?.named)
    }
}
