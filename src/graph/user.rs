//! The layer that gives the user a name, made without running anything.

use buildkit_llb::{Copy, File, FileAction, Output, Timestamp, Vertex};

use crate::{
    graph::{Scene, download::FILE_MODE, layer},
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

/// `/etc/passwd` and `/etc/group` with the user in them, and the user's home. The two are those
/// of `files`, if they can't be known before something has run.
pub fn layer(user: &Entry, files: Option<&Output>, scene: &Scene<'_>) -> Output {
    let texts = [("passwd", &user.passwd), ("group", &user.group)];
    let actions = texts.map(|(name, text)| {
        let path = format!("/etc/{name}");
        match files {
            Some(files) => FileAction::Copy(Copy {
                mode: Some(FILE_MODE),
                timestamp: scene.timestamp(),
                ..Copy::new(files, format!("/{name}"), path)
            }),
            None => layer::mkfile(&path, text, scene.timestamp()),
        }
    });
    let mut folders = layer::Folders::default();
    folders.add("/etc");
    folders.give(&user.home(), user.id);
    layer::vertex(&folders, actions.into(), scene.timestamp())
        .name(scene.name(None, "user", &user.name))
        .at(scene.at(user.span))
        .output()
}
