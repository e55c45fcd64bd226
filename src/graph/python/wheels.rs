//! Where wheels come from: pinned downloads, a bundle, a container that fetches them, or
//! a build from source.

use buildkit_llb::{File, Http, Mount, Output, Platform, Vertex};

use super::{OUT, Online, PIP_CACHE, RUN, SECRETS, building, cache, tools};
use crate::{
    graph::{
        self, Scene, bundle,
        download::{self, FILE_MODE},
        layer, local,
        purpose::Purpose,
    },
    packages::{Artifact, Origin, Wheel, wheel::WheelName},
    plan::{
        places::REQUIREMENTS,
        python::{layers::Layers, question::machine},
    },
    values::secret::{self, named},
};

const BUILD: (&str, &str) = ("build.py", include_str!("build.py"));
const FETCH: (&str, &str) = ("fetch.py", include_str!("fetch.py"));

/// Where a step finds the wheel of a package.
pub fn place(file: &str) -> String {
    format!("{RUN}/wheels/{file}")
}

/// The download of a wheel without its digest, under the name of an attempt; 0 is the first. Its
/// cache key has the file's name, but not the index.
pub fn unpinned(artifact: &Artifact, attempt: u32) -> Http {
    Http {
        url: secret::anonymous(&artifact.url),
        filename: attempt_name(&artifact.file(), attempt),
        mode: Some(FILE_MODE),
        ..Http::default()
    }
}

/// A page with all wheels, where they were found: what no index of pip's settings has, such as
/// a build of torch or a wheel at a URL, is found by it.
fn links(layers: &Layers) -> String {
    let escaped = |url: &str| url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let link = |artifact: &Artifact| {
        let digest = artifact.digest.hex();
        format!("<a href=\"{}#sha256={digest}\">{}</a>\n", escaped(&artifact.url), artifact.file())
    };
    format!("<!DOCTYPE html>\n{}", layers.artifacts().map(link).collect::<String>())
}

fn attempt_name(file: &str, attempt: u32) -> String {
    if attempt == 0 { file.to_owned() } else { format!("{attempt}.{file}") }
}

/// What fetches wheels for one environment.
pub struct WheelSource<'a> {
    /// The environment.
    pub layers: &'a Layers,
    /// What its wheels are for.
    pub platform: &'a Platform,
    /// What every branch knows.
    pub scene: &'a Scene<'a>,
}

impl WheelSource<'_> {
    /// A mount with a file of an index, and its path there.
    pub fn artifact(&self, artifact: &Artifact) -> (Mount, String) {
        let file = artifact.file();
        let place = place(&file);
        let (output, path) = self.file(artifact);
        (self.scene.fixed(&place, &output, &path), place)
    }

    /// A mount with the wheel of a package, and its path: of what is built, a folder's.
    pub fn wheel(&self, wheel: &Wheel) -> (Mount, String) {
        if let Origin::Wheel(artifact) = &wheel.origin {
            return self.artifact(artifact);
        }
        let place = place(&wheel.name);
        (Mount::readonly(&place, &self.built(wheel)), place)
    }

    /// As [`Self::wheel`], through a copy.
    pub fn kept(&self, wheel: &Wheel) -> (Mount, String) {
        match &wheel.origin {
            Origin::Wheel(artifact) => self.kept_artifact(artifact),
            _ => self.wheel(wheel),
        }
    }

    /// As [`Self::artifact`], through a copy: a registry's cache holds copies but no
    /// downloads, so that a builder that has no more than that fetches only what changed.
    pub fn kept_artifact(&self, artifact: &Artifact) -> (Mount, String) {
        let file = artifact.file();
        let kept = download::kept(self.file(artifact), &file, "python", self.scene.timestamp());
        let place = place(&file);
        (self.scene.fixed(&place, &kept, &format!("/{file}")), place)
    }

    /// A file of an index, and its path there.
    pub fn file(&self, artifact: &Artifact) -> (Output, String) {
        let file = artifact.file();
        if let Some(bundle) = self.scene.bundle {
            let files = bundle.files(std::iter::once(&artifact.digest), self.scene.request);
            return (files, format!("/{}", bundle::path(&artifact.digest)));
        }
        if self.layers.in_container {
            return (self.fetched(), format!("/{file}"));
        }
        let source = unpinned(artifact, self.scene.attempts.of(&artifact.digest));
        let path = format!("/{}", source.filename);
        let source = Http { checksum: Some(artifact.digest.to_string()), ..source };
        let vertex = Vertex::new(source)
            .name(format!("[python] {file}"))
            .at(self.scene.at(self.layers.span));
        (self.scene.purposes.output(vertex, Purpose::Wheel(artifact.clone())), path)
    }

    /// All wheels, fetched by pip in a container: from its indexes, a mirror of what the lock names
    /// among them, or else from where they were found.
    pub fn fetched(&self) -> Output {
        let Self { layers, platform, scene } = self;
        let lines: String = layers
            .wheels()
            .filter_map(|wheel| Some((wheel.pin(), wheel.artifact()?)))
            .map(|(pin, artifact)| format!("{pin} --hash={}\n", artifact.digest))
            .chain([format!("installer --hash={}\n", layers.installer.digest)])
            .collect();
        // Each in a tree of its own: when a step fails that has two mounts of one, BuildKit
        // tells no more than that it has "released an already released reference".
        let [pins, page] = [("/wheels.txt", lines), ("/links.html", links(layers))].map(|it| {
            let file = layer::mkfile(it.0, &it.1, scene.timestamp());
            Vertex::new(File::on_scratch(vec![file])).name("[internal] wheels").output()
        });
        let root = graph::base(&layers.base, &layers.steps, scene);
        let tools = tools::tools(&root, &layers.steps, &layers.environment, layers.span, scene);
        let [list_path, links_path] = ["wheels.txt", "links.html"].map(|it| format!("{RUN}/{it}"));
        let secrets = layers.artifacts().flat_map(|it| named::in_urls(&it.url)).collect();
        let pip = format!("{RUN}/pip.whl");
        let args = [OUT, &pip, PIP_CACHE, SECRETS, &list_path, &links_path].map(str::to_owned);
        let step = Online {
            root: &root,
            platform: &layers.steps,
            env: &layers.environment,
            program: FETCH,
            modules: &[],
            args: args.into_iter().chain(self.foreign()).collect(),
            mounts: vec![
                Mount::scratch(OUT),
                scene.fixed(&pip, &tools, "/pip.whl"),
                scene.fixed(&list_path, &pins, "/wheels.txt"),
                scene.fixed(&links_path, &page, "/links.html"),
                cache(PIP_CACHE, "modelcache-pip", scene),
            ],
            secrets,
            name: scene.name(Some(platform), "python", "fetch wheels in a container"),
            span: layers.span,
        };
        scene.purposes.output(step.vertex(scene), Purpose::Wheels)
    }

    /// pip's options for wheels of another machine than the one it runs on.
    fn foreign(&self) -> Vec<String> {
        let Self { layers, platform, .. } = self;
        if layers.steps.architecture == platform.architecture {
            return Vec::new();
        }
        let names = layers.wheels().filter_map(|wheel| {
            WheelName::parse(&wheel.artifact()?.file()).map(|name| (name.abi, name.platform))
        });
        let (abis, platforms): (Vec<String>, Vec<String>) = names.unzip();
        let split = |list: Vec<String>, option: &str| -> Vec<String> {
            let tags: std::collections::BTreeSet<String> =
                list.iter().flat_map(|tags| tags.split('.')).map(str::to_owned).collect();
            tags.into_iter().map(|tag| format!("--{option}={tag}")).collect()
        };
        let version = format!("--python-version={}", layers.interpreter.minor());
        let implementation = "--implementation=cp".to_owned();
        [vec![version, implementation], split(abis, "abi"), split(platforms, "platform")].concat()
    }

    /// The wheel of a package, built from its source, in a folder of its own.
    pub fn built(&self, wheel: &Wheel) -> Output {
        let Self { layers, platform, scene } = self;
        // What is compiled is for the machine that it will run on.
        let root = building::build_base(layers, platform, scene);
        let tools = tools::tools(&root, platform, &layers.environment, layers.span, scene);
        let pip = format!("{RUN}/pip.whl");
        let mut mounts = vec![
            Mount::scratch(OUT),
            scene.fixed(&pip, &tools, "/pip.whl"),
            cache(PIP_CACHE, &self.build_cache(), scene),
        ];
        let requirement = match &wheel.origin {
            Origin::Wheel(artifact) | Origin::Archive(artifact) => {
                format!("{} @ {}#sha256={}", wheel.name, artifact.url, artifact.digest.hex())
            }
            Origin::Commit(reference) => format!("{} @ {reference}", wheel.name),
            Origin::Folder(path) => {
                let project = local::project(path, scene);
                mounts.push(Mount::readonly(REQUIREMENTS, &project));
                format!("{REQUIREMENTS}/{path}")
            }
        };
        let args = [OUT, &pip, PIP_CACHE, SECRETS, &requirement].map(str::to_owned);
        let step = Online {
            root: &root,
            platform,
            env: &layers.environment,
            program: BUILD,
            modules: &[],
            args: args.to_vec(),
            mounts,
            secrets: named::in_urls(&requirement),
            name: scene.name(Some(platform), "python", &format!("build {}", wheel.pin())),
            span: layers.span,
        };
        scene.purposes.output(step.vertex(scene), Purpose::Built(wheel.name.clone()))
    }

    /// The cache of builds: a wheel of this machine's making says less about what it runs
    /// on than one of an index, so Python, libc and machine are in the name.
    fn build_cache(&self) -> String {
        let Self { layers, platform, .. } = self;
        let libc = layers.interpreter.libc.split(' ').next().unwrap_or_default();
        let machine = machine(platform).unwrap_or(&platform.architecture);
        format!("modelcache-build-{}-{libc}-{machine}", layers.interpreter.minor())
    }
}
