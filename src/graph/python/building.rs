//! The images in which packages are built, and asked about: the base with what building needs.

use buildkit_llb::{Exec, Mount, Output, Platform, Vertex};

use super::{SECRETS, locked_cache, programs, steps};
use crate::{
    document::Span,
    graph::{Scene, base, purpose::Purpose},
    plan::python::{layers::Layers, question::Asking},
    values::secret::passed::OF_APT,
};

const APT: (&str, &str) = ("apt.py", include_str!("apt.py"));

/// The image in which packages are built: the base with what building needs.
pub fn build_base(layers: &Layers, platform: &Platform, scene: &Scene<'_>) -> Output {
    let image = layers.target_base.as_ref().unwrap_or(&layers.base);
    let root = base(image, platform, scene);
    with_packages(&root, platform, &layers.build_packages, layers.span, scene)
}

/// The image in which a question is asked, which may have to build what it asks about.
pub fn ask_base(asking: &Asking, scene: &Scene<'_>) -> Output {
    let Asking { base: image, steps, build_packages, span, .. } = asking;
    with_packages(&base(image, steps, scene), steps, build_packages, *span, scene)
}

/// `root` with Debian packages. What apt leaves is no part of the image.
fn with_packages(
    root: &Output,
    platform: &Platform,
    packages: &[String],
    span: Span,
    scene: &Scene<'_>,
) -> Output {
    if packages.is_empty() {
        return root.clone();
    }
    let request = scene.request;
    let (name, _) = APT;
    let mut mounts = vec![
        Mount::writable("/", root),
        scene.fixed(&steps(), &programs(&[APT], scene), ""),
        locked_cache("/var/cache/apt", "modelcache-apt", scene),
        locked_cache("/var/lib/apt", "modelcache-apt-lists", scene),
        Mount::tmpfs("/tmp", None),
    ];
    mounts.extend(OF_APT.map(|id| Mount::secret(format!("{SECRETS}/{id}"), id, 0o444, true)));
    let program =
        ["python3".to_owned(), "-B".to_owned(), format!("{}/{name}", steps()), SECRETS.to_owned()];
    let exec = Exec {
        args: program.into_iter().chain(packages.iter().cloned()).collect(),
        cwd: "/".into(),
        network: request.network,
        mounts,
        extra_hosts: request.add_hosts.clone(),
        proxy: request.proxy.clone(),
        ..Exec::default()
    };
    let vertex = Vertex::new(exec)
        .platform(platform)
        .name(scene.name(Some(platform), "build", &format!("install {}", packages.join(" "))))
        .at(scene.at(span));
    // The archive's versions are in no key, so this is how newer ones are had.
    let vertex = if request.ignores_cache("python") { vertex.ignore_cache() } else { vertex };
    scene.purposes.output(vertex, Purpose::BuildPackages)
}
