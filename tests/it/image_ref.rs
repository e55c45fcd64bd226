//! Image references as Docker reads them.

use std::fmt::Write;

use expect_test::expect;
use modelcache::image_ref::ImageRef;

#[test]
fn references_have_their_defaults_filled_in() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let texts = [
        "python",
        "python:3.13-slim",
        &format!("python@{digest}"),
        &format!("python:3.13@{digest}"),
        "library/python:3",
        "org/app",
        "docker.io/python",
        "index.docker.io/library/python",
        "localhost/app",
        "localhost:5000/app:1",
        "registry.example.com/a/b/c",
        "MACHINE/app",
        "[::1]:5000/app",
        "a_b/c--d/e__f:_x.Y-z",
    ];
    let mut seen = String::new();
    for text in texts {
        let image: ImageRef = text.parse().unwrap();
        let (text, full) = (text.replace(&digest, "D"), image.full().replace(&digest, "D"));
        writeln!(seen, "{text}: {} = {full}", image.to_string().replace(&digest, "D")).unwrap();
        assert_eq!(image, image.to_string().parse().unwrap());
        assert_eq!(image, image.full().parse().unwrap());
    }
    expect![[r#"
        python: python:latest = docker.io/library/python:latest
        python:3.13-slim: python:3.13-slim = docker.io/library/python:3.13-slim
        python@D: python@D = docker.io/library/python@D
        python:3.13@D: python:3.13@D = docker.io/library/python:3.13@D
        library/python:3: python:3 = docker.io/library/python:3
        org/app: org/app:latest = docker.io/org/app:latest
        docker.io/python: python:latest = docker.io/library/python:latest
        index.docker.io/library/python: python:latest = docker.io/library/python:latest
        localhost/app: localhost/app:latest = localhost/app:latest
        localhost:5000/app:1: localhost:5000/app:1 = localhost:5000/app:1
        registry.example.com/a/b/c: registry.example.com/a/b/c:latest = registry.example.com/a/b/c:latest
        MACHINE/app: MACHINE/app:latest = MACHINE/app:latest
        [::1]:5000/app: [::1]:5000/app:latest = [::1]:5000/app:latest
        a_b/c--d/e__f:_x.Y-z: a_b/c--d/e__f:_x.Y-z = docker.io/a_b/c--d/e__f:_x.Y-z
    "#]].assert_eq(&seen);
}

#[test]
fn what_is_no_reference() {
    let long = "x/".repeat(128) + "x";
    let texts = [
        "",
        ":3",
        "/a",
        "a/",
        "a//b",
        "a:",
        "a:b c",
        "a:-b",
        "a@sha256:0",
        "a@md5:0",
        "A",
        "a/B",
        "a_/b",
        "a..b",
        "a___b",
        "-a",
        "a b",
        "é",
        "https://a",
        "scratch",
        "a.-b.c/d",
        "a.b:x/c",
        &long,
    ];
    let errors: Vec<String> = texts
        .into_iter()
        .map(|text| format!("{text:.9}: {}\n", text.parse::<ImageRef>().unwrap_err()))
        .collect();
    expect![[r#"
        : `` is not the name of an image repository
        :3: `` is not the name of an image repository
        /a: `/a` is not the name of an image repository
        a/: `a/` is not the name of an image repository
        a//b: `a//b` is not the name of an image repository
        a:: `` is not an image tag
        a:b c: `b c` is not an image tag
        a:-b: `-b` is not an image tag
        a@sha256:: `sha256:0` is not a digest: `sha256:` and 64 hex digits
        a@md5:0: `md5:0` is not a digest: `sha256:` and 64 hex digits
        A: the repository of an image is in lower case
        a/B: the repository of an image is in lower case
        a_/b: `a_/b` is not the name of an image repository
        a..b: `a..b` is not the name of an image repository
        a___b: `a___b` is not the name of an image repository
        -a: `-a` is not the name of an image repository
        a b: `a b` is not the name of an image repository
        é: `é` is not the name of an image repository
        https://a: an image reference has no `https://`
        scratch: `scratch` is not an image
        a.-b.c/d: `a.-b.c` is not a registry
        a.b:x/c: `a.b:x` is not a registry
        x/x/x/x/x: the name of an image has at most 255 characters
    "#]]
    .assert_eq(&errors.concat());
}

#[test]
fn a_folder_of_the_official_images_keeps_its_name() {
    let image: modelcache::image_ref::ImageRef = "library/a/b:1".parse().expect("a reference");
    assert_eq!(image.to_string(), "library/a/b:1");
    assert_eq!(image.full(), "docker.io/library/a/b:1");
}
