//! modelcache: a `BuildKit` frontend for Python images that carry models.

/// What is no more ours than any other frontend's.
pub use buildkit_frontend::{gateway, image_ref, request, source};

pub mod bytes;
pub mod capabilities;
pub mod choose;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod frontend;
pub mod graph;
pub mod hex;
pub mod hub;
pub mod lock;
pub mod lockfile;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod predefined;
pub mod project;
pub mod pylock;
pub mod requirements;
pub mod resolution;
pub mod secret;
pub mod wheel;
