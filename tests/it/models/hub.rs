//! The hub's answers, and the URLs that ask for them.

use expect_test::{Expect, expect};
use modelcache::models::hub;

fn check(answer: &str, expected: Expect) {
    let text = match hub::parse_listing("org/name", answer.as_bytes()) {
        Ok(repository) => format!("{repository:#?}"),
        Err(error) => format!("error: {error}"),
    };
    expected.assert_eq(&text);
}

const COMMIT: &str = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41";

fn with_files(siblings: &str) -> String {
    format!(r#"{{"id": "org/name", "sha": "{COMMIT}", "siblings": [{siblings}]}}"#)
}

#[test]
fn large_files_come_with_sha256_and_small_ones_with_a_git_blob_id() {
    let sha256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
    check(
        &with_files(&format!(
            r#"{{"rfilename": "model.safetensors", "size": 90868376, "blobId": "aa", "lfs": {{"sha256": "{sha256}", "size": 90868376, "pointerSize": 133}}}},
               {{"rfilename": "config.json", "size": 612, "blobId": "72b987fd805cfa2b58c4c8c952b274a11bfd5a00"}}"#
        )),
        expect![[r#"
            Repository {
                id: "org/name",
                commit: "1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
                gated: false,
                license: None,
                files: [
                    RepositoryFile {
                        path: "config.json",
                        size: 612,
                        digest: GitBlob(
                            "72b987fd805cfa2b58c4c8c952b274a11bfd5a00",
                        ),
                    },
                    RepositoryFile {
                        path: "model.safetensors",
                        size: 90868376,
                        digest: Sha256(
                            "sha256:53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
                        ),
                    },
                ],
            }"#]],
    );
}

#[test]
fn gated_repositories_say_how() {
    let answer = format!(r#"{{"sha": "{COMMIT}", "gated": "manual"}}"#);
    let repository = hub::parse_listing("org/name", answer.as_bytes()).expect("a listing");
    assert!(repository.gated);
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    let blob = "72b987fd805cfa2b58c4c8c952b274a11bfd5a00";
    for name in ["../x", "/etc/passwd", "a//b", "a/./b", "a/../../b", "", "a\\\\b", "a\\u0000b"] {
        let answer =
            with_files(&format!(r#"{{"rfilename": "{name}", "size": 1, "blobId": "{blob}"}}"#));
        let error = hub::parse_listing("org/name", answer.as_bytes()).expect_err(name);
        assert!(matches!(error, hub::AnswerError::Path(_)), "{name}: {error}");
    }
}

#[test]
fn a_file_without_a_digest_can_not_be_verified() {
    check(
        &with_files(r#"{"rfilename": "config.json"}"#),
        expect!["error: the hub gives no digest for `config.json`"],
    );
}

#[test]
fn a_login_page_is_no_answer() {
    check(
        "<html>please log in</html>",
        expect!["error: the answer is not the hub's JSON: expected value at line 1 column 1"],
    );
}

#[test]
fn a_commit_is_40_hex_digits() {
    check(
        r#"{"sha": "main"}"#,
        expect![[r#"error: the answer names no commit (`sha` is "main")"#]],
    );
}

#[test]
fn urls_escape_revisions_whole_and_paths_by_segment() {
    expect!["http://h/api/models/org/name/revision/refs%2Fpr%2F1?blobs=true"]
        .assert_eq(&hub::listing_url("http://h", "org/name", "refs/pr/1"));
    expect!["http://h/org/name/resolve/abc/1_Pooling/a%20b%2B%C3%A4.json"]
        .assert_eq(&hub::file_url("http://h", "org/name", "abc", "1_Pooling/a b+ä.json"));
}

#[test]
fn git_blob_ids_are_gits_own() {
    // `printf 'hello\n' | git hash-object --stdin`
    assert_eq!(hub::git_blob_id(b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
}
