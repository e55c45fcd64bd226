//! Entries of `models` that are no models of the hub's, from text to graph.

use expect_test::{Expect, expect};
use modelcache::{
    answers::{Answers, BaseImage},
    document::Document,
    graph::{self, Scene, bundle::Bundle, download::Attempts, purpose::Purposes},
    manifest::{self, asset::ENCODINGS},
    plan::{self, ContextFiles},
    request::Request,
    values::{capabilities, diagnostic},
};
use sha1::{Digest, Sha1};

use crate::support::{
    gateway::{Daemon, Image, Outcome},
    platform,
};

mod nltk;

const SHA256: &str = "sha256: 1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0";

/// The manifest with these entries of `models`, and `SHA256` in place of `#`.
pub fn manifest_of(models: &str) -> String {
    format!("base: python:3.13-slim\nuser: root\nmodels:\n{}\n", models.replace('#', SHA256))
}

/// The vertices of the models in the graph, and the variables that are set.
pub fn check(models: &str, request: Request, expected: Expect) {
    check_on(BaseImage::default(), models, request, expected);
}

fn check_on(base: BaseImage, models: &str, request: Request, expected: Expect) {
    let source = Document::new("modelcache.yaml", manifest_of(models));
    let parsed = manifest::parse(&source, &request.build_args);
    let found = diagnostic::render(&parsed.diagnostics, &source, diagnostic::Style::Plain);
    let manifest = parsed.manifest.unwrap_or_else(|| panic!("{found}"));
    let platform = platform("linux/amd64");
    let context = ContextFiles::default();
    let mut lock = Answers::default();
    lock.base.extend((base != BaseImage::default()).then(|| (platform.clone(), base)));
    let plan = plan::plan(&manifest, &lock, &context, &platform, &request)
        .expect("a plan without mistakes");
    let bundle = Bundle::given(&request, &platform);
    let scene = Scene {
        request: &request,
        capabilities: &capabilities::current(),
        manifest: &source,
        ignore: &["*".to_owned()],
        bundle: bundle.as_ref(),
        attempts: &Attempts::default(),
        purposes: &Purposes::default(),
        many_platforms: false,
    };
    let definition = buildkit_llb::marshal(&graph::emit(&plan, &scene), &[]);
    let text = buildkit_llb::text(&definition).expect("a definition we marshalled");
    let is_shown = |line: &&str| !line.trim_start().starts_with("mkdir") && !line.contains(" at ");
    let mut lines: Vec<String> = text.lines().filter(is_shown).map(str::to_owned).collect();
    // Not those of every image.
    let usual = ["HF_", "TRANSFORMERS_", "PATH="];
    let variables = plan.config.config.env.iter().filter(|entry| !entry.contains("=/tmp"));
    lines.extend(variables.filter(|v| !usual.iter().any(|name| v.starts_with(name))).cloned());
    expected.assert_eq(&lines.join("\n"));
}

fn check_mistakes(models: &str, expected: Expect) {
    let source = Document::new("modelcache.yaml", manifest_of(models));
    let found = manifest::parse(&source, &std::collections::BTreeMap::new()).diagnostics;
    let found: Vec<_> = found.into_iter().filter(|found| found.code != "root-user").collect();
    expected.assert_eq(&diagnostic::render(&found, &source, diagnostic::Style::Plain));
}

#[test]
fn a_file_goes_where_the_manifest_says() {
    check(
        "  - {url: 'https://example.com/a/model.onnx?download=true', #, path: weights/}\n  \
         - {url: 'https://example.com/words.tar.gz', #, path: /srv/words, unpack: true}",
        Request::default(),
        expect![[r#"
            1  source docker-image://docker.io/library/python:3.13-slim  linux/amd64  -- [base] docker.io/library/python:3.13-slim
            2  source https://example.com/a/model.onnx?download=true  -- [files] https://example.com/a/model.onnx?download=true
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            3  file   on scratch  -- [internal] folders
            4  file   on scratch  -- [files] /opt/modelcache/files/weights/model.onnx
                 copy #2:/blob -> /opt/modelcache/files/weights/model.onnx 0644 @0
                 copy #3:/ -> / contents @0
            5  source https://example.com/words.tar.gz  -- [files] https://example.com/words.tar.gz
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            6  file   on scratch  -- [files] unpack https://example.com/words.tar.gz
                 copy #5:/blob -> /contents unpack 0:0
            7  file   on scratch  -- [internal] folders
            8  file   on scratch  -- [files] /srv/words
                 copy #6:/contents/* -> /srv/words/ wildcard mode u=rwX,go=rX @0
                 copy #7:/ -> / contents @0
            9  merge  #1 #4 #8  -- [image] assemble
            result #9"#]],
    );
}

#[test]
fn libraries_are_told_where_their_files_are() {
    check(
        "  - {torch_hub: 'https://download.pytorch.org/models/resnet50-11ad3fa6.pth', #}\n  \
         - tiktoken: cl100k_base\n  \
         - {nltk: stopwords, #}\n  \
         - {nltk: taggers/my_tagger, #, url: 'https://example.com/t.zip'}",
        Request::default(),
        expect![[r#"
            1  source docker-image://docker.io/library/python:3.13-slim  linux/amd64  -- [base] docker.io/library/python:3.13-slim
            2  source https://download.pytorch.org/models/resnet50-11ad3fa6.pth  -- [files] https://download.pytorch.org/models/resnet50-11ad3fa6.pth
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            3  file   on scratch  -- [internal] folders
            4  file   on scratch  -- [files] /opt/modelcache/torch/hub/checkpoints/resnet50-11ad3fa6.pth
                 copy #2:/blob -> /opt/modelcache/torch/hub/checkpoints/resnet50-11ad3fa6.pth 0644 @0
                 copy #3:/ -> / contents @0
            5  source https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken  -- [files] https://openaipublic.blob.core.windows.net/encodings/cl100k_base.tiktoken
                 http.checksum sha256:223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7
                 http.filename blob
                 http.perm 0644
            6  file   on scratch  -- [internal] folders
            7  file   on scratch  -- [files] /opt/modelcache/tiktoken/9b5ad71b2ce5302211f9c61530b329a4922fc6a4
                 copy #5:/blob -> /opt/modelcache/tiktoken/9b5ad71b2ce5302211f9c61530b329a4922fc6a4 0644 @0
                 copy #6:/ -> / contents @0
            8  source https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/stopwords.zip  -- [files] https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/corpora/stopwords.zip
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            9  file   on scratch  -- [internal] folders
            10 file   on scratch  -- [files] /opt/modelcache/nltk_data/corpora/stopwords.zip
                 copy #8:/blob -> /opt/modelcache/nltk_data/corpora/stopwords.zip 0644 @0
                 copy #9:/ -> / contents @0
            11 source https://example.com/t.zip  -- [files] https://example.com/t.zip
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            12 file   on scratch  -- [internal] folders
            13 file   on scratch  -- [files] /opt/modelcache/nltk_data/taggers/my_tagger.zip
                 copy #11:/blob -> /opt/modelcache/nltk_data/taggers/my_tagger.zip 0644 @0
                 copy #12:/ -> / contents @0
            14 merge  #1 #4 #7 #10 #13  -- [image] assemble
            result #14
            NLTK_DATA=/opt/modelcache/nltk_data
            TIKTOKEN_CACHE_DIR=/opt/modelcache/tiktoken
            TORCH_HOME=/opt/modelcache/torch"#]],
    );
}

#[test]
fn an_image_of_the_models_alone_tells_as_much() {
    let source = Document::new(
        "modelcache.yaml",
        manifest_of("  - {nltk: stopwords, #}\n  - tiktoken: cl100k_base"),
    );
    let manifest = manifest::parse(&source, &Request::default().build_args).manifest.unwrap();
    let request = Request { target: Some("models".to_owned()), ..Request::default() };
    let platform = "linux/amd64".parse().unwrap();
    let context = ContextFiles::default();
    let plan = plan::plan(&manifest, &Answers::default(), &context, &platform, &request).unwrap();
    expect![[r#"
        NLTK_DATA=/opt/modelcache/nltk_data
        TIKTOKEN_CACHE_DIR=/opt/modelcache/tiktoken"#]]
    .assert_eq(&plan.config.config.env.join("\n"));
}

#[test]
fn a_folder_is_laid_out_as_the_model_it_stands_for() {
    let contexts = [("weights".to_owned(), "local:weights".to_owned())];
    let request = Request { contexts: contexts.into(), ..Request::default() };
    check(
        "  - {id: org/name, path: ./models/mine}\n  - {id: org/other, from: weights, revision: v1}",
        request,
        expect![[r#"
            1  source docker-image://docker.io/library/python:3.13-slim  linux/amd64  -- [base] docker.io/library/python:3.13-slim
            2  source local://context  -- [internal] load models/mine
                 local.followpaths ["models/mine"]
                 local.sharedkeyhint modelcache-model:models/mine
            3  file   on scratch  -- [internal] folders
            4  file   on scratch  -- [model] org/name from a folder
                 copy #2:/models/mine -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/67c89ca7bbb1acbc22851ae0a42f7fed72fa3807 contents follow mode u=rwX,go=rX 0:0 @0
                 mkfile /opt/modelcache/huggingface/hub/models--org--name/refs/main 0644 0:0 @0 "67c89ca7bbb1acbc22851ae0a42f7fed72fa3807"
                 mkfile /opt/modelcache/huggingface/hub/version.txt 0644 0:0 @0 "1"
                 symlink /opt/modelcache/models/org/name -> ../../huggingface/hub/models--org--name/snapshots/67c89ca7bbb1acbc22851ae0a42f7fed72fa3807 0:0 @0
                 copy #3:/ -> / contents @0
            5  source local://weights  -- [context weights] load .
                 local.sharedkeyhint modelcache-context:weights:.
            6  file   on scratch  -- [internal] folders
            7  file   on scratch  -- [model] org/other from a folder
                 copy #5:/ -> /opt/modelcache/huggingface/hub/models--org--other/snapshots/c9d288be030d628e12d23f7aabc39001739f826a contents follow mode u=rwX,go=rX 0:0 @0
                 mkfile /opt/modelcache/huggingface/hub/models--org--other/refs/main 0644 0:0 @0 "c9d288be030d628e12d23f7aabc39001739f826a"
                 mkfile /opt/modelcache/huggingface/hub/models--org--other/refs/v1 0644 0:0 @0 "c9d288be030d628e12d23f7aabc39001739f826a"
                 mkfile /opt/modelcache/huggingface/hub/version.txt 0644 0:0 @0 "1"
                 symlink /opt/modelcache/models/org/other -> ../../huggingface/hub/models--org--other/snapshots/c9d288be030d628e12d23f7aabc39001739f826a 0:0 @0
                 copy #6:/ -> / contents @0
            8  merge  #1 #4 #7  -- [image] assemble
            result #8"#]],
    );
}

#[test]
fn a_context_may_be_an_image() {
    let contexts = [("weights".to_owned(), "docker-image://org/weights".to_owned())];
    let request = Request { contexts: contexts.into(), ..Request::default() };
    check(
        "  - {id: org/name, from: weights, path: sub}",
        request,
        expect![[r#"
        1  source docker-image://docker.io/library/python:3.13-slim  linux/amd64  -- [base] docker.io/library/python:3.13-slim
        2  source docker-image://docker.io/org/weights:latest  linux/amd64  -- [context] docker.io/org/weights:latest
        3  file   on scratch  -- [internal] folders
        4  file   on scratch  -- [model] org/name from a folder
             copy #2:/sub -> /opt/modelcache/huggingface/hub/models--org--name/snapshots/67c89ca7bbb1acbc22851ae0a42f7fed72fa3807 contents follow mode u=rwX,go=rX 0:0 @0
             mkfile /opt/modelcache/huggingface/hub/models--org--name/refs/main 0644 0:0 @0 "67c89ca7bbb1acbc22851ae0a42f7fed72fa3807"
             mkfile /opt/modelcache/huggingface/hub/version.txt 0644 0:0 @0 "1"
             symlink /opt/modelcache/models/org/name -> ../../huggingface/hub/models--org--name/snapshots/67c89ca7bbb1acbc22851ae0a42f7fed72fa3807 0:0 @0
             copy #3:/ -> / contents @0
        5  merge  #1 #4  -- [image] assemble
        result #5"#]],
    );
}

#[test]
fn a_bundle_has_the_files_too() {
    let contexts = [("modelcache-bundle".to_owned(), "local:bundle".to_owned())];
    let file = "  - {url: 'https://example.com/a.bin', #, path: /srv/a}";
    let request = Request { contexts: contexts.into(), ..Request::default() };
    check(
        file,
        request,
        expect![[r#"
        1  source docker-image://docker.io/library/python:3.13-slim  linux/amd64  -- [base] docker.io/library/python:3.13-slim
        2  source local://bundle  -- [internal] load bundle
             local.includepattern ["blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0"]
             local.sharedkeyhint modelcache-bundle
        3  file   on scratch  -- [internal] folders
        4  file   on scratch  -- [files] /srv/a
             copy #2:/blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0 -> /srv/a 0644 @0
             copy #3:/ -> / contents @0
        5  merge  #1 #4  -- [image] assemble
        result #5"#]],
    );
    let request = Request { target: Some("bundle".to_owned()), ..Request::default() };
    check(
        file,
        request,
        expect![[r#"
            1  source docker-image://docker.io/library/python:3.13-slim  linux/amd64  -- [base] docker.io/library/python:3.13-slim
            2  file   on #1  -- [bundle] hide the base image's files
                 rm /* optional wildcard
            3  source https://example.com/a.bin  -- [files] https://example.com/a.bin
                 http.checksum sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0
                 http.filename blob
                 http.perm 0644
            4  file   on scratch  -- [internal] folders
            5  file   on scratch  -- [bundle] https://example.com/a.bin
                 copy #3:/blob -> /blobs/sha256/1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0 @0
                 copy #4:/ -> / contents @0
            6  merge  #2 #5  -- [image] assemble
            result #6"#]],
    );
}

#[test]
fn a_dataset_and_a_repository_for_fastembed_are_asked_of_the_hub() {
    check(
        "  - dataset: org/words@v2\n  - fastembed: Qdrant/bge-small-en-v1.5-onnx-Q",
        Request::default(),
        expect![[r#"
            1  source docker-image://docker.io/library/python:3.13-slim  linux/amd64  -- [base] docker.io/library/python:3.13-slim
            2  source https://huggingface.co/api/datasets/org/words/revision/v2?blobs=true  -- [model 1/2] datasets/org/words: files are chosen when the hub has answered
                 http.filename blob
                 http.perm 0644
            3  source https://huggingface.co/api/models/Qdrant/bge-small-en-v1.5-onnx-Q/revision/main?blobs=true  -- [model 2/2] Qdrant/bge-small-en-v1.5-onnx-Q: files are chosen when the hub has answered
                 http.filename blob
                 http.perm 0644
            4  merge  #1 #2 #3  -- [image] assemble
            result #4
            FASTEMBED_CACHE_PATH=/opt/modelcache/huggingface/hub"#]],
    );
}

#[test]
fn mistakes() {
    check_mistakes(
        "  - {url: 'https://example.com/a', path: b}\n  \
         - {url: 'https://example.com/', sha256: 12, path: ../b}\n  \
         - {url: 'https://example.com/a.7z', #, path: b, unpack: true}\n  \
         - {url: 'https://example.com/a?X-Amz-Signature=12', #, path: c}\n  \
         - {id: org/name, path: ../outside}\n  \
         - {path: folder}\n  \
         - {id: org/name, path: folder, files: '*.json'}\n  \
         - {spacy: en_core_web_sm}\n  \
         - datasets/squad",
        expect![[r#"
            error[missing-key]: an entry of `models` has no `sha256`
             --> modelcache.yaml:4:6
              |
            4 |   - {url: 'https://example.com/a', path: b}
              |      ^^^ `sha256` is missing here
              |
              = help: a file is known by its digest: `curl -L URL | sha256sum`

            error[invalid-url]: the URL names no file
             --> modelcache.yaml:5:11
              |
            5 |   - {url: 'https://example.com/', sha256: 12, path: ../b}
              |           ^^^^^^^^^^^^^^^^^^^^^^

            error[invalid-sha256]: a sha256 has 64 hex digits
             --> modelcache.yaml:5:43
              |
            5 |   - {url: 'https://example.com/', sha256: 12, path: ../b}
              |                                           ^^
              |
              = help: `sha256sum FILE` prints it

            error[invalid-path]: a path in the image has no `..`
             --> modelcache.yaml:5:53
              |
            5 |   - {url: 'https://example.com/', sha256: 12, path: ../b}
              |                                                     ^^^^

            error[not-an-archive]: `unpack` reads tar and zip archives, and this is a `.7z`
             --> modelcache.yaml:6:11
              |
            6 |   - {url: 'https://example.com/a.7z', sha256: 1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, path: b, unpack: true}
              |           ^^^^^^^^^^^^^^^^^^^^^^^^^^
              |
              = help: leave out `unpack` if what loads it reads the archive itself, or pack it anew: `tar czf`

            error[invalid-url]: the URL is signed: whoever sees it has access, and soon it is of no use
             --> modelcache.yaml:7:11
              |
            7 |   - {url: 'https://example.com/a?X-Amz-Signature=12', sha256: 1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, path: c}
              |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              |
              = help: name a stable URL, and pass a token: `--secret id=HTTP_AUTH_TOKEN_<host>`

            error[invalid-path]: `..` leaves the build context
             --> modelcache.yaml:8:26
              |
            8 |   - {id: org/name, path: ../outside}
              |                          ^^^^^^^^^^
              |
              = help: paths start at the build context, the folder at the end of `docker buildx build …`

            error[missing-key]: an entry of `models` has no `id`
             --> modelcache.yaml:9:6
              |
            9 |   - {path: folder}
              |      ^^^^ `id` is missing here
              |
              = help: name the model as the application asks for it: `id: owner/name`

            error[unknown-key]: an entry of `models` has no key `files`
              --> modelcache.yaml:10:34
               |
            10 |   - {id: org/name, path: folder, files: '*.json'}
               |                                  ^^^^^
               |
               = help: the keys here are `path`, `from`, `id`, `revision`, `trust_remote_code`, `allow_pickle`, `verify`

            error[unknown-key]: a model of spaCy is a Python package
              --> modelcache.yaml:11:5
               |
            11 |   - {spacy: en_core_web_sm}
               |     ^^^^^^^^^^^^^^^^^^^^^^^
               |
               = help: name its wheel in `python.packages`: `en-core-web-sm @ https://…/en_core_web_sm-3.8.0-py3-none-any.whl`

            error[invalid-model]: a dataset is not a model
              --> modelcache.yaml:12:5
               |
            12 |   - datasets/squad
               |     ^^^^^^^^^^^^^^
               |
               = help: write `{dataset: squad}`
        "#]],
    );
}

#[test]
fn two_entries_for_one_place() {
    check_mistakes(
        "  - {url: 'https://example.com/a', #, path: x}\n  \
         - {url: 'https://example.com/b', #, path: x}\n  \
         - org/name\n  - {id: org/name, path: folder}",
        expect![[r#"
            error[duplicate-target]: two entries of `models` go to one place
             --> modelcache.yaml:5:5
              |
            4 |   - {url: 'https://example.com/a', sha256: 1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, path: x}
              |     ----------------------------------------------------------------------------------------------------------------- first here
            5 |   - {url: 'https://example.com/b', sha256: 1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, path: x}
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ again here
              |
              = help: remove one of them

            error[duplicate-target]: two entries of `models` go to one place
             --> modelcache.yaml:7:5
              |
            6 |   - org/name
              |     -------- first here
            7 |   - {id: org/name, path: folder}
              |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ again here
              |
              = help: remove one of them
        "#]],
    );
}

#[test]
fn tiktoken_calls_a_file_by_the_sha1_of_its_url() {
    for encoding in ENCODINGS {
        let sha1 = Sha1::digest(encoding.url);
        let hex: String = sha1.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(encoding.file, hex, "{}", encoding.name);
    }
}

fn daemon(manifest: &str) -> Daemon {
    let config = r#"{"architecture":"amd64","os":"linux","config":{}}"#;
    let image = |digit: &str| Image {
        digest: format!("sha256:{}", digit.repeat(64)),
        config: config.into(),
        ..Image::default()
    };
    Daemon::default()
        .file("modelcache.yaml", manifest)
        .file("weights/config.json", "{}")
        .file("note.txt", "a file")
        .image("docker.io/library/python:3.13-slim", image("c"))
        .image("docker.io/org/python:mine", image("d"))
}

fn build(models: &str, contexts: &[(&str, &str)]) -> Outcome {
    let mut options = vec![("filename", "modelcache.yaml")];
    options.extend(contexts);
    daemon(&manifest_of(models)).build(&options)
}

#[test]
fn a_context_replaces_the_base_image() {
    let outcome = build(
        "  - {id: org/name, path: weights}",
        &[("context:python:3.13-slim", "docker-image://org/python:mine")],
    );
    let graph = outcome.graphs().pop().unwrap_or_default();
    let base: Vec<&str> = graph.lines().filter(|line| line.contains("docker-image")).collect();
    expect!["1  source docker-image://docker.io/org/python:mine@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd  linux/amd64  -- [base] docker.io/org/python:mine@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"].assert_eq(&base.join("\n"));
}

#[test]
fn folders_and_contexts_that_are_not_there() {
    let outcome = build(
        "  - {id: org/a, path: wieghts}\n  - {id: org/b, path: note.txt}\n  \
         - {id: org/c, from: nowhere}\n  - {id: org/d, from: far}",
        &[("context:far", "https://example.com/far.git")],
    );
    expect![[r#"
        modelcache.yaml:4: `wieghts` is not in the build context (and 3 more mistakes)

        error[missing-file]: `wieghts` is not in the build context
         --> modelcache.yaml:4:23
          |
        4 |   - {id: org/a, path: wieghts}
          |                       ^^^^^^^
          |
          = help: it holds what the repository would: `config.json`, the tokenizer, the weights

        error[missing-file]: `note.txt` is a file, and a model is a folder
         --> modelcache.yaml:5:23
          |
        5 |   - {id: org/b, path: note.txt}
          |                       ^^^^^^^^
          |
          = help: it holds what the repository would: `config.json`, the tokenizer, the weights

        error[no-context]: the build has no context named `nowhere`
         --> modelcache.yaml:6:23
          |
        6 |   - {id: org/c, from: nowhere}
          |                       ^^^^^^^
          |
          = help: give it a folder: `--build-context nowhere=./folder`

        error[invalid-context]: the context `far` is a git repository, which is not read here
         --> modelcache.yaml:7:23
          |
        7 |   - {id: org/d, from: far}
          |                       ^^^ given for this
          |
          = help: what is read: `--build-context` with `far=./folder` or `far=docker-image://…` or `far=oci-layout://./folder`"#]].assert_eq(&outcome.error().message);
}
