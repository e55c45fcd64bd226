//! The program that loads models, as it runs in an image: on a tree made for it.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
    process::Command,
};

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::COMMIT;

mod kinds;

const MODULES: &str = r#"[
    {"idx": 0, "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]"#;

/// An image's cache with one model, and the libraries beside it.
struct Tree {
    folder: TempDir,
    files: Vec<(&'static str, usize)>,
    /// The id in the listing.
    repository: &'static str,
    /// Its other names.
    also: Vec<&'static str>,
    /// Whether the listing has the files.
    listed: bool,
    /// Whether the listing says that fastembed reads it.
    fastembed: bool,
}

impl Tree {
    /// A whole model of sentence-transformers, with two tensors.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Whoever runs the program must be able to enter it, as in an image.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let mut tree = Self {
            folder,
            files: Vec::new(),
            repository: "org/name",
            also: Vec::new(),
            listed: true,
            fastembed: false,
        };
        tree.add("1_Pooling/config.json", b"{}");
        tree.add("config.json", br#"{"model_type": "bert"}"#);
        tree.add("model.safetensors", &safetensors(&["a", "b"]));
        tree.add("modules.json", MODULES.as_bytes());
        tree.add("tokenizer.json", b"{}");
        tree.write("hub/models--org--name/refs/main", COMMIT.as_bytes());
        tree
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn snapshot(&self, path: &str) -> PathBuf {
        self.path(&format!("hub/models--org--name/snapshots/{COMMIT}/{path}"))
    }

    fn write(&self, path: &str, content: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Adds a file to the model.
    fn add(&mut self, path: &'static str, content: &[u8]) {
        self.files.retain(|(other, _)| *other != path);
        self.files.push((path, content.len()));
        self.write(&format!("hub/models--org--name/snapshots/{COMMIT}/{path}"), content);
    }

    /// Takes a file out of the model.
    fn remove(&mut self, path: &str) {
        self.files.retain(|(other, _)| *other != path);
        fs::remove_file(self.snapshot(path)).unwrap();
    }

    /// A library in the image.
    fn library(&self, name: &str, code: &str) {
        self.write(&format!("lib/{name}.py"), code.as_bytes());
        self.write(&format!("lib/{name}-1.0.dist-info/METADATA"), b"Name: x\nVersion: 1.0\n");
    }

    /// Runs the program; its exit code and what it found.
    fn run(&self) -> String {
        let files: Vec<Value> =
            self.files.iter().map(|(path, size)| json!({"path": path, "size": size})).collect();
        let listing = json!({"root": self.path("hub"), "hub": self.path("hub"), "assets": [], "models": [{
            "id": "org/name", "repository": self.repository, "folder": "models--org--name",
            "also": self.also.iter().map(|name| json!({"repository": name, "folder": format!("models--{}", name.replace('/', "--"))})).collect::<Vec<Value>>(),
            "commit": COMMIT, "revisions": ["main"], "files": self.listed.then_some(files),
            "remote_code": false, "pickle": false, "fastembed": self.fastembed,
        }]});
        self.write("models.json", listing.to_string().as_bytes());
        let out = tempfile::tempdir().unwrap();
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/src/graph/verify/modelcache_verify.py");
        let output = Command::new("python3")
            .args(["-B", program])
            .args([self.path("models.json").as_path(), out.path()])
            .env("PYTHONPATH", self.path("lib"))
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        // The time that it took is its own.
        let facts = text(&output.stdout).split(" (").next().unwrap_or_default().trim().to_owned();
        let report = fs::read_to_string(out.path().join("report.json")).unwrap_or_default();
        let report: Value = serde_json::from_str(&report).unwrap_or_default();
        let found = match report["failures"].as_array() {
            Some(failures) => failures.iter().map(line).collect(),
            None => text(&output.stderr).split(" after").next().unwrap_or_default().to_owned(),
        };
        let passed = if out.path().join("passed").exists() { "passed" } else { "not passed" };
        let code = output.status.code().unwrap();
        let found = found.replace(self.folder.path().to_str().unwrap(), "ROOT");
        format!("{code}, {passed}\n{facts}\n{found}").replace("\n\n", "\n")
    }

    fn check(&self, expected: Expect) {
        expected.assert_eq(&self.run());
    }
}

fn line(failure: &Value) -> String {
    let text = |key: &str| failure[key].as_str().unwrap_or_default().to_owned();
    let detail = failure["detail"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let detail: String = detail.map(|line| format!("  {line}\n")).collect();
    format!("{}: {}\n{detail}", text("step"), text("message"))
}

/// A file of the format, with a byte for each tensor.
fn safetensors(tensors: &[&str]) -> Vec<u8> {
    let entry = |(i, name): (usize, &&str)| {
        format!(r#""{name}": {{"dtype": "U8", "shape": [1], "data_offsets": [{i}, {}]}}"#, i + 1)
    };
    let header: Vec<String> = tensors.iter().enumerate().map(entry).collect();
    let header = format!("{{{}}}", header.join(", "));
    let length = u64::try_from(header.len()).unwrap().to_le_bytes();
    [&length[..], header.as_bytes(), &vec![0; tensors.len()]].concat()
}

/// A GGUF file with a name, a list of words, and a tensor of `length` bytes that says it
/// has 64: two rows of eight numbers.
pub fn gguf(length: usize) -> Vec<u8> {
    let number = |number: u64| number.to_le_bytes().to_vec();
    let kind = |kind: u32| kind.to_le_bytes().to_vec();
    let text = |text: &str| [number(text.len() as u64), text.into()].concat();
    let mut file = [
        b"GGUF".to_vec(),
        kind(3),
        number(1),
        number(2),
        [text("general.name"), kind(8), text("tiny")].concat(),
        [text("words"), kind(9), kind(8), number(2), text("a"), text("b")].concat(),
        [text("w"), kind(2), number(8), number(2), kind(0), number(0)].concat(),
    ]
    .concat();
    file.resize(file.len().next_multiple_of(32) + length, 0);
    file
}

#[test]
fn a_whole_model_passes_without_any_library() {
    Tree::new().check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB
    "#]]);
}

#[test]
fn files_are_as_planned() {
    let mut tree = Tree::new();
    tree.files.push(("vocab.txt", 3));
    tree.files.push(("link.txt", 3));
    tree.write("outside", b"abc");
    symlink(tree.path("outside"), tree.snapshot("link.txt")).unwrap();
    fs::write(tree.snapshot("config.json"), "{").unwrap();
    let mode = Permissions::from_mode(0o600);
    fs::set_permissions(tree.snapshot("tokenizer.json"), mode).unwrap();
    fs::set_permissions(tree.snapshot("1_Pooling"), Permissions::from_mode(0o700)).unwrap();
    tree.write("hub/models--org--name/refs/main", format!("{COMMIT}\n").as_bytes());
    symlink("nowhere", tree.path("hub/models--org--name/dangling")).unwrap();
    tree.check(expect![[r#"
        0, not passed
        files: the folder ROOT/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/1_Pooling can't be entered by every user
        files: `config.json` has 1 bytes, and should have 22
        files: `tokenizer.json` can't be read by every user
        files: `vocab.txt` is not in the image: No such file or directory
        files: `link.txt` leads out of ROOT/hub
        files: the revision `main` is b'1110a243fdf4706b3f48f1d95db1a4f5529b4d41\n', and should be 1110a243fdf4706b3f48f1d95db1a4f5529b4d41
        files: ROOT/hub/models--org--name/dangling leads nowhere
    "#]]);
}

#[test]
fn a_module_without_its_files_is_another_model() {
    let mut tree = Tree::new();
    tree.remove("1_Pooling/config.json");
    tree.check(expect![[r#"
        0, not passed
        files: `modules.json` lists the module `1_Pooling` (Pooling), but no file of it is in the image
    "#]]);

    let mut tree = Tree::new();
    tree.remove("modules.json");
    tree.add("config_sentence_transformers.json", b"{}");
    tree.check(expect![[r#"
        0, not passed
        files: `config_sentence_transformers.json` is there, but not `modules.json`: sentence-transformers would quietly use plain mean pooling
    "#]]);
}

#[test]
fn weights_are_what_their_headers_say() {
    let mut tree = Tree::new();
    let whole = safetensors(&["a", "b"]);
    tree.add("model.safetensors", &whole[..whole.len() - 1]);
    tree.add("model.gguf", b"<htm");
    tree.add("cut.gguf", &gguf(64)[..100]);
    tree.add("short.gguf", &gguf(63));
    tree.add("old.gguf", &[b"GGUF", &1u32.to_le_bytes()[..]].concat());
    tree.add("whole.gguf", &gguf(64));
    tree.check(expect![[r#"
        0, not passed
        files: `cut.gguf` is no file of its format: it is cut within its metadata, at byte 100
        files: `model.gguf` is no file of its format: it does not begin with `GGUF`
        files: `model.safetensors` is no file of its format: its tensors end at byte 130, and the file at 129
        files: `old.gguf` is no file of its format: its version is 1; known are 2 and 3
        files: `short.gguf` is no file of its format: its tensor `w` ends at byte 224, and the file at 223
    "#]]);

    let mut tree = Tree::new();
    tree.remove("model.safetensors");
    tree.add("model-1.safetensors", &safetensors(&["a"]));
    let index = r#"{"weight_map": {"a": "model-1.safetensors", "b": "model-1.safetensors", "c": "model-2.safetensors"}}"#;
    tree.add("model.safetensors.index.json", index.as_bytes());
    tree.check(expect![[r#"
        0, not passed
        files: `model-1.safetensors` has no tensor `b`, which `model.safetensors.index.json` names
        files: `model.safetensors.index.json` names `model-2.safetensors`, which is not in the image
    "#]]);
}

#[test]
fn what_torch_saved_ends_as_an_archive_does() {
    let mut tree = Tree::new();
    tree.remove("model.safetensors");
    let zip = [&b"PK\x05\x06"[..], &[0; 18]].concat(); // an empty one is its end alone
    let whole = [&b"PK\x03\x04and so on"[..], &zip].concat();
    tree.add("pytorch_model.bin", &whole);
    tree.add("training_args.bin", b"\x80\x02 a pickle of its own");
    tree.check(expect![[r#"
        0, passed
        org/name: 6 files, 0.0 MB
    "#]]);
    tree.add("pytorch_model.bin", &whole[..whole.len() - zip.len()]);
    tree.check(expect![[r#"
        0, not passed
        files: `pytorch_model.bin` is no file of its format: it begins as a zip archive, and its end is missing
    "#]]);
}

#[test]
fn headers_that_grow_are_told() {
    let mut tree = Tree::new();
    tree.remove("model.safetensors");
    let header = |json: &[u8]| [&(json.len() as u64).to_le_bytes()[..], json].concat();
    tree.add("deep.safetensors", &header(&b"[".repeat(100_000)));
    tree.add("number.safetensors", &header(b"1"));
    tree.add("short.safetensors", &header(br#"{"a": {"data_offsets": []}}"#));
    let start = |values: u64| {
        [
            b"GGUF".to_vec(),
            3u32.to_le_bytes().to_vec(),
            [0; 8].to_vec(),
            values.to_le_bytes().to_vec(),
        ]
        .concat()
    };
    let array = [9u32.to_le_bytes().to_vec(), 1u64.to_le_bytes().to_vec()].concat();
    let nested = [start(1), [0; 8].to_vec(), 9u32.to_le_bytes().to_vec(), array.repeat(100_000)];
    tree.add("nested.gguf", &nested.concat());
    let long = [start(1), (1u64 << 20).to_le_bytes().to_vec(), vec![b'x'; 1 << 20]];
    tree.add("long.gguf", &long.concat());
    tree.add("many.gguf", &start(u64::MAX));
    tree.check(expect![[r#"
        0, not passed
        files: `deep.safetensors` is no file of its format: its header is nested too deep
        files: `long.gguf` is no file of its format: a name in it has 1048576 bytes
        files: `many.gguf` is no file of its format: it is cut within its metadata, at byte 24
        files: `nested.gguf` is no file of its format: its metadata has arrays in each other more than 8 deep
        files: `number.safetensors` is no file of its format: its header is no object
        files: `short.safetensors` is no file of its format: list index out of range
    "#]]);
}

#[test]
fn libraries_are_asked_as_an_application_does() {
    let tree = Tree::new();
    let snapshot = tree.snapshot("");
    let found = snapshot.to_str().unwrap();
    tree.library(
        "huggingface_hub",
        &format!(
            "def snapshot_download(name, local_files_only, revision=None):\n    return '{found}'\n\
             def hf_hub_download(name, path, local_files_only):\n    assert local_files_only\n"
        ),
    );
    tree.library(
        "tokenizers",
        "class Tokenizer:\n    def from_file(path):\n        raise ValueError('no vocabulary\\nin ' + path.rsplit('/', 1)[1])\n",
    );
    tree.check(expect![[r#"
        0, not passed
        load: ValueError: no vocabulary
          in tokenizer.json
    "#]]);
    tree.library(
        "huggingface_hub",
        "hf_hub_download = None\ndef snapshot_download(name, local_files_only, revision=None):\n    return '/elsewhere'\n",
    );
    tree.check(expect![[r#"
        0, not passed
        hub: huggingface_hub takes /elsewhere for the model, which is in ROOT/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41
    "#]]);
}

#[test]
fn a_model_is_found_by_its_other_name_too() {
    let mut tree = Tree::new();
    tree.also.push("new/name");
    tree.check(expect![[r#"
        0, not passed
        files: the revision `main` can't be looked up: [Errno 2] No such file or directory: 'ROOT/hub/models--new--name/refs/main'
    "#]]);
    symlink("models--org--name", tree.path("hub/models--new--name")).unwrap();
    let found = tree.path(&format!("hub/models--new--name/snapshots/{COMMIT}"));
    tree.library(
        "huggingface_hub",
        &format!(
            "asked = set()\ndef snapshot_download(name, local_files_only, revision=None):\n    asked.add(name)\n    return '{}'\n\
             def hf_hub_download(name, path, local_files_only):\n    assert name != 'new/name' or len(asked) == 2\n",
            found.to_str().unwrap()
        ),
    );
    tree.check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB, huggingface_hub 1.0
    "#]]);
}

#[test]
fn a_pipeline_has_all_its_parts_and_is_loaded_as_one() {
    let mut tree = Tree::new();
    tree.remove("modules.json");
    let index = br#"{"_class_name": "P", "unet": ["diffusers", "UNet2DModel"], "scheduler": ["diffusers", "S"],
        "safety_checker": [null, null], "requires_safety_checker": true}"#;
    tree.add("model_index.json", index);
    tree.add("unet/model.fp16.safetensors", &safetensors(&["a"]));
    tree.check(expect![[r#"
        0, not passed
        files: `model_index.json` lists `scheduler` (S), but no file of it is in the image
    "#]]);
    tree.add("scheduler/scheduler_config.json", b"{}");
    tree.library("torch", "");
    tree.library(
        "diffusers",
        "class DiffusionPipeline:\n    def from_pretrained(name, **options):\n        raise ValueError(f'{name} {sorted(options.items())}')\n",
    );
    tree.check(expect![[r#"
        0, not passed
        load: ValueError: org/name [('local_files_only', True), ('variant', 'fp16')]
    "#]]);
}

#[test]
fn an_onnx_graph_is_opened() {
    const LIBRARY: &str = "
class SessionOptions: pass
class GraphOptimizationLevel: ORT_DISABLE_ALL = 0
def InferenceSession(path, options, providers):
    raise RuntimeError('WORD : ' + path.rsplit('/', 1)[1])
";
    let mut tree = Tree::new();
    tree.add("onnx/model.onnx", b"graph");
    tree.library("onnxruntime", &LIBRARY.replace("WORD", "INVALID_PROTOBUF"));
    tree.check(expect![[r#"
        0, not passed
        load: RuntimeError: INVALID_PROTOBUF : model.onnx
    "#]]);
    tree.library("onnxruntime", &LIBRARY.replace("WORD", "NOT_IMPLEMENTED"));
    tree.check(expect![[r#"
        0, passed
        org/name: 6 files, 0.0 MB, graphs not opened: `onnx/model.onnx` is not for a processor
    "#]]);
    tree.library("onnxruntime", &LIBRARY.replace("raise", "return"));
    tree.check(expect![[r#"
        0, passed
        org/name: 6 files, 0.0 MB, onnxruntime 1.0
    "#]]);
}

#[test]
fn a_dataset_is_found_as_one() {
    let mut tree = Tree::new();
    tree.repository = "datasets/org/name";
    let found = tree.snapshot("");
    let found = found.to_str().unwrap();
    tree.library(
        "huggingface_hub",
        &format!(
            "def snapshot_download(name, local_files_only, repo_type, revision=None):\n    assert (name, repo_type) == ('org/name', 'dataset')\n    return '{found}'\n\
             def hf_hub_download(name, path, local_files_only, repo_type):\n    assert (name, repo_type) == ('org/name', 'dataset')\n"
        ),
    );
    tree.check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB, huggingface_hub 1.0
    "#]]);
}

#[test]
fn of_a_folder_all_that_is_in_it_is_looked_at() {
    let mut tree = Tree::new();
    tree.listed = false;
    tree.check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB
    "#]]);
    tree.remove("1_Pooling/config.json");
    fs::remove_dir(tree.snapshot("1_Pooling")).unwrap();
    symlink("../nowhere", tree.snapshot("vocab.txt")).unwrap();
    tree.check(expect![[r#"
        0, not passed
        files: `vocab.txt` is not in the image: No such file or directory
        files: ROOT/hub/models--org--name/snapshots/1110a243fdf4706b3f48f1d95db1a4f5529b4d41/vocab.txt leads nowhere
    "#]]);
}

#[test]
fn a_killed_process_has_no_result() {
    let tree = Tree::new();
    tree.library(
        "tokenizers",
        "class Tokenizer:\n    def from_file(path):\n        import os; os.kill(os.getpid(), 9)\n",
    );
    tree.check(expect![[r#"
        100, not passed
        org/name: signal 9"#]]);
    let scarce = "class Tokenizer:\n    def from_file(path):\n        raise MemoryError\n";
    tree.library("tokenizers", scarce);
    let found = tree.run();
    assert!(found.starts_with("100, not passed"), "{found}");
}

#[test]
fn what_could_run_code_is_not_loaded() {
    let mut tree = Tree::new();
    for library in ["transformers", "torch", "sentence_transformers"] {
        tree.library(library, "");
    }
    let part = "class Part:\n    def from_pretrained(*a, **k):\n        pass\nAutoConfig = AutoTokenizer = AutoModel = Part\n";
    tree.library("transformers", part);
    tree.remove("model.safetensors");
    tree.add("pytorch_model.bin", b"pickle");
    tree.check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB, transformers 1.0, weights not loaded: loading `pytorch_model.bin` can run code; `allow_pickle: true` lets it
    "#]]);
    tree.add("config.json", br#"{"model_type": "own", "auto_map": {"AutoModel": "m.M"}}"#);
    tree.check(expect![[r#"
        0, passed
        org/name: 5 files, 0.0 MB, not loaded: it brings code, which runs only with `trust_remote_code`
    "#]]);
}
