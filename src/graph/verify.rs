//! The proofs: processes whose only result is that they ended well.

use buildkit_llb::{Copy, Exec, File, FileAction, Mount, Network, Output, Owner, Vertex};

use crate::{
    graph::{Scene, layer},
    plan::{
        Plan,
        verify::{Proof, Subject, program::listing},
    },
};

/// The program that loads the models, and its parts.
const PROGRAM: [(&str, &str); 5] = [
    ("/modelcache_assets.py", include_str!("verify/modelcache_assets.py")),
    ("/modelcache_files.py", include_str!("verify/modelcache_files.py")),
    ("/modelcache_gguf.py", include_str!("verify/modelcache_gguf.py")),
    ("/modelcache_libraries.py", include_str!("verify/modelcache_libraries.py")),
    ("/modelcache_verify.py", include_str!("verify/modelcache_verify.py")),
];
const MODELS: &str = "/models.json";

/// The program that imports packages.
const IMPORTER: [(&str, &str); 1] =
    [("/modelcache_imports.py", include_str!("verify/modelcache_imports.py"))];
const PACKAGES: &str = "/packages.json";

/// The program that looks for programs.
const FINDER: [(&str, &str); 1] =
    [("/modelcache_program.py", include_str!("verify/modelcache_program.py"))];
const LOOKUPS: &str = "/lookups.json";

/// Where a process finds the program and leaves its report.
const PROGRAM_PATH: &str = "/run/modelcache/verify";
const REPORT_PATH: &str = "/run/modelcache/report";

/// That folder in the tree that a process leaves, and what is in it.
const REPORT: &str = "/report";
/// What is wrong.
pub const REPORT_FILE: &str = "/report/report.json";
/// Is there if nothing is wrong.
const PASSED_FILE: &str = "/report/passed";

/// What the process of a proof leaves behind in `root`: for models and imports, a report.
pub fn run(proof: &Proof, root: &Output, plan: &Plan, scene: &Scene<'_>) -> Vertex {
    let place = Vertex::new(File::on_scratch(vec![report_folder(proof, scene)]))
        .name("[internal] folders")
        .output();
    let mut mounts = vec![
        Mount::readonly("/", root),
        Mount::tmpfs("/tmp", None),
        Mount::writable_path(REPORT_PATH, &place, REPORT),
    ];
    let request = scene.request;
    if request.shm_size.is_some() {
        mounts.push(Mount::tmpfs("/dev/shm", request.shm_size));
    }
    let (args, cwd, title) = match &proof.subject {
        Subject::Models { python, listing, entries } => {
            let files = PROGRAM.into_iter().chain([(MODELS, listing.as_str())]);
            mounts.push(Mount::readonly(PROGRAM_PATH, &program(files, scene)));
            let program = format!("{PROGRAM_PATH}/modelcache_verify.py");
            let models = format!("{PROGRAM_PATH}{MODELS}");
            let args = vec![python.clone(), program, models, REPORT_PATH.to_owned()];
            let count = entries.len();
            let plural = if count == 1 { "" } else { "s" };
            (args, "/".to_owned(), format!("load {count} model{plural} without a network"))
        }
        Subject::Imports { python, listing, count } => {
            let files = IMPORTER.into_iter().chain([(PACKAGES, listing.as_str())]);
            mounts.push(Mount::readonly(PROGRAM_PATH, &program(files, scene)));
            let program = format!("{PROGRAM_PATH}/modelcache_imports.py");
            let packages = format!("{PROGRAM_PATH}{PACKAGES}");
            let args = vec![python.clone(), program, packages, REPORT_PATH.to_owned()];
            let plural = if *count == 1 { "" } else { "s" };
            (args, "/".to_owned(), format!("import {count} package{plural} without a network"))
        }
        Subject::Programs { python, lookups } => {
            let listing = listing(lookups);
            let files = FINDER.into_iter().chain([(LOOKUPS, listing.as_str())]);
            mounts.push(Mount::readonly(PROGRAM_PATH, &program(files, scene)));
            let program = format!("{PROGRAM_PATH}/modelcache_program.py");
            let listing = format!("{PROGRAM_PATH}{LOOKUPS}");
            let args = vec![python.clone(), program, listing, REPORT_PATH.to_owned()];
            let names: Vec<&str> = lookups.iter().map(|lookup| lookup.name.as_str()).collect();
            (args, "/".to_owned(), format!("look for {}", names.join(", ")))
        }
        Subject::Command { words, workdir } => (words.clone(), workdir.clone(), words.join(" ")),
    };
    let (uid, gid) = proof.owner;
    let exec = Exec {
        args,
        env: proof.environment.clone(),
        cwd,
        user: Some(format!("{uid}:{gid}")),
        network: Network::None,
        mounts,
        ulimits: request.ulimits.clone(),
        cgroup_parent: request.cgroup_parent.clone(),
        ..Exec::default()
    };
    let vertex = Vertex::new(exec)
        .platform(&plan.platform)
        .name(scene.name(Some(&plan.platform), "verify", &title))
        .at(scene.at(proof.span));
    if request.ignores_cache("verify") { vertex.ignore_cache() } else { vertex }
}

/// A vertex that fails unless `run` ended well and found nothing wrong; none where `run` itself
/// does.
///
/// A model that doesn't load, or a package that can't be imported, is a result like any other, which the daemon keeps, and
/// which can be read. The files of a process that fails, nobody can read.
pub fn gate(proof: &Proof, run: &Output, plan: &Plan, scene: &Scene<'_>) -> Option<Vertex> {
    if let Subject::Command { .. } = proof.subject {
        return None;
    }
    let timestamp = scene.timestamp();
    let copy = Copy { timestamp, ..Copy::new(run, PASSED_FILE, "/passed") };
    let vertex = Vertex::new(File::on_scratch(vec![copy.into()]))
        .name(scene.name(Some(&plan.platform), "verify", "judge"))
        .at(scene.at(proof.span));
    Some(vertex)
}

/// The one place that the image's user can write to, beside `/tmp`.
fn report_folder(proof: &Proof, scene: &Scene<'_>) -> FileAction {
    let (uid, gid) = proof.owner;
    FileAction::Mkdir {
        path: REPORT.into(),
        mode: 0o755,
        parents: false,
        owner: Some(Owner { uid, gid }.into()),
        timestamp: scene.timestamp(),
    }
}

fn program<'a>(files: impl Iterator<Item = (&'a str, &'a str)>, scene: &Scene<'_>) -> Output {
    let actions = files.map(|(path, text)| layer::mkfile(path, text, scene.timestamp()));
    Vertex::new(File::on_scratch(actions.collect())).name("[internal] verify program").output()
}
