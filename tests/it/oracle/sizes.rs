//! Sizes as people read them, as `docker/go-units` writes them.

use expect_test::expect;
use modelcache::values::bytes::human;
use serde_json::{Value, json};

use super::{compared, vectors};

/// Docker's words, written with all digits, as we write them: a space, and one digit, cut off.
fn shortened(docker: &str) -> String {
    let unit = docker.find(|c: char| c.is_ascii_alphabetic()).expect("there is a unit");
    let (number, unit) = docker.split_at(unit);
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    if unit == "B" { format!("{whole} B") } else { format!("{whole}.{} {unit}", &part[..1]) }
}

#[test]
fn sizes_are_told_as_docker_tells_them() {
    let vectors: Vec<_> = vectors(include_str!("../../data/oracle/sizes.json"))
        .into_iter()
        .map(|(size, docker)| (size, json!(shortened(docker.as_str().expect("it is text")))))
        .collect();
    let ours = |size: &Value| json!(human(size.as_u64().expect("it is a number")));
    let why = |size: &Value, _: &Value, _: &Value| {
        (size.as_u64()? >= 1_000_000_000_000).then_some("thousands of GB stay GB")
    };
    expect![[r#"
        122 inputs, 47 differ
        thousands of GB stay GB: 1000000000000  1001000000000  1049000000000  1050000000000  1099000000000  1100000000000  1250000000000  1500000000000  1999000000000  2000000000000  9999000000000  10000000000000  12345000000000  91600000000000  91649000000000  91699000000000  99999000000000  123456000000000  500000000000000  999000000000000  999900000000000  999999000000000  1000000000001  1000000000000000  1001000000000000  1049000000000000  1050000000000000  1099000000000000  1100000000000000  1250000000000000  1500000000000000  1999000000000000  2000000000000000  9999000000000000  10000000000000000  12345000000000000  91600000000000000  91649000000000000  91699000000000000  99999000000000000  123456000000000000  500000000000000000  999000000000000000  999900000000000000  999999000000000000  999999999999999  1000000000000001
    "#]].assert_eq(&compared(&vectors, ours, why));
}
