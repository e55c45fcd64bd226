//! The image's user: a home, folders of their own, and files that everybody can read.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use expect_test::expect;

use super::{engine, project::Project, registry::REPOSITORY};

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
user: 1000
app:
  writable: [data, /var/spool/out]
  copy:
    - .
    - {from: tool, to: bin/tool, mode: 0750, owner: '0:1000'}
  command: [python3, check.py]
";

/// Says what the user can do.
const CHECK: &str = r#"
import os, pathlib, pwd, stat

def tried(path):
    try:
        with open(path, "a") as file:
            file.write("x")
        return "written"
    except OSError as error:
        return type(error).__name__

for path in ["check.py", "lib", "lib/run.sh", "bin/tool", "data", "data/old/seed", "/var/spool/out"]:
    found = os.stat(path)
    print(path, stat.filemode(found.st_mode), found.st_uid, found.st_gid)
print(open("check.py").read(1) == "\n", open("lib/run.sh").read().strip())
for path in ["data/new", "data/old/seed", "/var/spool/out/new", "lib/new", os.path.expanduser("~/new"), "/tmp/new"]:
    print(path, tried(path))
if os.getuid() == 1000:
    print(pwd.getpwuid(1000), os.environ["HOME"])
"#;

fn run(reference: &str, options: &[&str], command: &[&str]) -> String {
    let mut run = Command::new("docker");
    engine::stdout(
        run.args(["run", "--rm", "--network", "none"]).args(options).arg(reference).args(command),
    )
}

fn built(project: &Project) -> String {
    let digest = project.build(&[]).digest;
    format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"))
}

#[test]
fn a_user_has_a_home_and_folders_and_can_read_whatever_the_checkouts_modes_were() {
    let project = Project::new(MANIFEST);
    for (path, text, mode) in [
        ("check.py", CHECK, 0o600),
        ("lib/run.sh", "#!/bin/sh\n", 0o700),
        ("tool", "a\n", 0o640),
        ("data/old/seed", "a\n", 0o600),
    ] {
        project.write(path, text);
        let path = project.context().join(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("it is ours");
    }
    fs::set_permissions(project.context().join("lib"), fs::Permissions::from_mode(0o700))
        .expect("it is ours");
    let reference = built(&project);

    expect![[r#"
        check.py -rw-r--r-- 0 0
        lib drwxr-xr-x 0 0
        lib/run.sh -rwxr-xr-x 0 0
        bin/tool -rwxr-x--- 0 1000
        data drwxr-xr-x 1000 1000
        data/old/seed -rw-r--r-- 1000 1000
        /var/spool/out drwxr-xr-x 1000 1000
        True #!/bin/sh
        data/new written
        data/old/seed written
        /var/spool/out/new written
        lib/new PermissionError
        /home/appuser/new written
        /tmp/new written
        pwd.struct_passwd(pw_name='appuser', pw_passwd='x', pw_uid=1000, pw_gid=1000, pw_gecos='', pw_dir='/home/appuser', pw_shell='/usr/sbin/nologin') /home/appuser
    "#]].assert_eq(&run(&reference, &[], &[]));
    expect![[r#"
        check.py -rw-r--r-- 0 0
        lib drwxr-xr-x 0 0
        lib/run.sh -rwxr-xr-x 0 0
        bin/tool -rwxr-x--- 0 1000
        data drwxr-xr-x 1000 1000
        data/old/seed -rw-r--r-- 1000 1000
        /var/spool/out drwxr-xr-x 1000 1000
        True #!/bin/sh
        data/new OSError
        data/old/seed PermissionError
        /var/spool/out/new OSError
        lib/new OSError
        /new OSError
        /tmp/new written
    "#]]
    .assert_eq(&run(&reference, &["--user=12345", "--read-only", "--tmpfs=/tmp"], &[]));
    // An empty volume is given the folder's files and owner.
    let volumes = ["--mount=type=volume,dst=/app/data", "--mount=type=volume,dst=/var/spool/out"];
    assert_eq!(run(&reference, &volumes, &[]), run(&reference, &[], &[]));
}

const PACKAGES: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: [alpha]
";

#[test]
fn an_image_on_top_installs_more_with_pip() {
    for install in ["layers", "single"] {
        let manifest = format!("{PACKAGES}  install: {install}\n");
        let project = Project::with_index(&manifest, &[]);
        project.add_wheel("alpha", "1.0");
        project.add_wheel("beta", "1.0");
        project.add_wheel("gamma", "1.0");
        let below = built(&project);
        let file = project.folder().join("Dockerfile");
        let text = format!(
            "FROM {below}\n\
             ARG PIP_INDEX_URL\n\
             USER root\n\
             RUN pip install beta && python -m pip install gamma && python -m pip check\n\
             USER 10001\n\
             CMD python -c 'import alpha, beta, gamma; print(beta.__file__)' && python -m pip list\n"
        );
        fs::write(&file, text).expect("the folder is ours");
        let name = format!("user-{install}");
        let reference = format!("{}/{REPOSITORY}:{name}", engine::variable("MODELCACHE_REGISTRY"));
        let mut build = Command::new("docker");
        build.args(["buildx", "build", "--push", "-t", &reference]).args(engine::build_flags());
        build.args(["--build-arg", "BUILDKIT_SYNTAX=docker/dockerfile:1", "--build-arg"]);
        build.arg(format!("PIP_INDEX_URL={}", project.index_url().expect("it has its own")));
        engine::stdout(build.arg("-f").arg(file).arg(project.context()));
        let said = run(&reference, &[], &[]);
        assert!(said.contains("/opt/venv/lib/python3.13/site-packages/beta.py"), "{said}");
        for name in ["alpha", "beta", "gamma"] {
            assert!(said.contains(&format!("{name} ")), "{said}");
        }
    }
}

/// Libraries that write to caches when they are imported, or soon after.
const LIBRARIES: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: [librosa==0.11.0, matplotlib==3.10.7, numba==0.65.0, transformers==5.0.0]
";

const IMPORT: &str = "
import warnings
warnings.simplefilter('error', UserWarning)
import librosa, matplotlib.pyplot, numba, transformers
import numpy
print(librosa.note_to_hz('A4'), librosa.feature.rms(y=numpy.ones(4096)).shape)
";

#[test]
fn libraries_with_caches_are_imported_by_any_user() {
    let reference = built(&Project::with_real_packages(LIBRARIES));
    let python = ["python3", "-c", IMPORT];
    for options in [
        &[][..],
        &["--user=12345", "--read-only", "--tmpfs=/tmp"],
        &["--user=0"],
        &["--user=0", "--read-only", "--tmpfs=/tmp"],
    ] {
        assert_eq!(run(&reference, options, &python), "440.0 (1, 9)\n", "{options:?}");
    }
}
