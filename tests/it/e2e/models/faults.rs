//! The hub on a bad day: what users see, how often it is asked, and what the next
//! build still has to fetch.

use std::{fmt::Write, fs};

use expect_test::expect;

use crate::e2e::{
    double::{Request, free_ports},
    project::Project,
};

/// What is wrong.
enum Trouble {
    /// These faults of the hub (tests/doubles/README.md).
    Faults(&'static str),
    /// The repository's `.hub.json`.
    Repository(&'static str),
    /// The line of the manifest that names the model.
    Model(&'static str),
    /// The hub is elsewhere.
    Elsewhere(String),
}
use Trouble::{Elsewhere, Faults, Model, Repository};

/// The weights: a large file, whose digest the hub lists.
const WEIGHTS: &str = "model.safetensors";

fn table() -> Vec<(&'static str, Trouble)> {
    let [closed, _] = free_ports();
    vec![
        ("401 private repository", Repository(r#"{"private": true, "token": "x"}"#)),
        ("401 gated files", Repository(r#"{"gated": "manual", "token": "x"}"#)),
        ("403 large file", Faults(r#"{"match": "/model.safetensors", "status": 403}"#)),
        ("403 small file", Faults(r#"{"match": "/config.json", "status": 403}"#)),
        ("404 repository", Model("acme/frist")),
        ("404 revision", Model("acme/first@v9")),
        ("404 large file", Faults(r#"{"match": "/model.safetensors", "status": 404}"#)),
        ("404 small file", Faults(r#"{"match": "/README.md", "status": 404}"#)),
        (
            "429 list, once",
            Faults(
                r#"{"match": "/api/models/", "times": 1, "status": 429, "headers": {"RateLimit": "\"api\";r=0;t=1", "Retry-After": "1"}}"#,
            ),
        ),
        (
            "429 file, once",
            Faults(
                r#"{"match": "/resolve/", "times": 1, "status": 429, "headers": {"RateLimit": "\"resolvers\";r=0;t=1"}}"#,
            ),
        ),
        ("429 always", Faults(r#"{"match": "/", "status": 429, "headers": {"Retry-After": "1"}}"#)),
        ("500 list, once", Faults(r#"{"match": "/api/models/", "times": 1, "status": 500}"#)),
        ("500 large file, always", Faults(r#"{"match": "/model.safetensors", "status": 500}"#)),
        ("503 list, twice", Faults(r#"{"match": "/api/models/", "times": 2, "status": 503}"#)),
        (
            "503 small file, twice",
            Faults(r#"{"match": "/resolve-cache/", "times": 2, "status": 503}"#),
        ),
        ("503 large file, twice", Faults(r#"{"match": "/cdn/", "times": 2, "status": 503}"#)),
        ("503 always", Faults(r#"{"match": "/", "status": 503}"#)),
        ("connection refused", Elsewhere(format!("http://127.0.0.1:{closed}"))),
        ("no such host", Elsewhere("http://hub.invalid".into())),
        ("large file cut, once", Faults(r#"{"match": "/cdn/", "times": 1, "cut": 1000}"#)),
        ("large file cut, always", Faults(r#"{"match": "/cdn/", "cut": 1000}"#)),
        ("small file cut, once", Faults(r#"{"match": "/resolve-cache/", "times": 1, "cut": 10}"#)),
        ("list cut, once", Faults(r#"{"match": "/api/models/", "times": 1, "cut": 10}"#)),
        ("large file wrong, once", Faults(r#"{"match": "/cdn/", "times": 1, "wrong": true}"#)),
        ("large file wrong, always", Faults(r#"{"match": "/cdn/", "wrong": true}"#)),
        ("small file wrong, always", Faults(r#"{"match": "/resolve-cache/", "wrong": true}"#)),
        ("no answer, once", Faults(r#"{"match": "/cdn/", "times": 1, "close": true}"#)),
        ("redirect loop", Faults(r#"{"match": "/resolve/", "redirect": "loop"}"#)),
        ("slow", Faults(r#"{"match": "/", "delay_ms": 300}"#)),
    ]
}

#[test]
fn each_failure_is_told_as_what_it_is_and_costs_no_finished_file() {
    let mut seen = String::new();
    for (name, trouble) in table() {
        let _ = write!(seen, "{name}: {}", row(&trouble));
    }
    expect![[r#"
        401 private repository: fails after 1 requests
            modelcache.yaml:4: the hub has no model `acme/first` at revision `main`, or it is private
            then fetched: 4 small, 1 large
        401 gated files: fails after 2 requests
            modelcache.yaml:4: the hub refuses access to `config.json` of `acme/first`
            then fetched: 4 small, 1 large
        403 large file: fails after 11 requests
            modelcache.yaml:4: the hub refuses access to `model.safetensors` of `acme/first`
            then fetched: 0 small, 1 large
        403 small file: fails after 2 requests
            modelcache.yaml:4: the hub refuses access to `config.json` of `acme/first`
            then fetched: 4 small, 1 large
        404 repository: fails after 1 requests
            modelcache.yaml:4: the hub has no model `acme/frist` at revision `main`, or it is private
            then fetched: 4 small, 1 large
        404 revision: fails after 1 requests
            modelcache.yaml:4: the hub has no model `acme/first` at revision `v9`
            then fetched: 4 small, 1 large
        404 large file: fails after 11 requests
            modelcache.yaml:4: the hub has no `model.safetensors` of `acme/first`
            then fetched: 0 small, 1 large
        404 small file: fails after 8 requests
            modelcache.yaml:4: the hub has no `README.md` of `acme/first`
            then fetched: 1 small, 1 large
        429 list, once: built after 12 requests
        429 file, once: built after 14 requests
        429 always: fails after 5 requests
            modelcache.yaml:4: the hub has had too many requests from here
            then fetched: 4 small, 1 large
        500 list, once: built after 12 requests
        500 large file, always: fails after 14 requests
            modelcache.yaml:4: the hub answered 500 when asked for `model.safetensors` of `acme/first`
            then fetched: 0 small, 1 large
        503 list, twice: built after 13 requests
        503 small file, twice: built after 17 requests
        503 large file, twice: built after 15 requests
        503 always: fails after 5 requests
            modelcache.yaml:4: the hub answered 503 when asked for the model `acme/first`
            then fetched: 4 small, 1 large
        connection refused: fails after 0 requests
            modelcache.yaml:4: the hub at URL can't be reached
            then fetched: 4 small, 1 large
        no such host: fails after 0 requests
            modelcache.yaml:4: the hub at URL can't be reached
            then fetched: 4 small, 1 large
        large file cut, once: built after 13 requests
        large file cut, always: fails after 19 requests
            modelcache.yaml:4: the connection broke in the middle of `model.safetensors` of `acme/first`
            then fetched: 0 small, 1 large
        small file cut, once: built after 15 requests
        list cut, once: built after 12 requests
        large file wrong, once: built after 13 requests
        large file wrong, always: fails after 13 requests
            modelcache.yaml:4: `model.safetensors` of `acme/first` is not what the hub lists
            then fetched: 0 small, 1 large
        small file wrong, always: fails after 5 requests
            modelcache.yaml:4: `config.json` of `acme/first` is not what the hub lists
            then fetched: 4 small, 1 large
        no answer, once: built after 13 requests
        redirect loop: fails after 11 requests
            modelcache.yaml:4: the hub sends requests for `config.json` of `acme/first` in a circle
            then fetched: 4 small, 1 large
        slow: built after 11 requests
    "#]].assert_eq(&seen);
}

/// One build with the trouble, and one after it is over.
fn row(trouble: &Trouble) -> String {
    let manifest = |model: &str| {
        format!("# syntax=myorg/modelcache:1\nbase: python:3.13-slim\nmodels:\n  - {model}\n")
    };
    let project = Project::new(&manifest("acme/first"));
    project.add_model("acme/first");
    let settings = project.repository("acme/first").join(".hub.json");
    let mut flags = Vec::new();
    match trouble {
        Faults(rules) => project.hub.fail(rules),
        Repository(text) => fs::write(&settings, text).expect("the folder is ours"),
        Model(name) => project.write("modelcache.yaml", &manifest(name)),
        Elsewhere(url) => {
            flags = vec!["--build-arg".to_owned(), format!("HF_ENDPOINT={url}")];
        }
    }
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let (built, text) = project.attempt(&flags);
    // Not those without a body: the daemon leaves some out while the build before is put away.
    let asked = project.hub.requests().iter().filter(|request| request.method != "HEAD").count();
    let mut row = if built { "built" } else { "fails" }.to_owned();
    let _ = writeln!(row, " after {asked} requests");
    if built {
        return row;
    }
    let text = project.without_chance(&text);
    let message = text.lines().find_map(|line| line.split_once("failed to solve: "));
    let mut message = message.map_or(text.as_str(), |(_, message)| message).to_owned();
    if let Elsewhere(url) = trouble {
        message = message.replace(url, "URL");
    }
    let _ = writeln!(row, "    {message}");

    project.hub.fail("");
    fs::write(&settings, "{}").expect("the folder is ours");
    project.write("modelcache.yaml", &manifest("acme/first"));
    project.build(&[]);
    let fetched = project.hub.requests();
    let large = fetched.iter().filter(|request| is_body(request) && request.path.contains(WEIGHTS));
    let small = fetched
        .iter()
        .filter(|request| is_body(request) && request.path.contains("/resolve-cache/"));
    let _ = writeln!(row, "    then fetched: {} small, {} large", small.count(), large.count());
    row
}

fn is_body(request: &Request) -> bool {
    request.method == "GET" && request.status == 200 && request.bytes > 0
}
