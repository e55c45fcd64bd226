//! Names of wheels, and of files at URLs.

use percent_encoding::percent_decode_str;

use super::name::normalized;

pub mod tags;

/// What a wheel's file name says
/// (<https://packaging.python.org/en/latest/specifications/binary-distribution-format/>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WheelName {
    /// The package, normalized.
    pub name: String,
    /// Its version, as written.
    pub version: String,
    /// The number of the build, of which a version can have several: `1`, `2_local`.
    pub build: Option<String>,
    /// `py3`, `cp313`; several are joined by `.`.
    pub python: String,
    /// `none`, `abi3`, `cp313`.
    pub abi: String,
    /// `any`, `manylinux_2_28_x86_64`; several are joined by `.`.
    pub platform: String,
}

impl WheelName {
    /// Reads the name of a file; `None` if it is no wheel's.
    pub fn parse(file: &str) -> Option<Self> {
        let parts: Vec<&str> = file.strip_suffix(".whl")?.split('-').collect();
        let (build, [name, version, python, abi, platform]) = match *parts.as_slice() {
            [name, version, python, abi, platform] => {
                (None, [name, version, python, abi, platform])
            }
            [name, version, build, python, abi, platform] => {
                (Some(build), [name, version, python, abi, platform])
            }
            _ => return None,
        };
        let safe = |part: &str| {
            let usual = |c: char| c.is_ascii_alphanumeric() || "._+!".contains(c);
            !part.is_empty() && part.chars().all(usual) && part != ".." && part != "."
        };
        // Without a digit a build has no place among others.
        let ordered = build.is_none_or(|build| build.starts_with(|c: char| c.is_ascii_digit()));
        (ordered && parts.iter().all(|part| safe(part))).then(|| Self {
            name: normalized(name),
            version: version.to_owned(),
            build: build.map(str::to_owned),
            python: python.to_owned(),
            abi: abi.to_owned(),
            platform: platform.to_owned(),
        })
    }

    /// The tags that its three parts stand for, in lower case: `cp313-cp313-manylinux_2_28_x86_64`.
    pub fn tags(&self) -> impl Iterator<Item = String> {
        let each = |list: &'_ str| list.to_lowercase().split('.').map(str::to_owned).collect();
        let [pythons, abis, platforms]: [Vec<String>; 3] =
            [&self.python, &self.abi, &self.platform].map(|list| each(list));
        let mut tags = Vec::new();
        for python in &pythons {
            for abi in &abis {
                tags.extend(platforms.iter().map(|platform| format!("{python}-{abi}-{platform}")));
            }
        }
        tags.into_iter()
    }

    /// Whether it is the same for every machine.
    pub fn is_pure(&self) -> bool {
        self.platform == "any"
    }
}

/// The file that a URL ends in, with `%XX` read.
pub fn file_of(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().unwrap_or(path);
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}
