//! URLs, as Go's `net/url` reads them for the daemon.

use std::str::FromStr;

use expect_test::expect;
use modelcache::manifest::url::{FileUrl, Url, UrlError};
use serde_json::Value;

use super::{compared, vectors};

/// Compares which URLs are taken. The daemon's reader takes more, for reasons of ours each.
fn check<T: FromStr<Err = UrlError>>(expected: &expect_test::Expect) {
    let vectors = vectors(include_str!("../../data/oracle/urls.json"));
    let taken: Vec<_> = vectors
        .into_iter()
        .map(|(input, answer)| (input, Value::Bool(!answer.is_null())))
        .collect();
    let read = |input: &Value| input.as_str().expect("a URL is text").parse::<T>();
    let ours = |input: &Value| Value::Bool(read(input).is_ok());
    let why = |input: &Value, _: &Value, _: &Value| match (read(input).err(), input.as_str()) {
        (Some(UrlError::Character(_)), _) => {
            Some("the daemon escapes it, others who read it may not")
        }
        (Some(UrlError::Query), _) => {
            Some("an index or a hub is a folder, to which a path is added")
        }
        (Some(UrlError::Fragment), _) => Some("a file's digest has a key of its own"),
        (Some(UrlError::NoFile), _) => Some("names no file"),
        (Some(UrlError::Signed), _) => Some("signed, so that it is a secret"),
        (Some(UrlError::Address), Some(text)) if text.contains("%25") => {
            Some("the zone of an address is of one machine")
        }
        (None, Some(text)) if text.contains('@') => Some("with a user, whom `secret` refuses"),
        _ => None,
    };
    expected.assert_eq(&compared(&taken, ours, why));
}

#[test]
fn urls_of_folders_are_taken_that_the_daemon_takes() {
    check::<Url>(&expect![[r#"
        290 inputs, 60 differ
        an index or a hub is a folder, to which a path is added: "HTTP://1.2.3.4:5/a#b"  "HTTP://H:8080/a?b=c"  "HTTP://[2001:db8::1]:8080/a#b"  "HTTP://h.example/a#b"  "http://1.2.3.4:5/a?b=c"  "http://[2001:db8::1]/a#b"  "http://[2001:db8::1]:8080/a?b=c"  "http://h.example/a?b=c"  "http://h/a#b"  "http://h:/a#b"  "https://H:8080/a#b"  "https://[2001:db8::1]/a?b=c"  "https://example.com/a.whl#sha256=00"  "https://h#a"  "https://h/#"  "https://h/?"  "https://h/a#b"  "https://h/a#b?c"  "https://h/a.zip?x=y.tar"  "https://h/a??"  "https://h/a?Signature=x&b"  "https://h/a?X-Amz-Signature=1"  "https://h/a?b"  "https://h/a?b#c"  "https://h/a?b;sig=x"  "https://h/a?b=%zz"  "https://h/a?b=c"  "https://h/a?b=c&c=d&&e"  "https://h/a?b?c"  "https://h/a?sig=x"  "https://h/a?signature"  "https://h/a?x-goog-signature=1"  "https://h/a?x.zip"  "https://h:/a?b=c"  "https://h?a"  "https://s3.amazonaws.com/b/k?versionId=abc"  "https://storage.googleapis.com/b/o?alt=media&to...  "https://u?@h/a"
        the daemon escapes it, others who read it may not: "HTTP://H:8080/a b"  "http://1.2.3.4:5/a b"  "http://[2001:db8::1]:8080/a b"  "http://h.example/a b"  "https://[2001:db8::1]/a b"  "https://h/a "  "https://h/a b"  "https://h/a\"b"  "https://h/a<b"  "https://h/a>b"  "https://h/a?b=c d"  "https://h/a\\b"  "https://h/a^b"  "https://h/a`b"  "https://h/a{b}"  "https://h/a|b"  "https://h/\u{e4}"  "https://h/\u{65e5}\u{672c}"  "https://h:/a b"  "https://\u{e4}/a"
        the zone of an address is of one machine: "https://[fe80::1%25eth0]/a"
        with a user, whom `secret` refuses: "https://[u]@h/a"
    "#]]);
}

#[test]
fn urls_of_files_are_taken_that_the_daemon_takes() {
    check::<FileUrl>(&expect![[r#"
        290 inputs, 75 differ
        a file's digest has a key of its own: "HTTP://1.2.3.4:5/a#b"  "HTTP://[2001:db8::1]:8080/a#b"  "HTTP://h.example/a#b"  "http://[2001:db8::1]/a#b"  "http://h/a#b"  "http://h:/a#b"  "https://H:8080/a#b"  "https://example.com/a.whl#sha256=00"  "https://h#a"  "https://h/#"  "https://h/a#b"  "https://h/a#b?c"  "https://h/a?b#c"
        names no file: "HTTP://1.2.3.4:5/"  "HTTP://H:8080"  "HTTP://[2001:db8::1]/.."  "HTTP://[2001:db8::1]:8080/"  "HTTP://h.example/"  "HTTP://h/.."  "HTTP://h:/.."  "http://1.2.3.4:5"  "http://127.0.0.1:3141/root/pypi/+simple/"  "http://H:8080/.."  "http://[2001:db8::1]/"  "http://[2001:db8::1]:8080"  "http://h.example"  "http://h/"  "http://h:/"  "https://1.2.3.4:5/.."  "https://H:8080/"  "https://[2001:db8::1]"  "https://[2001:db8::1]:8080/.."  "https://h"  "https://h.example/.."  "https://h/"  "https://h/."  "https://h/.."  "https://h//"  "https://h/?"  "https://h/a.zip/"  "https://h/a/"  "https://h/a/."  "https://h/a/.."  "https://h:"  "https://h?a"  "https://hf-mirror.com"  "https://pypi.example.com/simple/"  "https://u?@h/a"
        signed, so that it is a secret: "https://h/a?Signature=x&b"  "https://h/a?X-Amz-Signature=1"  "https://h/a?sig=x"  "https://h/a?signature"  "https://h/a?x-goog-signature=1"
        the daemon escapes it, others who read it may not: "HTTP://H:8080/a b"  "http://1.2.3.4:5/a b"  "http://[2001:db8::1]:8080/a b"  "http://h.example/a b"  "https://[2001:db8::1]/a b"  "https://h/a "  "https://h/a b"  "https://h/a\"b"  "https://h/a<b"  "https://h/a>b"  "https://h/a?b=c d"  "https://h/a\\b"  "https://h/a^b"  "https://h/a`b"  "https://h/a{b}"  "https://h/a|b"  "https://h/\u{e4}"  "https://h/\u{65e5}\u{672c}"  "https://h:/a b"  "https://\u{e4}/a"
        the zone of an address is of one machine: "https://[fe80::1%25eth0]/a"
        with a user, whom `secret` refuses: "https://[u]@h/a"
    "#]]);
}
