//! Fills the lock by asking: what the base image is, which files a model has.
//!
//! Everything is fetched by the daemon, so its cache, proxies, secrets and
//! policies apply; an answer that it still holds costs one conditional request.

use buildkit_llb::{Image, Platform, Vertex};
use futures_util::{StreamExt, TryStreamExt, future::join_all, stream};

use super::failure::Failure;
use crate::{
    choose,
    config::ImageConfig,
    diagnostic::Diagnostic,
    gateway::{Gateway, rejection::Rejection},
    graph::model::{BLOB, blob},
    hex,
    hub::{self, ListedDigest, Repository, RepositoryFile},
    lock::{BaseImage, Lock, Snapshot, SnapshotFile, model_key},
    manifest::{Manifest, Model},
    plan,
    request::Request,
};

/// How many small files of a model are asked for at a time. Most models have fewer,
/// so that checking them costs one round trip and not one for each.
const AT_ONCE: usize = 16;

/// Asks for all that the manifest names. Every mistake is reported, not the first.
pub async fn lock(
    gateway: &Gateway,
    request: &Request,
    manifest: &Manifest,
    platforms: &[Platform],
) -> Result<Lock, Failure> {
    let bases = join_all(platforms.iter().map(|p| base(gateway, request, manifest, p)));
    let models = manifest.models.iter().map(|model| snapshot(gateway, request, manifest, model));
    let (bases, models) = futures_util::join!(bases, join_all(models));
    let mut lock = Lock::default();
    let mut failures = Vec::new();
    for (platform, base) in platforms.iter().zip(bases) {
        match base {
            Ok(base) => drop(lock.base.insert(platform.to_string(), base)),
            Err(failure) => failures.push(failure),
        }
    }
    for (model, snapshot) in manifest.models.iter().zip(models) {
        match snapshot {
            Ok(snapshot) => drop(lock.models.insert(model_key(model), snapshot)),
            Err(failure) => failures.push(failure),
        }
    }
    match Failure::all(failures) {
        None => Ok(lock),
        Some(failure) => Err(failure),
    }
}

async fn base(
    gateway: &Gateway,
    request: &Request,
    manifest: &Manifest,
    platform: &Platform,
) -> Result<BaseImage, Failure> {
    let reference = manifest.base.value.full();
    let span = manifest.base.span;
    let mode = request.resolve_mode.as_deref().unwrap_or("default");
    let refused = |rejection: Rejection| {
        let message =
            format!("the base image `{}` can't be had for {platform}", manifest.base.value);
        let diagnostic = Diagnostic::error("base-image", message)
            .label(span, rejection.message.clone())
            .help("check the name and tag, and that the builder may pull from that registry");
        Failure::from(diagnostic)
    };
    let found = gateway.resolve_image(&reference, platform, mode).await.map_err(refused)?;
    let config: ImageConfig = serde_json::from_slice(&found.config)
        .map_err(|error| refused(Rejection::new(format!("its config is unreadable: {error}"))))?;
    let reference = if found.digest.is_empty() || found.reference.contains('@') {
        found.reference
    } else {
        format!("{}@{}", found.reference, found.digest)
    };
    let is_root = manifest.user.as_ref().is_some_and(|user| user.value.is_root());
    let (passwd, group) = if is_root {
        Default::default()
    } else {
        user_files(gateway, &reference, platform).await?
    };
    Ok(BaseImage { reference, config, passwd, group })
}

/// The files that name the base image's users; empty where it has none.
async fn user_files(
    gateway: &Gateway,
    reference: &str,
    platform: &Platform,
) -> Result<(String, String), Failure> {
    let image = Vertex::new(Image::new(reference))
        .platform(platform)
        .name(format!("[internal] read the users of {reference}"))
        .output();
    let image = gateway.solve(buildkit_llb::marshal(&image, &[]), false).await?;
    let read = async |path| match gateway.read_file(&image, path).await {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(rejection) if rejection.is_not_found() => Ok(String::new()),
        Err(rejection) => Err(Failure::from(rejection)),
    };
    Ok((read("/etc/passwd").await?, read("/etc/group").await?))
}

async fn snapshot(
    gateway: &Gateway,
    request: &Request,
    manifest: &Manifest,
    model: &Model,
) -> Result<Snapshot, Failure> {
    let endpoint = plan::endpoint(manifest, request);
    let id = model.id.value.hub_id();
    let revision = model.revision_or_main();
    let asker = Asker { gateway, endpoint, model, id: &id, session: &request.session };
    let url = hub::listing_url(endpoint, &id, revision);
    let title = format!("[internal] ask the hub for {id}@{revision}");
    let answer = asker.fetch(url, title).await.map_err(|no| asker.explain(no, None))?;
    let repository = hub::parse_listing(&id, &answer).map_err(|error| {
        Diagnostic::error("hub-answer", format!("the hub's answer about `{id}` makes no sense"))
            .label(model.id.span, error.to_string())
            .help(format!("is {endpoint} a model hub, and reachable without a login page?"))
    })?;
    let files = asker.choose(&repository)?;
    let files = stream::iter(files)
        .map(|file| asker.pin(&repository, file))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(Snapshot { commit: repository.commit, files })
}

/// Asks one hub about one model.
struct Asker<'a> {
    gateway: &'a Gateway,
    endpoint: &'a str,
    model: &'a Model,
    id: &'a str,
    /// Differs from build to build.
    session: &'a str,
}

impl Asker<'_> {
    /// Lets the daemon fetch `url`, and reads what came.
    async fn fetch(&self, url: String, title: String) -> Result<Vec<u8>, Rejection> {
        let output = Vertex::new(blob(url)).name(title).output();
        let fetched = self.gateway.solve(buildkit_llb::marshal(&output, &[]), true).await?;
        self.gateway.read_file(&fetched, BLOB).await
    }

    fn choose(&self, repository: &Repository) -> Result<Vec<RepositoryFile>, Failure> {
        let paths: Vec<&str> = repository.files.iter().map(|file| file.path.as_str()).collect();
        let patterns = |list: &[crate::source::Spanned<crate::model::Pattern>]| {
            list.iter().map(|pattern| pattern.value.clone()).collect::<Vec<_>>()
        };
        let (include, exclude) = (patterns(&self.model.include), patterns(&self.model.exclude));
        for pattern in &self.model.include {
            if !paths.iter().any(|path| pattern.value.matches(path)) {
                let message = format!("no file of `{}` matches `{}`", self.id, pattern.value);
                return Err(Diagnostic::error("no-such-file", message)
                    .label(pattern.span, "asked for here")
                    .help(format!("the repository has: {}", some(&paths)))
                    .into());
            }
        }
        let kept = choose::choose(&paths, &include, &exclude);
        if kept.is_empty() {
            let message = format!("no file of `{}` is left to put into the image", self.id);
            return Err(Diagnostic::error("no-files", message)
                .label(self.model.span, "chosen here")
                .help(format!("the repository has: {}", some(&paths)))
                .into());
        }
        let is_kept = |file: &&RepositoryFile| kept.contains(&file.path.as_str());
        Ok(repository.files.iter().filter(is_kept).cloned().collect())
    }

    /// Finds the sha256 of a file: the hub knows it for large ones; a small one
    /// is read and checked against the git blob id that the hub lists.
    async fn pin(
        &self,
        repository: &Repository,
        file: RepositoryFile,
    ) -> Result<SnapshotFile, Failure> {
        let RepositoryFile { path, size, digest } = file;
        let blob_id = match digest {
            ListedDigest::Sha256(digest) => return Ok(SnapshotFile { path, size, digest }),
            ListedDigest::GitBlob(blob_id) => blob_id,
        };
        let url = hub::file_url(self.endpoint, self.id, &repository.commit, &path);
        let title = format!("[internal] verify {}: {path}", self.model.id.value);
        let is_listed = |content: &Vec<u8>| hub::git_blob_id(content) == blob_id;
        let fetched = self.fetch(url.clone(), title.clone()).await;
        let mut content = Some(fetched.map_err(|no| self.explain(no, Some(&path)))?);
        if !content.as_ref().is_some_and(is_listed) {
            // The daemon keeps what came under its URL as long as the ETag stays, and so
            // every later build would fail, too. A fragment, which no hub sees, makes it ask anew.
            content = self.fetch(format!("{url}#{}", self.session), title).await.ok();
        }
        let Some(content) = content.filter(is_listed) else {
            let message = format!("`{path}` of `{}` is not what the hub lists", self.id);
            return Err(Diagnostic::error("tampered-file", message)
                .label(self.model.id.span, format!("its git blob id should be {blob_id}"))
                .help("the hub, a mirror or a proxy sent other bytes; nothing of them was kept")
                .into());
        };
        Ok(SnapshotFile { path, size, digest: hex::sha256(&content) })
    }

    /// What a refused request means for the user.
    fn explain(&self, rejection: Rejection, file: Option<&str>) -> Failure {
        let what = file.map_or_else(
            || format!("the model `{}`", self.id),
            |file| format!("`{file}` of `{}`", self.id),
        );
        let endpoint = self.endpoint;
        let host = endpoint.split("://").nth(1).unwrap_or(endpoint).split(['/', ':']).next();
        let secret =
            format!("--secret id=HTTP_AUTH_TOKEN_{},env=HF_TOKEN", host.unwrap_or_default());
        let label = self.model.revision.as_ref().map_or(self.model.id.span, |_| self.model.span);
        let diagnostic = match status(&rejection.message) {
            Some(401 | 404) if file.is_none() => {
                let revision = self.model.revision_or_main();
                let message =
                    format!("the hub has no model `{}` at revision `{revision}`", self.id);
                Diagnostic::error("unknown-model", message)
                    .label(label, format!("{endpoint} does not know it"))
                    .help("check the spelling; names are case-sensitive")
                    .help(format!("if it is private, pass a token: {secret}"))
            }
            Some(401 | 403) => {
                Diagnostic::error("no-access", format!("the hub refuses access to {what}"))
                    .label(label, "a token is needed")
                    .help(format!("accept the model's licence on its page, and pass {secret}"))
            }
            Some(429) => {
                Diagnostic::error("rate-limit", "the hub has had too many requests from here")
                    .label(label, format!("asked for {what}"))
                    .help(format!("wait some minutes, or raise your limit with a token: {secret}"))
            }
            Some(status) => {
                let message = format!("the hub answered {status} when asked for {what}");
                Diagnostic::error("hub-status", message)
                    .label(label, format!("asked {endpoint}"))
                    .help("try again later, or name another hub in `mirrors.huggingface`")
            }
            None => Diagnostic::error(
                "hub-unreachable",
                format!("the hub at {endpoint} can't be reached"),
            )
            .label(label, format!("{what} is needed from it"))
            .help("the builder itself asks the hub: check its network, DNS and proxy")
            .help("`--build-arg HF_ENDPOINT=URL` or `mirrors.huggingface` name another hub"),
        };
        Failure::Explained(diagnostic, rejection)
    }
}

/// The HTTP status that the daemon names (`source/http/source.go`).
fn status(message: &str) -> Option<u16> {
    let (_, rest) = message.split_once("invalid response status ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The first few of `paths`, for a hint.
fn some(paths: &[&str]) -> String {
    const SHOWN: usize = 12;
    let more = if paths.len() > SHOWN { ", …" } else { "" };
    format!("{}{more}", paths.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", "))
}
