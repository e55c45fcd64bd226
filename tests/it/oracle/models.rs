//! Names of repositories and addresses of files, as `huggingface_hub` has them.

use expect_test::expect;
use modelcache::models::{ModelId, hub::file_url};
use serde_json::{Value, json};

use super::{compared, vectors};

#[test]
fn names_are_taken_that_the_hubs_client_takes() {
    let vectors = vectors(include_str!("../../data/oracle/models.json"));
    let ours = |input: &Value| match input {
        Value::String(name) => json!(name.parse::<ModelId>().is_ok()),
        path => {
            let path = path[0].as_str().expect("it is text");
            json!(file_url("https://hub", "o/n", &"0".repeat(40), path))
        }
    };
    let why = |input: &Value, _: &Value, _: &Value| {
        let name = input.as_str()?;
        let git = name.contains(".GIT").then_some("`.git` is of an address, however it is written");
        git.or(name.starts_with("datasets/").then_some("a dataset is not a model"))
    };
    expect![[r#"
        505 inputs, 2 differ
        `.git` is of an address, however it is written: "a.GIT"
        a dataset is not a model: "datasets/a"
    "#]]
    .assert_eq(&compared(&vectors, ours, why));
}
