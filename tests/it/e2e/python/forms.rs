//! Requirements files in forms that only pip's reader knows: the resolver gets what was read.

use expect_test::expect;

use crate::e2e::project::Project;

fn project(rest: &str) -> Project {
    let manifest = format!(
        "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython: {{requirements: requirements.txt}}\n{rest}"
    );
    let project = Project::with_index(&manifest, &[]);
    for (name, version) in [("alpha", "1"), ("alpha", "2"), ("beta", "1"), ("gamma", "1")] {
        project.add_wheel(name, version);
    }
    project
}

/// The files that a lock of `requirements` names, and the projects.
fn locked(project: &Project, requirements: &str) -> String {
    project.write("requirements.txt", requirements);
    let lock = project.lock(&[]);
    let wheels = lock.lines().filter(|line| line.trim_start().starts_with("{\"name\""));
    let words = |line: &str| -> String {
        let parts: Vec<&str> = line.split('"').collect();
        format!("{} {}\n", parts[3], parts[7])
    };
    wheels.map(words).collect()
}

const PROJECT: &str = "[project]\nname = 'delta'\nversion = '1'\n\
    [build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n";

#[test]
fn lines_go_on_wherever_they_break() {
    let project = project("");
    let file = "alpha==\\\n1 ; python_version \\\n  >= '3.8' \\\n# why not\n--pre \\\n  --no-binary \\\n  gamma\nbeta # C:\\\nlost\n";
    assert_eq!(locked(&project, file), "alpha 1\nbeta 1\n");
}

#[test]
fn options_are_quoted_and_shortened_and_share_a_line() {
    let project = project("");
    project.write("with space.txt", "beta\n");
    project.write("held.txt", "alpha<2\n");
    let file = "--requirem 'with space.txt' --pre\n-c\"held.txt\"\nalpha --has=\"sha256:\"'0'\n";
    project.write("requirements.txt", file);
    let told = project.fail(&[]);
    assert!(told.contains("hash-mismatch") || told.contains("no-hash"), "{told}");
    assert_eq!(locked(&project, &file.replace(" --has=\"sha256:\"'0'", "")), "alpha 1\nbeta 1\n");
}

#[test]
fn paths_need_no_dot_before_them() {
    let project = project("");
    let wheel = "wheels/gamma-1-py3-none-any.whl";
    std::fs::create_dir_all(project.context().join("wheels")).expect("the folder is ours");
    std::fs::copy(project.folder().join(wheel), project.context().join(wheel))
        .expect("it is there");
    project.write("pkg/sub/pyproject.toml", PROJECT);
    project.write("pkg/sub/backend.py", &backend("delta"));
    let file = format!("{wheel}\npkg/sub ; python_version > '3'\nalpha\n");
    assert_eq!(locked(&project, &file), "alpha 2\ndelta pkg/sub\ngamma 1\n");
    project.build(&[]);
}

/// Builds a wheel of one module with nothing of others.
pub fn backend(name: &str) -> String {
    BACKEND.replace("NAME", name)
}

const BACKEND: &str = r#"
import zipfile

def build_wheel(folder, settings=None, metadata=None):
    name = "NAME-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("NAME.py", "")
        wheel.writestr("NAME-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: NAME\nVersion: 1\n")
        wheel.writestr("NAME-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("NAME-1.dist-info/RECORD", "NAME.py,,\nNAME-1.dist-info/METADATA,,\nNAME-1.dist-info/WHEEL,,\nNAME-1.dist-info/RECORD,,\n")
    return name
"#;

#[test]
fn a_variable_is_an_argument_of_the_manifest() {
    let project = project("args: {VERSION: 1}\n");
    assert_eq!(locked(&project, "alpha==${VERSION}\n"), "alpha 1\n");
    project.write("requirements.txt", "alpha\nbeta==${HOST}\n");
    let told = project.fail(&[]);
    let (_, told) = told.split_once("\nerror[").expect("it is explained");
    expect![[r#"
        unknown-variable]: `requirements.txt` line 2 has `${HOST}`, which nobody declares
         --> modelcache.yaml:3:24
          |
        3 | python: {requirements: requirements.txt}
          |                        ^^^^^^^^^^^^^^^^ named here
          |
          = help: give it a value in the manifest, `args: {HOST: …}`, which `--build-arg HOST=…` replaces
          = help: a build argument is no secret; a build secret can stand in a URL alone
    "#]].assert_eq(told);
}
