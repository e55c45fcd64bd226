//! The packages in layers: the bare environment, and each group of wheels.
//!
//! Every step runs on one image with a read-only root and no network, and writes to one
//! mount alone: of a group, an empty folder; of the bare environment, which holds its own
//! place, a tree of nothing but its parent folders. What comes out is the same to the bit on every machine, so an unchanged group is an
//! unchanged layer everywhere.

use buildkit_llb::{Mount, Output, Timestamp, Vertex};

use super::{OUT, offline, programs, steps, wheels::WheelSource};
use crate::{
    graph::{self, Scene, layer},
    plan::{
        Plan,
        places::VENV,
        python::{groups::Group, layers::Layers},
    },
};

const ENVIRONMENT: (&str, &str) = ("environment.py", include_str!("environment.py"));
/// What makes an environment: the program, and the module that it leaves there.
pub(super) const FRAME: [(&str, &str); 2] = [ENVIRONMENT, ("pip.py", include_str!("pip.py"))];
const WHEELS: (&str, &str) = ("wheels.py", include_str!("wheels.py"));

/// The environment of `layers`: its frame and its groups, each over nothing.
pub fn layers(layers: &Layers, plan: &Plan, scene: &Scene<'_>) -> Vec<Output> {
    let root = graph::base(&layers.base, &layers.steps, scene);
    let source = WheelSource { layers, platform: &plan.platform, scene };
    let warm = warm(&root, &source);
    let groups = layers.groups.iter().map(|group| install(group, &warm, &source));
    std::iter::once(frame(&root, layers, scene)).chain(groups).collect()
}

/// The empty environment.
fn frame(root: &Output, layers: &Layers, scene: &Scene<'_>) -> Output {
    let mut args = command(layers, ENVIRONMENT.0);
    args.extend([VENV.to_owned(), scene.request.epoch.to_string()]);
    if layers.system {
        args.push("--system-site-packages".to_owned());
    }
    let mounts = vec![
        Mount::readonly("/", root),
        scene.fixed(&steps(), &programs(&FRAME, scene), ""),
        Mount::tmpfs("/tmp", None),
        Mount::writable_path(VENV, &place(scene), VENV),
    ];
    let vertex = Vertex::new(offline(args, &[("HOME", "/tmp")], mounts))
        .platform(&layers.steps)
        .name("[python] make the environment");
    finish(vertex, layers, scene)
}

/// The base with the bytecode of what installing imports. It is no part of the image:
/// official images have the standard library without, and each step would compile it anew.
fn warm(root: &Output, source: &WheelSource<'_>) -> Output {
    let WheelSource { layers, scene, .. } = source;
    let (mount, installer) = source.kept_artifact(&layers.installer);
    let mut args = command(layers, ENVIRONMENT.0);
    // Here, bytecode shall be written.
    args.retain(|arg| arg != "-B");
    args.extend(["--warm".to_owned(), installer]);
    let mounts = vec![
        Mount::writable("/", root),
        scene.fixed(&steps(), &programs(&[ENVIRONMENT], scene), ""),
        mount,
    ];
    Vertex::new(offline(args, &[("HOME", "/tmp")], mounts))
        .platform(&layers.steps)
        .name("[internal] warm the interpreter up")
        .output()
}

/// The wheels of a group.
fn install(group: &Group, root: &Output, source: &WheelSource<'_>) -> Output {
    let WheelSource { layers, scene, .. } = source;
    let (installer, installer_path) = source.kept_artifact(&layers.installer);
    let mut args = command(layers, WHEELS.0);
    let bytecode = u8::from(layers.bytecode).to_string();
    args.extend([OUT, VENV].map(str::to_owned));
    args.extend([scene.request.epoch.to_string(), bytecode, installer_path]);
    let mut mounts = vec![
        Mount::readonly("/", root),
        scene.fixed(&steps(), &programs(&[WHEELS], scene), ""),
        Mount::tmpfs("/tmp", None),
        installer,
        // Nothing is below it: the folders down to the environment would be a layer of
        // their own under each group's.
        Mount::scratch(OUT),
    ];
    for wheel in &group.wheels {
        let is_alone = group.wheels.len() == 1;
        let (mount, path) = if is_alone { source.wheel(wheel) } else { source.kept(wheel) };
        mounts.push(mount);
        args.push(path);
    }
    let env = [("HOME", "/tmp"), ("PYTHONHASHSEED", "0")];
    let vertex = Vertex::new(offline(args, &env, mounts))
        .platform(&layers.steps)
        .name(format!("[python] install {}", group.title()));
    finish(vertex, layers, scene)
}

/// The interpreter and its program. Not `-I` or `-E`: they ignore the hash seed, which is
/// in the bytecode of Python 3.10 and older.
fn command(layers: &Layers, program: &str) -> Vec<String> {
    let program = format!("{}/{program}", steps());
    [&layers.interpreter.path, "-s", "-B", &program].map(str::to_owned).to_vec()
}

/// The folders down to the environment.
fn place(scene: &Scene<'_>) -> Output {
    let mut folders = layer::Folders::default();
    folders.add(VENV);
    let timestamp: Timestamp = scene.timestamp();
    layer::vertex(&folders, Vec::new(), timestamp).name("[internal] folders").output()
}

fn finish(vertex: Vertex, layers: &Layers, scene: &Scene<'_>) -> Output {
    let vertex = vertex.at(scene.at(layers.span));
    if scene.request.ignores_cache("python") { vertex.ignore_cache() } else { vertex }.output()
}
