//! Questions about a build's file that build nothing, `--check` and `--call`, and their answers as
//! `BuildKit`'s `frontend/subrequests` has them, which buildx prints.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    document::{Document, Span},
    gateway::{
        rejection::{Rejection, unknown_subrequest},
        reply::Reply,
    },
};

/// Which sub-requests there are: [`describe`] answers.
///
/// ```
/// assert_eq!(buildkit_frontend::subrequest::DESCRIBE, "frontend.subrequests.describe");
/// ```
pub const DESCRIBE: &str = "frontend.subrequests.describe";
/// What is wrong with the file, `--check`: a [`Lint`] answers.
///
/// ```
/// assert_eq!(buildkit_frontend::subrequest::LINT, "frontend.lint");
/// ```
pub const LINT: &str = "frontend.lint";
/// What can be given to a build: an [`Outline`] answers.
///
/// ```
/// assert_eq!(buildkit_frontend::subrequest::OUTLINE, "frontend.outline");
/// ```
pub const OUTLINE: &str = "frontend.outline";
/// What can be built: [`targets`] answers.
///
/// ```
/// assert_eq!(buildkit_frontend::subrequest::TARGETS, "frontend.targets");
/// ```
pub const TARGETS: &str = "frontend.targets";

/// What is wrong with a file.
///
/// ```
/// use buildkit_frontend::{document::{Document, Span}, subrequest::{Lint, LintWarning}};
///
/// let document = Document::new("image.yaml", "base: debian\n");
/// let warning = LintWarning {
///     rule: "no-tag".into(),
///     message: "`base` has no tag".into(),
///     span: Span { start: 6, end: 12 },
///     ..LintWarning::default()
/// };
/// let lint = Lint { warnings: vec![warning], ..Lint::default() };
/// let reply = lint.reply(&document, "YAML", "image.yaml:1: `base` has no tag\n".into());
/// assert_eq!(reply.metadata["result.statuscode"], b"1");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lint {
    /// What it can be built with.
    pub warnings: Vec<LintWarning>,
    /// What it can't be built with, and where.
    pub error: Option<(String, Span)>,
}

/// Something that a file can be built with.
///
/// ```
/// use buildkit_frontend::subrequest::LintWarning;
///
/// let warning = LintWarning { rule: "no-tag".into(), ..LintWarning::default() };
/// # assert_eq!(warning.url, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LintWarning {
    /// The rule's name.
    pub rule: String,
    /// What is wrong, in one line.
    pub message: String,
    /// More of it; may be empty.
    pub detail: String,
    /// Where the rule is described.
    pub url: Option<String>,
    /// Where; buildx shows no warning without a place.
    pub span: Span,
}

impl Lint {
    /// The answer: for programs, and as `text`. A client exits with 1 if there is anything.
    pub fn reply(&self, document: &Document, language: &str, text: String) -> Reply {
        let warning = |warning: &LintWarning| {
            let mut value = json!({
                "ruleName": warning.rule,
                "description": warning.message,
                "detail": warning.detail,
                "location": location(document, warning.span),
            });
            if let Some(url) = &warning.url {
                value["url"] = json!(url);
            }
            value
        };
        let mut result = json!({
            "warnings": self.warnings.iter().map(warning).collect::<Vec<_>>(),
            "sources": [{
                "filename": document.name,
                "data": BASE64_STANDARD.encode(document.text()),
                "language": language,
            }],
        });
        if let Some((message, span)) = &self.error {
            result["buildError"] =
                json!({"message": message, "location": location(document, *span)});
        }
        let mut reply = reply(&result, text);
        if !self.warnings.is_empty() || self.error.is_some() {
            reply.metadata.insert("result.statuscode".into(), b"1".to_vec());
        }
        reply
    }
}

/// What can be given to a build.
///
/// ```
/// use buildkit_frontend::{document::{Document, Span}, subrequest::{Argument, Outline}};
///
/// let tag = Argument { name: "TAG".into(), value: "12".into(), span: Span::default() };
/// let outline = Outline { args: vec![tag], ..Outline::default() };
/// let reply = outline.reply(&Document::new("image.yaml", "args: {TAG: 12}\n"));
/// assert_eq!(reply.metadata["result.txt"], b"\"TAG\"=\"12\"\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Build arguments.
    pub args: Vec<Argument>,
    /// Build secrets.
    pub secrets: Vec<Secret>,
}

/// A build argument.
///
/// ```
/// use buildkit_frontend::{document::Span, subrequest::Argument};
///
/// let tag = Argument { name: "TAG".into(), value: "12".into(), span: Span { start: 7, end: 10 } };
/// # assert_eq!(tag.value, "12");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where it is declared.
    pub span: Span,
}

/// A build secret.
///
/// ```
/// use buildkit_frontend::subrequest::Secret;
///
/// let token = Secret { name: "token".into(), required: false };
/// # assert!(!token.required);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secret {
    /// Its id.
    pub name: String,
    /// Whether there is no build without it.
    pub required: bool,
}

impl Outline {
    /// The answer.
    pub fn reply(&self, document: &Document) -> Reply {
        let arg = |arg: &Argument| {
            let location = location(document, arg.span);
            json!({"name": arg.name, "value": arg.value, "location": location})
        };
        let secret = |secret: &Secret| json!({"name": secret.name, "required": secret.required});
        let result = json!({
            "args": self.args.iter().map(arg).collect::<Vec<_>>(),
            "secrets": self.secrets.iter().map(secret).collect::<Vec<_>>(),
            "sources": [BASE64_STANDARD.encode(document.text())],
        });
        let line = |arg: &Argument| format!("{}={}\n", json!(arg.name), json!(arg.value));
        reply(&result, self.args.iter().map(line).collect())
    }
}

/// Something that can be built.
///
/// ```
/// use buildkit_frontend::subrequest::Target;
///
/// let image = Target { name: "image".into(), description: "The image".into(), is_default: true };
/// # assert!(image.is_default);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether it is what is built if none is named.
    pub is_default: bool,
}

/// The answer of what can be built.
///
/// ```
/// use buildkit_frontend::{document::Document, subrequest::{self, Target}};
///
/// let image = Target { name: "image".into(), is_default: true, ..Target::default() };
/// let reply = subrequest::targets(&[image], &Document::new("image.yaml", ""));
/// assert_eq!(reply.metadata["result.txt"], b"image (default)\n");
/// ```
pub fn targets(targets: &[Target], document: &Document) -> Reply {
    let entry = |target: &Target| {
        let Target { name, description, is_default } = target;
        json!({"name": name, "default": is_default, "description": description})
    };
    let line = |target: &Target| {
        let default = if target.is_default { " (default)" } else { "" };
        format!("{}{default}\n", target.name)
    };
    let result = json!({
        "targets": targets.iter().map(entry).collect::<Vec<_>>(),
        "sources": [BASE64_STANDARD.encode(document.text())],
    });
    reply(&result, targets.iter().map(line).collect())
}

/// The answer of which sub-requests there are, each with what it is for.
///
/// ```
/// use buildkit_frontend::subrequest::{self, DESCRIBE};
///
/// let reply = subrequest::describe(&[(DESCRIBE, "List the sub-requests")]);
/// let text = b"frontend.subrequests.describe\tList the sub-requests\n";
/// assert_eq!(reply.metadata["result.txt"], text);
/// ```
pub fn describe(known: &[(&str, &str)]) -> Reply {
    let entry = |(name, text): &(&str, &str)| json!({"name": name, "version": "1.0.0", "type": "rpc", "description": text});
    let lines = known.iter().map(|(name, text)| format!("{name}\t{text}\n"));
    reply(&known.iter().map(entry).collect(), lines.collect())
}

/// The refusal of a sub-request that isn't known here, which clients understand.
///
/// ```
/// use buildkit_frontend::subrequest;
///
/// assert_eq!(subrequest::unknown("x").to_string(), "unsupported request x");
/// ```
pub fn unknown(name: &str) -> Rejection {
    let message = format!("unsupported request {name}");
    Rejection::new("").explained(message, Some(unknown_subrequest(name)))
}

fn location(document: &Document, span: Span) -> Value {
    let (first, last) = document.lines(span);
    json!({
        "sourceIndex": 0,
        "ranges": [{"start": {"line": first}, "end": {"line": last}}],
    })
}

fn reply(result: &Value, text: String) -> Reply {
    let metadata = [
        ("result.json".into(), result.to_string().into_bytes()),
        ("result.txt".into(), text.into_bytes()),
        ("version".into(), b"1.0.0".to_vec()),
    ];
    Reply { metadata: metadata.into(), ..Reply::default() }
}
