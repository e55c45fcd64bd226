//! Modules that name each other in a circle: which there are, so that a new one is found.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::{
    ItemUse, UseTree,
    visit::{self, Visit},
};

/// The packages, each with its circles. Of the arrows between a module and its own parts nothing
/// is said: a part may use what the module's first file is about.
const KNOWN: &[(&str, &[&[&str]])] = &[
    ("src", &[]),
    ("frontend/src", &[]),
    // An op is made from outputs, an output is a vertex's, a vertex does an op.
    ("llb/src", &[&["exec", "file", "mount", "op", "source", "source::git", "vertex"]]),
];

/// The modules of a package by name, `plan::python`, with their files.
fn modules(folder: &Path, above: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let stem = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        let name = if above.is_empty() { stem } else { format!("{above}::{stem}") };
        if path.is_dir() {
            modules(&path, &name, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("source is text");
            found.insert(name, text);
        }
    }
}

/// The paths that a file names.
#[derive(Default)]
struct Paths(Vec<Vec<String>>);

impl Paths {
    fn tree(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            UseTree::Name(name) => self.0.push(with(&name.ident)),
            UseTree::Rename(rename) => self.0.push(with(&rename.ident)),
            UseTree::Glob(_) => self.0.push(before.to_vec()),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(before, item)),
        }
    }
}

impl<'a> Visit<'a> for Paths {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }
}

/// The module that `path`, named in `module`, is in.
fn target(path: &[String], module: &str, all: &BTreeMap<String, String>) -> Option<String> {
    let mut base: Vec<&str> = module.split("::").collect();
    let mut rest: Vec<&str> = path.iter().map(String::as_str).collect();
    match *rest.first()? {
        "crate" => {
            base.clear();
            rest.remove(0);
        }
        "self" | "super" => {
            while matches!(rest.first(), Some(&("self" | "super"))) {
                if rest.remove(0) == "super" {
                    base.pop();
                }
            }
        }
        _ => {}
    }
    let full = [base, rest].concat();
    (1..=full.len()).rev().map(|end| full[..end].join("::")).find(|name| all.contains_key(name))
}

fn is_part(part: &str, of: &str) -> bool {
    part.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// For each module, those that it names and is no part of, nor they of it.
fn arrows(all: &BTreeMap<String, String>) -> BTreeMap<&str, BTreeSet<String>> {
    let named = |(module, text): (&'_ String, &String)| {
        let mut paths = Paths::default();
        paths.visit_file(&syn::parse_file(text).expect("it compiles"));
        let targets = paths.0.iter().filter_map(|path| target(path, module, all));
        targets.filter(|other| !is_part(other, module) && !is_part(module, other)).collect()
    };
    all.iter().map(|entry| (entry.0.as_str(), named(entry))).collect()
}

/// All that can be reached from `module`.
fn reached(module: &str, arrows: &BTreeMap<&str, BTreeSet<String>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&String> = arrows[module].iter().collect();
    while let Some(next) = open.pop() {
        if found.insert(next.clone()) {
            open.extend(&arrows[next.as_str()]);
        }
    }
    found
}

#[test]
fn there_is_no_circle_but_those_that_are_known() {
    for (package, known) in KNOWN {
        let mut all = BTreeMap::new();
        modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join(package), "", &mut all);
        assert!(all.len() > 8, "{package} is somewhere else");
        let arrows = arrows(&all);
        let reach: BTreeMap<&str, BTreeSet<String>> =
            arrows.keys().map(|module| (*module, reached(module, &arrows))).collect();
        let circle = |module: &&str| -> Vec<&str> {
            let back =
                |other: &&&str| reach[module].contains(**other) && reach[**other].contains(*module);
            reach.keys().filter(back).copied().collect()
        };
        let circles: BTreeSet<Vec<&str>> =
            reach.keys().map(circle).filter(|it| !it.is_empty()).collect();
        let known: BTreeSet<Vec<&str>> = known.iter().map(|circle| circle.to_vec()).collect();
        assert_eq!(circles, known, "in {package}");
    }
}
