//! The keys of each map, and what to say about any other.

use super::{nearest::nearest, place::Place};
use crate::{document::Spanned, values::diagnostic::Diagnostic};

/// The keys that a map may have.
#[derive(Debug)]
pub struct Keys {
    /// Path of the map from the top; empty for the manifest itself.
    pub path: &'static str,
    /// What can be written; first the key that tells the map from others at its path.
    pub known: &'static [&'static str],
    /// What will be written one day, and what to do until then.
    pub later: &'static [(&'static str, &'static str)],
}

/// The whole manifest.
pub const MANIFEST: Keys = Keys {
    path: "",
    known: &["base", "args", "system", "python", "models", "app", "user", "verify", "mirrors"],
    later: &[],
};

/// `system`
pub const SYSTEM: Keys = Keys { path: "system", known: &["packages", "recommends"], later: &[] };

/// `python`
pub const PYTHON: Keys = Keys {
    path: "python",
    known: &[
        "requirements",
        "packages",
        "extras",
        "groups",
        "index",
        "extra_indexes",
        "torch",
        "install",
        "bytecode",
        "system_site_packages",
        "build_packages",
    ],
    later: &[],
};

/// A map in `models`
pub const MODEL: Keys = Keys {
    path: "models",
    known: &[
        "id",
        "revision",
        "files",
        "format",
        "quant",
        "variant",
        "trust_remote_code",
        "allow_pickle",
        "verify",
    ],
    later: &[("aliases", "until then, write the identifier that the application asks for")],
};

/// A map in `models` that is a dataset
pub const DATASET: Keys =
    Keys { path: "models", known: &["dataset", "revision", "files", "verify"], later: &[] };

/// A map in `models` that is a folder
pub const FOLDER: Keys = Keys {
    path: "models",
    known: &["path", "from", "id", "revision", "trust_remote_code", "allow_pickle", "verify"],
    later: &[],
};

/// A map in `models` that is a file from a URL
pub const FILE: Keys =
    Keys { path: "models", known: &["url", "sha256", "path", "unpack", "verify"], later: &[] };

/// A map in `models` that is a file of `torch.hub`
pub const TORCH_HUB: Keys =
    Keys { path: "models", known: &["torch_hub", "sha256", "verify"], later: &[] };

/// A map in `models` that is an encoding of tiktoken
pub const TIKTOKEN: Keys =
    Keys { path: "models", known: &["tiktoken", "url", "verify"], later: &[] };

/// A map in `models` that is a package of NLTK
pub const NLTK: Keys =
    Keys { path: "models", known: &["nltk", "sha256", "url", "verify"], later: &[] };

/// A map in `models` that is a repository fastembed reads
pub const FASTEMBED: Keys =
    Keys { path: "models", known: &["fastembed", "revision", "files", "verify"], later: &[] };

/// `files` of a model
pub const FILES: Keys = Keys { path: "models.files", known: &["include", "exclude"], later: &[] };

/// `app`
pub const APP: Keys = Keys {
    path: "app",
    known: &[
        "copy",
        "workdir",
        "writable",
        "command",
        "entrypoint",
        "expose",
        "healthcheck",
        "stop_signal",
        "volumes",
        "shell",
        "env",
        "labels",
    ],
    later: &[],
};

/// `app.healthcheck`
pub const HEALTHCHECK: Keys = Keys {
    path: "app.healthcheck",
    known: &["test", "interval", "timeout", "start_period", "start_interval", "retries", "disable"],
    later: &[],
};

/// `verify` as a map
pub const VERIFY: Keys =
    Keys { path: "verify", known: &["imports", "models", "commands"], later: &[] };

/// A map in `app.copy`
pub const COPY: Keys =
    Keys { path: "app.copy", known: &["from", "to", "mode", "owner"], later: &[] };

/// `mirrors`
pub const MIRRORS: Keys = Keys { path: "mirrors", known: &["huggingface"], later: &[] };

/// `base` as a map, none of which is read yet.
pub const BASE: Keys = Keys {
    path: "base",
    known: &[],
    later: &[
        ("dockerfile", "until then, build it first and write the name of its image"),
        ("target", "until then, build it first and write the name of its image"),
        ("args", "until then, build it first and write the name of its image"),
    ],
};

/// Every map with keys of its own.
pub const ALL: [&Keys; 18] = [
    &MANIFEST,
    &SYSTEM,
    &PYTHON,
    &MODEL,
    &DATASET,
    &FOLDER,
    &FILE,
    &TORCH_HUB,
    &TIKTOKEN,
    &NLTK,
    &FASTEMBED,
    &FILES,
    &APP,
    &HEALTHCHECK,
    &VERIFY,
    &COPY,
    &MIRRORS,
    &BASE,
];

/// What the same thing is called in Dockerfiles, Compose files and elsewhere.
const SYNONYMS: [(&str, &str); 33] = [
    ("image", "base"),
    ("from", "base"),
    ("base_image", "base"),
    ("build_args", "args"),
    ("pip", "python"),
    ("model", "models"),
    ("huggingface", "models"),
    ("application", "app"),
    ("service", "app"),
    ("requirements_file", "requirements"),
    ("dependencies", "packages"),
    ("index_url", "index"),
    ("extra_index_url", "extra_indexes"),
    ("name", "id"),
    ("repo_id", "id"),
    ("version", "revision"),
    ("tag", "revision"),
    ("branch", "revision"),
    ("commit", "revision"),
    ("allow_patterns", "include"),
    ("ignore_patterns", "exclude"),
    ("cmd", "command"),
    ("working_dir", "workdir"),
    ("ports", "expose"),
    ("environment", "env"),
    ("src", "from"),
    ("source", "from"),
    ("dst", "to"),
    ("dest", "to"),
    ("destination", "to"),
    ("target", "to"),
    ("chmod", "mode"),
    ("chown", "owner"),
];

impl Keys {
    /// What to say about a key of the map at `place` that can't be written there.
    pub fn unknown(&self, key: &Spanned<String>, place: &Place) -> Diagnostic {
        let name = key.value.as_str();
        let path = if self.path.is_empty() { String::new() } else { format!("{}.", self.path) };
        if let Some((_, until)) = self.later.iter().find(|(later, _)| *later == name) {
            let message = format!("this version has no `{path}{name}` yet");
            return Diagnostic::error("not-yet", message).label(key.span, "").help(*until);
        }
        if name == "<<" {
            return Diagnostic::error("unknown-key", "`<<` is a key like any other in YAML 1.2")
                .label(key.span, "")
                .help("maps are not merged: write the entries out");
        }
        let message = format!("{} has no key `{name}`", place.name);
        let error = Diagnostic::error("unknown-key", message);
        let later = self.later.iter().map(|(later, _)| *later);
        if let Some(meant) = self.meant(name).or_else(|| nearest(name, later)) {
            return error.label(key.span, format!("did you mean `{meant}`?"));
        }
        if let Some((other, meant)) = elsewhere(name, self) {
            let text = match meant {
                meant if meant == name => format!("belongs under `{other}`"),
                meant => format!("did you mean `{other}.{meant}`?"),
            };
            return error.label(key.span, text);
        }
        let names: Vec<String> = self.known.iter().map(|known| format!("`{known}`")).collect();
        let known = match &names[..] {
            [] => format!("{} must be a string", place.name),
            [one] => format!("the only key here is {one}"),
            several => format!("the keys here are {}", several.join(", ")),
        };
        error.label(key.span, "").help(known)
    }

    /// Reports whether a later version has the key.
    pub fn is_later(&self, name: &str) -> bool {
        self.later.iter().any(|(later, _)| *later == name)
    }

    /// The key that `name` was probably meant to be.
    pub fn meant(&self, name: &str) -> Option<&'static str> {
        match SYNONYMS.iter().find(|(synonym, _)| name.eq_ignore_ascii_case(synonym)) {
            Some((_, meant)) if self.known.contains(meant) => Some(*meant),
            _ => nearest(name, self.known.iter().copied()),
        }
    }
}

/// The map under a name of its own where `name` belongs, and what it is called there.
fn elsewhere(name: &str, here: &Keys) -> Option<(&'static str, &'static str)> {
    let others = [&PYTHON, &APP].into_iter().filter(|keys| keys.path != here.path);
    let exact = |keys: &&Keys| keys.known.contains(&name) || keys.is_later(name);
    let known = others.clone().find(exact).and_then(|keys| {
        let later = keys.later.iter().map(|(later, _)| later);
        keys.known.iter().chain(later).find(|key| **key == name).map(|key| (keys.path, *key))
    });
    let mut near = others.filter_map(|keys| keys.meant(name).map(|meant| (keys.path, meant)));
    known.or_else(|| near.next())
}
