//! The base image in a lock file: its digests, and what a build must know of the files in it.
//!
//! With these at hand, a builder that has all layers in a registry's cache pulls no base
//! image to know whom it runs as.

use std::{collections::BTreeMap, fmt::Write};

use buildkit_llb::Platform;
use serde::Deserialize;
use serde_json::json;

use super::text::list;
use crate::{
    answers::{BaseImage, Users},
    manifest::Manifest,
};

/// The base image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedBase {
    /// Its full name, as the manifest's stands for.
    pub image: String,
    /// The digest by platform: `linux/amd64` → `sha256:…`.
    pub platforms: BTreeMap<Platform, String>,
    /// What is in it, as far as it was looked at.
    #[serde(default)]
    pub contents: Vec<LockedContents>,
}

/// What platforms have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedContents {
    /// The platforms, sorted.
    pub platforms: Vec<Platform>,
    /// Where `python3` is, if that was looked for.
    pub python: Option<String>,
    /// The lines of `/etc/passwd`, if they were looked at.
    pub passwd: Option<Vec<String>>,
    /// The lines of `/etc/group`.
    #[serde(default)]
    pub group: Vec<String>,
}

impl LockedBase {
    /// The base image of `manifest`, as it was found on each platform.
    pub fn of(manifest: &Manifest, found: &BTreeMap<Platform, BaseImage>) -> Self {
        let mut locked = Self { image: manifest.base.value.full(), ..Self::default() };
        for (platform, base) in found {
            let Some((_, digest)) = base.reference.rsplit_once('@') else { continue };
            locked.platforms.insert(platform.clone(), digest.to_owned());
            locked.add(platform, LockedContents::of(base));
        }
        locked
    }

    /// Adds the platforms of `old` that this one lacks.
    pub fn add_platforms_of(&mut self, old: &Self) {
        for (platform, digest) in &old.platforms {
            if self.platforms.contains_key(platform) {
                continue;
            }
            self.platforms.insert(platform.clone(), digest.clone());
            if let Some(contents) = old.contents(platform) {
                self.add(platform, contents.clone());
            }
        }
    }

    /// What is known of the image of a platform.
    pub fn contents(&self, platform: &Platform) -> Option<&LockedContents> {
        self.contents.iter().find(|it| it.platforms.iter().any(|other| other == platform))
    }

    fn add(&mut self, platform: &Platform, contents: LockedContents) {
        let contents = LockedContents { platforms: Vec::new(), ..contents };
        if contents == LockedContents::default() {
            return;
        }
        let is_same = |it: &&mut LockedContents| {
            (&it.python, &it.passwd, &it.group)
                == (&contents.python, &contents.passwd, &contents.group)
        };
        if let Some(same) = self.contents.iter_mut().find(is_same) {
            same.platforms.push(platform.clone());
            same.platforms.sort();
        } else {
            self.contents.push(LockedContents { platforms: vec![platform.clone()], ..contents });
        }
        self.contents.sort_by(|a, b| a.platforms.cmp(&b.platforms));
    }

    /// Writes the entry, a line for each of the image's users and groups.
    pub(super) fn write(&self, out: &mut String) {
        let image = json!(self.image);
        let _ = write!(out, ",\n  \"base\": {{\n    \"image\": {image},\n    \"platforms\": {{");
        let platforms = self.platforms.iter();
        list(out, 6, platforms.map(|(name, digest)| format!("{}: {}", json!(name), json!(digest))));
        out.push_str("\n    }");
        for (i, contents) in self.contents.iter().enumerate() {
            out.push_str(if i == 0 { ",\n    \"contents\": [\n      {" } else { ",\n      {" });
            contents.write(out);
            out.push_str("\n      }");
        }
        out.push_str(if self.contents.is_empty() { "\n  }" } else { "\n    ]\n  }" });
    }
}

impl LockedContents {
    fn of(base: &BaseImage) -> Self {
        let users = base.users.as_ref();
        Self {
            platforms: Vec::new(),
            python: base.python.clone(),
            passwd: users.map(|users| lines(&users.passwd)),
            group: users.map(|users| lines(&users.group)).unwrap_or_default(),
        }
    }

    /// What a build knows by it.
    pub fn base(&self) -> BaseImage {
        let users = self.passwd.as_ref();
        let users = users.map(|passwd| Users { passwd: text(passwd), group: text(&self.group) });
        BaseImage { users, python: self.python.clone(), ..BaseImage::default() }
    }

    fn write(&self, out: &mut String) {
        let platforms: Vec<String> =
            self.platforms.iter().map(|it| json!(it).to_string()).collect();
        let mut head = vec![format!("\"platforms\": [{}]", platforms.join(", "))];
        head.extend(self.python.as_ref().map(|path| format!("\"python\": {}", json!(path))));
        list(out, 8, head.into_iter());
        let Some(passwd) = &self.passwd else { return };
        for (name, lines) in [("passwd", passwd), ("group", &self.group)] {
            let _ = write!(out, ",\n        \"{name}\": [");
            list(out, 10, lines.iter().map(|line| json!(line).to_string()));
            out.push_str(if lines.is_empty() { "]" } else { "\n        ]" });
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn text(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}
