//! What a choice must have: whole sets, every module, every component; and what is
//! worth a warning.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    About, Finding, Level, ListedFile, Selection, diffusers, index,
    kind::{self, WeightsPart},
    modules::{self, Module},
    needs,
};
use crate::models::Format;

/// Adds to the findings what is missing from the kept files, and what is doubtful.
pub fn check(selection: &mut Selection<'_>) {
    check_shards(selection);
    check_modules(selection);
    check_components(selection);
    warn_of_pickles(selection);
    warn_of_code(selection);
    warn_of_no_weights(selection);
    check_weights(selection);
}

/// What to do about a missing file.
fn advice(selection: &Selection<'_>, listed: bool) -> String {
    if listed {
        "`files` leaves it out".to_owned()
    } else {
        format!("`{}` lacks it: name a revision that has it, and tell its owner", selection.wish.id)
    }
}

fn unreadable(selection: &mut Selection<'_>, path: &str) {
    let message = format!("`{path}` of `{}` can't be read", selection.wish.id);
    let help = "it is not the JSON that its library writes: tell its owner";
    selection.findings.push(Finding::error("unreadable-index", About::Model, message).help(help));
}

/// What the shards of one set have in common.
type SetKey = (String, String, Option<String>);

/// The numbers in the names of a set of shards.
struct Counted {
    example: String,
    numbers: BTreeSet<u32>,
    of: u32,
}

/// Shards are of use together: all that the index names, or all that the names count.
fn check_shards(selection: &mut Selection<'_>) {
    let mut named: BTreeSet<String> = BTreeSet::new();
    let mut indexed: BTreeSet<SetKey> = BTreeSet::new();
    let mut counted: BTreeMap<SetKey, Counted> = BTreeMap::new();
    for file in selection.kept() {
        let Some(weights) = kind::weights(&file.path) else { continue };
        let set = (weights.folder.to_owned(), weights.base.clone(), weights.variant.clone());
        match weights.part {
            WeightsPart::Whole => {}
            WeightsPart::Index => {
                let Some(text) = selection.texts.get(&file.path) else { continue };
                match index::shards(text) {
                    Some(shards) => {
                        named.extend(shards.iter().map(|n| index::beside(weights.folder, n)));
                        indexed.insert(set);
                    }
                    None => unreadable(selection, &file.path),
                }
            }
            WeightsPart::Shard(n, of) => {
                let example = file.path.clone();
                let new = || Counted { example, numbers: BTreeSet::new(), of };
                counted.entry(set).or_insert_with(new).numbers.insert(n);
            }
        }
    }
    let mut missing: Vec<(String, bool)> = named
        .into_iter()
        .filter(|path| !selection.has(|kept| kept == path))
        .map(|path| (format!("`{path}`"), selection.is_listed(&path)))
        .collect();
    for (_, set) in counted.into_iter().filter(|(key, _)| !indexed.contains(key)) {
        // Some count from 0.
        let first = u32::from(!set.numbers.contains(&0));
        let gap = (first..first.saturating_add(set.of)).find(|n| !set.numbers.contains(n));
        let shard = gap.map(|n| format!("number {n} of {}, as in `{}`", set.of, set.example));
        missing.extend(shard.map(|shard| (shard, false)));
    }
    if let Some((first, listed)) = missing.first() {
        let id = &selection.wish.id;
        let more = more(missing.len());
        let message = format!("a shard of the weights of `{id}` is missing: {first}{more}");
        let help = advice(selection, *listed);
        selection.findings.push(Finding::error("missing-shard", About::Model, message).help(help));
    }
}

fn more(count: usize) -> String {
    if count > 1 { format!(", and {} more", count - 1) } else { String::new() }
}

/// Every module folder must have a file: see [`modules`].
fn check_modules(selection: &mut Selection<'_>) {
    let mut wanted: Vec<(String, Module)> = Vec::new();
    for file in selection.kept() {
        let Some(text) = selection.texts.get(&file.path) else { continue };
        let (folder, name) = kind::split(&file.path);
        let modules = match name {
            _ if file.path == modules::INDEX => modules::parse(text),
            "router_config.json" => modules::parse_router(folder, text),
            _ => continue,
        };
        match modules {
            Some(modules) => wanted.extend(modules.into_iter().map(|m| (file.path.clone(), m))),
            None => unreadable(selection, &file.path),
        }
    }
    for (index, module) in wanted.into_iter().filter(|(_, module)| module.needs_files()) {
        let inside = format!("{}/", module.folder);
        if selection.has(|path| path.starts_with(&inside)) {
            continue;
        }
        let message = format!(
            "`{index}` of `{}` lists the module `{}`, and no file of it is left",
            selection.wish.id, module.folder,
        );
        let listed = selection.files.iter().any(|file| file.path.starts_with(&inside));
        let help = advice(selection, listed);
        selection.findings.push(
            Finding::error("missing-module", About::Model, message)
                .help("without it, the library builds another model, and says nothing")
                .help(help),
        );
    }
}

fn check_components(selection: &mut Selection<'_>) {
    if !selection.has(|path| path == diffusers::INDEX) {
        return;
    }
    let Some(text) = selection.texts.get(diffusers::INDEX) else { return };
    let Some(components) = diffusers::components(text) else {
        return unreadable(selection, diffusers::INDEX);
    };
    for component in components {
        let inside = format!("{component}/");
        if selection.has(|path| path.starts_with(&inside)) {
            continue;
        }
        let id = &selection.wish.id;
        let listed = selection.files.iter().any(|file| file.path.starts_with(&inside));
        // `safety_checker=None` loads without it, so leaving it out is the user's affair.
        let finding = if listed {
            let message = format!("the component `{component}` of `{id}` is left out");
            Finding::warning("missing-component", message)
                .help(format!("the application must load it with `{component}=None`"))
        } else {
            let message = format!("`{id}` has no folder for its component `{component}`");
            Finding::error("missing-component", About::Model, message)
                .help(advice(selection, false))
        };
        selection.findings.push(finding);
    }
}

fn warn_of_pickles(selection: &mut Selection<'_>) {
    let wish = selection.wish;
    if wish.allow_pickle || wish.format == Some(Format::Bin) || !wish.include.is_empty() {
        return;
    }
    let kept = selection.kept();
    let mut pickles = kept.iter().map(|file| &file.path).filter(|path| kind::is_pickle(path));
    if let Some(first) = pickles.next() {
        let more = more(1 + pickles.count());
        let message =
            format!("`{}` is loaded from pickles, which can run code: `{first}`{more}", wish.id);
        let is_safe = |path: &str| path.ends_with(".safetensors");
        let taken = kept.iter().find(|file| is_safe(&file.path));
        let listed = selection.files.iter().find(|file| is_safe(&file.path));
        let why = match (taken, listed) {
            (Some(file), _) => format!("its safetensors (`{}`) do not replace these", file.path),
            (None, Some(file)) => format!("its safetensors (`{}`) are left out", file.path),
            (None, None) => "it has no safetensors to take instead".to_owned(),
        };
        let help = format!("{why}; if you trust its owner, write `allow_pickle: true`");
        selection.findings.push(Finding::warning("pickle-weights", message).help(help));
    }
}

/// A configuration that maps classes to code in this repository, which is left out.
fn warn_of_code(selection: &mut Selection<'_>) {
    if selection.wish.trust_remote_code || !selection.wish.include.is_empty() {
        return;
    }
    let code = |path: &str| selection.files.iter().any(|file| file.path == path);
    let mut needing: Vec<String> = Vec::new();
    for file in selection.kept() {
        let Some(text) = selection.texts.get(&file.path) else { continue };
        let maps = index::object(text).is_some_and(|config| {
            needs::auto_map(&config).iter().any(|class| !class.contains("--"))
        });
        let modules = (file.path == modules::INDEX).then(|| modules::parse(text)).flatten();
        let custom = modules.unwrap_or_default().iter().any(|module| {
            let package = module.class.split('.').next().unwrap_or_default();
            code(&format!("{package}.py"))
        });
        if maps || custom {
            needing.push(format!("`{}`", file.path));
        }
    }
    if needing.is_empty() {
        return;
    }
    let id = &selection.wish.id;
    let message = format!(
        "`{id}` comes with Python code, which is left out: {} names it",
        needing.join(", ")
    );
    let finding = Finding::warning("remote-code", message).help(
        "read it; then write `trust_remote_code: true` and the commit as `revision`, \
         or use a library that has the model built in",
    );
    selection.findings.push(finding);
}

/// Weights that nothing here reads, and no others.
fn warn_of_no_weights(selection: &mut Selection<'_>) {
    let wish = selection.wish;
    if wish.format == Some(Format::Tokenizer) || !wish.include.is_empty() {
        return;
    }
    let foreign = selection.files.iter().find_map(|file| match kind::runtime(&file.path) {
        Some(kind::Runtime::Foreign(name)) => Some((file.path.clone(), name)),
        _ => None,
    });
    let weighs = selection.has(|path| kind::weights(path).is_some());
    if let Some((path, name)) = foreign.filter(|_| !weighs && selection.findings.is_empty()) {
        let message = format!("`{}` has weights for {name} only", wish.id);
        let help =
            format!("they are kept, such as `{path}`: check that the application reads them");
        selection.findings.push(Finding::warning("no-weights", message).help(help));
    }
}

/// A build of nothing but a model card, or of a configuration whose weights stay behind, is green
/// and of no use. What the user's own patterns ask for is the user's affair.
fn check_weights(selection: &mut Selection<'_>) {
    let wish = selection.wish;
    let is_error = |finding: &Finding| finding.level == Level::Error;
    let by_hand = wish.format == Some(Format::Tokenizer) || !wish.include.is_empty();
    if by_hand || selection.findings.iter().any(is_error) {
        return;
    }
    let kept = selection.kept();
    let left = selection.files.iter().zip(&selection.reasons);
    let left: Vec<(&ListedFile, &str)> =
        left.filter_map(|(file, reason)| Some((file, (*reason)?))).collect();
    let outside: Vec<&ListedFile> = left
        .iter()
        .filter(|(file, reason)| *reason != "excluded" && kind::is_weights_in_waste(&file.path))
        .map(|(file, _)| *file)
        .collect();
    let weighs = kept.iter().any(|file| kind::runtime(&file.path).is_some());
    let documents = kept.iter().all(|file| kind::is_document(&file.path));
    if kept.is_empty() || !(documents || (!weighs && !outside.is_empty())) {
        return;
    }
    let id = &wish.id;
    let message = if documents {
        format!("nothing but documents is taken of `{id}`: {}", several(&kept))
    } else {
        format!("no weights are taken of `{id}`")
    };
    let finding = Finding::error("no-weights", About::Model, message);
    let finding = if let Some(first) = outside.first() {
        let folder = kind::folder(&first.path);
        finding
            .help(format!("its weights are where no library looks: {}", several(&outside)))
            .help(format!("to take them, choose by `files`, as in `files: '{folder}/*'`"))
    } else if left.is_empty() {
        finding.help("it has nothing else")
    } else {
        let shown = left.iter().take(SHOWN).map(|(file, why)| format!("`{}` ({why})", file.path));
        let shown = shown.collect::<Vec<_>>().join(", ");
        finding
            .help(format!("it has besides: {shown}{}", more(1 + left.len().saturating_sub(SHOWN))))
    };
    selection.findings.push(finding.help("what `files` names is taken as it is"));
}

/// How many files a message names.
const SHOWN: usize = 3;

fn several(files: &[&ListedFile]) -> String {
    let shown: Vec<String> =
        files.iter().take(SHOWN).map(|file| format!("`{}`", file.path)).collect();
    format!("{}{}", shown.join(", "), more(1 + files.len().saturating_sub(SHOWN)))
}
