//! One set of weights out of the twins that stand in a folder.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    About, Finding, ListedFile, Selection, index,
    kind::{self, Runtime, Weights, WeightsPart},
};
use crate::{
    models::Format,
    values::bytes::{human, total},
};

/// What tells the sets of one folder apart.
type SetKey = (Option<String>, Runtime);

/// Files that hold the same weights, by set.
type Twins<'a> = BTreeMap<SetKey, Vec<(&'a ListedFile, Weights<'a>)>>;

/// Keeps one set of each folder's twins: the variant asked for or the plain one,
/// in the format asked for or the safest.
pub fn choose(selection: &mut Selection<'_>, runtime: Runtime) {
    let torch = |runtime| matches!(runtime, Runtime::Safetensors | Runtime::Bin);
    let mut groups: BTreeMap<(&str, bool, String), Twins<'_>> = BTreeMap::new();
    for file in selection.kept() {
        let Some(weights) = kind::weights(&file.path) else { continue };
        let weights = with_wished_variant(weights, selection);
        if torch(weights.runtime) || weights.runtime == runtime {
            let group = (weights.folder, torch(weights.runtime), weights.base.clone());
            let set = (weights.variant.clone(), weights.runtime);
            groups.entry(group).or_default().entry(set).or_default().push((file, weights));
        }
    }
    check_variant(selection, &groups.values().collect::<Vec<_>>());
    leave_consolidated(selection, &groups.keys().cloned().collect());
    for twins in groups.values() {
        if let Some(chosen) = choose_set(selection, twins) {
            for (set, files) in twins {
                if let Some(reason) = reason(set, &chosen) {
                    leave(selection, files.iter().map(|(file, _)| *file), reason);
                }
            }
            leave_second_copy(selection, &twins[&chosen]);
        }
    }
}

/// `variant: custom` makes `model.custom.safetensors` a variant, which it is not by itself.
fn with_wished_variant<'a>(weights: Weights<'a>, selection: &Selection<'_>) -> Weights<'a> {
    let Some(wished) = selection.wish.variant.as_ref().filter(|_| weights.variant.is_none()) else {
        return weights;
    };
    let plain = weights.base.strip_suffix(wished.as_str());
    match plain.and_then(|base| base.strip_suffix(['.', '_', '-'])) {
        Some(base) => {
            Weights { base: base.to_owned(), variant: Some(wished.to_string()), ..weights }
        }
        None => weights,
    }
}

/// Why the files of `set` are left out when `chosen` is taken.
fn reason(set: &SetKey, chosen: &SetKey) -> Option<&'static str> {
    if set == chosen {
        None
    } else if set.0 != chosen.0 {
        Some("another variant")
    } else if set.1 == Runtime::Bin {
        Some("the same as pickles")
    } else {
        Some("the same as safetensors")
    }
}

/// The set to keep; none where that can't be told.
fn choose_set(selection: &mut Selection<'_>, twins: &Twins<'_>) -> Option<SetKey> {
    let variants: BTreeSet<&Option<String>> = twins.keys().map(|(variant, _)| variant).collect();
    let wished = selection.wish.variant.as_ref().map(ToString::to_string);
    let variant = match &variants.iter().collect::<Vec<_>>()[..] {
        [only] => (**only).clone(),
        _ if wished.is_some() && variants.contains(&wished) => wished,
        _ if variants.contains(&None) => None,
        several => {
            let names: Vec<&str> = several.iter().filter_map(|name| name.as_deref()).collect();
            let (_, first) = twins.values().flatten().next()?;
            let path = super::index::beside(first.folder, &first.base);
            let message = format!(
                "`{}` has several variants of `{path}`, and none is plain",
                selection.wish.id,
            );
            let sizes: Vec<String> = names
                .iter()
                .map(|name| format!("{name} ({})", human(variant_size(twins, name))))
                .collect();
            selection.findings.push(
                Finding::error("ambiguous-variant", About::Model, message)
                    .help(format!("choose one by `variant`: {}", sizes.join(", "))),
            );
            return None;
        }
    };
    let formats: Vec<Runtime> =
        twins.keys().filter(|(of, _)| *of == variant).map(|(_, runtime)| *runtime).collect();
    let wants_bin = selection.wish.format == Some(Format::Bin);
    let bin = formats.iter().find(|runtime| wants_bin && **runtime == Runtime::Bin);
    let runtime = bin.or(formats.first())?;
    Some((variant, *runtime))
}

fn variant_size(twins: &Twins<'_>, name: &str) -> u64 {
    let of = twins.iter().find(|((variant, _), _)| variant.as_deref() == Some(name));
    of.map(|(_, files)| total(files.iter().map(|(file, _)| file.size))).unwrap_or_default()
}

/// Notes that the variant asked for is nowhere.
fn check_variant(selection: &mut Selection<'_>, groups: &[&Twins<'_>]) {
    let Some(wished) = &selection.wish.variant else { return };
    let variants = groups.iter().flat_map(|twins| twins.keys()).filter_map(|(v, _)| v.as_deref());
    let variants: BTreeSet<&str> = variants.collect();
    if !variants.contains(wished.as_str()) {
        let message = format!("`{}` has no variant `{wished}`", selection.wish.id);
        let help = if variants.is_empty() {
            "it has one form of its weights: remove `variant`".to_owned()
        } else {
            format!("it has: {}", variants.into_iter().collect::<Vec<_>>().join(", "))
        };
        selection
            .findings
            .push(Finding::error("no-such-variant", About::Variant, message).help(help));
    }
}

/// Mistral's `consolidated.safetensors` beside what the libraries load.
fn leave_consolidated(selection: &mut Selection<'_>, groups: &BTreeSet<(&str, bool, String)>) {
    for (folder, torch, base) in groups {
        let beside = groups.iter().any(|(f, t, b)| f == folder && t == torch && b != base);
        if *torch && base.starts_with("consolidated") && beside {
            selection.leave("the same in one file", |path| {
                kind::weights(path).is_some_and(|w| w.folder == *folder && w.base == *base)
            });
        }
    }
}

/// Of a set that is there whole and in shards, libraries load the whole; and of
/// shards, those that the index names.
fn leave_second_copy(selection: &mut Selection<'_>, set: &[(&ListedFile, Weights<'_>)]) {
    let is = |part: WeightsPart| match part {
        WeightsPart::Whole => 0,
        WeightsPart::Shard(..) => 1,
        WeightsPart::Index => 2,
    };
    let files = |kind: u8| set.iter().filter(move |(_, weights)| is(weights.part) == kind);
    if !matches!(set.first(), Some((_, w)) if matches!(w.runtime, Runtime::Safetensors | Runtime::Bin))
    {
        return;
    }
    if files(0).next().is_some() {
        leave(selection, files(1).chain(files(2)).map(|(file, _)| *file), "the same in shards");
        return;
    }
    let Some((index, weights)) = files(2).next() else { return };
    let Some(named) = selection.texts.get(&index.path).and_then(|text| index::shards(text)) else {
        return;
    };
    let named: BTreeSet<String> =
        named.iter().map(|name| index::beside(weights.folder, name)).collect();
    let others = files(1).map(|(file, _)| *file).filter(|file| !named.contains(&file.path));
    leave(selection, others, "not in the index of shards");
}

fn leave<'f>(
    selection: &mut Selection<'_>,
    files: impl Iterator<Item = &'f ListedFile>,
    reason: &'static str,
) {
    let paths: BTreeSet<&str> = files.map(|file| file.path.as_str()).collect();
    selection.leave(reason, |path| paths.contains(path));
}
