//! The options of a build as the daemon puts them into the environment.

use std::collections::BTreeMap;

const OPTION_PREFIX: &str = "BUILDKIT_FRONTEND_OPT_";
const SESSION: &str = "BUILDKIT_SESSION_ID";

/// Options and session of this build.
///
/// ```
/// use buildkit_frontend::gateway::options;
///
/// let none = options::from_env([].into_iter());
/// assert_eq!(none, options::Environment::default());
/// ```
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
///
/// ```
/// use buildkit_frontend::gateway::options;
///
/// let variables = [
///     ("BUILDKIT_FRONTEND_OPT_0", "filename=image.yaml"),
///     ("BUILDKIT_SESSION_ID", "abc"),
/// ];
/// let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
/// let found = options::from_env(variables.into_iter());
/// assert_eq!((found.options["filename"].as_str(), found.session.as_str()), ("image.yaml", "abc"));
/// ```
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
