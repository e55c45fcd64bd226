//! What the documents show is true: manifests are read, commands are run.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use modelcache::{
    document::Document,
    manifest::{self, parse::keys},
    values::diagnostic::{self, Style},
};

/// A fenced block of a document.
struct Block {
    /// The document and the block's first line in it.
    place: String,
    language: String,
    text: String,
}

/// A command as typed, and what is shown below it.
struct Shown {
    command: String,
    output: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents for users and for those who change the code.
fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md"), root().join("ARCHITECTURE.md")];
    let folders = fs::read_dir(root().join("examples")).unwrap();
    found.extend(folders.map(|entry| entry.unwrap().path().join("README.md")));
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    found.extend(docs.filter(|path| path.extension().is_some_and(|end| end == "md")));
    found.sort();
    found
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn blocks() -> Vec<Block> {
    let mut found = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root()).unwrap().display();
        let mut open: Option<Block> = None;
        for (index, line) in text.lines().enumerate() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => found.extend(open.take()),
                (Some(language), None) => {
                    let place = format!("{name}:{}", index + 2);
                    let language = language.to_owned();
                    open = Some(Block { place, language, text: String::new() });
                }
                (None, Some(block)) => block.text.extend([line, "\n"]),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{name}: a block is never closed");
    }
    found
}

/// The commands of a console block: `$ ` begins one, `> ` goes on with it.
fn commands(block: &Block) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    for line in block.text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            found.push(Shown { command: command.to_owned(), output: String::new() });
            continue;
        }
        let last = found.last_mut().unwrap_or_else(|| panic!("{}: no command", block.place));
        match line.strip_prefix("> ") {
            Some(more) if last.output.is_empty() => last.command.extend(["\n", more]),
            _ => last.output.extend([line, "\n"]),
        }
    }
    found
}

/// What a shell at the top of the repository prints, the binary on its path.
fn run(command: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_modelcache")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), env::var("PATH").unwrap());
    let script = format!("exec 2>&1\n{command}\n");
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", &script]).env("PATH", path).current_dir(root()).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}

#[test]
fn every_manifest_shown_is_one() {
    let blocks = blocks();
    let manifests: Vec<&Block> = blocks.iter().filter(|block| block.language == "yaml").collect();
    assert!(!manifests.is_empty());
    for block in manifests {
        let source = Document::new(block.place.clone(), block.text.clone());
        let found = manifest::parse(&source, &BTreeMap::new()).diagnostics;
        assert!(found.is_empty(), "{}", diagnostic::render(&found, &source, Style::Plain));
    }
}

#[test]
fn every_modelcache_command_prints_what_is_shown() {
    let blocks = blocks();
    let shown: Vec<(&str, Shown)> = blocks
        .iter()
        .filter(|block| block.language == "console")
        .flat_map(|block| commands(block).into_iter().map(|shown| (block.place.as_str(), shown)))
        .filter(|(_, shown)| shown.command.starts_with("modelcache "))
        .collect();
    assert!(!shown.is_empty());
    for (place, Shown { command, output }) in shown {
        assert_eq!(run(&command), output, "{place}: {command}");
    }
}

#[test]
fn the_readme_names_every_key_that_is_to_come() {
    let said = read("tests/data/manifest/not-yet.txt");
    let keys: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split_once("this version has no `")?.1.strip_suffix("` yet"))
        .collect();
    assert!(!keys.is_empty());
    let readme = read("README.md");
    for key in keys {
        assert!(readme.contains(&format!("`{key}`")), "README.md says nothing of `{key}`");
    }
}

#[test]
fn the_architecture_has_a_line_for_every_module() {
    let text = read("ARCHITECTURE.md");
    let library = read("src/lib.rs");
    let modules =
        library.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules {
        let named = text.lines().any(|line| line.starts_with(&format!("| `{module}` |")));
        assert!(named, "ARCHITECTURE.md has no line for `{module}`");
    }
}

/// The instructions that BuildKit's own frontend knows, and the comments that it reads.
const INSTRUCTIONS: [&str; 22] = [
    "# syntax=",
    "# check=",
    "# escape=",
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "COPY <<EOF",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

#[test]
fn the_move_from_a_dockerfile_has_every_instruction_and_every_key_of_the_application() {
    let text = read("docs/from-dockerfile.md");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    for instruction in INSTRUCTIONS {
        let is_there = rows.iter().any(|row| {
            let rest = row.strip_prefix("| `").and_then(|row| row.strip_prefix(instruction));
            rest.is_some_and(|rest| rest.starts_with(['`', ' ']))
        });
        assert!(is_there, "no row for `{instruction}`");
    }
    for key in keys::APP.known {
        let key = format!("`app.{key}");
        assert!(rows.iter().any(|row| row.contains(&key)), "no row names {key}`");
    }
}
