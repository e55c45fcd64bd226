//! Finds the Python packages of a platform: asks the resolver, and looks into the wheels.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_llb::{Output, Platform};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::Value;

use self::fetch::Fetching;
use super::{build::Build, failure::Failure};
use crate::{
    answers::Answers,
    gateway::{Ref, rejection::Rejection},
    graph::{
        Scene,
        download::Attempts,
        purpose::{Purpose, Purposes},
        python::resolve::{self, ANSWER, LOOKED, REPORT, WORK},
    },
    manifest::{Python, python::Install},
    packages::{
        Artifact, Interpreter, Origin, Packages, Wheel, name,
        pylock::{self, Pylock, PylockError, choice::FileChoice},
        requirements,
        resolver::{self, Report},
        wheel::tags::Tags,
    },
    plan::{
        Base, ContextFiles,
        python::{
            self,
            layers::{self, Layers},
            question::{self, Asking, OrderQuestion, Root},
        },
    },
    values::diagnostic::Diagnostic,
};

pub mod doubts;
pub mod explain;
pub mod fetch;

/// What `resolve.py` leaves.
#[derive(Debug, Deserialize)]
struct Answer {
    interpreter: Interpreter,
    /// The tags of the wheels that it takes, the best first.
    #[serde(default)]
    tags: Vec<String>,
    installer: String,
    #[serde(default)]
    annotated: String,
    /// What the files themselves ask for.
    #[serde(default)]
    roots: Vec<Root>,
    /// What a `uv.lock` stands for, as a requirements file.
    #[serde(default)]
    exported: String,
    pylock: Option<String>,
    report: Option<Value>,
    /// The files of which the index lists no sha256.
    #[serde(default)]
    unlisted: Vec<String>,
}

/// How the resolver names the files that `resolve.py` writes: a `uv.lock` as requirements, and
/// the requirements that are in no such file.
const EXPORTED: &str = "-r /tmp/uv-lock.txt";
const PACKAGES: &str = "-r /tmp/packages.txt";

/// What `look.py` leaves.
#[derive(Debug, Deserialize)]
struct Looked {
    sizes: BTreeMap<String, u64>,
    together: Vec<Vec<String>>,
}

/// What was found out, and what there is to say about it.
#[derive(Debug, Default)]
pub struct FoundPackages {
    /// The packages by platform. None of those that pip shall install.
    pub packages: BTreeMap<Platform, Packages>,
    /// Those platforms.
    pub unpinned: BTreeSet<Platform>,
    /// The platforms whose wheels only a container can fetch.
    pub in_container: BTreeSet<Platform>,
    /// Doubts.
    pub warnings: Vec<Diagnostic>,
    /// By platform, the steps that have answered.
    pub asked: BTreeMap<Platform, Vec<Output>>,
}

/// What was found out about one platform.
#[derive(Default)]
struct OnPlatform {
    packages: Option<Packages>,
    in_container: bool,
    warnings: Vec<Diagnostic>,
    asked: Vec<Output>,
}

impl FoundPackages {
    fn add(&mut self, platform: Platform, found: OnPlatform) {
        self.warnings.extend(found.warnings);
        self.asked.insert(platform.clone(), found.asked);
        if found.in_container {
            self.in_container.insert(platform.clone());
        }
        match found.packages {
            Some(packages) => drop(self.packages.insert(platform, packages)),
            None => drop(self.unpinned.insert(platform)),
        }
    }
}

/// All that questions about packages need to know.
pub struct PackageAsker<'a> {
    /// What they are asked for.
    pub build: Build<'a>,
    /// What every graph needs to know.
    pub scene: &'a Scene<'a>,
    /// The packages of the manifest.
    pub python: &'a Python,
    /// The requirements files.
    pub context: &'a ContextFiles,
    /// The base images.
    pub answers: &'a Answers,
    /// Whether a lock is being made: the index is asked, whatever the builder remembers.
    pub updating: bool,
}

impl PackageAsker<'_> {
    /// Finds the packages of every platform that the lock lacks them for. `previous` are the
    /// versions of a lock that no longer fits: they stay where they can.
    pub async fn packages(
        &self,
        platforms: &[Platform],
        previous: &BTreeMap<Platform, Vec<String>>,
    ) -> Result<FoundPackages, Failure> {
        let mut found = FoundPackages::default();
        if self.python.install() == Install::Single {
            return Ok(found);
        }
        let missing: Vec<&Platform> =
            platforms.iter().filter(|platform| self.answers.packages(platform).is_none()).collect();
        let none = Vec::new();
        let answers = missing.iter().map(|platform| {
            let previous = previous.get(platform).unwrap_or(&none);
            self.find(platform, previous)
        });
        let mut failures = Vec::new();
        for (platform, answer) in missing.iter().zip(join_all(answers).await) {
            match answer {
                Ok(answer) => found.add((*platform).clone(), answer),
                Err(failure) => failures.push(explain::not_given(failure, self.context)),
            }
        }
        match Failure::all(failures) {
            None => Ok(found),
            Some(failure) => Err(failure),
        }
    }

    async fn find(&self, platform: &Platform, previous: &[String]) -> Result<OnPlatform, Failure> {
        let Self { build: Build { manifest, .. }, context, answers, python, scene, .. } = *self;
        let mut found = OnPlatform::default();
        let Some(image) = answers.base(platform) else { return Ok(found) };
        let target = Base::of(image, manifest.base.span);
        let (base, steps) = python::steps_base(manifest, answers, context, platform, &target);
        let run = &answers.base(&steps).unwrap_or(image).config.config;
        let environment = python::environment(python, scene.request, run);
        // What a base image has, it has for its own platform.
        let asked = if python.sees_system() {
            (target.clone(), platform.clone())
        } else {
            (base.clone(), steps.clone())
        };
        let previous = previous.to_vec();
        let mut asking =
            question::asking(python, context, platform, asked, environment.clone(), previous);
        asking.question.refresh = self.updating;
        let (answer, step) = self.ask(&asking).await?;
        found.asked.push(step);
        let mut packages = self.read(&answer)?;
        found.warnings.extend(explain::unlisted(python, &answer.unlisted));
        if let Some(reason) = whole(&packages) {
            found.warnings.push(explain::single(python, &reason));
            return Ok(found);
        }
        let mut plan =
            layers::plan(python, &packages, &target, (base, steps), environment, context);
        let asked = OrderQuestion {
            roots: named(answer.roots, &packages),
            machine: asking.question.machine,
            system: asking.question.system_site_packages,
        };
        let (warnings, step) = self.look(platform, &asked, &mut plan, &mut packages).await?;
        found.warnings.extend(warnings);
        found.asked.push(step);
        found.in_container = plan.in_container;
        found.packages = Some(packages);
        Ok(found)
    }

    async fn ask(&self, asking: &Asking) -> Result<(Answer, Output), Failure> {
        let Self { context, python, scene, .. } = *self;
        let platform = &asking.platform;
        let word = format!("{} {platform}", scene.request.session);
        let now = self.updating.then_some(word.as_str());
        let purposes = Purposes::default();
        let scene = &Scene { purposes: &purposes, ..*scene };
        let output = resolve::ask(asking, now, None, scene);
        let rejection = match self.file_of(&output, ANSWER).await {
            Ok(bytes) => {
                let answer = serde_json::from_slice(&bytes);
                return answer.map(|answer| (answer, output)).map_err(|error| {
                    Rejection::new(format!("the resolver's answer: {error}")).into()
                });
            }
            Err(rejection) => rejection,
        };
        match purposes.find(&rejection.vertices()) {
            Some(Purpose::Resolver) => {}
            Some(Purpose::BuildPackages) => {
                let needed = &asking.build_packages;
                return Err(explain::build_packages(needed, asking.span, rejection));
            }
            _ => return Err(explain::tools(python, rejection)),
        }
        // Of a step that failed nothing can be read, so it is asked for its words.
        let output = resolve::ask(asking, now, Some(&word), scene);
        let words = match self.file_of(&output, REPORT).await {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(_) => return Err(explain::tools(python, rejection)),
        };
        Err(explain::resolver(&words, python, context, platform).into())
    }

    /// The packages that an answer names, as far as the index tells.
    fn read(&self, answer: &Answer) -> Result<Packages, Failure> {
        let refused =
            |error: PylockError| Failure::from(explain::unusable(self.python, &error.to_string()));
        let mut hashes = self.context.hashes.clone();
        hashes.demanded.extend(requirements::hashes(&answer.exported));
        let choice =
            FileChoice { tags: Tags::new(&answer.tags), demanded: hashes.demanded.clone() };
        let mut wheels = match (&answer.pylock, &answer.report) {
            (Some(text), _) => {
                Pylock::parse(text).and_then(|lock| lock.wheels(WORK, &choice)).map_err(refused)?
            }
            (None, Some(report)) => {
                let report: Report = serde_json::from_value(report.clone())
                    .map_err(|error| refused(PylockError::Unreadable(error.to_string())))?;
                report.wheels(WORK)
            }
            (None, None) => Vec::new(),
        };
        let via = resolver::via(&answer.annotated);
        for wheel in &mut wheels {
            if let Some(by) = via.get(&wheel.name) {
                wheel.via = by.iter().map(|by| self.written_in(by, &wheel.name)).collect();
            }
        }
        let mut mistakes = explain::digests(&wheels, &hashes, self.context, self.python);
        mistakes.extend(explain::no_hash(&wheels, &hashes, self.context, self.python));
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        let installer = Pylock::parse(&answer.installer)
            .and_then(|lock| lock.wheels("/", &choice))
            .map_err(refused)?;
        let installer = installer.first().and_then(Wheel::artifact).cloned().unwrap_or_default();
        Ok(Packages {
            interpreter: answer.interpreter.clone(),
            installer,
            wheels,
            together: Vec::new(),
        })
    }

    /// Who asks for a package, in the user's own files: those that the step writes stand for
    /// others, which the resolver can't read.
    fn written_in(&self, by: &str, package: &str) -> String {
        let of = |is: fn(&str) -> bool| {
            let mut paths = self.python.requirements.iter().map(|file| file.value.as_str());
            paths.find(|path| is(path.rsplit('/').next().unwrap_or(path)))
        };
        let in_manifest = || {
            let names = self.python.packages.iter().filter_map(|it| name::named_by(&it.value));
            names.into_iter().any(|name| name == package)
        };
        let file = match by {
            EXPORTED => of(|name| name == "uv.lock"),
            PACKAGES if in_manifest() => return "the manifest".to_owned(),
            PACKAGES => of(pylock::is_pylock),
            _ => None,
        };
        file.map_or_else(|| by.to_owned(), |file| format!("-r {file}"))
    }

    /// Fills in the sizes, and which wheels have a path in common.
    async fn look(
        &self,
        platform: &Platform,
        asked: &OrderQuestion<'_>,
        plan: &mut Layers,
        packages: &mut Packages,
    ) -> Result<(Vec<Diagnostic>, Output), Failure> {
        let mut fetching = Fetching::default();
        let mut attempts = Attempts::default();
        let (looked, step) = loop {
            let purposes = Purposes::default();
            let known = attempts.clone();
            let scene = Scene { attempts: &known, purposes: &purposes, ..*self.scene };
            let output = resolve::look(plan, platform, asked, &scene);
            match self.file_of(&output, LOOKED).await {
                Ok(bytes) => break (bytes, output),
                Err(rejection) => match purposes.find(&rejection.vertices()) {
                    Some(Purpose::Wheel(artifact)) => {
                        fetching
                            .again(self.build.gateway, &rejection, plan, &artifact, &mut attempts)
                            .await?;
                    }
                    purpose => {
                        let manifest = &self.scene.request.filename;
                        return Err(fetching.explain(rejection, plan, purpose, manifest));
                    }
                },
            }
        };
        let looked: Looked = serde_json::from_slice(&looked)
            .map_err(|error| Rejection::new(format!("what is in the wheels: {error}")))?;
        for wheel in &mut packages.wheels {
            if let Origin::Wheel(artifact) = &mut wheel.origin {
                fill(artifact, &looked);
            }
        }
        let name = |file: &String| {
            let wheel = packages.wheels.iter().find(|wheel| {
                wheel.artifact().map_or(&wheel.name == file, |artifact| artifact.file() == *file)
            });
            wheel.map(|wheel| wheel.name.clone())
        };
        let together = looked.together.iter().map(|files| files.iter().filter_map(name).collect());
        packages.together = together.collect();
        Ok((fetching.warnings, step))
    }

    async fn file_of(&self, output: &Output, path: &str) -> Result<Vec<u8>, Rejection> {
        let gateway = self.build.gateway;
        let done: Ref = gateway.solve(self.build.definition(output), true).await?;
        gateway.read_file(&done, path).await
    }
}

/// What is asked for by its place in the context, by its name.
fn named(mut roots: Vec<Root>, packages: &Packages) -> Vec<Root> {
    for (name, ..) in &mut roots {
        let origin = Origin::Folder(resolver::below(WORK, name));
        if let Some(wheel) = packages.wheels.iter().find(|wheel| wheel.origin == origin) {
            name.clone_from(&wheel.name);
        }
    }
    // A project that was not built, as it is of another machine.
    roots.retain(|(name, ..)| !name.contains(':'));
    roots
}

fn fill(artifact: &mut Artifact, looked: &Looked) {
    if let Some(size) = looked.sizes.get(&artifact.file()) {
        artifact.size = *size;
    }
}

/// Why the packages can't be installed in layers, if they can't.
fn whole(packages: &Packages) -> Option<String> {
    let version: Vec<u32> =
        packages.interpreter.version.split('.').filter_map(|part| part.parse().ok()).collect();
    (version < vec![3, 10]).then(|| {
        format!("the base image has Python {}, and layers need 3.10", packages.interpreter.version)
    })
}
