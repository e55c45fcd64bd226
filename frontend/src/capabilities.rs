//! What the daemon says it can do.

use std::collections::BTreeSet;

/// The capabilities that the daemon lists as enabled. A listed one may be disabled.
///
/// ```
/// use buildkit_frontend::capabilities::Capabilities;
///
/// let all: Capabilities = ["mergeop", "diffop"].into_iter().collect();
/// assert!(all.has("mergeop") && !all.has("file.base"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(BTreeSet<String>);

impl Capabilities {
    /// Whether the daemon has `name`, as `solver/pb/caps.go` or `frontend/gateway/pb/caps.go` has it.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

impl<S: Into<String>> FromIterator<S> for Capabilities {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}
