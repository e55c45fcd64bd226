//! What a client asks instead of a build.

use expect_test::expect;
use modelcache::frontend;

use crate::frontend::daemon;

#[test]
fn check_reports_without_building() {
    let outcome = daemon()
        .file("modelcache.yaml", "base: python:3.13-slim\nmodles: []\n")
        .build(&[("filename", "modelcache.yaml"), ("requestid", "frontend.lint")]);
    expect![[r#"
        error[unknown-key]: the manifest has no key `modles`
         --> modelcache.yaml:2:1
          |
        2 | modles: []
          | ^^^^^^ did you mean `models`?

        error[empty-value]: `models` is empty
         --> modelcache.yaml:2:9
          |
        2 | modles: []
          |         ^^
          |
          = help: write a value, or remove the key or entry
    "#]]
    .assert_eq(&outcome.metadata("result.txt").expect("an answer"));
    assert_eq!(outcome.metadata("result.statuscode").as_deref(), Some("1"));
    assert!(outcome.graphs().is_empty());
}

#[test]
fn the_image_declares_what_is_implemented() {
    let dockerfile = include_str!("../../Dockerfile.frontend");
    let declared = format!("moby.buildkit.frontend.caps=\"{}\"", frontend::DECLARED.join(","));
    assert!(dockerfile.contains(&declared), "Dockerfile.frontend lacks {declared}");
}

#[test]
fn an_unknown_subrequest_is_refused_as_clients_expect() {
    let outcome = daemon().build(&[("filename", "modelcache.yaml"), ("requestid", "frontend.x")]);
    let error = outcome.error();
    assert_eq!(error.message, "unsupported request frontend.x");
    assert!(error.details.iter().any(|d| d.type_url.ends_with("errdefs.Subrequest+json")));
}
