//! A "no" of the daemon, with all it says about why.

use std::{error, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use buildkit_proto::{protobuf::Any, rpc};
use prost::Message;
use serde_json::{Value, json};

use crate::document::{Document, Span};

/// Type URLs of error details. Their values are JSON (`util/grpcerrors`).
const SOURCE: &str = "github.com/moby/buildkit/errdefs.Source+json";
const VERTEX: &str = "github.com/moby/buildkit/errdefs.Vertex+json";
const SUBREQUEST: &str = "github.com/moby/buildkit/errdefs.Subrequest+json";

/// How our own refusal of a long file begins.
const TOO_LONG: &str = "the file is to be read, and is longer than";

/// gRPC's `Unknown`: the one code that clients show without its name.
const UNKNOWN: i32 = 2;

/// Why the daemon refused, in its own words.
///
/// ```
/// use buildkit_frontend::gateway::rejection::Rejection;
///
/// let rejection = Rejection::new("lstat /a: no such file or directory");
/// assert!(rejection.is_not_found() && rejection.vertices().is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rejection {
    /// gRPC status code.
    pub code: i32,
    /// The daemon's message.
    pub message: String,
    /// Details, to be passed on as they came.
    pub details: Vec<Detail>,
}

/// A detail of a refusal, for programs.
///
/// ```
/// use buildkit_frontend::gateway::rejection::{Detail, Rejection};
///
/// let vertex = Detail {
///     type_url: "github.com/moby/buildkit/errdefs.Vertex+json".into(),
///     value: br#"{"digest": "sha256:abc"}"#.to_vec(),
/// };
/// let rejection = Rejection { details: vec![vertex], ..Rejection::new("it failed") };
/// assert_eq!(rejection.vertices(), ["sha256:abc"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Whose it is, and what.
    pub type_url: String,
    /// JSON, of the daemon's and of ours.
    pub value: Vec<u8>,
}

impl Rejection {
    /// A refusal of our own making.
    ///
    /// ```
    /// use buildkit_frontend::gateway::rejection::Rejection;
    ///
    /// assert_eq!(Rejection::new("no").to_string(), "no");
    /// ```
    pub fn new(message: impl Into<String>) -> Self {
        Self { code: UNKNOWN, message: message.into(), details: Vec::new() }
    }

    /// A file is longer than the `most` bytes that are read of any.
    ///
    /// ```
    /// use buildkit_frontend::gateway::rejection::Rejection;
    ///
    /// assert!(Rejection::too_long(4 << 20).is_too_long());
    /// ```
    pub fn too_long(most: usize) -> Self {
        Self::new(format!("{TOO_LONG} {} MiB", most >> 20))
    }

    /// Whether a file is longer than what is read of any.
    pub fn is_too_long(&self) -> bool {
        self.message.starts_with(TOO_LONG)
    }

    /// The digests of the vertices that failed, if any did.
    pub fn vertices(&self) -> Vec<String> {
        let details = self.details.iter().filter(|detail| detail.type_url == VERTEX);
        let digest = |detail: &Detail| {
            let value: Value = serde_json::from_slice(&detail.value).ok()?;
            Some(value.get("digest")?.as_str()?.to_owned())
        };
        details.filter_map(digest).collect()
    }

    /// Whether the daemon has said where in the user's files the cause is.
    pub fn is_located(&self) -> bool {
        self.details.iter().any(|detail| detail.type_url == SOURCE)
    }

    /// Whether a file was looked for and not found. The daemon has no code for it.
    pub fn is_not_found(&self) -> bool {
        self.message.contains("no such file or directory") || self.message.contains("not found")
    }

    /// Replaces the message, and the excerpts that the daemon chose by ours.
    #[must_use]
    pub fn explained(mut self, message: String, excerpt: Option<Detail>) -> Self {
        self.code = UNKNOWN;
        self.message = message;
        if let Some(excerpt) = excerpt {
            self.details.retain(|detail| detail.type_url != SOURCE);
            self.details.push(excerpt);
        }
        self
    }

    /// The refusal, with an excerpt of `source`, a file in `language`, around `span`.
    ///
    /// ```
    /// use buildkit_frontend::gateway::rejection::Rejection;
    /// use buildkit_frontend::document::{Document, Span};
    ///
    /// let document = Document::new("image.yaml", "base: debian\n");
    /// let no = Rejection::new("image.yaml:1: `base` has no tag");
    /// assert!(no.located(&document, "YAML", Span { start: 6, end: 12 }).is_located());
    /// ```
    #[must_use]
    pub fn located(self, document: &Document, language: &str, span: Span) -> Self {
        let message = self.message.clone();
        self.explained(message, Some(excerpt(document, language, span)))
    }

    /// As the error that ends a build.
    pub(super) fn into_status(self) -> rpc::Status {
        let wire = |Detail { type_url, value }| Any { type_url, value };
        let details = self.details.into_iter().map(wire).collect();
        rpc::Status { code: self.code, message: self.message, details }
    }
}

/// The detail that makes clients print an excerpt of `source`, a file in `language`, around `span`.
///
/// ```
/// use buildkit_frontend::{gateway::rejection::{Rejection, excerpt}, document::{Document, Span}};
///
/// let document = Document::new("image.yaml", "base: debian\nuser: root\n");
/// let place = excerpt(&document, "YAML", Span { start: 13, end: 17 });
/// assert!(Rejection::new("").explained("image.yaml:2: no".into(), Some(place)).is_located());
/// ```
pub fn excerpt(document: &Document, language: &str, span: Span) -> Detail {
    let (first, last) = document.lines(span);
    let value = json!({
        "info": {
            "filename": document.name,
            "data": BASE64_STANDARD.encode(document.text()),
            "language": language,
        },
        "ranges": [{"start": {"line": first}, "end": {"line": last}}],
    });
    Detail { type_url: SOURCE.into(), value: value.to_string().into_bytes() }
}

/// The detail that tells clients a subrequest isn't known here.
pub(crate) fn unknown_subrequest(name: &str) -> Detail {
    Detail { type_url: SUBREQUEST.into(), value: json!({"name": name}).to_string().into_bytes() }
}

/// What gRPC says of a refusal, with the details that it carries.
#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
pub(super) fn refused(status: tonic::Status) -> Rejection {
    let details = rpc::Status::decode(status.details()).unwrap_or_default().details;
    let ours = |Any { type_url, value }| Detail { type_url, value };
    Rejection {
        code: status.code() as i32,
        message: status.message().to_owned(),
        details: details.into_iter().map(ours).collect(),
    }
}

impl error::Error for Rejection {}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}
