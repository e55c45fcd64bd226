//! The Python packages: the layers of a virtual environment, and the steps that find out
//! what belongs into it.

use std::collections::BTreeSet;

use buildkit_llb::{Exec, File, Mount, Network, Output, Platform, Sharing, Vertex};

use crate::{
    document::Span,
    graph::{Scene, layer},
    plan::{Plan, python::PythonPlan},
    values::secret::passed::OF_PACKAGES,
};

pub mod building;
pub mod layers;
pub mod resolve;
pub mod single;
pub mod tools;
pub mod wheels;

/// Where a step finds its program and its other inputs.
const RUN: &str = "/run/modelcache";
const SECRETS: &str = "/run/secrets";
/// Where a step finds the secrets that requirements name: `shared.values` reads them.
const NAMED: &str = "/run/secrets/named";
const OUT: &str = "/run/modelcache/out";
/// What pip remembers.
const PIP_CACHE: &str = "/var/cache/modelcache/pip";

/// What programs share that use the network.
const SHARED: (&str, &str) = ("shared.py", include_str!("python/shared.py"));

/// The layers of the environment, over nothing.
pub fn layers(python: &PythonPlan, plan: &Plan, base: &Output, scene: &Scene<'_>) -> Vec<Output> {
    match python {
        PythonPlan::Single(install) => vec![single::layer(install, plan, base, scene)],
        PythonPlan::Layers(environment) => layers::layers(environment, plan, scene),
        // In the place of the layers that its answer decides.
        PythonPlan::Unresolved(asking) => vec![resolve::ask(asking, None, None, scene)],
    }
}

/// A step that may use the network.
struct Online<'a> {
    /// The image that it runs in.
    root: &'a Output,
    platform: &'a Platform,
    /// Its environment.
    env: &'a [(String, String)],
    /// Its program, by the name of the file.
    program: (&'static str, &'static str),
    /// What it imports of ours, beside [`SHARED`].
    modules: &'static [(&'static str, &'static str)],
    /// The program's arguments.
    args: Vec<String>,
    /// What it sees beside its program and the secrets.
    mounts: Vec<Mount>,
    /// Build secrets that it can't do without, as requirements name them.
    secrets: BTreeSet<String>,
    /// What is asked for, and where.
    name: String,
    span: Span,
}

impl Online<'_> {
    /// The step. Its root is read-only: what it leaves is in its writable mounts alone.
    fn vertex(self, scene: &Scene<'_>) -> Vertex {
        let request = scene.request;
        let (name, _) = self.program;
        let files = [&[SHARED, self.program], self.modules].concat();
        let mut mounts = vec![
            Mount::readonly("/", self.root),
            scene.fixed(&steps(), &programs(&files, scene), ""),
            Mount::tmpfs("/tmp", None),
        ];
        mounts.extend(self.mounts);
        mounts.extend(
            OF_PACKAGES.map(|id| Mount::secret(format!("{SECRETS}/{id}"), id, 0o400, true)),
        );
        mounts.extend(
            self.secrets.iter().map(|id| Mount::secret(format!("{NAMED}/{id}"), id, 0o400, false)),
        );
        if request.shm_size.is_some() {
            mounts.push(Mount::tmpfs("/dev/shm", request.shm_size));
        }
        let program = ["python3".to_owned(), "-B".to_owned(), format!("{}/{name}", steps())];
        let exec = Exec {
            args: program.into_iter().chain(self.args).collect(),
            env: self.env.to_vec(),
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
        let vertex =
            Vertex::new(exec).platform(self.platform).name(self.name).at(scene.at(self.span));
        if request.ignores_cache("python") { vertex.ignore_cache() } else { vertex }
    }
}

/// Where the programs of a step are.
fn steps() -> String {
    format!("{RUN}/steps")
}

/// A folder of programs.
fn programs(files: &[(&str, &str)], scene: &Scene<'_>) -> Output {
    let timestamp = scene.timestamp();
    let files =
        files.iter().map(|(name, text)| layer::mkfile(&format!("/{name}"), text, timestamp));
    Vertex::new(File::on_scratch(files.collect())).name("[internal] install programs").output()
}

/// A cache mount that all platforms and builds share.
fn cache(path: &str, name: &str, scene: &Scene<'_>) -> Mount {
    cache_of(path, name, Sharing::Shared, scene)
}

/// The same for a program that ends where it finds the folder in use: one step at a time.
fn locked_cache(path: &str, name: &str, scene: &Scene<'_>) -> Mount {
    cache_of(path, name, Sharing::Locked, scene)
}

fn cache_of(path: &str, name: &str, sharing: Sharing, scene: &Scene<'_>) -> Mount {
    Mount::cache(path, format!("{}/{name}", scene.request.cache_namespace), sharing)
}

/// A step without a network.
fn offline(args: Vec<String>, env: &[(&str, &str)], mounts: Vec<Mount>) -> Exec {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Exec {
        args,
        env: env.collect(),
        cwd: "/".into(),
        network: Network::None,
        mounts,
        ..Exec::default()
    }
}
