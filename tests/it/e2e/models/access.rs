//! Tokens, mirrors and names: what they may change, and where they must not be found.

use std::{fs, os::unix::fs::symlink};

use expect_test::expect;

use crate::e2e::{
    double::Double,
    engine,
    project::Project,
    registry::{self, Image, REPOSITORY},
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
models:
  - acme/gated
";

/// Of no known kind, so that it is not found for its looks.
const TOKEN: &str = "open-sesame-8c1f0b7d52";
const SECRET: &str = "id=HTTP_AUTH_TOKEN_127.0.0.1,src=";

/// A project with a model for those who have [`TOKEN`], and the flag that hands it over.
fn gated() -> (Project, String) {
    let project = Project::new(MANIFEST);
    project.add_model("acme/gated");
    let settings = format!(r#"{{"gated": "manual", "token": "{TOKEN}"}}"#);
    fs::write(project.repository("acme/gated").join(".hub.json"), settings).expect("it is ours");
    // Beside the context, not in it: what is in it may be copied into the image.
    let file = project.context().with_file_name("token");
    fs::write(&file, TOKEN).expect("it is ours");
    let flag = format!("{SECRET}{}", file.display());
    (project, flag)
}

#[test]
fn a_token_opens_a_gated_model_and_is_left_nowhere() {
    let (project, secret) = gated();
    let cache = format!("{}/{REPOSITORY}:token", engine::variable("MODELCACHE_REGISTRY"));
    let tag = format!("{}/{REPOSITORY}:gated", engine::variable("MODELCACHE_REGISTRY"));
    let (built, log) = project.attempt(&[
        "--secret",
        &secret,
        "--provenance=mode=max",
        "--cache-to",
        &format!("type=registry,ref={cache},mode=max"),
        "--push",
        "-t",
        &tag,
    ]);
    assert!(built, "{log}");
    let lock = project.lock(&["--secret", &secret]);

    let mut places = vec![("log".to_owned(), log.into_bytes()), ("lock".into(), lock.into_bytes())];
    places.extend(registry::everything("gated"));
    places.extend(registry::everything("token"));
    let with = |needle: &str| -> Vec<&str> {
        let holds = |content: &[u8]| {
            content.windows(needle.len()).any(|window| window == needle.as_bytes())
        };
        let places = places.iter().filter(|(_, content)| holds(content));
        // How many layers a cache is cut into depends on what the builder did before.
        let mut names: Vec<&str> = places.map(|(name, _)| name.as_str()).collect();
        names.dedup();
        names
    };
    assert_eq!(with(TOKEN), [""; 0]);
    // The search does find what is there: in the layer, the attestation, the caches, the log.
    expect![[r#"
        [
            "log",
            "lock",
            "gated: application/vnd.in-toto+json",
            "gated: application/vnd.oci.image.config.v1+json",
            "gated: application/vnd.oci.image.layer.v1.tar+gzip",
            "token: application/vnd.oci.image.layer.v1.tar+gzip",
        ]
    "#]]
    .assert_eq(&format!("{:#?}\n", with("acme")));
}

#[test]
fn a_token_or_another_mirror_changes_no_layer_and_fetches_no_file() {
    let (project, secret) = gated();
    let lock = project.lock(&["--secret", &secret]);
    let layers = |flags: &[&str]| Image::pull(&project.build(flags).digest).top(&["acme/gated"]);
    let first = layers(&["--secret", &secret]);
    project.hub_requests();

    assert_eq!(layers(&[]), first, "without the token");
    expect![""].assert_eq(&project.hub_requests());

    // The same repositories behind another address, which names files its own way.
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    symlink(project.repository(""), folder.path().join("hub")).expect("the folder is ours");
    let mirror = Double::hub(folder.path());
    mirror.fail(
        r#"{"match": "/", "headers": {"Content-Disposition": "attachment; filename=\"MODEL.SafeTensors\""}}"#,
    );
    let endpoint = format!("HF_ENDPOINT=http://{}", mirror.address);
    let mirrored = ["--build-arg", endpoint.as_str(), "--secret", &secret];
    assert_eq!(layers(&mirrored), first, "from the mirror");
    assert_eq!(mirror.requests().len(), 0);

    assert_eq!(project.lock(&mirrored), lock, "the lock names no hub");
    let afresh = [&mirrored[..], &["--no-cache"]].concat();
    assert_eq!(layers(&afresh), first, "fetched from the mirror");
}
