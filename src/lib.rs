//! modelcache: a `BuildKit` frontend for Python images that carry models.

pub mod diagnostic;
pub mod image_ref;
pub mod manifest;
pub mod model;
pub mod secret;
pub mod source;
