//! Why a build ends without an image, and how its user is told.

use std::{any, future::Future, panic::AssertUnwindSafe};

use futures_util::FutureExt;

use crate::{
    document::{Document, Span},
    gateway::rejection::{self, Detail, Rejection},
    values::{
        diagnostic::{self, Diagnostic, Style},
        secret,
    },
};

/// What ended a build.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The user's mistakes, or outside trouble explained as such.
    Diagnosed(Vec<Diagnostic>),
    /// An explained refusal: the daemon's own words and details are kept.
    Explained(Diagnostic, Rejection),
    /// The daemon refused for a reason that only it can explain.
    Refused(Rejection),
}

impl Failure {
    /// Joins failures that happened side by side, so that the user sees every
    /// mistake; `None` of none. What only the daemon can explain goes first.
    pub fn all(mut failures: Vec<Self>) -> Option<Self> {
        if failures.len() < 2 {
            return failures.pop();
        }
        let mut found: Vec<Diagnostic> = Vec::new();
        for failure in failures {
            let new = match failure {
                Self::Diagnosed(diagnostics) => diagnostics,
                Self::Explained(diagnostic, rejection) => {
                    vec![diagnostic.help(format!("the builder said: {}", words(&rejection)))]
                }
                Self::Refused(_) => return Some(failure),
            };
            // Platforms fail alike.
            let is_new = |diagnostic: &Diagnostic| !found.contains(diagnostic);
            let new: Vec<Diagnostic> = new.into_iter().filter(is_new).collect();
            found.extend(new);
        }
        Some(Self::Diagnosed(found))
    }

    /// The error that ends the build: the diagnostics as the command line tool
    /// prints them, and an excerpt of `source` for clients that draw their own.
    pub fn into_rejection(self, document: &Document) -> Rejection {
        match self {
            Self::Diagnosed(mut found) => {
                found.retain(Diagnostic::is_error);
                // Found side by side; read from the top.
                diagnostic::sort(&mut found);
                let span = found.first().and_then(Diagnostic::span).unwrap_or_default();
                let text = diagnostic::render(&found, document, Style::Plain);
                // A line of its own, after the prefixes that clients put before it.
                let message = format!("{}\n\n{}", summary(&found, document), text.trim_end());
                Rejection::new("").explained(message, Some(excerpt(document, span)))
            }
            Self::Explained(diagnostic, rejection) => {
                let span = diagnostic.span().unwrap_or_default();
                let text = diagnostic.render(document, Style::Plain);
                let message = format!(
                    "{}\n\n{}\n\nthe builder said: {}",
                    summary(std::slice::from_ref(&diagnostic), document),
                    text.trim_end(),
                    words(&rejection),
                );
                rejection.explained(message, Some(excerpt(document, span)))
            }
            Self::Refused(rejection) => {
                let message = rejection.message.clone();
                let excerpt = (!rejection.is_located()).then(|| excerpt(document, Span::default()));
                rejection.explained(message, excerpt)
            }
        }
    }
}

/// The daemon's message, with nothing about how a step of ours is called.
pub fn words(rejection: &Rejection) -> String {
    let Some((before, rest)) = rejection.message.split_once("process \"") else {
        return rejection.message.clone();
    };
    match rest.split_once("\" did not complete") {
        Some((command, after)) if command.contains("/run/modelcache/") => {
            format!("{before}the step did not complete{after}")
        }
        _ => rejection.message.clone(),
    }
}

/// The manifest around `span`, without what looks like a secret.
fn excerpt(document: &Document, span: Span) -> Detail {
    let shown = Document::new(document.name.clone(), secret::mask(document.text()));
    rejection::excerpt(&shown, "YAML", span)
}

/// Runs `build`, and turns a panic, which is our bug but the user's build, into a
/// failure like any other.
pub async fn caught<T>(build: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    AssertUnwindSafe(build).catch_unwind().await.unwrap_or_else(|panic| Err(bug(panic.as_ref())))
}

fn bug(panic: &(dyn any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Failure::Refused(Rejection::new(format!(
        "modelcache {} has a bug, please report it with your manifest: {text}",
        env!("CARGO_PKG_VERSION"),
    )))
}

/// Both results, or all that went wrong with either.
pub fn both<A, B>(a: Result<A, Failure>, b: Result<B, Failure>) -> Result<(A, B), Failure> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => Err(failure),
        (Err(a), Err(b)) => {
            let fallback = a.clone();
            Err(Failure::all(vec![a, b]).unwrap_or(fallback))
        }
    }
}

/// The one line that stands for all: the first mistake, and how many more.
fn summary(found: &[Diagnostic], document: &Document) -> String {
    let Some(first) = found.first() else { return "the build failed".into() };
    let line = first.span().map_or(1, |span| document.line(span.start));
    let more = match found.len() {
        1 => String::new(),
        2 => " (and 1 more mistake)".into(),
        count => format!(" (and {} more mistakes)", count - 1),
    };
    format!("{}:{line}: {}{more}", document.name, first.message)
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Refused(rejection)
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Diagnosed(vec![diagnostic])
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(diagnostics: Vec<Diagnostic>) -> Self {
        Self::Diagnosed(diagnostics)
    }
}
