//! The manifest's parts, key by key.

use std::collections::BTreeMap;

use super::{
    asset, explain,
    keys::{self, Keys},
    node::NodeKind,
    place::{Fields, Place},
    scope::is_name,
    shape::{Decoder, Empty},
    text::Text,
    words,
};
use crate::{
    document::Spanned,
    manifest::{
        App, Copy, Manifest, Mirrors, Model, check, flag::Flag, image_path::ImagePath, url::Url,
    },
    models::{ModelId, Pattern, Revision},
    values::{diagnostic::Diagnostic, secret},
};

impl Decoder<'_> {
    /// The whole manifest; `None` without a base image.
    pub fn manifest(
        &mut self,
        place: &Place,
        build_args: &BTreeMap<String, String>,
    ) -> Option<Manifest> {
        let fields = self.map(place, &keys::MANIFEST)?;
        if let Some(args) = fields.get("args") {
            self.args(args, build_args);
        }
        self.require(
            place,
            &fields,
            &keys::MANIFEST,
            "base",
            "name the image to build on: `base: python:3.13-slim`",
        );
        let base = fields.get("base").and_then(|base| match base.node.kind {
            NodeKind::Map(_) => {
                self.map(base, &keys::BASE);
                None
            }
            _ => self.parsed(base),
        });
        let system = fields.get("system").and_then(|system| self.system(system));
        let python = fields.get("python").and_then(|python| self.python(python));
        let models = fields.get("models").map(|models| self.list(models)).unwrap_or_default();
        let entries = asset::entries(self, &models);
        self.found.extend(check::models(&entries.models));
        self.found.extend(asset::duplicates(&entries));
        let app = fields.get("app").and_then(|app| self.app(app));
        let user = fields.get("user").and_then(|user| self.parsed(user));
        self.found.extend(user.as_ref().and_then(check::user));
        let verify = fields.get("verify").map(|verify| self.verify(verify));
        let mirrors = fields.get("mirrors").map(|mirrors| self.mirrors(mirrors));
        Some(Manifest {
            base: base?,
            args: self.scope.args.clone(),
            system,
            python,
            models: entries.models,
            assets: entries.assets,
            fastembed: entries.fastembed,
            app,
            user,
            verify: verify.unwrap_or_default(),
            mirrors: mirrors.unwrap_or_default(),
        })
    }

    /// Notes that a key must be there and isn't.
    pub(super) fn require(
        &mut self,
        place: &Place,
        fields: &Fields,
        keys: &Keys,
        key: &str,
        help: &str,
    ) {
        let NodeKind::Map(entries) = &place.node.kind else { return };
        // What this version doesn't have yet may stand in its place.
        let later = entries.iter().any(|(key, _)| match &key.kind {
            NodeKind::Text(name) => keys.is_later(name),
            _ => false,
        });
        let Some((first, _)) = entries.first().filter(|_| !later && !fields.contains_key(key))
        else {
            return;
        };
        let label = self.first_line(first.span);
        let message = format!("{} has no `{key}`", place.name);
        let error = Diagnostic::error("missing-key", message);
        self.found.push(error.label(label, format!("`{key}` is missing here")).help(help));
    }

    /// Arguments may use those above them.
    fn args(&mut self, place: &Place, build_args: &BTreeMap<String, String>) {
        let pairs = self.pairs(place).unwrap_or_default();
        self.scope.declared = pairs.iter().map(|(name, _)| name.value.clone()).collect();
        for (name, value) in pairs {
            self.check_name(&name, "an argument");
            let default = self.text(&value, Empty::Allowed).map(|text| text.spanned);
            let given = build_args.get(&name.value);
            if let Some(found) = given.and_then(|given| secret::tokens(given).into_iter().next()) {
                let message = format!("the build argument `{}` holds {}", name.value, found.kind);
                let error = Diagnostic::error("secret-in-manifest", message);
                let help = "build arguments end in the image's history; pass it by `--secret`";
                self.found.push(error.label(name.span, "").help(help));
            }
            match default {
                Some(default) => {
                    let value = given.cloned().unwrap_or(default.value);
                    let value = Spanned::new(value, default.span);
                    self.scope.args.insert(name.value, value);
                }
                None => drop(self.scope.broken.insert(name.value)),
            }
        }
    }

    fn check_name(&mut self, name: &Spanned<String>, what: &str) {
        if !is_name(&name.value) {
            let message = format!("`{}` can't be the name of {what}", name.value);
            let error = Diagnostic::error("invalid-name", message).label(name.span, "");
            self.found
                .push(error.help("a name is letters, digits and `_`, and starts with no digit"));
        }
    }

    /// A repository of the hub.
    pub(super) fn model(&mut self, place: &Place) -> Option<Model> {
        let span = place.node.span;
        if !matches!(place.node.kind, NodeKind::Map(_)) {
            let text = self.text_or(place, "a string or a map")?;
            let (id, revision) = self.id_and_revision(&text);
            return Some(Model::named(span, id?, revision));
        }
        let fields = self.map(place, &keys::MODEL)?;
        self.require(place, &fields, &keys::MODEL, "id", "name the model: `id: owner/name`");
        let text = fields.get("id").and_then(|id| self.text(id, Empty::Refused));
        let (id, inline) = match &text {
            Some(text) => self.id_and_revision(text),
            None => (None, None),
        };
        let revision = self.revision(&fields, inline);
        let (include, exclude) = self.files(&fields);
        let format = fields.get("format").and_then(|format| self.parsed(format));
        let quant = fields.get("quant").and_then(|quant| self.parsed(quant));
        let variant = fields.get("variant").and_then(|variant| self.parsed(variant));
        let trust = fields.get("trust_remote_code").and_then(|trust| self.parsed::<Flag>(trust));
        let pickle = fields.get("allow_pickle").and_then(|pickle| self.parsed::<Flag>(pickle));
        let model = Model {
            include,
            exclude,
            format,
            quant,
            variant,
            trust_remote_code: trust.as_ref().is_some_and(|trust| trust.value.0),
            allow_pickle: pickle.is_some_and(|pickle| pickle.value.0),
            verify: self.is_proven(&fields),
            ..Model::named(span, id?, revision)
        };
        self.found.extend(check::choice(&model));
        self.found.extend(trust.and_then(|trust| check::trust(&model, &trust)));
        Some(model)
    }

    /// The revision after the `@`, or that of its own key.
    pub(super) fn revision(
        &mut self,
        fields: &Fields,
        inline: Option<Spanned<Revision>>,
    ) -> Option<Spanned<Revision>> {
        let revision = fields.get("revision").and_then(|revision| self.parsed(revision));
        if let (Some(inline), Some(revision)) = (&inline, &revision) {
            self.found.push(
                Diagnostic::error("duplicate-key", "the model has two revisions")
                    .label(revision.span, "again here")
                    .label(inline.span, "first here")
                    .help("keep one of them"),
            );
        }
        inline.or(revision)
    }

    /// What to include, and what to leave out.
    pub(super) fn files(
        &mut self,
        fields: &Fields,
    ) -> (Vec<Spanned<Pattern>>, Vec<Spanned<Pattern>>) {
        match fields.get("files") {
            Some(files) if matches!(files.node.kind, NodeKind::Map(_)) => {
                let files = self.map(files, &keys::FILES).unwrap_or_default();
                let include = self.parsed_list::<Pattern>(files.get("include"));
                (include, self.parsed_list::<Pattern>(files.get("exclude")))
            }
            files => (self.parsed_list::<Pattern>(files), Vec::new()),
        }
    }

    /// `owner/name@revision`
    pub(super) fn id_and_revision(
        &mut self,
        text: &Text,
    ) -> (Option<Spanned<ModelId>>, Option<Spanned<Revision>>) {
        let value = text.spanned.value.as_str();
        let end = value.find('@').unwrap_or(value.len());
        let id = Spanned::new(value[..end].to_owned(), text.part(0..end));
        let revision = value.get(end + 1..).map(|revision| {
            let span = text.part(end + 1..value.len());
            self.read(&Spanned::new(revision.to_owned(), span))
        });
        (self.read(&id), revision.flatten())
    }

    fn app(&mut self, place: &Place) -> Option<App> {
        let fields = self.map(place, &keys::APP)?;
        let copy = fields.get("copy").map(|copy| self.one_or_many(copy)).unwrap_or_default();
        let copy: Vec<Copy> = copy.iter().filter_map(|copy| self.copy(copy)).collect();
        let workdir = fields.get("workdir").and_then(|workdir| self.workdir(workdir));
        self.found.extend(check::copies(&copy, workdir.as_ref()));
        Some(App {
            span: place.node.span,
            copy,
            workdir,
            writable: self.writable(fields.get("writable")),
            command: fields.get("command").and_then(|command| self.words(command)),
            entrypoint: fields.get("entrypoint").and_then(|entrypoint| self.words(entrypoint)),
            expose: self.parsed_list(fields.get("expose")),
            healthcheck: fields.get("healthcheck").and_then(|check| self.healthcheck(check)),
            stop_signal: fields.get("stop_signal").and_then(|signal| self.parsed(signal)),
            volumes: self.volumes(fields.get("volumes")),
            shell: fields.get("shell").and_then(|shell| self.words(shell)),
            env: self.assignments(fields.get("env"), |decoder, name| {
                decoder.check_name(name, "an environment variable");
            }),
            labels: self.assignments(fields.get("labels"), |_, _| {}),
        })
    }

    fn copy(&mut self, place: &Place) -> Option<Copy> {
        let span = place.node.span;
        if !matches!(place.node.kind, NodeKind::Map(_)) {
            let from = self.text_or(place, "a string or a map")?;
            let from = self.read(&from.spanned)?;
            return Some(Copy { span, from, to: None, mode: None, owner: None });
        }
        let fields = self.map(place, &keys::COPY)?;
        self.require(
            place,
            &fields,
            &keys::COPY,
            "from",
            "name the file or folder to copy: `from: src`",
        );
        let from = fields.get("from").and_then(|from| self.parsed(from));
        let to = fields.get("to").map(|to| self.parsed::<ImagePath>(to));
        if let Some(None) = to {
            return None;
        }
        Some(Copy {
            span,
            from: from?,
            to: to.flatten().map(|to| to.map(|to| to.to_string())),
            mode: fields.get("mode").and_then(|mode| self.parsed(mode)),
            owner: fields.get("owner").and_then(|owner| self.parsed(owner)),
        })
    }

    fn writable(&mut self, place: Option<&Place>) -> Vec<Spanned<ImagePath>> {
        let folders: Vec<Spanned<ImagePath>> = self.parsed_list(place);
        for folder in folders.iter().filter(|folder| folder.value.as_str() == "/") {
            let error = Diagnostic::error("invalid-path", "all of the image can't be writable");
            let help = "name the folders that the application writes to: `[data, logs]`";
            self.found.push(error.label(folder.span, "").help(help));
        }
        folders
    }

    fn volumes(&mut self, place: Option<&Place>) -> Vec<Spanned<ImagePath>> {
        let volumes: Vec<Spanned<ImagePath>> = self.parsed_list(place);
        for volume in &volumes {
            let path = volume.value.as_str();
            let (message, help) = match path {
                "/" => ("all of the image can't be a volume", "name the folders: `[/data]`".into()),
                path if volume.value.is_absolute() && !path.contains(':') => continue,
                path => match path.split_once(':') {
                    Some((source, target)) => {
                        let inside = target.split(':').next().unwrap_or(target);
                        let run = format!("`docker run --volume {source}:{inside} …`");
                        let help = format!("write `{inside}` here, and mount at the start: {run}");
                        ("a volume of an image has no source and no options", help)
                    }
                    None => ("a volume is an absolute path", format!("write `/{path}`")),
                },
            };
            let error = Diagnostic::error("invalid-path", message);
            self.found.push(error.label(volume.span, "").help(help));
        }
        volumes
    }

    fn workdir(&mut self, place: &Place) -> Option<Spanned<String>> {
        let path = self.parsed::<ImagePath>(place)?;
        if !path.value.is_absolute() {
            let message = "the working directory is an absolute path";
            let help = format!("write `/{}`", path.value);
            let error = Diagnostic::error("invalid-path", message);
            self.found.push(error.label(path.span, "").help(help));
            return None;
        }
        Some(path.map(|path| match path.as_str().trim_end_matches('/') {
            "" => "/".to_owned(),
            path => path.to_owned(),
        }))
    }

    /// A command line: a list of words, or a string that is split into them.
    pub fn words(&mut self, place: &Place) -> Option<Spanned<Vec<String>>> {
        let span = place.node.span;
        if let NodeKind::List(_) = place.node.kind {
            let items = self.one_or_many(place);
            let words = items.iter().map(|word| self.text(word, Empty::Allowed));
            let words: Vec<Option<Text>> = words.collect();
            let words: Option<Vec<String>> =
                words.into_iter().map(|word| word.map(|word| word.spanned.value)).collect();
            return words.map(|words| Spanned::new(words, span));
        }
        let text = self.text_or(place, "a string or a list")?;
        match words::split(&text.spanned.value) {
            Ok(words) => {
                self.found.extend(explain::shell(&words, place, span));
                Some(Spanned::new(words, span))
            }
            Err(words::OpenQuote(at)) => {
                let message = format!("a quote in {} is never closed", place.name);
                let error = Diagnostic::error("invalid-command", message);
                let help = "close it, or write the command as a list of words";
                self.found.push(error.label(text.part(at..at + 1), "opened here").help(help));
                None
            }
        }
    }

    /// `NAME: value` as a map, or as a list of `NAME=value`; as in Compose, both.
    fn assignments(
        &mut self,
        place: Option<&Place>,
        check: impl Fn(&mut Self, &Spanned<String>),
    ) -> Vec<(Spanned<String>, Spanned<String>)> {
        let mut assignments: Vec<(Spanned<String>, Spanned<String>)> = Vec::new();
        let Some(place) = place else { return assignments };
        if matches!(place.node.kind, NodeKind::List(_)) {
            for item in self.one_or_many(place) {
                let Some((name, value)) = self.assignment(&item) else { continue };
                check(self, &name);
                match assignments.iter().find(|(first, _)| first.value == name.value) {
                    Some((first, _)) => {
                        let error = explain::duplicate_key(&name.value, name.span, first.span);
                        self.found.push(error);
                    }
                    None => assignments.push((name, value)),
                }
            }
            return assignments;
        }
        if !matches!(place.node.kind, NodeKind::Map(_)) {
            self.wrong_type(place, "a map or a list");
            return assignments;
        }
        for (name, value) in self.pairs(place).unwrap_or_default() {
            check(self, &name);
            let value = self.text(&value, Empty::Allowed);
            assignments.extend(value.map(|value| (name, value.spanned)));
        }
        assignments
    }

    fn assignment(&mut self, place: &Place) -> Option<(Spanned<String>, Spanned<String>)> {
        let text = self.text(place, Empty::Refused)?;
        let value = &text.spanned.value;
        let Some(equals) = value.find('=') else {
            let message = format!("{} must be `name=value`", place.name);
            let error = Diagnostic::error("invalid-name", message);
            let error = error.label(text.spanned.span, "no value here");
            self.found.push(match place.path.as_str() {
                "app.env" => error.help("nothing is taken from the environment of the build"),
                _ => error,
            });
            return None;
        };
        let part = |start: usize, end: usize| {
            Spanned::new(value[start..end].to_owned(), text.part(start..end))
        };
        Some((part(0, equals), part(equals + 1, value.len())))
    }

    fn mirrors(&mut self, place: &Place) -> Mirrors {
        let fields = self.map(place, &keys::MIRRORS).unwrap_or_default();
        let url = fields.get("huggingface").and_then(|url| self.parsed::<Url>(url));
        let bare = |url: Url| url.as_str().trim_end_matches('/').to_owned();
        Mirrors { huggingface: url.map(|url| url.map(bare)) }
    }

    /// A string where something else may stand, too.
    fn text_or(&mut self, place: &Place, expected: &str) -> Option<Text> {
        if matches!(place.node.kind, NodeKind::Text(_)) {
            return self.text(place, Empty::Refused);
        }
        self.wrong_type(place, expected);
        None
    }
}
