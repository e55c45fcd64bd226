//! apt's answers.

use expect_test::expect;
use modelcache::system::{SystemPackage, Words};

const URIS: &str = "\
'http://archive/debian/pool/main/libs/libsndfile/libsndfile1_1.2.2-2%2bb1_amd64.deb' libsndfile1_1.2.2-2+b1_amd64.deb 199108 SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
'http://archive/debian/pool/main/f/ffmpeg/ffmpeg_7.1.1-1_amd64.deb' ffmpeg_7%3a7.1.1-1_amd64.deb 1996 SHA256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
";

#[test]
fn files_are_read_with_their_versions() {
    let packages = SystemPackage::parse_uris(URIS).expect("they are apt's");
    let lines: Vec<String> = packages
        .iter()
        .map(|it| {
            format!("{} {} {} {} {}", it.name, it.version, it.architecture, it.size, it.file())
        })
        .collect();
    expect![[r#"
        ffmpeg 7:7.1.1-1 amd64 1996 ffmpeg_7.1.1-1_amd64.deb
        libsndfile1 1.2.2-2+b1 amd64 199108 libsndfile1_1.2.2-2+b1_amd64.deb"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn what_is_no_file_is_refused() {
    let lines = [
        "'http://host/a_1_amd64.deb' a_1_amd64.deb 10 MD5Sum:aa",
        "'file:///a_1_amd64.deb' a_1_amd64.deb 10 SHA256:aa",
        "'http://host/a.deb' a.deb 10",
        "'http://host/..%2f_1_all.deb' .._1_all.deb 10 SHA256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];
    for line in lines {
        assert!(SystemPackage::parse_uris(line).is_err(), "{line}");
    }
    assert_eq!(SystemPackage::parse_uris("Reading package lists...\n"), Ok(Vec::new()));
}

#[test]
fn what_apt_lacks_is_named() {
    let words = [
        "E: Unable to locate package ffmpg\n",
        "Package a is not available\n\nE: Package 'a' has no installation candidate\n",
        "E: Version '1.0' for 'zlib1g' was not found\n",
        "modelcache: no apt-get\n",
        "W: later\nE: Failed to fetch http://host/InRelease  404\nE: Some index files failed\n",
    ];
    let lines: Vec<String> = words.iter().map(|it| format!("{:?}", Words::parse(it))).collect();
    expect![[r#"
        Unknown("ffmpg")
        Unknown("a")
        NoVersion { name: "zlib1g", version: "1.0" }
        NoApt
        Other("E: Failed to fetch http://host/InRelease  404; E: Some index files failed")"#]]
    .assert_eq(&lines.join("\n"));
}
