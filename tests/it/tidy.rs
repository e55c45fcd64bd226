//! Rules of the house that a machine can keep.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// What each module may use of the others. Arrows point one way: from the edge,
/// which talks to the daemon and the user, to the values it is about. `gateway`, `image_ref`,
/// `request` and `document` are buildkit-frontend's.
const MAY_USE: &[(&str, &[&str])] = &[
    (
        "cli",
        &[
            "answers", "frontend", "graph", "lock", "manifest", "plan", "request", "document",
            "values",
        ],
    ),
    (
        "frontend",
        &[
            "answers", "gateway", "graph", "lock", "manifest", "models", "packages", "plan",
            "request", "document", "system", "values",
        ],
    ),
    (
        "graph",
        &["answers", "models", "packages", "plan", "request", "document", "system", "values"],
    ),
    (
        "lock",
        &["answers", "manifest", "models", "packages", "plan", "document", "system", "values"],
    ),
    (
        "plan",
        &["answers", "manifest", "models", "packages", "request", "document", "system", "values"],
    ),
    ("answers", &["manifest", "packages", "system", "values"]),
    ("manifest", &["image_ref", "models", "document", "values"]),
    ("models", &["values"]),
    ("packages", &["values"]),
    ("system", &["values"]),
    ("values", &["document"]),
    ("gateway", &[]),
    ("image_ref", &[]),
    ("request", &[]),
    ("document", &[]),
];

/// Words that only the edge may say: everything else is a function of values.
const EDGE: &[&str] = &["cli", "frontend", "gateway"];
const EFFECTS: &[&str] = &[
    "async ",
    "std::fs",
    "std::env",
    "TcpStream",
    "UdpSocket",
    "SystemTime",
    "Instant",
    "buildkit_frontend::gateway",
    "buildkit_frontend::serve",
];
/// The kit's own edge.
const KIT_EDGE: &[&str] = &["frontend/src/gateway", "frontend/src/serve", "frontend/src/lib"];

const MAX_LINES: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files that git knows or would add, so that a forgotten one counts too.
fn files(ending: &str) -> Vec<String> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(list).current_dir(root()).output().expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names are UTF-8");
    let exists = |path: &&str| path.ends_with(ending) && root().join(path).exists();
    text.lines().filter(exists).map(str::to_owned).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a listed file is there")
}

/// `src/plan/user.rs` belongs to `plan`; the two roots belong to nobody.
fn module(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let name = inner.split('/').next()?;
    (!matches!(name, "main" | "lib")).then_some(name)
}

/// The modules named after `crate::`, in single paths and in lists.
fn used(text: &str) -> BTreeSet<String> {
    let name = |text: &str| -> String {
        text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut found = BTreeSet::new();
    for (at, start) in text.match_indices("crate::") {
        let rest = &text[at + start.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(name(rest));
            continue;
        };
        let mut depth = 0;
        let mut item = true;
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => item = true,
                c if item && depth == 0 && c.is_ascii_alphabetic() => {
                    found.insert(name(&list[at..]));
                    item = false;
                }
                _ => {}
            }
        }
    }
    found
}

#[test]
fn modules_use_only_what_the_table_allows() {
    for path in files(".rs") {
        let Some(module) = module(&path) else { continue };
        let allowed = MAY_USE.iter().find(|(name, _)| *name == module);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("`{module}` is not in the table"));
        for used in used(&read(&path)) {
            let fine = used == module || allowed.contains(&used.as_str());
            assert!(fine, "{path} uses `{used}`, which the table does not allow `{module}`");
        }
    }
}

#[test]
fn the_table_has_no_cycle() {
    fn visit<'a>(name: &'a str, path: &mut Vec<&'a str>) {
        assert!(!path.contains(&name), "a cycle: {path:?} {name}");
        path.push(name);
        let uses = MAY_USE.iter().find(|(module, _)| *module == name).map_or(&[][..], |(_, u)| *u);
        for used in uses {
            visit(used, path);
        }
        path.pop();
    }
    for (name, _) in MAY_USE {
        visit(name, &mut Vec::new());
    }
}

#[test]
fn the_core_has_no_effects() {
    for path in files(".rs") {
        let pure = module(&path).is_some_and(|module| !EDGE.contains(&module));
        let kit = path.starts_with("frontend/src/")
            && !KIT_EDGE.iter().any(|edge| path.starts_with(edge));
        if pure || kit || path.starts_with("llb/src/") {
            let text = read(&path);
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for effect in EFFECTS {
                assert!(!code.contains(effect), "{path} says `{effect}`");
            }
        }
    }
}

#[test]
fn no_file_is_too_long() {
    for ending in [".rs", ".go", ".sh", ".py"] {
        for path in files(ending).iter().filter(|path| !path.contains("/generated/")) {
            let lines = read(path).lines().count();
            assert!(lines <= MAX_LINES, "{path} has {lines} lines, more than {MAX_LINES}");
        }
    }
}
