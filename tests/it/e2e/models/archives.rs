//! Zip archives: a process unpacks them, and the layer is as if none had.

use std::{fs, process::Command};

use expect_test::expect;
use modelcache::values::digest::Digest;

use crate::e2e::{
    engine,
    project::Project,
    registry::{self, Image, REPOSITORY},
};

const CHECK: &str = r#"
import os
for folder, _, files in os.walk("/srv/words"):
    for name in sorted(files):
        path = os.path.join(folder, name)
        print(path, oct(os.stat(path).st_mode), open(path).read().strip())
"#;

/// Makes the zip `words.zip` by Python, puts it on the hub, and names it in the manifest.
fn with_zip(code: &str) -> Project {
    let project = Project::new("base: python:3.13-slim\n");
    let folder = project.repository("acme/files");
    fs::create_dir_all(&folder).expect("the folder is ours");
    let make = format!("import zipfile\nwith zipfile.ZipFile('words.zip', 'w') as zip:\n{code}");
    engine::stdout(Command::new("python3").args(["-c", &make]).current_dir(&folder));
    let bytes = fs::read(folder.join("words.zip")).expect("it was made");
    let url = format!("http://{}/acme/files/resolve/main/words.zip", project.hub.address);
    let sha256 = Digest::of(&bytes);
    project.write(
        "modelcache.yaml",
        &format!(
            "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\nmodels:\n  \
             - url: {url}\n    sha256: {sha256}\n    path: /srv/words\n    unpack: true\n\
             app:\n  copy: check.py\n  command: [python3, check.py]\n"
        ),
    );
    project.write("check.py", CHECK);
    project
}

#[test]
fn a_zip_is_unpacked_to_the_same_layer_every_time() {
    let project = with_zip(
        "    zip.writestr('en/stop', 'a an the')\n    \
         zip.writestr(zipfile.ZipInfo('en/deep/er', (1999, 1, 2, 3, 4, 6)), 'deep')\n",
    );
    let layers = |flags: &[&str]| {
        let digest = project.build(flags).digest;
        let layers = Image::pull(&digest).top(&["words", "app"]);
        (digest, layers["words"].clone())
    };
    let (digest, words) = layers(&[]);
    assert_eq!(layers(&["--no-cache"]).1, words);
    let entries: Vec<String> = registry::entries(&words).iter().map(ToString::to_string).collect();
    expect![[r#"
        drwxr-xr-x 0/0 1970-01-01 00:00:00 srv/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 srv/words/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 srv/words/en/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 srv/words/en/deep/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 srv/words/en/deep/er
        -rw-r--r-- 0/0 1970-01-01 00:00:00 srv/words/en/stop"#]]
    .assert_eq(&entries.join("\n"));

    let reference = format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"));
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", "--read-only", "--user", "23456:23456"]);
    expect![[r#"
        /srv/words/en/stop 0o100644 a an the
        /srv/words/en/deep/er 0o100644 deep
    "#]]
    .assert_eq(&engine::stdout(run.arg(&reference)));
}

#[test]
fn a_zip_that_leads_elsewhere_is_told_at_its_line() {
    let project = with_zip("    zip.writestr('../../etc/passwd', 'root')\n");
    expect![[r#"
        ------
         > [files] unpack http://HUB/acme/files/resolve/main/words.zip:
        modelcache: can't unpack: '../../etc/passwd' is no name in a folder
        ------

         [33m1 warning found (use docker --debug to expand):
        [0m - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
        modelcache.yaml:4
        --------------------
           3 |     models:
           4 | >>>   - url: http://HUB/acme/files/resolve/main/words.zip
           5 | >>>     sha256: sha256:…
           6 | >>>     path: /srv/words
           7 | >>>     unpack: true
           8 |     app:
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:4: a zip archive can't be unpacked

        error[not-an-archive]: a zip archive can't be unpacked
         --> modelcache.yaml:4:5
          |
        4 |     - url: http://HUB/acme/files/resolve/main/words.zip
          |  _____^
        5 | |     sha256: sha256:…
        6 | |     path: /srv/words
        7 | |     unpack: true
          | |________________^ unpacked here
          |
          = help: the reason is above, in the output of this step

        the builder said: the step did not complete successfully: exit code: 1
    "#]]
    .assert_eq(&project.fail(&[]));
}
