//! What a bundle says of the base image in it.
//!
//! A bundle is an image: the base image's layers, and above them the files. So its
//! lowest layers, with the base's own config, are the base image again.

use serde_json::json;

use crate::{answers::BaseImage, values::config::ImageConfig};

/// The label that holds the base image's reference and config.
pub const LABEL: &str = "modelcache.bundle.base";

/// The config of the bundle on `base`.
pub fn config(base: &BaseImage) -> ImageConfig {
    let mut image = base.config.clone();
    image.rest.remove("created");
    let told = json!({ "reference": base.reference, "config": base.config });
    image.config.labels.insert(LABEL.to_owned(), told.to_string());
    image
}

/// The base image in the bundle of this config; `None` if it is no bundle.
pub fn base(bundle: &ImageConfig) -> Option<BaseImage> {
    let base: BaseImage = serde_json::from_str(bundle.config.labels.get(LABEL)?).ok()?;
    (base.config.layers() > 0).then_some(base)
}
