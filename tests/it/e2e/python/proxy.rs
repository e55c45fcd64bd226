//! A network that has one way out: a proxy, which build arguments name.

use expect_test::expect;

use super::wheel::{self, Wheel};
use crate::e2e::{double::Double, project::Project, proxy::Proxy, registry::Image};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: [ready, sourced]
";

#[test]
fn all_that_a_build_asks_for_goes_by_the_proxy_which_is_in_no_key_and_no_image() {
    let project = Project::with_real_packages(MANIFEST);
    let folder = project.folder();
    let word = folder.display().to_string();
    // Nobody but the proxy knows this name, and no builder has seen it before.
    let host = folder.file_name().expect("it has a name").to_string_lossy().to_lowercase();
    let host = format!("{}.invalid", host.trim_start_matches('.'));
    let (tls, address) = (format!("{word}/tls"), format!("https://{host}/own"));
    let index = Double::index_with(folder, "127.0.0.1", &["-tls", &tls, "-as", &address]);
    Wheel::new("ready", "1").add(&project, &word);
    wheel::add_source(&project, &word);
    let name = format!("{host}:443");
    let proxy = Proxy::start(&[(&name, &index.address)]);
    let url = format!("--build-arg=PIP_INDEX_URL=https://{host}/simple/");
    let by = |proxy: &str| format!("--build-arg=https_proxy={proxy}");

    let flags = [url.as_str(), &by(&proxy.url)];
    let first = project.build(&flags);
    expect![[r#"
        [image] assemble
        [internal] remember what was asked
        [python] build sourced==1
        [python] fetch wheels in a container
        [python] get the resolver
        [python] install ready==1
        [python] install sourced==1
        [python] look into the wheels
        [python] resolve requirements
        [verify] import 2 packages without a network
        [verify] passed
    "#]]
    .assert_eq(&first.ran());
    assert_eq!(proxy.asked(), format!("{name}\n"));

    // What is there does not depend on who brought it.
    let elsewhere = Proxy::start(&[]);
    let second = project.build(&[&url, &by(&elsewhere.url)]);
    expect![""].assert_eq(&second.ran());
    assert_eq!(elsewhere.asked(), "");
    let [before, after] = [first, second].map(|build| Image::pull(&build.digest));
    assert_eq!(before.layers, after.layers);
    let config = after.config.to_string();
    assert!(config.contains("VIRTUAL_ENV") && !config.to_lowercase().contains("proxy"), "{config}");

    project.write("modelcache.yaml", &format!("{MANIFEST}  install: single\n"));
    project.build(&flags);
    assert_eq!(proxy.asked(), format!("{name}\n"), "with one run of pip");
}
