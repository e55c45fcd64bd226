//! The application's layer: the last one, since it changes most.

use std::collections::BTreeSet;

use buildkit_llb::{Copy, FileAction, Output};

use crate::{
    graph::{Scene, layer, local},
    plan::app::Layer,
};

/// The working directory and what is copied from the build context.
pub fn layer(app: &Layer, scene: &Scene<'_>) -> Output {
    let paths = app.copies.iter().map(|copy| copy.from.as_str());
    let context = local::context(paths, scene.ignore, scene.request);
    let mut folders = BTreeSet::new();
    layer::add_folder(&mut folders, &app.workdir);
    let mut actions = Vec::new();
    for copy in &app.copies {
        layer::add_parents(&mut folders, &copy.to);
        let source = if copy.from == "." { "/".into() } else { format!("/{}", copy.from) };
        actions.push(FileAction::Copy(Copy {
            contents_only: true,
            follow_symlinks: true,
            create_parents: true,
            timestamp: scene.timestamp(),
            ..Copy::new(&context, source, &copy.to)
        }));
    }
    let copied: Vec<&str> = app.copies.iter().map(|copy| copy.from.as_str()).collect();
    let title = match copied.as_slice() {
        [] => format!("make {}", app.workdir),
        paths => format!("copy {}", paths.join(", ")),
    };
    let vertex = layer::vertex(&folders, actions, scene.timestamp())
        .name(scene.name(None, "app", &title))
        .at(scene.at(app.span));
    if scene.request.ignores_cache("app") { vertex.ignore_cache() } else { vertex }.output()
}
