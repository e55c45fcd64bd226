//! The proofs: processes whose only result is that they ended well.

use buildkit_llb::{Copy, Exec, File, FileAction, Mount, Network, Output, Owner, Vertex};

use crate::{
    graph::{Scene, layer},
    plan::{
        Plan,
        verify::{Proof, Subject},
    },
};

/// The program that loads the models, and its parts.
const PROGRAM: [(&str, &str); 4] = [
    ("/modelcache_files.py", include_str!("verify/modelcache_files.py")),
    ("/modelcache_gguf.py", include_str!("verify/modelcache_gguf.py")),
    ("/modelcache_libraries.py", include_str!("verify/modelcache_libraries.py")),
    ("/modelcache_verify.py", include_str!("verify/modelcache_verify.py")),
];
const MODELS: &str = "/models.json";

/// Where a process finds the program and leaves its report.
const PROGRAM_PATH: &str = "/run/modelcache/verify";
const REPORT_PATH: &str = "/run/modelcache/report";

/// That folder in the tree that a process leaves, and what is in it.
const REPORT: &str = "/report";
/// What is wrong.
pub const REPORT_FILE: &str = "/report/report.json";
/// Is there if nothing is wrong.
const PASSED_FILE: &str = "/report/passed";

/// What the process of a proof leaves behind in `root`: for models, a report.
pub fn run(proof: &Proof, root: &Output, plan: &Plan, scene: &Scene<'_>) -> Output {
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
        Subject::Models { python, listing, count } => {
            mounts.push(Mount::readonly(PROGRAM_PATH, &program(listing, scene)));
            let program = format!("{PROGRAM_PATH}/modelcache_verify.py");
            let models = format!("{PROGRAM_PATH}{MODELS}");
            let args = vec![python.clone(), program, models, REPORT_PATH.to_owned()];
            let plural = if *count == 1 { "" } else { "s" };
            (args, "/".to_owned(), format!("load {count} model{plural} without a network"))
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
    if request.ignores_cache("verify") { vertex.ignore_cache() } else { vertex }.output()
}

/// A vertex that fails unless `run` ended well and found nothing wrong.
///
/// A model that doesn't load is a result like any other, which the daemon keeps, and
/// which can be read. The files of a process that fails, nobody can read.
pub fn gate(proof: &Proof, run: &Output, plan: &Plan, scene: &Scene<'_>) -> Output {
    let Subject::Models { .. } = proof.subject else { return run.clone() };
    let timestamp = scene.timestamp();
    let copy = Copy { timestamp, ..Copy::new(run, PASSED_FILE, "/passed") };
    Vertex::new(File::on_scratch(vec![copy.into()]))
        .name(scene.name(Some(&plan.platform), "verify", "judge"))
        .at(scene.at(proof.span))
        .output()
}

/// The one place that the image's user can write to, beside `/tmp`.
fn report_folder(proof: &Proof, scene: &Scene<'_>) -> FileAction {
    let (uid, gid) = proof.owner;
    FileAction::Mkdir {
        path: REPORT.into(),
        mode: 0o755,
        parents: false,
        owner: Some(Owner { uid, gid }),
        timestamp: scene.timestamp(),
    }
}

fn program(listing: &str, scene: &Scene<'_>) -> Output {
    let files = PROGRAM.into_iter().chain([(MODELS, listing)]);
    let actions = files.map(|(path, text)| layer::mkfile(path, text, scene.timestamp()));
    Vertex::new(File::on_scratch(actions.collect())).name("[internal] verify program").output()
}
