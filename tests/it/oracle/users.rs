//! Users of a base image, as `moby/sys/user` finds them for a container.

use std::collections::BTreeMap;

use expect_test::expect;
use modelcache::{
    answers::{BaseImage, Users},
    document::{Document, Span, Spanned},
    manifest::{self, Manifest, user::User},
    plan::user,
};
use serde_json::{Value, json};

use super::{compared, vectors};

fn numbers(text: &str, base: &BaseImage) -> Option<Value> {
    let user = Spanned::new(text.parse::<User>().ok()?, Span::default());
    let source = Document::new("modelcache.yaml", "base: python:3.13-slim\n");
    let manifest = manifest::parse(&source, &BTreeMap::new()).manifest.expect("a manifest");
    let manifest = Manifest { user: Some(user), ..manifest };
    let found = user::plan(&manifest, base).ok()?;
    Some(match found.entry {
        Some(_) => json!("added"),
        None => json!([found.id.uid, found.id.gid, found.home]),
    })
}

#[test]
fn users_are_found_as_the_runtime_finds_them() {
    let mut vectors = vectors(include_str!("../../data/oracle/users.json"));
    let (passwd, group) = vectors.remove(0);
    let text = |value: Value| value.as_str().expect("a file is text").to_owned();
    let users = Users { passwd: text(passwd), group: text(group) };
    let base = BaseImage { users: Some(users), ..BaseImage::default() };
    let ours =
        |input: &Value| numbers(input.as_str().expect("it is text"), &base).unwrap_or(Value::Null);
    let why = |input: &Value, answer: &Value, ours: &Value| {
        let text = input.as_str()?;
        match ours {
            Value::String(_) if answer.is_null() => Some("a user that is not there is added"),
            Value::String(_) => {
                Some("whose numbers are not there is added, where Docker takes 0 or what comes")
            }
            Value::Null if text.ends_with(':') => Some("an empty group is a mistake"),
            Value::Null if text.starts_with('#') => Some("no name that useradd takes"),
            Value::Null if answer[1] == 0 => {
                Some("a group without a number is a mistake, to Docker that of root")
            }
            _ if answer[2] == "" && ours[2] == "/" => {
                Some("without a home the home is `/`, as runtimes have it")
            }
            _ => None,
        }
    };
    expect![[r##"
        238 inputs, 83 differ
        a group without a number is a mistake, to Docker that of root: "root:bad"  "root:short"  "daemon:bad"  "daemon:short"  "app:bad"  "app:short"  "other:bad"  "other:short"  "noshell:short"  "large:short"  "top:bad"  "two:bad"  "spaced:short"  "1:short"  "7:bad"  "1004:short"  "1005:bad"  "1013:short"  "2147483647:bad"  "007:bad"
        a user that is not there is added: "nis"  "nis:root"  "nis:60"  "off"  "off:0"  "off:spaced"  "nobody"  "nobody:staff"  "nobody:77"  "nobody:plus"
        an empty group is a mistake: "root:"  "daemon:"  "app:"  "other:"  "bad:"  "top:"  "two:"  "7:"  "1005:"  "2147483647:"  "007:"
        no name that useradd takes: "#off"  "#off:app"  "#off:42"  "#off:dup"  "#off:2147483647"
        whose numbers are not there is added, where Docker takes 0 or what comes: "short"  "short:app"  "short:42"  "short:dup"  "short:2147483647"  "bad"  "bad:bad"  "bad:0"  "bad:spaced"  "empty"  "empty:staff"  "empty:77"  "empty:plus"  "minus"  "minus:app"  "minus:42"  "minus:dup"  "minus:2147483647"  "large"  "large:root"  "large:60"  "42"  "42:staff"  "42:77"  "42:plus"  "1004"  "1004:root"  "1004:60"
        without a home the home is `/`, as runtimes have it: "nohome"  "nohome:staff"  "nohome:77"  "nohome:plus"  "1003"  "1003:app"  "1003:42"  "1003:dup"  "1003:2147483647"
    "##]].assert_eq(&compared(&vectors, ours, why));
}
