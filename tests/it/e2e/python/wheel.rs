//! Packages made by hand: what their names and their metadata say.

use std::{fmt::Write, fs, path::Path, process::Command};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::e2e::{engine, project::Project};

/// A wheel with one module.
pub struct Wheel<'a> {
    /// The package.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Python, ABI and platform.
    pub tag: &'a str,
    /// What it requires.
    pub requires: &'a [&'a str],
    /// Which Python it is for: `>=3.99`.
    pub requires_python: &'a str,
}

impl<'a> Wheel<'a> {
    /// A wheel for every machine.
    pub fn new(name: &'a str, version: &'a str) -> Self {
        Self { name, version, tag: "py3-none-any", requires: &[], requires_python: ">=3.8" }
    }

    /// Puts it on the project's index; `word` is in its module.
    pub fn add(&self, project: &Project, word: &str) {
        self.add_to(&project.folder().join("wheels"), word);
    }

    /// Puts it into an index's folder.
    pub fn add_to(&self, wheels: &Path, word: &str) {
        let Self { name, version, tag, requires, requires_python } = self;
        let module = name.replace('-', "_");
        let info = format!("{module}-{version}.dist-info");
        let mut metadata = format!(
            "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {requires_python}\n"
        );
        for requirement in *requires {
            let _ = writeln!(metadata, "Requires-Dist: {requirement}");
        }
        let wheel =
            format!("Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n");
        let folder = tempfile::tempdir().expect("temporary folders can be made");
        fs::create_dir(folder.path().join(&info)).expect("the folder is ours");
        let mut record = format!("{info}/RECORD,,\n");
        for (path, text) in [
            (format!("{module}.py"), format!("VERSION = {version:?}\nWORD = {word:?}\n")),
            (format!("{info}/METADATA"), metadata),
            (format!("{info}/WHEEL"), wheel),
        ] {
            let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&text));
            let _ = writeln!(record, "{path},sha256={hash},{}", text.len());
            fs::write(folder.path().join(path), text).expect("the folder is ours");
        }
        fs::write(folder.path().join(&info).join("RECORD"), record).expect("the folder is ours");
        let file = wheels.join(format!("{module}-{version}-{tag}.whl"));
        // The index must not see half of it.
        let unfinished = wheels.join("unfinished");
        let mut zip = Command::new("python3");
        zip.args(["-m", "zipfile", "-c"]).arg(&unfinished).arg(format!("{module}.py")).arg(info);
        engine::stdout(zip.current_dir(folder.path()));
        fs::rename(unfinished, file).expect("the folder is ours");
    }
}

/// Writes an archive that is built by setuptools, which a build gets from the index.
const SOURCE: &str = r#"
import io, sys, tarfile
files = {
    "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
                      '[project]\nname = "sourced"\nversion = "1"\n[tool.setuptools]\npy-modules = ["sourced"]\n',
    "PKG-INFO": "Metadata-Version: 2.1\nName: sourced\nVersion: 1\n",
    "sourced.py": f"WORD = {sys.argv[2]!r}\n",
}
with tarfile.open(sys.argv[1] + "/wheels/sourced-1.tar.gz", "w:gz") as archive:
    for name, text in files.items():
        member = tarfile.TarInfo("sourced-1/" + name)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
"#;

/// Puts `sourced`, which is no wheel yet, on the project's index; `word` is in its module.
pub fn add_source(project: &Project, word: &str) {
    let mut make = Command::new("python3");
    engine::stdout(make.args(["-c", SOURCE]).arg(project.folder()).arg(word));
}
