//! Requirements files are read as the base image's pip reads them: hundreds, made by rules.

use std::{fs, path::Path, process::Command};

use modelcache::packages::requirements::{
    Reader, Requirements, Statement,
    encoding::decode,
    options::{OptionName, Set},
};
use serde_json::{Value, json};

use crate::e2e::engine;

const ORACLE: &str = include_str!("req_file.py");

const DOCKERFILE: &str = "\
FROM python:3.13-slim AS pip
COPY . /src
RUN python3 -m pip --version && python3 /src/req_file.py /src/files /report.json
FROM scratch
COPY --from=pip /report.json /
";

/// What stands in files, one line or several. After pip's documentation of the format, and
/// after what people have reported.
const CONTENTS: [&str; 60] = [
    "six\n",
    "six==1.16.0\nidna>=2,<4 ; python_version >= '3.8'\n",
    "six == 1.16.0   # with a comment\n",
    "# a comment alone\n\n  # and one behind spaces\nsix\n",
    "six#not-a-comment\nidna #one\n",
    "six \\\n  == 1.16.0\n",
    "six==\\\n1.16.0\nidna\n",
    "six ; python_version \\\n  >= '3.8' \\\n  and os_name == 'posix'\n",
    "six \\\n# a comment within\n==1.16.0\n",
    "# C:\\tools\\\n-r more.txt\n",
    "six # C:\\tools\\\n-r more.txt\nidna\n",
    "six\\\n",
    "six \\\\\nidna\n",
    "\\six\nidna\n",
    "six \\ \nidna\n",
    "\t six\t==\t1.16.0 \nidna\n",
    "fastapi[standard, all]==0.115\n",
    "six==1.16.0 --hash=sha256:aa --hash=sha256:bb\n",
    "six==1.16.0 \\\n    --hash=sha256:aa \\\n    --hash=sha512:bb\n",
    "six==1.16.0 --hash sha256:aa\nidna --hash='sha384:bb'\n",
    "six==1.16.0\t--hash=sha256:aa\n",
    "six==1.16.0 --hash=md5:aa\n",
    "six==1.16.0 --hash=aa\n",
    "six --has=sha256:aa\n",
    "six --config-settings \"--build-option=--x y\" -C a=b\n",
    "six --config-settings novalue\n",
    "six --unknown=x\n",
    "-r base.txt\n-rbase.txt\n--requirement base.txt\n--requirement=base.txt\n--req base.txt\n",
    "-r=base.txt\n-r 'with space.txt'\n-r \"quoted.txt\" -c other.txt\n",
    "-c held.txt\n-cheld.txt\n--constraint held.txt\n--constraint=held.txt --pre\n",
    "-r a.txt -r b.txt\n",
    "-r https://example.com/base.txt\n",
    "-r\n",
    "-i https://example.com/simple\n--index-url https://example.com/simple\n--index-url=https://example.com/simple\n",
    "--pypi-url https://example.com/simple --extra-index-url https://a --extra-index-url=https://b\n",
    "--extra-index https://a\n--index https://b\n--i https://c\n",
    "--extra-index-url 'https://a/simple'\n--index-url \"https://b/simple?x=y z\"\n",
    "--extra-index-url 'https://a\n",
    "--index-url https://a\\ b\n--find-links C:\\wheels\n",
    "-f links\n-f ./links --no-index\n--find-links=https://example.com/links.html\n",
    "--no-binary :all:\n--only-binary=six,idna\n--no-binary six --no-binary :none:\n",
    "--no-binary\n",
    "--no-binary --pre\n",
    "--pre\n--prefer-binary\n--require-hashes\n--no-index\n",
    "--pre=yes\n",
    "--pre six\n--no-index -- --pre\n",
    "--trusted-host example.com --trusted-host=other:8080\n",
    "--unknown\n",
    "-x\n",
    "--no\n",
    "-\nsix - idna\n",
    "--hash=sha256:aa\nsix\n",
    "./pkg\n../pkg\n/abs/pkg\nfile:///abs/pkg\nfile:./pkg\n",
    "pkg/sub\nwheels/six-1.16.0-py2.py3-none-any.whl\nsix-1.16.0.tar.gz\n./pkg[extra] ; python_version > '3'\n",
    "-e ./pkg\n-e pkg[extra]\n--editable=git+https://example.com/x.git@main#egg=x\n-e . -e other\n",
    "six @ https://example.com/six-1.16.0-py2.py3-none-any.whl\nhttps://example.com/six.zip#sha256=aa\n",
    "git+https://example.com/x.git@v1#egg=x&subdirectory=y\nx @ git+ssh://git@example.com/x.git\n",
    "six==${VERSION}\nidna @ https://example.com/${VERSION}/${version}/$VERSION\n",
    "# ${VERSION}\nsix ; os_name == '${VERSION}${VERSION}'\n",
    "six\u{b}idna\u{c}attrs\u{85}wheel\u{2028}pip\u{1c}build # \u{e4}\u{a0}#\n",
];

/// How a text is written: what it is called, and its bytes.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    let utf16 = |to: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let utf32 =
        |to: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| to(c.into())).collect::<Vec<u8>>();
    vec![
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(),
        [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
        [b"\xff\xfe\0\0".to_vec(), utf32(u32::to_le_bytes)].concat(),
        [b"\0\0\xfe\xff".to_vec(), utf32(u32::to_be_bytes)].concat(),
    ]
}

/// Files whose bytes say how they are to be read, or are none of that.
const BYTES: [&[u8]; 14] = [
    b"",
    b"# -*- coding: latin-1 -*-\nsix # \xe9\nidna\n",
    b"#!\n# vim: set fileencoding=cp1252 :\nsix # \x80\n",
    b"# coding: iso-8859-1\nsix ; os_name == '\xe9'\n",
    b"# coding=utf-8\nsix # \xc3\xa9\n",
    b"# coding: ascii\nsix # \xe9\n",
    b"# coding: no-such-codec\nsix\n",
    b"six\n\n# coding: latin-1 \xe9\n",
    b"six # \xe9\n",
    b"\xef\xbb\xbfsix # \xe9\n",
    b"\xff\xfes",
    b"\xff\xfe\x00\xd8",
    b"\xef\xbb\xbf# coding: latin-1\nsix # \xc3\xa9\n",
    b"s\0i\0x\0\n\0",
];

fn corpus() -> Vec<Vec<u8>> {
    let mut files: Vec<Vec<u8>> = BYTES.iter().map(|bytes| bytes.to_vec()).collect();
    for (index, content) in CONTENTS.iter().enumerate() {
        for ends in ["\n", "\r\n", "\r"] {
            let text = content.replace('\n', ends);
            let written = encodings(&text);
            files.push(written[0].clone());
            // Each of the others in turn, so that all meet many contents.
            files.push(written[1 + index % 5].clone());
        }
        files.extend(encodings(content.trim_end()).into_iter().skip(1 + index % 5).take(1));
    }
    files
}

fn option(set: &Set) -> Value {
    json!([set.option.long(), set.value])
}

/// What we read, as the oracle takes it; nothing if we refuse the file.
fn ours(file: &[u8]) -> Option<(Value, String)> {
    let values = [("VERSION".to_owned(), "1.0".to_owned())].into();
    let read = Requirements::parse(&decode(file).ok()?, &values);
    let lines: Option<Vec<Value>> = read
        .lines()
        .iter()
        .map(|line| {
            Some(match line.says.as_ref().ok()? {
                Statement::Requirement { text, editable, options } => {
                    json!([
                        line.number,
                        text,
                        editable,
                        null,
                        options.iter().map(option).collect::<Vec<_>>()
                    ])
                }
                Statement::Include { path, option: OptionName::Constraint } => {
                    json!([line.number, path, false, "--constraint", []])
                }
                Statement::Include { path, .. } => {
                    json!([line.number, path, false, "--requirement", []])
                }
                Statement::Options(options) => {
                    json!([
                        line.number,
                        "",
                        false,
                        null,
                        options.iter().map(option).collect::<Vec<_>>()
                    ])
                }
            })
        })
        .collect();
    Some((Value::Array(lines?), read.text(Reader::Pip)))
}

fn write(folder: &Path, index: usize, file: &[u8]) {
    let (json, normal) = ours(file).unwrap_or((Value::Null, String::new()));
    let write = |name: String, bytes: &[u8]| {
        fs::write(folder.join(name), bytes).expect("the folder is ours");
    };
    write(format!("{index:03}.txt"), file);
    write(format!("{index:03}.json"), json.to_string().as_bytes());
    write(format!("{index:03}.normal.txt"), normal.as_bytes());
}

#[test]
fn files_are_read_as_pip_reads_them() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let files = folder.path().join("context/files");
    fs::create_dir_all(&files).expect("the folder is ours");
    for (index, file) in corpus().iter().enumerate() {
        write(&files, index, file);
    }
    let context = folder.path().join("context");
    fs::write(context.join("Dockerfile"), DOCKERFILE).expect("the folder is ours");
    fs::write(context.join("req_file.py"), ORACLE).expect("the folder is ours");
    let out = folder.path().join("out");
    let mut command = Command::new("docker");
    command.args(["buildx", "build"]).args(engine::build_flags());
    command.args(["--build-arg", "BUILDKIT_SYNTAX=docker/dockerfile:1"]);
    command.arg("--output").arg(format!("type=local,dest={}", out.display()));
    engine::stdout(command.arg(context));
    let report = fs::read(out.join("report.json")).expect("it was made");
    let report: Value = serde_json::from_slice(&report).expect("it is JSON");
    assert_eq!(report["unlike"], json!([]), "{report:#}");
    assert_eq!((&report["files"], &report["refused"]), (&json!(434), &json!(112)), "{report}");
}
