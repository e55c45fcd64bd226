//! The image config: the part of an OCI image that says how to run it.
//!
//! Fields we don't know are kept as they came, since Docker's own (`Healthcheck`,
//! `Shell`, `OnBuild`) are not in the OCI specification but matter to users.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An image's config document, as the OCI image specification has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// `amd64`, `arm64`, …
    #[serde(default, deserialize_with = "or_default")]
    pub architecture: String,
    /// `linux`.
    #[serde(default, deserialize_with = "or_default")]
    pub os: String,
    /// `v7`, `v8`; absent for most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// How a container of the image runs.
    #[serde(default, deserialize_with = "or_default")]
    pub config: RunConfig,
    /// One entry a layer or config step; the exporter fills what is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub history: Vec<History>,
    /// All other fields, unchanged.
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// The `config` object of an [`ImageConfig`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RunConfig {
    /// `name`, `uid` or `uid:gid`.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub user: String,
    /// `80/tcp` → `{}`.
    #[serde(default, skip_serializing_if = "is_empty", deserialize_with = "or_default")]
    pub exposed_ports: BTreeMap<String, Value>,
    /// `NAME=value`, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub env: Vec<String>,
    /// Argv prefix.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub entrypoint: Vec<String>,
    /// Default arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub cmd: Vec<String>,
    /// Absolute path.
    #[serde(default, skip_serializing_if = "String::is_empty", deserialize_with = "or_default")]
    pub working_dir: String,
    /// Image labels.
    #[serde(default, skip_serializing_if = "is_empty", deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// All other fields, unchanged.
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// How one layer or config step came about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// RFC 3339 time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// What made it, as `docker history` shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether it added no layer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", deserialize_with = "or_default")]
    pub empty_layer: bool,
    /// All other fields, unchanged.
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

impl ImageConfig {
    /// How many layers the image has.
    pub fn layers(&self) -> usize {
        let layers = self.rest.get("rootfs").and_then(|rootfs| rootfs.get("diff_ids"));
        layers.and_then(Value::as_array).map_or(0, Vec::len)
    }
}

fn is_empty<T>(map: &BTreeMap<String, T>) -> bool {
    map.is_empty()
}

/// Docker writes `null` for an absent list or map, other tools for an absent object.
fn or_default<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The PATH of an image that sets none (`util/system/path.go`).
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl RunConfig {
    /// All variables, as a process is given them.
    pub fn variables(&self) -> Vec<(String, String)> {
        let pair = |entry: &String| match entry.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (entry.clone(), String::new()),
        };
        self.env.iter().map(pair).collect()
    }

    /// Returns the value of environment variable `name`.
    pub fn env(&self, name: &str) -> Option<&str> {
        self.env.iter().find_map(|entry| match entry.split_once('=') {
            Some((key, value)) if key == name => Some(value),
            _ => None,
        })
    }

    /// Sets `name`, in its old place if it was set before.
    pub fn set_env(&mut self, name: &str, value: &str) {
        let entry = format!("{name}={value}");
        let is_same = |old: &&mut String| old.split_once('=').is_some_and(|(key, _)| key == name);
        match self.env.iter_mut().find(is_same) {
            Some(old) => *old = entry,
            None => self.env.push(entry),
        }
    }

    /// The PATH in force.
    pub fn path(&self) -> &str {
        self.env("PATH").filter(|path| !path.is_empty()).unwrap_or(DEFAULT_PATH)
    }
}
