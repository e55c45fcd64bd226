//! `--check` and `--call`: questions about a manifest that build nothing.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{failure::Failure, locking, planning};
use crate::{
    gateway::{
        rejection::{Rejection, unknown_subrequest},
        reply::Reply,
    },
    manifest::Parsed,
    source::{Source, Span},
    values::diagnostic::{Diagnostic, Severity, Style},
};

const DESCRIBE: &str = "frontend.subrequests.describe";
const LINT: &str = "frontend.lint";
const OUTLINE: &str = "frontend.outline";
const TARGETS: &str = "frontend.targets";

/// Answers the subrequests that no manifest is needed for.
pub fn without_manifest(name: &str) -> Option<Reply> {
    (name == DESCRIBE).then(|| {
        let known = [
            (LINT, "Lint a manifest"),
            (OUTLINE, "List the arguments and secrets of a manifest"),
            (TARGETS, "List the targets of a manifest"),
            (locking::SUBREQUEST, "Tell what an update of the lock would change"),
            (planning::SUBREQUEST, "List the files of each model, and those left out"),
            (DESCRIBE, "List the subrequests"),
        ];
        let entry = |(name, text): (&str, &str)| {
            json!({"name": name, "version": "1.0.0", "type": "rpc", "description": text})
        };
        let text = known.map(|(name, text)| format!("{name}\t{text}\n")).concat();
        reply(&Value::from(known.map(entry).to_vec()), text)
    })
}

/// Answers the others; an unknown name is an error that clients understand.
pub fn answer(name: &str, source: &Source, parsed: &Parsed) -> Result<Reply, Failure> {
    match name {
        LINT => Ok(lint(source, parsed)),
        OUTLINE => match &parsed.manifest {
            Some(_) => Ok(outline(source, parsed)),
            None => Err(parsed.diagnostics.clone().into()),
        },
        TARGETS => Ok(targets(source)),
        _ => {
            let rejection = Rejection::new(format!("unsupported request {name}"));
            let message = rejection.message.clone();
            Err(Failure::Refused(rejection.explained(message, Some(unknown_subrequest(name)))))
        }
    }
}

/// As `frontend/subrequests/lint`. Every warning has a location: buildx needs it.
fn lint(source: &Source, parsed: &Parsed) -> Reply {
    let of = |severity| parsed.diagnostics.iter().filter(move |found| found.severity == severity);
    let warning = |found: &Diagnostic| {
        json!({
            "ruleName": found.code,
            "description": found.message,
            "detail": found.help.join("\n"),
            "location": location(source, found.span().unwrap_or_default()),
        })
    };
    let mut result = json!({
        "warnings": of(Severity::Warning).map(warning).collect::<Vec<_>>(),
        "sources": [{
            "filename": source.name,
            "data": BASE64_STANDARD.encode(&source.text),
            "language": "YAML",
        }],
    });
    let errors: Vec<Diagnostic> = of(Severity::Error).cloned().collect();
    if let Some(first) = errors.first() {
        result["buildError"] = json!({
            "message": crate::values::diagnostic::render(&errors, source, Style::Plain).trim_end(),
            "location": location(source, first.span().unwrap_or_default()),
        });
    }
    let text = crate::values::diagnostic::render(&parsed.diagnostics, source, Style::Plain);
    let mut reply = reply(&result, text);
    if !parsed.diagnostics.is_empty() {
        reply.metadata.insert("result.statuscode".into(), b"1".to_vec());
    }
    reply
}

/// As `frontend/subrequests/outline`.
fn outline(source: &Source, parsed: &Parsed) -> Reply {
    let manifest = parsed.manifest.as_ref();
    let args: Vec<Value> = manifest
        .into_iter()
        .flat_map(|manifest| &manifest.args)
        .map(|(name, value)| {
            json!({"name": name, "value": value.value, "location": location(source, value.span)})
        })
        .collect();
    let ids = crate::values::secret::passed::OF_PACKAGES;
    let has_python = manifest.is_some_and(|manifest| manifest.python.is_some());
    let secrets: Vec<Value> = ids
        .iter()
        .filter(|_| has_python)
        .map(|id| json!({"name": id, "required": false}))
        .collect();
    let result = json!({"args": args, "secrets": secrets, "sources": [BASE64_STANDARD.encode(&source.text)]});
    let lines: Vec<String> =
        args.iter().map(|arg| format!("{}={}\n", arg["name"], arg["value"])).collect();
    reply(&result, lines.concat())
}

/// As `frontend/subrequests/targets`.
fn targets(source: &Source) -> Reply {
    let image = json!({"name": "image", "default": true, "description": "The image"});
    let result = json!({"targets": [image], "sources": [BASE64_STANDARD.encode(&source.text)]});
    reply(&result, "image (default)\n".into())
}

fn location(source: &Source, span: Span) -> Value {
    let (first, last) = source.lines(span);
    json!({
        "sourceIndex": 0,
        "ranges": [{"start": {"line": first}, "end": {"line": last}}],
    })
}

fn reply(result: &Value, text: String) -> Reply {
    Reply {
        metadata: BTreeMap::from([
            ("result.json".into(), result.to_string().into_bytes()),
            ("result.txt".into(), text.into_bytes()),
            ("version".into(), b"1.0.0".to_vec()),
        ]),
        ..Reply::default()
    }
}
