//! The program that reads what is of no repository: on files made for it, by hand-made libraries.

use std::{fs, process::Command};

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Files, the libraries beside them, and what the program is told of one of them.
struct Tree {
    folder: TempDir,
    asset: Value,
}

impl Tree {
    /// `about` says what is at `path`.
    fn new(path: &str, about: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut asset = about;
        asset["id"] = json!("it");
        asset["path"] = json!(folder.path().join(path));
        Self { folder, asset }
    }

    fn write(&self, path: &str, content: &[u8]) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn library(&self, name: &str, code: &str) {
        self.write(&format!("lib/{name}/__init__.py"), code.as_bytes());
        self.write(&format!("lib/{name}-1.0.dist-info/METADATA"), b"Name: x\nVersion: 1.0\n");
    }

    fn check(&self, expected: Expect) {
        let root = self.folder.path();
        let listing = json!({"root": root, "hub": root, "models": [], "assets": [self.asset]});
        self.write("models.json", listing.to_string().as_bytes());
        let out = tempfile::tempdir().unwrap();
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/src/graph/verify/modelcache_verify.py");
        let output = Command::new("python3")
            .args(["-B", program])
            .args([root.join("models.json").as_path(), out.path()])
            .env("PYTHONPATH", root.join("lib"))
            .env("ROOT", root)
            .output()
            .unwrap();
        let report = fs::read_to_string(out.path().join("report.json"));
        let report = report.unwrap_or_else(|_| String::from_utf8_lossy(&output.stderr).into());
        let report: Value = serde_json::from_str(&report).unwrap_or_else(|_| panic!("{report}"));
        let failures = report["failures"].as_array().unwrap();
        assert_eq!(out.path().join("passed").exists(), failures.is_empty());
        let facts = String::from_utf8_lossy(&output.stdout);
        let facts = facts.split(" (").next().unwrap_or_default();
        let failures = failures.iter().map(|failed| {
            format!("{}: {}", failed["step"].as_str().unwrap(), failed["message"].as_str().unwrap())
        });
        let failures: Vec<String> = failures.collect();
        let text = format!("{facts}{}", failures.join("\n"));
        expected.assert_eq(&text.replace(root.to_str().unwrap(), "ROOT"));
    }
}

#[test]
fn a_file_is_there_and_as_long_as_it_says() {
    let tree = Tree::new("files/words.txt", json!({"kind": "file"}));
    tree.check(expect![[
        r#"read: FileNotFoundError: [Errno 2] No such file or directory: 'ROOT/files/words.txt'"#
    ]]);
    tree.write("files/words.txt", b"a");
    tree.check(expect!["it: 1 files"]);

    let tree = Tree::new("files", json!({"kind": "file"}));
    fs::create_dir(tree.folder.path().join("files")).unwrap();
    tree.check(expect!["read: the folder ROOT/files is empty"]);
    let header = br#"{"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}"#;
    let mut whole = (header.len() as u64).to_le_bytes().to_vec();
    whole.extend(header);
    whole.push(0);
    tree.write("files/a/model.safetensors", &whole);
    tree.check(expect!["it: 1 files"]);
    tree.write("files/a/model.safetensors", &whole[..whole.len() - 1]);
    tree.check(expect!["read: `a/model.safetensors` is no file of its format: its tensors end at byte 69, and the file at 68"]);
}

#[test]
fn tiktoken_gets_the_encoding_by_its_names() {
    let about = json!({"kind": "tiktoken", "names": ["o200k_base", "o200k_harmony"]});
    let tree = Tree::new("sha1", about);
    tree.write("sha1", b"ranks");
    tree.check(expect!["it: 1 files"]);
    let library = |names: &str, encode: &str| {
        format!(
            "import os\n\
             class Encoding:\n    def encode(self, text): return list(text.encode())\n    \
             def decode(self, tokens): return {encode}\n\
             def list_encoding_names(): return {names}\n\
             def get_encoding(name):\n    \
             assert open(os.environ['ROOT'] + '/sha1').read() == 'ranks', name\n    \
             return Encoding()\n"
        )
    };
    tree.library("tiktoken", &library("['o200k_base']", "bytes(tokens).decode()"));
    tree.check(expect!["it: 1 files, tiktoken 1.0"]);
    tree.write("sha1", b"other");
    tree.check(expect!["read: AssertionError: o200k_base"]);
    tree.write("sha1", b"ranks");
    tree.library("tiktoken", &library("['o200k_base']", "'?'"));
    tree.check(expect!["read: the encoding `o200k_base` gives another text back"]);
    tree.library("tiktoken", &library("['gpt2']", "''"));
    tree.check(expect!["read: tiktoken 1.0 has no encoding `o200k_base`"]);
}

#[test]
fn torch_hub_loads_by_the_url() {
    let url = "https://example.com/tiny.pth";
    let tree = Tree::new("hub/tiny.pth", json!({"kind": "torch_hub", "url": url}));
    tree.write("hub/tiny.pth", b"weights");
    tree.check(expect!["it: 1 files"]);
    let load = |body: &str| {
        let code = format!(
            "import os\nclass hub:\n    \
             def load_state_dict_from_url(url, map_location, progress, weights_only):\n        \
             assert (url, map_location, weights_only) == ('{url}', 'cpu', True)\n        \
             {body}\n"
        );
        tree.library("torch", &code);
    };
    load("assert open(os.environ['ROOT'] + '/hub/tiny.pth').read() == 'weights', 'cut'");
    tree.check(expect!["it: 1 files, torch 1.0"]);
    tree.write("hub/tiny.pth", b"weig");
    tree.check(expect!["read: AssertionError: cut"]);
    load("raise RuntimeError('Weights only load failed. Unsupported global: GLOBAL a.B')");
    tree.check(expect!["it: 1 files, weights not loaded: that would run code that is in them"]);
    tree.library("torch", "class hub:\n    def load_state_dict_from_url(url): raise OSError\n");
    tree.check(expect![
        "it: 1 files, weights not loaded: this torch would run code that is in them"
    ]);
}

#[test]
fn nltk_finds_the_package_and_uses_it() {
    let about = json!({"kind": "nltk", "resource": "tokenizers/punkt_tab"});
    let tree = Tree::new("nltk/tokenizers/punkt_tab.zip", about);
    tree.write("nltk/tokenizers/punkt_tab.zip", b"zip");
    tree.write("nltk/tokenizers/punkt_tab/english.tab", b"tab");
    let library = |sentences: &str| {
        tree.library(
            "nltk",
            &format!(
                "import os\n\
                 class data:\n    path = [os.environ['ROOT'] + '/nltk']\n    \
                 def find(name):\n        \
                 if not os.path.exists(data.path[0] + '/' + name):\n            \
                 raise LookupError('use nltk.download\\n  Attempted to load \\x1b[93m' + name + '\\x1b[0m')\n        \
                 files = [os.path.join(data.path[0], name, f) for f in os.listdir(os.path.join(data.path[0], name))]\n        \
                 assert all(os.stat(f).st_nlink == 1 for f in files)\n\
                 class corpus: pass\n\
                 def sent_tokenize(text): return {sentences}\n"
            ),
        );
    };
    library("text.split('. ', 2)[1:]");
    tree.check(expect![[r#"it: 1 files, nltk 1.0"#]]);
    // As in the store of a builder.
    let path = |path: &str| tree.folder.path().join(path);
    fs::hard_link(path("nltk/tokenizers/punkt_tab/english.tab"), path("again")).unwrap();
    tree.check(expect![[r#"it: 1 files, nltk 1.0"#]]);
    library("[text]");
    tree.check(expect![[
        r#"read: `sent_tokenize` finds 1 sentences in 'Dr. Who is in. She is not.'"#
    ]]);
    fs::remove_dir_all(path("nltk/tokenizers/punkt_tab")).unwrap();
    tree.check(expect!["read: nltk 1.0 doesn't find tokenizers/punkt_tab.zip/punkt_tab/, which `punkt_tab` is read by"]);
}
