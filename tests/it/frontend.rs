//! The real binary against a daemon made of data: a build from end to end.

use expect_test::{Expect, expect};
use modelcache::{document::Document, frontend::failure};

use crate::support::gateway::{Daemon, Image, Outcome};

const HUB: &str = "http://hub";
const COMMIT: &str = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41";

/// `printf 'weights\n' | sha256sum`
const WEIGHTS_SHA256: &str = "1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0";

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  install: single
  requirements: reqs/all.txt
models:
  - org/name
app:
  copy: .
mirrors:
  huggingface: http://hub
";

/// A daemon that can build [`MANIFEST`].
pub fn daemon() -> Daemon {
    let listing = format!(
        r#"{{"id": "org/name", "sha": "{COMMIT}", "siblings": [
            {{"rfilename": "config.json", "size": 3, "blobId": "0967ef424bce6791893e9a57bb952f80fd536e93"}},
            {{"rfilename": "model.safetensors", "size": 8, "lfs": {{"sha256": "{WEIGHTS_SHA256}"}}}},
            {{"rfilename": "pytorch_model.bin", "size": 9, "lfs": {{"sha256": "{}"}}}}]}}"#,
        "b".repeat(64),
    );
    let image = Image {
        digest: format!("sha256:{}", "c".repeat(64)),
        config: r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]}}"#.into(),
        files: [("etc/passwd".to_owned(), b"root:x:0:0::/root:/bin/sh\n".to_vec())].into(),
    };
    Daemon::default()
        .file("modelcache.yaml", MANIFEST)
        .file("reqs/all.txt", "-r base.txt\nhttpx\n")
        .file("reqs/base.txt", "-c ../constraints.txt\n")
        .file("constraints.txt", "httpx<1\n")
        .file(".dockerignore", "# no docs\n*.md\n")
        .url(&format!("{HUB}/api/models/org/name/revision/main?blobs=true"), listing)
        .url(&format!("{HUB}/org/name/resolve/{COMMIT}/config.json"), "{}\n")
        .url(&format!("{HUB}/org/name/resolve/{COMMIT}/model.safetensors"), "weights\n")
        .image("docker.io/library/python:3.13-slim", image)
}

fn build(daemon: Daemon) -> Outcome {
    daemon.build(&[("filename", "modelcache.yaml")])
}

fn check_error(daemon: Daemon, expected: Expect) {
    let outcome = build(daemon);
    let error = outcome.error();
    let located = error.details.iter().any(|d| d.type_url.ends_with("errdefs.Source+json"));
    assert!(located, "every failure has a place: {error:?}");
    expected.assert_eq(&error.message);
}

#[test]
fn the_graph_of_a_whole_image() {
    let outcome = build(daemon());
    let graphs = outcome.graphs();
    expect![[r#"
        1  source docker-image://docker.io/library/python:3.13-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc  linux/amd64  -- [base] docker.io/library/python:3.13-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
             at modelcache.yaml:2
        2  file   on scratch  -- [internal] folders
             mkdir /etc 0755 0:0 @0
             mkdir /home 0755 0:0 @0
             mkdir /home/appuser 0755 10001:10001 @0
        3  file   on scratch  -- [user] appuser
             mkdir /etc 0755 0:0 @0
             mkdir /home 0755 0:0 @0
             mkdir /home/appuser 0755 10001:10001 @0
             mkfile /etc/passwd 0644 0:0 @0 "root:x:0:0::/root:/bin/sh\nappuser:x:10001:10001::/home/appuser:/usr/sbin/nologin\n"
             mkfile /etc/group 0644 0:0 @0 "appuser:x:10001:\n"
             copy #2:/ -> / contents @0
             at modelcache.yaml:1
        4  file   on scratch  -- [internal] folders
             mkdir /opt 0755 0:0 @0
             mkdir /opt/venv 0755 0:0 @0
        5  file   on scratch  -- [internal] folders
             mkdir /opt 0755 0:0 @0
             mkdir /opt/venv 0755 0:0 @0
             copy #4:/ -> / contents @0
        6  file   on scratch  -- [internal] requirements
             mkdir /reqs parents 0755 0:0 @0
             mkfile /constraints.txt 0644 0:0 @0 "httpx<1\n"
             mkfile /reqs/all.txt 0644 0:0 @0 "-r base.txt\nhttpx\n"
             mkfile /reqs/base.txt 0644 0:0 @0 "-c ../constraints.txt\n"
        7  file   on scratch  -- [internal] install programs
             mkfile /shared.py 0644 0:0 @0 3043 bytes sha256:70bf1581e5ffc4e2a6747f014b1f35876df5b516015a60951df2425196a2b257
             mkfile /single.py 0644 0:0 @0 1049 bytes sha256:b513de1ca1c8f495d50b4cf8b0a9f1918bea95e32612820e185966ad23a252aa
             mkfile /environment.py 0644 0:0 @0 1754 bytes sha256:81e7b3d3aececac9ba54ece9114d5d8bb683a0533975c205a6efb9af94c1fb4d
             mkfile /pip.py 0644 0:0 @0 "\"\"\"Makes `python -m pip` work here: it runs the base image's pip on this environment.\"\"\"\n\nimport os\nimport sys\n\nif __name__ != \"__main__\":\n    raise ModuleNotFoundError(\"No module named 'pip'\", name=\"pip\")\n\nbase = getattr(sys, \"_base_executable\", sys.executable)\nos.environ[\"PIP_PYTHON\"] = sys.executable\nos.execv(base, [base, \"-m\", \"pip\", *sys.argv[1:]])\n"
        8  exec   python3 -B /run/modelcache/steps/single.py /opt/venv /var/cache/modelcache/pip /run/secrets 1 --requirement=/run/modelcache/requirements/reqs/all.txt  linux/amd64  -- [python] pip install reqs/all.txt
             env PATH=/bin
             / bind #1
             /opt/venv bind #5:/opt/venv rw
             /run/modelcache/requirements bind #6
             /run/modelcache/steps bind #7 by definition
             /tmp tmpfs
             /var/cache/modelcache/pip cache /modelcache-pip shared
             /run/secrets/ca-certificates secret ca-certificates 0400 optional
             /run/secrets/netrc secret netrc 0400 optional
             /run/secrets/pip-config secret pip-config 0400 optional
             at modelcache.yaml:4-5
        9  source http://hub/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json  -- [model 1/1] org/name: config.json
             http.checksum sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356
             http.filename blob
             http.perm 0644
             group model org/name@1110a243fdf4706b3f48f1d95db1a4f5529b4d41 "[model 1/1] org/name: 2 files"
             at modelcache.yaml:7
        10 source http://hub/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors  -- [model 1/1] org/name: model.safetensors
             http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
             http.filename blob
             http.perm 0644
             group model org/name@1110a243fdf4706b3f48f1d95db1a4f5529b4d41 "[model 1/1] org/name: 2 files"
             at modelcache.yaml:7
        11 file   on scratch  -- [internal] folders
             mkdir /opt 0755 0:0 @0
             mkdir /opt/modelcache 0755 0:0 @0
             mkdir /opt/modelcache/huggingface 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/refs 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0755 0:0 @0
             mkdir /opt/modelcache/models 0755 0:0 @0
             mkdir /opt/modelcache/models/org 0755 0:0 @0
        12 file   on scratch  -- [model 1/1] org/name
             mkdir /opt 0755 0:0 @0
             mkdir /opt/modelcache 0755 0:0 @0
             mkdir /opt/modelcache/huggingface 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/refs 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0755 0:0 @0
             mkdir /opt/modelcache/models 0755 0:0 @0
             mkdir /opt/modelcache/models/org 0755 0:0 @0
             copy #9:/blob -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/config.json @0
             copy #10:/blob -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors @0
             mkfile /opt/modelcache/huggingface/hub/models--org--name/refs/main 0644 0:0 @0 "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
             mkfile /opt/modelcache/huggingface/hub/version.txt 0644 0:0 @0 "1"
             symlink /opt/modelcache/models/org/name -> ../../huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
             copy #11:/ -> / contents @0
             at modelcache.yaml:7
        13 source local://context  -- [internal] load build context
             local.excludepatterns ["*.md"]
             local.session session
             local.sharedkeyhint context
        14 file   on scratch  -- [internal] folders
             mkdir /app 0755 0:0 @0
        15 file   on scratch  -- [app] copy .
             mkdir /app 0755 0:0 @0
             copy #13:/ -> /app parents contents follow mode u=rwX,go=rX 0:0 @0
             copy #14:/ -> / contents @0
             at modelcache.yaml:9
        16 merge  #1 #3 #8 #12 #15  -- [image] assemble
        17 merge  #1 #3 #8 #12  -- [image] assemble
        18 file   on scratch  -- [internal] folders
             mkdir /report 0755 10001:10001 @0
        19 file   on scratch  -- [internal] verify program
             mkfile /modelcache_imports.py 0644 0:0 @0 12937 bytes sha256:2797f159d69ecec857432c0c98ec5db7f685fc69e61e50909aabb196bc129587
             mkfile /packages.json 0644 0:0 @0 "{\"modules\":false,\"packages\":[\"httpx\"]}"
        20 exec   /opt/venv/bin/python3 /run/modelcache/verify/modelcache_imports.py /run/modelcache/verify/packages.json /run/modelcache/report  linux/amd64  -- [verify] import 1 package without a network
             env PATH=/opt/venv/bin:/bin
             env VIRTUAL_ENV=/opt/venv
             env PIP_PYTHON=/opt/venv/bin/python3
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
             / bind #17
             /run/modelcache/report bind #18:/report rw
             /run/modelcache/verify bind #19
             /tmp tmpfs
             at modelcache.yaml:5
        21 file   on scratch  -- [verify] judge
             copy #20:/report/passed -> /passed @0
             at modelcache.yaml:5
        22 diff   #21 #21  -- [verify] passed
        23 file   on scratch  -- [internal] verify program
             mkfile /modelcache_assets.py 0644 0:0 @0 5695 bytes sha256:153a7f5154e30d114fbc7944cea5207207f136cd2fb10640aad575b22c99ebaa
             mkfile /modelcache_files.py 0644 0:0 @0 8125 bytes sha256:b9a9377ec0d39604fde2d7b2e59138da16bca9ca5c17ce90f2b6717645441017
             mkfile /modelcache_gguf.py 0644 0:0 @0 5071 bytes sha256:bc44a6d015d7e1a28a9bb5ea391e8850de3bf92f9b344d09c93806b0404aa82e
             mkfile /modelcache_libraries.py 0644 0:0 @0 13302 bytes sha256:ac285085870f15d182b230284d41790a5ad017ececdf54338cc7031e278cc674
             mkfile /modelcache_verify.py 0644 0:0 @0 4571 bytes sha256:78ef6d0a3b8082472283f6f96be8ebab8cebe0bcd13d0a1ebb6d4c98db8842a3
             mkfile /models.json 0644 0:0 @0 "{\"assets\":[],\"hub\":\"/opt/modelcache/huggingface/hub\",\"models\":[{\"also\":[],\"commit\":\"1110a243fdf4706b3f48f1d95db1a4f5529b4d41\",\"fastembed\":false,\"files\":[{\"path\":\"config.json\",\"size\":3},{\"path\":\"model.safetensors\",\"size\":8}],\"folder\":\"models--org--name\",\"id\":\"org/name\",\"pickle\":false,\"remote_code\":false,\"repository\":\"org/name\",\"revisions\":[\"main\"]}],\"root\":\"/opt/modelcache\"}"
        24 exec   /opt/venv/bin/python3 /run/modelcache/verify/modelcache_verify.py /run/modelcache/verify/models.json /run/modelcache/report  linux/amd64  -- [verify] load 1 model without a network
             env PATH=/opt/venv/bin:/bin
             env VIRTUAL_ENV=/opt/venv
             env PIP_PYTHON=/opt/venv/bin/python3
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
             / bind #17
             /run/modelcache/report bind #18:/report rw
             /run/modelcache/verify bind #23
             /tmp tmpfs
             at modelcache.yaml:7
        25 file   on scratch  -- [verify] judge
             copy #24:/report/passed -> /passed @0
             at modelcache.yaml:7
        26 diff   #25 #25  -- [verify] passed
        27 file   on scratch  -- [internal] look for users
             copy #1:/etc/passwd -> /passwd follow wildcard empty @0
             copy #1:/etc/group -> /group follow wildcard empty @0
        28 diff   #27 #27  -- [internal] remember what was asked
        29 merge  #16 #22 #26 #28  -- [verify] passed
        result #29
    "#]].assert_eq(graphs.last().expect("the image was solved"));
    assert!(outcome.success, "{}", outcome.log);
}

#[test]
fn the_result_names_its_platform_and_config() {
    let outcome = build(daemon());
    expect![[
        r#"{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}}]}"#
    ]]
    .assert_eq(&outcome.metadata("refs.platforms").expect("always sent"));
    expect![[r#"{"architecture":"amd64","os":"linux","config":{"User":"10001:10001","Env":["PATH=/opt/venv/bin:/bin","VIRTUAL_ENV=/opt/venv","PIP_PYTHON=/opt/venv/bin/python3","HF_HOME=/opt/modelcache/huggingface","HF_HUB_CACHE=/opt/modelcache/huggingface/hub","HF_HUB_OFFLINE=1","TRANSFORMERS_OFFLINE=1","HF_DATASETS_OFFLINE=1","HF_MODULES_CACHE=/tmp/hf_modules","HF_DATASETS_CACHE=/tmp/hf_datasets","HF_HUB_DISABLE_TELEMETRY=1","XDG_CACHE_HOME=/tmp/.cache","MPLCONFIGDIR=/tmp/.cache/matplotlib","NUMBA_CACHE_DIR=/tmp/.cache/numba","TRITON_CACHE_DIR=/tmp/.cache/triton","TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor","TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions","CUDA_CACHE_PATH=/tmp/.cache/nv","CUPY_CACHE_DIR=/tmp/.cache/cupy","FLASHINFER_WORKSPACE_BASE=/tmp"],"WorkingDir":"/app"}}"#]].assert_eq(&outcome.metadata("containerimage.config").expect("always sent"));
}

#[test]
fn several_platforms_share_all_but_base_and_python() {
    let arm = Image {
        digest: format!("sha256:{}", "d".repeat(64)),
        config: r#"{"architecture":"arm64","os":"linux"}"#.into(),
        ..Image::default()
    };
    let outcome = daemon()
        .image("docker.io/library/python:3.13-slim", arm)
        .build(&[("filename", "modelcache.yaml"), ("platform", "linux/amd64,linux/arm64")]);
    expect![[r#"{"Platforms":[{"ID":"linux/amd64","Platform":{"architecture":"amd64","os":"linux"}},{"ID":"linux/arm64","Platform":{"architecture":"arm64","os":"linux"}}]}"#]].assert_eq(&outcome.metadata("refs.platforms").expect("always sent"));
    assert!(outcome.metadata("containerimage.config/linux/arm64").is_some());
}

#[test]
fn a_daemon_that_cannot_merge_gets_copies() {
    let outcome = build(daemon().disable("mergeop"));
    let image = outcome.graphs().pop().expect("the image was solved");
    assert!(!image.contains("merge") && image.contains("add a layer"), "{image}");
}

#[test]
fn a_daemon_below_the_floor_is_asked_nothing() {
    let mut old = daemon();
    // What came with BuildKit 0.13: others here are younger, or older.
    old.api_caps.remove("source.metaresolver");
    old.llb_caps.remove("exec.mount.cache.content");
    let outcome = build(old);
    assert!(outcome.solves.is_empty(), "{outcome:#?}");
    expect![[r#"this builder is too old: modelcache needs BuildKit 0.13 (Docker Engine 26) or newer; update Docker, or build with a newer BuildKit (`docker buildx create --use`)"#]]
        .assert_eq(&outcome.error().message);
}

#[test]
fn cache_imports_go_with_every_solve() {
    let outcome = daemon().build(&[
        ("filename", "modelcache.yaml"),
        ("cache-imports", r#"[{"Type":"registry","Attrs":{"ref":"r/c"}}]"#),
    ]);
    assert!(outcome.solves.iter().all(|solve| solve.cache_imports[0].attrs["ref"] == "r/c"));
}

#[test]
fn every_mistake_of_a_manifest_is_told() {
    let text = "# syntax=x\nbase: python:3.13-slim\nmodles: [a/b]\npython: 3\n";
    check_error(
        daemon().file("modelcache.yaml", text),
        expect![[r#"
        modelcache.yaml:3: the manifest has no key `modles` (and 1 more mistake)

        error[unknown-key]: the manifest has no key `modles`
         --> modelcache.yaml:3:1
          |
        3 | modles: [a/b]
          | ^^^^^^ did you mean `models`?

        error[wrong-type]: `python` must be a map, not a string
         --> modelcache.yaml:4:9
          |
        4 | python: 3
          |         ^ expected a map"#]],
    );
}

#[test]
fn a_missing_requirements_file_names_the_line() {
    let text = MANIFEST.replace("reqs/all.txt", "reqs/none.txt");
    check_error(
        daemon().file("modelcache.yaml", text),
        expect![[r#"
            modelcache.yaml:5: the requirements file `reqs/none.txt` is not in the build context

            error[missing-requirements-file]: the requirements file `reqs/none.txt` is not in the build context
             --> modelcache.yaml:5:17
              |
            5 |   requirements: reqs/none.txt
              |                 ^^^^^^^^^^^^^ named here
              |
              = help: paths are relative to the build context, the last argument of `docker buildx build`"#]],
    );
}

#[test]
fn a_missing_include_names_the_file_that_wants_it() {
    check_error(
        daemon().file("reqs/base.txt", "httpx\n-r nowhere.txt\n"),
        expect![[r#"
            modelcache.yaml:5: `reqs/base.txt` line 2 includes `reqs/nowhere.txt`, which is not in the build context

            error[missing-requirements-file]: `reqs/base.txt` line 2 includes `reqs/nowhere.txt`, which is not in the build context
             --> modelcache.yaml:5:17
              |
            5 |   requirements: reqs/all.txt
              |                 ^^^^^^^^^^^^ named here
              |
              = help: paths are relative to the build context, the last argument of `docker buildx build`"#]],
    );
}

#[test]
fn an_unknown_model() {
    let text = MANIFEST.replace("org/name", "org/nome");
    let url = format!("{HUB}/api/models/org/nome/revision/main?blobs=true");
    let refusal = "failed to load cache key: invalid response status 401";
    check_error(
        daemon().file("modelcache.yaml", text).refuse(&url, refusal),
        expect![[r#"
            modelcache.yaml:7: the hub has no model `org/nome` at revision `main`, or it is private

            error[unknown-model]: the hub has no model `org/nome` at revision `main`, or it is private
             --> modelcache.yaml:7:5
              |
            7 |   - org/nome
              |     ^^^^^^^^ http://hub answered 401
              |
              = help: check the spelling; names are case-sensitive
              = help: if it is private, pass a token that may read it: --secret id=HTTP_AUTH_TOKEN_hub,env=HF_TOKEN
              = help: a secret of another name, as `id=HF_TOKEN`, is not read: the builder looks for one that names the host

            the builder said: failed to load cache key: failed to load cache key: invalid response status 401"#]],
    );
}

#[test]
fn an_unreachable_hub() {
    let url = format!("{HUB}/api/models/org/name/revision/main?blobs=true");
    let refusal = "dial tcp: lookup hub: no such host";
    check_error(
        daemon().refuse(&url, refusal),
        expect![[r#"
            modelcache.yaml:7: the hub at http://hub can't be reached

            error[hub-unreachable]: the hub at http://hub can't be reached
             --> modelcache.yaml:7:5
              |
            7 |   - org/name
              |     ^^^^^^^^ the model `org/name` is needed from it
              |
              = help: the builder itself asks the hub: check its network, DNS and proxy
              = help: `--build-arg HF_ENDPOINT=URL` or `mirrors.huggingface` name another hub

            the builder said: failed to load cache key: dial tcp: lookup hub: no such host"#]],
    );
}

#[test]
fn a_tampered_small_file_is_found_by_its_git_blob_id() {
    let url = format!("{HUB}/org/name/resolve/{COMMIT}/config.json");
    check_error(
        daemon().url(&url, "[]\n"),
        expect![[r#"
            modelcache.yaml:7: `config.json` of `org/name` is not what the hub lists

            error[tampered-file]: `config.json` of `org/name` is not what the hub lists
             --> modelcache.yaml:7:5
              |
            7 |   - org/name
              |     ^^^^^^^^ its git blob id should be 0967ef424bce6791893e9a57bb952f80fd536e93
              |
              = help: the hub, a mirror or a proxy sent other bytes; nothing of them was kept"#]],
    );
}

#[test]
fn a_failing_install_points_at_the_requirements() {
    let name = "[python] pip install reqs/all.txt";
    let failure = "process \"python3 -B /run/modelcache/steps/single.py …\" did not complete successfully: exit code: 1";
    check_error(
        daemon().fail(name, failure),
        expect![[r#"
            modelcache.yaml:4: pip could not install `reqs/all.txt`

            error[pip-install]: pip could not install `reqs/all.txt`
             --> modelcache.yaml:4:3
              |
            4 | /   install: single
            5 | |   requirements: reqs/all.txt
              | |____________________________^ asked for here
              |
              = help: pip's own words are above, in the output of this step
              = help: `--build-arg PIP_INDEX_URL=URL` names another index
              = help: a private CA and credentials are passed as build secrets: `ca-certificates`, `netrc`, `pip-config`

            the builder said: the step did not complete successfully: exit code: 1"#]],
    );
}

#[test]
fn an_unknown_target_is_refused() {
    let outcome = daemon().build(&[("filename", "modelcache.yaml"), ("target", "modles")]);
    expect!["there is no target `modles`; there are image, models, python, bundle, lock"]
        .assert_eq(&outcome.error().message);
}

#[test]
fn a_password_in_a_build_argument_is_refused_and_not_repeated() {
    let index = ("build-arg:PIP_INDEX_URL", "https://me:hunter2@example.com/simple");
    let outcome = daemon().build(&[("filename", "modelcache.yaml"), index]);
    let message = &outcome.error().message;
    assert!(message.contains("`PIP_INDEX_URL` has a password"), "{message}");
    assert!(!format!("{outcome:?}").contains("hunter2"));
}

#[test]
fn warnings_are_sent_with_their_line() {
    let text = MANIFEST.to_owned() + "user: root\n";
    let outcome = build(daemon().file("modelcache.yaml", text));
    let warning = outcome.warnings.first().expect("running as root is warned of");
    expect!["root-user: the container runs as root (line 12)"]
        .assert_eq(&String::from_utf8_lossy(&warning.short));
}

#[test]
fn a_panic_ends_a_build_like_any_failure() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let caught = runtime.block_on(failure::caught::<()>(async { panic!("out of cheese") }));
    let source = Document::new("modelcache.yaml", "base: x\n");
    let status = caught.expect_err("a failure").into_rejection(&source);
    assert!(
        status.message.ends_with("has a bug, please report it with your manifest: out of cheese")
    );
    assert!(status.details.iter().any(|d| d.type_url.ends_with("errdefs.Source+json")));
}
