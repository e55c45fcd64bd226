//! modelcache: a `BuildKit` frontend for Python images that carry models.

/// What is no more ours than any other frontend's.
pub use buildkit_frontend::{document, gateway, image_ref, request};

pub mod answers;
pub mod cli;
pub mod frontend;
pub mod graph;
pub mod lock;
pub mod manifest;
pub mod models;
pub mod packages;
pub mod plan;
pub mod system;
pub mod values;
