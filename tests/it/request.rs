//! The options of a build.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use modelcache::{
    gateway::options,
    request::{Context, NoCache, Request},
};

fn request(options: &[(&str, &str)]) -> Request {
    Request::from_options(&map(options), "s1").expect("good options")
}

fn map(options: &[(&str, &str)]) -> BTreeMap<String, String> {
    options.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

fn check_error(options: &[(&str, &str)], expected: Expect) {
    let error = Request::from_options(&map(options), "s1").expect_err("a bad option");
    expected.assert_eq(&error.to_string());
}

#[test]
fn the_environment_is_split_at_the_first_equals_sign() {
    let variables = [
        ("BUILDKIT_FRONTEND_OPT_7", "build-arg:A=b=c"),
        ("BUILDKIT_FRONTEND_OPT_0", "no-cache="),
        ("BUILDKIT_SESSION_ID", "s1"),
        ("PATH", "/bin"),
    ];
    let found = options::from_env(variables.map(|(k, v)| (k.into(), v.into())).into_iter());
    assert_eq!(found.session, "s1");
    assert_eq!(found.options, map(&[("build-arg:A", "b=c"), ("no-cache", "")]));
}

#[test]
fn every_flag_of_a_build_is_understood() {
    let request = request(&[
        ("filename", "modelcache.yaml"),
        ("platform", "linux/amd64,linux/arm64"),
        ("build-arg:SOURCE_DATE_EPOCH", "1700000000"),
        ("build-arg:BUILDKIT_CACHE_MOUNT_NS", "team"),
        ("build-arg:https_proxy", "http://proxy:3128"),
        ("label:a", "b"),
        ("add-hosts", "one=10.0.0.1,two=10.0.0.2"),
        ("ulimit", "nofile=1024:2048"),
        ("shm-size", "1048576"),
        ("force-network-mode", "host"),
        ("cache-imports", r#"[{"Type":"registry","Attrs":{"ref":"r/c"}}]"#),
        ("local-sessionid:context", "s2"),
    ]);
    expect![[r#"
        modelcache.yaml dockerfile Local
        linux/amd64 linux/arm64
        epoch 1700000000 namespace team network Host shm Some(1048576)
        [("one", "10.0.0.1"), ("two", "10.0.0.2")]
        [Ulimit { name: "nofile", soft: 1024, hard: 2048 }]
        [CacheImport { type: "registry", attrs: {"ref": "r/c"} }]
        context Some("s2"), dockerfile Some("s1")
        http://proxy:3128
    "#]]
    .assert_eq(&format!(
        "{} {} {:?}\n{} {}\nepoch {} namespace {} network {:?} shm {:?}\n{:?}\n{:?}\n{:?}\ncontext {:?}, dockerfile {:?}\n{}\n",
        request.filename,
        request.file_local,
        request.context,
        request.platforms[0],
        request.platforms[1],
        request.epoch,
        request.cache_namespace,
        request.network,
        request.shm_size,
        request.add_hosts,
        request.ulimits,
        request.cache_imports,
        request.session_of("context"),
        request.session_of("dockerfile"),
        request.proxy.as_ref().map_or("", |proxy| &proxy.https),
    ));
}

#[test]
fn no_cache_is_for_all_or_for_named_stages() {
    assert_eq!(request(&[]).no_cache, NoCache::Nothing);
    assert_eq!(request(&[("no-cache", "")]).no_cache, NoCache::Everything);
    let some = request(&[("no-cache", "Python,app")]);
    assert!(some.ignores_cache("python") && some.ignores_cache("app"));
    assert!(!some.ignores_cache("models"));
}

#[test]
fn legacy_cache_references_are_registry_imports() {
    let imports = request(&[("cache-from", "r/a,r/b")]).cache_imports;
    let references: Vec<&str> = imports.iter().map(|import| import.attrs["ref"].as_str()).collect();
    assert_eq!(references, ["r/a", "r/b"]);
}

#[test]
fn another_context_is_named_by_its_key() {
    let url = "https://example.com/repo.git";
    assert_eq!(request(&[("context", url)]).context, Context::Remote(url.into()));
    let other = request(&[("contextkey", "main"), ("main", url), ("dockerfilekey", "stdin")]);
    assert_eq!(other.context, Context::Remote(url.into()));
    assert_eq!(other.file_local, "stdin");
}

#[test]
fn unreadable_values_name_their_option() {
    check_error(
        &[("add-hosts", "one")],
        expect![[
            r#"the build option `add-hosts` has the value "one": expected `name=value`, not `one`"#
        ]],
    );
    check_error(
        &[("build-arg:SOURCE_DATE_EPOCH", "today")],
        expect![[
            r#"the build option `SOURCE_DATE_EPOCH` has the value "today": expected a whole number"#
        ]],
    );
    check_error(
        &[("force-network-mode", "bridge")],
        expect![[
            r#"the build option `force-network-mode` has the value "bridge": expected `host`, `none` or `sandbox`"#
        ]],
    );
}

#[test]
fn patterns_of_an_ignore_file_are_cleaned_as_docker_does() {
    let text = "\u{feff}# none\n*.md\r\n  ! /a//b/./c \n\n/x/\n../up\na/../b\na/../../b\n/../y\n!../up\n**/../z\n\
                a/..\n.\n/\n./w\n ../../v/..\n #name\n";
    let patterns = modelcache::request::ignore::patterns(text);
    expect![[r#"
        *.md
        !a/b/c
        x
        ../up
        b
        ../b
        y
        !../up
        z
        w
        ../..
        #name"#]]
    .assert_eq(&patterns.join("\n"));
}
