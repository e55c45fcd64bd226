//! What the resolver is asked.

use std::collections::BTreeMap;

use buildkit_llb::Platform;
use serde::Serialize;

use super::files;
use crate::{
    document::Span,
    manifest::Python,
    packages::pylock::is_pylock,
    plan::{Base, ContextFiles},
    values::secret::named::Credential,
};

/// All that decides which wheels are found, beside the files themselves and the index.
/// `resolve.py` reads it as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The requirements files that the manifest names, as paths in the build context.
    pub files: Vec<String>,
    /// Requirements that are in no such file: the manifest's, and those of a `pylock.toml`.
    pub packages: Vec<String>,
    /// The machine to resolve for, in the kernel's word; none is the one that resolves.
    pub machine: Option<&'static str>,
    /// Whether packages of the base image count.
    pub system_site_packages: bool,
    /// Whether unfinished versions are welcome.
    pub pre: bool,
    /// Which build of the torch family.
    pub torch: Option<String>,
    /// Hosts that need no valid certificate.
    pub trusted_hosts: Vec<String>,
    /// Extras of a project.
    pub extras: Vec<String>,
    /// Dependency groups of a project.
    pub groups: Vec<String>,
    /// Versions that stay where they still fit: `name==version`.
    pub previous: Vec<String>,
    /// Names of build secrets in the files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Where those stand before the host of a URL.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential>,
    /// Whether what the index said a while ago does not count: a lock is being made.
    pub refresh: bool,
}

/// What was asked for, by which the order of installing is found. `look.py` reads it as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OrderQuestion<'a> {
    /// What the files themselves ask for.
    pub roots: Vec<Root>,
    /// The machine that the packages are for, if it is another than that of the step.
    pub machine: Option<&'a str>,
    /// Whether packages of the base image count.
    pub system: bool,
}

/// A package by name (or, in the resolver's answer, by its place), with its extras, and whether
/// it is asked for with a version or at a place.
pub type Root = (String, Vec<String>, bool);

/// A question, and where it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// Where the manifest asks.
    pub span: Span,
    /// The image whose Python is asked for.
    pub base: Base,
    /// The platform that the step runs on.
    pub steps: Platform,
    /// The platform that is asked for.
    pub platform: Platform,
    /// The environment of the step.
    pub environment: Vec<(String, String)>,
    /// Debian packages that building needs.
    pub build_packages: Vec<String>,
    /// What is asked.
    pub question: Question,
    /// The requirements files, and projects in the build context.
    pub files: Vec<String>,
    /// What stands in the place of some of them.
    pub texts: BTreeMap<String, String>,
}

/// What is asked about the packages of `platform`; `previous` are versions to keep.
pub fn asking(
    python: &Python,
    context: &ContextFiles,
    platform: &Platform,
    (base, steps): (Base, Platform),
    environment: Vec<(String, String)>,
    previous: Vec<String>,
) -> Asking {
    let mut files = files(python, context);
    files.extend(context.projects.iter().cloned());
    Asking {
        span: python.span,
        question: question(python, context, platform, &steps, previous),
        base,
        steps,
        platform: platform.clone(),
        environment,
        build_packages: python.build_packages.iter().map(|name| name.value.clone()).collect(),
        files,
        texts: context.requirement_texts.clone(),
    }
}

/// The question of a manifest, for `platform`, asked on `own`.
pub fn question(
    python: &Python,
    context: &ContextFiles,
    platform: &Platform,
    own: &Platform,
    previous: Vec<String>,
) -> Question {
    let written = python.requirements.iter().map(|file| file.value.as_str());
    let text = |list: &[crate::document::Spanned<String>]| -> Vec<String> {
        list.iter().map(|item| item.value.clone()).collect()
    };
    let mut packages = text(&python.packages);
    packages.extend(context.locked_requirements.iter().map(|(line, _)| line.clone()));
    Question {
        files: written.filter(|path| !is_pylock(file_name(path))).map(str::to_owned).collect(),
        packages,
        machine: (platform.architecture != own.architecture).then(|| machine(platform)).flatten(),
        system_site_packages: python.sees_system(),
        pre: context.pip_options.pre,
        torch: python.torch.as_ref().and_then(|torch| torch.value.backend()).map(str::to_owned),
        trusted_hosts: context.pip_options.trusted_hosts.clone(),
        extras: python.extras.iter().map(|extra| context.own_extra(&extra.value)).collect(),
        groups: text(&python.groups),
        previous,
        secrets: context.secrets.keys().cloned().collect(),
        credentials: context.credentials.clone(),
        refresh: false,
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The kernel's word for an architecture, which is Python's and uv's, too.
pub fn machine(platform: &Platform) -> Option<&'static str> {
    Some(match (platform.architecture.as_str(), platform.variant.as_deref()) {
        ("amd64", _) => "x86_64",
        ("arm64", _) => "aarch64",
        ("386", _) => "i686",
        ("arm", Some("v7")) => "armv7l",
        ("ppc64le", _) => "ppc64le",
        ("s390x", _) => "s390x",
        ("riscv64", _) => "riscv64",
        _ => return None,
    })
}
