//! What holds for every text, manifest or not.

use std::{collections::BTreeMap, fs, path::Path};

use modelcache::{
    document::{Document, Span},
    manifest::{self, Manifest, Model, Python},
    values::diagnostic::{self, Style},
};
use proptest::prelude::*;

/// Reads `text`, and checks all places that come of it.
fn read(text: &str) -> Result<(), TestCaseError> {
    let source = Document::new("modelcache.yaml", text);
    let parsed = manifest::parse(&source, &BTreeMap::from([("A".to_owned(), "é".to_owned())]));
    let labels = parsed.diagnostics.iter().flat_map(|found| &found.labels);
    let mut spans: Vec<Span> = labels.map(|label| label.span).collect();
    let wrong = parsed.diagnostics.iter().any(diagnostic::Diagnostic::is_error);
    prop_assert_eq!(parsed.manifest.is_none(), wrong);
    spans.extend(parsed.manifest.iter().flat_map(places));
    for Span { start, end } in spans {
        prop_assert!(start <= end && text.get(start..end).is_some(), "{start}..{end} in {text:?}");
    }
    let sorted = parsed.diagnostics.is_sorted_by_key(diagnostic::Diagnostic::span);
    prop_assert!(sorted, "out of order: {:?}", parsed.diagnostics);
    diagnostic::render(&parsed.diagnostics, &source, Style::Plain);
    diagnostic::render(&parsed.diagnostics, &source, Style::Colour);
    parsed.diagnostics.iter().for_each(|found| drop(found.to_json(&source)));
    Ok(())
}

fn places(manifest: &Manifest) -> Vec<Span> {
    let mut spans = vec![manifest.base.span];
    spans.extend(manifest.args.values().map(|arg| arg.span));
    spans.extend(manifest.python.iter().flat_map(python_places));
    spans.extend(manifest.models.iter().flat_map(model_places));
    if let Some(app) = &manifest.app {
        spans.push(app.span);
        spans.extend(app.copy.iter().flat_map(|copy| [copy.span, copy.from.span]));
        spans.extend(app.copy.iter().filter_map(|copy| copy.to.as_ref()).map(|to| to.span));
        spans.extend(app.workdir.iter().map(|workdir| workdir.span));
        spans.extend(app.command.iter().chain(&app.entrypoint).map(|words| words.span));
        spans.extend(app.expose.iter().map(|port| port.span));
        spans.extend(app.healthcheck.iter().map(|check| check.test.span));
        spans.extend(app.stop_signal.iter().map(|signal| signal.span));
        spans.extend(app.volumes.iter().map(|volume| volume.span));
        let pairs = app.env.iter().chain(&app.labels);
        spans.extend(pairs.flat_map(|(name, value)| [name.span, value.span]));
    }
    spans.extend(manifest.user.iter().map(|user| user.span));
    spans.extend(manifest.mirrors.huggingface.iter().map(|url| url.span));
    spans
}

fn python_places(python: &Python) -> Vec<Span> {
    let files = python.requirements.iter().map(|path| path.span);
    let texts = python.packages.iter().chain(&python.index).chain(&python.extra_indexes);
    files.chain(texts.map(|text| text.span)).chain([python.span]).collect()
}

fn model_places(model: &Model) -> Vec<Span> {
    let patterns = model.include.iter().chain(&model.exclude).map(|pattern| pattern.span);
    let revision = model.revision.iter().map(|revision| revision.span);
    patterns.chain(revision).chain([model.span, model.id.span]).collect()
}

/// The manifests of the other tests, right and wrong.
fn manifests() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/manifest");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// A manifest in which some characters are replaced by what means something to YAML
/// or to us, or has more than one byte.
fn mutated() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "",
        " ",
        "\n",
        "\r\n",
        "\t",
        ":",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        "&a ",
        "*a",
        "!x ",
        "|\n",
        "'",
        "\"",
        "\\",
        "${A}",
        "${",
        "$$",
        "@",
        "/",
        "..",
        "é",
        "\u{feff}",
        "😀",
        "\0",
        "~",
        "---\n",
        "? ",
        "<<: ",
        "https://a:b@",
        "%",
    ]);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..4usize, pieces), 0..8);
    (prop::sample::select(manifests()), edits).prop_map(|(text, edits)| {
        let mut chars: Vec<String> = text.chars().map(String::from).collect();
        for (at, length, piece) in edits {
            let at = at.index(chars.len() + 1);
            let end = (at + length).min(chars.len());
            chars.splice(at..end, [piece.to_owned()]);
        }
        chars.concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_read_or_told(text in any::<String>()) {
        read(&text)?;
    }

    #[test]
    fn any_yaml_like_text_is_read_or_told(
        text in "(base|models|app|user|- |: |\n|  |\\[|\\]|\\{|\\}|,|a/b|é|\"|'|#|\\$\\{A\\}){0,40}"
    ) {
        read(&text)?;
    }

    #[test]
    fn any_manifest_with_typos_is_read_or_told(text in mutated()) {
        read(&text)?;
    }
}

#[test]
fn every_manifest_keeps_its_places() {
    for text in manifests() {
        read(&text).unwrap();
    }
}

#[test]
fn a_place_holds_what_was_written() {
    let text = "# é\nbase: python:3.13 # ü\nmodels: [a/b@v1, 'c/d', {id: \"e/f\", revision: g}]\n";
    let source = Document::new("m", text);
    let manifest = manifest::parse(&source, &BTreeMap::new()).manifest.unwrap();
    let written: Vec<&str> = places(&manifest).into_iter().map(|span| source.slice(span)).collect();
    let expected = [
        "python:3.13",
        "v1",
        "a/b@v1",
        "a/b",
        "'c/d'",
        "c/d",
        "g",
        "{id: \"e/f\", revision: g}",
        "e/f",
    ];
    assert_eq!(written, expected);
}
