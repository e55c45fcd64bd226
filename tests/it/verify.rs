//! What a build makes of the proof that models load.

use expect_test::expect;
use modelcache::{
    answers::{self, Answers, BaseImage, Snapshot},
    document::Document,
    manifest,
    plan::{
        self, ContextFiles,
        verify::{Proof, Subject},
    },
    request::Request,
};
use serde_json::json;

use crate::support::{
    gateway::{Daemon, Image, Outcome},
    platform,
};

mod assets;
mod imports;
pub mod program;
mod starts;

const COMMIT: &str = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41";

/// A daemon that can build a manifest with one model on a base with Python.
fn daemon(manifest: &str) -> Daemon {
    let listing = format!(
        r#"{{"id": "org/name", "sha": "{COMMIT}", "siblings": [
            {{"rfilename": "config.json", "size": 3, "blobId": "0967ef424bce6791893e9a57bb952f80fd536e93"}}]}}"#,
    );
    let image = Image {
        digest: format!("sha256:{}", "c".repeat(64)),
        config: r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin:/usr/bin"]}}"#
            .into(),
        files: [("usr/bin/python3".to_owned(), Vec::new())].into(),
    };
    Daemon::default()
        .file("modelcache.yaml", manifest)
        .url("http://hub/api/models/org/name/revision/main?blobs=true", listing)
        .url(&format!("http://hub/org/name/resolve/{COMMIT}/config.json"), "{}\n")
        .image("docker.io/library/python:3.13-slim", image)
}

const MANIFEST: &str = "\
base: python:3.13-slim
models:
  - org/name
mirrors:
  huggingface: http://hub
";

fn build(daemon: Daemon) -> Outcome {
    daemon.build(&[("filename", "modelcache.yaml")])
}

/// The paragraphs of the last graph that are about the proof.
fn proof(outcome: &Outcome) -> String {
    let graph = outcome.graphs().pop().unwrap();
    let ops = graph.split_inclusive('\n').fold(Vec::<String>::new(), |mut ops, line| {
        match ops.last_mut() {
            Some(op) if line.starts_with(' ') => op.push_str(line),
            _ => ops.push(line.to_owned()),
        }
        ops
    });
    let program = |op: &String| op.contains("[verify]") || op.starts_with("result");
    ops.into_iter().filter(program).collect()
}

#[test]
fn the_image_waits_for_its_proof_and_does_not_change() {
    let outcome = build(daemon(MANIFEST));
    outcome.result();
    expect![[r#"
        10 exec   /usr/bin/python3 /run/modelcache/verify/modelcache_verify.py /run/modelcache/verify/models.json /run/modelcache/report  linux/amd64  -- [verify] load 1 model without a network
             env PATH=/bin:/usr/bin
             env HF_HOME=/opt/modelcache/huggingface
             env HF_HUB_CACHE=/opt/modelcache/huggingface/hub
             env HF_HUB_OFFLINE=1
             env TRANSFORMERS_OFFLINE=1
             env HF_DATASETS_OFFLINE=1
             env HF_MODULES_CACHE=/tmp/hf_modules
             env HF_DATASETS_CACHE=/tmp/hf_datasets
             env HF_HUB_DISABLE_TELEMETRY=1
             env XDG_CACHE_HOME=/tmp/.cache
             env MPLCONFIGDIR=/tmp/.cache/matplotlib
             env NUMBA_CACHE_DIR=/tmp/.cache/numba
             env TRITON_CACHE_DIR=/tmp/.cache/triton
             env TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor
             env TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions
             env CUDA_CACHE_PATH=/tmp/.cache/nv
             env CUPY_CACHE_DIR=/tmp/.cache/cupy
             env FLASHINFER_WORKSPACE_BASE=/tmp
             env HOME=/home/appuser
             user 10001:10001
             network none
             / bind #7
             /run/modelcache/report bind #8:/report rw
             /run/modelcache/verify bind #9
             /tmp tmpfs
             at modelcache.yaml:3
        11 file   on scratch  -- [verify] judge
             copy #10:/report/passed -> /passed @0
             at modelcache.yaml:3
        12 diff   #11 #11  -- [verify] passed
        15 merge  #7 #12 #14  -- [verify] passed
        result #15
    "#]].assert_eq(&proof(&outcome));
    let commands = format!(
        "{MANIFEST}verify: [python3 -c 'import json', [./check, a b]]\napp: {{workdir: /srv}}\n"
    );
    expect![[r#"
        13 exec   /usr/bin/python3 /run/modelcache/verify/modelcache_verify.py /run/modelcache/verify/models.json /run/modelcache/report  linux/amd64  -- [verify] load 1 model without a network
             env PATH=/bin:/usr/bin
             env HF_HOME=/opt/modelcache/huggingface
             env HF_HUB_CACHE=/opt/modelcache/huggingface/hub
             env HF_HUB_OFFLINE=1
             env TRANSFORMERS_OFFLINE=1
             env HF_DATASETS_OFFLINE=1
             env HF_MODULES_CACHE=/tmp/hf_modules
             env HF_DATASETS_CACHE=/tmp/hf_datasets
             env HF_HUB_DISABLE_TELEMETRY=1
             env XDG_CACHE_HOME=/tmp/.cache
             env MPLCONFIGDIR=/tmp/.cache/matplotlib
             env NUMBA_CACHE_DIR=/tmp/.cache/numba
             env TRITON_CACHE_DIR=/tmp/.cache/triton
             env TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor
             env TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions
             env CUDA_CACHE_PATH=/tmp/.cache/nv
             env CUPY_CACHE_DIR=/tmp/.cache/cupy
             env FLASHINFER_WORKSPACE_BASE=/tmp
             env HOME=/home/appuser
             user 10001:10001
             network none
             / bind #10
             /run/modelcache/report bind #11:/report rw
             /run/modelcache/verify bind #12
             /tmp tmpfs
             at modelcache.yaml:3
        14 file   on scratch  -- [verify] judge
             copy #13:/report/passed -> /passed @0
             at modelcache.yaml:3
        15 diff   #14 #14  -- [verify] passed
        16 exec   python3 -c "import json"  linux/amd64  -- [verify] python3 -c import json
             env PATH=/bin:/usr/bin
             env HF_HOME=/opt/modelcache/huggingface
             env HF_HUB_CACHE=/opt/modelcache/huggingface/hub
             env HF_HUB_OFFLINE=1
             env TRANSFORMERS_OFFLINE=1
             env HF_DATASETS_OFFLINE=1
             env HF_MODULES_CACHE=/tmp/hf_modules
             env HF_DATASETS_CACHE=/tmp/hf_datasets
             env HF_HUB_DISABLE_TELEMETRY=1
             env XDG_CACHE_HOME=/tmp/.cache
             env MPLCONFIGDIR=/tmp/.cache/matplotlib
             env NUMBA_CACHE_DIR=/tmp/.cache/numba
             env TRITON_CACHE_DIR=/tmp/.cache/triton
             env TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor
             env TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions
             env CUDA_CACHE_PATH=/tmp/.cache/nv
             env CUPY_CACHE_DIR=/tmp/.cache/cupy
             env FLASHINFER_WORKSPACE_BASE=/tmp
             env HOME=/home/appuser
             cwd /srv
             user 10001:10001
             network none
             / bind #9
             /run/modelcache/report bind #11:/report rw
             /tmp tmpfs
             at modelcache.yaml:6
        17 diff   #16 #16  -- [verify] passed
        18 exec   ./check "a b"  linux/amd64  -- [verify] ./check a b
             env PATH=/bin:/usr/bin
             env HF_HOME=/opt/modelcache/huggingface
             env HF_HUB_CACHE=/opt/modelcache/huggingface/hub
             env HF_HUB_OFFLINE=1
             env TRANSFORMERS_OFFLINE=1
             env HF_DATASETS_OFFLINE=1
             env HF_MODULES_CACHE=/tmp/hf_modules
             env HF_DATASETS_CACHE=/tmp/hf_datasets
             env HF_HUB_DISABLE_TELEMETRY=1
             env XDG_CACHE_HOME=/tmp/.cache
             env MPLCONFIGDIR=/tmp/.cache/matplotlib
             env NUMBA_CACHE_DIR=/tmp/.cache/numba
             env TRITON_CACHE_DIR=/tmp/.cache/triton
             env TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor
             env TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions
             env CUDA_CACHE_PATH=/tmp/.cache/nv
             env CUPY_CACHE_DIR=/tmp/.cache/cupy
             env FLASHINFER_WORKSPACE_BASE=/tmp
             env HOME=/home/appuser
             cwd /srv
             user 10001:10001
             network none
             / bind #9
             /run/modelcache/report bind #11:/report rw
             /tmp tmpfs
             at modelcache.yaml:6
        19 diff   #18 #18  -- [verify] passed
        22 merge  #9 #15 #17 #19 #21  -- [verify] passed
        result #22
    "#]].assert_eq(&proof(&build(daemon(&commands))));
    let off = build(daemon(&format!("{MANIFEST}verify: false\n")));
    assert!(!off.graphs().pop().unwrap().contains("[verify]"));
}

#[test]
fn without_diff_the_proof_is_run_beside_the_image() {
    let outcome = build(daemon(MANIFEST).disable("diffop"));
    outcome.result();
    expect![[r#"
        10 exec   /usr/bin/python3 /run/modelcache/verify/modelcache_verify.py /run/modelcache/verify/models.json /run/modelcache/report  linux/amd64  -- [verify] load 1 model without a network
             env PATH=/bin:/usr/bin
             env HF_HOME=/opt/modelcache/huggingface
             env HF_HUB_CACHE=/opt/modelcache/huggingface/hub
             env HF_HUB_OFFLINE=1
             env TRANSFORMERS_OFFLINE=1
             env HF_DATASETS_OFFLINE=1
             env HF_MODULES_CACHE=/tmp/hf_modules
             env HF_DATASETS_CACHE=/tmp/hf_datasets
             env HF_HUB_DISABLE_TELEMETRY=1
             env XDG_CACHE_HOME=/tmp/.cache
             env MPLCONFIGDIR=/tmp/.cache/matplotlib
             env NUMBA_CACHE_DIR=/tmp/.cache/numba
             env TRITON_CACHE_DIR=/tmp/.cache/triton
             env TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor
             env TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions
             env CUDA_CACHE_PATH=/tmp/.cache/nv
             env CUPY_CACHE_DIR=/tmp/.cache/cupy
             env FLASHINFER_WORKSPACE_BASE=/tmp
             env HOME=/home/appuser
             user 10001:10001
             network none
             / bind #7
             /run/modelcache/report bind #8:/report rw
             /run/modelcache/verify bind #9
             /tmp tmpfs
             at modelcache.yaml:3
        11 file   on scratch  -- [verify] judge
             copy #10:/report/passed -> /passed @0
             at modelcache.yaml:3
        result #11
    "#]].assert_eq(&proof(&outcome));
}

#[test]
fn what_a_library_says_is_shown_at_the_models_line() {
    let report = json!({"failures": [{
        "model": "org/name", "step": "load", "message": "ValueError: no such architecture",
        "detail": ["update the library", "or the model"],
    }]});
    let daemon = daemon(MANIFEST).fail("[verify] judge", "\"/report/passed\": not found").leave(
        "[verify] load",
        "report/report.json",
        report.to_string(),
    );
    expect![[r#"
        modelcache.yaml:3: `org/name` can't be loaded in the image: ValueError: no such architecture

        error[verify]: `org/name` can't be loaded in the image: ValueError: no such architecture
         --> modelcache.yaml:3:5
          |
        3 |   - org/name
          |     ^^^^^^^^ verified offline, as the image's user
          |
          = help: update the library
                  or the model
          = help: `verify: false` in its entry of `models` leaves this proof out; at the top of the manifest, every proof"#]]
    .assert_eq(&build(daemon).error().message);
}

#[test]
fn a_proof_without_a_result_names_the_model() {
    let daemon = daemon(MANIFEST)
        .fail("[verify] load", "process \"python3\" did not complete successfully: exit code: 100");
    expect![[r#"
        modelcache.yaml:3: loading `org/name` in the image came to no end

        error[verify]: loading `org/name` in the image came to no end
         --> modelcache.yaml:3:5
          |
        3 |   - org/name
          |     ^^^^^^^^ verified offline, as the image's user
          |
          = help: the process crashed, took more than 10 minutes, or wanted more memory than there is: its last words are above
          = help: `verify: false` in its entry of `models` leaves this proof out; at the top of the manifest, every proof

        the builder said: process "python3" did not complete successfully: exit code: 100"#]].assert_eq(&build(daemon).error().message);
}

#[test]
fn a_failed_command_is_shown_at_its_line() {
    let manifest = format!("{MANIFEST}verify:\n  - ./check --all\n");
    let daemon = daemon(&manifest).fail(
        "[verify] ./check",
        "process \"./check --all\" did not complete successfully: exit code: 3",
    );
    expect![[r#"
        modelcache.yaml:7: `./check --all` failed in the finished image

        error[verify-command]: `./check --all` failed in the finished image
         --> modelcache.yaml:7:5
          |
        7 |   - ./check --all
          |     ^^^^^^^^^^^^^ asked for here
          |
          = help: its output is above; it ran as 10001:10001, without a network, and could write to /tmp alone

        the builder said: process "./check --all" did not complete successfully: exit code: 3"#]].assert_eq(&build(daemon).error().message);
}

#[test]
fn a_platform_that_cannot_run_is_warned_of() {
    let outcome =
        daemon(MANIFEST).build(&[("filename", "modelcache.yaml"), ("platform", "linux/s390x")]);
    assert!(!outcome.graphs().pop().unwrap().contains("[verify]"));
    let warnings = outcome.warnings.iter().map(|w| String::from_utf8_lossy(&w.short).into_owned());
    let warnings: Vec<String> = warnings.filter(|short| !short.starts_with("no-lock")).collect();
    expect![[r#"
        base-platform: the base image `python:3.13-slim` is for linux/amd64, and linux/s390x is built (line 1)
        not-verified: the image for linux/s390x is not verified (line 3)"#]]
        .assert_eq(&warnings.join("\n"));
}

#[test]
fn an_entry_that_says_so_is_not_proven() {
    let digest = "1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0";
    let entries = |verify: &str| {
        format!(
            "base: python:3.13-slim\nmodels:\n  - {{id: org/name, VERIFY}}\n  \
             - {{dataset: org/name, VERIFY}}\n  - {{fastembed: org/fast, VERIFY}}\n  \
             - {{id: org/mine, path: mine, VERIFY}}\n  \
             - {{url: 'https://example.com/a', sha256: {digest}, path: a, VERIFY}}\n  \
             - {{torch_hub: 'https://example.com/b', sha256: {digest}, VERIFY}}\n  \
             - {{tiktoken: cl100k_base, VERIFY}}\n  \
             - {{nltk: stopwords, sha256: {digest}, VERIFY}}\n"
        )
        .replace("VERIFY", verify)
    };
    let proven = |manifest: &str| {
        let source = Document::new("modelcache.yaml", manifest);
        let parsed = manifest::parse(&source, &Request::default().build_args);
        assert_eq!(parsed.diagnostics, []);
        let parsed = parsed.manifest.unwrap();
        let base = BaseImage { python: Some("/bin/python3".to_owned()), ..BaseImage::default() };
        let snapshot = Snapshot { commit: COMMIT.to_owned(), ..Snapshot::default() };
        let snapshots =
            parsed.models.iter().map(|model| (answers::model_key(model), snapshot.clone()));
        let lock = Answers {
            base: [(platform("linux/amd64"), base)].into(),
            models: snapshots.collect(),
            ..Answers::default()
        };
        let platform = "linux/amd64".parse().unwrap();
        let request = Request::default();
        let plan = plan::plan(&parsed, &lock, &ContextFiles::default(), &platform, &request);
        let proofs = plan.unwrap().proofs;
        let subjects = proofs.into_iter().map(|proof| proof.subject);
        let entries = subjects.map(|subject| match subject {
            Subject::Models { entries, .. } => entries,
            other => panic!("{other:?}"),
        });
        let ids = entries.flatten().map(|(id, _)| id);
        (ids.collect::<Vec<String>>().join("\n"), parsed.has_proven())
    };
    assert_eq!(proven(&entries("verify: false")), (String::new(), false));
    let (ids, has_proven) = proven(&entries("verify: true"));
    assert!(has_proven);
    expect![[r#"
        org/name
        datasets/org/name
        org/fast
        org/mine
        /opt/modelcache/files/a
        /opt/modelcache/torch/hub/checkpoints/b
        /opt/modelcache/tiktoken/9b5ad71b2ce5302211f9c61530b329a4922fc6a4
        /opt/modelcache/nltk_data/corpora/stopwords.zip"#]]
    .assert_eq(&ids);
    let one = entries("verify: false").replacen(
        "{id: org/mine, path: mine, verify: false}",
        "{id: org/mine, path: mine}",
        1,
    );
    assert_eq!(proven(&one), ("org/mine".to_owned(), true));
}

#[test]
fn a_folder_is_proven_too_and_says_what_may_run() {
    let manifest = "base: python:3.13-slim\nmodels:\n  \
        - {id: org/mine, path: mine, trust_remote_code: true}\n  \
        - {id: org/other, path: mine, allow_pickle: true}\n";
    let source = Document::new("modelcache.yaml", manifest);
    let parsed = manifest::parse(&source, &Request::default().build_args).manifest.unwrap();
    let platform = platform("linux/amd64");
    let base = BaseImage { python: Some("/bin/python3".to_owned()), ..BaseImage::default() };
    let lock = Answers { base: [(platform.clone(), base)].into(), ..Answers::default() };
    let plan = plan::plan(&parsed, &lock, &ContextFiles::default(), &platform, &Request::default());
    let proofs = plan.unwrap().proofs;
    let [Proof { subject: Subject::Models { listing, .. }, .. }] = proofs.as_slice() else {
        panic!("{proofs:?}")
    };
    let listing: serde_json::Value = serde_json::from_str(listing).unwrap();
    let models = listing["models"].as_array().unwrap().iter();
    let flags: Vec<String> = models
        .map(|model| {
            format!("{} code {} pickle {}", model["id"], model["remote_code"], model["pickle"])
        })
        .collect();
    expect![[r#"
        "org/mine" code true pickle false
        "org/other" code false pickle true"#]]
    .assert_eq(&flags.join("\n"));

    let daemon = daemon(manifest).file("mine/config.json", "{}");
    assert!(build(daemon).graphs().pop().unwrap().contains("[verify] load 2 models"));
}
