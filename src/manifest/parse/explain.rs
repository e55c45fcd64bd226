//! What to tell the user about each kind of mistake, and what to do about it.

use std::{convert::Infallible, fmt::Display};

use super::{
    nearest::nearest,
    place::Place,
    scope::{MAX_EXPANDED, Reason, Scope},
    text::Text,
};
use crate::{
    document::{Span, Spanned},
    image_ref::ImageRefError,
    manifest::{
        context_path::ContextPathError,
        duration::DurationError,
        flag::FlagError,
        healthcheck::RetriesError,
        image_path::ImagePathError,
        mode::ModeError,
        port::PortError,
        python::{InstallError, NameError, TorchError},
        requirement::RequirementError,
        signal::SignalError,
        system::{PackageName, PackageNameError},
        url::UrlError,
        user::UserError,
    },
    models::{Format, FormatError, ModelIdError, RevisionError, TagError},
    values::{
        diagnostic::Diagnostic,
        digest::DigestError,
        secret::{
            self,
            passed::{PASS_NETRC, pass_token},
        },
    },
};

/// A typed error, and the way out of it.
pub trait Explain: Display {
    /// The diagnostic's code.
    const CODE: &'static str;

    /// What to write instead of `written`.
    fn help(&self, written: &str) -> Option<String>;
}

/// A value that its key's type refuses.
pub fn value<E: Explain>(error: &E, text: &Spanned<String>) -> Diagnostic {
    let diagnostic = Diagnostic::error(E::CODE, error.to_string()).label(text.span, "");
    error.help(&text.value).into_iter().fold(diagnostic, Diagnostic::help)
}

/// A key that is written twice in one map.
pub fn duplicate_key(name: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::error("duplicate-key", format!("`{name}` is written twice"))
        .label(again, "again here")
        .label(first, "first here")
        .help("keep one of them")
}

/// A value that is written twice in one list.
pub fn duplicate_entry(path: &str, again: Span, first: Span) -> Diagnostic {
    Diagnostic::error("duplicate-entry", format!("`{path}` has the same entry twice"))
        .label(again, "again here")
        .label(first, "first here")
        .help("keep one of them")
}

/// A `${…}` that stands for nothing.
pub fn unresolved(reason: &Reason, span: Span, scope: &Scope) -> Diagnostic {
    let literal = "for a `$` in the text itself, write `$$`";
    match reason {
        Reason::TooLong => {
            let message = format!("arguments put more than {MAX_EXPANDED} bytes into the manifest");
            Diagnostic::error("too-large", message)
                .label(span, "this value no longer fits")
                .help("an argument that is made of others grows with each step")
        }
        Reason::Open => Diagnostic::error("unknown-arg", "a `${` is never closed")
            .label(span, "`}` is missing")
            .help(literal),
        Reason::NoName(text) if text.contains([':', '-', '+', '?']) => {
            Diagnostic::error("unknown-arg", "`${NAME}` takes a name and nothing else")
                .label(span, "")
                .help("write the default under `args`")
                .help(literal)
        }
        Reason::NoName(text) => {
            Diagnostic::error("unknown-arg", format!("`${{{text}}}` names no argument"))
                .label(span, "")
                .help(literal)
        }
        Reason::Unknown(name) if scope.declared.contains(name) => {
            Diagnostic::error("unknown-arg", format!("the argument `{name}` is declared below"))
                .label(span, "not known here")
                .help(format!("move `{name}` above the arguments that use it"))
        }
        Reason::Unknown(name) => {
            let error = Diagnostic::error("unknown-arg", format!("no argument is named `{name}`"));
            match nearest(name, scope.args.keys().map(String::as_str)) {
                Some(meant) => error.label(span, format!("did you mean `${{{meant}}}`?")),
                None => error
                    .label(span, "")
                    .help(format!("declare it with its default: `args: {{{name}: …}}`"))
                    .help(literal),
            }
        }
    }
}

/// Warns of words that mean something to a shell only.
pub fn shell(words: &[String], place: &Place, span: Span) -> Option<Diagnostic> {
    const OPERATORS: [&str; 9] = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>&1"];
    let operator = words.iter().find(|word| OPERATORS.contains(&word.as_str()))?;
    let message = format!("no shell runs {}: `{operator}` is a word like any other", place.name);
    let help = "if a shell shall run it, write `[sh, -c, \"…\"]`";
    Some(Diagnostic::warning("shell-operator", message).label(span, "").help(help))
}

/// Tokens, keys and passwords of a value.
pub fn secrets(text: &Text, place: &Place) -> Vec<Diagnostic> {
    let value = &text.spanned.value;
    let tokens = secret::tokens(value).into_iter().map(|found| {
        Diagnostic::error("secret-in-manifest", format!("{} holds {}", place.name, found.kind))
            .label(text.part(found.range), "whoever gets the manifest or the image can read it")
            .help(way_out(place, found.kind))
            .help("if the manifest was ever shared, revoke what is in it")
    });
    // A token in a URL is told once.
    let credentials = secret::credentials(value).into_iter().filter(|_| tokens.len() == 0);
    let credentials = credentials.map(|found| {
        Diagnostic::error("credentials-in-url", format!("{} holds {}", place.name, found.kind))
            .label(text.part(found.range), "whoever gets the manifest or the image can read it")
            .help(way_out(place, found.kind))
    });
    tokens.clone().chain(credentials).collect()
}

/// How a secret gets where it is needed without being written down.
fn way_out(place: &Place, kind: &str) -> String {
    let path = place.path.as_str();
    if path.starts_with("python") || kind.contains("package index") {
        format!("pass it to the build: `{PASS_NETRC}`")
    } else if kind.contains("Hugging Face") || path.starts_with("models") {
        format!("pass it to the build: `{}`", pass_token("huggingface.co", "HF_TOKEN"))
    } else if path == "mirrors.huggingface" {
        format!("pass it to the build: `{}`", pass_token("<host of the mirror>", "TOKEN"))
    } else {
        "give it to the container when it starts: `docker run --env NAME`".to_owned()
    }
}

impl Explain for ImageRefError {
    const CODE: &'static str = "invalid-image";

    fn help(&self, written: &str) -> Option<String> {
        match self {
            Self::Scheme(_) => {
                let name = written.split_once("://").map_or(written, |(_, name)| name);
                Some(format!("write `{name}`"))
            }
            Self::Scratch => Some("name an image with Python: `python:3.13-slim`".to_owned()),
            Self::UpperCase => Some(format!("write `{}`", lower_repository(written))),
            _ => Some("an image is `name:tag`, as in `python:3.13-slim`".to_owned()),
        }
    }
}

/// The reference in lower case up to its tag.
fn lower_repository(written: &str) -> String {
    let slash = written.rfind('/').unwrap_or(0);
    let end = written[slash..].find([':', '@']).map_or(written.len(), |end| slash + end);
    written[..end].to_lowercase() + &written[end..]
}

impl Explain for ModelIdError {
    const CODE: &'static str = "invalid-model";

    fn help(&self, written: &str) -> Option<String> {
        let example = "a model is `owner/name`, as in `BAAI/bge-small-en-v1.5`".to_owned();
        Some(match self {
            Self::Url => {
                let (_, rest) = written.split_once("://").unwrap_or(("", written));
                let parts: Vec<&str> = rest.split(['/', '?', '#']).skip(1).take(2).collect();
                match parts[..] {
                    [owner, name] if !owner.is_empty() && !name.is_empty() => {
                        format!("write `{owner}/{name}`")
                    }
                    _ => example,
                }
            }
            Self::Path => "a model in a folder is `{id: owner/name, path: ./folder}`".to_owned(),
            Self::Colon => format!("to choose a revision, write `{}`", written.replace(':', "@")),
            Self::Dataset => {
                format!("write `{{dataset: {}}}`", written.trim_start_matches("datasets/"))
            }
            Self::Git => "leave out `.git`".to_owned(),
            _ => example,
        })
    }
}

impl Explain for RevisionError {
    const CODE: &'static str = "invalid-revision";

    fn help(&self, _: &str) -> Option<String> {
        Some("a revision is a branch, a tag or a commit: `main`, `v1.0`, 40 hex digits".to_owned())
    }
}

impl Explain for FormatError {
    const CODE: &'static str = "invalid-format";

    fn help(&self, _: &str) -> Option<String> {
        let names = Format::ALL.map(|format| format!("`{format}`"));
        Some(format!("the formats are {}", names.join(", ")))
    }
}

impl Explain for TagError {
    const CODE: &'static str = "invalid-tag";

    fn help(&self, _: &str) -> Option<String> {
        Some("to choose files by their whole names, use `files`".to_owned())
    }
}

impl Explain for DigestError {
    const CODE: &'static str = "invalid-sha256";

    fn help(&self, _: &str) -> Option<String> {
        Some("`sha256sum FILE` prints it".to_owned())
    }
}

impl Explain for FlagError {
    const CODE: &'static str = "wrong-type";

    fn help(&self, _: &str) -> Option<String> {
        None
    }
}

impl Explain for ContextPathError {
    const CODE: &'static str = "invalid-path";

    fn help(&self, written: &str) -> Option<String> {
        Some(match self {
            Self::Backslash => format!("write `{}`", written.replace('\\', "/")),
            Self::Wildcard => {
                "name the folder, and leave files out of it by `.dockerignore`".to_owned()
            }
            Self::Url => "download it first, or `COPY` it in a base image of your own".to_owned(),
            _ => {
                "paths start at the build context, the folder at the end of `docker buildx build …`"
                    .to_owned()
            }
        })
    }
}

impl Explain for ImagePathError {
    const CODE: &'static str = "invalid-path";

    fn help(&self, _: &str) -> Option<String> {
        None
    }
}

impl Explain for PortError {
    const CODE: &'static str = "invalid-port";

    fn help(&self, written: &str) -> Option<String> {
        match self {
            Self::Published => {
                let inside = written.rsplit(':').next().unwrap_or(written);
                let run = format!("`docker run --publish {written} …`");
                Some(format!("write `{inside}` here, and publish it at the start: {run}"))
            }
            Self::Number if written.contains('-') => {
                Some("list each port of a range by itself".to_owned())
            }
            _ => None,
        }
    }
}

impl Explain for UserError {
    const CODE: &'static str = "invalid-user";

    fn help(&self, _: &str) -> Option<String> {
        match self {
            Self::Root => Some("write `root`, or another name with other numbers".to_owned()),
            _ => Some("for example `appuser`, `1000:1000`, or `appuser:10001:10001`".to_owned()),
        }
    }
}

impl Explain for ModeError {
    const CODE: &'static str = "invalid-mode";

    fn help(&self, _: &str) -> Option<String> {
        Some("for example `0755`, or `0640`".to_owned())
    }
}

impl Explain for UrlError {
    const CODE: &'static str = "invalid-url";

    fn help(&self, written: &str) -> Option<String> {
        match self {
            Self::Fragment => Some("leave out the `#` and what follows".to_owned()),
            Self::Signed => Some(
                "name a stable URL, and pass a token: `--secret id=HTTP_AUTH_TOKEN_<host>`"
                    .to_owned(),
            ),
            Self::Scheme if !written.contains(':') => Some(format!("write `https://{written}`")),
            _ => None,
        }
    }
}

impl Explain for RequirementError {
    const CODE: &'static str = "invalid-requirement";

    fn help(&self, written: &str) -> Option<String> {
        match self {
            Self::Option(option) => Some(match option.as_str() {
                "-r" | "--requirement" => "name the file in `python.requirements`".to_owned(),
                "-i" | "--index-url" => "name the index in `python.index`".to_owned(),
                "--extra-index-url" => "name the index in `python.extra_indexes`".to_owned(),
                _ => "write it into a requirements file, and that in `python.requirements`"
                    .to_owned(),
            }),
            Self::Url => Some(format!("write `name @ {written}`")),
            Self::Path => Some("name requirements files in `python.requirements`".to_owned()),
            Self::Several(_) => Some("give each package an entry of its own".to_owned()),
            Self::Assignment => {
                let (name, version) = written.split_once('=').unwrap_or((written, ""));
                Some(format!("write `{}=={}`", name.trim(), version.trim()))
            }
            Self::Specifier(_) => Some("as in `torch>=2.3,<3`".to_owned()),
            Self::Name | Self::Extras => None,
        }
    }
}

impl Explain for InstallError {
    const CODE: &'static str = "invalid-install";

    fn help(&self, _: &str) -> Option<String> {
        Some("`layers`, the default, or `single` for one run of pip".to_owned())
    }
}

impl Explain for TorchError {
    const CODE: &'static str = "invalid-torch";

    fn help(&self, _: &str) -> Option<String> {
        Some("`cpu`, `cu128` or another CUDA, `rocm6.4`, `xpu`, or `index`".to_owned())
    }
}

impl Explain for PackageNameError {
    const CODE: &'static str = "invalid-name";

    fn help(&self, written: &str) -> Option<String> {
        let lower = written.to_ascii_lowercase();
        Some(match lower.parse::<PackageName>() {
            Ok(_) => format!("names of Debian packages are in lower case: `{lower}`"),
            Err(_) => {
                "write a name, or a name and a version: `ffmpeg`, `libgl1=1.7.0-1`".to_owned()
            }
        })
    }
}

impl Explain for SignalError {
    const CODE: &'static str = "invalid-signal";

    fn help(&self, _: &str) -> Option<String> {
        Some("write a name or a number: `SIGTERM`, `SIGINT`, `15`".to_owned())
    }
}

impl Explain for RetriesError {
    const CODE: &'static str = "invalid-number";

    fn help(&self, _: &str) -> Option<String> {
        Some("write how often a check must fail: `3`".to_owned())
    }
}

impl Explain for DurationError {
    const CODE: &'static str = "invalid-time";

    fn help(&self, written: &str) -> Option<String> {
        let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        Some(match written.strip_suffix('d') {
            Some(days) if digits(days) => "the longest unit is the hour: a day is `24h`".to_owned(),
            _ if digits(written) => format!("write the unit: `{written}s`"),
            _ => "write `30s`, `1m30s`, `500ms`".to_owned(),
        })
    }
}

impl Explain for NameError {
    const CODE: &'static str = "invalid-name";

    fn help(&self, _: &str) -> Option<String> {
        None
    }
}

/// For what every text is.
impl Explain for Infallible {
    const CODE: &'static str = "";

    fn help(&self, _: &str) -> Option<String> {
        match *self {}
    }
}
