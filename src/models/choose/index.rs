//! The small files of a repository that say which other files belong to it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Reports whether the file at `path` is one to read before choosing.
pub fn is_index(path: &str) -> bool {
    let (folder, name) = super::kind::split(path);
    let tensors = [".safetensors.index.", ".bin.index."].iter().any(|part| name.contains(part));
    match name {
        "modules.json" | "model_index.json" | "gliner_config.json" | "config.yaml" => {
            folder.is_empty()
        }
        "adapter_config.json" | "router_config.json" => true,
        "config.json" | "tokenizer_config.json" | "processor_config.json" => folder.is_empty(),
        _ => tensors && super::kind::ends(name, &[".json"]),
    }
}

/// A JSON object.
pub fn object(text: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(text).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The names in an index of shards: `{"weight_map": {tensor: file}}`.
pub fn shards(text: &[u8]) -> Option<BTreeSet<String>> {
    let object = object(text)?;
    let map = object.get("weight_map")?.as_object()?;
    map.values().map(|name| name.as_str().map(str::to_owned)).collect()
}

/// The path of `name` beside another file of `folder`.
pub fn beside(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
