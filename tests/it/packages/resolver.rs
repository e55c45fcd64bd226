//! What resolvers say.

use expect_test::expect;
use modelcache::packages::resolver::{Report, via};

#[test]
fn the_notes_say_who_asked() {
    let annotated = "\
alpha==1
    # via
    #   -r reqs/base.txt
    #   Beta_Two
beta-two[more]==2 ; python_version > '3'
    # via -r requirements.txt
./lib
    # via -r requirements.txt
gamma @ https://host/gamma.whl
    # via beta-two
";
    let lines: Vec<String> =
        via(annotated).iter().map(|(name, by)| format!("{name}: {}", by.join(", "))).collect();
    expect![[r#"
        -/lib: -r requirements.txt
        alpha: -r reqs/base.txt, Beta_Two
        beta-two: -r requirements.txt
        gamma: beta-two"#]]
    .assert_eq(&lines.join("\n"));
}

const REPORT: &str = r#"{"install": [
  {"metadata": {"name": "Top", "version": "1", "requires_dist": ["low.level>=2 ; python_version > '3'", "lower"]},
   "download_info": {"url": "https://me:secret@host/Top-1-py3-none-any.whl", "archive_info": {"hashes": {"sha256": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}}},
  {"metadata": {"name": "low-level", "version": "2"},
   "download_info": {"url": "https://host/low_level-2.tar.gz", "archive_info": {"hashes": {"sha256": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}}}},
  {"metadata": {"name": "cloned", "version": "3"},
   "download_info": {"url": "https://host/cloned.git", "subdirectory": "py", "vcs_info": {"vcs": "git", "commit_id": "0123"}}},
  {"metadata": {"name": "here", "version": "4"},
   "download_info": {"url": "file:///run/work/libs/here", "dir_info": {}}}
]}"#;

#[test]
fn pips_report_is_read_as_the_resolvers_lock() {
    let report: Report = serde_json::from_str(REPORT).unwrap();
    let lines: Vec<String> = report
        .wheels("/run/work")
        .iter()
        .map(|wheel| format!("{} {:?} via {:?}", wheel.pin(), wheel.origin, wheel.via))
        .collect();
    expect![[r#"
        cloned==3 Commit("git+https://host/cloned.git@0123#subdirectory=py") via []
        here==4 Folder("libs/here") via []
        low-level==2 Archive(Artifact { url: "https://host/low_level-2.tar.gz", size: 0, digest: "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" }) via ["top"]
        top==1 Wheel(Artifact { url: "https://host/Top-1-py3-none-any.whl", size: 0, digest: "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }) via []"#]].assert_eq(&lines.join("\n"));
}

/// Without its digest a file of an index would count as a folder of the context.
#[test]
fn a_digest_that_is_none_is_refused() {
    let digest = "sha256\": \"";
    let at = REPORT.find(digest).expect("the report has a digest") + digest.len();
    let mut damaged = REPORT.to_owned();
    damaged.replace_range(at..=at, "x");
    let error = serde_json::from_str::<Report>(&damaged).unwrap_err().to_string();
    assert!(error.starts_with("a sha256 has 64 hex digits at line "), "{error}");
}
