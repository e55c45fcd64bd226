//! What `docker buildx build` writes while it builds.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

/// A vertex of a build.
pub struct Step {
    /// Its progress name.
    pub name: String,
    /// Whether its result was there already.
    pub cached: bool,
    /// Whether it takes nothing from other steps. Such a step shows even if only
    /// its cache key was computed: what was fetched is told by the servers.
    pub is_source: bool,
    digest: String,
}

/// The steps that began, in that order, from `--progress rawjson`.
///
/// While a daemon still puts an earlier build away, a build that shares a step with it is
/// told what the step did there, times and all. What began before this build's own first
/// step, which reads the manifest, is such a step: this build found it done.
pub fn steps(seen: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut first = None;
    for event in seen.lines().filter_map(event) {
        for vertex in event["vertexes"].as_array().into_iter().flatten() {
            if vertex["started"].is_null() {
                continue;
            }
            let word = |key: &str| vertex[key].as_str().unwrap_or_default().to_owned();
            let began = time(&word("started")).to_owned();
            let is_earlier = began < *first.get_or_insert(began.clone());
            let cached = is_earlier || vertex["cached"].as_bool().unwrap_or_default();
            let digest = word("digest");
            if let Some(step) = steps.iter_mut().find(|step| step.digest == digest) {
                step.cached |= cached;
                continue;
            }
            let is_source = vertex["inputs"].as_array().is_none_or(Vec::is_empty);
            steps.push(Step { name: word("name"), cached, is_source, digest });
        }
    }
    steps
}

/// A time of the daemon's, which are all in UTC, so that the texts are in the times' order:
/// the fraction of a second has as many digits as it needs, and then a `Z`.
fn time(text: &str) -> &str {
    text.strip_suffix('Z').expect("the daemon's times are in UTC")
}

#[test]
fn a_step_of_the_build_before_was_found_done() {
    let vertex = |name: &str, started: &str| serde_json::json!({"digest": name, "name": name, "inputs": ["x"], "started": started});
    let seen = [
        vertex("load the manifest", "2026-11-28T09:23:40.4Z"),
        vertex("ours", "2026-11-28T09:23:40.41Z"),
        vertex("the other's", "2026-11-28T09:23:40.39Z"),
        vertex("of the second before", "2026-11-28T09:23:40Z"),
    ]
    .map(|vertex| serde_json::json!({"vertexes": [vertex]}).to_string())
    .join("\n");
    let steps = steps(&seen);
    let cached: Vec<&str> =
        steps.iter().filter(|step| step.cached).map(|step| &*step.name).collect();
    assert_eq!(cached, ["the other's", "of the second before"]);
}

/// `--progress rawjson` for a person: what the steps printed, and how it ended.
pub fn in_words(seen: &str) -> String {
    let mut words = String::new();
    for line in seen.lines() {
        let Some(event) = event(line) else {
            words.push_str(line);
            words.push('\n');
            continue;
        };
        for log in event["logs"].as_array().into_iter().flatten() {
            let data = BASE64_STANDARD.decode(log["data"].as_str().unwrap_or_default());
            words.push_str(&String::from_utf8_lossy(&data.unwrap_or_default()));
        }
    }
    words
}

fn event(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok().filter(Value::is_object)
}

/// The end of `--progress plain` where a build failed: the failed step's last
/// words, if it had any, the place in the manifest, and the error.
pub fn failure(seen: &str) -> &str {
    let starts = ["\n------\n", "\nmodelcache.yaml:"].map(|start| seen.find(start));
    let start = starts.into_iter().flatten().min();
    start.map_or(seen, |start| &seen[start + 1..])
}
