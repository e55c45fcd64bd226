//! The resolver's words, understood as far as more can be said.

use expect_test::expect;
use modelcache::packages::resolver::refusal::{Lacks, Refusal, platform};

fn check(words: &str, expected: expect_test::Expect) {
    expected.assert_eq(&format!("{:?}\n", Refusal::parse(words)));
}

#[test]
fn a_package_without_a_wheel_for_the_machine_is_named_with_those_that_it_has() {
    check(
        "error: No solution found when resolving dependencies
  cause: Because armonly==1 has no wheels with a matching platform tag (e.g.,
         `manylinux_2_41_x86_64`) and only armonly==1 is available, we can conclude that all
         versions of armonly cannot be used.

hint: Wheels are available for `armonly` (v1) on the following platforms: `manylinux_2_17_aarch64`, `macosx_11_0_arm64`
",
        expect![[r#"
            Some(Refusal { name: "armonly", lacks: Platform("manylinux_2_41_x86_64"), available: ["manylinux_2_17_aarch64", "macosx_11_0_arm64"] })
        "#]],
    );
}

#[test]
fn a_package_that_another_one_requires_is_named_itself() {
    let words = "cause: Because all versions of multi have no wheels with a matching platform tag \
        (e.g., `musllinux_1_2_x86_64`) and all versions of needs-multi depend on multi, ...";
    check(
        words,
        expect![[r#"
            Some(Refusal { name: "multi", lacks: Platform("musllinux_1_2_x86_64"), available: [] })
        "#]],
    );
    assert!(Refusal::parse(words).is_some_and(|refusal| refusal.is_of_musl()));
}

#[test]
fn musl_is_the_reason_only_where_this_machine_has_wheels_for_glibc() {
    let is_of_musl = |lacks: &str, available: &[&str]| {
        let available = available.iter().map(|tag| (*tag).to_owned()).collect();
        let lacks = Lacks::Platform(lacks.to_owned());
        Refusal { name: "multi".to_owned(), lacks, available }.is_of_musl()
    };
    let musl = "musllinux_1_2_x86_64";
    assert!(is_of_musl(musl, &[]));
    assert!(is_of_musl(musl, &["musllinux_1_2_aarch64", "manylinux2014_x86_64"]));
    assert!(!is_of_musl(musl, &["musllinux_1_2_aarch64", "manylinux_2_28_aarch64"]));
    assert!(!is_of_musl(musl, &["win_amd64", "macosx_11_0_x86_64"]));
    assert!(!is_of_musl("manylinux_2_41_x86_64", &["manylinux_2_17_x86_64"]));
}

#[test]
fn a_package_for_another_python_is_told_from_one_for_another_machine() {
    check(
        "Because abi==1 has no wheels with a matching Python ABI tag (e.g., `cp313`) and only \
         abi==1 is available\n\nhint: You require CPython 3.13 (`cp313`), but we only found wheels \
         for `abi` (v1) with the following Python ABI tag: `cp311`",
        expect![[r#"
            Some(Refusal { name: "abi", lacks: Python("cp313"), available: ["cp311"] })
        "#]],
    );
}

#[test]
fn other_words_are_left_as_they_are() {
    check(
        "Because there is no version of beta==7 and you require beta==7",
        expect![[r#"
            None
        "#]],
    );
    check(
        "",
        expect![[r#"
        None
    "#]],
    );
}

#[test]
fn platforms_have_the_names_that_builds_use() {
    let tags = ["manylinux_2_17_x86_64", "manylinux2014_aarch64", "linux_armv7l", "win_amd64"];
    let more = ["musllinux_1_2_aarch64", "macosx_11_0_arm64", "any", "cp311"];
    let named: Vec<String> = tags.iter().chain(&more).map(|tag| platform(tag)).collect();
    expect![[r#"linux/amd64, linux/arm64, linux/arm/v7, Windows, linux/arm64 with musl, macOS, any, cp311"#]]
        .assert_eq(&named.join(", "));
}

#[test]
fn who_asked_is_told_apart_from_what_a_build_printed() {
    let asked = |words: &str| modelcache::packages::resolver::refusal::asked(words).join(" | ");
    expect!["beta, we can conclude"].assert_eq(&asked(
        "Because only alpha==1 is available and beta depends on alpha>=2.\n  And because you\n  require beta, we can conclude",
    ));
    expect!["noiso @ file:///x/noiso"].assert_eq(&asked(
        "error: Failed to build `noiso @ file:///x/noiso`\n [stderr]\n you require numpy `numpy`",
    ));
}
