//! Other repositories that a model loads from: without them in the image, the
//! offline load fails.

use serde_json::{Map, Value};

use super::{ListedFile, Texts, index, kind};
use crate::models::{ModelId, Revision};

/// A repository that a model loads from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needed {
    /// The repository.
    pub id: ModelId,
    /// Its revision, if one is named.
    pub revision: Option<Revision>,
    /// Which of its files.
    pub part: NeededPart,
    /// What says so.
    pub by: String,
}

/// What of a repository is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeededPart {
    /// The model.
    All,
    /// Tokenizer and configuration.
    Tokenizer,
    /// Python code.
    Code,
}

impl Needed {
    /// The entry of a manifest that adds it.
    pub fn entry(&self) -> String {
        let at = self.revision.as_ref().map(|r| format!("@{r}")).unwrap_or_default();
        match self.part {
            NeededPart::All => format!("- {}{at}", self.id),
            NeededPart::Tokenizer => format!("- {{id: {}{at}, format: tokenizer}}", self.id),
            NeededPart::Code => format!("- {{id: {}{at}, files: '*.py'}}", self.id),
        }
    }
}

/// The repositories that the `kept` files name, as far as their content is known.
pub fn needs(kept: &[ListedFile], texts: &Texts) -> Vec<Needed> {
    let mut needs: Vec<Needed> = Vec::new();
    for file in kept {
        let Some(text) = texts.get(&file.path) else { continue };
        let new = named(&file.path, text);
        let known = |need: &Needed| needs.iter().any(|known| known.id == need.id);
        let new: Vec<Needed> = new.into_iter().filter(|need| !known(need)).collect();
        needs.extend(new);
    }
    needs
}

fn named(path: &str, text: &[u8]) -> Vec<Needed> {
    let (_, name) = kind::split(path);
    if name == "config.yaml" {
        return pipeline(path, text);
    }
    let Some(object) = index::object(text) else { return Vec::new() };
    let string = |key: &str| object.get(key).and_then(Value::as_str);
    let by = |key: &str| format!("`{key}` in `{path}`");
    let need = |key: &str, part| needed(string(key)?, None, part, by(key));
    match name {
        "adapter_config.json" => {
            let key = "base_model_name_or_path";
            let base =
                string(key).and_then(|id| needed(id, string("revision"), NeededPart::All, by(key)));
            base.into_iter().collect()
        }
        "gliner_config.json" => need("model_name", NeededPart::Tokenizer).into_iter().collect(),
        _ => {
            let towers = ["vision_tower", "mm_vision_tower"];
            let towers = towers.into_iter().filter_map(|key| need(key, NeededPart::All));
            towers.chain(foreign_code(&object, &by("auto_map"))).collect()
        }
    }
}

/// `auto_map: {AutoModel: "other/repo--module.Class"}`: code of another repository.
fn foreign_code(config: &Map<String, Value>, by: &str) -> Vec<Needed> {
    let classes = auto_map(config).into_iter();
    let others = classes.filter_map(|class| class.split_once("--").map(|(id, _)| id));
    let mut others: Vec<&str> = others.collect();
    others.sort_unstable();
    others.dedup();
    others.into_iter().filter_map(|id| needed(id, None, NeededPart::Code, by.to_owned())).collect()
}

/// The classes that a configuration maps to code; a tokenizer has two in a list.
pub fn auto_map(config: &Map<String, Value>) -> Vec<&str> {
    let map = config.get("auto_map").and_then(Value::as_object);
    let values = map.into_iter().flat_map(Map::values);
    let lists = values.flat_map(|value| match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    });
    lists.filter_map(Value::as_str).collect()
}

/// A pyannote pipeline: `segmentation: pyannote/segmentation-3.0` among its `params`.
fn pipeline(path: &str, text: &[u8]) -> Vec<Needed> {
    let text = String::from_utf8_lossy(text);
    let pairs = text.lines().filter_map(|line| line.trim().split_once(": "));
    let parts = pairs.filter(|(key, _)| matches!(*key, "segmentation" | "embedding"));
    let need = |(key, value): (&str, &str)| {
        let value = value.trim().trim_matches(['"', '\'']);
        let (id, revision) = value.split_once('@').map_or((value, None), |(a, b)| (a, Some(b)));
        needed(id, revision, NeededPart::All, format!("`{key}` in `{path}`"))
    };
    parts.filter_map(need).collect()
}

/// Paths of the machine where a model was trained are no repositories.
fn needed(id: &str, revision: Option<&str>, part: NeededPart, by: String) -> Option<Needed> {
    let id: ModelId = id.parse().ok()?;
    let known = id.as_str().contains('/') || id.hub_id() == id.as_str();
    let revision = revision.and_then(|revision| revision.parse().ok());
    known.then_some(Needed { id, revision, part, by })
}
