//! The modules of a sentence-transformers model: `modules.json` lists them, each with
//! a folder. One whose folder is missing is not an error to the library: it builds
//! another model, and its vectors are wrong without a word. So it is one here.

use super::{Texts, index};

/// The file that lists the modules.
pub const INDEX: &str = "modules.json";

/// Module classes that keep nothing in their folder.
const WITHOUT_FILES: &[&str] = &["Normalize"];

/// A module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its folder, without a final `/`; empty is the root.
    pub folder: String,
    /// Its Python class: `sentence_transformers.models.Pooling`.
    pub class: String,
}

impl Module {
    /// The class without its package.
    pub fn name(&self) -> &str {
        self.class.rsplit('.').next().unwrap_or_default()
    }

    /// Whether it can do without a folder.
    pub fn needs_files(&self) -> bool {
        !self.folder.is_empty() && !WITHOUT_FILES.contains(&self.name())
    }
}

/// Reads `modules.json`.
pub fn parse(text: &[u8]) -> Option<Vec<Module>> {
    let list: Vec<serde_json::Value> = serde_json::from_slice(text).ok()?;
    let module = |entry: &serde_json::Value| {
        let folder = entry.get("path")?.as_str()?.trim_matches('/').trim_start_matches("./");
        let folder = if folder == "." { "" } else { folder }.to_owned();
        Some(Module { folder, class: entry.get("type")?.as_str()?.to_owned() })
    };
    list.iter().map(module).collect()
}

/// The modules of a `router_config.json` in `folder`: `{"types": {folder: class}}`.
pub fn parse_router(folder: &str, text: &[u8]) -> Option<Vec<Module>> {
    let object = index::object(text)?;
    let types = object.get("types")?.as_object()?;
    let module = |(name, class): (&String, &serde_json::Value)| {
        Some(Module { folder: index::beside(folder, name), class: class.as_str()?.to_owned() })
    };
    types.iter().map(module).collect()
}

/// Folders of modules with weights of their own beside the transformer's.
pub fn weighty_folders(texts: &Texts) -> Vec<String> {
    let modules = texts.get(INDEX).and_then(|text| parse(text)).unwrap_or_default();
    let further = modules.into_iter().filter(|module| module.name() != "Transformer");
    further.map(|module| module.folder).filter(|folder| !folder.is_empty()).collect()
}
