//! What a file is, as far as its path tells.

use crate::models::Format;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// No model needs it, for this reason.
    Waste(&'static str),
    /// Python code.
    Code,
    /// Weights, configuration, tokenizer, licence.
    Other,
}

/// Who reads weights, or what else belongs to them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Runtime {
    /// `PyTorch` and others, from safetensors.
    Safetensors,
    /// `PyTorch`, from `pytorch_model.bin` and its like.
    Bin,
    /// A program of its own, from whatever it had pickled.
    Checkpoint,
    /// llama.cpp.
    Gguf,
    /// ONNX Runtime.
    Onnx,
    /// `OpenVINO`.
    Openvino,
    /// None that Python models are served with today; its name.
    Foreign(&'static str),
}

impl Runtime {
    /// Which are taken, the first that there are, if nothing is asked for.
    pub const ORDER: [Self; 6] =
        [Self::Safetensors, Self::Bin, Self::Checkpoint, Self::Gguf, Self::Onnx, Self::Openvino];

    /// What reads `format`.
    pub fn of(format: Format) -> Option<Self> {
        match format {
            Format::Safetensors => Some(Self::Safetensors),
            Format::Bin => Some(Self::Bin),
            Format::Onnx => Some(Self::Onnx),
            Format::Openvino => Some(Self::Openvino),
            Format::Gguf => Some(Self::Gguf),
            Format::Tokenizer => None,
        }
    }

    /// What its files are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::Bin => "PyTorch pickles",
            Self::Checkpoint => "a checkpoint",
            Self::Gguf => "GGUF",
            Self::Onnx => "ONNX",
            Self::Openvino => "OpenVINO",
            Self::Foreign(name) => name,
        }
    }
}

/// One file of weights, and what it is a part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights<'a> {
    /// Who reads it.
    pub runtime: Runtime,
    /// Its folder, without a final `/`; empty at the root.
    pub folder: &'a str,
    /// What its twins in other formats have in common: `model` for `pytorch_model.bin`.
    pub base: String,
    /// `fp16`, `int8`.
    pub variant: Option<String>,
    /// What part of the whole it is.
    pub part: WeightsPart,
}

/// A part of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightsPart {
    /// All of it, or what must lie beside all of it.
    Whole,
    /// One of so many.
    Shard(u32, u32),
    /// Says which shards there are.
    Index,
}

/// Left-overs of training and of the repository itself.
const LEFTOVERS: &[&str] = &[
    ".gitattributes",
    ".gitignore",
    "train_script.py",
    "data_config.json",
    "training_args.bin",
    "optimizer.pt",
    "optimizer.bin",
    "scheduler.pt",
    "scaler.pt",
    "trainer_state.json",
];

const PICTURES: &[&str] = &[".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".mp4", ".pdf"];

/// What [`Format::Tokenizer`] means: names, or beginnings of names.
const TOKENIZER: &[&str] = &[
    "tokenizer",
    "vocab",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template",
    "tekken.json",
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "sentencepiece",
    "spiece",
    "source.spm",
    "target.spm",
    "README",
    "LICENSE",
    "NOTICE",
];

/// What the file at `path` is.
pub fn kind(path: &str) -> FileKind {
    let (folder, name) = split(path);
    let lower = name.to_ascii_lowercase();
    let checkpoint =
        |part: &str| part == "runs" || part.strip_prefix("checkpoint-").is_some_and(is_number);
    let rng = name.starts_with("rng_state") && ends(&lower, &[".pth"]);
    if LEFTOVERS.contains(&name) || rng || folder.split('/').any(checkpoint) {
        return FileKind::Waste("no part of the model");
    }
    if ends(&lower, PICTURES) {
        return FileKind::Waste("a picture");
    }
    if lower.contains("imatrix") {
        return FileKind::Waste("only for quantising");
    }
    if ends(&lower, &[".py"]) { FileKind::Code } else { FileKind::Other }
}

/// Whether a tokenizer, or the choice of one, reads the file.
pub fn is_for_tokenizer(path: &str) -> bool {
    let (folder, name) = split(path);
    let foreign =
        kind(path) != FileKind::Other || weights(path).is_some() || runtime(path).is_some();
    let named = TOKENIZER.iter().any(|start| name.starts_with(start));
    let vocabulary = ends(name, &[".model", ".tiktoken", ".spm"]);
    !foreign && (named || vocabulary || folder == "additional_chat_templates")
}

/// Whether people read the file, and no library.
pub fn is_document(path: &str) -> bool {
    const NAMES: &[&str] = &["readme", "license", "licence", "notice", "copying", "citation"];
    let lower = split(path).1.to_ascii_lowercase();
    ends(&lower, &[".md", ".rst", ".html", ".bib"])
        || NAMES.iter().any(|name| lower.starts_with(name))
}

/// Whether the file is one of weights that are waste for their folder, and not for their name.
pub fn is_weights_in_waste(path: &str) -> bool {
    let by_name = kind(split(path).1) == FileKind::Other && of_name(split(path).1).is_some();
    by_name && matches!(kind(path), FileKind::Waste(_))
}

/// Whose file this is, if it is of one runtime alone: by its name, or by its folder.
pub fn runtime(path: &str) -> Option<Runtime> {
    let (folder, name) = split(path);
    let of_folder = folder.split('/').find_map(|part| match part {
        "onnx" => Some(Runtime::Onnx),
        "openvino" => Some(Runtime::Openvino),
        "coreml" => Some(Runtime::Foreign("Core ML")),
        "flax" => Some(Runtime::Foreign("Flax")),
        "tf" => Some(Runtime::Foreign("TensorFlow")),
        "original" => Some(Runtime::Checkpoint),
        "metal" => Some(Runtime::Foreign("Metal")),
        part if part.ends_with(".mlpackage") => Some(Runtime::Foreign("Core ML")),
        _ => None,
    });
    of_folder.or_else(|| of_name(name))
}

fn of_name(name: &str) -> Option<Runtime> {
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| ends(&lower, endings);
    if is_tensors_index(&lower, "safetensors") || ends(&[".safetensors"]) {
        Some(Runtime::Safetensors)
    } else if lower.starts_with("openvino_") {
        Some(Runtime::Openvino)
    } else if is_tensors_index(&lower, "bin") || ends(&[".bin"]) {
        Some(Runtime::Bin)
    } else if ends(&[".gguf"]) {
        Some(Runtime::Gguf)
    } else if ends(&[".onnx", ".onnx.data"]) || lower.contains(".onnx_data") {
        Some(Runtime::Onnx)
    } else if ends(&[".pth", ".ckpt"]) {
        Some(Runtime::Checkpoint)
    } else if ends(&[".h5", ".pb"]) {
        Some(Runtime::Foreign("TensorFlow"))
    } else if ends(&[".tflite"]) {
        Some(Runtime::Foreign("TensorFlow Lite"))
    } else if ends(&[".msgpack"]) {
        Some(Runtime::Foreign("Flax"))
    } else if ends(&[".ot"]) {
        Some(Runtime::Foreign("Rust"))
    } else if ends(&[".mlmodel"]) {
        Some(Runtime::Foreign("Core ML"))
    } else {
        None
    }
}

/// `model.safetensors.index.json`, or of a variant, `model.safetensors.index.fp16.json`.
fn is_tensors_index(name: &str, ending: &str) -> bool {
    ends(name, &[".json"]) && name.contains(&format!(".{ending}.index."))
}

/// Reads the path of a file of weights; `None` if it is something else.
pub fn weights(path: &str) -> Option<Weights<'_>> {
    let (folder, name) = split(path);
    let runtime = runtime(path)?;
    let weights = |stem: &str, part, separator| {
        let (base, variant) = split_variant(stem, separator);
        let base = base.replace("pytorch_model", "model");
        Some(Weights { runtime, folder, base, variant, part })
    };
    match runtime {
        Runtime::Safetensors | Runtime::Bin => {
            let ending = if runtime == Runtime::Bin { ".bin" } else { ".safetensors" };
            let at = name.to_ascii_lowercase().rfind(ending)?;
            let (stem, rest) = (&name[..at], &name[at + ending.len()..]);
            if let Some(rest) = rest.strip_prefix(".index.") {
                let variant = rest.strip_suffix(".json").map(str::to_owned);
                let index = weights(stem, WeightsPart::Index, '.')?;
                return Some(Weights { variant: variant.or(index.variant.clone()), ..index });
            }
            match split_shard(stem) {
                Some((stem, n, of)) => weights(&stem, WeightsPart::Shard(n, of), '.'),
                None => weights(stem, WeightsPart::Whole, '.'),
            }
        }
        Runtime::Onnx => weights(&name[..name.find(".onnx")?], WeightsPart::Whole, '_'),
        Runtime::Openvino => {
            let stem = name.strip_suffix(".xml").or_else(|| name.strip_suffix(".bin"))?;
            weights(stem, WeightsPart::Whole, '_')
        }
        Runtime::Gguf | Runtime::Checkpoint => {
            of_name(name).filter(|by_name| *by_name == runtime)?;
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            let (stem, part) = match split_shard(stem) {
                Some((stem, n, of)) => (stem, WeightsPart::Shard(n, of)),
                None => (stem.to_owned(), WeightsPart::Whole),
            };
            Some(Weights { runtime, folder, base: stem, variant: None, part })
        }
        Runtime::Foreign(_) => None,
    }
}

/// `model-00001-of-00002` and `model-00001-of-00002.fp16`, which is `model.fp16`.
pub fn split_shard(stem: &str) -> Option<(String, u32, u32)> {
    let at = stem.find("-of-")?;
    let (before, after) = (&stem[..at], &stem[at + "-of-".len()..]);
    let (head, n) = before.rsplit_once('-')?;
    let (of, tail) = after.split_at(after.find('.').unwrap_or(after.len()));
    let digits = is_number(n) && is_number(of);
    digits.then(|| Some((format!("{head}{tail}"), n.parse().ok()?, of.parse().ok()?)))?
}

/// What exports of one model add to its name, after a `.` or a `_`.
fn split_variant(stem: &str, separator: char) -> (String, Option<String>) {
    const DOT: &[&str] = &["fp16", "bf16", "fp32", "fp8", "non_ema", "ema", "int8"];
    const UNDERSCORE: &[&str] = &[
        "O1",
        "O2",
        "O3",
        "O4",
        "optimized",
        "quantized",
        "fp16",
        "fp32",
        "int8",
        "uint8",
        "int4",
        "uint4",
        "q4",
        "q4f16",
        "q8",
        "q8f16",
        "bnb4",
        "bf16",
    ];
    let quantised = |rest: &str| rest.starts_with("qint8_") || rest.starts_with("quint8_");
    let known = if separator == '.' { DOT } else { UNDERSCORE };
    for (at, _) in stem.match_indices(separator) {
        let rest = &stem[at + 1..];
        if known.contains(&rest) || (separator == '_' && quantised(rest)) {
            return (stem[..at].to_owned(), Some(rest.to_owned()));
        }
    }
    (stem.to_owned(), None)
}

/// Reports whether loading the file can run code that it holds.
pub fn is_pickle(path: &str) -> bool {
    let (_, name) = split(path);
    // Others use the ending `.bin` for what they like.
    let torch = name.contains("pytorch_model") || name.starts_with("adapter_model");
    ends(name, &[".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"])
        || (torch && ends(name, &[".bin"]))
}

/// The folder of a path; empty at the root.
pub fn folder(path: &str) -> &str {
    split(path).0
}

/// Reports whether a name ends in one of these.
pub fn ends(name: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| name.ends_with(ending))
}

/// Folder and name.
pub fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
