//! Libraries with caches of their own, as they come from the index: each finds its file
//! with no network, on a read-only root, as any user.

use std::{fs, path::Path, process::Command};

use expect_test::{Expect, expect};
use modelcache::values::digest::Digest;

use crate::e2e::{engine, project::Project, registry::REPOSITORY};

/// A project whose hub has a repository of plain files, each with its place there.
fn project(files: &[(&str, &Path)]) -> Project {
    let project = Project::with_real_packages("");
    let folder = project.repository("acme/files");
    fs::create_dir_all(&folder).expect("the folder is ours");
    for (name, path) in files {
        fs::copy(path, folder.join(name))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    project
}

/// The URL of one of these files, and its digest.
fn url_and_digest(project: &Project, name: &str) -> (String, String) {
    let file = fs::read(project.repository("acme/files").join(name)).expect("it was put there");
    let url = format!("http://{}/acme/files/resolve/main/{name}", project.hub.address);
    (url, Digest::of(&file).to_string())
}

/// Builds and pushes the image, and returns its name.
fn image(project: &Project) -> String {
    let digest = project.build(&[]).digest;
    format!("{}/{REPOSITORY}@{digest}", engine::variable("MODELCACHE_REGISTRY"))
}

/// Builds the image, and runs its program where nothing is allowed.
fn check(project: &Project, program: &str, expected: Expect) {
    project.write("check.py", program);
    let image = image(project);
    let mut run = Command::new("docker");
    run.args(["run", "--rm", "--network", "none", "--read-only", "--tmpfs", "/tmp"]);
    run.args(["--user", "23456:23456", &image]);
    expected.assert_eq(&engine::stdout(&mut run));
}

/// A zip of a folder, as NLTK's own are: the folder's name is in it.
fn zip(above: &Path, folder: &str, to: &Path) {
    let mut zip = Command::new("python3");
    zip.args(["-m", "zipfile", "-c"]).arg(to).arg(folder).current_dir(above);
    engine::stdout(&mut zip);
}

#[test]
fn tiktoken_and_nltk_read_their_genuine_data() {
    engine::on_demand("data");
    let data = engine::top().join(".engine/data");
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let [stopwords, punkt] =
        ["stopwords.zip", "punkt_tab.zip"].map(|name| folder.path().join(name));
    zip(&data.join("nltk/corpora"), "stopwords", &stopwords);
    zip(&data.join("nltk/tokenizers"), "punkt_tab", &punkt);
    let encoding = data.join("tiktoken/9b5ad71b2ce5302211f9c61530b329a4922fc6a4");
    let project = project(&[
        ("cl100k_base.tiktoken", &encoding),
        ("stopwords.zip", &stopwords),
        ("punkt_tab.zip", &punkt),
    ]);
    let (encoding, _) = url_and_digest(&project, "cl100k_base.tiktoken");
    let [(stopwords, first), (punkt, second)] =
        ["stopwords.zip", "punkt_tab.zip"].map(|name| url_and_digest(&project, name));
    project.write(
        "modelcache.yaml",
        &format!(
            "# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: [tiktoken==0.14.0, nltk==3.9.1]
models:
  - {{tiktoken: cl100k_base, url: '{encoding}'}}
  - {{nltk: stopwords, url: '{stopwords}', sha256: '{first}'}}
  - {{nltk: punkt_tab, url: '{punkt}', sha256: '{second}'}}
app:
  copy: check.py
  command: [python3, check.py]
"
        ),
    );
    check(
        &project,
        r#"
import nltk, tiktoken
from nltk.corpus import stopwords
encoding = tiktoken.get_encoding("cl100k_base")
print(encoding.encode("A model in an image."), encoding.n_vocab)
print(nltk.data.find("corpora/stopwords.zip"))
print(nltk.data.find("tokenizers/punkt_tab"))
print(len(stopwords.words("english")), stopwords.words("english")[:5])
print(nltk.sent_tokenize("Dr. Who is in. She is not."))
"#,
        expect![[r#"
            [32, 1646, 304, 459, 2217, 13] 100277
            /opt/modelcache/nltk_data/corpora/stopwords.zip
            /opt/modelcache/nltk_data/tokenizers/punkt_tab
            198 ['a', 'about', 'above', 'after', 'again']
            ['Dr. Who is in.', 'She is not.']
        "#]],
    );
}

#[test]
fn fastembed_embeds_by_the_model_that_it_would_download() {
    const REPOSITORY: &str = "Qdrant/bge-small-en-v1.5-onnx-Q";
    let project = project(&[]);
    let hub = Path::new(&engine::variable("MODELCACHE_HUB_ROOT")).to_owned();
    let genuine = hub.join("sentence-transformers/all-MiniLM-L6-v2");
    let folder = project.repository(REPOSITORY);
    fs::create_dir_all(&folder).expect("the folder is ours");
    // The genuine tokenizer, and a model that says what it was given.
    for name in
        ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
    {
        fs::copy(genuine.join(name), folder.join(name)).expect("the engine has it");
    }
    let tiny = engine::top().join("tests/data/onnx/tiny.onnx");
    fs::copy(tiny, folder.join("model_optimized.onnx")).expect("it is checked in");
    project.write(
        "modelcache.yaml",
        &format!(
            "# syntax=myorg/modelcache:1
base: python:3.13-slim
python:
  packages: [fastembed==0.9.1]
models:
  - fastembed: {REPOSITORY}
app:
  copy: check.py
  command: [python3, check.py]
"
        ),
    );
    check(
        &project,
        r#"
from fastembed import TextEmbedding
model = TextEmbedding("BAAI/bge-small-en-v1.5")
for vector in model.embed(["A model in an image."]):
    print(vector.shape, [round(float(number), 4) for number in vector])
"#,
        expect![[r#"
            (3,) [1.0, 0.0, 0.0099]
        "#]],
    );

    // With a part of the graph cut off, the build says so and makes no image.
    let graph = folder.join("model_optimized.onnx");
    let bytes = fs::read(&graph).expect("it was put there");
    fs::write(&graph, &bytes[..bytes.len() / 2]).expect("it is ours");
    expect![[r#"
        ------
         > [verify] judge:
        ------

         [33m1 warning found (use docker --debug to expand):
        [0m - no-lock: no lock file: the same manifest may build something else tomorrow (line 2)
        modelcache.yaml:6
        --------------------
           4 |       packages: [fastembed==0.9.1]
           5 |     models:
           6 | >>>   - fastembed: Qdrant/bge-small-en-v1.5-onnx-Q
           7 |     app:
           8 |       copy: check.py
        --------------------
        ERROR: failed to build: failed to solve: modelcache.yaml:6: `Qdrant/bge-small-en-v1.5-onnx-Q` can't be loaded in the image: InvalidProtobuf: [ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model from /opt/modelcache/huggingface/hub/models--Qdrant--bge-small-en-v1.5-onnx-Q/snapshots/…/model_optimized.onnx failed:Protobuf parsing failed.

        error[verify]: `Qdrant/bge-small-en-v1.5-onnx-Q` can't be loaded in the image: InvalidProtobuf: [ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model from /opt/modelcache/huggingface/hub/models--Qdrant--bge-small-en-v1.5-onnx-Q/snapshots/…/model_optimized.onnx failed:Protobuf parsing failed.
         --> modelcache.yaml:6:5
          |
        6 |   - fastembed: Qdrant/bge-small-en-v1.5-onnx-Q
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ verified offline, as the image's user
          |
          = help: `verify: false` in its entry of `models` leaves this proof out; at the top of the manifest, every proof
    "#]].assert_eq(&project.fail(&[]));
}

#[test]
fn torch_hub_loads_the_weights_that_it_would_download() {
    engine::on_demand("torch");
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let image = format!("{}/library/python:3.13-torch", engine::variable("MODELCACHE_REGISTRY"));
    let mut save = Command::new("docker");
    save.args(["run", "--rm", "--network", "none", "-v"]);
    save.arg(format!("{}:/out", folder.path().display())).arg(image);
    let code =
        "import torch; torch.save({'weight': torch.arange(6.).reshape(2, 3)}, '/out/tiny.pth')";
    engine::stdout(save.args(["python3", "-c", code]));
    let saved = folder.path().join("tiny.pth");
    // The first digits of the digest are in the name, as torch.hub wants it.
    let digest = Digest::of(&fs::read(&saved).expect("it was saved"));
    let name = format!("tiny-{}.pth", &digest.hex()[..8]);
    let project = project(&[(&name, &saved)]);
    let (url, digest) = url_and_digest(&project, &name);
    project.write(
        "modelcache.yaml",
        &format!(
            "# syntax=myorg/modelcache:1
base: python:3.13-torch
models:
  - {{torch_hub: '{url}', sha256: '{digest}'}}
app:
  copy: check.py
  command: [python3, check.py]
"
        ),
    );
    let program = format!(
        "import torch\nprint(torch.hub.get_dir())\n\
         print(torch.hub.load_state_dict_from_url('{url}', check_hash=True))\n"
    );
    check(
        &project,
        &program,
        expect![[r#"
        /opt/modelcache/torch/hub
        {'weight': tensor([[0., 1., 2.],
                [3., 4., 5.]])}
    "#]],
    );

    // Of a file that was cut before its digest was taken, the proof tells.
    let bytes = fs::read(&saved).expect("it was saved");
    fs::write(&saved, &bytes[..bytes.len() / 2]).expect("it is ours");
    fs::copy(&saved, project.repository("acme/files").join(&name)).expect("the folder is ours");
    let (_, cut) = url_and_digest(&project, &name);
    project.write(
        "modelcache.yaml",
        &format!("# syntax=myorg/modelcache:1\nbase: python:3.13-torch\nmodels:\n  - {{torch_hub: '{url}', sha256: '{cut}'}}\n"),
    );
    expect!["error[verify]: `/opt/modelcache/torch/hub/checkpoints/NAME` can't be read in the image: RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory"].assert_eq(&errors(&project.fail(&[])).replace(&name, "NAME"));
}

/// The lines that name mistakes, without what a client of http has to add.
fn errors(seen: &str) -> String {
    let lines = seen.lines().filter(|line| line.starts_with("error["));
    let lines = lines.map(|line| line.split("HTTPSConnectionPool(").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_a_library_does_not_find_is_told_at_its_line() {
    engine::on_demand("data");
    let data = engine::top().join(".engine/data");
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let punkt = folder.path().join("punkt_tab.zip");
    zip(&data.join("nltk/tokenizers"), "punkt_tab", &punkt);
    let encoding = data.join("tiktoken/9b5ad71b2ce5302211f9c61530b329a4922fc6a4");
    let broken = folder.path().join("broken.zip");
    fs::write(&broken, "no zip").expect("the folder is ours");
    let project = project(&[
        ("cl100k_base.tiktoken", &encoding),
        ("punkt_tab.zip", &punkt),
        ("broken.zip", &broken),
    ]);
    let (encoding, _) = url_and_digest(&project, "cl100k_base.tiktoken");
    let (punkt, digest) = url_and_digest(&project, "punkt_tab.zip");
    let (broken, of_broken) = url_and_digest(&project, "broken.zip");
    let head = "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n  packages: [tiktoken==0.14.0, nltk==3.9.1]\n";
    // Both look for their files where the application says, and nothing is there.
    project.write(
        "modelcache.yaml",
        &format!(
            "{head}models:
  - {{tiktoken: cl100k_base, url: '{encoding}'}}
  - {{nltk: punkt_tab, url: '{punkt}', sha256: '{digest}'}}
app:
  env: {{TIKTOKEN_CACHE_DIR: /nowhere, NLTK_DATA: /nowhere}}
"
        ),
    );
    expect![[r#"
        error[verify]: `/opt/modelcache/tiktoken/…` can't be read in the image: ConnectionError: 
        error[verify]: `/opt/modelcache/nltk_data/tokenizers/punkt_tab.zip` can't be read in the image: nltk 3.9.1 doesn't find tokenizers/punkt_tab, which `punkt_tab` is read by"#]].assert_eq(&errors(&project.fail(&[])));
    // What is no zip can't be put down as NLTK's downloader would.
    project.write(
        "modelcache.yaml",
        &format!(
            "{head}models:\n  - {{nltk: punkt_tab, url: '{broken}', sha256: '{of_broken}'}}\n"
        ),
    );
    expect!["error[not-an-archive]: a zip archive can't be unpacked"]
        .assert_eq(&errors(&project.fail(&[])));
}

#[test]
fn a_file_and_a_folder_are_read_to_their_last_tensor() {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let file = folder.path().join("model.safetensors");
    let header = br#"{"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}"#;
    let mut whole = (header.len() as u64).to_le_bytes().to_vec();
    whole.extend(header);
    whole.extend(b"data");
    let write = |bytes: &[u8]| {
        fs::write(&file, bytes).expect("the folder is ours");
        let project = project(&[("model.safetensors", &file)]);
        let (url, digest) = url_and_digest(&project, "model.safetensors");
        project.write(
            "modelcache.yaml",
            &format!(
                "# syntax=myorg/modelcache:1
base: python:3.13-slim
models:
  - {{url: '{url}', sha256: '{digest}', path: weights/}}
  - {{id: acme/mine, path: mine}}
  - {{id: acme/theirs, from: theirs}}
"
            ),
        );
        project.write("mine/config.json", "{}");
        project.write("theirs/config.json", "{}");
        for of in ["mine", "theirs"] {
            let copy = project.context().join(of).join("model.safetensors");
            fs::copy(&file, copy).expect("the folder is ours");
        }
        project
    };
    let context =
        |project: &Project| format!("theirs={}", project.context().join("theirs").display());
    let good = write(&whole);
    good.build(&["--build-context", &context(&good)]);
    let cut = write(&whole[..whole.len() - 1]);
    let seen = cut.fail(&["--build-context", &context(&cut)]);
    expect![[r#"
        error[verify]: `/opt/modelcache/files/weights/model.safetensors` can't be read in the image: `model.safetensors` is no file of its format: its tensors end at byte 72, and the file at 71
        error[verify]: `acme/mine` is not whole in the image: `model.safetensors` is no file of its format: its tensors end at byte 72, and the file at 71
        error[verify]: `acme/theirs` is not whole in the image: `model.safetensors` is no file of its format: its tensors end at byte 72, and the file at 71"#]].assert_eq(&errors(&seen));
}

#[test]
fn a_dataset_that_its_library_finds_only_by_folder_is_told() {
    let project = project(&[]);
    let folder = project.repository("datasets/acme/words");
    let manifest = |packages: &str| {
        format!(
            "# syntax=myorg/modelcache:1\nbase: python:3.13-slim\npython:\n  packages: [{packages}]\n\
             models:\n  - dataset: acme/words\n"
        )
    };
    let left_out = |packages: &str| format!("{}    verify: false\n", manifest(packages));
    fs::create_dir_all(&folder).expect("the folder is ours");
    fs::write(folder.join("train.csv"), "a,b\n1,2\n").expect("the folder is ours");
    project.write("modelcache.yaml", &manifest("huggingface_hub==1.33.0"));
    project.build(&[]);
    project.write("modelcache.yaml", &manifest("datasets==4.4.1, huggingface_hub==1.33.0"));
    expect!["error[verify]: `datasets/acme/words` can't be loaded in the image: datasets 4.4.1 doesn't find `acme/words` without a network: ConnectionError: Couldn't reach 'acme/words' on the Hub (OfflineModeIsEnabled)"].assert_eq(&errors(&project.fail(&[])));
    project.write("modelcache.yaml", &left_out("datasets==4.4.1, huggingface_hub==1.33.0"));
    project.build(&[]);
    project.write("modelcache.yaml", &manifest("datasets==4.4.1, huggingface_hub==1.33.0"));
    fs::write(folder.join("train.parquet"), "no parquet").expect("the folder is ours");
    fs::remove_file(folder.join("train.csv")).expect("it was written");
    let seen = errors(&project.fail(&[]));
    assert!(seen.contains("`load_dataset` fails: ArrowInvalid"), "{seen}");
}

/// An image of Debian's torch with diffusers; the environment does not see the base's
/// packages unless it is told of them.
const DIFFUSERS: &str = "\
# syntax=myorg/modelcache:1
base: python:3.13-torch
python:
  packages: [diffusers==0.42.1]
app:
  copy: check.py
  command: [python3, check.py]
  env:
    PYTHONPATH: /opt/venv/lib/python3.13/site-packages:/usr/local/lib/python3.13/dist-packages:/usr/lib/python3/dist-packages
";

/// Makes a pipeline of two components, with hardly a weight.
const MAKE: &str = r#"
import torch
from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel
torch.manual_seed(0)
unet = UNet2DModel(
    sample_size=8, in_channels=1, out_channels=1, layers_per_block=1, block_out_channels=(4, 4), norm_num_groups=2,
    down_block_types=("DownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "UpBlock2D"))
DDPMPipeline(unet, DDPMScheduler(num_train_timesteps=10)).save_pretrained("/out")
"#;

#[test]
fn diffusers_loads_a_pipeline_and_so_does_the_proof() {
    engine::on_demand("torch");
    let project = Project::with_real_packages(DIFFUSERS);
    project.write("check.py", MAKE);
    let output = tempfile::tempdir().expect("temporary folders can be made");
    let mut make = Command::new("docker");
    make.args(["run", "--rm", "--network", "none", "--user", "0:0", "-v"]);
    make.arg(format!("{}:/out", output.path().display())).arg(image(&project));
    engine::stdout(&mut make);
    let folder = project.repository("acme/pipeline");
    fs::create_dir_all(folder.parent().expect("it has one")).expect("the folder is ours");
    fs::rename(output.keep(), &folder).expect("both are temporary");

    project.write("modelcache.yaml", &format!("{DIFFUSERS}models:\n  - acme/pipeline\n"));
    check(
        &project,
        r#"
import torch
from diffusers import DiffusionPipeline
pipeline = DiffusionPipeline.from_pretrained("acme/pipeline")
print(type(pipeline).__name__, type(pipeline.unet).__name__, type(pipeline.scheduler).__name__)
"#,
        expect![[r#"
            DDPMPipeline UNet2DModel DDPMScheduler
        "#]],
    );

    // A weight of another shape than the configuration says is found at once.
    let config = folder.join("unet/config.json");
    let text = fs::read_to_string(&config).expect("it was made");
    fs::write(&config, text.replace("\"in_channels\": 1", "\"in_channels\": 2"))
        .expect("it is ours");
    let seen = project.fail(&[]);
    let error = seen.lines().find(|line| line.starts_with("error[verify]"));
    expect!["error[verify]: `acme/pipeline` can't be loaded in the image: RuntimeError: Error(s) in loading state_dict for UNet2DModel:"].assert_eq(error.unwrap_or(&seen));
}
