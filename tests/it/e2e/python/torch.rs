//! Builds of torch come from an index of their own. Here, another server is in its place,
//! which a proxy leads to, as it leads to all else: a company's network.

use std::{fs, process::Command};

use expect_test::expect;
use tempfile::TempDir;

use super::wheel::Wheel;
use crate::e2e::{
    double::{AUTHORITY, Double},
    engine,
    project::Project,
    proxy::Proxy,
    registry::{Image, REPOSITORY},
};

const INDEX: &str = "https://download.pytorch.org/whl/cpu";

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
  torch: cpu
";

/// A user behind a proxy, whose index has torch for GPUs.
struct Company {
    project: Project,
    proxy: Proxy,
    /// The index of torch, with its folder.
    _torch: (Double, TempDir),
    flags: Vec<String>,
}

fn company() -> Company {
    let project = Project::new(MANIFEST);
    project.write_new("requirements.txt", "torch\nother\n");
    let word = project.folder().display().to_string();
    Wheel { requires: &["nvidia-cublas-cu12"], ..Wheel::new("torch", "2.9.1") }
        .add(&project, &word);
    for name in ["beside", "nvidia-cublas-cu12", "other"] {
        Wheel::new(name, "1").add(&project, &word);
    }
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let tls = folder.path().join("tls").display().to_string();
    let torch = Double::index_with(folder.path(), "127.0.0.1", &["-tls", &tls, "-as", INDEX]);
    let build = Wheel { requires: &["beside"], ..Wheel::new("torch", "2.9.1+cpu") };
    build.add_to(&folder.path().join("wheels"), &word);

    let index = &project.index().address;
    let proxy = Proxy::start(&[(index, index), ("download.pytorch.org:443", &torch.address)]);
    let authorities = [project.folder(), folder.path()]
        .map(|folder| fs::read_to_string(folder.join(AUTHORITY)).expect("it serves"));
    let authorities = project.secret("authorities", &authorities.concat());
    let flags = vec![
        format!("--build-arg=https_proxy={}", proxy.url),
        format!("--secret=id=ca-certificates,src={}", authorities.display()),
        // The resolver remembers what is at an index's URL, and this one was there before.
        format!("--build-arg=BUILDKIT_CACHE_MOUNT_NS={}", word.replace('/', "")),
    ];
    Company { project, proxy, _torch: (torch, folder), flags }
}

impl Company {
    fn flags(&self) -> Vec<&str> {
        self.flags.iter().map(String::as_str).collect()
    }

    /// Which hosts the proxy was asked for, the index by its word.
    fn asked(&self) -> String {
        self.project.without_chance(&self.proxy.asked())
    }
}

/// The head of each warning.
fn warnings(log: &str) -> String {
    let (_, found) = log.rsplit_once("found (use docker").unwrap_or_default();
    let words = found.lines().filter_map(|line| line.split_once("- ")?.1.split_once(':'));
    words.map(|(code, _)| format!("{code}\n")).collect()
}

#[test]
fn a_build_of_torch_comes_from_its_index_and_all_else_from_the_usual_one() {
    let company = company();
    let Company { project, .. } = &company;
    let flags = company.flags();
    let (built, log) = project.attempt(&flags);
    assert!(built, "{log}");
    // Nothing is for a GPU, and the builder knows neither the proxy nor the certificates.
    expect![[r#"
        no-lock
        fetched-in-container
    "#]]
    .assert_eq(&warnings(&log));
    expect![[r#"
        download.pytorch.org:443
        INDEX
    "#]]
    .assert_eq(&company.asked());

    let lock = project.lock(&flags);
    assert!(!lock.contains(&company.proxy.url), "{lock}");
    expect![[r#"
        "installer": {"url": "https://INDEX/files/installer/…/installer-1.1.0-py3-none-any.whl"
        {"name": "beside", "version": "1", "wheel": "https://INDEX/files/beside/…/beside-1-py3-none-any.whl"
        {"name": "other", "version": "1", "wheel": "https://INDEX/files/other/…/other-1-py3-none-any.whl"
        {"name": "torch", "version": "2.9.1+cpu", "wheel": "https://download.pytorch.org/whl/cpu/torch-2.9.1%2Bcpu-py3-none-any.whl"
    "#]].assert_eq(&project.without_chance(&packages(&lock)));
    let digest = project.build(&flags).digest;
    let reference = format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"));
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", &reference, "python3", "-c"]);
    expect!["2.9.1+cpu\n"]
        .assert_eq(&engine::stdout(run.arg("import torch, beside, other; print(torch.VERSION)")));

    let config = Image::pull(&digest).config.to_string();
    assert!(config.contains("VIRTUAL_ENV"), "{config}");
    assert!(!config.to_lowercase().contains("proxy"), "{config}");

    // Who asks for nothing of the family asks its index for nothing, also where nothing is
    // remembered.
    project.write_new("requirements.txt", "other\n");
    fs::remove_file(project.context().join("modelcache.lock.json")).expect("it was made");
    company.asked();
    let (built, log) = project.attempt(&[&flags[..2], &[&format!("{}-2", flags[2])]].concat());
    assert!(built, "{log}");
    expect!["INDEX\n"].assert_eq(&company.asked());
}

/// The packages in a lock, up to their sizes, which vary with a temporary name.
fn packages(lock: &str) -> String {
    let lines = lock.lines().filter_map(|line| line.split_once(", \"size\": "));
    lines.map(|(line, _)| format!("{}\n", line.trim())).collect()
}

#[test]
fn an_index_of_torch_that_is_not_reached_is_told_of_with_a_way_out() {
    let mut company = company();
    let index = &company.project.index().address;
    company.proxy = Proxy::start(&[(index, index)]);
    company.flags[0] = format!("--build-arg=https_proxy={}", company.proxy.url);
    let seen = company.project.fail(&company.flags());
    let (_, told) = seen.split_once("\n\nerror").unwrap_or_else(|| panic!("{seen}"));
    // After how long is up to how busy the machine is.
    let lines = told.lines().map(|line| line.split(" retries in").next().unwrap_or(line));
    let told: String = lines.map(|line| format!("{line}\n")).collect();
    expect![[r#"
        [unresolvable]: the Python packages can't be resolved for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `torch` in `requirements.txt` line 1
          |
          = help: the resolver says:
                  error: Request failed after 3
                    cause: Failed to fetch: https://download.pytorch.org/whl/cpu/torch/
                    cause: error sending request for url (https://download.pytorch.org/whl/cpu/torch/)
                    cause: client error (Connect)
                    cause: tunnel error: unsuccessful
          = help: `python.torch: cpu` takes torch and its family from PyTorch's own index, whatever `python.index` is; the container that resolves can't reach it, or not by the proxy that it has been given
          = help: with a mirror of that index, leave `torch` out: name the mirror in `extra_indexes`, and pin the build, as in `torch==2.9.1+cpu`
    "#]].assert_eq(&told);
}

#[test]
fn a_mirror_of_that_index_is_one_more_index_and_the_builder_fetches_from_it() {
    let project = Project::with_index("", &[]);
    let word = project.folder().display().to_string();
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let mirror = Double::index_with(folder.path(), "127.0.0.1", &["-as", "http://mirror/whl/cpu"]);
    Wheel::new("torch", "2.9.1").add(&project, &word);
    Wheel::new("torch", "2.9.1+cpu").add_to(&folder.path().join("wheels"), &word);
    project.write(
        "modelcache.yaml",
        &format!(
            "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n  packages: torch==2.9.1+cpu\n  extra_indexes: http://{}/whl/cpu/\n",
            mirror.address
        ),
    );
    let (built, log) = project.attempt(&[]);
    assert!(built, "{log}");
    expect!["no-lock\n"].assert_eq(&warnings(&log));
    let asked = mirror.requests();
    let wheels = asked.iter().filter(|it| it.method == "GET" && it.path.contains(".whl"));
    let wheels: Vec<String> = wheels.map(ToString::to_string).collect();
    expect![[r#"
        GET /whl/cpu/torch-2.9.1%2Bcpu-py3-none-any.whl.metadata 200 with a body
        GET /whl/cpu/torch-2.9.1%2Bcpu-py3-none-any.whl 200 with a body"#]]
    .assert_eq(&wheels.join("\n"));
}
