//! Digests that are demanded, held against what the resolver found.

use expect_test::expect;
use modelcache::{
    packages::{
        Artifact, Origin, Wheel,
        pylock::places::{folders, places},
    },
    plan::{
        Named,
        python::hashes::{HashLine, Hashes},
    },
};

/// The digest that is this digit, again and again.
fn digest(digit: &str) -> String {
    format!("sha256:{}", digit.repeat(64))
}

fn wheel(name: &str, digit: &str) -> Wheel {
    let url = format!("https://host/{name}-1-py3-none-any.whl");
    let origin =
        Origin::Wheel(Artifact { url, size: 0, digest: digest(digit).parse().expect("64 digits") });
    Wheel { name: name.into(), version: "1".into(), via: Vec::new(), origin }
}

fn line(file: &str, line: usize) -> Named {
    Named { file: file.into(), line, ..Named::default() }
}

#[test]
fn a_wrong_digest_is_shown_where_its_own_file_has_one() {
    let mut hashes = Hashes::default();
    hashes.demand("a", vec![digest("1"), digest("2")], &line("requirements.txt", 3));
    hashes.demand("b", vec![digest("3")], &line("requirements.txt", 4));
    let other = HashLine { file: Some("b-1-py3-none-any.whl".into()), named: line("uv.lock", 9) };
    hashes.found("b", other);
    let wheels = [wheel("a", "2"), wheel("b", "4"), wheel("c", "5")];
    let wrong = hashes.wrong(&wheels);
    let wrong: Vec<_> = wrong.iter().map(|(wheel, _, at)| (wheel.name.as_str(), *at)).collect();
    assert_eq!(wrong, [("b", Some(&line("uv.lock", 9)))]);

    let wrong = [wheel("a", "6")];
    assert_eq!(hashes.wrong(&wrong)[0].2, Some(&line("requirements.txt", 3)));
}

#[test]
fn packages_without_a_digest_are_lacking_only_where_one_is_a_must() {
    let mut hashes = Hashes::default();
    hashes.demand("a", vec![digest("1")], &line("requirements.txt", 1));
    hashes.demand("weak", Vec::new(), &line("requirements.txt", 2));
    let commit = Origin::Commit("git+https://host/v.git@0123".into());
    let wheels = [
        wheel("a", "1"),
        wheel("b", "2"),
        Wheel { origin: Origin::Folder(".".into()), ..wheel("own", "0") },
        Wheel { origin: commit, ..wheel("vcs", "0") },
        wheel("weak", "3"),
    ];
    assert_eq!(hashes.lacking(&wheels), Vec::<&Wheel>::new());
    hashes.required = Some(line("requirements.txt", 1));
    let lacking: Vec<&str> = hashes.lacking(&wheels).iter().map(|it| it.name.as_str()).collect();
    assert_eq!(lacking, ["b", "vcs", "weak"]);
}

#[test]
fn projects_beside_that_of_a_lock_are_its_folders() {
    let text = "source = { virtual = \".\" }\n\
                source = { directory = \"../lib\" }\n\
                source = { editable = \"member\" }\n\
                source = { registry = \"https://host/simple\" }\n";
    assert_eq!(folders(text), ["../lib", "member"]);
}

#[test]
fn the_lines_of_locks_are_found_as_tools_write_them() {
    let text = r#"
[[package]]
name = "Uv.Own"
version = "1"
sdist = { url = "https://host/uv_own-1.tar.gz", hash = "sha256:aa", size = 1 }
wheels = [
    { url = "https://host/uv_own-1-py3-none-any.whl", hash = "sha256:bb" },
]

[[packages]]
name = "tables"

[[packages.wheels]]
name = "tables-1-py3-none-any.whl"
url = "https://host/x/tables-1-py3-none-any.whl"

[packages.wheels.hashes]
sha256 = "cc"

[[packages]]
name = "bare"
archive = { path = "bare.whl", hashes = { sha256 = "dd" } }
"#;
    let found = places(text)
        .into_iter()
        .map(|it| format!("{} {} {}\n", it.number, it.package, it.file.unwrap_or_default()));
    expect![[r#"
        5 uv-own uv_own-1.tar.gz
        7 uv-own uv_own-1-py3-none-any.whl
        18 tables tables-1-py3-none-any.whl
        22 bare 
    "#]]
    .assert_eq(&found.collect::<String>());
}
