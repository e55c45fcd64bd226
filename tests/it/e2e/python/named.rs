//! Secrets that a requirements file names, `${NAME}`: who gets in, and where they must not be
//! found.

use std::{fs, path::Path, process::Command};

use expect_test::expect;

use super::access::found_nowhere;
use crate::e2e::{engine, files::Files, project::Project, registry::REPOSITORY};

/// Of no known kind, so that it is not found for its looks.
const TOKEN: &str = "open-sesame-91ac03d7f2";
/// `TOKEN:` in the words of HTTP.
const HEADER: &str = "b3Blbi1zZXNhbWUtOTFhYzAzZDdmMjo=";

/// A manifest that reads `requirements`, with more options.
fn project(requirements: &str, options: &str) -> Project {
    let manifest = format!(
        "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n  requirements: requirements.txt\n{options}"
    );
    let project = Project::with_index(&manifest, &[]);
    project.add_wheel("alpha", "1");
    project.write_new("requirements.txt", requirements);
    project
}

/// The flag that passes a secret.
fn secret(project: &Project, id: &str, text: &str) -> String {
    // What an editor leaves behind the last line is no part of it.
    format!("--secret=id={id},src={}", project.secret(id, &format!("{text}\n")).display())
}

/// Builds and pushes `project` with all that a build can leave, and returns what the user sees.
fn push(project: &Project, name: &str, secrets: &[&str]) -> String {
    let registry = engine::variable("MODELCACHE_REGISTRY");
    let cache =
        format!("--cache-to=type=registry,ref={registry}/{REPOSITORY}:{name}-cache,mode=max");
    let tag = format!("{registry}/{REPOSITORY}:{name}");
    let flags = ["--provenance=mode=max", &cache, "--push", "-t", &tag];
    let (built, log) = project.attempt(&[&flags[..], secrets].concat());
    assert!(built, "{log}");
    log
}

/// Builds `project`, and looks for the secret in all that this leaves. Then it builds from the
/// lock alone.
fn build(project: &Project, name: &str, secrets: &[String]) -> String {
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let log = push(project, name, &secrets);
    let lock = project.lock(&secrets);
    found_nowhere(log, Some(lock.clone()), &[name, &format!("{name}-cache")], [TOKEN, HEADER]);
    let again = project.build(&[&["--no-cache"][..], &secrets].concat());
    assert!(!again.ran().contains("resolve requirements"), "{}", again.ran());
    lock
}

/// A repository of one package, as plain files.
fn repository(folder: &Path) {
    let work = folder.join("private");
    fs::create_dir_all(&work).expect("the folder is ours");
    let project = "[project]\nname = 'private'\nversion = '1'\n\
        [build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n";
    fs::write(work.join("pyproject.toml"), project).expect("the folder is ours");
    fs::write(work.join("backend.py"), super::forms::backend("private")).expect("it is ours");
    for arguments in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "."],
        &["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "one"],
        &["update-server-info"],
    ] {
        engine::stdout(Command::new("git").current_dir(&work).args(arguments));
    }
}

#[test]
fn a_token_opens_a_repository_and_is_left_nowhere() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    repository(folder.path());
    let git = Files::guarded(folder.path(), &format!("{TOKEN}:"));
    let line =
        format!("alpha\nprivate @ git+http://${{GIT_TOKEN}}@{}/private/.git@main\n", git.address);
    let project = project(&line, "  build_packages: [git]\n");
    let told = project.fail(&[]);
    let (_, told) = told.split_once("\nerror[").expect("it is explained");
    expect![[r#"
        unknown-variable]: `requirements.txt` line 2 has `${GIT_TOKEN}`, which nobody declares
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ named here
          |
          = help: give it a value in the manifest, `args: {GIT_TOKEN: …}`, which `--build-arg GIT_TOKEN=…` replaces
          = help: a password or a token is a secret: `--secret id=GIT_TOKEN` passes the variable of that name
    "#]].assert_eq(told);
    let wrong = project.fail(&[&secret(&project, "GIT_TOKEN", "another-9c1d")]);
    assert!(wrong.contains("unresolvable") && !wrong.contains("another-9c1d"), "{wrong}");
    let lock = build(&project, "named-git", &[secret(&project, "GIT_TOKEN", TOKEN)]);
    let origin = format!("git+http://${{GIT_TOKEN}}@{}/private/.git@", git.address);
    assert!(lock.contains(&origin), "{lock}");
}

/// An index of one package below `folder`, which would like to be sent a secret.
fn index(project: &Project, folder: &Path) {
    project.add_wheel("omega", "1");
    let file = "omega-1-py3-none-any.whl";
    let simple = folder.join("simple/omega");
    fs::create_dir_all(&simple).expect("the folder is ours");
    fs::rename(project.folder().join("wheels").join(file), simple.join(file)).expect("it is there");
    fs::write(
        simple.join("index.html"),
        format!("<a href='{file}?k=${{INDEX_PASSWORD}}'>{file}</a>"),
    )
    .expect("ours");
}

#[test]
fn a_user_and_a_password_open_an_index_and_are_left_nowhere() {
    for install in ["layers", "single"] {
        let project = project("", &format!("  install: {install}\n"));
        let folder = tempfile::tempdir().expect("temporary folders can be made");
        index(&project, folder.path());
        // Found in other words, too: that is no reason to replace it there.
        let files = Files::guarded(folder.path(), &format!("me:{TOKEN}"));
        project.write(
            "requirements.txt",
            &format!(
                "--extra-index-url http://${{INDEX_USER}}:${{INDEX_PASSWORD}}@{}/simple\nalpha\nomega\n",
                files.address
            ),
        );
        let secrets =
            [secret(&project, "INDEX_USER", "me"), secret(&project, "INDEX_PASSWORD", TOKEN)];
        if install == "layers" {
            let lock = build(&project, "named-index", &secrets);
            assert!(lock.contains("http://${INDEX_USER}:${INDEX_PASSWORD}@"), "{lock}");
            assert!(lock.contains("?k=") && !lock.contains("?k=${"), "{lock}");
        } else {
            single(&project, "named-single", &secrets);
        }
    }
}

#[test]
fn a_key_in_a_path_opens_an_index_and_is_left_nowhere() {
    for install in ["layers", "single"] {
        let project = project("", &format!("  install: {install}\n"));
        let folder = tempfile::tempdir().expect("temporary folders can be made");
        index(&project, &folder.path().join(TOKEN));
        let files = Files::of(folder.path());
        project.write(
            "requirements.txt",
            &format!(
                "--extra-index-url http://{}/${{INDEX_KEY}}/simple\nalpha\nomega\n",
                files.address
            ),
        );
        if install == "layers" {
            let short = project.fail(&[&secret(&project, "INDEX_KEY", "short")]);
            assert!(
                short.contains("the secret `INDEX_KEY` has fewer than 8 characters"),
                "{short}"
            );
            let secrets = [secret(&project, "INDEX_KEY", TOKEN)];
            let lock = build(&project, "named-key", &secrets);
            assert!(lock.contains("/${INDEX_KEY}/simple/omega/"), "{lock}");
        } else {
            let secrets = [secret(&project, "INDEX_KEY", TOKEN)];
            single(&project, "named-single-key", &secrets);
        }
    }
}

/// The same for one run of pip, which has no lock.
fn single(project: &Project, name: &str, secrets: &[String]) {
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    let log = push(project, name, &secrets);
    found_nowhere(log, None, &[name, &format!("{name}-cache")], [TOKEN, HEADER]);
}
