//! The lock: made once, it is all that a build needs to know.

use std::fs;

use expect_test::expect;

use crate::e2e::{project::Project, registry::Image};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
models:
  - acme/first
  - acme/second
app:
  copy: main.py
  command: [python3, main.py]
";
const LAYERS: [&str; 3] = ["acme/first", "acme/second", "app"];

fn project() -> Project {
    let project = Project::new(MANIFEST);
    project.write_new("main.py", "print(1)\n");
    project.add_model("acme/first");
    project.add_model("acme/second");
    project
}

/// `main` of a model moves on: other weights, and a file more; its former commit stays.
fn move_on(project: &Project, id: &str) {
    let repository = project.repository(id);
    let former = repository.join(".refs/former");
    for path in
        ["config.json", "tokenizer.json", "README.md", "1_Pooling/config.json", "model.safetensors"]
            .into_iter()
            .chain(["pytorch_model.bin", "tf_model.h5", "onnx/model.onnx"])
    {
        let target = former.join(path);
        fs::create_dir_all(target.parent().expect("it is in a folder")).expect("it is ours");
        fs::copy(repository.join(path), target).expect("the model was added");
    }
    let weights = project.weights(&format!("{id}, retrained"));
    fs::write(repository.join("model.safetensors"), weights).expect("it is ours");
    fs::write(repository.join("vocab.txt"), "a\nb\n").expect("it is ours");
}

#[test]
fn a_lock_names_every_file_by_digest() {
    let project = project();
    let lock = project.lock(&[]);
    expect![[r#"
        {
          "version": 1,
          "base": {
            "image": "docker.io/library/python:3.13-slim",
            "platforms": {
              "linux/amd64": "sha256:…"
            },
            "contents": [
              {
                "platforms": ["linux/amd64"],
                "python": "/usr/local/bin/python3",
                "passwd": [
                  "root:x:0:0:root:/root:/bin/bash",
                ],
                "group": [
                  "root:x:0:",
                ]
              }
            ]
          },
          "models": [
            {
              "id": "acme/first",
              "revision": "main",
              "commit": "…",
              "license": "mit",
              "files": [
                {"path": "1_Pooling/config.json", "size": 35, "sha256": "…"},
                {"path": "README.md", "size": 37, "sha256": "…"},
                {"path": "config.json", "size": 84, "sha256": "…"},
                {"path": "model.safetensors", "size": 2563, "sha256": "…"},
                {"path": "tokenizer.json", "size": 19, "sha256": "…"}
              ]
            },
            {
              "id": "acme/second",
              "revision": "main",
              "commit": "…",
              "license": "mit",
              "files": [
                {"path": "1_Pooling/config.json", "size": 35, "sha256": "…"},
                {"path": "README.md", "size": 37, "sha256": "…"},
                {"path": "config.json", "size": 85, "sha256": "…"},
                {"path": "model.safetensors", "size": 2627, "sha256": "…"},
                {"path": "tokenizer.json", "size": 19, "sha256": "…"}
              ]
            }
          ]
        }
    "#]]
    .assert_eq(&without_users(&project.without_chance(&lock)));
    assert_eq!(project.lock(&[]), lock, "the same again");
}

/// The text without the base image's users and groups but root: they are the distribution's.
fn without_users(lock: &str) -> String {
    let is_kept = |line: &&str| !line.contains(":x:") || line.contains("\"root:");
    lock.lines().filter(is_kept).map(|line| format!("{line}\n")).collect()
}

#[test]
fn with_a_lock_an_unchanged_build_asks_nobody_and_needs_no_hub() {
    let mut project = project();
    project.lock(&[]);
    let first = project.build(&[]);
    project.hub_requests();

    let second = project.build(&[]);
    expect![""].assert_eq(&project.hub_requests());
    expect![""].assert_eq(&second.ran());
    project.hub.stop();
    project.write_new("main.py", "print(2)\n");
    let third = project.build(&[]);
    expect![[r#"
        [app] copy main.py
        [image] assemble
        [verify] passed
    "#]]
    .assert_eq(&third.ran());
    let [first, second, third] =
        [first, second, third].map(|build| Image::pull(&build.digest).top(&LAYERS));
    assert_eq!(first, second);
    for model in ["acme/first", "acme/second"] {
        assert_eq!(first[model], third[model]);
    }
}

#[test]
fn a_moved_branch_is_followed_without_a_lock_and_not_with_one() {
    let project = project();
    let before = Image::pull(&project.build(&[]).digest).top(&LAYERS);
    move_on(&project, "acme/first");
    let after = Image::pull(&project.build(&[]).digest).top(&LAYERS);
    let changed: Vec<_> = LAYERS.into_iter().filter(|name| before[name] != after[name]).collect();
    assert_eq!(changed, ["acme/first"]);

    project.lock(&[]);
    move_on(&project, "acme/second");
    project.hub_requests();
    let locked = Image::pull(&project.build(&[]).digest).top(&LAYERS);
    assert_eq!(after, locked);
    expect![""].assert_eq(&project.hub_requests());
}

#[test]
fn an_update_tells_what_changes_and_changes_no_more_than_is_asked() {
    let project = project();
    let before = project.lock(&[]);
    move_on(&project, "acme/first");
    move_on(&project, "acme/second");
    let tell = |flags: &[&str]| without_commits(&project.call("lock", flags));
    expect![[r#"
        the lock is up to date
    "#]]
    .assert_eq(&tell(&[]));
    let update = ["--build-arg", "MODELCACHE_UPDATE=acme/second"];
    expect![[r#"
        ~ acme/second: … -> …
            ~ model.safetensors (2.6 kB -> 3.3 kB)
            + vocab.txt (4 B)
    "#]]
    .assert_eq(&tell(&update));

    let after = project.lock(&update);
    let first = |lock: &str| {
        lock.split("\"id\": \"acme/second\"").next().map(str::to_owned).unwrap_or_default()
    };
    assert_eq!(first(&before), first(&after));
    assert_ne!(before, after);
    expect![[r#"
        the lock is up to date
    "#]]
    .assert_eq(&tell(&[]));
}

#[test]
fn a_lock_that_no_longer_fits_is_shown_at_the_line_that_changed() {
    let project = project();
    project.lock(&[]);
    project.write("modelcache.yaml", &MANIFEST.replace("acme/second", "acme/second@former"));
    expect![[r#"
        modelcache.yaml:5
        --------------------
           3 |     models:
           4 |       - acme/first
           5 | >>>   - acme/second@former
           6 |     app:
           7 |       copy: main.py
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:5: the lock does not fit the model `acme/second`

        error[stale-lock]: the lock does not fit the model `acme/second`
         --> modelcache.yaml:5:17
          |
        5 |   - acme/second@former
          |                 ^^^^^^ locked at `main`
          |
          = help: to update the lock: docker buildx build --target lock --output . -f modelcache.yaml .
    "#]].assert_eq(&project.fail(&[]));
}

/// `text` with `…` for the commits, of which a person is shown twelve digits.
fn without_commits(text: &str) -> String {
    let is_commit = |word: &str| word.len() == 12 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let words = text.split_inclusive([' ', '\n']);
    let hide = |word: &str| {
        let commit = word.trim_end();
        if is_commit(commit) { word.replace(commit, "…") } else { word.to_owned() }
    };
    words.map(hide).collect()
}
