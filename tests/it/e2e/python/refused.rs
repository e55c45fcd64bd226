//! Requirements that can't be met: the resolver's words, at the line that they are about.

use std::fmt::Write;

use expect_test::expect;

use super::wheel::Wheel;
use crate::e2e::project::Project;

const MANIFEST: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  requirements: requirements.txt
";

/// What the user is told, from the error's head on.
fn told(project: &Project, requirements: &str) -> String {
    project.write("requirements.txt", requirements);
    let seen = project.fail(&[]);
    let (_, told) = seen.split_once("\n\nerror").unwrap_or_else(|| panic!("{seen}"));
    let at = told.find("the builder said").unwrap_or(told.len());
    format!("error{}\n", told[..at].trim_end())
}

#[test]
fn what_the_resolver_says_is_shown_at_its_requirement() {
    let project = Project::with_index(MANIFEST, &[]);
    let plain = Wheel::new("alpha", "1");
    plain.add(&project, "1");
    Wheel { requires: &["alpha>=2"], ..Wheel::new("beta", "1") }.add(&project, "1");
    Wheel { requires_python: ">=3.99", ..Wheel::new("later", "1") }.add(&project, "1");
    for tag in ["cp313-cp313-manylinux_2_17_aarch64", "cp313-cp313-musllinux_1_2_x86_64"] {
        Wheel { tag, ..Wheel::new("elsewhere", "1") }.add(&project, "1");
    }
    let mut seen = String::new();
    for requirements in [
        "alpha\n# a comment\nno-such-package\n",
        "alpha==7\n",
        "alpha\nbeta\n",
        "alpha\nlater\n",
        "elsewhere\n",
        "alpha = 1\n",
    ] {
        let _ = write!(seen, "--- {requirements:?}\n{}", told(&project, requirements));
    }
    expect![[r#"
        --- "alpha\n# a comment\nno-such-package\n"
        error[unresolvable]: the Python packages can't be resolved for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `no-such-package` in `requirements.txt` line 3
          |
          = help: the resolver says:
                  error: No solution found when resolving dependencies
                    cause: Because no-such-package was not found in the package registry and you require no-such-package, we can conclude that your requirements are unsatisfiable.
        --- "alpha==7\n"
        error[unresolvable]: the Python packages can't be resolved for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `alpha` in `requirements.txt` line 1
          |
          = help: the resolver says:
                  error: No solution found when resolving dependencies
                    cause: Because there is no version of alpha==7 and you require alpha==7, we can conclude that your requirements are unsatisfiable.
        --- "alpha\nbeta\n"
        error[unresolvable]: the Python packages can't be resolved for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `beta` in `requirements.txt` line 2
          |
          = help: the resolver says:
                  error: No solution found when resolving dependencies
                    cause: Because only alpha==1 is available and all versions of beta depend on alpha>=2, we can conclude that all versions of beta cannot be used.
                           And because you require beta, we can conclude that your requirements are unsatisfiable.
        --- "alpha\nlater\n"
        error[unresolvable]: the Python packages can't be resolved for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `later` in `requirements.txt` line 2
          |
          = help: the resolver says:
                  error: No solution found when resolving dependencies
                    cause: Because the current Python version (3.13.5) does not satisfy Python>=3.99 and later==1 depends on Python>=3.99, we can conclude that later==1 cannot be used.
                           And because only later==1 is available and you require later, we can conclude that your requirements are unsatisfiable.
        --- "elsewhere\n"
        error[no-wheel]: `elsewhere` has no wheel for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `elsewhere` in `requirements.txt` line 1
          |
          = help: there are wheels for linux/arm64, linux/amd64 with musl
          = help: the resolver says:
                  error: No solution found when resolving dependencies
                    cause: Because elsewhere==1 has no wheels with a matching platform tag (e.g., `manylinux_2_41_x86_64`) and only elsewhere==1 is available, we can conclude that all versions of elsewhere cannot be used.
                           And because you require elsewhere, we can conclude that your requirements are unsatisfiable.

                  hint: Wheels are available for `elsewhere` (v1) on the following platforms: `manylinux_2_17_aarch64`, `musllinux_1_2_x86_64`
        --- "alpha = 1\n"
        error[unresolvable]: the Python packages can't be resolved for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `alpha` in `requirements.txt` line 1
          |
          = help: the resolver says:
                  error: Couldn't parse requirement in `requirements.txt` at position 0
                    cause: no such comparison operator "=", must be one of ~= == != <= >= < > ===
                           alpha = 1
                                 ^^^
    "#]].assert_eq(&seen);
}

#[test]
fn what_a_second_file_says_is_named_too() {
    let project = Project::with_index(MANIFEST, &[]);
    Wheel::new("alpha", "1").add(&project, "1");
    project.write("held.txt", "beta\nalpha==99\n");
    let conflict = told(&project, "alpha\n-c held.txt\n");
    project.write("modelcache.yaml", &MANIFEST.replace("requirements.txt", "pylock.toml"));
    project.write(
        "pylock.toml",
        "lock-version = \"1.0\"\ncreated-by = \"tests\"\n\n[[packages]]\nname = \"alpha\"\nversion = \"1\"\n\n\
         [[packages]]\nname = \"beta\"\nversion = \"one\"\n",
    );
    expect![[r#"
        error[unresolvable]: the Python packages can't be resolved for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: requirements.txt
          |                 ^^^^^^^^^^^^^^^^ `alpha` in `requirements.txt` line 1
          |
          = help: `alpha` in `held.txt` line 2 is about it, too
          = help: the resolver says:
                  error: No solution found when resolving dependencies
                    cause: Because there is no version of alpha==99 and you require alpha==99, we can conclude that your requirements are unsatisfiable.
        error[unresolvable]: the Python packages can't be resolved for linux/amd64
         --> modelcache.yaml:4:17
          |
        4 |   requirements: pylock.toml
          |                 ^^^^^^^^^^^ `beta` in `pylock.toml` line 9
          |
          = help: the resolver says:
                  error: Couldn't parse requirement in `pylock.toml` line 9
                    cause: expected version to start with a number, but no leading ASCII digits were found
                           beta==one
                               ^^^^^
    "#]].assert_eq(&format!("{conflict}{}", told(&project, "")));
}

#[test]
fn credentials_are_refused_wherever_they_stand() {
    let project = Project::with_index(MANIFEST, &[]);
    let mut seen = String::new();
    for line in [
        "--index-url https://me:pw@example.com/simple",
        "--extra-index-url https://me:pw@example.com/simple",
        "--find-links https://me:pw@example.com/wheels",
        "alpha @ git+https://me:pw@example.com/alpha.git",
        "alpha @ https://token@example.com/alpha-1-py3-none-any.whl",
    ] {
        project.write("requirements.txt", &format!("{line}\n"));
        let told = project.fail(&[]);
        assert!(!told.contains("me:pw") && !told.contains("token@"), "{told}");
        let head = told.lines().find(|line| line.starts_with("error")).unwrap_or(&told);
        let _ = writeln!(seen, "{head}");
    }
    for name in ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"] {
        let told = project.fail(&["--build-arg", &format!("{name}=https://me:pw@example.com/")]);
        seen.push_str(told.lines().find(|line| line.starts_with("ERROR")).unwrap_or(&told));
        seen.push('\n');
    }
    expect![[r#"
        error[secret-in-requirements]: `requirements.txt` line 1 has credentials in a URL
        error[secret-in-requirements]: `requirements.txt` line 1 has credentials in a URL
        error[secret-in-requirements]: `requirements.txt` line 1 has credentials in a URL
        error[secret-in-requirements]: `requirements.txt` line 1 has credentials in a URL
        error[secret-in-requirements]: `requirements.txt` line 1 has credentials in a URL
        ERROR: failed to build: failed to solve: the build argument `PIP_INDEX_URL` has a password or token in its URL: pass it as a build secret (`--secret id=netrc,src=…` for a package index, `--secret id=HTTP_AUTH_TOKEN_<host>,env=…` for a hub)
        ERROR: failed to build: failed to solve: the build argument `PIP_EXTRA_INDEX_URL` has a password or token in its URL: pass it as a build secret (`--secret id=netrc,src=…` for a package index, `--secret id=HTTP_AUTH_TOKEN_<host>,env=…` for a hub)
    "#]].assert_eq(&seen);
}
