//! Platforms as people and buildx write them.

use buildkit_llb::Platform;
use expect_test::{Expect, expect};

fn check(texts: &[&str], expected: &Expect) {
    let lines = texts.iter().map(|text| match text.parse::<Platform>() {
        Ok(platform) => format!("{text} = {platform}\n"),
        Err(error) => format!("{error}\n"),
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn normalised() {
    check(
        &[
            "linux/amd64",
            "linux/amd64/v1",
            "linux/amd64/v2",
            "linux/x86_64",
            "linux/arm64",
            "linux/arm64/v8",
            "linux/aarch64",
            "linux/arm",
            "linux/armhf",
            "linux/armel",
            "linux/arm/v6",
            "linux/arm/7",
            "linux/i386",
            "linux/riscv64",
            "Linux/AMD64",
            "macOS/arm64",
            "windows(10.0.17763)/amd64",
        ],
        &expect![[r#"
            linux/amd64 = linux/amd64
            linux/amd64/v1 = linux/amd64
            linux/amd64/v2 = linux/amd64/v2
            linux/x86_64 = linux/amd64
            linux/arm64 = linux/arm64
            linux/arm64/v8 = linux/arm64
            linux/aarch64 = linux/arm64
            linux/arm = linux/arm/v7
            linux/armhf = linux/arm/v7
            linux/armel = linux/arm/v6
            linux/arm/v6 = linux/arm/v6
            linux/arm/7 = linux/arm/v7
            linux/i386 = linux/386
            linux/riscv64 = linux/riscv64
            Linux/AMD64 = linux/amd64
            macOS/arm64 = darwin/arm64
            windows(10.0.17763)/amd64 = windows(10.0.17763)/amd64
        "#]],
    );
}

#[test]
fn mistakes() {
    check(
        &["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b"],
        &expect![[r#"
        `` is not a platform: write it as `linux/amd64` or `linux/arm/v7`
        `linux` is not a platform: write it as `linux/amd64` or `linux/arm/v7`
        `linux/` is not a platform: write it as `linux/amd64` or `linux/arm/v7`
        `/amd64` is not a platform: write it as `linux/amd64` or `linux/arm/v7`
        `linux/arm/v7/x` is not a platform: write it as `linux/amd64` or `linux/arm/v7`
        `linux/a b` is not a platform: write it as `linux/amd64` or `linux/arm/v7`
    "#]],
    );
}
