//! References of images, as `distribution/reference` reads them for Docker.

use expect_test::expect;
use modelcache::image_ref::ImageRef;
use serde_json::{Value, json};

use super::{compared, vectors};

fn ours(input: &Value) -> Value {
    let text = input.as_str().expect("a reference is text");
    match text.parse::<ImageRef>() {
        Ok(image) => json!([image.full(), image.to_string()]),
        Err(_) => json!([null, null]),
    }
}

fn why(input: &Value, answer: &Value, ours: &Value) -> Option<&'static str> {
    let text = input.as_str()?;
    match (answer[0].is_null(), ours[0].is_null()) {
        (false, true) if text == "scratch" => Some("`scratch` is no image to build on"),
        (false, true) if text.starts_with('[') => Some("not an address of IPv6"),
        _ => None,
    }
}

#[test]
fn references_are_read_as_docker_reads_them() {
    let vectors = vectors(include_str!("../../data/oracle/images.json"));
    expect![[r#"
        833 inputs, 3 differ
        `scratch` is no image to build on: "scratch"
        not an address of IPv6: "[1:2:3:4:5:6:7:8:9]/a"  "[:::::]/a"
    "#]]
    .assert_eq(&compared(&vectors, ours, why));
}
