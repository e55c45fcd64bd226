//! Who the container runs as, and the entry in `/etc/passwd` that names them.

use buildkit_llb::Owner;

use crate::{
    answers::{BaseImage, Users},
    document::{Span, Spanned},
    manifest::{
        Manifest,
        user::{Id, User},
    },
    values::diagnostic::Diagnostic,
};

/// The user of the finished image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedUser {
    /// The numbers for the image config.
    pub id: Owner,
    /// The home, as the image's passwd names it.
    pub home: String,
    /// What must be made for the user to have a name and a home.
    pub entry: Option<Entry>,
}

/// A user that the base image doesn't have: new contents of the two files that give the
/// user and the group their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The user's name.
    pub name: String,
    /// Their numbers.
    pub id: Owner,
    /// Where the manifest names the user, or its start where it doesn't.
    pub span: Span,
    /// The whole of `/etc/passwd`, as the base image has it and the user's line.
    pub passwd: String,
    /// The whole of `/etc/group`.
    pub group: String,
    /// The line of `/etc/passwd` that is new.
    pub passwd_line: String,
    /// The line of `/etc/group` that is new; empty where the group is there.
    pub group_line: String,
}

impl Entry {
    /// The user's home.
    pub fn home(&self) -> String {
        home(&self.name)
    }
}

/// A user of the base image.
struct Known {
    id: Owner,
    home: String,
}

/// Whether anybody's numbers depend on what is in the base image.
pub fn asks_base(manifest: &Manifest) -> bool {
    let copies = manifest.app.iter().flat_map(|app| &app.copy);
    let mut owners = copies.filter_map(|copy| copy.owner.as_ref());
    manifest.user.as_ref().is_none_or(|user| user.value.is_unknown())
        || owners.any(|owner| owner.value.is_unknown())
}

/// Finds the user in the base image's files, or adds them.
pub fn plan(manifest: &Manifest, base: &BaseImage) -> Result<ResolvedUser, Vec<Diagnostic>> {
    let default = Spanned::new(User::default(), Span::default());
    let Spanned { value: user, span } = manifest.user.as_ref().unwrap_or(&default);
    let span = *span;
    let users = base.users.clone().unwrap_or_default();
    match user {
        User::Exact { name, uid, gid } => exact(name, Owner { uid: *uid, gid: *gid }, span, &users),
        User::Of { user, group } => of(user, group.as_ref(), span, &users),
    }
    .or_else(|mistake| if base.users.is_some() { Err(vec![mistake]) } else { Ok(unresolved()) })
}

/// What stands for a user of a base image that nobody has looked into.
fn unresolved() -> ResolvedUser {
    let id = Owner { uid: User::DEFAULT_ID, gid: User::DEFAULT_ID };
    ResolvedUser { id, home: "/".to_owned(), entry: None }
}

/// The numbers of `owner`, to whom a file shall belong in an image with `user`. As with a
/// Dockerfile's `--chown`, a number without a group is that group's, too.
pub fn owner(
    owner: &Spanned<User>,
    user: &ResolvedUser,
    base: &BaseImage,
) -> Result<Owner, Diagnostic> {
    let (who, group) = match &owner.value {
        User::Exact { uid, gid, .. } => return Ok(Owner { uid: *uid, gid: *gid }),
        User::Of { user, group } => (user, group.as_ref()),
    };
    let Some(users) = base.users.clone() else { return Ok(unresolved().id) };
    let users = match &user.entry {
        Some(Entry { passwd, group, .. }) => Users { passwd: passwd.clone(), group: group.clone() },
        None => users,
    };
    let mut id = match who {
        Id::Number(number) => Owner { uid: *number, gid: *number },
        Id::Name(name) => match known(who, &users) {
            Some(known) => known.id,
            None => return Err(unknown("user", name, owner.span)),
        },
    };
    if let Some(group) = group {
        id.gid = gid_of(group, &users).ok_or_else(|| unknown("group", group, owner.span))?;
    }
    Ok(id)
}

fn exact(name: &str, id: Owner, span: Span, users: &Users) -> Result<ResolvedUser, Diagnostic> {
    let by_name = Id::Name(name.to_owned());
    let Some(known) = known(&by_name, users) else {
        return Ok(added(name, id, span, users));
    };
    if known.id == id || id == (Owner { uid: User::DEFAULT_ID, gid: User::DEFAULT_ID }) {
        return Ok(ResolvedUser { id: known.id, home: known.home, entry: None });
    }
    let Owner { uid, gid } = known.id;
    let message = format!("the base image has a user `{name}` with other numbers");
    Err(Diagnostic::error("user-exists", message)
        .label(span, format!("there it is `{name}:{uid}:{gid}`"))
        .help(format!("write `user: {name}` to take it, or choose another name")))
}

/// A user as a Dockerfile's `USER` names it. One that the base lacks gets an entry, since
/// programs ask who they are, and a group of their own, where Docker takes root's.
fn of(
    user: &Id,
    group: Option<&Id>,
    span: Span,
    users: &Users,
) -> Result<ResolvedUser, Diagnostic> {
    let gid = match group {
        // The group of a new user has the user's name.
        Some(group) if group == user && gid_of(group, users).is_none() => None,
        Some(group) => Some(gid_of(group, users).ok_or_else(|| unknown("group", group, span))?),
        None => None,
    };
    if let Some(Known { id, home }) = known(user, users) {
        let id = Owner { gid: gid.unwrap_or(id.gid), ..id };
        return Ok(ResolvedUser { id, home, entry: None });
    }
    let (name, uid) = match user {
        Id::Name(name) => (name.clone(), User::DEFAULT_ID),
        Id::Number(uid) => (free_name(*uid, users), *uid),
    };
    Ok(added(&name, Owner { uid, gid: gid.unwrap_or(uid) }, span, users))
}

/// A user that the base image gets.
fn added(name: &str, id: Owner, span: Span, users: &Users) -> ResolvedUser {
    let Owner { uid, gid } = id;
    let group_exists = users.group.lines().any(|line| number(line, 2) == Some(gid));
    let group_line = if group_exists { String::new() } else { format!("{name}:x:{gid}:\n") };
    let home = home(name);
    let passwd_line = format!("{name}:x:{uid}:{gid}::{home}:/usr/sbin/nologin\n");
    let entry = Entry {
        name: name.to_owned(),
        id,
        span,
        passwd: append(&users.passwd, &passwd_line),
        group: append(&users.group, &group_line),
        passwd_line: passwd_line.trim_end().to_owned(),
        group_line: group_line.trim_end().to_owned(),
    };
    ResolvedUser { id, home, entry: Some(entry) }
}

/// A name for a user of whom only the number is given.
fn free_name(uid: u32, users: &Users) -> String {
    let name = "appuser";
    let is_free = known(&Id::Name(name.to_owned()), users).is_none();
    if is_free { name.to_owned() } else { format!("{name}{uid}") }
}

/// A user of the base image; root is there, even if no file says so.
fn known(user: &Id, users: &Users) -> Option<Known> {
    let is_it = |line: &&str| match user {
        Id::Name(name) => field(line, 0) == Some(name),
        Id::Number(uid) => number(line, 2) == Some(*uid),
    };
    let of_line = |line: &str| {
        let id = Owner { uid: number(line, 2)?, gid: number(line, 3)? };
        let home = field(line, 5).filter(|home| !home.is_empty()).unwrap_or("/");
        Some(Known { id, home: home.to_owned() })
    };
    let root = "root:x:0:0:root:/root:/bin/sh";
    users.passwd.lines().map(str::trim).chain([root]).find(is_it).and_then(of_line)
}

/// The number of a group.
fn gid_of(group: &Id, users: &Users) -> Option<u32> {
    match group {
        Id::Number(gid) => Some(*gid),
        Id::Name(name) => {
            let mut lines = users.group.lines().map(str::trim).chain(["root:x:0:"]);
            lines.find(|line| field(line, 0) == Some(name)).and_then(|line| number(line, 2))
        }
    }
}

fn unknown(what: &str, name: impl std::fmt::Display, span: Span) -> Diagnostic {
    Diagnostic::error("unknown-user", format!("the base image has no {what} `{name}`"))
        .label(span, "")
        .help("name one that it has, or write numbers: `1000:1000`")
}

fn home(name: &str) -> String {
    format!("/home/{name}")
}

fn field(line: &str, index: usize) -> Option<&str> {
    line.split(':').nth(index)
}

fn number(line: &str, index: usize) -> Option<u32> {
    field(line, index)?.parse().ok()
}

fn append(text: &str, line: &str) -> String {
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{gap}{line}")
}
