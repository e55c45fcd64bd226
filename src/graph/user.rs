//! The layer that gives the user a name, made without running anything.

use std::collections::BTreeSet;

use buildkit_llb::Output;

use crate::{
    graph::{Scene, layer},
    plan::user::Entry,
};

/// `/etc/passwd` and `/etc/group` with the user in them.
pub fn layer(user: &Entry, scene: &Scene<'_>) -> Output {
    let files = [("/etc/passwd", &user.passwd), ("/etc/group", &user.group)];
    let actions = files.map(|(path, text)| layer::mkfile(path, text, scene.timestamp()));
    layer::vertex(&BTreeSet::from(["/etc".to_owned()]), actions.into(), scene.timestamp())
        .name(scene.name(None, "user", &user.name))
        .at(scene.at(user.span))
        .output()
}
