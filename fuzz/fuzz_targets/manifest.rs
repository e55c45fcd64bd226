//! A manifest, and what is told of it.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use modelcache::{
    manifest,
    document::Document,
    values::diagnostic::{self, Style},
};

fuzz_target!(|text: &str| {
    let source = Document::new("modelcache.yaml", text);
    let parsed = manifest::parse(&source, &BTreeMap::new());
    let wrong = parsed.diagnostics.iter().any(diagnostic::Diagnostic::is_error);
    assert_eq!(parsed.manifest.is_none(), wrong);
    for label in parsed.diagnostics.iter().flat_map(|found| &found.labels) {
        assert!(text.get(label.span.start..label.span.end).is_some());
    }
    diagnostic::render(&parsed.diagnostics, &source, Style::Plain);
});
