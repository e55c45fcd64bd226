//! Names of Python packages.

/// The name of a package as indexes compare it: lower case, with `-` for every run of
/// `-`, `_` and `.` (<https://packaging.python.org/en/latest/specifications/name-normalization/>).
pub fn normalized(name: &str) -> String {
    let mut out = String::new();
    for c in name.to_lowercase().chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c),
        }
    }
    out
}

/// Whether `c` may stand in the name of a package.
pub fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

/// The package that a requirement starts with, normalized; `None` if it starts with no name.
pub fn named_by(requirement: &str) -> Option<String> {
    let end = requirement.find(|c| !is_in_name(c)).unwrap_or(requirement.len());
    let starts = requirement.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts.then(|| normalized(&requirement[..end]))
}
