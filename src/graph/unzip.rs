//! Zip archives, unpacked by the base image's Python: the daemon itself reads tar alone.

use buildkit_llb::{Exec, File, FileAction, Mount, Network, Output, Owner, Platform, Vertex};

use crate::{
    graph::{Scene, layer},
    plan::asset::BasePython,
};

/// The program.
const PROGRAM: &str = include_str!("unzip/unzip.py");

/// Where the process finds the program and the archive, and where it writes.
const PROGRAM_PATH: &str = "/run/modelcache/unzip.py";
const ARCHIVE_PATH: &str = "/run/modelcache/archive.zip";
const FOLDER_PATH: &str = "/run/modelcache/contents";

/// That folder in the tree that the process leaves.
const FOLDER: &str = "/contents";

/// What is in the archive `blob` of `source`, as a folder of the name `FOLDER`. The
/// process has a read-only root and no network: it can write nothing else.
pub fn vertex(
    python: &BasePython,
    source: &Output,
    blob: &str,
    base: &Output,
    platform: &Platform,
    scene: &Scene<'_>,
) -> Vertex {
    let timestamp = scene.timestamp();
    let place = FileAction::Mkdir {
        path: FOLDER.into(),
        mode: 0o755,
        parents: false,
        owner: Some(Owner { uid: 0, gid: 0 }.into()),
        timestamp,
    };
    let place = Vertex::new(File::on_scratch(vec![place])).name("[internal] folders").output();
    let name = "/unzip.py";
    let program = File::on_scratch(vec![layer::mkfile(name, PROGRAM, timestamp)]);
    let program = Vertex::new(program).name("[internal] unzip program").output();
    let options = ["-s", "-B", PROGRAM_PATH, ARCHIVE_PATH, FOLDER_PATH].map(str::to_owned);
    let exec = Exec {
        args: std::iter::once(python.path.clone()).chain(options).collect(),
        env: python.environment.clone(),
        cwd: "/".into(),
        network: Network::None,
        mounts: vec![
            Mount::readonly("/", base),
            Mount::readonly_path(PROGRAM_PATH, &program, name),
            Mount::readonly_path(ARCHIVE_PATH, source, blob),
            Mount::writable_path(FOLDER_PATH, &place, FOLDER),
        ],
        ulimits: scene.request.ulimits.clone(),
        cgroup_parent: scene.request.cgroup_parent.clone(),
        ..Exec::default()
    };
    Vertex::new(exec).platform(platform)
}
