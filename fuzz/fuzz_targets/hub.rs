//! What a hub answers: the listing, and the index files that choose of it. Its input is the
//! listing, and after each NUL the content of the next index.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelcache::models::{
    Format, Pattern,
    choose::{self, ListedFile, Texts, Wish},
    hub,
};

fuzz_target!(|data: &[u8]| {
    let mut parts = data.split(|byte| *byte == 0);
    let Ok(repository) = hub::parse_listing("a/b", parts.next().unwrap_or_default()) else {
        return;
    };
    let files: Vec<ListedFile> = repository
        .files
        .into_iter()
        .map(|file| ListedFile { path: file.path, size: file.size })
        .collect();
    let pattern: Vec<Pattern> = "**/*.json".parse().into_iter().collect();
    let wishes = [
        Wish { id: "a/b".into(), ..Wish::default() },
        Wish { id: "a/b".into(), format: Some(Format::Onnx), ..Wish::default() },
        Wish { id: "a/b".into(), quant: "q4_k_m".parse().ok(), ..Wish::default() },
        Wish { id: "a/b".into(), trust_remote_code: true, exclude: pattern, ..Wish::default() },
    ];
    let bodies: Vec<&[u8]> = parts.collect();
    for wish in wishes {
        let indexes = choose::indexes(&files, &wish).into_iter().map(|file| file.path.clone());
        let texts: Texts = indexes.zip(bodies.iter().map(|body| body.to_vec())).collect();
        let choice = choose::choose(&files, &texts, &wish);
        assert_eq!(choice.kept.len() + choice.left.len(), files.len());
    }
});
