//! `--call=plan`: which files of each model go into the image, and which don't.

use std::fmt::Write;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{
    build::Build,
    failure::Failure,
    resolve::hub::{FoundModel, ModelAsker},
};
use crate::{
    answers::Answers,
    document::Document,
    gateway::reply::Reply,
    models::choose::ListedFile,
    values::{
        bytes,
        diagnostic::{self, Diagnostic, Style},
    },
};

/// The subrequest.
pub const SUBREQUEST: &str = "frontend.plan";

/// Asks the hub about every model, at the commits of a lock where `known` has them.
/// What is wrong with a choice is part of the answer, so that the table is there, too.
pub async fn answer(build: Build<'_>, known: &Answers) -> Result<Reply, Failure> {
    let Build { manifest, file, .. } = build;
    let asked = manifest.models.iter().map(async |model| {
        let asker = ModelAsker::new(build, model);
        match known.model(model) {
            Some(snapshot) => asker.at(&snapshot.commit).look().await,
            None => asker.look().await,
        }
    });
    let mut models = Vec::new();
    let mut failures = Vec::new();
    for (model, found) in manifest.models.iter().zip(join_all(asked).await) {
        match found {
            Ok(found) => {
                let name = format!("{}@{}", model.id.value, model.revision_or_main());
                models.push((name, found));
            }
            Err(failure) => failures.push(failure),
        }
    }
    match Failure::all(failures) {
        None => Ok(describe(&models, &file.document)),
        Some(failure) => Err(failure),
    }
}

/// The answer as a table and as JSON.
fn describe(models: &[(String, FoundModel)], document: &Document) -> Reply {
    let mut text = String::new();
    for (name, found) in models {
        table(&mut text, name, found);
    }
    let (kept, left) = models.iter().fold((0u64, 0u64), |(kept, left), (_, found)| {
        (kept.saturating_add(kept_bytes(found)), left.saturating_add(left_bytes(found)))
    });
    let (fetched, spared) = (bytes::human(kept), bytes::human(left));
    let _ = writeln!(text, "in all, {fetched} to fetch, and {spared} left out");
    let said: Vec<Diagnostic> = models.iter().flat_map(|(_, found)| found.said.clone()).collect();
    if !said.is_empty() {
        let _ = write!(text, "\n{}", diagnostic::render(&said, document, Style::Plain));
    }
    let json = json!({
        "models": models.iter().map(|(name, found)| model(name, found)).collect::<Vec<_>>(),
        "keptBytes": kept,
        "leftBytes": left,
        "diagnostics": said.iter().map(|said| said.to_json(document)).collect::<Vec<_>>(),
    });
    let mut metadata = vec![
        ("result.json", json.to_string()),
        ("result.txt", text),
        ("version", "1.0.0".to_owned()),
    ];
    if said.iter().any(Diagnostic::is_error) {
        metadata.push(("result.statuscode", "1".to_owned()));
    }
    let metadata = metadata.into_iter().map(|(key, value)| (key.to_owned(), value.into_bytes()));
    Reply { metadata: metadata.collect(), ..Reply::default() }
}

fn table(text: &mut String, name: &str, found: &FoundModel) {
    let FoundModel { repository, choice, .. } = found;
    let license = repository.license.as_deref().unwrap_or("no licence named");
    let gated = if repository.gated { ", gated" } else { "" };
    let _ = writeln!(text, "{name} = {}, {license}{gated}", repository.commit);
    let mut line = |sign: char, file: &ListedFile, reason: &str| {
        let row = format!("  {sign} {:>9}  {}", bytes::human(file.size), file.path);
        let _ = writeln!(text, "{}", format!("{row:<60}  {reason}").trim_end());
    };
    for file in &choice.kept {
        line('+', file, "");
    }
    for (file, reason) in &choice.left {
        line('-', file, reason);
    }
    let (kept, left) = (bytes::human(kept_bytes(found)), bytes::human(left_bytes(found)));
    let _ = writeln!(text, "  = {kept:>9}  to fetch, and {left} left out\n");
}

fn model(name: &str, found: &FoundModel) -> Value {
    let FoundModel { repository, choice, .. } = found;
    let kept = choice.kept.iter().map(|file| json!({"path": file.path, "size": file.size}));
    let left = choice
        .left
        .iter()
        .map(|(file, reason)| json!({"path": file.path, "size": file.size, "reason": reason}));
    json!({
        "name": name,
        "commit": repository.commit,
        "license": repository.license,
        "gated": repository.gated,
        "kept": kept.collect::<Vec<_>>(),
        "left": left.collect::<Vec<_>>(),
        "keptBytes": kept_bytes(found),
        "leftBytes": left_bytes(found),
    })
}

fn kept_bytes(found: &FoundModel) -> u64 {
    bytes::total(found.choice.kept.iter().map(|file| file.size))
}

fn left_bytes(found: &FoundModel) -> u64 {
    bytes::total(found.choice.left.iter().map(|(file, _)| file.size))
}
