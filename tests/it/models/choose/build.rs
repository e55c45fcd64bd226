//! The choice in a build: what is asked of the hub, and what the user is told.

use expect_test::expect;
use modelcache::models::hub::git_blob_id;

use crate::support::gateway::{Daemon, Image, Outcome};

const HUB: &str = "http://hub";
const BASE: &str = "docker.io/library/python:3.13-slim";
const COMMIT: &str = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41";

/// A file of the repository `org/name`: large ones have no content here, since the
/// hub tells their digests.
enum Content {
    Small(&'static str),
    Large(u64),
}

fn daemon(model: &str, files: &[(&str, Content)]) -> Daemon {
    let mut siblings = Vec::new();
    let mut daemon = Daemon::default();
    for (path, content) in files {
        siblings.push(match content {
            Content::Small(text) => {
                let url = format!("{HUB}/org/name/resolve/{COMMIT}/{path}");
                daemon = daemon.url(&url, *text);
                let (size, id) = (text.len(), git_blob_id(text.as_bytes()));
                format!(r#"{{"rfilename": "{path}", "size": {size}, "blobId": "{id}"}}"#)
            }
            Content::Large(size) => {
                let sha256 = "a".repeat(64);
                format!(
                    r#"{{"rfilename": "{path}", "size": {size}, "lfs": {{"sha256": "{sha256}"}}}}"#
                )
            }
        });
    }
    let listing = format!(
        r#"{{"id": "org/name", "sha": "{COMMIT}", "tags": ["license:mit"], "siblings": [{}]}}"#,
        siblings.join(", ")
    );
    let manifest = format!(
        "base: python:3.13-slim\nmodels:\n  - {model}\nverify: false\nmirrors:\n  huggingface: {HUB}\n"
    );
    let image = Image {
        digest: format!("sha256:{}", "c".repeat(64)),
        config: r#"{"architecture":"amd64","os":"linux"}"#.into(),
        ..Image::default()
    };
    let pinned = format!("{BASE}@{}", image.digest);
    daemon
        .file("modelcache.yaml", manifest)
        .image(&pinned, image.clone())
        .image(BASE, image)
        .url(&format!("{HUB}/api/models/org/name/revision/main?blobs=true"), listing)
}

fn call(daemon: Daemon, subrequest: Option<&str>) -> Outcome {
    let mut options = vec![("filename", "modelcache.yaml"), ("target", "lock")];
    if let Some(subrequest) = subrequest {
        options[1] = ("requestid", subrequest);
    }
    daemon.build(&options)
}

fn quants() -> Daemon {
    daemon(
        "org/name",
        &[
            ("README.md", Content::Small("# Name\n")),
            ("name-Q4_K_M.gguf", Content::Large(4_900_000_000)),
            ("name-Q8_0.gguf", Content::Large(8_500_000_000)),
        ],
    )
}

#[test]
fn an_ambiguity_is_told_at_the_models_line() {
    let outcome = call(quants(), None);
    expect![[r#"
        modelcache.yaml:3: `org/name` has 2 GGUF models

        error[ambiguous-quant]: `org/name` has 2 GGUF models
         --> modelcache.yaml:3:5
          |
        3 |   - org/name
          |     ^^^^^^^^
          |
          = help: choose one by `quant`: Q4_K_M (4.9 GB), Q8_0 (8.5 GB)
          = help: `Q4_K_M` is the usual balance of size and quality"#]]
    .assert_eq(&outcome.error().message);
}

#[test]
fn doubts_are_warnings_with_a_line() {
    let outcome = call(
        daemon(
            "{id: org/name, files: {exclude: '*.md'}}",
            &[
                ("README.md", Content::Small("# Name\n")),
                (
                    "adapter_config.json",
                    Content::Small(r#"{"base_model_name_or_path": "org/base"}"#),
                ),
                ("adapter_model.bin", Content::Large(10)),
            ],
        ),
        None,
    );
    let warnings: Vec<String> = outcome
        .warnings
        .iter()
        .map(|warning| {
            let detail: Vec<_> =
                warning.detail.iter().map(|detail| String::from_utf8_lossy(detail)).collect();
            format!("{}\n  {}\n", String::from_utf8_lossy(&warning.short), detail.join("\n  "))
        })
        .collect();
    expect![[r#"
        pickle-weights: `org/name` is loaded from pickles, which can run code: `adapter_model.bin` (line 3)
          it has no safetensors to take instead; if you trust its owner, write `allow_pickle: true`
        needs-model: `org/name` loads from `org/base`, which the manifest lacks (line 3)
          add it to `models`: `- org/base`
    "#]].assert_eq(&warnings.concat());
    let asked: Vec<String> = outcome
        .graphs()
        .iter()
        .flat_map(|graph| graph.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.contains("source http"))
        .collect();
    expect![[r#"
        1  source http://hub/api/models/org/name/revision/main?blobs=true  -- [internal] ask the hub for org/name@main
        1  source http://hub/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/adapter_config.json  -- [internal] verify org/name: adapter_config.json"#]].assert_eq(&asked.join("\n"));
}

#[test]
fn the_plan_lists_what_is_kept_and_what_is_not() {
    let outcome = call(quants(), Some("frontend.plan"));
    expect![[r#"
        org/name@main = 1110a243fdf4706b3f48f1d95db1a4f5529b4d41, mit
          +       7 B  README.md
          +    4.9 GB  name-Q4_K_M.gguf
          +    8.5 GB  name-Q8_0.gguf
          =   13.4 GB  to fetch, and 0 B left out

        in all, 13.4 GB to fetch, and 0 B left out

        error[ambiguous-quant]: `org/name` has 2 GGUF models
         --> modelcache.yaml:3:5
          |
        3 |   - org/name
          |     ^^^^^^^^
          |
          = help: choose one by `quant`: Q4_K_M (4.9 GB), Q8_0 (8.5 GB)
          = help: `Q4_K_M` is the usual balance of size and quality
    "#]]
    .assert_eq(&outcome.metadata("result.txt").expect("an answer"));
    assert_eq!(outcome.metadata("result.statuscode").as_deref(), Some("1"));
    let outcome = call(
        daemon(
            "org/name",
            &[
                ("config.json", Content::Small("{}\n")),
                ("model.safetensors", Content::Large(90_868_376)),
                ("pytorch_model.bin", Content::Large(90_888_945)),
            ],
        ),
        Some("frontend.plan"),
    );
    expect![[r#"
        org/name@main = 1110a243fdf4706b3f48f1d95db1a4f5529b4d41, mit
          +       3 B  config.json
          +   90.8 MB  model.safetensors
          -   90.8 MB  pytorch_model.bin                              the same as pickles
          =   90.8 MB  to fetch, and 90.8 MB left out

        in all, 90.8 MB to fetch, and 90.8 MB left out
    "#]]
    .assert_eq(&outcome.metadata("result.txt").expect("an answer"));
    expect![[r#"{"diagnostics":[],"keptBytes":90868379,"leftBytes":90888945,"models":[{"commit":"1110a243fdf4706b3f48f1d95db1a4f5529b4d41","gated":false,"kept":[{"path":"config.json","size":3},{"path":"model.safetensors","size":90868376}],"keptBytes":90868379,"left":[{"path":"pytorch_model.bin","reason":"the same as pickles","size":90888945}],"leftBytes":90888945,"license":"mit","name":"org/name@main"}]}"#]].assert_eq(&outcome.metadata("result.json").expect("an answer"));
}

#[test]
fn a_lock_of_another_choice_is_stale() {
    let lock = |asked: &str| {
        let digest = "c".repeat(64);
        format!(
            r#"{{"version": 1,
            "base": {{"image": "{BASE}", "platforms": {{"linux/amd64": "sha256:{digest}"}}}},
            "models": [{{"id": "org/name", "revision": "main", {asked} "commit": "{COMMIT}", "files": []}}]}}"#
        )
    };
    let model = "{id: org/name, quant: Q8_0}";
    let build = |lock: String| {
        let daemon = daemon(model, &[]).file("modelcache.lock.json", lock);
        daemon.build(&[("filename", "modelcache.yaml")])
    };
    expect![[r#"
        modelcache.yaml:3: the lock does not fit the model `org/name`

        error[stale-lock]: the lock does not fit the model `org/name`
         --> modelcache.yaml:3:5
          |
        3 |   - {id: org/name, quant: Q8_0}
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^ other files were chosen
          |
          = help: to update the lock: docker buildx build --target lock --output . -f modelcache.yaml ."#]].assert_eq(&build(lock(r#""quant": "Q4_K_M","#)).error().message);
    assert!(build(lock(r#""quant": "Q8_0","#)).result().metadata.contains_key("refs.platforms"));
}
