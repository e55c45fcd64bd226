//! Manifest text to diagnostics, as printed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use expect_test::{Expect, expect, expect_file};
use modelcache::{
    document::Document,
    manifest::{self, Manifest, Parsed, codes::CODES},
    values::diagnostic::{self, Style},
};

mod healthcheck;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/manifest");

fn parse(text: &str) -> (Document, Parsed) {
    let source = Document::new("modelcache.yaml", text);
    let parsed = manifest::parse(&source, &BTreeMap::new());
    (source, parsed)
}

/// What a person sees.
fn printed(text: &str) -> String {
    let (source, parsed) = parse(text);
    diagnostic::render(&parsed.diagnostics, &source, Style::Plain)
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&printed(text));
}

fn valid(text: &str) -> Manifest {
    parse(text).1.manifest.unwrap_or_else(|| panic!("{}", printed(text)))
}

fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    files
}

fn read(path: &Path) -> Document {
    let name = path.file_name().unwrap().to_str().unwrap();
    Document::new(name, fs::read_to_string(path).unwrap())
}

#[test]
fn every_file_is_told_what_is_expected() {
    for path in files() {
        let source = read(&path);
        let parsed = manifest::parse(&source, &BTreeMap::new());
        let text = diagnostic::render(&parsed.diagnostics, &source, Style::Plain);
        expect_file![path.with_extension("txt")].assert_eq(&text);
        let errors = parsed.diagnostics.iter().any(diagnostic::Diagnostic::is_error);
        assert_eq!(parsed.manifest.is_none(), errors, "{}", source.name);
    }
}

#[test]
fn every_code_has_an_example_that_brings_it_about() {
    for code in &CODES {
        let (source, parsed) = parse(code.example);
        let whole = parsed.diagnostics.iter().any(|found| found.code == code.name);
        let text = format!("base: python:3.13-slim\n{}\n", code.example);
        let codes: Vec<&str> = parse(&text).1.diagnostics.iter().map(|found| found.code).collect();
        assert!(whole || codes == [code.name], "{}: {} {codes:?}", code.name, source.text());
    }
}

#[test]
fn every_code_is_in_the_table_and_in_the_files() {
    let listed: BTreeSet<&str> = CODES.iter().map(|code| code.name).collect();
    let mut seen = BTreeSet::new();
    for path in files() {
        let found = manifest::parse(&read(&path), &BTreeMap::new()).diagnostics;
        seen.extend(found.into_iter().map(|found| found.code));
    }
    assert_eq!(listed, seen);
    assert!(CODES.is_sorted_by_key(|code| code.name), "the table is in order");
}

#[test]
fn values_of_a_full_manifest() {
    let text = fs::read_to_string(Path::new(FOLDER).join("full.yaml")).unwrap();
    let manifest = valid(&text);
    let app = manifest.app.unwrap();
    let python = manifest.python.unwrap();
    let models = manifest.models.iter().map(|model| {
        let revision = model.revision.as_ref().map(|revision| revision.value.as_str());
        let files = model.include.iter().chain(&model.exclude).map(|files| files.value.as_str());
        let files: Vec<&str> = files.collect();
        format!("{} {revision:?} {} {files:?}", model.id.value, model.id.value.cache_folder())
    });
    let pairs = app.env.iter().chain(&app.labels);
    let pairs: Vec<String> =
        pairs.map(|(name, value)| format!("{}={}", name.value, value.value)).collect();
    let copies = app.copy.iter().map(|copy| {
        format!("{} -> {:?}", copy.from.value, copy.to.as_ref().map(|to| to.value.as_str()))
    });
    let packages = python.packages.iter().map(|package| package.value.as_str());
    let lines = [
        manifest.base.value.full(),
        python.requirements.iter().map(|it| it.value.to_string()).collect::<Vec<_>>().join(" "),
        packages.collect::<Vec<_>>().join("\n"),
        models.collect::<Vec<_>>().join("\n"),
        copies.collect::<Vec<_>>().join("\n"),
        format!("{:?} {:?}", app.entrypoint.unwrap().value, app.command.unwrap().value),
        format!("{} {}", app.workdir.unwrap().value, app.expose[1].value),
        pairs.join(" "),
        manifest.user.unwrap().value.to_string(),
        manifest.mirrors.huggingface.unwrap().value,
    ];
    expect![[r#"
        registry.example.com:5000/ml/python:3.13-slim@sha256:0000000000000000000000000000000000000000000000000000000000000000
        requirements.txt extra/requirements-8000.txt
        uvicorn[standard] == 0.30.1
        torch>=2.3,<3 ; python_version >= "3.10"
        pkg @ git+ssh://git@example.com/pkg.git
        numpy (>=1.26)
        paraphrase-MiniLM-L3-v2 None models--sentence-transformers--paraphrase-MiniLM-L3-v2 []
        bert-base-uncased None models--bert-base-uncased []
        sentence-transformers/all-MiniLM-L6-v2 None models--sentence-transformers--all-MiniLM-L6-v2 []
        BAAI/bge-small-en-v1.5 Some("v1.0") models--BAAI--bge-small-en-v1.5 []
        google/gemma-2b Some("refs/pr/1") models--google--gemma-2b ["*.safetensors", "*.json", "1_Pooling/", "*[!a-z]-of-*"]
        intfloat/e5-small None models--intfloat--e5-small ["*.json"]
        src -> None
        main.py -> Some("/app/")
        util.py -> Some("/app/")
        settings/production.toml -> Some("/etc/app.toml")
        ["tini", "--"] ["uvicorn", "main:app", "--port", "8000", "--name", "a b"]
        /srv/app 53/udp
        DEBUG=no VERSION=3.10 EMPTY= PRICE=$5, 100$ org.opencontainers.image.title=Backend
        web:1000:1000
        https://hub.example.com/hf"#]].assert_eq(&lines.join("\n"));
}

#[test]
fn build_arguments_replace_defaults() {
    let source = Document::new("m", "base: python:${V}\nargs: {V: 3.12, W: 'x${V}'}\n");
    let args = BTreeMap::from([("V".to_owned(), "3.13".to_owned()), ("Z".into(), "z".into())]);
    let manifest = manifest::parse(&source, &args).manifest.unwrap();
    let seen = format!("{} {}", manifest.base.value, manifest.args["W"].value);
    expect!["python:3.13 x3.13"].assert_eq(&seen);
}

#[test]
fn a_token_in_a_build_argument_is_told_without_showing_it() {
    let source = Document::new("m.yaml", "base: a\nargs: {TOKEN: x}\n");
    let token = format!("hf_{}", "x".repeat(34));
    let parsed = manifest::parse(&source, &BTreeMap::from([("TOKEN".to_owned(), token)]));
    let text = diagnostic::render(&parsed.diagnostics, &source, Style::Plain);
    expect![[r#"
        error[secret-in-manifest]: the build argument `TOKEN` holds a Hugging Face token
         --> m.yaml:2:8
          |
        2 | args: {TOKEN: x}
          |        ^^^^^
          |
          = help: build arguments end in the image's history; pass it by `--secret`
    "#]]
    .assert_eq(&text);
}

#[test]
fn byte_order_mark_and_line_ends_of_windows() {
    check(
        "\u{feff}base: python\r\nuser: ünique\r\nmodles: [a/b]\r\n",
        expect![[r#"
            error[invalid-user]: a user's name is up to 32 of `a-z`, `0-9`, `_` and `-`, and starts with a letter or `_`
             --> modelcache.yaml:2:7
              |
            2 | user: ünique
              |       ^^^^^^
              |
              = help: for example `appuser`, `1000:1000`, or `appuser:10001:10001`

            error[unknown-key]: the manifest has no key `modles`
             --> modelcache.yaml:3:1
              |
            3 | modles: [a/b]
              | ^^^^^^ did you mean `models`?
        "#]],
    );
}

#[test]
fn characters_that_no_text_has() {
    check(
        "base: a\0b\nuser: web\n",
        expect![[r#"
            error[yaml-syntax]: not valid YAML: found unprintable character
             --> modelcache.yaml:1:8
              |
            1 | base: a␀b
              |        ^
        "#]],
    );
}

#[test]
fn a_file_that_is_too_long() {
    check(
        &format!("base: python\n#{}\n", "x".repeat(1 << 20)),
        expect![[r#"
            error[too-large]: a manifest has at most 1048576 bytes, this file has 1048591
            --> modelcache.yaml
        "#]],
    );
}

#[test]
fn a_place_in_a_multi_line_value_is_the_value() {
    check(
        "base: python\napp:\n  command: >-\n    echo\n    ${A}\n\n  expose: 80\n",
        expect![[r#"
        error[unknown-arg]: no argument is named `A`
         --> modelcache.yaml:4:5
          |
        4 | /     echo
        5 | |     ${A}
          | |________^
          |
          = help: declare it with its default: `args: {A: …}`
          = help: for a `$` in the text itself, write `$$`
    "#]],
    );
}

#[test]
fn escapes_do_not_shift_places() {
    check(
        "base: python\nuser: \"\\u0061${A}\"\n",
        expect![[r#"
        error[unknown-arg]: no argument is named `A`
         --> modelcache.yaml:2:7
          |
        2 | user: "\u0061${A}"
          |       ^^^^^^^^^^^^
          |
          = help: declare it with its default: `args: {A: …}`
          = help: for a `$` in the text itself, write `$$`
    "#]],
    );
}

#[test]
fn a_command_line_is_split_as_a_shell_does() {
    let words = |line: &str| {
        let text = format!("base: python\napp:\n  command: |-\n    {line}\n");
        format!("{line} => {:?}\n", valid(&text).app.unwrap().command.unwrap().value)
    };
    let lines = [
        "a  b\tc",
        "'a b' \"c d\"e'' ''",
        r#"a\ b \\ "\"\$\a" '\'"#,
        "a$B `c` *.py | cat > x && y # z",
        r#"--name="a b" é'ü'"#,
    ];
    expect![[r##"
        a  b	c => ["a", "b", "c"]
        'a b' "c d"e'' '' => ["a b", "c de", ""]
        a\ b \\ "\"\$\a" '\' => ["a b", "\\", "\"$\\a", "\\"]
        a$B `c` *.py | cat > x && y # z => ["a$B", "`c`", "*.py", "|", "cat", ">", "x", "&&", "y", "#", "z"]
        --name="a b" é'ü' => ["--name=a b", "éü"]
    "##]].assert_eq(&lines.map(words).concat());
}

#[test]
fn very_many_mistakes_are_told_in_short() {
    let keys: String =
        (0..150).fold("base: python\n".to_owned(), |keys, i| format!("{keys}x{i}: 1\n"));
    let text = printed(&keys);
    let last = text.rsplit("\n\n").next().unwrap();
    expect![[r#"
        error[too-large]: there are 50 more mistakes
           --> modelcache.yaml:102:1
            |
        102 | x100: 1
            | ^^^^ from here on
    "#]]
    .assert_eq(last);
}

#[test]
fn an_address_of_ipv6_stands_in_brackets() {
    let told = |url: &str| {
        let text =
            format!("base: python:3.13-slim\nmirrors: {{huggingface: '{url}'}}\nmodels: [a/b]\n");
        let (_, parsed) = parse(&text);
        let error = parsed.diagnostics.iter().find(|found| found.is_error());
        format!("{url}: {}\n", error.map_or("a URL", |error| &error.message))
    };
    let urls = [
        "http://[::1]:80",
        "http://[::1]",
        "https://[2001:db8::7]:8443/hub",
        "http://localhost:80",
        "http://localhost:",
        "http://[::1",
        "http://[::1]80",
        "http://[localhost]:80",
        "http://::1:80",
        "http://hub:8o",
        "http://[]:80",
        "http://:80",
    ];
    expect![[r#"
        http://[::1]:80: a URL
        http://[::1]: a URL
        https://[2001:db8::7]:8443/hub: a URL
        http://localhost:80: a URL
        http://localhost:: a URL
        http://[::1: between `[` and `]` stands an IPv6 address, and after it a port: `http://[::1]:80`
        http://[::1]80: between `[` and `]` stands an IPv6 address, and after it a port: `http://[::1]:80`
        http://[localhost]:80: between `[` and `]` stands an IPv6 address, and after it a port: `http://[::1]:80`
        http://::1:80: `:1:80` is no port; an IPv6 address stands in brackets: `http://[::1]:80`
        http://hub:8o: `8o` is no port; an IPv6 address stands in brackets: `http://[::1]:80`
        http://[]:80: between `[` and `]` stands an IPv6 address, and after it a port: `http://[::1]:80`
        http://:80: the URL names no host
    "#]]
    .assert_eq(&urls.map(told).concat());
}
