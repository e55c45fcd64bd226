//! The program that imports packages, as it runs in an image: on packages made for it.

use std::{fs, process::Command};

use expect_test::expect;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Python packages, and nothing else.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// An installed package with these files.
    fn package(&self, name: &str, files: &[(&str, &str)]) {
        let info = format!("{name}-1.dist-info");
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1\n");
        let record: String = files.iter().map(|(path, _)| format!("{path},,\n")).collect();
        let record = format!("{info}/METADATA,,\n{record}");
        let about = [(format!("{info}/METADATA"), metadata), (format!("{info}/RECORD"), record)];
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        for (path, text) in files.chain(about) {
            let path = self.0.path().join("lib").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// Runs the program: what it imported or warned of, and what it found.
    fn run(&self, packages: &[&str], modules: bool) -> String {
        let listing = self.0.path().join("packages.json");
        fs::write(&listing, json!({"packages": packages, "modules": modules}).to_string()).unwrap();
        let out = tempfile::tempdir().unwrap();
        let program =
            concat!(env!("CARGO_MANIFEST_DIR"), "/src/graph/verify/modelcache_imports.py");
        let output = Command::new("python3")
            .args(["-B", program])
            .args([listing.as_path(), out.path()])
            .env("PYTHONPATH", self.0.path().join("lib"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let imported = said.split(" (").next().unwrap_or_default().trim();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let warnings: String = stderr
            .lines()
            .filter(|line| line.starts_with("warning"))
            .map(|l| format!("{l}\n"))
            .collect();
        let report = fs::read_to_string(out.path().join("report.json")).unwrap_or_default();
        let report: Value = serde_json::from_str(&report).unwrap_or_default();
        let failures = report["imports"].as_array().into_iter().flatten();
        let found: String = failures
            .map(|failed| {
                let text = |key: &str| failed[key].as_str().unwrap_or_default().to_owned();
                format!("{} {}: {}\n", text("package"), text("module"), text("message"))
            })
            .collect();
        let passed = if out.path().join("passed").exists() { "passed" } else { "not passed" };
        let code = output.status.code().unwrap();
        format!("{code}, {passed}: {imported}\n{warnings}{found}")
    }
}

#[test]
fn a_package_is_imported_by_its_top_level_modules() {
    let tree = Tree::new();
    let raises = "raise SystemExit('not to be imported')\n";
    tree.package(
        "Has-Much",
        &[
            ("much/__init__.py", ""),
            ("much/part/__init__.py", raises),
            ("other.py", ""),
            ("_private.py", raises),
            ("tests/__init__.py", raises),
            ("loose/script.py", raises),
            ("setup.py", raises),
            ("../../../bin/much", raises),
        ],
    );
    tree.package(
        "in-namespace",
        &[("space/cloud/it/__init__.py", ""), ("space/cloud/it/x/__init__.py", raises)],
    );
    tree.package("only-private", &[("_core.py", "")]);
    tree.package("metapackage", &[]);
    tree.package("tool-alone", &[("../../../bin/tool.py", raises)]);
    tree.package("data-alone", &[("share/words.txt", ""), ("stubs-stubs/__init__.pyi", "")]);
    let names = [
        "data-alone",
        "has-much",
        "in-namespace",
        "metapackage",
        "not-here",
        "only-private",
        "tool-alone",
    ];
    expect![[r#"
        0, passed: much, other, space.cloud.it, _core
    "#]]
    .assert_eq(&tree.run(&names, false));
    expect![[r#"
        0, not passed: much, other, much.part, nowhere
        much.part much.part: SystemExit: not to be imported
        nowhere nowhere: ModuleNotFoundError: No module named 'nowhere'
    "#]]
    .assert_eq(&tree.run(&["Has_Much", "much.part", "nowhere"], true));
}

#[test]
fn each_failure_is_that_of_its_package() {
    let tree = Tree::new();
    tree.package("abort", &[("abort.py", "import os; os.abort()\n")]);
    tree.package("first", &[("first.py", "")]);
    tree.package("leaves", &[("leaves.py", "import os; os._exit(3)\n")]);
    tree.package("missing", &[("missing.py", "import nothing_of_this_name\n")]);
    // It fails beside another, and not alone.
    let picky = "import sys\nif 'first' in sys.modules: raise RuntimeError('no company')\n";
    tree.package("picky", &[("picky.py", picky)]);
    tree.package("segfault", &[("segfault.py", "import ctypes; ctypes.string_at(0)\n")]);
    tree.package(
        "works",
        &[(
            "works.py",
            "import threading\nthreading.Thread(target=threading.Event().wait).start()\n",
        )],
    );
    let names = ["abort", "first", "leaves", "missing", "picky", "segfault", "works"];
    expect![[r#"
        0, not passed: abort, first, leaves, missing, picky, segfault, works
        abort abort: the process ended with signal 6 (SIGABRT)
        leaves leaves: the process ended with exit code 3
        missing missing: ModuleNotFoundError: No module named 'nothing_of_this_name'
        segfault segfault: the process ended with signal 11 (SIGSEGV)
    "#]]
    .assert_eq(&tree.run(&names, false));
    // What the machine may be to blame for is no result.
    tree.package("killed", &[("killed.py", "import os; os.kill(os.getpid(), 9)\n")]);
    expect![[r#"
        101, not passed: 
    "#]]
    .assert_eq(&tree.run(&["first", "killed"], false));
}

#[test]
fn what_only_an_extra_brings_is_a_warning_beside_what_works() {
    let tree = Tree::new();
    let wants = "import nothing_of_this_name.part\n";
    tree.package("Black_1", &[("black_1.py", ""), ("black_1d.py", wants), ("other.py", "1 / 0\n")]);
    tree.package("broken", &[("broken.py", wants), ("brokend.py", wants)]);
    expect![[r#"
        0, not passed: black_1, black_1d, other, broken, brokend
        warning: `import black_1d` needs nothing_of_this_name, which nothing here asks for: ModuleNotFoundError: No module named 'nothing_of_this_name'
        black-1 other: ZeroDivisionError: division by zero
        broken broken: ModuleNotFoundError: No module named 'nothing_of_this_name'
        broken brokend: ModuleNotFoundError: No module named 'nothing_of_this_name'
    "#]].assert_eq(&tree.run(&["black-1", "broken"], false));
    expect![[r#"
        0, not passed: black_1, black_1d, other
        black-1 black_1d: ModuleNotFoundError: No module named 'nothing_of_this_name'
        black-1 other: ZeroDivisionError: division by zero
    "#]]
    .assert_eq(&tree.run(&["black-1", "black_1d"], true));
}

#[test]
fn what_a_build_lacks_is_a_warning() {
    let tree = Tree::new();
    let raises = [
        (
            "driver",
            "raise ImportError('libcuda.so.1: cannot open shared object file: No such file or directory')",
        ),
        (
            "hidden",
            "try:\n    raise OSError('libnvidia-ml.so.1: not found')\nexcept OSError as e:\n    raise ImportError('it did not work') from e",
        ),
        ("torchlike", "raise RuntimeError('Found no NVIDIA driver on your system.')"),
        ("devices", "raise RuntimeError('No CUDA GPUs are available')"),
        ("window", "import os; os.environ['DISPLAY']"),
        ("toolkit", "raise ImportError('libcudart.so.12: cannot open shared object file')"),
        ("picture", "raise ImportError('libGL.so.1: cannot open shared object file')"),
        ("backend", "raise ModuleNotFoundError(\"No module named 'nvidia'\")"),
    ];
    for (name, code) in raises {
        tree.package(name, &[(&format!("{name}.py"), &format!("{code}\n"))]);
    }
    expect![[r#"
        0, not passed: driver, hidden, torchlike, devices, window, toolkit, picture, backend
        warning: `import driver` needs a graphics card, which a build has none of: ImportError: libcuda.so.1: cannot open shared object file: No such file or directory
        warning: `import hidden` needs a graphics card, which a build has none of: ImportError: it did not work
        warning: `import torchlike` needs a graphics card, which a build has none of: RuntimeError: Found no NVIDIA driver on your system.
        warning: `import devices` needs a graphics card, which a build has none of: RuntimeError: No CUDA GPUs are available
        warning: `import window` needs a display, which a build has none of: KeyError: 'DISPLAY'
        toolkit toolkit: ImportError: libcudart.so.12: cannot open shared object file
        picture picture: ImportError: libGL.so.1: cannot open shared object file
        backend backend: ModuleNotFoundError: No module named 'nvidia'
    "#]]
    .assert_eq(&tree.run(&raises.map(|(name, _)| name), false));
}
