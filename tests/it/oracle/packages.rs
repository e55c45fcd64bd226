//! Names of packages and wheels, and requirements, as Python's `packaging` reads them.

use expect_test::expect;
use modelcache::{
    manifest::requirement::Requirement,
    packages::{
        name::{named_by, normalized},
        wheel::{WheelName, file_of, tags::Tags},
    },
};
use serde_json::{Value, json};

use super::{compared, vectors};

fn text(input: &Value) -> &str {
    input.as_str().expect("it is text")
}

#[test]
fn names_are_compared_as_indexes_do() {
    let vectors = vectors(include_str!("../../data/oracle/names.json"));
    let ours = |name: &Value| json!(normalized(text(name)));
    expect![[r#"
        36 inputs, 0 differ
    "#]]
    .assert_eq(&compared(&vectors, ours, |_, _, _| None));
}

fn wheel(name: &Value) -> Value {
    WheelName::parse(text(name)).map_or(Value::Null, |it| {
        let mut tags: Vec<String> = it.tags().collect();
        tags.sort();
        tags.dedup();
        json!([it.name, it.version, it.build, tags])
    })
}

fn wheel_why(_: &Value, answer: &Value, ours: &Value) -> Option<&'static str> {
    match (answer.is_null(), ours.is_null()) {
        (true, false) => Some("older resolvers take it, and have taken it when we are asked"),
        (false, true) => Some("no index has it, or it could be a path"),
        _ => None,
    }
}

#[test]
fn names_of_wheels_say_what_packaging_reads_in_them() {
    let vectors = vectors(include_str!("../../data/oracle/wheels.json"));
    expect![[r#"
        77 inputs, 16 differ
        no index has it, or it could be a path: "\u{e4}-1-py3-none-any.whl"  "..-1-py3-none-any.whl"  ".-1-py3-none-any.whl"  "a-1-py3-none-a/b.whl"  "a-1-py3-none-any\n.whl"  "a-1-py3-none-\u{e4}.whl"
        older resolvers take it, and have taken it when we are asked: "a__b-1-py3-none-any.whl"  "a+b-1-py3-none-any.whl"  "a!b-1-py3-none-any.whl"  "__a-1-py3-none-any.whl"  "a-1_0-py3-none-any.whl"  "a-1.-py3-none-any.whl"  "a-x-py3-none-any.whl"  "a-1x-py3-none-any.whl"  "a-1.0+-py3-none-any.whl"  "a-1-py3..py2-none-any.whl"
    "#]].assert_eq(&compared(&vectors, wheel, wheel_why));
}

#[test]
fn builds_are_ordered_as_by_packaging() {
    let vectors = vectors(include_str!("../../data/oracle/builds.json"));
    let tags = Tags::new(&["py3-none-any"]);
    let fitness = |build: &Value| {
        let name = format!("a-1-{}-py3-none-any.whl", text(build));
        tags.fitness(&WheelName::parse(&name).expect("it is one"))
    };
    let ours = |pair: &Value| json!(fitness(&pair[0]).cmp(&fitness(&pair[1])) as i8);
    expect![[r#"
        324 inputs, 0 differ
    "#]]
    .assert_eq(&compared(&vectors, ours, |_, _, _| None));
}

fn requirement(input: &Value) -> Value {
    let read = text(input).parse::<Requirement>().ok();
    read.map_or(Value::Null, |it| json!(named_by(it.as_str())))
}

fn requirement_why(input: &Value, answer: &Value, ours: &Value) -> Option<&'static str> {
    match text(input) {
        _ if answer.is_null() => {
            Some("a mistake within versions, extras, URL or marker is the resolver's to tell")
        }
        it if it.ends_with('_') => Some("by the specification a name ends in a letter or digit"),
        it if it.contains('.') && ours.is_null() => Some("a file's name is no package's"),
        _ => None,
    }
}

#[test]
fn requirements_are_taken_that_packaging_takes() {
    let vectors = vectors(include_str!("../../data/oracle/requirements.json"));
    expect![[r#"
        493 inputs, 92 differ
        a file's name is no package's: "a.whl"  "a.txt"  "a.toml"  "a.tar.gz"
        a mistake within versions, extras, URL or marker is the resolver's to tell: "a;b"  "a==*"  "a>=1.*"  "a~=1"  "a~=1.*"  "a==1-1-1"  "a>=1+cpu"  "a==1;"  "a==1."  "a==.1"  "a==x"  "a==1x"  "a==1/2"  "a==\u{e9}"  "a==1\u{e9}"  "a==\"1\""  "a=='1'"  "a==${V}"  "a>=1;<2"  "a >=1)"  "a[b c]"  "a[,b]"  "a[b,]"  "a[b;c]"  "a[-b]"  "a[b-]"  "a[\u{e4}]"  "a[*]"  "a[b=1]"  "a[b/c]"  "a==1[b]"  "a @"  "a@"  "a @ "  "a @ https://h/a b"  "a @ https://h; os_name=='x'"  "a @ https://h ==1"  "a @@ https://h"  "a @ ; os_name=='x'"  "a;os_name=='x"  "a;"  "a ; "  "a;;"  "a; x"  "a; x=='y'"  "a;os_name"  "a; (os_name=='x'"  "a; os_name=='x' or"  "a; os_name='x'"  "a; python_version>=3"  "a==1;os_name=='x';"  "a; not os_name=='x'"  "a\n"  "a==1\\"  "a\u{a0}==1"  "a==1,\u{a0}<2"  "a;\u{a0}os_name=='x'"  "a;x"  "a==1;x"  "a >= 1, < 2 ;x"  "a(~=1.0);x"  "a==1,;x"  "a[b];x"  "a[b]==1;x"  "a[b] >= 1, < 2 ;x"  "a[b](~=1.0);x"  "a[b]==1,;x"  "a [b,c];x"  "a [b,c]==1;x"  "a [b,c] >= 1, < 2 ;x"  "a [b,c](~=1.0);x"  "a [b,c]==1,;x"  "A.b;x"  "A.b==1;x"  "A.b >= 1, < 2 ;x"  "A.b(~=1.0);x"  "A.b==1,;x"  "A.b[b];x"  "A.b[b]==1;x"  "A.b[b] >= 1, < 2 ;x"  "A.b[b](~=1.0);x"  "A.b[b]==1,;x"  "A.b [b,c];x"  "A.b [b,c]==1;x"  "A.b [b,c] >= 1, < 2 ;x"  "A.b [b,c](~=1.0);x"  "A.b [b,c]==1,;x"
        by the specification a name ends in a letter or digit: "a_"
    "#]].assert_eq(&compared(&vectors, requirement, requirement_why));
}

#[test]
fn files_are_named_as_urllib_unquotes_them() {
    let vectors = vectors(include_str!("../../data/oracle/files.json"));
    let ours = |url: &Value| json!(file_of(text(url)));
    expect![[r#"
        42 inputs, 0 differ
    "#]]
    .assert_eq(&compared(&vectors, ours, |_, _, _| None));
}
