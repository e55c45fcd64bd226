//! Ignore files, as `moby/patternmatcher` reads them.

use expect_test::expect;
use modelcache::request::ignore::patterns;
use serde_json::{Value, json};

use super::{compared, vectors};

fn ours(input: &Value) -> Value {
    json!([patterns(input.as_str().expect("a file is text")), true])
}

fn why(_: &Value, answer: &Value, ours: &Value) -> Option<&'static str> {
    let of = |value: &Value| -> Vec<String> {
        let texts = value[0].as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let without = |left: &[&str]| -> Vec<String> {
        of(answer).into_iter().filter(|it| !left.contains(&it.as_str())).collect()
    };
    if answer[1] == true && of(ours) == without(&[".", "/", "!.", "!/"]) {
        return Some("patterns that match nothing are left out");
    }
    (of(ours) == without(&[".", "/", "!.", "!/", "!"]))
        .then_some("a `!` alone, for which Docker fails, is left out")
}

#[test]
fn ignore_files_are_read_as_docker_reads_them() {
    let vectors = vectors(include_str!("../../data/oracle/ignore.json"));
    expect![[r##"
        294 inputs, 55 differ
        a `!` alone, for which Docker fails, is left out: "!"  "! "  "!/"  "!/.."  "a/..\n*\r\n! \n"  "/**\na/**/b\r\n!/..\n"  "#\n!\r\n~/a\n"  "!\n!a/\r\n/*\n"  "! a\n! \r\n**/node_modules\n"  " ! a \n!/\r\n\\\n"  "!a/\n!**\r\n!\n"  "! \n!*.md\r\n!.\n"  "!/\n \r\n  a  \n"  ".git\n!/..\r\na/../b\n"  "!/..\nC:/a\r\n\\a\n"  "\u{65e5}\u{672c}\u{8a9e}\n\"a\"\r\n!/\n"  "!"  "test1\n/test2\n/a/file/here\n\nlastfile\n# this...
        patterns that match nothing are left out: "a/.."  "."  "/"  "./"  "//"  "!."  "!a/.."  "/."  "/.."  "a/b/../.."  "/a\na/./b\r\na/..\n"  "a/\na/../b\r\n//\n"  "/./a\na/..\r\n/datasets/*\n"  "a//b\n.\r\n[]a]\n"  "a/./b\n/\r\n\\!a\n"  "a/../b\n./\r\n#a\n"  "../a\n//\r\n# !a\n"  ".\n**/\r\n\t\n"  "/\n/**\r\na\u{a0}\n"  "./\n/*\r\na\u{200b}\n"  "//\n*/\r\n \u{feff}a\n"  "a/**/b\n[a-c]\r\n/\n"  "a[\na\\ \r\n!a/..\n"  "\\*\na #b\r\n/.\n"  "a\\/b\n# !a\r\na/b/../..\n"  " !a\n!.\r\n[\n"  "!.\n!a/..\r\n!**/README.md\n"  "!a/..\na\u{a0}\r\na/.../b\n"  "\u{2028}\n\u{feff}\u{feff}a\r\n./\n"  "...\n/.git\r\n/..\n"  "a/.../b\n/.\r\n\n"  ".a\n/..\r\n./a\n"  "/.git\na/b/../../c\r\n.\n"  "a/.\na/b/../..\r\n*/\n"  "/.\n\u{65e5}\u{672c}\u{8a9e}\r\n?\n"  "/..\nC:\\a\r\n[]\n"  "a/b/../..\n${A}/b\r\n!a\n"
    "##]].assert_eq(&compared(&vectors, ours, why));
}
