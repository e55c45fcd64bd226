//! Times as Go reads them, and with it Dockerfiles and Compose files; signals as Docker does.

use expect_test::expect;
use modelcache::manifest::{Signal, duration::Duration};
use serde_json::{Value, json};

use super::{compared, vectors};

#[test]
fn times_are_read_as_go_reads_them() {
    let vectors = vectors(include_str!("../../data/oracle/durations.json"));
    let ours = |text: &Value| {
        let time = text.as_str().expect("it is text").parse::<Duration>();
        json!(time.ok().map(Duration::nanoseconds))
    };
    let why = |text: &Value, go: &Value, ours: &Value| match (go.as_i64()?, ours.as_i64()) {
        (_, None) if text.as_str()?.starts_with('-') => Some("no time is negative"),
        (go, Some(ours)) if go - ours == 1 => Some("Go rounds to the next nanosecond"),
        _ => None,
    };
    expect![[r#"
        288 inputs, 17 differ
        Go rounds to the next nanosecond: "0.3333333333333333333h"
        no time is negative: "-0"  "-2562047h47m16.854775808s"  "-2m3.4s"  "-30h"  "-3h"  "-3h6us"  "-3m"  "-3m5ns"  "-3ms"  "-3ns"  "-3s"  "-3us"  "-5s"  "-9223372036854775.808us"  "-9223372036854775808ns"  "-9223372036s854ms775us808ns"
    "#]].assert_eq(&compared(&vectors, ours, why));
}

#[test]
fn signals_are_those_of_docker() {
    let vectors: Vec<_> = vectors(include_str!("../../data/oracle/signals.json"))
        .into_iter()
        .map(|(text, number)| (text, json!(number.is_number())))
        .collect();
    let ours = |text: &Value| json!(text.as_str().expect("it is text").parse::<Signal>().is_ok());
    let why = |text: &Value, docker: &Value, _: &Value| {
        if !text.as_str()?.is_ascii() {
            return Some("Go's upper case of a letter that is not of ASCII may be");
        }
        let number: Option<i64> = text.as_str()?.parse().ok();
        let is_none = number.is_some_and(|number| !(1..=64).contains(&number));
        (is_none && *docker == json!(true)).then_some("Linux has no signal of that number")
    };
    expect![[r#"
        220 inputs, 8 differ
        Go's upper case of a letter that is not of ASCII may be: "s\u{131}gterm"  "\u{17f}IGTERM"
        Linux has no signal of that number: "-1"  "-15"  "2147483648"  "256"  "65"  "99"
    "#]]
    .assert_eq(&compared(&vectors, ours, why));
}
