//! One build's questions and answers, once its manifest is understood: what must be asked,
//! and what comes of the answers.

use std::collections::BTreeMap;

use buildkit_llb::{Output, Platform};

use super::{
    asset,
    build::Build,
    context,
    failure::{self, Failure},
    locking, planning, python, read, resolve,
    solve::{self, Known},
    system,
};
use crate::{
    answers::Answers,
    gateway::reply::Reply,
    graph::{self, Scene, bundle::Bundle, download::Attempts, purpose::Purposes},
    lock::{self, LockFile, fit::python::PythonFit},
    manifest::{Manifest, Verify, python::Install},
    plan::{Base, ContextFiles},
    values::target::Target,
};

/// What is to be done with a manifest.
pub struct Job<'a> {
    build: Build<'a>,
    /// What it is built for.
    platforms: Vec<Platform>,
    /// Where files come from instead of the hub and the index.
    bundle: Option<Bundle>,
    /// The lock beside the manifest.
    old: Option<LockFile>,
    /// Whether that is to be made anew.
    updating: bool,
}

impl<'a> Job<'a> {
    /// What the request of `build` asks for.
    pub fn new(build: Build<'a>) -> Result<Self, Failure> {
        let Build { gateway, request, manifest, file } = build;
        let platforms = gateway.platforms_of(request);
        let name = lock::name(&request.filename);
        let old = file.lock.as_deref().map(|text| locking::parse(&name, text, &request.filename));
        let updating = locking::locks(request);
        let bundle = match platforms.first() {
            Some(platform) if !updating => context::bundle(request, manifest, platform)?,
            _ => None,
        };
        Ok(Self { build, old: old.transpose()?, bundle, updating, platforms })
    }

    /// Does it.
    pub async fn run(&self) -> Result<Reply, Failure> {
        let Build { gateway, request, manifest, .. } = self.build;
        let bases = self.bases();
        let old = self.old.as_ref();
        let known = locking::known(old, manifest, &bases, request, self.updating)?;
        if request.subrequest.as_deref() == Some(planning::SUBREQUEST) {
            return planning::answer(self.build, &known).await;
        }
        if !self.updating {
            return self.images(known, &bases).await;
        }
        let new = self.lock(known, &bases).await?;
        if request.subrequest.is_some() {
            return Ok(locking::describe(old, &new));
        }
        locking::reply(gateway, request, &new).await
    }

    /// The platforms whose base image is needed: those that are built, and the builder's own,
    /// where packages for another are installed by it. A lock need not have the latter.
    fn bases(&self) -> Vec<Platform> {
        let Self { build: Build { gateway, request, manifest, .. }, .. } = *self;
        // A part without a base asks for none.
        let target = Target::named(request.target.as_deref());
        if !target.is_some_and(Target::needs_base) && !self.updating {
            return Vec::new();
        }
        let mut all = self.platforms.clone();
        let layers =
            manifest.python.as_ref().is_some_and(|python| python.install() == Install::Layers);
        let locked = |own: &Platform| {
            let base = self.old.as_ref().and_then(|lock| lock.base.as_ref());
            base.is_none_or(|base| base.platforms.contains_key(own))
        };
        let own = gateway.platforms.first().filter(|own| !self.platforms.contains(own));
        all.extend(own.filter(|own| layers && (self.updating || locked(own))).cloned());
        all
    }

    /// The lock made anew; of `known`, what still holds is kept.
    async fn lock(&self, mut known: Answers, bases: &[Platform]) -> Result<LockFile, Failure> {
        let Build { gateway, request, manifest, .. } = self.build;
        let context = read::requirements::files(self.build).await?;
        let context = ContextFiles { builder: gateway.platforms.first().cloned(), ..context };
        let fit = self.packages_known(&context, &known)?;
        let found = resolve::ask(self.build, bases, known).await?;
        known = found.answers;
        let ignore = if context.projects.is_empty() {
            Vec::new()
        } else {
            read::ignore_patterns(gateway, request).await?
        };
        self.build.warn(&found.warnings).await?;
        let (attempts, purposes) = (Attempts::default(), Purposes::default());
        let scene = self.scene(&ignore, &attempts, &purposes);
        let (system, _) = system::ask(self.build, &known, &self.platforms, true, &scene).await?;
        known.system.extend(system);
        self.packages(&mut known, &context, fit, &scene).await?;
        self.check_locked(&known)?;
        let new = LockFile::of(manifest, &context, &known);
        Ok(match &self.old {
            Some(old) => new.with_platforms_of(old),
            None => new,
        })
    }

    /// The target that the request names, built.
    async fn images(&self, known: Answers, bases: &[Platform]) -> Result<Reply, Failure> {
        let Self { build: Build { request, manifest, .. }, platforms, .. } = self;
        if self.old.is_none() {
            self.build.warn(&[locking::advice(manifest, &request.filename)]).await?;
        }
        let target = Target::named(request.target.as_deref()).unwrap_or_default();
        let has_models = !manifest.models.is_empty() || !manifest.assets.is_empty();
        if !target.needs_base() && !has_models {
            return Err(locking::no_models(manifest).into());
        }
        if target == Target::Python && manifest.python.is_none() {
            return Err(locking::no_packages(manifest).into());
        }
        let packages_alone;
        let mut build = self.build;
        if target == Target::Python {
            packages_alone = without_all_but_packages(manifest);
            build.manifest = &packages_alone;
        }
        let manifest = build.manifest;
        let (facts, asked) =
            futures_util::join!(facts(build, platforms), resolve::ask(build, bases, known));
        let ((ignore, context), resolve::Resolved { mut answers, warnings, read }) =
            failure::both(facts, asked)?;
        build.warn(&warnings).await?;
        let (attempts, purposes) = (Attempts::default(), Purposes::default());
        let scene = self.scene(&ignore, &attempts, &purposes);
        let mut asked = BTreeMap::new();
        for platform in platforms.iter().filter(|platform| read.contains(platform)) {
            let base = answers.base(platform).map(|base| Base::of(base, manifest.base.span));
            let base = base.map(|base| graph::base(&base, platform, &scene));
            let users = base.map(|base| graph::user::files(&base, scene.timestamp()));
            asked.insert(platform.clone(), users.into_iter().collect());
        }
        if matches!(target, Target::Image | Target::Bundle) {
            let (packages, steps) = system::ask(build, &answers, platforms, false, &scene).await?;
            answers.system.extend(packages);
            for (platform, steps) in steps {
                asked.entry(platform).or_insert_with(Vec::new).extend(steps);
            }
        }
        if target.needs_base() {
            let fit = self.packages_known(&context, &answers)?;
            let of_packages = self.packages(&mut answers, &context, fit, &scene).await?;
            for (platform, steps) in of_packages {
                asked.entry(platform).or_insert_with(Vec::new).extend(steps);
            }
        }
        let known = Known { answers, context, asked };
        solve::all(build, &scene, &known, platforms).await
    }

    /// What the lock says of Python packages; what it doesn't is a mistake, unless it is
    /// being made anew.
    fn packages_known(
        &self,
        context: &ContextFiles,
        bases: &Answers,
    ) -> Result<PythonFit, Failure> {
        let Some(old) = &self.old else { return Ok(PythonFit::default()) };
        let fit = locking::known_packages(
            old,
            self.build.manifest,
            context,
            &self.platforms,
            self.build.request,
            bases,
        );
        if fit.stale.is_empty() || self.updating { Ok(fit) } else { Err(fit.stale.into()) }
    }

    /// Puts the Python packages into `lock`: those that are known, and all others asked for.
    /// Returns the steps that were asked, by platform.
    async fn packages(
        &self,
        answers: &mut Answers,
        context: &ContextFiles,
        fit: PythonFit,
        scene: &Scene<'_>,
    ) -> Result<BTreeMap<Platform, Vec<Output>>, Failure> {
        let Self { build, platforms, updating, .. } = self;
        answers.python = fit.known;
        let Some(python) = &build.manifest.python else { return Ok(BTreeMap::new()) };
        let (build, updating) = (*build, *updating);
        let asker = python::PackageAsker { build, scene, python, context, answers, updating };
        let found = asker.packages(platforms, &fit.previous).await?;
        build.warn(&context.notes).await?;
        build.warn(&found.warnings).await?;
        answers.python.extend(found.packages);
        answers.unpinned = found.unpinned;
        answers.in_container = found.in_container;
        build.warn(&python::doubts::doubts(build.manifest, python, answers)).await?;
        Ok(found.asked)
    }

    /// What pip must install by itself has no place in a lock.
    fn check_locked(&self, known: &Answers) -> Result<(), Failure> {
        let python = self.build.manifest.python.as_ref();
        let python = python.filter(|python| python.install() == Install::Layers);
        let missing = self.platforms.iter().find(|platform| known.packages(platform).is_none());
        match (python, missing) {
            (Some(python), Some(platform)) => {
                Err(python::explain::not_lockable(python, platform).into())
            }
            _ => Ok(()),
        }
    }

    fn scene<'s>(
        &'s self,
        ignore: &'s [String],
        attempts: &'s Attempts,
        purposes: &'s Purposes,
    ) -> Scene<'s> {
        Scene {
            request: self.build.request,
            capabilities: &self.build.gateway.llb,
            manifest: &self.build.file.document,
            ignore,
            bundle: self.bundle.as_ref(),
            attempts,
            purposes,
            many_platforms: self.platforms.len() > 1,
        }
    }
}

/// What a build of the packages alone has to know: it asks no hub and reads no application.
fn without_all_but_packages(manifest: &Manifest) -> Manifest {
    Manifest {
        models: Vec::new(),
        assets: Vec::new(),
        app: None,
        verify: Verify::nothing(),
        ..manifest.clone()
    }
}

/// What must be known of the build context: its ignore file's patterns, and what is in it.
async fn facts(
    build: Build<'_>,
    platforms: &[Platform],
) -> Result<(Vec<String>, ContextFiles), Failure> {
    let Build { gateway, request, manifest, .. } = build;
    let copies = manifest.app.as_ref().is_some_and(|app| !app.copy.is_empty());
    let ignore = if copies { read::ignore_patterns(gateway, request).await? } else { Vec::new() };
    let (context, folders) =
        futures_util::join!(read::context(build, &ignore), asset::folders(build, platforms));
    let (context, ()) = failure::both(context, folders)?;
    Ok((ignore, context))
}
