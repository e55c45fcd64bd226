//! The distribution's packages: asked for once, locked, and installed without a network.

use std::process::Command;

use expect_test::expect;

use self::archive::{Deb, base, publish};
use super::{
    builder::EmptyBuilders,
    engine,
    project::{Build, Project},
    registry::{self, Image, REPOSITORY},
};

mod archive;

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: BASE
system:
  packages: [greeter]
python:
  packages: [alpha==1]
models:
  - acme/first
app:
  copy: main.py
  command: [python3, main.py]
";

/// Prints what a package brings.
const MAIN: &str = "print(open('/usr/share/greeting').read(), end='')\n";

/// As a real one does: a user of its own, a file that it makes, and words of the day in a log.
const POSTINST: &str = "\
#!/bin/sh
set -e
useradd --system --no-create-home greeter
mkdir -p /var/lib/greeter
echo made >/var/lib/greeter/state
date >>/var/log/alternatives.log
";

const GREETER: Deb<'_> = Deb {
    name: "greeter",
    version: "1.0-1",
    fields: "Depends: greeting (>= 1)\nRecommends: novel\n",
    files: &[("usr/bin/greet", "#!/bin/sh\ncat /usr/share/greeting\n")],
    postinst: POSTINST,
};

const GREETING: Deb<'_> = Deb {
    name: "greeting",
    version: "1:1.0+b1",
    fields: "",
    files: &[("usr/share/greeting", "good day\n")],
    postinst: "",
};

const NOVEL: Deb<'_> = Deb {
    name: "novel",
    version: "1",
    fields: "",
    files: &[("usr/share/novel", "it was a dark and stormy night\n")],
    postinst: "",
};

/// A project whose base image knows the packages above.
fn project() -> (Project, String) {
    let project = Project::with_index("", &[]);
    publish(&project, &[GREETER, GREETING, NOVEL]);
    project.secret("none", "");
    let base = base(&project, "base", "");
    project.write("modelcache.yaml", &MANIFEST.replace("BASE", &base));
    project.write_new("main.py", MAIN);
    project.add_wheel("alpha", "1");
    project.add_wheel("beta", "1");
    project.add_model("acme/first");
    (project, base)
}

/// What a command in an image prints.
fn run(build: &Build, options: &[&str], command: &[&str]) -> String {
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none"]).args(options);
    engine::stdout(run.arg(format!("{registry}/{REPOSITORY}@{}", build.digest)).args(command))
}

/// Of what the hub was asked, what apt and the daemon asked of the archive.
fn archive_requests(project: &Project) -> String {
    let requests = project.hub_requests();
    let of_archive = requests.lines().filter(|line| line.contains("/acme/archive/"));
    of_archive.map(|line| format!("{line}\n")).collect()
}

#[test]
fn two_empty_builders_install_alike_from_the_archive_and_from_a_bundle_when_it_has_dropped_them() {
    let (project, base) = project();
    let lock = project.lock(&[]);
    let of_system = lock.split_once("\"system\"").expect("it is locked").1;
    let of_system = of_system.split("\n  }").next().unwrap_or_default().replace(&base, "BASE");
    expect![[r#"
        : {
            "asked": {
              "packages": ["greeter"]
            },
            "platforms": {
              "linux/amd64": [
                {"name": "greeter", "version": "1.0-1", "architecture": "all", "url": "http://HUB/acme/archive/resolve/main/debs/greeter_1.0-1_all.deb", "size": 732, "sha256": "…"},
                {"name": "greeting", "version": "1:1.0+b1", "architecture": "all", "url": "http://HUB/acme/archive/resolve/main/debs/greeting_1:1.0%2bb1_all.deb", "size": 584, "sha256": "…"}
              ]
            }
    "#]].assert_eq(&project.without_chance(&of_system));
    project.hub_requests();

    let builders = EmptyBuilders::start();
    let build = |name: &String| project.build(&["--builder", name]);
    let first = build(&builders.names[0]);
    expect![[r#"
        GET /acme/archive/resolve/main/debs/greeter_1.0-1_all.deb 307
        GET /acme/archive/resolve/main/debs/greeting_1:1.0%2bb1_all.deb 307
        GET /api/resolve-cache/models/acme/archive/…/debs/greeter_1.0-1_all.deb 200 with a body
        GET /api/resolve-cache/models/acme/archive/…/debs/greeting_1:1.0+b1_all.deb 200 with a body
    "#]]
    .assert_eq(&archive_requests(&project));
    let again = build(&builders.names[0]);
    expect![[r#""#]].assert_eq(&again.ran());
    expect![[r#""#]].assert_eq(&project.hub_requests());

    let bundle = project.folder().join("bundle");
    let output = format!("--output=type=local,dest={}", bundle.display());
    let (is_made, said) = project.attempt(&["--target=bundle", &output]);
    assert!(is_made, "{said}");
    publish(&project, &[]);
    let context = format!("modelcache-bundle={}", bundle.display());
    let second = project.build(&["--builder", &builders.names[1], "--build-context", &context]);
    let layers = |build: &Build| Image::pull(&build.digest).layers;
    assert_eq!(layers(&first), layers(&second));

    // A layer over the base image's, and below all others. What is of another time in it is a
    // folder of the base image's.
    let below = Image::pull(base.rsplit(':').next().expect("it has a tag")).layers.len();
    let entries = registry::entries(&layers(&first)[below]);
    let made = entries.iter().map(|entry| format!("{entry}\n"));
    let entries: String = made.filter(|entry| entry.contains(" 1970-01-01 ")).collect();
    expect![[r#"
        drwxr-xr-x 0/0 1970-01-01 00:00:00 etc/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 etc/group
        -rw-r----- 0/42 1970-01-01 00:00:00 etc/gshadow
        -rw-r--r-- 0/0 1970-01-01 00:00:00 etc/passwd
        -rw-r----- 0/42 1970-01-01 00:00:00 etc/shadow
        drwxr-xr-x 0/0 1970-01-01 00:00:00 usr/bin/
        -rwxr-xr-x 0/0 1970-01-01 00:00:01 usr/bin/greet
        drwxr-xr-x 0/0 1970-01-01 00:00:00 usr/share/
        -rwxr-xr-x 0/0 1970-01-01 00:00:01 usr/share/greeting
        drwxr-xr-x 0/0 1970-01-01 00:00:00 var/lib/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 var/lib/apt/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 var/lib/apt/extended_states
        drwxr-xr-x 0/0 1970-01-01 00:00:00 var/lib/dpkg/
        drwxr-xr-x 0/0 1970-01-01 00:00:00 var/lib/dpkg/info/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 var/lib/dpkg/info/greeter.list
        -rw-r--r-- 0/0 1970-01-01 00:00:00 var/lib/dpkg/info/greeter.md5sums
        -rwxr-xr-x 0/0 1970-01-01 00:00:01 var/lib/dpkg/info/greeter.postinst
        -rw-r--r-- 0/0 1970-01-01 00:00:00 var/lib/dpkg/info/greeting.list
        -rw-r--r-- 0/0 1970-01-01 00:00:00 var/lib/dpkg/info/greeting.md5sums
        -rw-r----- 0/0 1970-01-01 00:00:00 var/lib/dpkg/lock
        -rw-r--r-- 0/0 1970-01-01 00:00:00 var/lib/dpkg/status
        -rw------- 0/0 1970-01-01 00:00:00 var/lib/dpkg/triggers/Lock
        drwxr-xr-x 0/0 1970-01-01 00:00:00 var/lib/greeter/
        -rw-r--r-- 0/0 1970-01-01 00:00:00 var/lib/greeter/state
    "#]]
    .assert_eq(&entries);
}

/// What somebody who looks into the image checks. apt and dpkg find nothing wrong but what is
/// so in the base image, too.
const LOOK: &str = "\
apt-get check -qq && dpkg --status greeter | grep Status
dpkg --verify | sort
greet; cat /var/lib/greeter/state; ls /usr/share/novel
apt-mark showmanual | grep greet
grep -E '^(greeter|appuser)' /etc/passwd /etc/group | sort
ls /var/lib/apt/lists /var/log /var/cache/apt
";

#[test]
fn the_image_is_as_apt_would_have_left_it_and_other_changes_leave_it_alone() {
    let (project, base) = project();
    let build = project.build(&[]);
    assert_eq!(run(&build, &["--read-only"], &[]), "good day\n");
    let look = |reference: &str| {
        let mut run = Command::new("docker");
        run.args(["run", "--rm", "--user=0", "--entrypoint=/bin/sh", reference, "-c", LOOK]);
        let output = engine::run(&mut run);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let (before, after) = (look(&base), look(&format!("{registry}/{REPOSITORY}@{}", build.digest)));
    let added = after.lines().filter(|line| !before.lines().any(|other| other == *line));
    let added: String = added.map(|line| format!("{line}\n")).collect();
    expect![[r#"
        Status: install ok installed
        good day
        made
        greeter
        /etc/group:appuser:x:10001:
        /etc/group:greeter:x:999:
        /etc/passwd:appuser:x:10001:10001::/home/appuser:/usr/sbin/nologin
        /etc/passwd:greeter:x:999:999::/home/greeter:/bin/sh
    "#]]
    .assert_eq(&added);

    project.hub_requests();
    let manifest = MANIFEST.replace("BASE", &base).replace("alpha==1", "beta==1");
    project.write("modelcache.yaml", &manifest);
    project.write_new("main.py", "print(2)\n");
    expect![[r#"
        [app] copy main.py
        [image] assemble
        [internal] remember what was asked
        [python] install beta==1
        [python] look into the wheels
        [python] resolve requirements
        [verify] import 1 package without a network
        [verify] load 1 model without a network
        [verify] look for python3
        [verify] passed
    "#]]
    .assert_eq(&project.build(&[]).ran());
    assert_eq!(archive_requests(&project), "");

    let manifest = MANIFEST.replace("BASE", &base).replace("python:\n", "user: greeter\npython:\n");
    project.write("modelcache.yaml", &manifest);
    expect![[r#"
        error[user-taken]: a package of `system` has a user or group `greeter` of its own
         --> modelcache.yaml:5:7
          |
        5 | user: greeter
          |       ^^^^^^^ to be added
          |
          = help: choose another name for `user`

        the builder said: the step did not complete successfully: exit code: 1
    "#]]
    .assert_eq(&told_of(&project, &base));
}

#[test]
fn what_is_recommended_comes_if_it_is_asked_for_and_an_update_tells_what_changed() {
    let (project, base) = project();
    project.lock(&[]);
    let manifest = MANIFEST.replace("BASE", &base);
    let all = manifest.replace("[greeter]\n", "[greeter]\n  recommends: true\n");
    project.write("modelcache.yaml", &all);
    expect![[r#"
        modelcache.yaml:4
        --------------------
           3 |     system:
           4 | >>>   packages: [greeter]
           5 | >>>   recommends: true
           6 |     python:
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:4: the lock does not fit `system`

        error[stale-lock]: the lock does not fit `system`
         --> modelcache.yaml:4:3
          |
        4 | /   packages: [greeter]
        5 | |   recommends: true
          | |__________________^ the lock has `greeter` without what is recommended
          |
          = help: to update the lock: docker buildx build --target lock --output . -f modelcache.yaml .
    "#]].assert_eq(&project.fail(&[]));
    let newer = Deb { version: "1.0-2", ..GREETER };
    publish(&project, &[newer, GREETING, NOVEL]);
    let update = ["--build-arg=MODELCACHE_UPDATE=system"];
    expect![[r#"
        ~ greeter 1.0-1 -> 1.0-2 (linux/amd64, all)
        + novel 1 (linux/amd64, all)
    "#]]
    .assert_eq(&project.call("lock", &update));
    project.lock(&update);
    assert_eq!(run(&project.build(&[]), &[], &["cat", "/usr/share/novel"]), NOVEL.files[0].1);
}

/// How a build fails, without what the step printed before, which differs from day to day.
fn told_of(project: &Project, base: &str) -> String {
    let words = project.fail(&[]).replace(base, "BASE");
    words.split_once("\n\nerror[").map_or(words.clone(), |(_, told)| format!("error[{told}"))
}

#[test]
fn what_can_not_be_had_is_told_at_its_line() {
    let (project, base) = project();
    let told = |packages: &str, base: &str| {
        let manifest = MANIFEST.replace("BASE", base).replace("greeter", packages);
        project.write("modelcache.yaml", &manifest);
        told_of(&project, base)
    };
    expect![[r#"
        error[unknown-system-package]: there is no package `greting` for linux/amd64
         --> modelcache.yaml:4:23
          |
        4 |   packages: [greeter, greting]
          |                       ^^^^^^^ asked for here
          |
          = help: the archives of `BASE` are what counts: a name can differ between releases
    "#]]
    .assert_eq(&told("greeter, greting", &base));
    expect![[r#"
        error[unknown-system-package]: the archive has no version `2` of `greeting`
         --> modelcache.yaml:4:14
          |
        4 |   packages: [greeting=2]
          |              ^^^^^^^^^^ asked for here
          |
          = help: an archive keeps only the newest of each release: leave the version out, and let the lock hold it
    "#]].assert_eq(&told("greeting=2", &base));
    let without = archive::base(&project, "no-apt", "RUN rm /usr/bin/apt-get\n");
    expect![[r#"
        error[no-apt]: the base image `BASE` has no apt
         --> modelcache.yaml:4:3
          |
        4 |   packages: [greeter]
          |   ^^^^^^^^^^^^^^^^^^^ these are packages of Debian's or Ubuntu's
          |
          = help: choose a base image of theirs, or one that has the packages
    "#]]
    .assert_eq(&told("greeter", &without));

    // A script that wants the network.
    let asks =
        "#!/bin/sh\npython3 -c 'import socket; socket.create_connection((\"192.0.2.1\", 80))'\n";
    publish(&project, &[Deb { postinst: asks, ..GREETER }, GREETING]);
    expect![[r#"
        error[system-install]: `greeter` could not be installed
         --> modelcache.yaml:4:3
          |
        4 |   packages: [greeter]
          |   ^^^^^^^^^^^^^^^^^^^ asked for here
          |
          = help: the words of apt and dpkg are above, in the output of this step
          = help: it runs without a network: a package whose script downloads something can't be installed so

        the builder said: the step did not complete successfully: exit code: 100
    "#]].assert_eq(&told("greeter", &base));

    // A version that is locked and gone.
    project.write("modelcache.yaml", &MANIFEST.replace("BASE", &base));
    publish(&project, &[Deb { version: "1.0-3", ..GREETER }, GREETING]);
    project.lock(&[]);
    publish(&project, &[Deb { version: "1.0-4", ..GREETER }, GREETING]);
    expect![[r#"
        error[system-package]: the archive no longer has `greeter` 1.0-3
         --> modelcache.yaml:4:3
          |
        4 |   packages: [greeter]
          |   ^^^^^^^^^^^^^^^^^^^ asked for here
          |
          = help: `MODELCACHE_UPDATE=system` locks what there is now
          = help: an archive keeps only the newest version; a registry's cache and a bundle have it for longer

        the builder said: invalid response status 404
    "#]].assert_eq(&told("greeter", &base));
}
