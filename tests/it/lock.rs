//! The lock file: as text, held against a manifest, compared with another.

use expect_test::{Expect, expect};
use modelcache::{
    answers::{Answers, BaseImage, Snapshot, SnapshotFile, Users},
    document::Document,
    lock::{LockFile, diff, fit, name},
    manifest::{self, Manifest},
    plan::ContextFiles,
    request::Request,
    values::diagnostic::{self, Style},
};

use crate::support::platform;

const MANIFEST: &str = "\
base: python:3.13-slim
models:
  - org/name@v1
  - id: all-MiniLM-L6-v2
    files: {exclude: ['*.md']}
";

fn source(text: &str) -> Document {
    Document::new("modelcache.yaml", text)
}

fn manifest(text: &str) -> Manifest {
    let parsed = manifest::parse(&source(text), &Request::default().build_args);
    parsed.manifest.expect("a manifest without mistakes")
}

fn answers(commit: &str) -> Answers {
    let file = |path: &str, digit: &str, size| SnapshotFile {
        path: path.into(),
        size,
        digest: digit.repeat(64).parse().expect("64 digits"),
    };
    let snapshot = Snapshot {
        commit: commit.repeat(40),
        license: Some("apache-2.0".into()),
        gated: true,
        renamed_to: None,
        files: vec![file("config.json", "a", 612), file("model.safetensors", commit, 90_868_376)],
    };
    let users = Users { passwd: "root:x:0:0::/root:/bin/sh\n".into(), group: "root:x:0:\n".into() };
    let base = BaseImage {
        reference: format!("docker.io/library/python:3.13-slim@sha256:{}", "c".repeat(64)),
        users: Some(users),
        ..BaseImage::default()
    };
    let keys =
        manifest(MANIFEST).models.iter().map(modelcache::answers::model_key).collect::<Vec<_>>();
    Answers {
        base: [(platform("linux/amd64"), base)].into(),
        models: keys.into_iter().map(|key| (key, snapshot.clone())).collect(),
        ..Answers::default()
    }
}

fn lock() -> LockFile {
    LockFile::of(&manifest(MANIFEST), &ContextFiles::default(), &answers("1"))
}

fn check_fit(text: &str, platforms: &[&str], expected: Expect) {
    let platforms: Vec<_> = platforms.iter().map(|p| p.parse().expect("a platform")).collect();
    let stale = fit::fit(&lock(), &manifest(text), &platforms, "COMMAND").stale;
    expected.assert_eq(&diagnostic::render(&stale, &source(text), Style::Plain));
}

#[test]
fn the_lock_lies_beside_its_manifest() {
    assert_eq!(name("modelcache.yaml"), "modelcache.lock.json");
    assert_eq!(name("deploy/gpu.modelcache.yaml"), "deploy/gpu.modelcache.lock.json");
    assert_eq!(name("Modelfile"), "Modelfile.lock.json");
    assert_eq!(name("a.b/Modelfile"), "a.b/Modelfile.lock.json");
}

#[test]
fn the_text_is_for_review_and_reads_back() {
    let lock = lock();
    expect![[r#"
        {
          "version": 1,
          "base": {
            "image": "docker.io/library/python:3.13-slim",
            "platforms": {
              "linux/amd64": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
            },
            "contents": [
              {
                "platforms": ["linux/amd64"],
                "passwd": [
                  "root:x:0:0::/root:/bin/sh"
                ],
                "group": [
                  "root:x:0:"
                ]
              }
            ]
          },
          "models": [
            {
              "id": "org/name",
              "revision": "v1",
              "commit": "1111111111111111111111111111111111111111",
              "license": "apache-2.0",
              "gated": true,
              "files": [
                {"path": "config.json", "size": 612, "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
                {"path": "model.safetensors", "size": 90868376, "sha256": "1111111111111111111111111111111111111111111111111111111111111111"}
              ]
            },
            {
              "id": "sentence-transformers/all-MiniLM-L6-v2",
              "revision": "main",
              "exclude": ["*.md"],
              "commit": "1111111111111111111111111111111111111111",
              "license": "apache-2.0",
              "gated": true,
              "files": [
                {"path": "config.json", "size": 612, "sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
                {"path": "model.safetensors", "size": 90868376, "sha256": "1111111111111111111111111111111111111111111111111111111111111111"}
              ]
            }
          ]
        }
    "#]].assert_eq(&lock.text());
    assert_eq!(LockFile::parse(&lock.text()), Ok(lock));
}

#[test]
fn what_fits_need_not_be_asked() {
    let platforms = ["linux/amd64".parse().expect("a platform")];
    let fit = fit::fit(&lock(), &manifest(MANIFEST), &platforms, "COMMAND");
    assert!(fit.stale.is_empty(), "{:?}", fit.stale);
    assert_eq!(fit.known, answers("1"));
}

#[test]
fn every_change_of_the_manifest_is_told_at_its_line() {
    check_fit(
        "base: python:3.12-slim\nmodels:\n  - org/name@v2\n  - org/new\n",
        &["linux/amd64"],
        expect![[r#"
            error[stale-lock]: the lock does not fit the base image `python:3.12-slim`
             --> modelcache.yaml:1:7
              |
            1 | base: python:3.12-slim
              |       ^^^^^^^^^^^^^^^^ the lock has `docker.io/library/python:3.13-slim`
              |
              = help: to update the lock: COMMAND

            error[stale-lock]: the lock does not fit the model `org/name`
             --> modelcache.yaml:3:14
              |
            3 |   - org/name@v2
              |              ^^ locked at `v1`
              |
              = help: to update the lock: COMMAND

            error[stale-lock]: the lock has no model `org/new`
             --> modelcache.yaml:4:5
              |
            4 |   - org/new
              |     ^^^^^^^ not locked yet
              |
              = help: to update the lock: COMMAND

            error[stale-lock]: the lock has a model `sentence-transformers/all-MiniLM-L6-v2` that the manifest has not
             --> modelcache.yaml:1:1
              |
            1 | base: python:3.12-slim
              | ^ in this manifest
              |
              = help: to update the lock: COMMAND
        "#]],
    );
}

#[test]
fn a_platform_that_is_not_locked_is_told() {
    check_fit(
        MANIFEST,
        &["linux/amd64", "linux/arm64"],
        expect![[r#"
        error[stale-lock]: the lock has no base image for linux/arm64
         --> modelcache.yaml:1:7
          |
        1 | base: python:3.13-slim
          |       ^^^^^^^^^^^^^^^^ locked for other platforms only
          |
          = help: to update the lock: COMMAND
    "#]],
    );
}

#[test]
fn other_patterns_ask_for_other_files() {
    check_fit(
        &MANIFEST.replace("*.md", "*.txt"),
        &["linux/amd64"],
        expect![[r#"
        error[stale-lock]: the lock does not fit the model `all-MiniLM-L6-v2`
         --> modelcache.yaml:4:5
          |
        4 |     - id: all-MiniLM-L6-v2
          |  _____^
        5 | |     files: {exclude: ['*.txt']}
          | |_______________________________^ other files were chosen
          |
          = help: to update the lock: COMMAND
    "#]],
    );
}

#[test]
fn an_update_is_told_in_words() {
    let new = LockFile::of(&manifest(MANIFEST), &ContextFiles::default(), &answers("2"));
    expect![[r#"
        ~ org/name: 111111111111 -> 222222222222
            ~ model.safetensors (90.8 MB -> 90.8 MB)
        ~ sentence-transformers/all-MiniLM-L6-v2: 111111111111 -> 222222222222
            ~ model.safetensors (90.8 MB -> 90.8 MB)
    "#]]
    .assert_eq(&diff::diff(Some(&lock()), &new));
    expect![[r#"
        + docker.io/library/python:3.13-slim linux/amd64: cccccccccccc
        + org/name@v1: 2 files, 90.8 MB
        + sentence-transformers/all-MiniLM-L6-v2@main: 2 files, 90.8 MB
    "#]]
    .assert_eq(&diff::diff(None, &new));
    assert_eq!(diff::diff(Some(&new), &new), "");
}

#[test]
fn an_update_for_one_platform_keeps_the_others() {
    let mut old = lock();
    let base = old.base.as_mut().expect("a base image");
    base.platforms.insert(platform("linux/arm64"), "sha256:d".into());
    let kept = lock().with_platforms_of(&old);
    assert_eq!(kept, old);
}

#[test]
fn a_lock_of_a_later_version_is_told_by_its_version_whatever_else_is_new() {
    let error = LockFile::parse(r#"{"version": 2, "wheels": [], "models": {"a": 1}}"#);
    expect!["its version is 2, and this is for version 1"]
        .assert_eq(&error.expect_err("a later version"));
}

#[test]
fn a_lock_that_is_none_is_refused() {
    let error = |text: &str| LockFile::parse(text).expect_err("not a lock");
    expect!["EOF while parsing a value at line 1 column 0"].assert_eq(&error(""));
    expect!["its version is 2, and this is for version 1"]
        .assert_eq(&error(r#"{"version": 2, "models": []}"#));
    let file = |path: &str, sha256: &str| {
        format!(
            r#"{{"version": 1, "base": null, "models": [{{"id": "a/b", "revision": "main", "commit": "c",
                "files": [{{"path": "{path}", "size": 1, "sha256": "{sha256}"}}]}}]}}"#
        )
    };
    expect![[r#"it lists a file with an unsafe name: "../x""#]]
        .assert_eq(&error(&file("../x", &"a".repeat(64))));
    expect!["a sha256 has 64 hex digits at line 2 column 67"].assert_eq(&error(&file("x", "abc")));
}

#[test]
fn a_new_name_is_recorded_reviewed_and_checked() {
    let mut answers = answers("1");
    for snapshot in answers.models.values_mut() {
        snapshot.renamed_to = Some("new/name".to_owned());
    }
    let renamed = LockFile::of(&manifest(MANIFEST), &ContextFiles::default(), &answers);
    let line = "      \"renamed_to\": \"new/name\",\n      \"commit\": ";
    assert_eq!(renamed.text().matches(line).count(), 2, "{}", renamed.text());
    assert_eq!(LockFile::parse(&renamed.text()).as_ref(), Ok(&renamed));
    expect![[r#"
        ~ org/name: 111111111111 -> 111111111111
            the hub calls it new/name now
        ~ sentence-transformers/all-MiniLM-L6-v2: 111111111111 -> 111111111111
            the hub calls it new/name now
    "#]]
    .assert_eq(&diff::diff(Some(&lock()), &renamed));
    let bad = renamed.text().replacen("new/name", "../name", 1);
    expect![[r#"`renamed_to` is "../name", which is no name of a repository"#]]
        .assert_eq(&LockFile::parse(&bad).unwrap_err());
}

#[test]
fn platforms_whose_base_has_the_same_users_share_their_lines() {
    let mut answers = answers("1");
    let amd64 = answers.base[&platform("linux/amd64")].clone();
    let other = Users { passwd: String::new(), group: String::new() };
    let arm =
        BaseImage { users: Some(other), python: Some("/bin/python3".into()), ..amd64.clone() };
    answers.base.insert(platform("linux/arm/v7"), arm);
    answers.base.insert(platform("linux/arm64"), amd64.clone());
    let lock = LockFile::of(&manifest(MANIFEST), &ContextFiles::default(), &answers);
    let text = lock.text();
    let (_, contents) = text.split_once("\"contents\"").expect("something is known");
    let (contents, _) = contents.split_once("\"models\"").expect("models follow");
    expect![[r#"
        : [
              {
                "platforms": ["linux/amd64", "linux/arm64"],
                "passwd": [
                  "root:x:0:0::/root:/bin/sh"
                ],
                "group": [
                  "root:x:0:"
                ]
              },
              {
                "platforms": ["linux/arm/v7"],
                "python": "/bin/python3",
                "passwd": [],
                "group": []
              }
            ]
          },"#]]
    .assert_eq(contents.trim_end());

    let platforms = ["linux/amd64", "linux/arm/v7", "linux/arm64"];
    let platforms = platforms.map(|name| name.parse().expect("a platform"));
    let fit = fit::fit(&LockFile::parse(&text).unwrap(), &manifest(MANIFEST), &platforms, "");
    assert_eq!(fit.known.base, answers.base);

    // Of one that this run is not for, they are kept.
    answers.base.retain(|it, _| *it == platform("linux/amd64"));
    let update = LockFile::of(&manifest(MANIFEST), &ContextFiles::default(), &answers);
    assert_eq!(update.with_platforms_of(&lock), lock);
}
