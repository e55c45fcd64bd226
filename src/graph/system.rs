//! The distribution's packages: the base image with them in it, and the step that finds out which
//! files they are.

use buildkit_llb::{Exec, File, Http, Mount, Network, Output, Platform, Vertex};

use super::{Scene, base, bundle, download, layer, purpose::Purpose};
use crate::{
    plan::{
        Base,
        system::{Asking, SystemLayer},
        user::Entry,
    },
    system::SystemPackage,
    values::secret::passed::OF_APT,
};

/// Where a step finds its program, and an installation its packages.
const RUN: &str = "/run/modelcache/system";
const SECRETS: &str = "/run/secrets";
const OUT: &str = "/run/modelcache/out";

const ASK: &str = include_str!("system/ask.sh");
const INSTALL: &str = include_str!("system/install.sh");
const USERS: &str = include_str!("system/users.sh");

/// The file with apt's answer.
pub const URIS: &str = "uris";
/// The file with apt's words, if it was asked to report.
pub const REPORT: &str = "report";

/// apt's answer. `now` and `report` are words that no build has used before: with the first, an
/// answer of long ago is none; with the second, a failure is an answer.
pub fn ask(
    asking: &Asking,
    now: Option<&str>,
    report: Option<&str>,
    platform: &Platform,
    scene: &Scene<'_>,
) -> Output {
    let Asking { base: image, packages, recommends, span, environment } = asking;
    let root = base(image, platform, scene);
    let program = tree(&[("ask.sh", ASK)], scene);
    let mut mounts = vec![
        Mount::readonly("/", &root),
        scene.fixed(RUN, &program, ""),
        Mount::scratch(OUT),
        Mount::tmpfs("/tmp", None),
    ];
    // apt's own user reads them.
    mounts.extend(OF_APT.map(|id| Mount::secret(format!("{SECRETS}/{id}"), id, 0o444, true)));
    let words = [("MODELCACHE_NOW", now), ("MODELCACHE_REPORT", report)];
    let words =
        words.into_iter().filter_map(|(name, word)| Some((name.to_owned(), word?.to_owned())));
    let args = ["/bin/sh", &format!("{RUN}/ask.sh"), OUT, SECRETS, &recommends.to_string()];
    let request = scene.request;
    let exec = Exec {
        args: args.map(str::to_owned).into_iter().chain(packages.iter().cloned()).collect(),
        env: environment.iter().cloned().chain(words).collect(),
        cwd: "/".into(),
        network: request.network,
        mounts,
        extra_hosts: request.add_hosts.clone(),
        proxy: request.proxy.clone(),
        ..Exec::default()
    };
    let vertex = Vertex::new(exec)
        .platform(platform)
        .name(scene.name(Some(platform), "system", &format!("resolve {}", packages.join(" "))))
        .at(scene.at(*span));
    let vertex = if request.ignores_cache("system") { vertex.ignore_cache() } else { vertex };
    scene.purposes.output(vertex, Purpose::SystemAnswer)
}

/// `image` with the packages of `system`, installed without a network.
pub fn installed(
    system: &SystemLayer,
    image: &Base,
    platform: &Platform,
    scene: &Scene<'_>,
) -> Output {
    let root = base(image, platform, scene);
    if system.packages.is_empty() {
        return root;
    }
    let folder = format!("{RUN}/packages");
    // Of a bundle in a folder nobody else checks the files.
    let sum = |it: &SystemPackage| format!("{}  {folder}/{}\n", it.digest.hex(), it.file());
    let sums: String = system.packages.iter().map(sum).collect();
    let steps = tree(&[("install.sh", INSTALL), ("sums", &sums)], scene);
    let mut mounts = vec![
        Mount::writable("/", &root),
        scene.fixed(&format!("{RUN}/steps"), &steps, ""),
        Mount::tmpfs("/tmp", None),
    ];
    mounts.extend(system.packages.iter().map(|package| {
        let name = package.file();
        let kept = download::kept(file(package, system, scene), &name, "system", scene.timestamp());
        scene.fixed(&format!("{folder}/{name}"), &kept, &format!("/{name}"))
    }));
    let epoch = scene.request.epoch.to_string();
    let [install, sums] = ["install.sh", "sums"].map(|name| format!("{RUN}/steps/{name}"));
    let args = ["/bin/sh", &install, &epoch, &folder, &sums];
    let exec = Exec {
        args: args.map(str::to_owned).into_iter().chain(system.asked.iter().cloned()).collect(),
        env: system.environment.clone(),
        cwd: "/".into(),
        network: Network::None,
        mounts,
        ..Exec::default()
    };
    let vertex = Vertex::new(exec)
        .platform(platform)
        .name(scene.name(Some(platform), "system", &format!("install {}", system.asked.join(" "))))
        .at(scene.at(system.span));
    scene.purposes.output(vertex, Purpose::SystemInstall)
}

/// The image's own `/passwd` and `/group` with `user` in them: its packages may have added others.
pub fn users(
    system: &SystemLayer,
    user: &Entry,
    image: &Output,
    platform: &Platform,
    scene: &Scene<'_>,
) -> Output {
    let program = tree(&[("users.sh", USERS)], scene);
    let args = ["/bin/sh", &format!("{RUN}/users.sh"), OUT, &user.passwd_line, &user.group_line];
    let exec = Exec {
        args: args.map(str::to_owned).to_vec(),
        env: system.environment.clone(),
        cwd: "/".into(),
        network: Network::None,
        mounts: vec![
            Mount::readonly("/", image),
            scene.fixed(RUN, &program, ""),
            Mount::scratch(OUT),
        ],
        ..Exec::default()
    };
    let vertex = Vertex::new(exec)
        .platform(platform)
        .name(scene.name(Some(platform), "user", &format!("add {}", user.name)))
        .at(scene.at(user.span));
    scene.purposes.output(vertex, Purpose::SystemUser)
}

/// The file of a package, and its path there.
pub fn file(package: &SystemPackage, system: &SystemLayer, scene: &Scene<'_>) -> (Output, String) {
    if let Some(bundle) = scene.bundle {
        let files = bundle.files(std::iter::once(&package.digest), scene.request);
        return (files, format!("/{}", bundle::path(&package.digest)));
    }
    let source: Http = download::pinned(package.url.clone(), &package.digest, scene.attempts);
    let path = format!("/{}", source.filename);
    let vertex =
        Vertex::new(source).name(format!("[system] {}", package.file())).at(scene.at(system.span));
    (scene.purposes.output(vertex, Purpose::SystemFile(package.clone())), path)
}

/// What a step reads: files by their names.
fn tree(files: &[(&str, &str)], scene: &Scene<'_>) -> Output {
    let write =
        |(name, text): &(&str, &str)| layer::mkfile(&format!("/{name}"), text, scene.timestamp());
    Vertex::new(File::on_scratch(files.iter().map(write).collect()))
        .name("[internal] system programs")
        .output()
}
