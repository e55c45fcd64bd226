//! The proofs: that packages can be imported, and that what the container starts with can be run.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use expect_test::{Expect, expect};

use super::{engine, project::Project, registry::REPOSITORY};

const SYNTAX: &str = "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\n";

fn project(rest: &str) -> Project {
    Project::new(&format!("{SYNTAX}{rest}"))
}

/// Files of the context, each with its mode.
fn write(project: &Project, files: &[(&str, u32, &str)]) {
    for (path, mode, text) in files {
        project.write(path, text);
        let path = project.context().join(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).expect("it is ours");
    }
}

fn fails(project: &Project, expected: &Expect) {
    let said = project.fail(&[]);
    let (_, diagnostic) = said.split_once("\nerror[").expect("it is explained");
    expected.assert_eq(&format!("error[{diagnostic}"));
}

fn output(project: &Project) -> String {
    let digest = project.build(&[]).digest;
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
    engine::stdout(run.arg(format!("{registry}/{REPOSITORY}@{digest}")))
}

const ENTRYPOINT: &str =
    "app:\n  copy: .\n  entrypoint: ./entrypoint.sh\n  command: [python3, -V]\n";

#[test]
fn a_script_that_can_be_run_starts_the_container() {
    let project = project(ENTRYPOINT);
    write(
        &project,
        &[("entrypoint.sh", 0o700, "#!/usr/bin/env -S sh -e\necho started\nexec \"$@\"\n")],
    );
    assert!(output(&project).starts_with("started\nPython 3.13"));
}

#[test]
fn a_script_that_can_not_be_run_is_told_before_anything_is_built() {
    let told = |mode: u32, text: &str, expected: &Expect| {
        let project = project(ENTRYPOINT);
        write(&project, &[("entrypoint.sh", mode, text)]);
        fails(&project, expected);
    };
    told(
        0o644,
        "#!/bin/sh\n",
        &expect![[r#"
            error[not-executable]: `./entrypoint.sh` can't be run: it has no x bit
             --> modelcache.yaml:5:15
              |
            5 |   entrypoint: ./entrypoint.sh
              |               ^^^^^^^^^^^^^^^ the container starts with it
              |
              = help: `git update-index --chmod=+x entrypoint.sh` and `chmod +x entrypoint.sh` make it so in the checkout, `mode: 0755` in `app.copy` in the image; or name what runs it, as in `[sh, ./entrypoint.sh]`
              = help: `verify: false` builds the image as it is
        "#]],
    );
    told(
        0o755,
        "#!/bin/sh\r\nexec true\r\n",
        &expect![[r#"
            error[no-interpreter]: the first line of `./entrypoint.sh` ends with a carriage return
             --> modelcache.yaml:5:15
              |
            5 |   entrypoint: ./entrypoint.sh
              |               ^^^^^^^^^^^^^^^ the container starts with it
              |
              = help: Linux would look for `/bin/sh\r`: save the file with the line ends of Unix; for git, `*.sh text eol=lf` in `.gitattributes` says so
              = help: `verify: false` builds the image as it is
        "#]],
    );
}

#[test]
fn a_program_that_no_package_brings_is_told() {
    let script = project(&format!("python: {{packages: alpha}}\n{ENTRYPOINT}"));
    script.add_wheel("alpha", "1");
    write(&script, &[("entrypoint.sh", 0o755, "#!/usr/bin/env node\n")]);
    fails(
        &script,
        &expect![[r#"
        error[no-interpreter]: `node`, which runs `./entrypoint.sh`, is not in the image
         --> modelcache.yaml:6:15
          |
        6 |   entrypoint: ./entrypoint.sh
          |               ^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: the script's first line names it; other programs come by `system`, or are in the base image
          = help: `verify: false` builds the image as it is
    "#]],
    );

    let project = project("python: {packages: alpha}\napp:\n  command: uvicorn main:app\n");
    project.add_wheel("alpha", "1");
    fails(
        &project,
        &expect![[r#"
        error[no-program]: `uvicorn` is not in the image
         --> modelcache.yaml:5:12
          |
        5 |   command: uvicorn main:app
          |            ^^^^^^^^^^^^^^^^ the container starts with it
          |
          = help: no folder of PATH has it; what a package brings is there if `python` asks for it, and other programs come by `system`, or are in the base image
          = help: `verify: false` builds the image as it is
    "#]],
    );
}

const REQUIREMENTS: &str = "python: {requirements: requirements.txt}\n";

#[test]
fn a_package_that_can_not_be_imported_is_told_at_its_requirement() {
    let project = project(REQUIREMENTS);
    project.write("requirements.txt", "alpha\n# the next one\nbeta==1\n");
    project.add_wheel("alpha", "1");
    let module = "raise OSError('libGL.so.1: cannot open shared object file')\n";
    project.add_wheel_of("beta", "1", module);
    fails(
        &project,
        &expect![[r#"
            error[import-failed]: `import beta` fails in the image: OSError: libGL.so.1: cannot open shared object file
             --> modelcache.yaml:3:24
              |
            3 | python: {requirements: requirements.txt}
              |                        ^^^^^^^^^^^^^^^^ `beta` in `requirements.txt` line 3
              |
              = help: its last words:
                        File "/opt/venv/lib/python3.13/site-packages/beta.py", line 1, in <module>
                          raise OSError('libGL.so.1: cannot open shared object file')
              = help: it ran as 10001:10001, without a network, and could write to /tmp alone
              = help: `verify: {imports: false}` leaves imports out, and `verify: {imports: [NAME]}` says which to make
        "#]],
    );
    project
        .write("modelcache.yaml", &format!("{SYNTAX}{REQUIREMENTS}verify: {{imports: [alpha]}}\n"));
    project.build(&[]);
}

#[test]
fn a_package_is_imported_by_the_images_user_who_can_write_below_tmp() {
    let project = project(REQUIREMENTS);
    project.write("requirements.txt", "alpha\nbeta\n");
    let module = "\
import os, pathlib, socket
assert os.getuid() == 10001 and os.environ['HOME'] == '/home/appuser'
pathlib.Path(os.environ['NUMBA_CACHE_DIR']).mkdir(parents=True)
for folder in [os.environ['HOME'], '/var/tmp', os.path.dirname(__file__)]:
    try:
        pathlib.Path(folder, 'file').touch()
    except OSError:
        continue
    raise AssertionError(folder)
try:
    socket.create_connection(('127.0.0.1', 5000))
except OSError:
    pass
else:
    raise AssertionError('there is a network')
";
    project.add_wheel_of("alpha", "1", module);
    // A build has none of it, and a machine may.
    project.add_wheel_of(
        "beta",
        "1",
        "raise ImportError('libcuda.so.1: cannot open shared object file')\n",
    );
    let (is_built, said) = project.attempt(&["--progress", "plain"]);
    assert!(is_built, "{said}");
    let warning = "warning: `import beta` needs a graphics card, which a build has none of";
    assert!(said.contains(warning), "{said}");
}
