//! Settings for apt, as companies have them, for what building needs.

use super::wheel;
use crate::e2e::{
    engine,
    project::Project,
    proxy::Proxy,
    registry::{self, REPOSITORY},
};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: sourced
  build_packages: [hello]
";

/// Of no known kind, so that it is not found for its looks.
const PASSWORD: &str = "open-sesame-90b2f7a1c4";

#[test]
fn apt_heeds_the_settings_of_a_secret_which_are_left_nowhere() {
    let project = Project::with_index(MANIFEST, &[]);
    let word = project.folder().display().to_string();
    wheel::add_source(&project, &word);
    let proxy = Proxy::open();
    let url = &proxy.url;
    let settings = format!(
        "// {PASSWORD}\nAcquire::http::Proxy \"{url}\";\nAcquire::https::Proxy \"{url}\";\n"
    );
    let settings = project.secret("apt.conf", &settings);
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let [tag, cache] = ["apt", "apt-cache"].map(|tag| format!("{registry}/{REPOSITORY}:{tag}"));
    let (built, log) = project.attempt(&[
        &format!("--secret=id=apt-config,src={}", settings.display()),
        // Or the packages would be there already.
        "--no-cache-filter=python",
        "--provenance=mode=max",
        &format!("--cache-to=type=registry,ref={cache},mode=max"),
        "--push",
        "-t",
        &tag,
    ]);
    assert!(built, "{log}");
    assert_ne!(proxy.asked(), "", "apt goes by the proxy of its settings");

    let mut places = vec![("log".to_owned(), log.into_bytes())];
    places.extend(["apt", "apt-cache"].into_iter().flat_map(registry::everything));
    let with = |needle: &str| -> Vec<&str> {
        let holds = |text: &[u8]| text.windows(needle.len()).any(|it| it == needle.as_bytes());
        let found = places.iter().filter(|(_, content)| holds(content));
        found.map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!([with(PASSWORD), with(url)], [[""; 0], [""; 0]]);
    // Looking finds what is there: the program, where packages are built, and not in the image.
    let found = with("usr/bin/hello");
    assert!(found.iter().any(|name| name.starts_with("apt-cache: ")), "{found:?}");
    assert!(!found.iter().any(|name| name.starts_with("apt: ")), "{found:?}");
}
