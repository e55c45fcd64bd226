//! One build's questions and answers, once its manifest is understood: what must be asked,
//! and what comes of the answers.

use std::collections::BTreeMap;

use buildkit_llb::{Output, Platform};

use super::{
    Known, facts,
    failure::{self, Failure},
    locking, python,
    read::{self, ManifestFile},
    resolve, warn,
};
use crate::{
    gateway::{Gateway, Reply},
    graph::{self, Scene, bundle::Bundle, download::Attempts, purpose::Purposes},
    lock::Lock,
    lockfile::{LockFile, fit::python::PythonFit},
    manifest::{Manifest, Verify, python::Install},
    plan::{Base, ContextFiles, Target},
    request::Request,
};

/// A build whose manifest has been read.
pub struct Job<'a> {
    /// The daemon.
    pub gateway: &'a Gateway,
    /// The caller's options.
    pub request: &'a Request,
    /// What is built.
    pub manifest: &'a Manifest,
    /// The manifest as a file.
    pub file: &'a ManifestFile,
    /// What it is built for.
    pub platforms: &'a [Platform],
    /// Where files come from instead of the hub and the index.
    pub bundle: Option<&'a Bundle>,
    /// The lock beside the manifest.
    pub old: Option<&'a LockFile>,
    /// Whether that is to be made anew.
    pub updating: bool,
}

impl Job<'_> {
    /// The platforms whose base image is needed: those that are built, and the builder's own,
    /// where packages for another are installed by it. A lock need not have the latter.
    pub fn bases(&self) -> Vec<Platform> {
        let Self { manifest, platforms, updating, .. } = *self;
        // A part without a base asks for none.
        let target = Target::named(self.request.target.as_deref());
        if !target.is_some_and(Target::needs_base) && !updating {
            return Vec::new();
        }
        let mut all = platforms.to_vec();
        let layers =
            manifest.python.as_ref().is_some_and(|python| python.install() == Install::Layers);
        let locked = |own: &Platform| {
            let base = self.old.and_then(|lock| lock.base.as_ref());
            base.is_none_or(|base| base.platforms.contains_key(&own.to_string()))
        };
        let own = self.gateway.platforms.first().filter(|own| !platforms.contains(own));
        all.extend(own.filter(|own| layers && (updating || locked(own))).cloned());
        all
    }

    /// The lock made anew; of `known`, what still holds is kept.
    pub async fn lock(&self, mut known: Lock, bases: &[Platform]) -> Result<LockFile, Failure> {
        let Self { gateway, request, manifest, file, .. } = *self;
        let context = read::requirements::files(gateway, request, manifest).await?;
        let context = ContextFiles { builder: gateway.platforms.first().cloned(), ..context };
        let fit = self.packages_known(&context, &known)?;
        let answers = resolve::lock(gateway, request, manifest, bases, known).await?;
        known = answers.lock;
        let ignore = if context.projects.is_empty() {
            Vec::new()
        } else {
            read::ignore_patterns(gateway, request).await?
        };
        warn(gateway, file, &answers.warnings).await?;
        self.packages(
            &mut known,
            &context,
            fit,
            &self.scene(&ignore, &Attempts::default(), &Purposes::default()),
        )
        .await?;
        self.check_locked(&known)?;
        let new = LockFile::of(manifest, &context, &known);
        Ok(match self.old {
            Some(old) => new.with_platforms_of(old),
            None => new,
        })
    }

    /// The target that the request names, built.
    pub async fn build(&self, known: Lock, bases: &[Platform]) -> Result<Reply, Failure> {
        let Self { gateway, request, manifest, file, platforms, .. } = *self;
        if self.old.is_none() {
            warn(gateway, file, &[locking::advice(manifest, &request.filename)]).await?;
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
        let manifest = if target == Target::Python {
            packages_alone = without_all_but_packages(manifest);
            &packages_alone
        } else {
            manifest
        };
        let (facts, lock) = futures_util::join!(
            facts(gateway, request, manifest, platforms),
            resolve::lock(gateway, request, manifest, bases, known),
        );
        let ((ignore, context), resolve::Resolved { mut lock, warnings, read }) =
            failure::both(facts, lock)?;
        warn(gateway, file, &warnings).await?;
        let (attempts, purposes) = (Attempts::default(), Purposes::default());
        let scene = self.scene(&ignore, &attempts, &purposes);
        let mut asked = BTreeMap::new();
        for platform in platforms.iter().filter(|platform| read.contains(&platform.to_string())) {
            let base = lock.base(platform).map(|base| Base::of(base, manifest.base.span));
            let base = base.map(|base| graph::base(&base, platform, &scene));
            let users = base.map(|base| graph::user::files(&base, scene.timestamp()));
            asked.insert(platform.to_string(), users.into_iter().collect());
        }
        if target.needs_base() {
            let fit = self.packages_known(&context, &lock)?;
            let of_packages = self.packages(&mut lock, &context, fit, &scene).await?;
            for (platform, steps) in of_packages {
                asked.entry(platform).or_insert_with(Vec::new).extend(steps);
            }
        }
        let known = Known { lock, context, asked };
        super::build(gateway, &scene, file, manifest, &known, platforms).await
    }

    /// What the lock says of Python packages; what it doesn't is a mistake, unless it is
    /// being made anew.
    fn packages_known(&self, context: &ContextFiles, bases: &Lock) -> Result<PythonFit, Failure> {
        let Some(old) = self.old else { return Ok(PythonFit::default()) };
        let fit = locking::known_packages(
            old,
            self.manifest,
            context,
            self.platforms,
            self.request,
            bases,
        );
        if fit.stale.is_empty() || self.updating { Ok(fit) } else { Err(fit.stale.into()) }
    }

    /// Puts the Python packages into `lock`: those that are known, and all others asked for.
    /// Returns the steps that were asked, by platform.
    async fn packages(
        &self,
        lock: &mut Lock,
        context: &ContextFiles,
        fit: PythonFit,
        scene: &Scene<'_>,
    ) -> Result<BTreeMap<String, Vec<Output>>, Failure> {
        let Self { gateway, manifest, file, platforms, updating, .. } = *self;
        lock.python = fit.known;
        let Some(python) = &manifest.python else { return Ok(BTreeMap::new()) };
        let asker =
            python::Asker { gateway, scene, manifest, python, context, lock, file, updating };
        let found = asker.packages(platforms, &fit.previous).await?;
        warn(gateway, file, &context.notes).await?;
        warn(gateway, file, &found.warnings).await?;
        lock.python.extend(found.packages);
        lock.unpinned = found.unpinned;
        lock.in_container = found.in_container;
        warn(gateway, file, &python::doubts::doubts(manifest, python, lock)).await?;
        Ok(found.asked)
    }

    /// What pip must install by itself has no place in a lock.
    fn check_locked(&self, known: &Lock) -> Result<(), Failure> {
        let python = self.manifest.python.as_ref();
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
            request: self.request,
            capabilities: &self.gateway.llb,
            manifest: &self.file.source,
            ignore,
            bundle: self.bundle,
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
