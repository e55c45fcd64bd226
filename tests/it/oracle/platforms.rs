//! Platforms, as `containerd/platforms` reads them.

use buildkit_llb::Platform;
use expect_test::expect;
use serde_json::{Value, json};

use super::{compared, vectors};

#[test]
fn platforms_are_read_as_containerd_reads_them() {
    let vectors = vectors(include_str!("../../data/oracle/platforms.json"));
    let ours = |input: &Value| {
        let platform = input.as_str().expect("it is text").parse::<Platform>().ok();
        json!(platform.map(|it| it.to_string()))
    };
    let why = |input: &Value, _: &Value, _: &Value| {
        input
            .as_str()?
            .contains("+win32k")
            .then_some("features of Windows, for which we don't build")
    };
    expect![[r#"
        834 inputs, 8 differ
        features of Windows, for which we don't build: "windows(10.0.17763+win32k)/386"  "windows(10.0.17763+win32k)/AMD64"  "windows(10.0.17763+win32k)/aarch64"  "windows(10.0.17763+win32k)/amd64"  "windows(10.0.17763+win32k)/arm64"  "windows(10.0.17763+win32k)/i386"  "windows(10.0.17763+win32k)/x86-64"  "windows(10.0.17763+win32k)/x86_64"
    "#]].assert_eq(&compared(&vectors, ours, why));
}
