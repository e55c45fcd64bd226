//! What must not be in a file, and what only looks like it.

use expect_test::expect;
use modelcache::values::secret::{anonymous, mask, without_credentials};

#[test]
fn secrets_are_masked_and_nothing_moves() {
    let x = |count: usize| "x".repeat(count);
    let texts = [
        format!("hf_{} ghp_{}", x(34), x(36)),
        format!("é: AKIA{}\n", "X".repeat(16)),
        format!("hf_{}, shf_{}, hf_transfer, hf_{}", x(8), x(34), x(20)),
        "https://me:pw@a.b/c https://tök@a git+ssh://git@a/b http://a/@b ssh://@a a@b".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nd".to_owned(),
        "-----BEGIN CERTIFICATE-----\nabc".to_owned(),
    ];
    let masked = texts.map(|text| {
        let masked = mask(&text);
        assert_eq!((masked.len(), masked.lines().count()), (text.len(), text.lines().count()));
        masked
    });
    expect![[r#"
        ************************************* ****************************************
        é: ********************

        hf_xxxxxxxx, shf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, hf_transfer, ***********************
        https://*****@a.b/c https://****@a git+ssh://git@a/b http://a/@b ssh://@a a@b
        *******************************
        ***
        -----END RSA PRIVATE KEY-----
        d
        -----BEGIN CERTIFICATE-----
        abc"#]]
    .assert_eq(&masked.join("\n"));
}

#[test]
fn a_name_of_a_secret_is_none() {
    let urls = [
        "https://${TOKEN}@a/b",
        "git+https://me:${TOKEN}@a/b@v1",
        "https://${TOKEN}:@a",
        "https://${A}:word@a",
        "https://${A}${B}@a",
        "https://${a}@a",
        "ssh://git@a/b",
    ];
    let bare = urls.map(|url| format!("{} {}\n", without_credentials(url), anonymous(url)));
    expect![[r#"
        https://${TOKEN}@a/b https://a/b
        git+https://me:${TOKEN}@a/b@v1 git+https://a/b@v1
        https://${TOKEN}:@a https://a
        https://a https://a
        https://a https://a
        https://a https://a
        ssh://git@a/b ssh://git@a/b
    "#]]
    .assert_eq(&bare.concat());
}
