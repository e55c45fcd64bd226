//! The Python layer: a virtual environment filled by one run of pip.

use std::collections::BTreeSet;

use buildkit_llb::{Exec, File, Mount, Output, Sharing, Vertex};

use crate::{
    graph::{Scene, layer, local},
    plan::{
        Plan,
        python::{Install, REQUIREMENTS, VENV},
    },
};

/// The program that makes the environment and runs pip.
const DRIVER: &str = include_str!("python/install.py");

/// Where the step finds its program, its secrets and pip's cache.
const DRIVER_PATH: &str = "/run/modelcache/install.py";
const SECRETS: &str = "/run/secrets";
const PIP_CACHE: &str = "/var/cache/modelcache/pip";

/// Build secrets that the step may use: id, which is also the file's name.
/// `--secret id=ca-certificates,src=…` and so on; none is required.
pub const SECRET_IDS: [&str; 3] = ["ca-certificates", "netrc", "pip-config"];

/// The environment of `install`, as a layer over nothing.
pub fn layer(install: &Install, plan: &Plan, base: &Output, scene: &Scene<'_>) -> Output {
    let timestamp = scene.timestamp();
    let mut folders = BTreeSet::new();
    layer::add_folder(&mut folders, VENV);
    let place = layer::vertex(&folders, Vec::new(), timestamp).name("[internal] folders").output();
    let name = DRIVER_PATH.rsplit('/').next().unwrap_or(DRIVER_PATH);
    let program = layer::mkfile(&format!("/{name}"), DRIVER, timestamp);
    let driver =
        Vertex::new(File::on_scratch(vec![program])).name("[internal] install program").output();
    let mut mounts = vec![
        Mount::readonly("/", base),
        Mount::readonly_path(DRIVER_PATH, &driver, format!("/{name}")),
        Mount::writable_path(VENV, &place, VENV),
        Mount::cache(PIP_CACHE, cache_id(scene, "modelcache-pip"), Sharing::Shared),
        Mount::tmpfs("/tmp", None),
    ];
    if !install.files.is_empty() {
        mounts.push(Mount::readonly(
            REQUIREMENTS,
            &local::requirements(&install.files, scene.request),
        ));
    }
    mounts.extend(SECRET_IDS.map(|id| Mount::secret(format!("{SECRETS}/{id}"), id, 0o400, true)));
    let request = scene.request;
    if request.shm_size.is_some() {
        mounts.push(Mount::tmpfs("/dev/shm", request.shm_size));
    }
    let options = ["python3", DRIVER_PATH, VENV, PIP_CACHE, SECRETS].map(str::to_owned);
    let exec = Exec {
        args: options.into_iter().chain(install.arguments.iter().cloned()).collect(),
        env: install.environment.clone(),
        cwd: "/".into(),
        network: request.network,
        mounts,
        extra_hosts: request.add_hosts.clone(),
        ulimits: request.ulimits.clone(),
        cgroup_parent: request.cgroup_parent.clone(),
        hostname: request.hostname.clone(),
        proxy: request.proxy.clone(),
        ..Exec::default()
    };
    let vertex = Vertex::new(exec)
        .platform(&plan.platform)
        .name(scene.name(Some(&plan.platform), "python", &format!("pip install {}", install.title)))
        .at(scene.at(install.span));
    if request.ignores_cache("python") { vertex.ignore_cache() } else { vertex }.output()
}

/// The id of a cache mount, in the form that the Dockerfile frontend gives one.
fn cache_id(scene: &Scene<'_>, name: &str) -> String {
    format!("{}/{name}", scene.request.cache_namespace)
}
