//! The binary as a person runs it: exit code, stdout, stderr.

use std::{
    io::{self, Write},
    process::{Command, Stdio},
};

use expect_test::{Expect, expect};

/// Runs `modelcache` with the manifests of the tests as its working directory.
fn run(arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_modelcache"))
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/manifest"))
        .env("FROM_OUTSIDE", "3.12")
        .env_remove("NOWHERE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A usage error ends the process before it reads.
    match child.stdin.take().unwrap().write_all(input) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.unwrap(),
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    format!("exit {code}\n--- stdout\n{}--- stderr\n{}", text(output.stdout), text(output.stderr))
}

fn check(arguments: &[&str], expected: Expect) {
    expected.assert_eq(&run(arguments, b""));
}

#[test]
fn a_right_manifest_is_answered_by_silence() {
    check(
        &["check", "full.yaml"],
        expect![[r#"
        exit 0
        --- stdout
        --- stderr
    "#]],
    );
    check(
        &["check", "--format", "json", "minimal.yaml"],
        expect![[r#"
        exit 0
        --- stdout
        []
        --- stderr
    "#]],
    );
}

#[test]
fn mistakes_go_to_stderr() {
    check(
        &["check", "two-places-far-apart.yaml"],
        expect![[r#"
        exit 1
        --- stdout
        --- stderr
        error[duplicate-model]: the model `a/b` is there twice
          --> two-places-far-apart.yaml:10:5
           |
         3 |   - a/b
           |     --- first here
        ...
        10 |   - a/b
           |     ^^^ again here
           |
           = help: remove one of them
    "#]],
    );
}

#[test]
fn a_warning_is_no_mistake() {
    check(
        &["check", "root-user.yaml"],
        expect![[r#"
        exit 0
        --- stdout
        --- stderr
        warning[root-user]: the container runs as root
         --> root-user.yaml:2:7
          |
        2 | user: root
          |       ^^^^
          |
          = help: remove `user`: the default, `appuser`, can read all that is built
    "#]],
    );
}

#[test]
fn mistakes_for_programs() {
    check(
        &["check", "--format=json", "two-places-far-apart.yaml"],
        expect![[r#"
        exit 1
        --- stdout
        [
          {
            "code": "duplicate-model",
            "help": [
              "remove one of them"
            ],
            "labels": [
              {
                "end": {
                  "column": 8,
                  "line": 10,
                  "offset": 98
                },
                "start": {
                  "column": 5,
                  "line": 10,
                  "offset": 95
                },
                "text": "again here"
              },
              {
                "end": {
                  "column": 8,
                  "line": 3,
                  "offset": 38
                },
                "start": {
                  "column": 5,
                  "line": 3,
                  "offset": 35
                },
                "text": "first here"
              }
            ],
            "message": "the model `a/b` is there twice",
            "severity": "error"
          }
        ]
        --- stderr
    "#]],
    );
}

#[test]
fn build_arguments() {
    let manifest = b"base: python:${VERSION}\nargs: {VERSION: '?'}\n";
    let with = |argument| run(&["check", "-", "--build-arg", argument], manifest);
    expect![[r#"
        exit 0
        --- stdout
        --- stderr
    "#]]
    .assert_eq(&with("VERSION=3.13"));
    expect![[r#"
        exit 1
        --- stdout
        --- stderr
        error[invalid-image]: `a b` is not an image tag
         --> <stdin>:1:7
          |
        1 | base: python:${VERSION}
          |       ^^^^^^^^^^^^^^^^^
          |
          = help: an image is `name:tag`, as in `python:3.13-slim`
    "#]]
    .assert_eq(&with("VERSION=a b"));
    expect![[r#"
        exit 2
        --- stdout
        --- stderr
        error: invalid value 'NOWHERE' for '--build-arg <NAME=VALUE>': write `NOWHERE=value`, or set `NOWHERE` in the environment

        For more information, try '--help'.
    "#]].assert_eq(&with("NOWHERE"));
    let manifest = b"base: python:${FROM_OUTSIDE}\nargs: {FROM_OUTSIDE: '?'}\n";
    let output = run(&["check", "-", "--build-arg", "FROM_OUTSIDE"], manifest);
    expect![[r#"
        exit 0
        --- stdout
        --- stderr
    "#]]
    .assert_eq(&output);
}

#[test]
fn files_that_cannot_be_read() {
    check(
        &["check", "nowhere.yaml"],
        expect![[r#"
        exit 2
        --- stdout
        --- stderr
        error: `nowhere.yaml` can't be read: No such file or directory (os error 2)
    "#]],
    );
    expect![[r#"
        exit 2
        --- stdout
        --- stderr
        error: `-` is not UTF-8 text: see byte 6
    "#]]
    .assert_eq(&run(&["check", "-"], b"base: \xff\n"));
}

#[test]
fn usage() {
    check(
        &["chek"],
        expect![[r#"
        exit 2
        --- stdout
        --- stderr
        error: unrecognized subcommand 'chek'

          tip: some similar subcommands exist: 'schema', 'check'

        Usage: modelcache <COMMAND>

        For more information, try '--help'.
    "#]],
    );
    check(
        &["--help"],
        expect![[r#"
            exit 0
            --- stdout
            Builds Python images with their packages and models cached

            Usage: modelcache <COMMAND>

            Commands:
              check     Tells what is wrong with a manifest
              graph     Prints the graph that a build hands to BuildKit
              schema    Prints the JSON Schema of manifests, for editors
              frontend  Runs a build, started by BuildKit with its gateway on stdin and stdout
              help      Print this message or the help of the given subcommand(s)

            Options:
              -h, --help     Print help
              -V, --version  Print version
            --- stderr
        "#]],
    );
}
