//! Names of packages and of wheels.

use expect_test::{Expect, expect};
use modelcache::packages::{
    name::normalized,
    pylock::is_pylock,
    resolver::below,
    wheel::{WheelName, file_of},
};

#[test]
fn packages_have_one_name() {
    for name in ["Flask-Login", "flask_login", "FLASK.login", "flask-_.login"] {
        assert_eq!(normalized(name), "flask-login");
    }
}

fn check(file: &str, expected: Expect) {
    let name = WheelName::parse(file);
    let shown = name.map_or("no wheel".to_owned(), |it| {
        let pure = if it.is_pure() { ", pure" } else { "" };
        format!("{} {} for {} {} {}{pure}", it.name, it.version, it.python, it.abi, it.platform)
    });
    expected.assert_eq(&shown);
}

#[test]
fn a_wheels_name_says_what_it_is_for() {
    check("Data_Files-1.0-py3-none-any.whl", expect!["data-files 1.0 for py3 none any, pure"]);
    check("a-1!2.0+cpu-py2.py3-none-any.whl", expect!["a 1!2.0+cpu for py2.py3 none any, pure"]);
    check(
        "numpy-2.4.0-cp313-cp313-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        expect!["numpy 2.4.0 for cp313 cp313 manylinux_2_27_x86_64.manylinux_2_28_x86_64"],
    );
    check("a-1-2_build-py3-none-any.whl", expect!["a 1 for py3 none any, pure"]);
    let build = |file: &str| WheelName::parse(file).and_then(|it| it.build);
    assert_eq!(build("a-1-2_build-py3-none-any.whl"), Some("2_build".to_owned()));
    assert_eq!(build("a-1-py3-none-any.whl"), None);
}

#[test]
fn a_wheels_name_stands_for_each_union_of_its_tags() {
    let name = WheelName::parse("a-1-py2.CP313-none.abi3-any.whl").expect("it is one");
    let tags: Vec<String> = name.tags().collect();
    assert_eq!(tags, ["py2-none-any", "py2-abi3-any", "cp313-none-any", "cp313-abi3-any"]);
}

#[test]
fn what_is_no_wheels_name_is_none() {
    for file in
        ["a-1.0.tar.gz", "a-1-none-any.whl", "a-..-py3-none-any.whl", "a-1 2-py3-none-any.whl"]
    {
        check(file, expect!["no wheel"]);
    }
}

#[test]
fn the_file_of_a_url_is_its_last_part_in_plain_words() {
    assert_eq!(file_of("https://host/a/b-1%2Bcpu.whl?x=/y#sha256=0"), "b-1+cpu.whl");
    assert_eq!(file_of("https://host/100%.whl"), "100%.whl");
    assert_eq!(file_of("https://host/%zz%C3%A4"), "%zzä");
}

#[test]
fn locks_of_the_standards_form_are_told_by_their_names() {
    for name in ["pylock.toml", "pylock.prod.toml"] {
        assert!(is_pylock(name), "{name}");
    }
    for name in ["pylock.tomlx", "my-pylock.toml", "pylock.prodtoml", "pylock"] {
        assert!(!is_pylock(name), "{name}");
    }
}

#[test]
fn projects_are_named_from_where_the_resolver_ran() {
    assert_eq!(below("/run/work", "lib/a"), "lib/a");
    assert_eq!(below("/run/work", "./lib/a/"), "lib/a");
    assert_eq!(below("/run/work", "file:///run/work/lib/a"), "lib/a");
    assert_eq!(below("/run/work", "/run/work"), ".");
    assert_eq!(below("/run/work", "."), ".");
}
