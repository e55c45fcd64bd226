//! modelcache: a `BuildKit` frontend for Python images that carry models.

pub mod bytes;
pub mod capabilities;
pub mod choose;
pub mod cli;
pub mod config;
pub mod diagnostic;
pub mod frontend;
pub mod gateway;
pub mod graph;
pub mod hex;
pub mod hub;
pub mod image_ref;
pub mod lock;
pub mod lockfile;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod project;
pub mod pylock;
pub mod request;
pub mod requirements;
pub mod resolution;
pub mod secret;
pub mod source;
pub mod wheel;
