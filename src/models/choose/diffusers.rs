//! The components of a diffusers pipeline: `model_index.json` lists them, each a folder.

use super::{Selection, index, kind};

/// The file that lists the components.
pub const INDEX: &str = "model_index.json";

/// Reads `model_index.json`: `{"unet": ["diffusers", "UNet2DConditionModel"], …}`.
/// What is `[null, null]` the pipeline does without.
pub fn components(text: &[u8]) -> Option<Vec<String>> {
    let object = index::object(text)?;
    let is_component = |name: &str, value: &serde_json::Value| {
        let class = value.as_array().is_some_and(|pair| pair.len() == 2 && pair[1].is_string());
        class && !name.starts_with('_')
    };
    let components = object.iter().filter(|(name, value)| is_component(name, value));
    Some(components.map(|(name, _)| name.clone()).collect())
}

/// Leaves out what no component is made of: checkpoints of the whole pipeline in one
/// file at the root, and folders of other pipelines.
pub fn leave_others(selection: &mut Selection<'_>) {
    let Some(components) = selection.texts.get(INDEX).and_then(|text| components(text)) else {
        return;
    };
    selection.leave("the same in one file", |path| {
        kind::folder(path).is_empty() && kind::weights(path).is_some()
    });
    selection.leave("no part of the pipeline", |path| {
        path.split_once('/').is_some_and(|(top, _)| !components.iter().any(|name| name == top))
    });
}
