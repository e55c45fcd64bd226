//! The plan as LLB: what the daemon is handed.

use std::collections::BTreeMap;

use buildkit_llb::SourceFile;
use expect_test::{Expect, expect};
use modelcache::{
    answers::{Answers, BaseImage, Snapshot, SnapshotFile, Users},
    document::Document,
    graph::{self, Scene, download::Attempts, purpose::Purposes},
    manifest,
    plan::{self, ContextFiles, Plan},
    request::{NoCache, Request},
    values::{
        capabilities::{self, Capabilities, MERGE},
        config::ImageConfig,
    },
};

use crate::support::platform;

/// A build of `text` whose questions have been answered.
struct Case {
    source: Document,
    plan: Plan,
    request: Request,
    capabilities: Capabilities,
}

impl Case {
    fn new(text: &str) -> Self {
        Self::with(text, Request::default())
    }

    fn with(text: &str, request: Request) -> Self {
        let source = Document::new("modelcache.yaml", text);
        let parsed = manifest::parse(&source, &request.build_args);
        assert!(
            !parsed.diagnostics.iter().any(modelcache::values::diagnostic::Diagnostic::is_error)
        );
        let manifest = parsed.manifest.expect("a manifest without mistakes");
        let platform = "linux/amd64".parse().expect("a platform");
        let context = ContextFiles::default();
        let plan = plan::plan(&manifest, &answers(), &context, &platform, &request)
            .expect("a plan without mistakes");
        Self { source, plan, request, capabilities: capabilities::current() }
    }

    fn text(&self) -> String {
        let scene = Scene {
            request: &self.request,
            capabilities: &self.capabilities,
            manifest: &self.source,
            ignore: &["*.md".to_owned()],
            bundle: None,
            attempts: &Attempts::default(),
            purposes: &Purposes::default(),
            many_platforms: false,
        };
        let file = SourceFile {
            filename: self.source.name.clone(),
            text: self.source.text().into(),
            language: "YAML".into(),
            definition: None,
        };
        let definition = buildkit_llb::marshal(&graph::emit(&self.plan, &scene), &[file]);
        buildkit_llb::text(&definition).expect("a definition we marshalled")
    }

    fn check(&self, expected: Expect) {
        expected.assert_eq(&self.text());
    }
}

fn answers() -> Answers {
    let config =
        ImageConfig { architecture: "amd64".into(), os: "linux".into(), ..ImageConfig::default() };
    let base = BaseImage {
        reference: "docker.io/library/python:3.13-slim@sha256:b".into(),
        config,
        users: Some(Users {
            passwd: "root:x:0:0:root:/root:/bin/sh\n".into(),
            group: "root:x:0:\n".into(),
        }),
        ..BaseImage::default()
    };
    let file = |path: &str, digest: &str| SnapshotFile {
        path: path.into(),
        size: 3,
        digest: digest.repeat(32).parse().expect("64 digits"),
    };
    let snapshot = Snapshot {
        commit: "1110a243fdf4706b3f48f1d95db1a4f5529b4d41".into(),
        files: vec![file("1_Pooling/config.json", "aa"), file("model.safetensors", "bb")],
        ..Snapshot::default()
    };
    let models = ["org/name@main", "org/name@v1", "sentence-transformers/all-MiniLM-L6-v2@main"];
    Answers {
        base: BTreeMap::from([(platform("linux/amd64"), base)]),
        models: models.map(|key| (key.to_owned(), snapshot.clone())).into(),
        ..Answers::default()
    }
}

#[test]
fn a_model_is_pinned_files_in_the_hubs_layout() {
    Case::new("base: python:3.13-slim\nmodels: [org/name]\nuser: root\n").check(expect![[r#"
        1  source docker-image://docker.io/library/python:3.13-slim@sha256:b  linux/amd64  -- [base] docker.io/library/python:3.13-slim@sha256:b
             at modelcache.yaml:1
        2  source https://huggingface.co/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling/config.json  -- [model 1/1] org/name: 1_Pooling/config.json
             http.checksum sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
             http.filename blob
             http.perm 0644
             group model org/name@1110a243fdf4706b3f48f1d95db1a4f5529b4d41 "[model 1/1] org/name: 2 files"
             at modelcache.yaml:2
        3  source https://huggingface.co/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors  -- [model 1/1] org/name: model.safetensors
             http.checksum sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
             http.filename blob
             http.perm 0644
             group model org/name@1110a243fdf4706b3f48f1d95db1a4f5529b4d41 "[model 1/1] org/name: 2 files"
             at modelcache.yaml:2
        4  file   on scratch  -- [internal] folders
             mkdir /opt 0755 0:0 @0
             mkdir /opt/modelcache 0755 0:0 @0
             mkdir /opt/modelcache/huggingface 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/refs 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling 0755 0:0 @0
             mkdir /opt/modelcache/models 0755 0:0 @0
             mkdir /opt/modelcache/models/org 0755 0:0 @0
        5  file   on scratch  -- [model 1/1] org/name
             mkdir /opt 0755 0:0 @0
             mkdir /opt/modelcache 0755 0:0 @0
             mkdir /opt/modelcache/huggingface 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/refs 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling 0755 0:0 @0
             mkdir /opt/modelcache/models 0755 0:0 @0
             mkdir /opt/modelcache/models/org 0755 0:0 @0
             copy #2:/blob -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling/config.json @0
             copy #3:/blob -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors @0
             mkfile /opt/modelcache/huggingface/hub/models--org--name/refs/main 0644 0:0 @0 "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
             mkfile /opt/modelcache/huggingface/hub/version.txt 0644 0:0 @0 "1"
             symlink /opt/modelcache/models/org/name -> ../../huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0
             copy #4:/ -> / contents @0
             at modelcache.yaml:2
        6  merge  #1 #5  -- [image] assemble
        result #6
    "#]]);
}

#[test]
fn a_bare_name_is_looked_up_as_the_library_does() {
    let text = Case::new("base: python:3.13-slim\nmodels: [all-MiniLM-L6-v2]\n").text();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("symlink") || line.contains("resolve/"))
        .map(str::trim)
        .collect();
    expect![[r#"
        4  source https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling/config.json  -- [model 1/1] all-MiniLM-L6-v2: 1_Pooling/config.json
        5  source https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors  -- [model 1/1] all-MiniLM-L6-v2: model.safetensors
        symlink /opt/modelcache/models/all-MiniLM-L6-v2 -> ../huggingface/hub/models--sentence-transformers--all-MiniLM-L6-v2/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0:0 @0"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn a_revision_gets_a_ref_of_its_own_beside_main() {
    let text = Case::new("base: python:3.13-slim\nmodels: [org/name@v1]\n").text();
    let refs: Vec<&str> =
        text.lines().filter(|line| line.contains("/refs/")).map(str::trim).collect();
    expect![[r#"
        mkfile /opt/modelcache/huggingface/hub/models--org--name/refs/main 0644 0:0 @0 "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
        mkfile /opt/modelcache/huggingface/hub/models--org--name/refs/v1 0644 0:0 @0 "1110a243fdf4706b3f48f1d95db1a4f5529b4d41""#]].assert_eq(&refs.join("\n"));
}

#[test]
fn python_sees_the_requirements_and_nothing_else_of_the_context() {
    Case::new(
        "base: python:3.13-slim\n\
         python:\n  requirements: [requirements.txt]\n  packages: [\"httpx[http2]>=0.28\"]\n  index: https://example.com/simple\n\
         user: root\n",
    )
    .check(expect![[r#"
        1  source docker-image://docker.io/library/python:3.13-slim@sha256:b  linux/amd64  -- [base] docker.io/library/python:3.13-slim@sha256:b
             at modelcache.yaml:1
        2  file   on scratch  -- [internal] question
             mkfile /question.json 0644 0:0 @0 "{\"files\":[\"requirements.txt\"],\"packages\":[\"httpx[http2]>=0.28\"],\"machine\":null,\"system_site_packages\":false,\"pre\":false,\"torch\":null,\"trusted_hosts\":[],\"extras\":[],\"groups\":[],\"previous\":[],\"refresh\":false}"
        3  source local://context  -- [internal] load requirements
             local.followpaths ["requirements.txt"]
             local.sharedkeyhint modelcache-requirements
        4  file   on scratch  -- [internal] install programs
             mkfile /shared.py 0644 0:0 @0 3043 bytes sha256:70bf1581e5ffc4e2a6747f014b1f35876df5b516015a60951df2425196a2b257
             mkfile /resolve.py 0644 0:0 @0 18151 bytes sha256:3e3ad65b5819f694bc8f3594c58280ea256511904074b6374fb3ccfdcc1f80aa
             mkfile /hidden.py 0644 0:0 @0 2827 bytes sha256:ae9c5a58230154f5028c8b18141ab1b0d88f9b0808495e1cb43b9dfe042be1a8
        5  file   on scratch  -- [internal] install programs
             mkfile /shared.py 0644 0:0 @0 3043 bytes sha256:70bf1581e5ffc4e2a6747f014b1f35876df5b516015a60951df2425196a2b257
             mkfile /tools.py 0644 0:0 @0 1441 bytes sha256:871b2eede34fed88d0607bd3bdb75f9a99a42870577fd95d793116402f85c391
        6  file   on scratch  -- [internal] tools
             mkfile /tools.txt 0644 0:0 @0 612 bytes sha256:608de17eef9f2b588a06b912d5bebe1f1fd78278eecfde18d0ef82651e097232
        7  exec   python3 -B /run/modelcache/steps/tools.py /run/modelcache/out /var/cache/modelcache/pip /run/secrets /run/modelcache/tools.txt  linux/amd64  -- [python] get the resolver
             env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
             env PIP_INDEX_URL=https://example.com/simple
             / bind #1
             /run/modelcache/out bind scratch rw
             /run/modelcache/steps bind #5 by definition
             /run/modelcache/tools.txt bind #6:/tools.txt by definition
             /tmp tmpfs
             /var/cache/modelcache/pip cache /modelcache-pip shared
             /run/secrets/ca-certificates secret ca-certificates 0400 optional
             /run/secrets/netrc secret netrc 0400 optional
             /run/secrets/pip-config secret pip-config 0400 optional
             at modelcache.yaml:3-5
        8  exec   python3 -B /run/modelcache/steps/resolve.py /run/modelcache/out /run/modelcache/tools /var/cache/modelcache/uv /run/secrets /run/modelcache/requirements /run/modelcache/question.json  linux/amd64  -- [python] resolve requirements
             env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
             env PIP_INDEX_URL=https://example.com/simple
             / bind #1
             /run/modelcache/out bind scratch rw
             /run/modelcache/question.json bind #2:/question.json by definition
             /run/modelcache/requirements bind #3
             /run/modelcache/steps bind #4 by definition
             /run/modelcache/tools bind #7 by definition
             /tmp tmpfs
             /var/cache/modelcache/uv cache /modelcache-uv shared
             /run/secrets/ca-certificates secret ca-certificates 0400 optional
             /run/secrets/netrc secret netrc 0400 optional
             /run/secrets/pip-config secret pip-config 0400 optional
             at modelcache.yaml:3-5
        9  merge  #1 #8  -- [image] assemble
        result #9
    "#]]);
}

#[test]
fn the_application_comes_last_and_honours_the_ignore_file() {
    Case::new(
        "base: python:3.13-slim\n\
         app:\n  copy:\n    - {from: ., to: /srv/app}\n    - {from: conf.toml, to: /etc/app/}\n  workdir: /srv/app\n",
    )
    .check(expect![[r#"
        1  source docker-image://docker.io/library/python:3.13-slim@sha256:b  linux/amd64  -- [base] docker.io/library/python:3.13-slim@sha256:b
             at modelcache.yaml:1
        2  file   on scratch  -- [internal] folders
             mkdir /etc 0755 0:0 @0
             mkdir /home 0755 0:0 @0
             mkdir /home/appuser 0755 10001:10001 @0
        3  file   on scratch  -- [user] appuser
             mkdir /etc 0755 0:0 @0
             mkdir /home 0755 0:0 @0
             mkdir /home/appuser 0755 10001:10001 @0
             mkfile /etc/passwd 0644 0:0 @0 "root:x:0:0:root:/root:/bin/sh\nappuser:x:10001:10001::/home/appuser:/usr/sbin/nologin\n"
             mkfile /etc/group 0644 0:0 @0 "root:x:0:\nappuser:x:10001:\n"
             copy #2:/ -> / contents @0
             at modelcache.yaml:1
        4  source local://context  -- [internal] load build context
             local.excludepatterns ["*.md"]
             local.sharedkeyhint context
        5  file   on scratch  -- [internal] folders
             mkdir /etc 0755 0:0 @0
             mkdir /etc/app 0755 0:0 @0
             mkdir /srv 0755 0:0 @0
             mkdir /srv/app 0755 0:0 @0
        6  file   on scratch  -- [app] copy ., conf.toml
             mkdir /etc 0755 0:0 @0
             mkdir /etc/app 0755 0:0 @0
             mkdir /srv 0755 0:0 @0
             mkdir /srv/app 0755 0:0 @0
             copy #4:/ -> /srv/app parents contents follow mode u=rwX,go=rX 0:0 @0
             copy #4:/conf.toml -> /etc/app/conf.toml parents contents follow mode u=rwX,go=rX 0:0 @0
             copy #5:/ -> / contents @0
             at modelcache.yaml:3-6
        7  merge  #1 #3 #6  -- [image] assemble
        result #7
    "#]]);
}

#[test]
fn without_merge_the_parts_are_copied_onto_each_other() {
    let mut case = Case::new("base: python:3.13-slim\nmodels: [org/name]\napp:\n  copy: .\n");
    case.capabilities = ["file.base"].into_iter().collect();
    assert!(!case.capabilities.has(MERGE));
    let text = case.text();
    let joins: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains("add a layer"))
        .filter(|line| !line.contains(" at "))
        .collect();
    expect![[r#"
        4  file   on #1  -- [image] add a layer
             copy #3:/ -> / parents contents
        5  source https://huggingface.co/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling/config.json  -- [model 1/1] org/name: 1_Pooling/config.json
             http.checksum sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
             http.filename blob
             http.perm 0644
             group model org/name@1110a243fdf4706b3f48f1d95db1a4f5529b4d41 "[model 1/1] org/name: 2 files"
        6  source https://huggingface.co/org/name/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors  -- [model 1/1] org/name: model.safetensors
             http.checksum sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
             http.filename blob
             http.perm 0644
             group model org/name@1110a243fdf4706b3f48f1d95db1a4f5529b4d41 "[model 1/1] org/name: 2 files"
        7  file   on scratch  -- [internal] folders
             mkdir /opt 0755 0:0 @0
             mkdir /opt/modelcache 0755 0:0 @0
             mkdir /opt/modelcache/huggingface 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/refs 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling 0755 0:0 @0
        8  file   on scratch  -- [model 1/1] org/name
             mkdir /opt 0755 0:0 @0
             mkdir /opt/modelcache 0755 0:0 @0
             mkdir /opt/modelcache/huggingface 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/refs 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41 0755 0:0 @0
             mkdir /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling 0755 0:0 @0
             copy #5:/blob -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling/config.json @0
             copy #6:/blob -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/model.safetensors @0
             mkfile /opt/modelcache/huggingface/hub/models--org--name/refs/main 0644 0:0 @0 "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
             mkfile /opt/modelcache/huggingface/hub/version.txt 0644 0:0 @0 "1"
             copy #7:/ -> / contents @0
        9  file   on #4  -- [image] add a layer
             copy #8:/ -> / parents contents
        10 source local://context  -- [internal] load build context
             local.excludepatterns ["*.md"]
             local.sharedkeyhint context
        11 file   on scratch  -- [internal] folders
             mkdir /app 0755 0:0 @0
        12 file   on scratch  -- [app] copy .
             mkdir /app 0755 0:0 @0
             copy #10:/ -> /app parents contents follow mode u=rwX,go=rX 0:0 @0
             copy #11:/ -> / contents @0
        13 file   on #9  -- [image] add a layer
             copy #12:/ -> / parents contents
        result #13"#]].assert_eq(&joins.join("\n"));
    assert!(!text.contains("symlink"), "the daemon has no symlink action");
}

#[test]
fn the_callers_flags_reach_the_install_step() {
    let request = Request {
        network: buildkit_llb::Network::Host,
        add_hosts: vec![("index".into(), "10.0.0.1".into())],
        shm_size: Some(1 << 20),
        cache_namespace: "team".into(),
        epoch: 1_700_000_000,
        no_cache: NoCache::Stages(vec!["python".into()]),
        ..Request::default()
    };
    let text = Case::with("base: python:3.13-slim\npython:\n  packages: [httpx]\n", request).text();
    let exec: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains(" exec "))
        .take_while(|line| !line.contains(" merge "))
        .collect();
    expect![[r#"
        8  exec   python3 -B /run/modelcache/steps/tools.py /run/modelcache/out /var/cache/modelcache/pip /run/secrets /run/modelcache/tools.txt  linux/amd64  -- [python] get the resolver
             env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
             network host
             host index 10.0.0.1
             / bind #1
             /dev/shm tmpfs 1048576
             /run/modelcache/out bind scratch rw
             /run/modelcache/steps bind #6 by definition
             /run/modelcache/tools.txt bind #7:/tools.txt by definition
             /tmp tmpfs
             /var/cache/modelcache/pip cache team/modelcache-pip shared
             /run/secrets/ca-certificates secret ca-certificates 0400 optional
             /run/secrets/netrc secret netrc 0400 optional
             /run/secrets/pip-config secret pip-config 0400 optional
             ignore-cache
             at modelcache.yaml:3
        9  exec   python3 -B /run/modelcache/steps/resolve.py /run/modelcache/out /run/modelcache/tools /var/cache/modelcache/uv /run/secrets /run/modelcache/requirements /run/modelcache/question.json  linux/amd64  -- [python] resolve requirements
             env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
             network host
             host index 10.0.0.1
             / bind #1
             /dev/shm tmpfs 1048576
             /run/modelcache/out bind scratch rw
             /run/modelcache/question.json bind #4:/question.json by definition
             /run/modelcache/steps bind #5 by definition
             /run/modelcache/tools bind #8 by definition
             /tmp tmpfs
             /var/cache/modelcache/uv cache team/modelcache-uv shared
             /run/secrets/ca-certificates secret ca-certificates 0400 optional
             /run/secrets/netrc secret netrc 0400 optional
             /run/secrets/pip-config secret pip-config 0400 optional
             ignore-cache
             at modelcache.yaml:3"#]].assert_eq(&exec.join("\n"));
}

#[test]
fn the_same_input_makes_the_same_bytes() {
    let text = "base: python:3.13-slim\nmodels: [org/name]\npython:\n  packages: [httpx]\napp:\n  copy: .\n";
    let bytes = |case: &Case| case.text();
    assert_eq!(bytes(&Case::new(text)), bytes(&Case::new(text)));
}

/// Digests of the model's layer do not depend on anything but the model.
#[test]
fn a_models_layer_is_the_same_beside_other_parts_and_from_a_mirror() {
    let digest = |text: &str| {
        let case = Case::new(text);
        let scene = Scene {
            request: &case.request,
            capabilities: &case.capabilities,
            manifest: &case.source,
            ignore: &[],
            bundle: None,
            attempts: &Attempts::default(),
            purposes: &Purposes::default(),
            many_platforms: false,
        };
        graph::model::layers(&case.plan.models, &scene)[0].digest()
    };
    let alone = digest("base: python:3.13-slim\nmodels: [org/name]\n");
    let beside = digest(
        "base: python:3.13-slim\nmodels:\n  - org/name\n  - all-MiniLM-L6-v2\npython:\n  packages: [httpx]\napp:\n  copy: .\n",
    );
    assert_eq!(alone, beside);
    // A mirror changes the URL and so the op, but not the daemon's cache key,
    // which is checked end to end.
    let mirror = digest(
        "base: python:3.13-slim\nmodels: [org/name]\nmirrors:\n  huggingface: https://hub.example.com\n",
    );
    assert_ne!(alone, mirror);
}
