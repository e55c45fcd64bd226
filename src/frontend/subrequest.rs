//! `--check` and `--call`: questions about a manifest that build nothing.

use buildkit_frontend::subrequest::{
    self as kit, Argument, DESCRIBE, LINT, Lint, LintWarning, OUTLINE, Outline, Secret, TARGETS,
    Target,
};

use super::{failure::Failure, locking, planning};
use crate::{
    document::{Document, Spanned},
    gateway::reply::Reply,
    manifest::Parsed,
    values::{
        diagnostic::{self, Diagnostic, Severity, Style},
        secret::passed::OF_PACKAGES,
        target,
    },
};

/// Answers the subrequests that no manifest is needed for.
pub fn without_manifest(name: &str) -> Option<Reply> {
    (name == DESCRIBE).then(|| {
        kit::describe(&[
            (LINT, "Lint a manifest"),
            (OUTLINE, "List the arguments and secrets of a manifest"),
            (TARGETS, "List the targets of a manifest"),
            (locking::SUBREQUEST, "Tell what an update of the lock would change"),
            (planning::SUBREQUEST, "List the files of each model, and those left out"),
            (DESCRIBE, "List the subrequests"),
        ])
    })
}

/// Answers the others; an unknown name is an error that clients understand.
pub fn answer(name: &str, document: &Document, parsed: &Parsed) -> Result<Reply, Failure> {
    match name {
        LINT => Ok(lint(document, parsed)),
        OUTLINE => match &parsed.manifest {
            Some(_) => Ok(outline(parsed).reply(document)),
            None => Err(parsed.diagnostics.clone().into()),
        },
        TARGETS => Ok(targets(document)),
        _ => Err(Failure::Refused(kit::unknown(name))),
    }
}

/// Every warning has a location: buildx needs it.
fn lint(document: &Document, parsed: &Parsed) -> Reply {
    let of = |severity| parsed.diagnostics.iter().filter(move |found| found.severity == severity);
    let warning = |found: &Diagnostic| LintWarning {
        rule: found.code.into(),
        message: found.message.clone(),
        detail: found.help.join("\n"),
        url: None,
        span: found.span().unwrap_or_default(),
    };
    let errors: Vec<Diagnostic> = of(Severity::Error).cloned().collect();
    let error = errors.first().map(|first| {
        let message = diagnostic::render(&errors, document, Style::Plain);
        (message.trim_end().to_owned(), first.span().unwrap_or_default())
    });
    let lint = Lint { warnings: of(Severity::Warning).map(warning).collect(), error };
    let text = diagnostic::render(&parsed.diagnostics, document, Style::Plain);
    lint.reply(document, "YAML", text)
}

fn outline(parsed: &Parsed) -> Outline {
    let manifest = parsed.manifest.as_ref();
    let args = manifest.into_iter().flat_map(|manifest| &manifest.args);
    let arg = |(name, value): (&String, &Spanned<String>)| Argument {
        name: name.clone(),
        value: value.value.clone(),
        span: value.span,
    };
    let has_python = manifest.is_some_and(|manifest| manifest.python.is_some());
    let secrets = OF_PACKAGES.iter().filter(|_| has_python);
    let secret = |id: &&str| Secret { name: (*id).into(), required: false };
    Outline { args: args.map(arg).collect(), secrets: secrets.map(secret).collect() }
}

fn targets(document: &Document) -> Reply {
    let entry = |target: target::Target| Target {
        name: target.name().into(),
        description: target.description().into(),
        is_default: target == target::Target::default(),
    };
    kit::targets(&target::Target::ALL.map(entry), document)
}
