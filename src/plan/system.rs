//! The distribution's packages of the image.

use crate::{
    answers::BaseImage, document::Span, manifest::Manifest, plan::Base, system::SystemPackage,
    values::config::RunConfig,
};

/// What is asked of apt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// The image to ask in.
    pub base: Base,
    /// The packages, as the manifest names them.
    pub packages: Vec<String>,
    /// Whether what they recommend is meant, too.
    pub recommends: bool,
    /// Where the manifest asks.
    pub span: Span,
    /// The step's environment.
    pub environment: Vec<(String, String)>,
}

/// Packages that are installed over the base image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemLayer {
    /// Where the manifest asks for them.
    pub span: Span,
    /// What it asks for.
    pub asked: Vec<String>,
    /// All that is installed for that, sorted by name.
    pub packages: Vec<SystemPackage>,
    /// The step's environment.
    pub environment: Vec<(String, String)>,
}

/// The question that `manifest` asks, if it asks one.
pub fn asking(manifest: &Manifest, image: &BaseImage) -> Option<Asking> {
    let system = manifest.system.as_ref()?;
    Some(Asking {
        base: Base::of(image, manifest.base.span),
        packages: system.packages.iter().map(|name| name.value.clone()).collect(),
        recommends: system.recommends,
        span: system.span,
        environment: environment(&image.config.config),
    })
}

/// What is installed; of a question that nobody has answered, nothing.
pub fn plan(
    manifest: &Manifest,
    packages: Option<&Vec<SystemPackage>>,
    run: &RunConfig,
) -> Option<SystemLayer> {
    let system = manifest.system.as_ref()?;
    Some(SystemLayer {
        span: system.span,
        asked: system.packages.iter().map(|name| name.value.clone()).collect(),
        packages: packages.cloned().unwrap_or_default(),
        environment: environment(run),
    })
}

/// dpkg looks for programs that its packages need.
fn environment(run: &RunConfig) -> Vec<(String, String)> {
    vec![("PATH".to_owned(), run.path().to_owned())]
}
