//! The index on a bad day: what users see, how often it is asked, and what the next build
//! still has to fetch.

use std::{collections::BTreeSet, fmt::Write};

use expect_test::expect;

use super::wheel::Wheel;
use crate::e2e::{double::Request, project::Project};

/// What is wrong, with the rules by which the index fails. Metadata is served all the same:
/// it is the wheels that are missing.
const TABLE: [(&str, &str); 11] = [
    ("401", r#"{"match": "second-1-", "status": 401}"#),
    ("403", r#"{"match": "second-1-", "status": 403}"#),
    ("404", r#"{"match": "second-1-", "status": 404}"#),
    ("429, once", r#"{"match": "second-1-", "times": 1, "status": 429}"#),
    ("500, once", r#"{"match": "second-1-", "times": 1, "status": 500}"#),
    ("503, twice", r#"{"match": "second-1-", "times": 2, "status": 503}"#),
    ("cut, once", r#"{"match": "second-1-", "times": 1, "cut": 100}"#),
    ("no answer, once", r#"{"match": "second-1-", "times": 1, "close": true}"#),
    ("wrong, once", r#"{"match": "second-1-", "times": 1, "wrong": true}"#),
    ("wrong, always", r#"{"match": "second-1-", "wrong": true}"#),
    ("no page", r#"{"match": "-second/", "status": 503}"#),
];

/// Lets metadata through: the first rule that matches applies.
const METADATA: &str = r#"{"match": ".whl.metadata", "delay_ms": 0}"#;

#[test]
fn each_failure_of_the_index_is_told_as_what_it_is_and_costs_no_finished_wheel() {
    let project = Project::with_index("", &[]);
    let mut seen = String::new();
    for (number, (name, rules)) in TABLE.iter().enumerate() {
        let _ = write!(seen, "{name}: {}", row(&project, number, rules));
    }
    expect![[r#"
        401: fails, asked 3 times
            modelcache.yaml:4: `row0_second-1-py3-none-any.whl` can't be fetched from the package index
            = help: the builder was told: invalid response status 401
            then fetched: row0_second-1-py3-none-any.whl
        403: fails, asked 3 times
            modelcache.yaml:4: `row1_second-1-py3-none-any.whl` can't be fetched from the package index
            = help: the builder was told: invalid response status 403
            then fetched: row1_second-1-py3-none-any.whl
        404: fails, asked 3 times
            modelcache.yaml:4: `row2_second-1-py3-none-any.whl` can't be fetched from the package index
            = help: the builder was told: invalid response status 404
            then fetched: row2_second-1-py3-none-any.whl
        429, once: built, asked 2 times
        500, once: built, asked 2 times
        503, twice: built, asked 4 times
        cut, once: built, asked 2 times
        no answer, once: built, asked 2 times
        wrong, once: built, asked 2 times
        wrong, always: fails, asked 2 times
            modelcache.yaml:4: `row9_second-1-py3-none-any.whl` is not what the index lists
            then fetched: row9_second-1-py3-none-any.whl
        no page: fails, asked 0 times
            modelcache.yaml:6: the Python packages can't be resolved for linux/amd64
            then fetched: row10_second-1-py3-none-any.whl
    "#]].assert_eq(&seen);
}

/// One build with the trouble, and one after it is over. Each row has packages of its own,
/// which no builder has seen.
fn row(project: &Project, number: usize, rules: &str) -> String {
    let names = ["first", "second"].map(|name| format!("row{number}-{name}"));
    for name in &names {
        Wheel::new(name, "1").add(project, &project.index().address);
    }
    let [first, second] = &names;
    project.write(
        "modelcache.yaml",
        &format!("# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n  packages:\n  - {first}\n  - {second}\n"),
    );
    project.index().fail(&format!("{METADATA}{}", rules.replace("second-1-", "_second-1-")));
    project.index().requests();
    let (built, log) = project.attempt(&[]);
    let mut row = if built { "built" } else { "fails" }.to_owned();
    let tries = project.index().requests();
    let tries =
        tries.iter().filter(|request| request.path.contains("_second-1-") && is_wheel(request));
    let _ = writeln!(row, ", asked {} times", tries.count());
    let text = project.without_chance(&log);
    if let Some((_, message)) = text.lines().find_map(|line| line.split_once("failed to solve: ")) {
        let _ = writeln!(row, "    {message}");
    }
    for line in text.lines().filter(|line| line.contains("fetched-in-container:")) {
        let _ = writeln!(row, "    {}", line.trim());
    }
    if built {
        return row;
    }
    for line in text.lines().filter(|line| line.contains("= help: the builder was told")) {
        let _ = writeln!(row, "    {}", line.trim());
    }
    project.index().fail("");
    project.build(&[]);
    let fetched = project.index().requests();
    let whole = |request: &&Request| is_wheel(request) && request.status == 200;
    let files = fetched.iter().filter(whole).filter_map(|request| request.path.rsplit('/').next());
    // They come side by side, and one that fails may end another that is under way.
    let finished = finished(&log);
    let files = files.filter(|file| file.contains("_second-") || finished.contains(file));
    let files: BTreeSet<&str> = files.collect();
    let _ = writeln!(row, "    then fetched: {}", Vec::from_iter(files).join(" "));
    row
}

/// The wheels that the builder has got, as `#7 [python] NAME` and `#7 DONE` say.
fn finished(log: &str) -> BTreeSet<&str> {
    let numbered = || log.lines().filter_map(|line| line.split_once(' '));
    let done: BTreeSet<&str> =
        numbered().filter(|(_, what)| what.starts_with("DONE")).map(|(number, _)| number).collect();
    let named = numbered().filter(|(number, _)| done.contains(number));
    named.filter_map(|(_, what)| what.strip_prefix("[python] ")).collect()
}

fn is_wheel(request: &Request) -> bool {
    request.method == "GET" && request.path.rsplit('.').next() == Some("whl")
}

#[test]
fn with_a_lock_an_index_that_is_down_is_not_missed() {
    let mut project = Project::with_index(
        "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n  packages: kept\n",
        &[],
    );
    Wheel::new("kept", "1").add(&project, &project.index().address);
    project.lock(&[]);
    project.stop_index();
    project.build(&[]);
}
