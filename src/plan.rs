//! What will be built for one platform: every name resolved, every path fixed,
//! and nothing said of how `BuildKit` does it.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::{OciLayout, Platform};

use crate::{
    answers::{Answers, BaseImage, Snapshot},
    document::Span,
    manifest::{Manifest, Model, asset::AssetKind},
    models::{ModelId, hub},
    packages::name,
    request::Request,
    values::{
        config::ImageConfig, diagnostic::Diagnostic, digest::Digest, predefined,
        secret::named::Credential, target::Target,
    },
};

pub mod app;
pub mod asset;
pub mod bundle;
pub mod environment;
pub mod layers;
pub mod places;
pub mod python;
pub mod system;
pub mod user;
pub mod verify;

/// The image of one platform, down to the last path.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it runs on.
    pub platform: Platform,
    /// What is built.
    pub target: Target,
    /// The image to build on, or that packages are for; none for a part that needs none.
    pub base: Option<Base>,
    /// The Python packages, if any.
    pub python: Option<python::PythonPlan>,
    /// The distribution's packages over the base image.
    pub system: Option<system::SystemLayer>,
    /// The models, in the manifest's order.
    pub models: Vec<ModelLayer>,
    /// Files from any URL, and models that are folders, in the manifest's order.
    pub assets: Vec<asset::AssetLayer>,
    /// Files to write for the user's entry; empty if the base knows the user.
    pub user: Option<user::Entry>,
    /// The application, if there is something to copy.
    pub app: Option<app::AppLayer>,
    /// The config of the finished image.
    pub config: ImageConfig,
    /// What must hold of the finished image.
    pub proofs: Vec<verify::Proof>,
    /// The packages that a proof imports.
    pub imports: Vec<verify::imports::Import>,
}

impl Plan {
    /// A plan of nothing yet.
    fn part(platform: &Platform, target: Target, config: ImageConfig) -> Self {
        Self {
            platform: platform.clone(),
            target,
            base: None,
            python: None,
            system: None,
            models: Vec::new(),
            assets: Vec::new(),
            user: None,
            app: None,
            config,
            proofs: Vec::new(),
            imports: Vec::new(),
        }
    }
}

/// The image to build on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// Full reference, with a digest once it was resolved.
    pub reference: String,
    /// Where it is taken from instead of a registry.
    pub layout: Option<OciLayout>,
    /// Where the manifest names it.
    pub span: Span,
}

impl Base {
    /// The image that was found for what the manifest names at `span`.
    pub fn of(image: &BaseImage, span: Span) -> Self {
        Self { reference: image.reference.clone(), layout: image.layout.clone(), span }
    }
}

/// One model, ready to be fetched and laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelLayer {
    /// The id the application asks for.
    pub id: ModelId,
    /// The branch, tag or commit that the manifest names.
    pub revision: String,
    /// Where the manifest names it.
    pub span: Span,
    /// The hub to fetch from, without a trailing `/`.
    pub endpoint: String,
    /// What the hub calls the repository now, if that is another name and nothing else in
    /// the image has it: the model is found by both.
    pub alias: Option<ModelId>,
    /// The chosen files; `None` while nobody has asked the hub.
    pub snapshot: Option<Snapshot>,
}

/// What was found in the build context: facts that a manifest alone can't tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextFiles {
    /// Each requirements file and what it includes by `-r` or `-c`, sorted.
    pub requirements: Vec<String>,
    /// The sha256 of what each of those says, without comments.
    pub requirement_digests: BTreeMap<String, Digest>,
    /// What the resolver and pip get in place of each requirements file.
    pub requirement_texts: BTreeMap<String, String>,
    /// The build secrets that the files name, each with a line that does.
    pub secrets: BTreeMap<String, Named>,
    /// Where those stand before the host of a URL.
    pub credentials: Vec<Credential>,
    /// Where the files name each package, by normalized name.
    pub named: BTreeMap<String, Named>,
    /// Where they name it again, as a constraints file does.
    pub named_again: BTreeMap<String, Vec<Named>>,
    /// Folders of the context that are installed as packages.
    pub projects: Vec<String>,
    /// The files of those that say what they depend on, by path.
    pub project_files: BTreeMap<String, ProjectFile>,
    /// The line that installs each of those, where a requirements file does.
    pub installs: BTreeMap<String, Named>,
    /// The extras of the projects that are read, as those write them, by normalized name.
    pub extras: BTreeMap<String, String>,
    /// What there is to say about the requirements files.
    pub notes: Vec<Diagnostic>,
    /// The requirements that a `pylock.toml` stands for, each with its place there.
    pub locked_requirements: Vec<(String, Named)>,
    /// Digests that the files pin packages to.
    pub hashes: python::hashes::Hashes,
    /// Options in the files that only pip reads.
    pub pip_options: PipOptions,
    /// The platform that the builder runs natively, if it is known.
    pub builder: Option<Platform>,
    /// Which of the paths in `app.copy` are folders.
    pub folders: BTreeMap<String, bool>,
    /// What there is at each path of `app.copy` that the container may start with.
    pub programs: BTreeMap<String, Option<verify::program::Candidate>>,
}

impl ContextFiles {
    /// An extra as its project writes it: where pip resolves, no other way of writing it will do.
    pub fn own_extra(&self, extra: &str) -> String {
        let own = self.extras.get(&name::normalized(extra));
        own.map_or(extra, String::as_str).to_owned()
    }
}

/// A line of a requirements file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// Where the manifest names the file, or the one that includes it.
    pub span: Span,
}

impl Named {
    /// The line in words.
    pub fn place(&self, name: &str) -> String {
        format!("`{name}` in `{}` line {}", self.file, self.line)
    }
}

/// A file that says what a project of the context depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectFile {
    /// The sha256 of what it says of that.
    pub digest: Digest,
    /// The requirement that installs the project.
    pub by: Named,
}

/// Options of pip's in requirements files that the resolver must be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipOptions {
    /// `--pre`
    pub pre: bool,
    /// `--trusted-host`
    pub trusted_hosts: Vec<String>,
}

/// Joins what the user wrote with what was found out, for one platform.
///
/// A base image or model that `lock` lacks stays unresolved in the plan: a
/// build never gets that far, but the command line tool shows it so.
pub fn plan(
    manifest: &Manifest,
    answers: &Answers,
    context: &ContextFiles,
    platform: &Platform,
    request: &Request,
) -> Result<Plan, Vec<Diagnostic>> {
    let unresolved = BaseImage {
        reference: manifest.base.value.full(),
        config: ImageConfig {
            architecture: platform.architecture.clone(),
            os: platform.os.clone(),
            variant: platform.variant.clone(),
            ..ImageConfig::default()
        },
        ..BaseImage::default()
    };
    let models = model_layers(manifest, answers, request);
    let target = Target::named(request.target.as_deref()).unwrap_or_default();
    let base = answers.base(platform).unwrap_or(&unresolved);
    let base_layer = Base::of(base, manifest.base.span);
    let run = &base.config.config;
    let python = || python::plan(manifest, answers, context, platform, request, &base_layer, run);
    let system = || system::plan(manifest, answers.system(platform), run);
    match target {
        // A lock is made without a plan; the command line tool shows what it would be of.
        Target::Image | Target::Lock => {}
        Target::Models => {
            let reason = "the target `models` has no base image";
            let zips = asset::zips(manifest).map(|zip| asset::no_python(zip, reason));
            let mistakes: Vec<Diagnostic> = zips.collect();
            if !mistakes.is_empty() {
                return Err(mistakes);
            }
            let assets = asset::plan(manifest, &unresolved, platform, request);
            let config = environment::models_only(manifest, &unresolved.config);
            return Ok(Plan { models, assets, ..Plan::part(platform, target, config) });
        }
        Target::Python => {
            let python = python();
            let config = environment::packages_only(&base.config);
            let part = Plan::part(platform, target, config);
            return Ok(Plan { base: Some(base_layer), python, ..part });
        }
        Target::Bundle => {
            let python = python();
            let assets = asset::plan(manifest, &unresolved, platform, request);
            let system = system();
            let part = Plan::part(platform, target, bundle::config(base));
            return Ok(Plan { base: Some(base_layer), python, system, models, assets, ..part });
        }
    }
    let user = user::plan(manifest, base)?;
    let app = app::plan(manifest, context, base, &user)?;
    let python = python();
    let config = environment::config(manifest, &base.config, &user, request);
    let assets = asset::plan(manifest, base, platform, request);
    let system = system();
    let imports = verify::imports::asked(manifest, context, answers.packages(platform));
    let run = &config.config;
    let programs = verify::programs(manifest, context, app.as_ref(), run)?;
    let parts = verify::Parts { models: &models, assets: &assets, imports: &imports, programs };
    let proofs = verify::plan(manifest, base, parts, &user, run);
    Ok(Plan {
        platform: platform.clone(),
        target,
        base: Some(base_layer),
        python,
        system,
        models,
        assets,
        user: user.entry,
        app,
        config,
        proofs,
        imports,
    })
}

fn model_layers(manifest: &Manifest, answers: &Answers, request: &Request) -> Vec<ModelLayer> {
    let folders = manifest.assets.iter().filter_map(|asset| match &asset.kind {
        AssetKind::Folder(folder) => Some(folder.id.value.hub_id()),
        AssetKind::File(_) => None,
    });
    let models = manifest.models.iter().map(|model| model.id.value.hub_id());
    let mut taken: BTreeSet<String> = models.chain(folders).collect();
    let layer = |model: &Model| {
        let snapshot = answers.model(model).cloned();
        let renamed = snapshot.as_ref().and_then(|snapshot| snapshot.renamed_to.as_deref());
        let alias = renamed.and_then(ModelId::of_hub);
        ModelLayer {
            id: model.id.value.clone(),
            revision: model.revision_or_main().to_owned(),
            span: model.span,
            endpoint: endpoint(manifest, request).to_owned(),
            alias: alias.filter(|alias| taken.insert(alias.hub_id())),
            snapshot,
        }
    };
    manifest.models.iter().map(layer).collect()
}

/// The hub to ask: `--build-arg HF_ENDPOINT`, else `mirrors.huggingface`, else the public one.
pub fn endpoint<'a>(manifest: &'a Manifest, request: &'a Request) -> &'a str {
    let mirror = || manifest.mirrors.huggingface.as_ref().map(|url| url.value.as_str());
    let endpoint = request.build_arg(predefined::HF_ENDPOINT).or_else(mirror);
    endpoint.unwrap_or(hub::PUBLIC_ENDPOINT).trim_end_matches('/')
}
