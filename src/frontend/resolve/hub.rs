//! A model on the hub: asked for, chosen from, pinned.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use buildkit_llb::{Http, Vertex};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::{
    answers::{Snapshot, SnapshotFile},
    document::Span,
    frontend::{
        build::Build,
        download::{self, HubQuestion},
        failure::Failure,
    },
    gateway::{Gateway, rejection::Rejection},
    graph::download::{attempt_name, blob},
    manifest::{Manifest, Model},
    models::{
        ModelId,
        choose::{self, About, Choice, Finding, Level, Texts, Wish},
        hub::{self, ListedDigest, Repository, RepositoryFile},
    },
    plan,
    values::{capabilities, diagnostic::Diagnostic, digest::Digest},
};

/// How many small files of a model are asked for at a time. Most models have fewer,
/// so that checking them costs one round trip and not one for each.
const AT_ONCE: usize = 16;

/// Asks one hub about one model.
pub struct ModelAsker<'a> {
    gateway: &'a Gateway,
    manifest: &'a Manifest,
    model: &'a Model,
    endpoint: &'a str,
    id: String,
    revision: String,
    /// Differs from build to build.
    session: &'a str,
}

/// What a repository has, and what of it is taken.
pub struct FoundModel {
    /// As the hub lists it.
    pub repository: Repository,
    /// The choice, whose findings are in `said`.
    pub choice: Choice,
    /// What there is to say about it.
    pub said: Vec<Diagnostic>,
    /// The files that were read for the choice.
    read: BTreeMap<String, SnapshotFile>,
}

impl<'a> ModelAsker<'a> {
    /// Asks the hub that `manifest` or `request` names about `model`.
    pub fn new(build: Build<'a>, model: &'a Model) -> Self {
        let Build { gateway, request, manifest, .. } = build;
        Self {
            gateway,
            manifest,
            model,
            endpoint: plan::endpoint(manifest, request),
            id: model.id.value.hub_id(),
            revision: model.revision_or_main().to_owned(),
            session: &request.session,
        }
    }

    /// The same question about another revision.
    #[must_use]
    pub fn at(self, revision: &str) -> Self {
        Self { revision: revision.to_owned(), ..self }
    }

    /// The chosen files with their digests, and what is doubtful about them.
    pub async fn snapshot(&self) -> Result<(Snapshot, Vec<Diagnostic>), Failure> {
        let FoundModel { repository, choice, said, mut read } = self.look().await?;
        if said.iter().any(Diagnostic::is_error) {
            return Err(said.into());
        }
        let kept: BTreeSet<&str> = choice.kept.iter().map(|file| file.path.as_str()).collect();
        let is_kept = |file: &&RepositoryFile| kept.contains(file.path.as_str());
        let files = repository.files.iter().filter(is_kept).map(|file| {
            let known = read.remove(&file.path);
            (file, known)
        });
        let files: Vec<(&RepositoryFile, Option<SnapshotFile>)> = files.collect();
        // After a failure none is begun, but those under way end: what the hub has sent
        // then is there for the next build.
        let failed = Cell::new(false);
        let files: Vec<Option<Result<SnapshotFile, Failure>>> = stream::iter(files)
            .map(async |(file, known)| match known {
                Some(file) => Some(Ok(file)),
                None if failed.get() => None,
                None => {
                    let pinned = self.pin(&repository, file).await;
                    failed.set(failed.get() || pinned.is_err());
                    Some(pinned)
                }
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let files = files.into_iter().flatten().collect::<Result<Vec<_>, _>>()?;
        let renamed_to = self.renamed_to(&repository).map(|name| name.hub_id());
        let Repository { commit, license, gated, .. } = repository;
        Ok((Snapshot { commit, license, gated, renamed_to, files }, said))
    }

    /// Asks what there is, reads what tells the choice, and chooses.
    pub async fn look(&self) -> Result<FoundModel, Failure> {
        let repository = self.listing().await?;
        let wish = self.wish();
        let file =
            |file: &RepositoryFile| choose::ListedFile { path: file.path.clone(), size: file.size };
        let files: Vec<choose::ListedFile> = repository.files.iter().map(file).collect();
        let indexes = choose::indexes(&files, &wish);
        let indexes: BTreeSet<&str> = indexes.iter().map(|file| file.path.as_str()).collect();
        let indexes = repository.files.iter().filter(|file| indexes.contains(file.path.as_str()));
        let contents: Vec<(SnapshotFile, Vec<u8>)> = stream::iter(indexes)
            .map(|file| self.read(&repository, file))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let mut texts = Texts::new();
        let mut read = BTreeMap::new();
        for (file, content) in contents {
            texts.insert(file.path.clone(), content);
            read.insert(file.path.clone(), file);
        }
        let choice = choose::choose(&files, &texts, &wish);
        let mut said = self.diagnose(&files, &choice);
        said.extend(self.renamed_to(&repository).map(|name| renamed(self.model, &name.hub_id())));
        Ok(FoundModel { repository, choice, said, read })
    }

    async fn listing(&self) -> Result<Repository, Failure> {
        let Self { endpoint, id, revision, .. } = self;
        let url = hub::listing_url(endpoint, id, revision);
        let title = format!("[internal] ask the hub for {id}@{revision}");
        let answer = self.fetch(url, title).await.map_err(|no| self.explain(no, None))?;
        hub::parse_listing(id, &answer).map_err(|error| {
            Diagnostic::error("hub-answer", format!("the hub's answer about `{id}` makes no sense"))
                .label(self.model.id.span, error.to_string())
                .help(format!("is {endpoint} a model hub, and reachable without a login page?"))
                .into()
        })
    }

    /// What the hub calls the repository, if not as it was asked. A name that no client
    /// could ask for is left alone.
    fn renamed_to(&self, repository: &Repository) -> Option<ModelId> {
        let name = match repository.id.as_str() {
            // The list of a dataset says no more than its name.
            name if is_dataset(&self.id) && !is_dataset(name) => format!("{DATASETS}{name}"),
            name => name.to_owned(),
        };
        ModelId::of_hub(&name).filter(|_| name != self.id)
    }

    fn wish(&self) -> Wish {
        let model = self.model;
        let tag = |tag: &Option<crate::document::Spanned<crate::models::Tag>>| {
            tag.as_ref().map(|tag| tag.value.clone())
        };
        Wish {
            id: self.id.clone(),
            include: model.include.iter().map(|pattern| pattern.value.clone()).collect(),
            exclude: model.exclude.iter().map(|pattern| pattern.value.clone()).collect(),
            format: model.format.as_ref().map(|format| format.value),
            quant: tag(&model.quant),
            variant: tag(&model.variant),
            trust_remote_code: model.trust_remote_code,
            allow_pickle: model.allow_pickle,
            whole: is_dataset(&self.id),
        }
    }

    /// What the choice says, at the lines that it is about.
    fn diagnose(&self, files: &[choose::ListedFile], choice: &Choice) -> Vec<Diagnostic> {
        let mut said = Vec::new();
        for pattern in &self.model.include {
            if !files.iter().any(|file| pattern.value.matches(&file.path)) {
                let message = format!("no file of `{}` matches `{}`", self.id, pattern.value);
                let error = Diagnostic::error("no-such-file", message);
                said.push(error.label(pattern.span, "asked for here").help(has(files)));
            }
        }
        if choice.kept.is_empty() && said.is_empty() {
            let message = format!("no file of `{}` is left to put into the image", self.id);
            let error = Diagnostic::error("no-files", message);
            said.push(error.label(self.model.span, "chosen here").help(has(files)));
        }
        said.extend(choice.findings.iter().map(|finding| self.place(finding)));
        for need in &choice.needs {
            let id = need.id.hub_id();
            if !self.manifest.models.iter().any(|model| model.id.value.hub_id() == id) {
                let message = format!("`{}` loads from `{id}`, which the manifest lacks", self.id);
                said.push(
                    Diagnostic::warning("needs-model", message)
                        .label(self.model.id.span, format!("{} names it", need.by))
                        .help(format!("add it to `models`: `{}`", need.entry())),
                );
            }
        }
        said
    }

    fn place(&self, finding: &Finding) -> Diagnostic {
        let Finding { level, code, about, message, help } = finding;
        let model = self.model;
        let key: Option<Span> = match about {
            About::Model => None,
            About::Format => model.format.as_ref().map(|format| format.span),
            About::Quant => model.quant.as_ref().map(|quant| quant.span),
            About::Variant => model.variant.as_ref().map(|variant| variant.span),
        };
        let diagnostic = match level {
            Level::Error => Diagnostic::error(code, message),
            Level::Warning => Diagnostic::warning(code, message),
        };
        let diagnostic = diagnostic.label(key.unwrap_or(model.id.span), "");
        help.iter().fold(diagnostic, Diagnostic::help)
    }

    /// Finds the sha256 of a file: the hub knows it for large ones; a small one
    /// is read and checked against the git blob id that the hub lists.
    async fn pin(
        &self,
        repository: &Repository,
        file: &RepositoryFile,
    ) -> Result<SnapshotFile, Failure> {
        if let ListedDigest::Sha256(digest) = &file.digest {
            let (path, digest) = (file.path.clone(), *digest);
            return Ok(SnapshotFile { path, size: file.size, digest });
        }
        Ok(self.read(repository, file).await?.0)
    }

    /// Reads a file, and checks it against what the hub lists.
    async fn read(
        &self,
        repository: &Repository,
        file: &RepositoryFile,
    ) -> Result<(SnapshotFile, Vec<u8>), Failure> {
        let path = &file.path;
        let renamed = self.renamed_to(repository).map(|name| name.hub_id());
        // As the graph names it (`graph::model::file_url`), so that both are one download.
        let id = renamed.as_ref().unwrap_or(&self.id);
        let url = hub::file_url(self.endpoint, id, &repository.commit, path);
        let title = format!("[internal] verify {}: {path}", self.model.id.value);
        let is_listed = |content: &Vec<u8>| match &file.digest {
            ListedDigest::Sha256(digest) => Digest::of(content) == *digest,
            ListedDigest::GitBlob(id) => hub::git_blob_id(content) == *id,
        };
        let fetched = self.fetch(url.clone(), title.clone()).await;
        let mut content = Some(fetched.map_err(|no| self.explain(no, Some(path)))?);
        if !content.as_ref().is_some_and(is_listed) {
            // The daemon keeps what came under its URL as long as the ETag stays, and so
            // every later build would fail, too. A fragment, which no hub sees, makes it ask anew.
            content = self.fetch(format!("{url}#{}", self.session), title).await.ok();
        }
        let Some(content) = content.filter(is_listed) else {
            let expected = match &file.digest {
                ListedDigest::Sha256(digest) => format!("it must be {digest}"),
                ListedDigest::GitBlob(id) => format!("its git blob id should be {id}"),
            };
            let message = format!("`{path}` of `{}` is not what the hub lists", self.id);
            return Err(Diagnostic::error("tampered-file", message)
                .label(self.model.id.span, expected)
                .help("the hub, a mirror or a proxy sent other bytes; nothing of them was kept")
                .into());
        };
        let digest = Digest::of(&content);
        Ok((SnapshotFile { path: path.clone(), size: file.size, digest }, content))
    }

    /// Lets the daemon fetch `url`, and reads what came. Trouble that may pass is
    /// waited out; each attempt has a name of its own, since a failed one stays failed.
    async fn fetch(&self, url: String, title: String) -> Result<Vec<u8>, Rejection> {
        let mut attempt = 0;
        loop {
            let filename = attempt_name(attempt);
            let source = Http { filename: filename.clone(), ..blob(url.clone()) };
            let output = Vertex::new(source).name(title.clone()).output();
            let fetched = self.gateway.solve(buildkit_llb::marshal(&output, &[]), true).await;
            match fetched {
                Ok(fetched) => return self.gateway.read_file(&fetched, &filename).await,
                Err(no) if download::is_transient(&no) && attempt + 1 < download::ATTEMPTS => {
                    attempt += 1;
                    download::pause(attempt).await;
                }
                Err(no) => return Err(no),
            }
        }
    }

    /// What a refused request means for the user.
    fn explain(&self, rejection: Rejection, file: Option<&str>) -> Failure {
        let Self { endpoint, model, id, revision, .. } = self;
        let span = model.revision.as_ref().map_or(model.id.span, |_| model.span);
        let sends_tokens = capabilities::sends_tokens(&self.gateway.llb);
        download::explain(
            &HubQuestion { endpoint, id, revision, file, span, sends_tokens },
            rejection,
        )
    }
}

/// What a user is told of a repository that goes by another name now.
pub fn renamed(model: &Model, name: &str) -> Diagnostic {
    let [was, short] =
        [model.id.value.as_str(), name].map(|name| name.strip_prefix(DATASETS).unwrap_or(name));
    Diagnostic::warning("renamed-model", format!("`{was}` is called `{short}` now"))
        .label(model.id.span, "the hub's former name for it")
        .help(format!("write `{short}`; until then the image has it under both names"))
}

/// Stands before the name of a dataset, as [`ModelId::into_dataset`] has it.
const DATASETS: &str = "datasets/";

fn is_dataset(id: &str) -> bool {
    id.starts_with(DATASETS)
}

/// The first few files, for a hint.
fn has(files: &[choose::ListedFile]) -> String {
    const SHOWN: usize = 12;
    let more = if files.len() > SHOWN { ", …" } else { "" };
    let paths: Vec<&str> = files.iter().take(SHOWN).map(|file| file.path.as_str()).collect();
    format!("the repository has: {}{more}", paths.join(", "))
}
