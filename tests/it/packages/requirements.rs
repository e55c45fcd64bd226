//! What a requirements file pulls in.

use expect_test::{Expect, expect};
use modelcache::packages::requirements::{
    Reader, Requirements, beside, digest,
    encoding::{NoText, decode},
};

fn read(text: &str) -> Requirements {
    Requirements::parse(text, &[("VERSION".to_owned(), "1.0".to_owned())].into())
}

fn check(text: &str, expected: Expect) {
    let found = read(text).references();
    let lines: Vec<String> =
        found.iter().map(|found| format!("{} {:?}", found.line, found.kind)).collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn includes_in_all_of_pips_spellings() {
    check(
        "# all of them\n\
         -r a.txt\n\
         -rb.txt\n\
         --requirement c.txt\n\
         --requirement=d.txt\n\
         -c constraints.txt # why\n\
         --constraint \\\n  e.txt\n\
         -r https://example.com/f.txt\n",
        expect![[r#"
            2 File("a.txt")
            3 File("b.txt")
            4 File("c.txt")
            5 File("d.txt")
            6 File("constraints.txt")
            7 File("e.txt")"#]],
    );
}

#[test]
fn requirements_and_options_are_pips_business() {
    check(
        "fastapi[standard]==0.115 ; python_version > '3.9'\n\
         --require-hashes\n\
         --index-url https://example.com/simple\n\
         requests @ https://example.com/r.whl --hash=sha256:aa\n\
         -e git+https://example.com/x.git#egg=x\n",
        expect![[r#"
            2 RequireHashes
            4 Hashed { name: "requests", digests: ["sha256:aa"], binding: true }"#]],
    );
}

#[test]
fn projects_of_the_context_are_named() {
    check(
        "./lib\n-e .\n--editable ../other\nfile:///x\n",
        expect![[r#"
            1 Project { path: "./lib", editable: false }
            2 Project { path: ".", editable: true }
            3 Project { path: "../other", editable: true }
            4 Project { path: "file:///x", editable: false }"#]],
    );
}

#[test]
fn credentials_are_found_and_not_repeated() {
    check("--index-url https://me:secret@example.com/simple\n", expect!["1 Credentials"]);
}

#[test]
fn paths_are_relative_to_the_including_file() {
    let case = |from, path| beside(from, path).unwrap_or_else(|| "outside".into());
    assert_eq!(case("requirements.txt", "base.txt"), "base.txt");
    assert_eq!(case("reqs/dev.txt", "base.txt"), "reqs/base.txt");
    assert_eq!(case("reqs/dev.txt", "../base.txt"), "base.txt");
    assert_eq!(case("requirements.txt", "../base.txt"), "outside");
    assert_eq!(case("requirements.txt", "/etc/base.txt"), "outside");
}

#[test]
fn folders_of_links_are_in_the_context_and_hosts_are_not() {
    check(
        "-f ./links\n--find-links=vendor/wheels\n-f https://example.com/links\n",
        expect![[r#"
            1 Links("./links")
            2 Links("vendor/wheels")"#]],
    );
}

#[test]
fn options_that_pip_alone_knows_are_named() {
    check(
        "--pre\n--trusted-host index.lan\n--no-binary :all:\nsix --config-settings x=y\n--only-final a\n",
        expect![[r#"
            1 Pre
            2 TrustedHost("index.lan")
            4 Unknown("--config-settings")
            5 Unknown("--only-final")"#]],
    );
}

#[test]
fn digests_of_all_lines_count() {
    let text =
        "a==1 --hash=sha256:aa \\\n    --hash=sha256:bb\nA==1 --hash=sha512:0 --hash=sha256:cc\n";
    let found = modelcache::packages::requirements::hashes(text);
    assert_eq!(found["a"], ["sha256:aa", "sha256:bb", "sha256:cc"]);
    assert_eq!(found.len(), 1);
}

#[test]
fn digests_bind_and_those_of_a_url_bind_only_itself() {
    check(
        "a==1 --hash=sha256:aa --hash sha512:bb\n\
         b==1 --hash=md5:cc\n\
         --require-hashes\n\
         c @ https://host/c-1-py3-none-any.whl#egg=c&sha256=dd ; python_version > '3'\n\
         https://host/D_d-1-py3-none-any.whl#sha256=ee\n\
         https://host/e-1-py3-none-any.whl\n\
         ./f-1-py3-none-any.whl --hash=sha256:ff\n",
        expect![[r#"
            1 Hashed { name: "a", digests: ["sha256:aa"], binding: true }
            2 Refused("has a digest of `md5`; pip takes sha256, sha384 and sha512")
            3 RequireHashes
            4 Hashed { name: "c", digests: ["sha256:dd"], binding: false }
            5 Hashed { name: "d-d", digests: ["sha256:ee"], binding: false }
            7 Project { path: "./f-1-py3-none-any.whl", editable: false }"#]],
    );
}

#[test]
fn a_bare_url_names_the_package_of_its_wheel() {
    let text =
        "https://host/D_d-1-py3-none-any.whl\nhttps://host/e.tar.gz\nf @ https://host/g.whl\n";
    let found = read(text).names();
    assert_eq!(found, [(1, "d-d".to_owned()), (3, "f".to_owned())]);
}

#[test]
fn a_mark_says_how_a_file_is_written() {
    let text = "six # \u{e4}\n";
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let wide = |to: fn(u32) -> [u8; 4]| text.chars().flat_map(move |c| to(c.into()));
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [0xff, 0xfe].into_iter().chain(utf16.iter().flat_map(|it| it.to_le_bytes())).collect(),
        [0xfe, 0xff].into_iter().chain(utf16.iter().flat_map(|it| it.to_be_bytes())).collect(),
        [0xff, 0xfe, 0, 0].into_iter().chain(wide(u32::to_le_bytes)).collect(),
        [0, 0, 0xfe, 0xff].into_iter().chain(wide(u32::to_be_bytes)).collect(),
    ] {
        assert_eq!(decode(&bytes).as_deref(), Ok(text), "{bytes:?}");
    }
}

#[test]
fn a_file_without_text_is_refused() {
    assert_eq!(decode(b"caf\xe9\n"), Err(NoText::NotUtf8));
    assert_eq!(decode(b"\xff\xfesix"), Err(NoText::NotAsMarked("UTF-16")));
    assert_eq!(decode(b"\xff\xfe\x00\xd8"), Err(NoText::NotAsMarked("UTF-16")));
    assert_eq!(decode(b"\xff\xfe\0\0six"), Err(NoText::NotAsMarked("UTF-32")));
}

#[test]
fn a_comment_goes_on_in_the_next_line_only_behind_something() {
    check(
        "# C:\\tools\\\n\
         -r more.txt\n\
         six # kept in \\\n\
         https://me:pw@example.com/a.whl\n\
         \t# \\\n\
         --pre\n",
        expect![[r#"
            2 File("more.txt")
            6 Pre"#]],
    );
    assert_ne!(digest("# \\\nsix==1.16.0\n"), digest("# \\\nsix==1.17.0\n"));
}

#[test]
fn a_digest_is_seen_however_it_is_set_off() {
    check(
        "a==1\t--hash=sha256:aa\n\
         b==1 --hash \"sha256:bb\"\n\
         c==1 --hash='sha256:cc'\t--hash=sha256:dd\n",
        expect![[r#"
            1 Refused("has an option after a tab: pip takes one after a space alone")
            2 Hashed { name: "b", digests: ["sha256:bb"], binding: true }
            3 Hashed { name: "c", digests: ["sha256:cc", "sha256:dd"], binding: true }"#]],
    );
}

/// What uv gets in the place of a file.
fn check_text(text: &str, expected: Expect) {
    expected.assert_eq(&read(text).text(Reader::Uv));
}

#[test]
fn others_get_what_was_read_line_for_line() {
    check_text(
        "# why\n\nsix==${VERSION} # pinned\n  a>=1,\\\n  <2 ; python_version \\\n>'3' --hash sha256:aa\nb\n",
        expect![[r#"


            six==1.0
            a>=1,  <2 ; python_version >'3' --hash=sha256:aa


            b
        "#]],
    );
    check_text(
        "--index-url=https://i/simple --extra-index https://j\n-rbase.txt --pre\n--requirement 'a b.txt'\n\
         --pre\nc -C x=y --hash=sha256:bb\n--trusted-host i --no-binary=:all:\n",
        expect![[r#"
            --index-url https://i/simple --extra-index-url https://j
            -r base.txt
            -r 'a b.txt'

            c --hash=sha256:bb
            --no-binary :all:
        "#]],
    );
    check_text(
        "pkg/sub\nwheels/x-1-py3-none-any.whl ; python_version>'3'\nx-1-py3-none-any.whl\n-e lib[more]\n./here\n\
         name @ https://host/x.whl\ngit+https://host/x.git@main\nname@https://host/a/b.zip\nfile:///x\n",
        expect![[r#"
            ./pkg/sub
            ./wheels/x-1-py3-none-any.whl ; python_version>'3'
            ./x-1-py3-none-any.whl
            -e ./lib[more]
            ./here
            name @ https://host/x.whl
            git+https://host/x.git@main
            name@https://host/a/b.zip
            file:///x
        "#]],
    );
}

#[test]
fn paths_are_projects_however_they_look() {
    check(
        "pkg/sub\nx-1.tar.gz\n-e lib[more]\n'pkg'\n-e git+https://host/x.git\nname @ file:///x\n-e \"a b\"\n",
        expect![[r#"
            1 Project { path: "pkg/sub", editable: false }
            2 Project { path: "x-1.tar.gz", editable: false }
            3 Project { path: "lib", editable: true }
            7 Project { path: "a b", editable: true }"#]],
    );
}

#[test]
fn what_pip_refuses_is_refused() {
    check(
        "--nothing\n-x\n--ind\n--pre=1\n-r\n--hash=aa\na --hash=md5:aa\na --config-settings x\n\
         a --hash 'sha256:aa\n--no-binary -r\n--index-url \"\\\n--no-index extra words\n",
        expect![[r#"
            1 Refused("has an option that pip doesn't know: `--nothing`")
            2 Refused("has an option that pip doesn't know: `-x`")
            3 Refused("has nothing after `--ind`")
            4 Refused("has a value after `--pre`")
            5 Refused("has nothing after `-r`")
            6 Refused("has a digest without its kind: it is written `sha256:…`")
            7 Refused("has a digest of `md5`; pip takes sha256, sha384 and sha512")
            8 Refused("has a setting that is not `KEY=VALUE`")
            9 Refused("has a quote that is never closed")
            10 Refused("has nothing after `--no-binary`")
            11 Refused("has a quote that is never closed")"#]],
    );
}

#[test]
fn a_name_that_nobody_declares_is_told() {
    check("a @ https://${HOST}/${VERSION}/${name}$HOST\n", expect![[r#"1 Secret("HOST")"#]]);
}

#[test]
fn a_name_in_a_url_may_be_that_of_a_secret() {
    check(
        "--index-url https://${USER}:${PASS}@host/simple\n\
         a @ git+https://${TOKEN}@Host:1/a.git@v1#egg=a\n\
         b @ https://me:${TOKEN}@host/b.whl ; python_version > '3'\n\
         c @ https://${TOKEN}:x-oauth-basic@host/c.whl\n\
         -f https://host/${KEY}/links\n\
         d @ https://${TOKEN}:word@host/d\ne @ https://a${TOKEN}@host/e\n\
         f==${TOKEN}\n-r ${FOLDER}/more.txt\n",
        expect![[r#"
            1 Secret("USER")
            1 Secret("PASS")
            2 Secret("TOKEN")
            3 Secret("TOKEN")
            4 Secret("TOKEN")
            5 Secret("KEY")
            6 Credentials
            7 Credentials
            8 Undeclared("TOKEN")
            9 Undeclared("FOLDER")"#]],
    );
}

#[test]
fn credentials_by_name_are_for_what_they_were_written_for() {
    let text = "--index-url https://${USER}:${PASS}@host/simple\n\
        a @ git+https://${TOKEN}@Host:1/a.git@v1#egg=a\nb @ https://me:pw@host/b.whl\n\
        git+https://git@host/c.git\nd @ https://host/${KEY}/d.whl?x=${KEY}\n";
    let found = read(text).credentials();
    let lines: Vec<String> =
        found.iter().map(|it| format!("{} {} {:?}\n", it.userinfo, it.host, it.path)).collect();
    expect![[r#"
        ${USER}:${PASS} host None
        ${TOKEN} host:1 Some("/a.git")
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn a_comment_says_how_a_file_is_written() {
    let latin = b"# -*- coding: latin-1 -*-\nsix # \xe9\n";
    assert_eq!(decode(latin).as_deref(), Ok("# -*- coding: latin-1 -*-\nsix # \u{e9}\n"));
    let windows = b"#\n# vim: fileencoding=cp1252\n# \x80\n";
    assert_eq!(decode(windows).as_deref(), Ok("#\n# vim: fileencoding=cp1252\n# \u{20ac}\n"));
    assert_eq!(decode(b"six\n\n# coding: latin-1 \xe9\n"), Err(NoText::NotUtf8));
    assert_eq!(decode(b"# coding: ascii \xe9"), Err(NoText::NotAsCommented("ascii".into())));
    assert_eq!(decode(b"# coding=koi8-r"), Err(NoText::Unknown("koi8-r".into())));
}
