//! The application's files: what is copied where.

use buildkit_llb::Owner;

use crate::{
    answers::BaseImage,
    document::Span,
    manifest::{App, Copy, DEFAULT_WORKDIR, Manifest},
    plan::{
        ContextFiles,
        user::{self, ResolvedUser},
    },
    values::diagnostic::Diagnostic,
};

/// The last layer of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppLayer {
    /// Where the manifest describes it.
    pub span: Span,
    /// The working directory, made even if nothing is copied there.
    pub workdir: String,
    /// The copies, in the manifest's order.
    pub copies: Vec<Copied>,
    /// Folders, each an absolute path, that belong to the user with all that is in them.
    pub writable: Vec<String>,
    /// The user.
    pub user: Owner,
}

/// One file or folder of the build context and its place in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Path in the build context; `.` is all of it.
    pub from: String,
    /// Absolute path in the image; for a file, its own path and not its folder's.
    pub to: String,
    /// Whether it is a folder, as far as is known.
    pub is_folder: bool,
    /// The mode of all files and folders; if none is given, each has its own, and can be read
    /// by everybody.
    pub mode: Option<u32>,
    /// To whom they belong, if that is said; by default to root, but in a folder that is writable.
    pub owner: Option<Owner>,
}

/// The working directory of the image.
pub fn workdir(app: &App) -> &str {
    app.workdir.as_ref().map_or(DEFAULT_WORKDIR, |dir| dir.value.as_str())
}

/// The copies of `app`, whoever they belong to.
pub fn copies(app: &App, context: &ContextFiles) -> Vec<Copied> {
    app.copy.iter().map(|copy| copied(copy, workdir(app), context, None)).collect()
}

/// Fixes the paths and owners of `app`, if the manifest has one.
pub fn plan(
    manifest: &Manifest,
    context: &ContextFiles,
    base: &BaseImage,
    user: &ResolvedUser,
) -> Result<Option<AppLayer>, Vec<Diagnostic>> {
    let Some(app) = &manifest.app else { return Ok(None) };
    let workdir = workdir(app);
    let mut mistakes = Vec::new();
    let mut copies = Vec::new();
    for copy in &app.copy {
        let owner = copy.owner.as_ref().map(|owner| user::owner(owner, user, base)).transpose();
        match owner {
            Ok(owner) => copies.push(copied(copy, workdir, context, owner)),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let writable = app.writable.iter().map(|path| absolute(workdir, path.value.as_str()));
    Ok(Some(AppLayer {
        span: app.span,
        workdir: absolute("/", workdir),
        copies,
        writable: writable.collect(),
        user: user.id,
    }))
}

fn copied(copy: &Copy, workdir: &str, context: &ContextFiles, owner: Option<Owner>) -> Copied {
    let from = copy.from.value.as_str();
    let is_folder = context.folders.get(from).copied().unwrap_or(copy.from.value.is_whole());
    let written = copy.to.as_ref().map_or("./", |to| to.value.as_str());
    let into_folder = written.ends_with('/') || written == ".";
    let mut to = absolute(workdir, written);
    if !is_folder && into_folder {
        let name = from.rsplit('/').next().unwrap_or(from);
        to = absolute(&to, name);
    }
    let mode = copy.mode.as_ref().map(|mode| mode.value.bits());
    Copied { from: from.to_owned(), to, is_folder, mode, owner }
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
