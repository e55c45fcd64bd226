//! The requirements files: read with all that they include.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use buildkit_frontend::contexts;

use crate::{
    document::{Span, Spanned},
    frontend::{build::Build, failure::Failure, python::explain},
    gateway::Gateway,
    graph::local,
    manifest::python::Install,
    packages::{
        name::normalized,
        project,
        pylock::{Pylock, is_pylock, places},
        requirements::{
            self, Reader, ReferenceKind, Requirements,
            encoding::{self, NoText},
        },
    },
    plan::{ContextFiles, Named, ProjectFile, python::hashes::HashLine},
    request::Request,
    values::{
        diagnostic::Diagnostic,
        secret::{
            self,
            passed::{PASS_NETRC, PASS_PIP_CONFIG},
        },
    },
};

/// Reads the requirements files and all they include, and reports every one
/// that is missing or refers to what can't be had.
pub async fn files(build: Build<'_>) -> Result<ContextFiles, Failure> {
    let Build { gateway, request, manifest, .. } = build;
    let Some(python) = &manifest.python else { return Ok(ContextFiles::default()) };
    let values = manifest.args.iter().map(|(name, value)| (name.clone(), value.value.clone()));
    let layers = python.install() == Install::Layers;
    let mut reading = Reading { layers, values: values.collect(), ..Reading::default() };
    for file in &python.requirements {
        reading.want(file.value.as_str(), Wanted::by(file));
    }
    while let Some(wanted) = reading.next() {
        let follow = reading.seen.iter().cloned().collect();
        let output = local::requirements_as_sent(request, follow);
        let loaded = gateway.solve(buildkit_llb::marshal(&output, &[]), false).await?;
        for (path, wanted) in wanted {
            match gateway.read_file(&loaded, &path).await {
                Ok(bytes) => match encoding::decode(&bytes) {
                    Ok(text) => reading.read(&path, &text, &wanted),
                    Err(error) => {
                        let text = String::from_utf8_lossy(&bytes);
                        let mistaken = wanted.mistaken(&path, &text);
                        let mistake = mistaken.unwrap_or_else(|| wanted.unreadable(&path, &error));
                        reading.mistakes.push(mistake);
                    }
                },
                Err(rejection) if rejection.is_not_found() => {
                    reading.mistakes.push(wanted.missing(&path));
                }
                Err(rejection) => return Err(rejection.into()),
            }
        }
    }
    reading.mistakes.extend(super::extras::unknown(&python.extras, &reading.extras));
    reading.projects(gateway, request).await?;
    reading.end()
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    /// Whether the resolver reads the files, or pip.
    layers: bool,
    /// What `${NAME}` stands for.
    values: BTreeMap<String, String>,
    seen: BTreeSet<String>,
    waiting: BTreeMap<String, Wanted>,
    /// The projects of the context, each with the line that installs it.
    installs: BTreeMap<String, Named>,
    found: ContextFiles,
    /// The extras of each project that is read, as far as they are known.
    extras: Vec<Option<Vec<String>>>,
    mistakes: Vec<Diagnostic>,
}

impl Reading {
    fn want(&mut self, path: &str, wanted: Wanted) {
        if self.seen.insert(path.to_owned()) {
            self.waiting.insert(path.to_owned(), wanted);
        }
    }

    /// The files to read next; `None` if there are no more.
    fn next(&mut self) -> Option<BTreeMap<String, Wanted>> {
        (!self.waiting.is_empty()).then(|| std::mem::take(&mut self.waiting))
    }

    /// Reads what projects of the context say of their dependencies. Which files do is told by
    /// the first of them.
    async fn projects(&mut self, gateway: &Gateway, request: &Request) -> Result<(), Failure> {
        let mut wanted: BTreeMap<String, Named> = BTreeMap::new();
        for (folder, by) in self.installs.iter().filter(|(folder, _)| project::is_folder(folder)) {
            for name in project::FILES {
                wanted.extend(
                    requirements::beside(&format!("{folder}/"), name).map(|it| (it, by.clone())),
                );
            }
        }
        while !wanted.is_empty() {
            let follow = wanted.keys().cloned().collect();
            let output = contexts::context(request, follow, Vec::new(), "modelcache-projects")
                .name("[internal] load what projects depend on")
                .output();
            let loaded = gateway.solve(buildkit_llb::marshal(&output, &[]), false).await?;
            for (path, by) in std::mem::take(&mut wanted) {
                let text = match gateway.read_file(&loaded, &path).await {
                    Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    Err(rejection) if rejection.is_not_found() => continue,
                    Err(rejection) => return Err(rejection.into()),
                };
                for name in project::named_files(&path, &text) {
                    let more = requirements::beside(&path, &name);
                    let more = more.filter(|more| !self.found.project_files.contains_key(more));
                    wanted.extend(more.map(|more| (more, by.clone())));
                }
                let digest = project::digest(&path, &text);
                self.found.project_files.insert(path, ProjectFile { digest, by });
            }
        }
        Ok(())
    }

    fn end(mut self) -> Result<ContextFiles, Failure> {
        if !self.mistakes.is_empty() {
            return Err(self.mistakes.into());
        }
        self.found.installs = self.installs;
        self.found.requirements = self.seen.into_iter().collect();
        Ok(self.found)
    }

    fn read(&mut self, path: &str, text: &str, wanted: &Wanted) {
        if let Some(mistake) = wanted.mistaken(path, text) {
            return self.mistakes.push(mistake);
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_project = name == "pyproject.toml";
        if (is_project || name == "uv.lock" || is_pylock(name)) && !self.layers {
            let message = format!("pip can't read `{path}` as a requirements file");
            self.mistakes.push(
                Diagnostic::error("not-with-single", message)
                    .label(wanted.span, "named here")
                    .help("leave `python.install` out: `layers`, the default, reads it"),
            );
        } else if is_project || name == "uv.lock" || is_pylock(name) {
            self.found.requirement_digests.insert(path.to_owned(), requirements::digest(text));
            self.read_project(path, text, wanted);
        } else {
            let read = Requirements::parse(text, &self.values);
            self.found.requirement_digests.insert(path.to_owned(), read.digest());
            let reader = if self.layers { Reader::Uv } else { Reader::Pip };
            self.found.requirement_texts.insert(path.to_owned(), read.text(reader));
            self.found.credentials.extend(read.credentials());
            self.follow(path, &read, wanted);
        }
    }

    /// Reads what is no requirements file.
    fn read_project(&mut self, path: &str, text: &str, wanted: &Wanted) {
        let name = path.rsplit('/').next().unwrap_or(path);
        for (number, line) in text.lines().enumerate() {
            if !secret::credentials(line).is_empty() {
                self.mistakes.push(credentials(path, number + 1, wanted.span));
            }
        }
        if name == "pyproject.toml" {
            let extras = project::extras(text);
            let own = extras.iter().flatten().map(|name| (normalized(name), name.clone()));
            self.found.extras.extend(own);
            self.extras.push(extras);
        } else {
            for line in places::places(text) {
                let named = Named { file: path.to_owned(), line: line.number, span: wanted.span };
                self.found.hashes.found(&line.package, HashLine { file: line.file, named });
            }
        }
        if is_pylock(name) {
            match Pylock::parse(text).and_then(|lock| lock.requirements()) {
                Ok(lines) => {
                    self.found.hashes.demanded.extend(requirements::hashes(&lines));
                    let named = places::packages(text).into_iter().map(|line| Named {
                        file: path.to_owned(),
                        line,
                        span: wanted.span,
                    });
                    let lines = lines.lines().map(str::to_owned).zip(named);
                    self.found.locked_requirements.extend(lines);
                }
                Err(error) => self.mistakes.push(
                    Diagnostic::error("unreadable-pylock", format!("`{path}` can't be used"))
                        .label(wanted.span, error.to_string()),
                ),
            }
        } else if name == "uv.lock" {
            // uv reads it together with its project.
            let project = requirements::beside(path, "pyproject.toml").unwrap_or_default();
            let others = places::folders(text);
            let others = others.iter().filter_map(|folder| requirements::beside(path, folder));
            self.found.projects.extend(others.filter(|folder| !folder.is_empty()));
            self.want(&project, Wanted { by: Some((path.to_owned(), 1)), ..wanted.clone() });
        }
    }

    /// Goes through the lines of a requirements file.
    fn follow(&mut self, path: &str, read: &Requirements, wanted: &Wanted) {
        for (line, name) in read.names() {
            let named = Named { file: path.to_owned(), line, span: wanted.span };
            match self.found.named.entry(name) {
                Entry::Vacant(entry) => drop(entry.insert(named)),
                Entry::Occupied(entry) => {
                    let name = entry.key().clone();
                    self.found.named_again.entry(name).or_default().push(named);
                }
            }
        }
        for reference in read.references() {
            let line = reference.line;
            let at = |code, message: String| {
                Diagnostic::error(code, message).label(wanted.span, "named here")
            };
            let warn = |code, message: String| {
                Diagnostic::warning(code, message).label(wanted.span, "named here")
            };
            match reference.kind {
                ReferenceKind::File(target) => match requirements::beside(path, &target) {
                    Some(target) => {
                        let by = Some((path.to_owned(), line));
                        self.want(&target, Wanted { span: wanted.span, by });
                    }
                    None => self.mistakes.push(
                        at(
                            "missing-requirements-file",
                            format!("`{path}` line {line} includes `{target}`, which is outside the build context"),
                        )
                        .help("move the file into the build context"),
                    ),
                },
                ReferenceKind::Project { path: target, editable } => {
                    // pip and uv read a path from the folder that they run in: the context.
                    let folder = requirements::beside("", target.trim_start_matches("file:"));
                    match folder {
                        Some(folder) if self.layers => {
                            let folder = if folder.is_empty() { ".".into() } else { folder };
                            if editable {
                                self.found.notes.push(
                                    warn("editable", format!("`{path}` line {line}: `{target}` is installed as a wheel, and not in place"))
                                        .help("an image has no source tree to edit: copy code that changes often with `app.copy`"),
                                );
                            }
                            let named = Named { file: path.to_owned(), line, span: wanted.span };
                            self.installs.entry(folder.clone()).or_insert(named);
                            self.found.projects.push(folder);
                        }
                        _ => self.mistakes.push(
                            at("local-requirement", format!("`{path}` line {line} installs `{target}` from the build context"))
                                .help("with `install: single`, packages come from an index or a URL; copy your own code with `app.copy`"),
                        ),
                    }
                }
                // pip reads it from the file that names it.
                ReferenceKind::Links(target) => match requirements::beside(path, &target) {
                    Some(folder) if self.layers => {
                        self.found.projects.push(if folder.is_empty() { ".".into() } else { folder });
                    }
                    _ => self.mistakes.push(
                        at("local-requirement", format!("`{path}` line {line} looks for packages in `{target}`"))
                            .help("with `install: single`, or outside the build context, packages come from an index or a URL"),
                    ),
                },
                ReferenceKind::Credentials => {
                    self.mistakes.push(credentials(path, line, wanted.span));
                }
                ReferenceKind::Refused(reason) => self.mistakes.push(at(
                    "invalid-line",
                    format!("`{path}` line {line} {reason}"),
                )),
                ReferenceKind::Secret(name) => {
                    let named = Named { file: path.to_owned(), line, span: wanted.span };
                    self.found.secrets.entry(name).or_insert(named);
                }
                ReferenceKind::Undeclared(name) => {
                    let named = Named { file: path.to_owned(), line, span: wanted.span };
                    self.mistakes.push(explain::undeclared(&name, &named, false));
                }
                ReferenceKind::Pre => self.found.pip_options.pre = true,
                ReferenceKind::TrustedHost(host) => self.found.pip_options.trusted_hosts.push(host),
                ReferenceKind::Hashed { name, digests, binding } => {
                    let named = Named { file: path.to_owned(), line, span: wanted.span };
                    self.found.hashes.demand(&name, digests, &named);
                    if binding {
                        self.found.hashes.required.get_or_insert(named);
                    }
                }
                ReferenceKind::RequireHashes => {
                    let named = Named { file: path.to_owned(), line, span: wanted.span };
                    self.found.hashes.required.get_or_insert(named);
                }
                ReferenceKind::Unknown(option) if self.layers => self.found.notes.push(
                    warn("ignored-option", format!("`{path}` line {line}: `{option}` has no effect"))
                        .help("`install: single` hands it to pip"),
                ),
                ReferenceKind::Unknown(_) => {}
            }
        }
    }
}

/// A URL that must not be in a file of the context, which a step sees and a key is made of.
fn credentials(path: &str, line: usize, span: Span) -> Diagnostic {
    let message = format!("`{path}` line {line} has credentials in a URL");
    Diagnostic::error("secret-in-requirements", message)
        .label(span, "named here")
        .help(format!("take them out, and pass `{PASS_NETRC}` to the build"))
        .help(format!("`{PASS_PIP_CONFIG}` passes an index with its credentials"))
}

/// Who asked for a requirements file: the manifest, or a line of another file.
#[derive(Clone)]
struct Wanted {
    span: Span,
    by: Option<(String, usize)>,
}

impl Wanted {
    fn by(file: &Spanned<impl Sized>) -> Self {
        Self { span: file.span, by: None }
    }

    fn mistaken(&self, path: &str, text: &str) -> Option<Diagnostic> {
        super::mistaken::told(path, text, self.by.as_ref(), self.span)
    }

    fn unreadable(&self, path: &str, error: &NoText) -> Diagnostic {
        Diagnostic::error("not-text", format!("`{path}` can't be read: {error}"))
            .label(self.span, "named here")
            .help("save it as UTF-8")
    }

    fn missing(&self, path: &str) -> Diagnostic {
        let message = match &self.by {
            None => format!("the requirements file `{path}` is not in the build context"),
            Some((file, line)) => {
                format!("`{file}` line {line} includes `{path}`, which is not in the build context")
            }
        };
        Diagnostic::error("missing-requirements-file", message).label(self.span, "named here").help(
            "paths are relative to the build context, the last argument of `docker buildx build`",
        )
    }
}
