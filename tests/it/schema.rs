//! The checked-in schema, as the binary prints it. Its freshness is tested beside the
//! types, in `src/manifest/schema.rs`.

use std::process::Command;

use modelcache::cli::schema::SCHEMA;

#[test]
fn the_binary_prints_the_schema() {
    let output = Command::new(env!("CARGO_BIN_EXE_modelcache")).arg("schema").output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), SCHEMA);
}

#[test]
fn the_schema_is_json_for_a_draft_that_editors_know() {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(schema["required"], serde_json::json!(["base"]));
}
