//! The application's files: what is copied where.

use crate::{
    manifest::{App, DEFAULT_WORKDIR, Manifest},
    plan::ContextFiles,
    source::Span,
};

/// The last layer of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Where the manifest describes it.
    pub span: Span,
    /// The working directory, made even if nothing is copied there.
    pub workdir: String,
    /// The copies, in the manifest's order.
    pub copies: Vec<Copied>,
}

/// One file or folder of the build context and its place in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Path in the build context; `.` is all of it.
    pub from: String,
    /// Absolute path in the image; for a file, its own path and not its folder's.
    pub to: String,
}

/// The working directory of the image.
pub fn workdir(app: &App) -> &str {
    app.workdir.as_ref().map_or(DEFAULT_WORKDIR, |dir| dir.value.as_str())
}

/// Fixes the paths of `app`, if the manifest has one.
pub fn plan(manifest: &Manifest, context: &ContextFiles) -> Option<Layer> {
    let app = manifest.app.as_ref()?;
    let workdir = workdir(app);
    let copies = app.copy.iter().map(|copy| {
        let from = copy.from.value.as_str();
        let is_folder = context.folders.get(from).copied().unwrap_or(copy.from.value.is_whole());
        let written = copy.to.as_ref().map_or("./", |to| to.value.as_str());
        let into_folder = written.ends_with('/') || written == ".";
        let mut to = absolute(workdir, written);
        if !is_folder && into_folder {
            let name = from.rsplit('/').next().unwrap_or(from);
            to = absolute(&to, name);
        }
        Copied { from: from.to_owned(), to }
    });
    Some(Layer { span: app.span, workdir: absolute("/", workdir), copies: copies.collect() })
}

/// Joins and cleans an absolute path; `..` stops at the root.
pub fn absolute(from: &str, path: &str) -> String {
    let joined = if path.starts_with('/') { path.to_owned() } else { format!("{from}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
