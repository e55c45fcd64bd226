//! Downloads that fail: what they mean for the user, and which are asked again.
//!
//! The daemon's http source neither retries nor, for a pinned file, looks at the
//! status: an error page is a "digest mismatch". And what has failed stays failed
//! for the rest of the build under its cache key. So a pinned file that failed is
//! asked for by `ResolveSourceMeta`, which is no vertex, checks the status and can
//! be repeated; once that has the right bytes, the graph names the file otherwise
//! and finds them there.

use std::time::Duration;

use buildkit_llb::{Http, Vertex};

use super::failure::Failure;
use crate::{
    answers::{Snapshot, SnapshotFile},
    document::Span,
    gateway::{Gateway, rejection::Rejection},
    graph::{
        download::{Attempts, attempt_name, blob},
        model,
    },
    plan::ModelLayer,
    values::{capabilities, diagnostic::Diagnostic, digest::Digest, secret::passed::pass_token},
};

/// Attempts for one file, the first included.
pub const ATTEMPTS: u32 = 5;

/// What was asked of a hub.
pub struct HubQuestion<'a> {
    /// The hub.
    pub endpoint: &'a str,
    /// The repository.
    pub id: &'a str,
    /// The branch, tag or commit.
    pub revision: &'a str,
    /// The file; `None` is the list of files.
    pub file: Option<&'a str>,
    /// Where the manifest names the model.
    pub span: Span,
    /// Whether the daemon can send a token, if that is known.
    pub sends_tokens: Option<bool>,
}

/// Whether the same request may succeed a moment later.
pub fn is_transient(rejection: &Rejection) -> bool {
    let words = [
        "connection reset",
        "unexpected EOF",
        "EOF",
        "i/o timeout",
        "timeout awaiting",
        "connection refused",
        "server misbehaving",
        "TLS handshake timeout",
    ];
    match status(&rejection.message) {
        Some(status) => status == 429 || status >= 500,
        None => words.iter().any(|word| rejection.message.contains(word)),
    }
}

/// Waits before attempt number `attempt`, longer each time: 1, 2, 4, 8 s.
pub async fn pause(attempt: u32) {
    tokio::time::sleep(Duration::from_secs(1 << attempt.saturating_sub(1).min(3))).await;
}

/// How a pinned file that failed in the graph came when it was asked for again.
pub enum Came {
    /// The daemon has it under the name of this attempt.
    Good(u32),
    /// It is another file, of this digest.
    Other(String),
    /// It fails in the graph again and again.
    Never,
}

/// Asks for a file whose attempt number `used` has failed in the graph as `failed` says.
pub async fn ask(
    gateway: &Gateway,
    url: &str,
    digest: &Digest,
    used: u32,
    failed: &Rejection,
) -> Result<Came, Rejection> {
    for attempt in used + 1..ATTEMPTS {
        let source = Http { filename: attempt_name(attempt), ..blob(url.to_owned()) };
        match look(gateway, source).await {
            Ok(Some(found)) if found == digest.to_string() => return Ok(Came::Good(attempt)),
            Ok(Some(found)) => return Ok(Came::Other(found)),
            Ok(None) if used == 0 => return Ok(Came::Good(attempt)),
            Ok(None) => {
                // It can be had, and yet it was wrong twice.
                if let Some(found) = mismatch(&failed.message) {
                    return Ok(Came::Other(found.to_owned()));
                }
                pause(used).await;
                return Ok(Came::Good(attempt));
            }
            Err(no) if is_transient(&no) && attempt + 1 < ATTEMPTS => pause(attempt).await,
            Err(no) => return Err(no),
        }
    }
    Ok(Came::Never)
}

/// Lets the daemon fetch a file whatever is in it, and returns its digest. A daemon
/// before BuildKit 0.26 tells none, but fails with the true status.
async fn look(gateway: &Gateway, source: Http) -> Result<Option<String>, Rejection> {
    if let Some(found) = gateway.resolve_http(&source).await? {
        return Ok(Some(found));
    }
    let title = format!("[internal] ask again for {}", source.url);
    let output = Vertex::new(source).name(title).output();
    gateway.solve(buildkit_llb::marshal(&output, &[]), true).await?;
    Ok(None)
}

/// The digest that came instead of the pinned one (`source/http/source.go`).
fn mismatch(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("digest mismatch ")?;
    rest.split(": ").next().filter(|found| found.starts_with("sha256:"))
}

/// Gets a pinned file that failed in the graph. Afterwards `attempts` says under
/// which name the daemon has it; or the failure says what is wrong.
pub async fn again(
    gateway: &Gateway,
    (layer, snapshot, file): (&ModelLayer, &Snapshot, &SnapshotFile),
    failed: &Rejection,
    attempts: &mut Attempts,
) -> Result<(), Failure> {
    let url = model::file_url(layer, snapshot, file);
    let id = layer.id.hub_id();
    let asked = HubQuestion {
        endpoint: &layer.endpoint,
        id: &id,
        revision: &layer.revision,
        file: Some(&file.path),
        span: layer.span,
        sends_tokens: capabilities::sends_tokens(&gateway.llb),
    };
    let used = attempts.of(&file.digest);
    match ask(gateway, &url, &file.digest, used, failed).await {
        Ok(Came::Good(attempt)) => {
            attempts.set(file.digest, attempt);
            Ok(())
        }
        Ok(Came::Other(found)) => Err(other_bytes(layer, file, &found).into()),
        Ok(Came::Never) => {
            let message = format!("`{}` of `{}` could not be downloaded", file.path, layer.id);
            let diagnostic = Diagnostic::error("download", message)
                .label(layer.span, format!("{ATTEMPTS} attempts have failed"))
                .help("build again: what has arrived whole is kept, and only the rest is fetched");
            Err(Failure::Explained(diagnostic, failed.clone()))
        }
        Err(no) => Err(explain(&asked, no)),
    }
}

fn other_bytes(layer: &ModelLayer, file: &SnapshotFile, found: &str) -> Diagnostic {
    let SnapshotFile { path, digest, .. } = file;
    let message = format!("`{path}` of `{}` is not what the hub lists", layer.id);
    Diagnostic::error("tampered-file", message)
        .label(layer.span, format!("it must be {digest}"))
        .help(format!("{} sends {found}, twice; nothing of it was kept", layer.endpoint))
        .help("compare with another hub by `--build-arg HF_ENDPOINT=URL`")
}

/// What a refused request means for the user.
pub fn explain(asked: &HubQuestion<'_>, rejection: Rejection) -> Failure {
    let HubQuestion { endpoint, id, revision, file, span, sends_tokens } = *asked;
    let what =
        file.map_or_else(|| format!("the model `{id}`"), |file| format!("`{file}` of `{id}`"));
    let secret = pass_token(host(endpoint), "HF_TOKEN");
    // People try it first, and a frontend can't see which secrets there are.
    let unread = "a secret of another name, as `id=HF_TOKEN`, is not read: the builder looks for one that names the host";
    let at =
        |code, message: String, text: String| Diagnostic::error(code, message).label(span, text);
    let diagnostic = match status(&rejection.message) {
        Some(status @ (401 | 404)) if file.is_none() => {
            // Whoever has no token is told 401, be the name wrong or the repository private.
            let private = if status == 401 { ", or it is private" } else { "" };
            let message = format!("the hub has no model `{id}` at revision `{revision}`{private}");
            at("unknown-model", message, format!("{endpoint} answered {status}"))
                .help("check the spelling; names are case-sensitive")
                .help(format!("if it is private, pass a token that may read it: {secret}"))
                .help(unread)
        }
        Some(404) => at(
            "missing-on-hub",
            format!("the hub has no {what}"),
            format!("{endpoint} answered 404"),
        )
        .help("if a lock names it, the repository has changed: make the lock anew"),
        Some(401 | 403) => {
            at("no-access", format!("the hub refuses access to {what}"), "a token is needed".into())
                .help(format!("accept the model's licence on its page, and pass {secret}"))
                .help(unread)
        }
        Some(429) => {
            let message = "the hub has had too many requests from here".to_owned();
            at("rate-limit", message, format!("asked for {what}"))
                .help(format!("wait some minutes, or raise your limit with a token: {secret}"))
        }
        Some(status) => {
            let message = format!("the hub answered {status} when asked for {what}");
            at("hub-status", message, format!("asked {endpoint}"))
                .help("try again later, or name another hub in `mirrors.huggingface`")
        }
        None if rejection.is_too_long() => {
            let what = if file.is_some() { what } else { format!("the hub's list of `{id}`") };
            let message = format!("{what} is too long to be read");
            at("hub-answer", message, format!("{endpoint} sent more than is read of any file"))
        }
        None if rejection.message.contains("EOF") || rejection.message.contains("reset") => {
            let message = format!("the connection broke in the middle of {what}");
            at("cut-download", message, format!("from {endpoint}"))
                .help("build again: what has arrived whole is kept, and only the rest is fetched")
        }
        None if rejection.message.contains("stopped after 10 redirects") => {
            let message = format!("the hub sends requests for {what} in a circle");
            at("redirect-loop", message, format!("asked {endpoint}"))
                .help("is it a hub, and not a login page?")
        }
        None => {
            let message = format!("the hub at {endpoint} can't be reached");
            at("hub-unreachable", message, format!("{what} is needed from it"))
                .help("the builder itself asks the hub: check its network, DNS and proxy")
                .help("`--build-arg HF_ENDPOINT=URL` or `mirrors.huggingface` name another hub")
        }
    };
    let diagnostic = match too_old(sends_tokens, &rejection) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    };
    Failure::Explained(diagnostic, rejection)
}

/// The host of a URL, without its port: how a secret for it is named.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    // An IPv6 address comes without its brackets, as the daemon names it.
    match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => rest.split(['/', ':']).next().unwrap_or_default(),
    }
}

/// What is to be said of a refusal if the daemon sends no token, or may be one that doesn't.
pub fn too_old(sends_tokens: Option<bool>, rejection: &Rejection) -> Option<&'static str> {
    match sends_tokens {
        _ if !matches!(status(&rejection.message), Some(401 | 403)) => None,
        Some(true) => None,
        Some(false) => Some(
            "but this builder can't send a token: that needs BuildKit 0.23 (Docker Engine 28.3)",
        ),
        None => Some("BuildKit sends a token from 0.23 (Docker Engine 28.3) on: is this 0.22?"),
    }
}

/// The HTTP status that the daemon names (`source/http/source.go`).
pub fn status(message: &str) -> Option<u16> {
    let (_, rest) = message.split_once("invalid response status ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
