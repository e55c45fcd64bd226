//! One quantisation out of a repository of GGUF files.

use std::collections::BTreeMap;

use super::{
    About, Finding, ListedFile, Selection,
    kind::{self, Runtime, Weights},
};
use crate::values::bytes::{human, total};

/// The files of one GGUF model, which are several if it is split.
struct Set<'a> {
    quant: Option<String>,
    files: Vec<&'a ListedFile>,
    /// Pictures' encoder for a language model: it goes with any quantisation of that.
    projector: bool,
}

impl Set<'_> {
    fn size(&self) -> u64 {
        total(self.files.iter().map(|file| file.size))
    }

    fn is(&self, wished: &str) -> bool {
        self.quant.as_ref().is_some_and(|quant| quant.eq_ignore_ascii_case(wished))
    }
}

/// Keeps the set of the quantisation asked for, or the only one.
pub fn choose(selection: &mut Selection<'_>) {
    let mut sets: BTreeMap<(&str, String), Set<'_>> = BTreeMap::new();
    for file in selection.kept() {
        let Some(Weights { runtime: Runtime::Gguf, folder, base, .. }) = kind::weights(&file.path)
        else {
            continue;
        };
        let quant = quant(&base);
        let projector = base.to_ascii_lowercase().contains("mmproj");
        let set = sets.entry((folder, base));
        set.or_insert_with(|| Set { quant, files: Vec::new(), projector }).files.push(file);
    }
    let (projectors, models): (Vec<Set<'_>>, Vec<Set<'_>>) =
        sets.into_values().partition(|set| set.projector);
    let wished = selection.wish.quant.as_ref().map(|quant| quant.as_str().to_owned());
    let fit: Vec<&Set<'_>> = match &wished {
        Some(wished) => models.iter().filter(|set| set.is(wished)).collect(),
        None => models.iter().collect(),
    };
    let chosen = match (&fit[..], &wished) {
        ([only], _) => *only,
        ([], None) => return,
        ([], Some(wished)) => {
            let message = format!("`{}` has no GGUF file of `{wished}`", selection.wish.id);
            let finding = Finding::error("no-such-quant", About::Quant, message);
            selection.findings.push(finding.help(format!("it has: {}", list(&models))));
            return;
        }
        (several, Some(wished)) => {
            let message = format!("`{}` has several models of `{wished}`", selection.wish.id);
            let paths: Vec<&str> = several.iter().map(|set| set.files[0].path.as_str()).collect();
            let help = format!("name one in `files`: {}", paths.join(", "));
            selection
                .findings
                .push(Finding::error("ambiguous-quant", About::Quant, message).help(help));
            return;
        }
        (_, None) => {
            let message = format!("`{}` has {} GGUF models", selection.wish.id, fit.len());
            selection.findings.push(
                Finding::error("ambiguous-quant", About::Model, message)
                    .help(format!("choose one by `quant`: {}", list(&models)))
                    .help("`Q4_K_M` is the usual balance of size and quality"),
            );
            return;
        }
    };
    let projector = projectors.iter().max_by_key(|set| {
        (wished.as_deref().is_some_and(|wished| set.is(wished)), set.is("F16"), set.is("BF16"))
    });
    let kept: Vec<&ListedFile> =
        chosen.files.iter().chain(projector.iter().flat_map(|set| &set.files)).copied().collect();
    selection.leave("another quantisation", |path| {
        kind::runtime(path) == Some(Runtime::Gguf) && !kept.iter().any(|file| file.path == path)
    });
}

/// What is to be had, the smallest first.
fn list(sets: &[Set<'_>]) -> String {
    let mut sets: Vec<(u64, String)> = sets
        .iter()
        .map(|set| {
            let name = set.quant.clone().or_else(|| Some(set.files.first()?.path.clone()));
            (set.size(), name.unwrap_or_default())
        })
        .collect();
    sets.sort();
    let texts: Vec<String> =
        sets.into_iter().map(|(bytes, name)| format!("{name} ({})", human(bytes))).collect();
    texts.join(", ")
}

/// The quantisation in a name, as llama.cpp's tools write it: `Q4_K_M`, `IQ2_XXS`,
/// `UD-Q4_K_XL`, `BF16`; the last of several.
pub fn quant(stem: &str) -> Option<String> {
    let is_start = |at: usize| at == 0 || matches!(stem.as_bytes()[at - 1], b'-' | b'.' | b'_');
    let starts = stem.char_indices().map(|(at, _)| at).filter(|at| is_start(*at));
    let word = |at: usize| {
        let end = stem[at..].find(['-', '.']).map_or(stem.len(), |end| at + end);
        let word = stem[at..end].to_ascii_uppercase();
        let prefix = stem[..at].to_ascii_uppercase();
        let dynamic = if prefix.ends_with("UD-") { "UD-" } else { "" };
        is_quant(&word).then(|| format!("{dynamic}{word}"))
    };
    starts.filter_map(word).next_back()
}

fn is_quant(word: &str) -> bool {
    if matches!(word, "F16" | "BF16" | "F32" | "FP16" | "FP32") || word.starts_with("MXFP4") {
        return true;
    }
    let rest = ["IQ", "TQ", "Q"].into_iter().find_map(|start| word.strip_prefix(start));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}
