//! modelcache: a `BuildKit` frontend for Python images that carry models.

pub mod source;
