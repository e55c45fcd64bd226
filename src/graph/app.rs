//! The application's layer: the last one, since it changes most.

use buildkit_llb::{Copy, FileAction, Output};

use crate::{
    graph::{Scene, layer, local},
    plan::app::{AppLayer, Copied},
};

/// The working directory and what is copied from the build context.
pub fn layer(app: &AppLayer, scene: &Scene<'_>) -> Output {
    let paths = app.copies.iter().map(|copy| copy.from.as_str());
    let context = local::context(paths, scene.ignore, scene.request);
    let mut folders = layer::Folders::default();
    folders.add(&app.workdir);
    for folder in &app.writable {
        folders.give(folder, app.user);
    }
    let mut actions = Vec::new();
    for copied in &app.copies {
        folders.add_parents(&copied.to);
        let owner = copied.owner.or(Some(folders.owner(&copied.to)));
        let copy = Copy { owner: owner.map(Into::into), ..copy(copied, &context, scene) };
        actions.push(FileAction::Copy(copy));
    }
    actions.extend(app.writable.iter().flat_map(|folder| {
        let inside = app.copies.iter().filter_map(|copied| part(copied, folder));
        let copies = inside.map(|part| Copy {
            owner: Some(app.user.into()),
            wildcard: true,
            allow_empty_wildcard: true,
            ..copy(&part, &context, scene)
        });
        copies.map(FileAction::Copy).collect::<Vec<_>>()
    }));
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

fn copy(copied: &Copied, context: &Output, scene: &Scene<'_>) -> Copy {
    let source = if copied.from == "." { "/".to_owned() } else { format!("/{}", copied.from) };
    let as_it_is = copied.mode.is_none();
    Copy {
        contents_only: true,
        follow_symlinks: true,
        create_parents: true,
        mode: copied.mode,
        mode_changes: as_it_is.then(|| layer::READABLE.into()),
        timestamp: scene.timestamp(),
        ..Copy::new(context, source, &copied.to)
    }
}

/// The part of `copied` that is copied into `folder`, if there may be one: a pattern that
/// fits the folder alone. It is copied again, for its owner.
fn part(copied: &Copied, folder: &str) -> Option<Copied> {
    if copied.owner.is_some() {
        return None;
    }
    let inside = folder.strip_prefix(copied.to.trim_end_matches('/'))?.strip_prefix('/')?;
    let mut from = if copied.from == "." { String::new() } else { format!("{}/", copied.from) };
    from.push_str(inside);
    let mut pattern = String::new();
    for letter in from.chars() {
        if "*?[".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    Some(Copied { from: pattern, to: folder.to_owned(), ..copied.clone() })
}
