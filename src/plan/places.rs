//! Where everything lies in the image, and in the steps that make it.

/// Where models and their caches live in the image (`model-caches` layout).
pub const CACHE_ROOT: &str = "/opt/modelcache";

/// Where the virtual environment lives. Scripts in it hold this path, so it is fixed.
pub const VENV: &str = "/opt/venv";

/// Where the install step finds the requirements files, at their paths in the context.
pub const REQUIREMENTS: &str = "/run/modelcache/requirements";

/// The Hugging Face cache: `HF_HUB_CACHE`.
pub fn hub_cache() -> String {
    format!("{CACHE_ROOT}/huggingface/hub")
}
