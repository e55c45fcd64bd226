//! Which files of a repository a model needs: one weight format, no twins.
//!
//! A hub repository often holds the same weights four times over (safetensors,
//! pickle, TensorFlow, ONNX), so taking everything costs ten times the need.

use crate::model::Pattern;

/// Folders that hold another runtime's export of the same weights.
const TWIN_FOLDERS: &[&str] = &["onnx", "openvino", "coreml", "original", "flax", "tf", "runs"];

/// Name endings that no torch or tokenizers library reads.
const TWIN_ENDINGS: &[&str] = &[
    ".onnx",
    ".onnx_data",
    ".ot",
    ".h5",
    ".msgpack",
    ".tflite",
    ".pb",
    ".mlmodel",
    ".gguf",
    ".ckpt",
    ".pth",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".svg",
    ".webp",
    ".mp4",
    ".pdf",
];

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
    "trainer_state.json",
];

/// Returns the paths to keep of `paths`, in the same order.
///
/// With `include`, exactly the paths that one of the patterns matches; without,
/// the format-aware default. `exclude` takes away from either.
pub fn choose<'a>(paths: &[&'a str], include: &[Pattern], exclude: &[Pattern]) -> Vec<&'a str> {
    let any = |patterns: &[Pattern], path: &str| patterns.iter().any(|p| p.matches(path));
    let wanted = |path: &str| {
        if include.is_empty() { is_default(path, paths) } else { any(include, path) }
    };
    paths.iter().copied().filter(|path| wanted(path) && !any(exclude, path)).collect()
}

fn is_default(path: &str, all: &[&str]) -> bool {
    let (folder, name) = split(path);
    let in_twin_folder = path.split('/').rev().skip(1).any(|part| TWIN_FOLDERS.contains(&part));
    let lower = name.to_ascii_lowercase();
    let twin = in_twin_folder || TWIN_ENDINGS.iter().any(|ending| lower.ends_with(ending));
    !twin && !LEFTOVERS.contains(&name) && !is_second_copy(folder, name, all)
}

/// Weights that stand in the same folder in a preferred form: pickles beside
/// safetensors, a variant (`model.fp16.safetensors`) beside the plain file, and
/// the `consolidated` file beside the library's own.
fn is_second_copy(folder: &str, name: &str, all: &[&str]) -> bool {
    let beside = |test: &dyn Fn(&str) -> bool| {
        all.iter().map(|path| split(path)).any(|(f, n)| f == folder && n != name && test(n))
    };
    let tensors = |n: &str| n.ends_with(".safetensors") && !n.starts_with("consolidated");
    if name.starts_with("consolidated") && name.ends_with(".safetensors") {
        return beside(&tensors);
    }
    let pickle = [".bin", ".bin.index.json"].iter().any(|ending| name.ends_with(ending));
    if name.starts_with("pytorch_model") && pickle {
        return beside(&tensors);
    }
    match plain_name(name) {
        Some(plain) => beside(&|n| n == plain),
        None => false,
    }
}

/// `model.fp16.safetensors` is a variant of `model.safetensors`.
fn plain_name(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    let (plain, variant) = stem.rsplit_once('.')?;
    let weights = ending == "safetensors" || ending == "bin";
    (weights && matches!(variant, "fp16" | "bf16" | "fp32" | "non_ema" | "ema"))
        .then(|| format!("{plain}.{ending}"))
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
