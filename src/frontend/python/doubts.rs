//! What is odd about packages that can be installed.

use buildkit_llb::Platform;

use crate::{
    answers::Answers,
    manifest::{Manifest, Python},
    packages::{Packages, Wheel},
    values::{
        bytes::{human, total},
        diagnostic::Diagnostic,
    },
};

/// A torch of more bytes is one for GPUs: the CPU's is a third of it.
const LARGE_TORCH: u64 = 400_000_000;

/// Variables by which an image says that it is for a GPU.
const GPU_VARIABLES: [&str; 4] = ["CUDA_", "NVIDIA_", "ROCM_", "HIP_"];

/// What there is to say about the packages of all platforms, once.
pub fn doubts(manifest: &Manifest, python: &Python, answers: &Answers) -> Vec<Diagnostic> {
    // Who has chosen a build of torch knows what is in it.
    if python.torch.is_some() {
        return Vec::new();
    }
    let worst =
        answers.python.iter().filter(|(platform, _)| !names_gpu(manifest, answers, platform));
    let worst = worst.map(|(platform, packages)| (cuda(packages), platform, packages));
    let worst = worst.max_by_key(|(wheels, ..)| bytes(wheels));
    let found = worst.filter(|(wheels, ..)| !wheels.is_empty());
    found
        .map(|(wheels, platform, all)| cuda_wheels(python, &wheels, platform, all))
        .into_iter()
        .collect()
}

/// The wheels that are of use on a GPU of NVIDIA's alone.
fn cuda(packages: &Packages) -> Vec<&Wheel> {
    let is_cuda = |wheel: &&Wheel| {
        let size = wheel.artifact().map_or(0, |artifact| artifact.size);
        match wheel.name.as_str() {
            // It asks the driver, if there is one, and is small.
            "nvidia-ml-py" => false,
            "triton" => true,
            "torch" => size > LARGE_TORCH && !wheel.version.ends_with("+cpu"),
            name => name.starts_with("nvidia-"),
        }
    };
    packages.wheels.iter().filter(is_cuda).collect()
}

fn bytes(wheels: &[&Wheel]) -> u64 {
    total(wheels.iter().filter_map(|wheel| Some(wheel.artifact()?.size)))
}

/// Whether the base image or the application says that there will be a GPU.
fn names_gpu(manifest: &Manifest, answers: &Answers, platform: &Platform) -> bool {
    let is_gpu = |name: &str| GPU_VARIABLES.iter().any(|start| name.starts_with(start));
    let base = answers
        .base
        .get(platform)
        .is_some_and(|base| base.config.config.env.iter().any(|entry| is_gpu(entry)));
    let app = manifest.app.iter().flat_map(|app| &app.env);
    base || app.into_iter().any(|(name, _)| is_gpu(&name.value))
}

fn cuda_wheels(
    python: &Python,
    wheels: &[&Wheel],
    platform: &Platform,
    all: &Packages,
) -> Diagnostic {
    let size = human(bytes(wheels));
    let message = format!("{size} of the packages for {platform} are for GPUs of NVIDIA's");
    let torch = all.wheels.iter().any(|wheel| wheel.name == "torch");
    let asked = python.packages.iter().find(|package| package.value.starts_with("torch"));
    let span = asked.map_or(python.span, |package| package.span);
    let found = Diagnostic::warning("cuda-wheels", message).label(span, "");
    let names: Vec<&str> = wheels.iter().map(|wheel| wheel.name.as_str()).collect();
    let found = found.help(format!("these are {}", names.join(", ")));
    let meant = "`torch: index` under `python` says that they are meant";
    if torch {
        found
            .help("`torch: cpu` under `python` takes builds for the CPU, of some 200 MB")
            .help(meant)
    } else {
        found.help(meant)
    }
}
