//! What each step of a graph was made for. Said once, where the step is made, so that a failure
//! is looked up.

use std::{cell::RefCell, collections::BTreeMap};

use buildkit_llb::{Output, Vertex};

use crate::{packages::Artifact, system::SystemPackage};

/// What a step was made for. Numbers are places in the plan.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// The download of a model's file.
    ModelFile {
        /// The model.
        model: usize,
        /// The file of its snapshot.
        file: usize,
    },
    /// The download of an asset.
    File(usize),
    /// An archive among the assets, unpacked by the base image's Python.
    Unpacked(usize),
    /// The layer of an asset, which holds what the daemon has unpacked.
    AssetLayer(usize),
    /// The download of a file from a package index.
    Wheel(Artifact),
    /// All of those, fetched in a container.
    Wheels,
    /// The build of a package from its source, by the package's name.
    Built(String),
    /// What building needs, installed by apt.
    BuildPackages,
    /// The download of a package of the distribution's.
    SystemFile(SystemPackage),
    /// apt's answer.
    SystemAnswer,
    /// The packages of the distribution's, installed.
    SystemInstall,
    /// The user's entry beside those of its packages.
    SystemUser,
    /// The resolver's answer.
    Resolver,
    /// One run of pip.
    Pip,
    /// The process of a proof.
    Proof(usize),
    /// What a proof's process has found, which it left in this output.
    Verdict(usize, Output),
}

/// What a graph's steps are for, by the digests of their vertices. Filled while the graph is
/// emitted.
#[derive(Debug, Default)]
pub struct Purposes(RefCell<BTreeMap<String, Purpose>>);

impl Purposes {
    /// The output of `vertex`, which is made for `purpose`. What does the same for a second reason
    /// keeps the first.
    pub fn output(&self, vertex: Vertex, purpose: Purpose) -> Output {
        let output = vertex.output();
        self.0.borrow_mut().entry(output.digest()).or_insert(purpose);
        output
    }

    /// The purpose of the first of these vertices that has one.
    pub fn find(&self, digests: &[String]) -> Option<Purpose> {
        let purposes = self.0.borrow();
        digests.iter().find_map(|digest| purposes.get(digest).cloned())
    }
}
