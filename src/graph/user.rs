//! The layer that gives the user a name, made without running anything.

use buildkit_llb::{Copy, File, FileAction, Output, Timestamp, Vertex};

use crate::{
    graph::{Scene, layer},
    plan::user::Entry,
};

/// The files of a base image that name its users, as far as it has them. They are taken out
/// of it, so that a registry's cache has them apart, and reading them pulls no image.
pub fn files(image: &Output, timestamp: Timestamp) -> Output {
    let copy = |name: &str| {
        FileAction::Copy(Copy {
            timestamp,
            follow_symlinks: true,
            wildcard: true,
            allow_empty_wildcard: true,
            ..Copy::new(image, format!("/etc/{name}"), format!("/{name}"))
        })
    };
    Vertex::new(File::on_scratch(["passwd", "group"].map(copy).into()))
        .name("[internal] look for users")
        .output()
}

/// `/etc/passwd` and `/etc/group` with the user in them, and the user's home.
pub fn layer(user: &Entry, scene: &Scene<'_>) -> Output {
    let files = [("/etc/passwd", &user.passwd), ("/etc/group", &user.group)];
    let actions = files.map(|(path, text)| layer::mkfile(path, text, scene.timestamp()));
    let mut folders = layer::Folders::default();
    folders.add("/etc");
    folders.give(&user.home(), user.id);
    layer::vertex(&folders, actions.into(), scene.timestamp())
        .name(scene.name(None, "user", &user.name))
        .at(scene.at(user.span))
        .output()
}
