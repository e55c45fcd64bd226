//! Who the container runs as, and the entry in `/etc/passwd` that names them.

use crate::{
    diagnostic::Diagnostic,
    lock::BaseImage,
    manifest::{Manifest, User},
    source::Span,
};

/// The user of the finished image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedUser {
    /// The numbers for the image config.
    pub uid: u32,
    /// The group's number.
    pub gid: u32,
    /// The files that must change for the user to have a name.
    pub entry: Option<Entry>,
}

/// New contents of the two files that give the user and the group their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The user's name, for progress.
    pub name: String,
    /// Where the manifest names the user, or its start where it doesn't.
    pub span: Span,
    /// The whole of `/etc/passwd`.
    pub passwd: String,
    /// The whole of `/etc/group`.
    pub group: String,
}

/// Finds the user in the base image's files, or adds them.
pub fn plan(manifest: &Manifest, base: &BaseImage) -> Result<ResolvedUser, Vec<Diagnostic>> {
    let default = User::default();
    let (user, span) = match &manifest.user {
        Some(user) => (&user.value, user.span),
        None => (&default, Span::default()),
    };
    if user.is_root() {
        return Ok(ResolvedUser { uid: 0, gid: user.gid, entry: None });
    }
    let users = base.users.clone().unwrap_or_default();
    if let Some((uid, gid)) = find(&users.passwd, &user.name) {
        let asked_by_name = user.uid == User::DEFAULT_ID && user.gid == User::DEFAULT_ID;
        if asked_by_name || (uid, gid) == (user.uid, user.gid) {
            return Ok(ResolvedUser { uid, gid, entry: None });
        }
        let message = format!("the base image has a user `{}` with other numbers", user.name);
        return Err(vec![
            Diagnostic::error("user-exists", message)
                .label(span, format!("there it is `{}:{uid}:{gid}`", user.name))
                .help(format!("write `user: {}` to take it, or choose another name", user.name)),
        ]);
    }
    let group_exists = users.group.lines().any(|line| field(line, 2) == Some(user.gid));
    let group_line = format!("{}:x:{}:\n", user.name, user.gid);
    let passwd_line =
        format!("{}:x:{}:{}::/nonexistent:/usr/sbin/nologin\n", user.name, user.uid, user.gid);
    Ok(ResolvedUser {
        uid: user.uid,
        gid: user.gid,
        entry: Some(Entry {
            name: user.name.clone(),
            span,
            passwd: append(&users.passwd, &passwd_line),
            group: append(&users.group, if group_exists { "" } else { &group_line }),
        }),
    })
}

/// The uid and gid of `name` in the text of a passwd file.
fn find(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    Some((field(line, 2)?, field(line, 3)?))
}

fn field(line: &str, index: usize) -> Option<u32> {
    line.split(':').nth(index)?.parse().ok()
}

fn append(text: &str, line: &str) -> String {
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{gap}{line}")
}
