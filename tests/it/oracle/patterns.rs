//! Patterns of a repository's files, as `huggingface_hub` reads them: Python's `fnmatch`.

use expect_test::expect;
use modelcache::models::Pattern;
use serde_json::{Value, json};

use super::{compared, vectors};

#[test]
fn patterns_choose_the_files_that_the_hubs_client_chooses() {
    let mut vectors = vectors(include_str!("../../data/oracle/patterns.json"));
    let (paths, _) = vectors.remove(0);
    let paths: Vec<String> = serde_json::from_value(paths).expect("the first line has the paths");
    let ours = |pattern: &Value| -> Value {
        let pattern: Pattern = pattern.as_str().expect("it is text").parse().expect("all are");
        json!(
            paths
                .iter()
                .map(|path| if pattern.matches(path) { '1' } else { '0' })
                .collect::<String>()
        )
    };
    expect![[r#"
        157 inputs, 0 differ
    "#]]
    .assert_eq(&compared(&vectors, ours, |_, _, _| None));
}
