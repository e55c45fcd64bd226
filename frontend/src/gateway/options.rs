//! The options of a build as the daemon puts them into the environment.

use std::collections::BTreeMap;

const OPTION_PREFIX: &str = "BUILDKIT_FRONTEND_OPT_";
const SESSION: &str = "BUILDKIT_SESSION_ID";

/// Options and session of this build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Environment {
    /// Option keys and values.
    pub options: BTreeMap<String, String>,
    /// The id of the client's session.
    pub session: String,
}

/// Collects `BUILDKIT_FRONTEND_OPT_<n>=key=value`. The numbers mean nothing
/// (`frontend/gateway/gateway.go`), so they are dropped.
pub fn from_env(variables: impl Iterator<Item = (String, String)>) -> Environment {
    let mut found = Environment::default();
    for (name, text) in variables {
        if name == SESSION {
            found.session = text;
        } else if name.starts_with(OPTION_PREFIX) {
            let (key, value) = text.split_once('=').unwrap_or((&text, ""));
            found.options.insert(key.to_owned(), value.to_owned());
        }
    }
    found
}
