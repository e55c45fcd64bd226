//! What the daemon says it can do.

pub use buildkit_frontend::capabilities::Capabilities;

/// Laying results over each other without copying (BuildKit 0.10, not on graph drivers).
pub const MERGE: &str = "mergeop";
/// Taking one result away from another (BuildKit 0.10, as above).
pub const DIFF: &str = "diffop";
/// Making a symbolic link in a file op (BuildKit 0.19).
pub const SYMLINK: &str = "file.symlink.create";
/// Finding a result without hashing what a mount shows (BuildKit 0.13).
pub const BY_DEFINITION: &str = "exec.mount.cache.content";

/// Asking for an image's digest and config by its source op, which came with BuildKit 0.13,
/// the oldest that we build with. Of the gateway's own.
const FLOOR: &str = "source.metaresolver";
/// What to do about an older one.
pub const BELOW_FLOOR: &str = "this builder is too old: modelcache needs BuildKit 0.13 \
     (Docker Engine 26) or newer; update Docker, or build with a newer BuildKit \
     (`docker buildx create --use`)";

/// Came with BuildKit 0.22, one release before tokens of http sources.
const BEFORE_TOKENS: &str = "source.git.checksum";
/// Came with BuildKit 0.24, one release after them.
const AFTER_TOKENS: &str = "source.git.skipsubmodules";

/// Those of a current daemon, for graphs that no daemon has been asked about.
pub fn current() -> Capabilities {
    [MERGE, DIFF, SYMLINK, BY_DEFINITION].into_iter().collect()
}

/// Whether these, the gateway's, are of a daemon that we build with.
pub fn reach_floor(api: &Capabilities) -> bool {
    api.has(FLOOR)
}

/// Whether the daemon sends the secret `HTTP_AUTH_TOKEN_<host>`, as BuildKit does from
/// 0.23 on. No capability says so, but the releases around it are told apart.
pub fn sends_tokens(llb: &Capabilities) -> Option<bool> {
    if llb.has(AFTER_TOKENS) {
        return Some(true);
    }
    (!llb.has(BEFORE_TOKENS)).then_some(false)
}
