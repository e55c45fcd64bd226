//! The packages in layers: wheels known by digest, in groups that change together.

use buildkit_llb::Platform;

use super::{
    files,
    groups::{self, Group},
};
use crate::{
    document::Span,
    manifest,
    packages::{Artifact, Interpreter, Packages, Wheel},
    plan::{Base, ContextFiles},
    values::secret::named,
};

/// A virtual environment, down to the last wheel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// Where the manifest asks for it.
    pub span: Span,
    /// The image that its steps run in.
    pub base: Base,
    /// The platform of that image, which need not be that of the wheels.
    pub steps: Platform,
    /// The image on the wheels' own platform, if that is another: packages are built there.
    pub target_base: Option<Base>,
    /// The Python that the environment is for.
    pub interpreter: Interpreter,
    /// The wheel that installs the others.
    pub installer: Artifact,
    /// What is installed, a layer each.
    pub groups: Vec<Group>,
    /// Whether modules are compiled.
    pub bytecode: bool,
    /// Whether packages of the base image count.
    pub system: bool,
    /// The environment of steps that use the network.
    pub environment: Vec<(String, String)>,
    /// Debian packages that building needs.
    pub build_packages: Vec<String>,
    /// The requirements files, which a build from the context needs.
    pub files: Vec<String>,
    /// Whether wheels are fetched in a container, since the daemon can't.
    pub in_container: bool,
}

impl Layers {
    /// All wheels, in the order of the groups.
    pub fn wheels(&self) -> impl Iterator<Item = &Wheel> {
        self.groups.iter().flat_map(|group| &group.wheels)
    }

    /// Every file that an index or a URL is asked for.
    pub fn artifacts(&self) -> impl Iterator<Item = &Artifact> {
        self.wheels().filter_map(Wheel::artifact).chain(std::iter::once(&self.installer))
    }
}

/// The environment of `packages`.
pub fn plan(
    python: &manifest::Python,
    packages: &Packages,
    target: &Base,
    (base, steps): (Base, Platform),
    environment: Vec<(String, String)>,
    context: &ContextFiles,
) -> Layers {
    // The daemon knows no value of a secret.
    let is_named = |artifact: &Artifact| !named::in_urls(&artifact.url).is_empty();
    let in_container = packages.wheels.iter().filter_map(Wheel::artifact).any(is_named);
    Layers {
        span: python.span,
        target_base: (base != *target).then(|| target.clone()),
        base,
        steps,
        interpreter: packages.interpreter.clone(),
        installer: packages.installer.clone(),
        groups: groups::groups(&packages.wheels, &packages.together),
        bytecode: python.compiles(),
        system: python.sees_system(),
        environment,
        build_packages: python.build_packages.iter().map(|name| name.value.clone()).collect(),
        files: files(python, context),
        in_container,
    }
}
