//! Build arguments with a meaning that every build has, declared or not.

/// The model hub to use instead of the public one.
pub const HF_ENDPOINT: &str = "HF_ENDPOINT";
/// The package index to use instead of pip's own.
pub const PIP_INDEX_URL: &str = "PIP_INDEX_URL";
/// What `--target lock` asks for anew although it is locked: `all`, `base`, or
/// models, separated by commas.
pub const UPDATE: &str = "MODELCACHE_UPDATE";
/// Further package indexes, separated by spaces as pip has it.
pub const PIP_EXTRA_INDEX_URL: &str = "PIP_EXTRA_INDEX_URL";
/// Those that hold URLs.
pub const URLS: [&str; 3] = [HF_ENDPOINT, PIP_INDEX_URL, PIP_EXTRA_INDEX_URL];
