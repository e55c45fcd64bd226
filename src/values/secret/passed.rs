//! The build secrets that have names of ours or of the daemon's, and how each is passed.

/// Certificates of authorities that steps trust beside the base image's.
pub const CA_CERTIFICATES: &str = "ca-certificates";
/// User names and passwords by host, as pip and uv read them.
pub const NETRC: &str = "netrc";
/// pip's settings.
pub const PIP_CONFIG: &str = "pip-config";
/// apt's settings.
pub const APT_CONFIG: &str = "apt-config";

/// What every step about packages may use; none is required.
pub const OF_PACKAGES: [&str; 3] = [CA_CERTIFICATES, NETRC, PIP_CONFIG];
/// What a step may use that installs Debian packages; none is required.
pub const OF_APT: [&str; 2] = [CA_CERTIFICATES, APT_CONFIG];

/// The flag that passes [`NETRC`].
pub const PASS_NETRC: &str = "--secret id=netrc,src=$HOME/.netrc";
/// The flag that passes [`PIP_CONFIG`].
pub const PASS_PIP_CONFIG: &str = "--secret id=pip-config,src=$HOME/.config/pip/pip.conf";
/// The flag that passes [`APT_CONFIG`].
pub const PASS_APT_CONFIG: &str = "--secret id=apt-config,src=FILE";

/// The flag that passes a token for `host`, which the daemon itself looks for, from the
/// environment variable `variable` of the client.
pub fn pass_token(host: &str, variable: &str) -> String {
    format!("--secret id=HTTP_AUTH_TOKEN_{host},env={variable}")
}

/// What a user is told when credentials or certificates may be missing.
pub fn advice() -> String {
    let ids = OF_PACKAGES.map(|id| format!("`{id}`")).join(", ");
    format!("a private CA and credentials are passed as build secrets: {ids}")
}
