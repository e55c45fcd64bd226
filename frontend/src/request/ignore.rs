//! The patterns of an ignore file.

/// The patterns of `text`, as `moby/patternmatcher/ignorefile` reads them. Those that can't
/// match anything, as `/`, are left out.
///
/// ```
/// use buildkit_frontend::request::ignore;
///
/// assert_eq!(ignore::patterns("# no documents\n/docs/\n!docs/a.md\n"), ["docs", "!docs/a.md"]);
/// ```
pub fn patterns(text: &str) -> Vec<String> {
    let lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
    let pattern = |line: &str| {
        if line.starts_with('#') || line.trim().is_empty() {
            return None;
        }
        let (not, path) = match line.trim().strip_prefix('!') {
            Some(path) => ("!", path.trim()),
            None => ("", line.trim()),
        };
        let parts = clean(path);
        (!parts.is_empty()).then(|| format!("{not}{}", parts.join("/")))
    };
    lines.filter_map(pattern).collect()
}

/// The parts of a path as Go's `filepath.Clean` leaves them. Above the root is the root;
/// what is above a relative path stays, and matches nothing in a context.
fn clean(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => drop(parts.pop()),
            ("..", _) if path.starts_with('/') => {}
            _ => parts.push(part),
        }
    }
    parts
}
