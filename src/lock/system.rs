//! The distribution's packages in a lock file.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use buildkit_llb::Platform;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::text::{self, list};
use crate::{manifest::System, system::SystemPackage};

/// What was asked, and what was found for each platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedSystem {
    /// What was asked.
    pub asked: AskedOfSystem,
    /// The packages by platform, sorted by name.
    pub platforms: BTreeMap<Platform, Vec<SystemPackage>>,
}

/// All in the manifest that decides which packages are found, beside the base image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedOfSystem {
    /// The packages, as the manifest names them.
    pub packages: Vec<String>,
    /// Whether what they recommend was meant, too.
    #[serde(default, skip_serializing_if = "text::is_false")]
    pub recommends: bool,
}

impl fmt::Display for AskedOfSystem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let recommended = if self.recommends { "with" } else { "without" };
        write!(out, "`{}` {recommended} what is recommended", self.packages.join(" "))
    }
}

impl AskedOfSystem {
    /// What `system` asks for.
    pub fn of(system: &System) -> Self {
        let packages = system.packages.iter().map(|name| name.value.clone());
        Self { packages: packages.collect(), recommends: system.recommends }
    }
}

impl LockedSystem {
    /// The lock of `system`; `None` if no platform has been asked for.
    pub fn of(system: &System, found: &BTreeMap<Platform, Vec<SystemPackage>>) -> Option<Self> {
        let asked = AskedOfSystem::of(system);
        (!found.is_empty()).then(|| Self { asked, platforms: found.clone() })
    }

    /// What is wrong with it, if something is.
    pub fn check(&self) -> Result<(), String> {
        for package in self.platforms.values().flatten() {
            let SystemPackage { name, version, architecture, url, .. } = package;
            let is_plain = |text: &str| {
                let usual = |c: char| c.is_ascii_alphanumeric() || "+-.:~".contains(c);
                text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(usual)
            };
            if ![name, version, architecture].into_iter().all(|text| is_plain(text)) {
                return Err(format!(
                    "it lists a package with an unsafe name: {:?}",
                    package.file()
                ));
            }
            if !url.starts_with("https://") && !url.starts_with("http://") {
                return Err(format!("`{name}` has no URL: {url:?}"));
            }
        }
        Ok(())
    }

    /// Writes it as a member of the lock's object.
    pub(super) fn write(&self, out: &mut String) {
        out.push_str(",\n  \"system\": {\n    \"asked\": {");
        text::fields(out, 6, &self.asked);
        out.push_str("\n    },\n    \"platforms\": {");
        for (i, (platform, packages)) in self.platforms.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            let _ = write!(out, "{comma}\n      {}: [", json!(platform));
            list(out, 8, packages.iter().map(text::entry));
            out.push_str(if packages.is_empty() { "]" } else { "\n      ]" });
        }
        out.push_str("\n    }\n  }");
    }
}
