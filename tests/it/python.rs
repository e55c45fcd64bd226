//! Python packages in layers: the real binary against a daemon made of data.

use std::fmt::Write;

use expect_test::{Expect, expect};
use modelcache::values::digest::Digest;
use serde_json::json;

use crate::support::gateway::{Daemon, Image, Outcome};

mod told;

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
";

/// What stands in for the bytes of a wheel.
fn bytes(file: &str) -> Vec<u8> {
    format!("the wheel {file}").into_bytes()
}

fn url(file: &str) -> String {
    format!("https://index/files/{file}")
}

/// A `pylock.toml` with these packages, as uv writes it.
fn pylock(packages: &[(&str, &str, &str)]) -> String {
    let package = |(name, version, file): &(&str, &str, &str)| {
        let digest = Digest::of(&bytes(file)).hex();
        format!(
            "[[packages]]\nname = \"{name}\"\nversion = \"{version}\"\nwheels = [{{ url = \"{}\", hashes = {{ sha256 = \"{digest}\" }} }}]\n",
            url(file),
        )
    };
    format!("lock-version = \"1.0\"\n{}", packages.iter().map(package).collect::<String>())
}

const INSTALLER: &str = "installer-1.1.0-py3-none-any.whl";
const ALPHA: &str = "alpha-1-py3-none-any.whl";
const LARGE: &str = "large-2-cp313-cp313-manylinux_2_17_x86_64.whl";

/// A daemon whose index has `large`, which asks for `alpha`, for a Python of `version`.
fn daemon_of(version: &str, packages: &[(&str, &str, &str)]) -> Daemon {
    let answer = json!({
        "interpreter": {"path": "/usr/local/bin/python3", "version": version, "libc": "glibc 2.41"},
        "installer": pylock(&[("installer", "1.1.0", INSTALLER)]),
        "annotated": "alpha==1\n    # via large\nlarge==2\n    # via -r requirements.txt\n",
        "pylock": pylock(packages),
    });
    let sizes: serde_json::Map<String, serde_json::Value> =
        packages.iter().map(|(.., file)| ((*file).to_owned(), json!(1_500_000))).collect();
    let mut looked = json!({"sizes": sizes, "together": []});
    looked["sizes"][ALPHA] = json!(900);
    let image = Image {
        digest: format!("sha256:{}", "c".repeat(64)),
        config: r#"{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/bin"]}}"#.into(),
        files: [("etc/passwd".to_owned(), b"root:x:0:0::/root:/bin/sh\n".to_vec())].into(),
    };
    let daemon = Daemon::default()
        .file("modelcache.yaml", MANIFEST)
        .file("requirements.txt", "large\n")
        .image("docker.io/library/python:3.13-slim", image.clone())
        .image(&format!("docker.io/library/python:3.13-slim@{}", image.digest), image.clone())
        .leave("resolve requirements", "answer.json", answer.to_string())
        .leave("look into the wheels", "look.json", looked.to_string());
    let files = packages.iter().map(|(.., file)| *file).chain([INSTALLER]);
    files.fold(daemon, |daemon, file| daemon.url(&url(file), bytes(file)))
}

fn daemon() -> Daemon {
    daemon_of("3.13.5", &[("large", "2", LARGE), ("alpha", "1", ALPHA)])
}

fn build(daemon: Daemon, options: &[(&str, &str)]) -> Outcome {
    daemon.build(&[&[("filename", "modelcache.yaml")], options].concat())
}

/// The lock that a daemon's answers make.
fn lock(daemon: Daemon) -> String {
    let outcome = build(daemon, &[("requestid", "frontend.lock")]);
    let json = outcome.metadata("result.json").expect("it describes itself");
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    json["lock"].as_str().expect("a text").to_owned()
}

/// The graph without the programs' digests, which change with each comment in them.
fn graph(outcome: &Outcome) -> String {
    let graphs = outcome.graphs();
    let graph = graphs.last().unwrap_or_else(|| panic!("nothing was solved: {outcome:#?}"));
    let program = |line: &str| match line.split_once(" bytes sha256:") {
        Some((head, _)) => format!("{}\n", head.trim_end_matches(|c: char| c.is_ascii_digit())),
        None => format!("{line}\n"),
    };
    graph.lines().map(program).collect()
}

fn warnings(outcome: &Outcome) -> String {
    outcome.warnings.iter().map(|it| format!("{}\n", String::from_utf8_lossy(&it.short))).collect()
}

fn check_error(outcome: &Outcome, expected: Expect) {
    expected.assert_eq(&outcome.error().message);
}

#[test]
fn a_large_wheel_and_the_small_ones_are_layers_side_by_side() {
    expect![[r#"
        1  source docker-image://docker.io/library/python:3.13-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc  linux/amd64  -- [base] docker.io/library/python:3.13-slim@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc
             at modelcache.yaml:2
        2  file   on scratch  -- [internal] folders
             mkdir /etc 0755 0:0 @0
             mkdir /home 0755 0:0 @0
             mkdir /home/appuser 0755 10001:10001 @0
        3  file   on scratch  -- [user] appuser
             mkdir /etc 0755 0:0 @0
             mkdir /home 0755 0:0 @0
             mkdir /home/appuser 0755 10001:10001 @0
             mkfile /etc/passwd 0644 0:0 @0 "root:x:0:0::/root:/bin/sh\nappuser:x:10001:10001::/home/appuser:/usr/sbin/nologin\n"
             mkfile /etc/group 0644 0:0 @0 "appuser:x:10001:\n"
             copy #2:/ -> / contents @0
             at modelcache.yaml:1
        4  file   on scratch  -- [internal] folders
             mkdir /opt 0755 0:0 @0
             mkdir /opt/venv 0755 0:0 @0
        5  file   on scratch  -- [internal] folders
             mkdir /opt 0755 0:0 @0
             mkdir /opt/venv 0755 0:0 @0
             copy #4:/ -> / contents @0
        6  file   on scratch  -- [internal] install programs
             mkfile /environment.py 0644 0:0 @0 
             mkfile /pip.py 0644 0:0 @0 "\"\"\"Makes `python -m pip` work here: it runs the base image's pip on this environment.\"\"\"\n\nimport os\nimport sys\n\nif __name__ != \"__main__\":\n    raise ModuleNotFoundError(\"No module named 'pip'\", name=\"pip\")\n\nbase = getattr(sys, \"_base_executable\", sys.executable)\nos.environ[\"PIP_PYTHON\"] = sys.executable\nos.execv(base, [base, \"-m\", \"pip\", *sys.argv[1:]])\n"
        7  exec   /usr/local/bin/python3 -s -B /run/modelcache/steps/environment.py /opt/venv 0  linux/amd64  -- [python] make the environment
             env HOME=/tmp
             network none
             / bind #1
             /opt/venv bind #5:/opt/venv rw
             /run/modelcache/steps bind #6 by definition
             /tmp tmpfs
             at modelcache.yaml:4
        8  file   on scratch  -- [internal] install programs
             mkfile /environment.py 0644 0:0 @0 
        9  source https://index/files/installer-1.1.0-py3-none-any.whl  -- [python] installer-1.1.0-py3-none-any.whl
             http.checksum sha256:a11ab1f534e2d96f663db78e7ad51dac8a169159f550c6d69a211973fa90a86f
             http.filename installer-1.1.0-py3-none-any.whl
             http.perm 0644
             at modelcache.yaml:4
        10 file   on scratch  -- [python] keep installer-1.1.0-py3-none-any.whl
             copy #9:/installer-1.1.0-py3-none-any.whl -> /installer-1.1.0-py3-none-any.whl 0644 @0
        11 exec   /usr/local/bin/python3 -s /run/modelcache/steps/environment.py --warm /run/modelcache/wheels/installer-1.1.0-py3-none-any.whl  linux/amd64  -- [internal] warm the interpreter up
             env HOME=/tmp
             network none
             / bind #1 rw
             /run/modelcache/steps bind #8 by definition
             /run/modelcache/wheels/installer-1.1.0-py3-none-any.whl bind #10:/installer-1.1.0-py3-none-any.whl by definition
        12 file   on scratch  -- [internal] install programs
             mkfile /wheels.py 0644 0:0 @0 
        13 source https://index/files/large-2-cp313-cp313-manylinux_2_17_x86_64.whl  -- [python] large-2-cp313-cp313-manylinux_2_17_x86_64.whl
             http.checksum sha256:02a0a3fe19d2c881133e4afd2997ea21286c12895c8a9aa85423e0d4b77df1e4
             http.filename large-2-cp313-cp313-manylinux_2_17_x86_64.whl
             http.perm 0644
             at modelcache.yaml:4
        14 exec   /usr/local/bin/python3 -s -B /run/modelcache/steps/wheels.py /run/modelcache/out /opt/venv 0 1 /run/modelcache/wheels/installer-1.1.0-py3-none-any.whl /run/modelcache/wheels/large-2-cp313-cp313-manylinux_2_17_x86_64.whl  linux/amd64  -- [python] install large==2
             env HOME=/tmp
             env PYTHONHASHSEED=0
             network none
             / bind #11
             /run/modelcache/out bind scratch rw
             /run/modelcache/steps bind #12 by definition
             /run/modelcache/wheels/installer-1.1.0-py3-none-any.whl bind #10:/installer-1.1.0-py3-none-any.whl by definition
             /run/modelcache/wheels/large-2-cp313-cp313-manylinux_2_17_x86_64.whl bind #13:/large-2-cp313-cp313-manylinux_2_17_x86_64.whl by definition
             /tmp tmpfs
             at modelcache.yaml:4
        15 source https://index/files/alpha-1-py3-none-any.whl  -- [python] alpha-1-py3-none-any.whl
             http.checksum sha256:bbe26dfeaa4738bc08485e8c15e3af19accd687a08820a739cf14dd092fbfd24
             http.filename alpha-1-py3-none-any.whl
             http.perm 0644
             at modelcache.yaml:4
        16 exec   /usr/local/bin/python3 -s -B /run/modelcache/steps/wheels.py /run/modelcache/out /opt/venv 0 1 /run/modelcache/wheels/installer-1.1.0-py3-none-any.whl /run/modelcache/wheels/alpha-1-py3-none-any.whl  linux/amd64  -- [python] install alpha==1
             env HOME=/tmp
             env PYTHONHASHSEED=0
             network none
             / bind #11
             /run/modelcache/out bind scratch rw
             /run/modelcache/steps bind #12 by definition
             /run/modelcache/wheels/alpha-1-py3-none-any.whl bind #15:/alpha-1-py3-none-any.whl by definition
             /run/modelcache/wheels/installer-1.1.0-py3-none-any.whl bind #10:/installer-1.1.0-py3-none-any.whl by definition
             /tmp tmpfs
             at modelcache.yaml:4
        17 merge  #1 #3 #7 #14 #16  -- [image] assemble
        18 file   on scratch  -- [internal] folders
             mkdir /report 0755 10001:10001 @0
        19 file   on scratch  -- [internal] verify program
             mkfile /modelcache_imports.py 0644 0:0 @0 
             mkfile /packages.json 0644 0:0 @0 "{\"modules\":false,\"packages\":[\"large\"]}"
        20 exec   /opt/venv/bin/python3 /run/modelcache/verify/modelcache_imports.py /run/modelcache/verify/packages.json /run/modelcache/report  linux/amd64  -- [verify] import 1 package without a network
             env PATH=/opt/venv/bin:/bin
             env VIRTUAL_ENV=/opt/venv
             env PIP_PYTHON=/opt/venv/bin/python3
             env XDG_CACHE_HOME=/tmp/.cache
             env MPLCONFIGDIR=/tmp/.cache/matplotlib
             env NUMBA_CACHE_DIR=/tmp/.cache/numba
             env TRITON_CACHE_DIR=/tmp/.cache/triton
             env TORCHINDUCTOR_CACHE_DIR=/tmp/.cache/torchinductor
             env TORCH_EXTENSIONS_DIR=/tmp/.cache/torch_extensions
             env CUDA_CACHE_PATH=/tmp/.cache/nv
             env CUPY_CACHE_DIR=/tmp/.cache/cupy
             env FLASHINFER_WORKSPACE_BASE=/tmp
             env HOME=/home/appuser
             user 10001:10001
             network none
             / bind #17
             /run/modelcache/report bind #18:/report rw
             /run/modelcache/verify bind #19
             /tmp tmpfs
             at modelcache.yaml:4
        21 file   on scratch  -- [verify] judge
             copy #20:/report/passed -> /passed @0
             at modelcache.yaml:4
        22 diff   #21 #21  -- [verify] passed
        23 file   on scratch  -- [internal] look for users
             copy #1:/etc/passwd -> /passwd follow wildcard empty @0
             copy #1:/etc/group -> /group follow wildcard empty @0
        24 diff   #23 #23  -- [internal] remember what was asked
        25 file   on scratch  -- [internal] question
             mkfile /question.json 0644 0:0 @0 "{\"files\":[\"requirements.txt\"],\"packages\":[],\"machine\":null,\"system_site_packages\":false,\"pre\":false,\"torch\":null,\"trusted_hosts\":[],\"extras\":[],\"groups\":[],\"previous\":[],\"refresh\":false}"
        26 file   on scratch  -- [internal] requirements
             mkfile /requirements.txt 0644 0:0 @0 "large\n"
        27 file   on scratch  -- [internal] install programs
             mkfile /shared.py 0644 0:0 @0 
             mkfile /resolve.py 0644 0:0 @0 
             mkfile /hidden.py 0644 0:0 @0 
        28 file   on scratch  -- [internal] install programs
             mkfile /shared.py 0644 0:0 @0 
             mkfile /tools.py 0644 0:0 @0 
        29 file   on scratch  -- [internal] tools
             mkfile /tools.txt 0644 0:0 @0 
        30 exec   python3 -B /run/modelcache/steps/tools.py /run/modelcache/out /var/cache/modelcache/pip /run/secrets /run/modelcache/tools.txt  linux/amd64  -- [python] get the resolver
             env PATH=/bin
             / bind #1
             /run/modelcache/out bind scratch rw
             /run/modelcache/steps bind #28 by definition
             /run/modelcache/tools.txt bind #29:/tools.txt by definition
             /tmp tmpfs
             /var/cache/modelcache/pip cache /modelcache-pip shared
             /run/secrets/ca-certificates secret ca-certificates 0400 optional
             /run/secrets/netrc secret netrc 0400 optional
             /run/secrets/pip-config secret pip-config 0400 optional
             at modelcache.yaml:4
        31 exec   python3 -B /run/modelcache/steps/resolve.py /run/modelcache/out /run/modelcache/tools /var/cache/modelcache/uv /run/secrets /run/modelcache/requirements /run/modelcache/question.json  linux/amd64  -- [python] resolve requirements
             env PATH=/bin
             / bind #1
             /run/modelcache/out bind scratch rw
             /run/modelcache/question.json bind #25:/question.json by definition
             /run/modelcache/requirements bind #26
             /run/modelcache/steps bind #27 by definition
             /run/modelcache/tools bind #30 by definition
             /tmp tmpfs
             /var/cache/modelcache/uv cache /modelcache-uv shared
             /run/secrets/ca-certificates secret ca-certificates 0400 optional
             /run/secrets/netrc secret netrc 0400 optional
             /run/secrets/pip-config secret pip-config 0400 optional
             at modelcache.yaml:4
        32 diff   #31 #31  -- [internal] remember what was asked
        33 file   on scratch  -- [internal] question
             mkfile /asked.json 0644 0:0 @0 "{\"roots\":[],\"machine\":null,\"system\":false}"
        34 file   on scratch  -- [internal] install programs
             mkfile /look.py 0644 0:0 @0 
        35 exec   python3 -s -B /run/modelcache/steps/look.py /run/modelcache/out /run/modelcache/wheels /run/modelcache/pip.whl /run/modelcache/asked.json  linux/amd64  -- [python] look into the wheels
             env PATH=/bin
             env PYTHONHASHSEED=0
             network none
             / bind #1
             /run/modelcache/asked.json bind #33:/asked.json by definition
             /run/modelcache/out bind scratch rw
             /run/modelcache/pip.whl bind #30:/pip.whl by definition
             /run/modelcache/steps bind #34 by definition
             /run/modelcache/wheels/alpha-1-py3-none-any.whl bind #15:/alpha-1-py3-none-any.whl by definition
             /run/modelcache/wheels/large-2-cp313-cp313-manylinux_2_17_x86_64.whl bind #13:/large-2-cp313-cp313-manylinux_2_17_x86_64.whl by definition
             /tmp tmpfs
             at modelcache.yaml:4
        36 diff   #35 #35  -- [internal] remember what was asked
        37 merge  #17 #22 #24 #32 #36  -- [verify] passed
        result #37
    "#]].assert_eq(&graph(&build(daemon(), &[])));
}

#[test]
fn the_question_to_the_resolver_has_the_requirements_and_nothing_else_of_the_context() {
    let outcome = build(daemon(), &[]);
    let graphs = outcome.graphs();
    let asked = graphs.iter().find(|graph| graph.contains("question.json"));
    let asked = asked.expect("the resolver was asked");
    let shown: String = asked
        .lines()
        .skip_while(|line| !line.contains("resolve requirements"))
        .map(|line| format!("{line}\n"))
        .collect();
    expect![[r#"
        8  exec   python3 -B /run/modelcache/steps/resolve.py /run/modelcache/out /run/modelcache/tools /var/cache/modelcache/uv /run/secrets /run/modelcache/requirements /run/modelcache/question.json  linux/amd64  -- [python] resolve requirements
             env PATH=/bin
             / bind #1
             /run/modelcache/out bind scratch rw
             /run/modelcache/question.json bind #2:/question.json by definition
             /run/modelcache/requirements bind #3
             /run/modelcache/steps bind #4 by definition
             /run/modelcache/tools bind #7 by definition
             /tmp tmpfs
             /var/cache/modelcache/uv cache /modelcache-uv shared
             /run/secrets/ca-certificates secret ca-certificates 0400 optional
             /run/secrets/netrc secret netrc 0400 optional
             /run/secrets/pip-config secret pip-config 0400 optional
             at modelcache.yaml:4
        result #8
    "#]].assert_eq(&shown);
}

#[test]
fn a_lock_asks_nobody_and_makes_the_same_graph() {
    let unlocked = graph(&build(daemon(), &[]));
    let text = lock(daemon());
    expect![[r#"
        {
          "version": 1,
          "base": {
            "image": "docker.io/library/python:3.13-slim",
            "platforms": {
              "linux/amd64": "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
            },
            "contents": [
              {
                "platforms": ["linux/amd64"],
                "passwd": [
                  "root:x:0:0::/root:/bin/sh"
                ],
                "group": []
              }
            ]
          },
          "models": [],
          "python": {
            "asked": {
              "files": {"requirements.txt":"d35c416a85b807e9b5384915d6ebb4a9f7352713efd89857b45a242f473728a9"}
            },
            "platforms": {
              "linux/amd64": {
                "python": {"libc":"glibc 2.41","path":"/usr/local/bin/python3","version":"3.13.5"},
                "installer": {"url": "https://index/files/installer-1.1.0-py3-none-any.whl", "size": 0, "sha256": "a11ab1f534e2d96f663db78e7ad51dac8a169159f550c6d69a211973fa90a86f"},
                "wheels": [
                  {"name": "alpha", "version": "1", "wheel": "https://index/files/alpha-1-py3-none-any.whl", "size": 900, "sha256": "bbe26dfeaa4738bc08485e8c15e3af19accd687a08820a739cf14dd092fbfd24", "via": ["large"]},
                  {"name": "large", "version": "2", "wheel": "https://index/files/large-2-cp313-cp313-manylinux_2_17_x86_64.whl", "size": 1500000, "sha256": "02a0a3fe19d2c881133e4afd2997ea21286c12895c8a9aa85423e0d4b77df1e4", "via": ["-r requirements.txt"]}
                ]
              }
            }
          }
        }
    "#]].assert_eq(&text);
    let outcome = build(daemon().file("modelcache.lock.json", text), &[]);
    let graph = graph(&outcome);
    // Without a lock, the steps that were asked come after, and are bound to the image, too.
    let lines: Vec<&str> = graph.lines().collect();
    let same = lines[..lines.len() - 2].join("\n");
    assert!(unlocked.starts_with(&same), "{graph}\n{unlocked}");
    assert_eq!(warnings(&outcome), "");
    let asks = |graph: &String| {
        graph.contains("resolve requirements") || graph.contains("look into the wheels")
    };
    assert!(!outcome.graphs().iter().any(asks), "with a lock nothing is asked");
}

#[test]
fn what_a_lock_lacks_is_shown_where_it_is_asked_for() {
    let text = lock(daemon());
    let locked = || daemon().file("modelcache.lock.json", text.clone());
    let mut seen = String::new();
    let mut tell = |daemon: Daemon, options: &[(&str, &str)]| {
        let outcome = build(daemon, options);
        let head = outcome.error().message.lines().next().unwrap_or_default().to_owned();
        let _ = writeln!(seen, "{head}");
    };
    tell(locked().file("requirements.txt", "large\nalpha\n"), &[]);
    tell(locked().file("modelcache.yaml", format!("{MANIFEST}  packages: beta\n")), &[]);
    tell(locked().file("modelcache.yaml", format!("{MANIFEST}  torch: cpu\n")), &[]);
    tell(locked().file("modelcache.yaml", format!("{MANIFEST}  install: single\n")), &[]);
    tell(locked(), &[("platform", "linux/arm64")]);
    expect![[r#"
        modelcache.yaml:4: `requirements.txt` has changed since the lock was made
        modelcache.yaml:5: the lock does not know `beta`
        modelcache.yaml:5: the Python packages are locked for other settings
        modelcache.yaml:5: the lock has Python packages that the manifest doesn't lock
        modelcache.yaml:2: the lock has no base image for linux/arm64
    "#]]
    .assert_eq(&seen);
    // A comment is no requirement.
    let commented = locked().file("requirements.txt", "# a comment\nlarge  # and one more\n");
    build(commented, &[]).result();
}

#[test]
fn an_old_python_gets_its_packages_in_one_layer_and_no_lock_of_them() {
    let old = || daemon_of("3.9.21", &[("large", "2", LARGE), ("alpha", "1", ALPHA)]);
    let outcome = build(old(), &[]);
    assert!(graph(&outcome).contains("pip install requirements.txt"));
    expect![[r#"
        no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
        single-layer: all packages are installed in one layer: the base image has Python 3.9.21, and layers need 3.10 (line 4)
    "#]].assert_eq(&warnings(&outcome));
    check_error(
        &build(old(), &[("target", "lock")]),
        expect![[r#"
        modelcache.yaml:4: the packages for linux/amd64 can't be locked: pip installs them in one run

        error[not-lockable]: the packages for linux/amd64 can't be locked: pip installs them in one run
         --> modelcache.yaml:4:3
          |
        4 |   requirements: requirements.txt
          |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ these packages
          |
          = help: the warning `single-layer` says why; a base image with a newer Python has layers
          = help: `install: single` says that this is meant, and locks all but the packages"#]],
    );
    let meant = format!("{MANIFEST}  install: single\n");
    let outcome = build(old().file("modelcache.yaml", meant), &[]);
    assert!(!warnings(&outcome).contains("single-layer"));
}

#[test]
fn packages_alone_need_not_know_who_is_in_the_base_image() {
    let asks = |target: &str| {
        let outcome = build(daemon(), &[("target", target)]);
        assert!(outcome.success, "{}", outcome.log);
        outcome.graphs().iter().any(|graph| graph.contains("look for users"))
    };
    assert!(asks("image"));
    assert!(!asks("python"));
}
