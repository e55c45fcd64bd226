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

/// What a client gets, line by line: it is read by programs.
#[test]
fn answers_are_what_clients_read() {
    let text =
        "base: python:3.13-slim\npython: {requirements: a.txt}\nargs:\n  TAG: x\nuser: root\n";
    let asked = ["frontend.subrequests.describe", "frontend.outline", "frontend.targets"];
    let mut seen = String::new();
    for name in asked.into_iter().chain(["frontend.lint"]) {
        let outcome = daemon()
            .file("modelcache.yaml", text)
            .build(&[("filename", "modelcache.yaml"), ("requestid", name)]);
        for (key, value) in &outcome.result().metadata {
            let value = String::from_utf8_lossy(value);
            seen += &[&format!("== {name} {key}\n"), value.trim_end(), "\n"].concat();
        }
    }
    expect![[r#"
        == frontend.subrequests.describe result.json
        [{"description":"Lint a manifest","name":"frontend.lint","type":"rpc","version":"1.0.0"},{"description":"List the arguments and secrets of a manifest","name":"frontend.outline","type":"rpc","version":"1.0.0"},{"description":"List the targets of a manifest","name":"frontend.targets","type":"rpc","version":"1.0.0"},{"description":"Tell what an update of the lock would change","name":"frontend.lock","type":"rpc","version":"1.0.0"},{"description":"List the files of each model, and those left out","name":"frontend.plan","type":"rpc","version":"1.0.0"},{"description":"List the subrequests","name":"frontend.subrequests.describe","type":"rpc","version":"1.0.0"}]
        == frontend.subrequests.describe result.txt
        frontend.lint	Lint a manifest
        frontend.outline	List the arguments and secrets of a manifest
        frontend.targets	List the targets of a manifest
        frontend.lock	Tell what an update of the lock would change
        frontend.plan	List the files of each model, and those left out
        frontend.subrequests.describe	List the subrequests
        == frontend.subrequests.describe version
        1.0.0
        == frontend.outline result.json
        {"args":[{"location":{"ranges":[{"end":{"line":4},"start":{"line":4}}],"sourceIndex":0},"name":"TAG","value":"x"}],"secrets":[{"name":"ca-certificates","required":false},{"name":"netrc","required":false},{"name":"pip-config","required":false}],"sources":["YmFzZTogcHl0aG9uOjMuMTMtc2xpbQpweXRob246IHtyZXF1aXJlbWVudHM6IGEudHh0fQphcmdzOgogIFRBRzogeAp1c2VyOiByb290Cg=="]}
        == frontend.outline result.txt
        "TAG"="x"
        == frontend.outline version
        1.0.0
        == frontend.targets result.json
        {"sources":["YmFzZTogcHl0aG9uOjMuMTMtc2xpbQpweXRob246IHtyZXF1aXJlbWVudHM6IGEudHh0fQphcmdzOgogIFRBRzogeAp1c2VyOiByb290Cg=="],"targets":[{"default":true,"description":"The image","name":"image"},{"default":false,"description":"The models alone, in the layers that the image has","name":"models"},{"default":false,"description":"The packages alone, in the layers that the image has","name":"python"},{"default":false,"description":"The base image and all files by digest, for a build without a network","name":"bundle"},{"default":false,"description":"The lock file, made anew, to be written beside the manifest","name":"lock"}]}
        == frontend.targets result.txt
        image (default)
        models
        python
        bundle
        lock
        == frontend.targets version
        1.0.0
        == frontend.lint result.json
        {"sources":[{"data":"YmFzZTogcHl0aG9uOjMuMTMtc2xpbQpweXRob246IHtyZXF1aXJlbWVudHM6IGEudHh0fQphcmdzOgogIFRBRzogeAp1c2VyOiByb290Cg==","filename":"modelcache.yaml","language":"YAML"}],"warnings":[{"description":"the container runs as root","detail":"remove `user`: the default, `appuser`, can read all that is built","location":{"ranges":[{"end":{"line":5},"start":{"line":5}}],"sourceIndex":0},"ruleName":"root-user"}]}
        == frontend.lint result.statuscode
        1
        == frontend.lint result.txt
        warning[root-user]: the container runs as root
         --> modelcache.yaml:5:7
          |
        5 | user: root
          |       ^^^^
          |
          = help: remove `user`: the default, `appuser`, can read all that is built
        == frontend.lint version
        1.0.0
    "#]].assert_eq(&seen);
}
