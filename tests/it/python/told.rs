//! What users are told of packages that can't be had, and of those that they may not want.

use std::collections::BTreeMap;

use expect_test::expect;
use modelcache::{
    document::Document,
    frontend::python::explain,
    manifest,
    plan::{ContextFiles, Named},
    values::diagnostic::Style,
};
use serde_json::json;

use super::{
    INSTALLER, LARGE, MANIFEST, build, check_error, daemon, daemon_of, graph, lock, pylock, url,
    warnings,
};
use crate::support::gateway::Daemon;

#[test]
fn wheels_for_a_gpu_are_warned_of_by_their_size() {
    let torch = [
        ("torch", "2.15.0", "torch-2.15.0-cp313-cp313-manylinux_2_28_x86_64.whl"),
        (
            "nvidia-cublas-cu12",
            "12.8",
            "nvidia_cublas_cu12-12.8-py3-none-manylinux_2_27_x86_64.whl",
        ),
        ("nvidia-ml-py", "12", "nvidia_ml_py-12-py3-none-any.whl"),
        ("triton", "3", "triton-3-cp313-cp313-manylinux_2_27_x86_64.whl"),
    ];
    let outcome = build(daemon_of("3.13.5", &torch), &[]);
    expect![[r#"
        no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
        cuda-wheels: 3.0 MB of the packages for linux/amd64 are for GPUs of NVIDIA's (line 4)
    "#]]
    .assert_eq(&warnings(&outcome));
    let help = outcome.warnings.iter().flat_map(|warning| &warning.detail);
    let help: Vec<_> = help.map(|line| String::from_utf8_lossy(line)).collect();
    expect![[r#"
        to pin all digests: docker buildx build --target lock --output . -f modelcache.yaml .
        these are nvidia-cublas-cu12, triton
        `torch: cpu` under `python` takes builds for the CPU, of some 200 MB
        `torch: index` under `python` says that they are meant"#]]
    .assert_eq(&help.join("\n"));
    let chosen = format!("{MANIFEST}  torch: index\n");
    let outcome = build(daemon_of("3.13.5", &torch).file("modelcache.yaml", chosen), &[]);
    assert!(!warnings(&outcome).contains("cuda-wheels"));
}

#[test]
fn musl_is_named_as_the_reason_where_no_wheel_is_made_for_it() {
    let words = "error: No solution found when resolving dependencies\n  cause: Because large==2 has \
        no wheels with a matching platform tag (e.g., `musllinux_1_2_x86_64`) and you require \
        large==2\n\nhint: Wheels are available for `large` (v2) on the following platforms: \
        `manylinux_2_17_x86_64`, `manylinux_2_17_aarch64`";
    let source = Document::new("modelcache.yaml", MANIFEST);
    let manifest = manifest::parse(&source, &BTreeMap::new()).manifest.expect("it is right");
    let python = manifest.python.as_ref().expect("it asks for packages");
    let place =
        Named { file: "requirements.txt".into(), line: 7, span: python.requirements[0].span };
    let named = [("large".to_owned(), place)].into();
    let context = ContextFiles { named, ..ContextFiles::default() };
    let platform = "linux/amd64".parse().expect("a platform");
    let told = explain::resolver(words, python, &context, &platform).render(&source, Style::Plain);
    let told: String = told.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    expect![[r#"
        error[no-musl-wheel]: `large` has no wheel for musl, the C library of this base image
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `large` in `requirements.txt` line 7
          |
          = help: a base image with glibc has wheels: `python:3.13-slim`, and not `-alpine`
          = help: there are wheels for linux/amd64, linux/arm64
          = help: the resolver says:
                  error: No solution found when resolving dependencies
                    cause: Because large==2 has no wheels with a matching platform tag (e.g., `musllinux_1_2_x86_64`) and you require large==2

                  hint: Wheels are available for `large` (v2) on the following platforms: `manylinux_2_17_x86_64`, `manylinux_2_17_aarch64`
    "#]].assert_eq(&told);
}

/// Where the resolver's words are shown: the label, and the words as they are told.
fn blamed(words: &str) -> String {
    blamed_of(words, MANIFEST)
}

/// The same for another manifest.
fn blamed_of(words: &str, manifest: &str) -> String {
    let source = Document::new("modelcache.yaml", manifest);
    let manifest = manifest::parse(&source, &BTreeMap::new()).manifest.expect("it is right");
    let python = manifest.python.as_ref().expect("it asks for packages");
    let within =
        |file: &str, line| Named { file: file.into(), line, span: python.requirements[0].span };
    let at = |line| within("requirements.txt", line);
    let locked = |line: &str, number| (line.to_owned(), within("pylock.toml", number));
    let context = ContextFiles {
        named: [("numpy".to_owned(), at(1)), ("beta".to_owned(), at(3))].into(),
        named_again: [("numpy".to_owned(), vec![within("held.txt", 7), within("own.txt", 2)])]
            .into(),
        installs: [("noiso".to_owned(), at(2))].into(),
        locked_requirements: vec![locked("gamma==1", 4), locked("delta==one", 9)],
        ..ContextFiles::default()
    };
    let platform = "linux/amd64".parse().expect("a platform");
    let told = explain::resolver(words, python, &context, &platform).render(&source, Style::Plain);
    let label = told.lines().find_map(|line| line.split_once("^^ "));
    let (helps, says) = told.split_once("says:").expect("the resolver's words");
    let helps = helps.lines().filter_map(|line| line.split_once("= help: "));
    let helps = helps.map(|(_, help)| help).filter(|help| *help != "the resolver ");
    let says: Vec<&str> = helps.chain(says.split_whitespace()).collect();
    format!("{}: {}", label.expect("a label").1, says.join(" "))
}

#[test]
fn each_line_that_the_conflict_may_be_about_is_named() {
    expect!["`numpy` in `requirements.txt` line 1: `numpy` in `held.txt` line 7 is about it, too `numpy` in `own.txt` line 2 is about it, too Because you require numpy<2 and numpy==99, we can conclude"]
        .assert_eq(&blamed("Because you require numpy<2 and numpy==99, we can conclude"));
    let own = format!("{MANIFEST}  packages: [numpy<2]\n");
    expect!["asked for here: `numpy` in `requirements.txt` line 1 is about it, too `numpy` in `held.txt` line 7 is about it, too `numpy` in `own.txt` line 2 is about it, too Because you require numpy<2 and numpy==99, we can conclude"]
        .assert_eq(&blamed_of("Because you require numpy<2 and numpy==99, we can conclude", &own));
    expect!["`beta` in `requirements.txt` line 3: Because you require beta and beta==99, we can conclude"].assert_eq(&blamed("Because you require beta and beta==99, we can conclude"));
    expect!["`gamma` in `pylock.toml` line 4: Because there is no version of gamma==1 and you require gamma==1, we"]
        .assert_eq(&blamed("Because there is no version of gamma==1 and you require gamma==1, we"));
}

#[test]
fn a_requirement_of_a_lock_that_cannot_be_read_is_shown_with_its_line_there() {
    let uv = |position: usize| {
        format!(
            "error: Couldn't parse requirement in `/tmp/packages.txt` at position {position}\n  cause: no version"
        )
    };
    let own = MANIFEST.replace("requirements:", "{requirements:");
    let own = own.replace("requirements.txt\n", "requirements.txt, packages: [alpha]}\n");
    let both = |words: &str| format!("{}\n{}", blamed(words), blamed_of(words, &own));
    expect![[r#"
        `gamma` in `pylock.toml` line 4: error: Couldn't parse requirement in `pylock.toml` line 4 cause: no version
        asked for here: error: Couldn't parse requirement in `python.packages` cause: no version"#]].assert_eq(&both(&uv(0)));
    expect![[r#"
        `delta` in `pylock.toml` line 9: error: Couldn't parse requirement in `pylock.toml` line 9 cause: no version
        `gamma` in `pylock.toml` line 4: error: Couldn't parse requirement in `pylock.toml` line 4 cause: no version"#]].assert_eq(&both(&uv(9)));
    expect![[r#"
        asked for here: error: Couldn't parse requirement in `python.packages` at position 99 cause: no version
        asked for here: error: Couldn't parse requirement in `python.packages` at position 99 cause: no version"#]].assert_eq(&both(&uv(99)));
    let pip =
        "ERROR: Invalid requirement: 'delta==one': no version (from line 2 of /tmp/packages.txt)";
    expect![[r#"
        `delta` in `pylock.toml` line 9: ERROR: Invalid requirement: 'delta==one': no version (`pylock.toml` line 9)
        `gamma` in `pylock.toml` line 4: ERROR: Invalid requirement: 'delta==one': no version (`pylock.toml` line 4)"#]].assert_eq(&both(pip));
}

#[test]
fn the_requirement_that_failed_is_blamed_and_shown_with_the_users_own_paths() {
    let output = "cause: Call to `setuptools.build_meta:__legacy__` failed\n\n[stderr]\n  File \
        \"/var/cache/modelcache/uv/b/x.py\"\nModuleNotFoundError: No module named 'numpy'";
    expect!["`noiso` in `requirements.txt` line 2: error: The build backend returned an error cause: Call to `setuptools.build_meta:__legacy__` failed [stderr] File \"…/b/x.py\" ModuleNotFoundError: No module named 'numpy'"]
        .assert_eq(&blamed(&format!("error: The build backend returned an error\n{output}")));
    expect!["`noiso` in `requirements.txt` line 2: error: Distribution not found at: ./noiso"]
        .assert_eq(&blamed(
            "error: Distribution not found at: file:///run/modelcache/out/requirements/noiso",
        ));
    expect!["`beta` in `requirements.txt` line 3: Because only numpy==1 is available and beta depends on numpy>=2. And because you require beta, we can conclude"]
        .assert_eq(&blamed(
            "Because only numpy==1 is available and beta depends on numpy>=2.\nAnd because you \
             require beta, we can conclude",
        ));
    expect!["`gamma` in `pylock.toml` line 4: error: Couldn't parse requirement in `pylock.toml` line 4 cause: numpy = 1"]
        .assert_eq(&blamed(
            "error: Couldn't parse requirement in `/tmp/packages.txt` at position 0\ncause: numpy = 1",
        ));
}

/// A daemon whose index has `large` as a source archive alone.
fn daemon_of_source(libc: &str) -> Daemon {
    let digest = "a".repeat(64);
    let pylock = format!(
        "lock-version = \"1.0\"\n[[packages]]\nname = \"large\"\nversion = \"2\"\nsdist = \
         {{ url = \"{}\", hashes = {{ sha256 = \"{digest}\" }} }}\n",
        url("large-2.tar.gz")
    );
    let answer = json!({
        "interpreter": {"path": "/usr/local/bin/python3", "version": "3.13.5", "libc": libc},
        "installer": self::pylock(&[("installer", "1.1.0", INSTALLER)]),
        "pylock": pylock,
    });
    let looked = json!({"sizes": {"large": 2_000}, "together": []});
    daemon().leave("resolve requirements", "answer.json", answer.to_string()).leave(
        "look into the wheels",
        "look.json",
        looked.to_string(),
    )
}

#[test]
fn a_package_that_cannot_be_built_is_told_of_with_what_its_c_library_allows() {
    let of = |libc| build(daemon_of_source(libc).fail("build large", "exit code: 1"), &[]);
    check_error(
        &of("glibc 2.41"),
        expect![[r#"
        modelcache.yaml:4: `large==2` has no wheel, and can't be built from source

        error[not-built]: `large==2` has no wheel, and can't be built from source
         --> modelcache.yaml:4:3
          |
        4 |   requirements: requirements.txt
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ asked for here
          |
          = help: pip's own words are above, in the output of this step
          = help: what a compiler needs goes into `python.build_packages`: `[gcc, libc6-dev]`

        the builder said: exit code: 1"#]],
    );
    check_error(
        &of("musl"),
        expect![[r#"
        modelcache.yaml:4: `large==2` has no wheel, and can't be built from source

        error[not-built]: `large==2` has no wheel, and can't be built from source
         --> modelcache.yaml:4:3
          |
        4 |   requirements: requirements.txt
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ asked for here
          |
          = help: pip's own words are above, in the output of this step
          = help: more packages have wheels for glibc than for musl: take `python:3.13-slim`, and not `-alpine`
          = help: `python.build_packages` are apt's: on Alpine, the base image itself must have the compiler

        the builder said: exit code: 1"#]],
    );
}

#[test]
fn packages_for_building_that_apt_cannot_install_are_named() {
    let manifest = format!("{MANIFEST}  build_packages: [gccc]\n");
    let daemon = || daemon_of_source("glibc 2.41").file("modelcache.yaml", manifest.clone());
    let failing = || daemon().fail("install gccc", "exit code: 100");
    let outcome = build(failing(), &[]);
    let locked = build(failing().file("modelcache.lock.json", lock(daemon())), &[]);
    assert_eq!(locked.error().message, outcome.error().message);
    check_error(
        &outcome,
        expect![[r#"
        modelcache.yaml:4: the packages for building can't be installed: gccc

        error[no-build-packages]: the packages for building can't be installed: gccc
         --> modelcache.yaml:4:3
          |
        4 | /   requirements: requirements.txt
        5 | |   build_packages: [gccc]
          | |________________________^ asked for here
          |
          = help: apt's own words are above, in the output of this step
          = help: a base image without apt, as Alpine's, must have the compiler itself
          = help: `--secret id=apt-config,src=FILE` tells apt of a mirror or a proxy

        the builder said: exit code: 100"#]],
    );
}

#[test]
fn a_locked_wheel_that_the_index_has_dropped_is_fetched_by_a_container_or_named() {
    let gone = || {
        let locked = daemon().file("modelcache.lock.json", lock(daemon()));
        locked.refuse(&url(LARGE), "invalid response status 404")
    };
    let outcome = build(gone(), &[]);
    assert!(graph(&outcome).contains("fetch wheels in a container"));
    expect![[r#"
        fetched-in-container: the builder can't fetch wheels from the package index: a container does (line 4)
    "#]].assert_eq(&warnings(&outcome));
    let neither = gone().fail("fetch wheels in a container", "exit code: 1");
    check_error(
        &build(neither, &[]),
        expect![[r#"
        modelcache.yaml:4: `large-2-cp313-cp313-manylinux_2_17_x86_64.whl` can't be fetched from the package index

        error[no-wheels]: `large-2-cp313-cp313-manylinux_2_17_x86_64.whl` can't be fetched from the package index
         --> modelcache.yaml:4:3
          |
        4 |   requirements: requirements.txt
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ for these packages
          |
          = help: neither the builder nor a container gets it: pip's own words are above
          = help: the builder was told: digest mismatch sha256:4d2dae584d0309456b258c7c378ff5e299a6158606a10d90b49f41ec43e140ea: sha256:02a0a3fe19d2c881133e4afd2997ea21286c12895c8a9aa85423e0d4b77df1e4
          = help: a private CA and credentials are passed as build secrets: `ca-certificates`, `netrc`, `pip-config`

        the builder said: exit code: 1"#]],
    );
}
