//! A distribution's archive of a test's own, and a base image whose apt knows no other.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::e2e::{engine, project::Project, registry::REPOSITORY};

/// A package of the archive.
pub struct Deb<'a> {
    pub name: &'a str,
    pub version: &'a str,
    /// Further fields of its control file, a line each.
    pub fields: &'a str,
    /// Its files, by path.
    pub files: &'a [(&'a str, &'a str)],
    /// What runs after it is unpacked; none if empty.
    pub postinst: &'a str,
}

/// Where the archive lies on the project's hub, whose requests are counted.
const ON_HUB: &str = "acme/archive";

/// Puts the packages into the archive, in the place of all that were there.
pub fn publish(project: &Project, debs: &[Deb<'_>]) {
    let root = project.repository(ON_HUB);
    let folder = root.join("debs");
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("it is ours");
    }
    fs::create_dir_all(&folder).expect("the folder is ours");
    let packages: String = debs.iter().map(|deb| stanza(deb, &folder)).collect();
    fs::write(folder.join("Packages"), packages).expect("the folder is ours");
}

/// An image of Debian's whose apt asks the project's archive, by its reference. `more` are
/// further instructions of its Dockerfile.
pub fn base(project: &Project, name: &str, more: &str) -> String {
    let file = project.folder().join("Dockerfile");
    let archive = format!("http://{}/{ON_HUB}/resolve/main/", project.hub.address);
    let text = format!(
        "FROM python:3.13-slim\n\
         RUN rm -rf /etc/apt/sources.list.d/* \
         && echo 'deb [trusted=yes] {archive} debs/ # {}' >/etc/apt/sources.list\n{more}",
        project.folder().display() // an image that no other run has made
    );
    fs::write(&file, text).expect("the folder is ours");
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let reference =
        format!("{registry}/{REPOSITORY}:{}-{name}", project.hub.address.replace(':', "-"));
    let mut build = Command::new("docker");
    build.args(["buildx", "build", "--push", "-t", &reference]).args(engine::build_flags());
    build.args(["--build-arg", "BUILDKIT_SYNTAX=docker/dockerfile:1"]);
    engine::stdout(build.arg("-f").arg(file).arg(project.folder().join("secrets")));
    reference
}

/// Writes the package's file, and returns what the index of the archive says of it.
fn stanza(deb: &Deb<'_>, folder: &Path) -> String {
    let Deb { name, version, fields, files, postinst } = deb;
    let control = format!(
        "Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: A test <a@b>\n\
         {fields}Description: of a test\n"
    );
    let work = folder.join("work");
    let mut scripts = vec![("control", control.as_str())];
    scripts.extend((!postinst.is_empty()).then_some(("postinst", *postinst)));
    let parts = [
        ("debian-binary", b"2.0\n".to_vec()),
        ("control.tar.gz", tar(&work.join("control"), &scripts)),
        ("data.tar.gz", tar(&work.join("data"), files)),
    ];
    let bytes = ar(&parts);
    let file = format!("{name}_{version}_all.deb");
    fs::remove_dir_all(work).expect("the folder is ours");
    fs::write(folder.join(&file), &bytes).expect("the folder is ours");
    format!(
        "{control}Filename: debs/{file}\nSize: {}\nSHA256: {}\n\n",
        bytes.len(),
        modelcache::values::digest::Digest::of(&bytes).hex()
    )
}

/// The files in a tar that is the same in every run.
fn tar(folder: &Path, files: &[(&str, &str)]) -> Vec<u8> {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it is ours");
        fs::write(path, text).expect("it is ours");
    }
    fs::create_dir_all(folder).expect("it is ours");
    let target: PathBuf = folder.with_extension("tar.gz");
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--mode=755", "--mtime=@1", "--owner=0", "--group=0"]);
    engine::stdout(
        tar.args(["--sort=name", "--format=gnu", "--file"])
            .arg(&target)
            .arg("-C")
            .arg(folder)
            .arg("."),
    );
    fs::read(target).expect("it was written")
}

/// An archive in the format of `ar`: what a `.deb` is (`deb(5)`).
fn ar(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in parts {
        let header =
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 1, 0, 0, 100_644, content.len());
        bytes.extend(header.as_bytes());
        bytes.extend(content);
        if content.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}
