//! Indexes behind a password or a certificate of one's own: who gets in, and where the
//! password must not be found.

use expect_test::expect;

use crate::e2e::{
    engine,
    project::Project,
    registry::{self, REPOSITORY},
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
";

/// Of no known kind, so that it is not found for its looks.
const PASSWORD: &str = "open-sesame-4e7c19d0a6";

/// `Basic robot:PASSWORD` in the words of HTTP.
const HEADER: &str = "Basic cm9ib3Q6b3Blbi1zZXNhbWUtNGU3YzE5ZDBhNg==";

/// As what they would be found.
const SECRETS: [&str; 2] = [PASSWORD, "cm9ib3Q6b3Blbi1zZXNhbWUtNGU3YzE5ZDBhNg=="];

fn private() -> Project {
    private_with(&[])
}

/// An index behind a password, with more options.
fn private_with(options: &[&str]) -> Project {
    let auth = format!("robot:{PASSWORD}");
    let project = Project::with_index(MANIFEST, &[&["-auth", &auth], options].concat());
    project.add_wheel("alpha", "1");
    project.add_wheel("beta", "1");
    // Where pip's settings name the index, it is in no key, and the builder remembers.
    project.write_new("requirements.txt", "alpha\nbeta\n");
    project
}

/// The flag that passes a secret.
fn secret(project: &Project, id: &str, text: &str) -> String {
    format!("--secret=id={id},src={}", project.secret(id, text).display())
}

fn netrc(project: &Project) -> String {
    secret(project, "netrc", &format!("machine 127.0.0.1 login robot password {PASSWORD}\n"))
}

/// The names of the files that were asked for and given, each once, and whether one was refused:
/// of which that is heard first ends the other's request, which may not have been sent yet.
fn given(project: &Project) -> String {
    let mut lines: Vec<String> = project
        .index()
        .requests()
        .iter()
        .filter(|request| request.path.rsplit('.').next() == Some("whl"))
        .filter_map(|request| {
            let file = request.path.rsplit('/').next()?;
            let is_ours = file.starts_with("alpha") || file.starts_with("beta");
            let file = if request.status == 401 { "a file" } else { file };
            is_ours.then(|| format!("{file} {}\n", request.status))
        })
        .collect();
    lines.sort();
    lines.dedup();
    lines.concat()
}

fn warnings(log: &str) -> String {
    let (_, found) = log.rsplit_once("found (use docker").unwrap_or_default();
    let lines = found.lines().skip(1).map(|line| line.replace("\u{1b}[0m", ""));
    lines.map(|line| format!("{}\n", line.trim())).collect()
}

#[test]
fn a_password_in_netrc_lets_a_container_fetch_and_is_left_nowhere() {
    let project = private();
    let cache = format!("{}/{REPOSITORY}:wheels-cache", engine::variable("MODELCACHE_REGISTRY"));
    let tag = format!("{}/{REPOSITORY}:wheels", engine::variable("MODELCACHE_REGISTRY"));
    let cache = format!("--cache-to=type=registry,ref={cache},mode=max");
    let flags = [netrc(&project), "--provenance=mode=max".into(), cache, "--push".into()];
    let mut flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    flags.extend(["-t", &tag]);
    let (built, log) = project.attempt(&flags);
    assert!(built, "{log}");
    expect![[r#"
        - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
        - fetched-in-container: the builder can't fetch wheels from the package index: a container does (line 4)
    "#]]
    .assert_eq(&warnings(&log));
    expect![[r#"
        a file 401
        alpha-1-py3-none-any.whl 200
        beta-1-py3-none-any.whl 200
    "#]]
    .assert_eq(&given(&project));
    let lock = project.lock(&[&netrc(&project)]);
    found_nowhere(log, Some(lock), &["wheels", "wheels-cache"], SECRETS);
}

#[test]
fn a_header_lets_the_builder_itself_fetch() {
    let project = private();
    let header = secret(&project, "HTTP_AUTH_HEADER_127.0.0.1", HEADER);
    let (built, log) = project.attempt(&[&netrc(&project), &header]);
    assert!(built, "{log}");
    expect![[r#"
        - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
    "#]]
    .assert_eq(&warnings(&log));
    expect![[r#"
        alpha-1-py3-none-any.whl 200
        beta-1-py3-none-any.whl 200
    "#]]
    .assert_eq(&given(&project));
    assert!(!log.contains(PASSWORD) && !log.contains(HEADER), "{log}");
}

#[test]
fn a_password_in_the_url_of_pips_settings_is_left_nowhere() {
    let project = private();
    let address = &project.index().address;
    let text = format!("[global]\nindex-url = http://robot:{PASSWORD}@{address}/simple/\n");
    let settings = secret(&project, "pip-config", &text);
    let cache = format!("{}/{REPOSITORY}:pip-cache", engine::variable("MODELCACHE_REGISTRY"));
    let tag = format!("{}/{REPOSITORY}:pip", engine::variable("MODELCACHE_REGISTRY"));
    let cache = format!("--cache-to=type=registry,ref={cache},mode=max");
    // Of the flags that every build here has, the index must not be one.
    let flags =
        [&settings, "--build-arg=PIP_INDEX_URL=", "--provenance=mode=max", &cache, "--push"];
    let (built, log) = project.attempt(&[&flags[..], &["-t", &tag]].concat());
    assert!(built, "{log}");
    expect![[r#"
        a file 401
        alpha-1-py3-none-any.whl 200
        beta-1-py3-none-any.whl 200
    "#]]
    .assert_eq(&given(&project));
    let lock = project.lock(&[&settings, "--build-arg=PIP_INDEX_URL="]);
    found_nowhere(log, Some(lock), &["pip", "pip-cache"], SECRETS);
}

#[test]
fn a_password_that_the_index_writes_into_urls_is_left_nowhere() {
    // With digests that must be found out, too, from those URLs.
    let project = private_with(&["-leak", &format!("robot:{PASSWORD}"), "-digests", "md5"]);
    let cache = format!("{}/{REPOSITORY}:leak-cache", engine::variable("MODELCACHE_REGISTRY"));
    let tag = format!("{}/{REPOSITORY}:leak", engine::variable("MODELCACHE_REGISTRY"));
    let cache = format!("--cache-to=type=registry,ref={cache},mode=max");
    let flags = [&netrc(&project), "--provenance=mode=max", &cache, "--push", "-t", &tag];
    let (built, mut log) = project.attempt(&flags);
    assert!(built, "{log}");
    let lock = project.lock(&[&netrc(&project)]);
    // Nor when metadata can't be had, or the wheels that it is of.
    let but_wheels = r#"{"match": ".metadata", "delay_ms": 0}{"match": ".whl", "status": 404}"#;
    for faults in [r#"{"match": ".whl", "status": 404}"#, but_wheels] {
        project.index().fail(faults);
        project.write_new("requirements.txt", "alpha\nbeta\n# again");
        let update = ["--build-arg=MODELCACHE_UPDATE=all", "--target=lock", "--no-cache"];
        let (built, words) = project.attempt(&[&update[..], &[&netrc(&project)]].concat());
        assert!(!built && words.contains("404"), "{words}");
        log += &words;
    }
    found_nowhere(log, Some(lock), &["leak", "leak-cache"], SECRETS);
}

/// Looks for `secrets` in all that a build leaves, and for the packages, to see that
/// looking finds what is there.
pub fn found_nowhere(log: String, lock: Option<String>, tags: &[&str], secrets: [&str; 2]) {
    let mut places = vec![("log".to_owned(), log.into_bytes())];
    places.extend(lock.map(|lock| ("lock".to_owned(), lock.into_bytes())));
    // One run of pip has no lock, and its arguments name a file alone.
    let kinds = ["log", "tar+gzip", "lock", "in-toto+json"];
    let kinds = &kinds[..if places.len() == 1 { 2 } else { 4 }];
    places.extend(tags.iter().flat_map(|tag| registry::everything(tag)));
    let with = |needle: &str| -> Vec<&str> {
        let holds = |content: &[u8]| {
            content.windows(needle.len()).any(|window| window == needle.as_bytes())
        };
        let places = places.iter().filter(|(_, content)| holds(content));
        places.map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!(secrets.map(with), [[""; 0], [""; 0]]);
    let names = with("alpha");
    for place in kinds {
        assert!(names.iter().any(|name| name.ends_with(place)), "{place} {names:?}");
    }
    assert!(names.iter().any(|name| name.starts_with(tags[1])), "in the cache: {names:?}");
}

#[test]
fn an_index_with_a_certificate_of_its_own_is_reached_by_a_container() {
    let project = Project::new(MANIFEST);
    project.add_wheel("alpha", "1");
    project.write("requirements.txt", "alpha\n");
    let (built, log) = project.attempt(&[]);
    assert!(built, "{log}");
    expect![[r#"
        - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
        - fetched-in-container: the builder can't fetch wheels from the package index: a container does (line 4)
    "#]]
    .assert_eq(&warnings(&log));
    expect!["alpha-1-py3-none-any.whl 200\n"].assert_eq(&given(&project));
}
