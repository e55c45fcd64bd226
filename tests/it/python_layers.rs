//! Packages in layers, as a graph: for two platforms, without a merge, and by themselves.

use std::collections::BTreeMap;

use buildkit_llb::View;
use expect_test::expect;
use modelcache::{
    answers::{Answers, BaseImage},
    document::Document,
    graph::{self, Scene, download::Attempts, purpose::Purposes},
    manifest,
    packages::{Artifact, Interpreter, Origin, Packages, Wheel},
    plan::{self, ContextFiles, Plan, python::PythonPlan},
    request::Request,
    values::{
        capabilities::{self, Capabilities},
        config::ImageConfig,
        digest::Digest,
    },
};

use crate::support::platform;

mod proxy;

const MANIFEST: &str = "base: python:3.13-slim\npython: {packages: [pure, native]}\nuser: root\n";

fn base(architecture: &str) -> BaseImage {
    let (architecture, os) = (architecture.to_owned(), "linux".to_owned());
    BaseImage {
        reference: "docker.io/library/python@sha256:b".into(),
        config: ImageConfig { architecture, os, ..ImageConfig::default() },
        ..BaseImage::default()
    }
}

fn artifact(file: &str) -> Artifact {
    let digest = Digest::of(file.as_bytes());
    Artifact { url: format!("https://example.com/{file}"), size: 3, digest }
}

fn packages(machine: &str) -> Packages {
    let wheel = |name: &str, tag: &str| Wheel {
        name: name.into(),
        version: "1".into(),
        origin: Origin::Wheel(artifact(&format!("{name}-1-{tag}.whl"))),
        ..Wheel::default()
    };
    let (path, version) = ("/usr/bin/python3".into(), "3.13.5".into());
    Packages {
        interpreter: Interpreter { path, version, libc: "glibc 2.41".into() },
        installer: artifact("installer-1.1.0-py3-none-any.whl"),
        wheels: vec![
            wheel("native", &format!("cp313-cp313-manylinux_2_28_{machine}")),
            wheel("pure", "py3-none-any"),
        ],
        together: Vec::new(),
    }
}

/// A lock for both platforms, with the base images of `known`.
fn lock(known: &[&str]) -> Answers {
    let machines = [("amd64", "x86_64"), ("arm64", "aarch64")];
    let key = |architecture: &str| platform(&format!("linux/{architecture}"));
    Answers {
        base: known.iter().map(|it| (key(it), base(it))).collect(),
        python: machines.map(|(it, machine)| (key(it), packages(machine))).into(),
        ..Answers::default()
    }
}

/// The plan for `platform` of a builder that is amd64.
fn plan_for(platform: &str, lock: &Answers, request: &Request) -> Plan {
    let source = Document::new("modelcache.yaml", MANIFEST);
    let parsed = manifest::parse(&source, &BTreeMap::new());
    let manifest = parsed.manifest.expect("a manifest without mistakes");
    let builder = Some("linux/amd64".parse().expect("a platform"));
    let context = ContextFiles { builder, ..ContextFiles::default() };
    let platform = platform.parse().expect("a platform");
    plan::plan(&manifest, lock, &context, &platform, request).expect("a plan")
}

/// What `show` makes of the scene of `request`.
fn on<T>(capabilities: &Capabilities, request: &Request, show: impl Fn(&Scene<'_>) -> T) -> T {
    show(&Scene {
        request,
        capabilities,
        manifest: &Document::new("modelcache.yaml", MANIFEST),
        bundle: None,
        ignore: &[],
        attempts: &Attempts::default(),
        purposes: &Purposes::default(),
        many_platforms: true,
    })
}

/// The digests of the layers: the bare environment's and those of the groups.
fn digests(plan: &Plan) -> Vec<String> {
    let request = Request::default();
    on(&capabilities::current(), &request, |scene| {
        let python = plan.python.as_ref().expect("there are packages");
        let nothing = graph::layer::empty();
        let layers = graph::python::layers(python, plan, &nothing, scene);
        layers.iter().map(|layer| layer.digest().clone()).collect()
    })
}

/// The vertices that run a program or put the image together.
fn steps(plan: &Plan, capabilities: &Capabilities, request: &Request) -> String {
    let text = on(capabilities, request, |scene| {
        let definition = buildkit_llb::marshal(&graph::emit(plan, scene), &[]);
        buildkit_llb::text(&definition).expect("a definition we marshalled")
    });
    let is_step = |line: &&str| {
        let kind = line.split_whitespace().nth(1).unwrap_or_default();
        !line.starts_with(' ') && (["exec", "merge"].contains(&kind) || line.contains(" image] "))
    };
    let words = |line: &str| {
        let (left, name) = line.split_once("  -- ").unwrap_or((line, ""));
        let kind = left.split_whitespace().nth(1).unwrap_or_default();
        let platform = left.split_whitespace().find(|word| word.starts_with("linux/"));
        format!("{kind} {} {name}\n", platform.unwrap_or_default())
    };
    text.lines().filter(is_step).map(words).collect()
}

#[test]
fn what_runs_on_any_machine_is_the_same_layer_for_both_platforms() {
    let lock = lock(&["amd64", "arm64"]);
    let request = Request::default();
    let [amd64, arm64] =
        ["linux/amd64", "linux/arm64"].map(|platform| plan_for(platform, &lock, &request));
    let shared = digests(&amd64).into_iter().zip(digests(&arm64)).map(|(a, b)| a == b);
    // The bare environment, pure and native.
    assert_eq!(shared.collect::<Vec<_>>(), [true, true, false]);
    expect![[r#"
        exec linux/amd64 [python] make the environment
        exec linux/amd64 [internal] warm the interpreter up
        exec linux/amd64 [python] install pure==1
        exec linux/amd64 [python] install native==1
        merge  [linux/arm64 image] assemble
    "#]]
    .assert_eq(&steps(&arm64, &capabilities::current(), &request));
}

#[test]
fn without_the_builders_own_base_image_steps_run_on_the_target_platform() {
    let request = Request::default();
    let plan = plan_for("linux/arm64", &lock(&["arm64"]), &request);
    expect![[r#"
        exec linux/arm64 [python] make the environment
        exec linux/arm64 [internal] warm the interpreter up
        exec linux/arm64 [python] install pure==1
        exec linux/arm64 [python] install native==1
        merge  [linux/arm64 image] assemble
    "#]]
    .assert_eq(&steps(&plan, &capabilities::current(), &request));
}

#[test]
fn without_merge_each_layer_is_copied_onto_the_one_before() {
    let request = Request::default();
    let plan = plan_for("linux/amd64", &lock(&["amd64"]), &request);
    let old = ["file.base"].into_iter().collect();
    expect![[r#"
        exec linux/amd64 [python] make the environment
        file  [linux/amd64 image] add a layer
        exec linux/amd64 [internal] warm the interpreter up
        exec linux/amd64 [python] install pure==1
        file  [linux/amd64 image] add a layer
        exec linux/amd64 [python] install native==1
        file  [linux/amd64 image] add a layer
    "#]]
    .assert_eq(&steps(&plan, &old, &request));
}

#[test]
fn the_packages_alone_are_the_images_layers_on_nothing() {
    let request = Request { target: Some("python".into()), ..Request::default() };
    let lock = lock(&["amd64"]);
    let alone = plan_for("linux/amd64", &lock, &request);
    assert_eq!(digests(&alone), digests(&plan_for("linux/amd64", &lock, &Request::default())));
    expect![[r#"
        exec linux/amd64 [python] make the environment
        exec linux/amd64 [internal] warm the interpreter up
        exec linux/amd64 [python] install pure==1
        exec linux/amd64 [python] install native==1
        merge  [linux/amd64 image] assemble
    "#]]
    .assert_eq(&steps(&alone, &capabilities::current(), &request));
    let config = serde_json::to_string(&alone.config).expect("a config is JSON");
    expect![[r#"{"architecture":"amd64","os":"linux","config":{}}"#]].assert_eq(&config);
}

#[test]
fn apt_has_its_folders_to_itself() {
    let request = Request::default();
    let mut lock = lock(&["amd64"]);
    let packages = lock.python.get_mut(&platform("linux/amd64")).expect("it is locked");
    packages.wheels[0].origin = Origin::Commit("git+https://example.com/native@1".into());
    let mut plan = plan_for("linux/amd64", &lock, &request);
    let Some(PythonPlan::Layers(layers)) = &mut plan.python else { panic!("it is locked") };
    layers.build_packages = vec!["git".into()];
    let view = on(&capabilities::current(), &request, |scene| {
        View::of(&buildkit_llb::marshal(&graph::emit(&plan, scene), &[]))
    });
    let view = view.expect("a definition we marshalled");
    let caches = view.ops.iter().flat_map(|op| &op.details).filter(|it| it.contains(" cache "));
    let caches: String = caches.map(|it| format!("{it}\n")).collect();
    // apt ends at once where another one holds them; pip does not.
    expect![[r#"
        /var/cache/apt cache /modelcache-apt locked
        /var/lib/apt cache /modelcache-apt-lists locked
        /var/cache/modelcache/pip cache /modelcache-pip shared
        /var/cache/modelcache/pip cache /modelcache-build-3.13-glibc-x86_64 shared
    "#]]
    .assert_eq(&caches);
}
