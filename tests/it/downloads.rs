//! Downloads that fail on a daemon that tells no digest of what it fetches, as before
//! BuildKit 0.26: the one made of data.

use expect_test::{Expect, expect};

use crate::{
    frontend::daemon,
    support::gateway::{Daemon, Outcome},
};

const WEIGHTS: &str =
    "http://hub/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors";
const REFUSED: &str = "failed to load cache key: invalid response status 403";

fn build(daemon: Daemon) -> Outcome {
    daemon.build(&[("filename", "modelcache.yaml")])
}

fn check_error(daemon: Daemon, expected: Expect) {
    expected.assert_eq(&build(daemon).error().message);
}

#[test]
fn a_tampered_weight_file_is_found_by_the_daemon() {
    check_error(
        daemon().url(WEIGHTS, "other weights"),
        expect![[r#"
            modelcache.yaml:7: `model.safetensors` of `org/name` is not what the hub lists

            error[tampered-file]: `model.safetensors` of `org/name` is not what the hub lists
             --> modelcache.yaml:7:5
              |
            7 |   - org/name
              |     ^^^^^^^^ it must be sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
              |
              = help: http://hub sends sha256:53959fa102f31e51d8d1ee12fe89c2fd7cd556dbaf2c6102046d195a504850a0, twice; nothing of it was kept
              = help: compare with another hub by `--build-arg HF_ENDPOINT=URL`"#]],
    );
}

#[test]
fn a_refusal_is_told_by_its_status() {
    check_error(
        daemon().refuse(WEIGHTS, REFUSED),
        expect![[r#"
            modelcache.yaml:7: the hub refuses access to `model.safetensors` of `org/name`

            error[no-access]: the hub refuses access to `model.safetensors` of `org/name`
             --> modelcache.yaml:7:5
              |
            7 |   - org/name
              |     ^^^^^^^^ a token is needed
              |
              = help: accept the model's licence on its page, and pass --secret id=HTTP_AUTH_TOKEN_hub,env=HF_TOKEN
              = help: a secret of another name, as `id=HF_TOKEN`, is not read: the builder looks for one that names the host

            the builder said: failed to load cache key: failed to load cache key: invalid response status 403"#]],
    );
}

#[test]
fn a_hub_may_be_an_address_of_ipv6_with_a_port() {
    const HUB: &str = "http://[::1]:80";
    let mut moved = daemon();
    let urls = std::mem::take(&mut moved.urls);
    moved.urls = urls.into_iter().map(|(url, it)| (url.replace("http://hub", HUB), it)).collect();
    let manifest = "base: python:3.13-slim\nmodels: [org/name]\nmirrors:\n  huggingface: ";
    let named = moved.clone().file("modelcache.yaml", format!("{manifest}{HUB}\n"));
    let options = [("filename", "modelcache.yaml"), ("build-arg:HF_ENDPOINT", HUB)];
    for outcome in [build(named), moved.clone().build(&options)] {
        let image = outcome.graphs().pop().expect("the image was solved");
        let weights = WEIGHTS.replace("http://hub", HUB);
        assert!(image.contains(&format!("source {weights} ")), "{image}");
    }
    let outcome = moved.refuse(&WEIGHTS.replace("http://hub", HUB), REFUSED).build(&options);
    let message = &outcome.error().message;
    // As Go's `URL.Hostname` names it, and so the daemon.
    assert!(message.contains(" --secret id=HTTP_AUTH_TOKEN_::1,env=HF_TOKEN\n"), "{message}");
}

#[test]
fn a_daemon_that_sends_no_token_is_told_of() {
    let help = |daemon: Daemon| {
        let message = build(daemon).error().message.clone();
        let help = message.lines().filter(|line| line.contains("token"));
        help.map(|line| format!("{}\n", line.trim_start())).collect::<String>()
    };
    let young = daemon().refuse(WEIGHTS, REFUSED).disable("source.git.skipsubmodules");
    let old = young.clone().disable("source.git.checksum");
    expect![[r#"
        |     ^^^^^^^^ a token is needed
        = help: BuildKit sends a token from 0.23 (Docker Engine 28.3) on: is this 0.22?
    "#]]
    .assert_eq(&help(young));
    expect![[r#"
        |     ^^^^^^^^ a token is needed
        = help: but this builder can't send a token: that needs BuildKit 0.23 (Docker Engine 28.3)
    "#]]
    .assert_eq(&help(old));
}

#[test]
fn a_download_that_fails_in_the_graph_alone_ends_at_last() {
    let name = "[model 1/1] org/name: model.safetensors";
    check_error(
        daemon().fail(name, "unexpected EOF"),
        expect![[r#"
            modelcache.yaml:7: `model.safetensors` of `org/name` could not be downloaded

            error[download]: `model.safetensors` of `org/name` could not be downloaded
             --> modelcache.yaml:7:5
              |
            7 |   - org/name
              |     ^^^^^^^^ 5 attempts have failed
              |
              = help: build again: what has arrived whole is kept, and only the rest is fetched

            the builder said: unexpected EOF"#]],
    );
}
