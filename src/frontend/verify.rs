//! What a failed proof means for the user, and where there is none to be had.

use buildkit_llb::Platform;
use serde::Deserialize;

use crate::{
    diagnostic::Diagnostic,
    frontend::{failure::Failure, read::ManifestFile},
    gateway::{Gateway, Ref, rejection::Rejection},
    graph::{self, Scene, verify::REPORT_FILE},
    plan::{
        ModelLayer, Plan,
        verify::{Proof, Subject},
    },
};

/// What the program that loads the models writes down.
#[derive(Debug, Default, Deserialize)]
struct Report {
    failures: Vec<Failed>,
    running: Option<Running>,
}

/// What went wrong with one model.
#[derive(Debug, Deserialize)]
struct Failed {
    model: String,
    step: String,
    message: String,
    detail: Vec<String>,
}

/// What was being done when the process ended.
#[derive(Debug, Deserialize)]
struct Running {
    model: String,
}

/// The python3 of a base image, found as a shell finds it.
pub async fn interpreter(gateway: &Gateway, image: &Ref, path: &str) -> Option<String> {
    for folder in path.split(':').filter(|folder| folder.starts_with('/')) {
        let python = format!("{}/python3", folder.trim_end_matches('/'));
        if gateway.is_folder(image, &python).await.is_ok_and(|is_folder| !is_folder) {
            return Some(python);
        }
    }
    None
}

/// Leaves out what can't be proven, as the daemon can't run programs of the platform.
pub fn leave_out(plan: &mut Plan, workers: &[Platform]) -> Option<Diagnostic> {
    let can_run = |worker: &Platform| {
        worker.os == plan.platform.os && worker.architecture == plan.platform.architecture
    };
    if workers.is_empty() || workers.iter().any(can_run) {
        return None;
    }
    let first = plan.proofs.first()?.span;
    plan.proofs.clear();
    let message = format!("the image for {} is not verified", plan.platform);
    let diagnostic = Diagnostic::warning("not-verified", message)
        .label(first, "")
        .help("this builder can't run programs of that platform; QEMU's binfmt handlers let it");
    Some(diagnostic)
}

/// Runs the proofs one by one, on daemons that can't bind them to the image.
pub async fn each(
    gateway: &Gateway,
    file: &ManifestFile,
    plan: &Plan,
    scene: &Scene<'_>,
) -> Result<(), Failure> {
    for proof in graph::proofs(plan, scene) {
        let definition = buildkit_llb::marshal(&proof, &[file.as_source_file()]);
        if let Err(rejection) = gateway.solve(definition, true).await {
            let explained = explain(gateway, &rejection, plan, scene).await;
            return Err(explained.unwrap_or(Failure::Refused(rejection)));
        }
    }
    Ok(())
}

/// Explains `rejection`, if it is about a proof of `plan`.
pub async fn explain(
    gateway: &Gateway,
    rejection: &Rejection,
    plan: &Plan,
    scene: &Scene<'_>,
) -> Option<Failure> {
    let failed = rejection.vertices();
    let proofs = graph::proofs(plan, scene);
    let mut proofs = plan.proofs.iter().zip(proofs);
    let (proof, _) = proofs.find(|(_, output)| failed.contains(&output.digest()))?;
    if let Subject::Command { words, .. } = &proof.subject {
        return Some(Failure::Explained(command(proof, words), rejection.clone()));
    }
    let report = gateway.read_left_behind(rejection, REPORT_FILE).await;
    let report = report.and_then(|bytes| serde_json::from_slice::<Report>(&bytes).ok());
    let mut found = Vec::new();
    if let Some(Report { failures, running }) = report {
        found.extend(failures.iter().map(|failed| model(failed, plan)));
        found.extend(running.map(|running| ended(&running, plan, rejection)));
    }
    if found.is_empty() {
        let diagnostic = Diagnostic::error("verify", "the models could not be verified")
            .label(proof.span, "from here on")
            .help("the output of this step is above");
        return Some(Failure::Explained(switch_off(diagnostic), rejection.clone()));
    }
    let last = found.pop().map(switch_off);
    found.extend(last);
    Some(Failure::Diagnosed(found))
}

fn command(proof: &Proof, words: &[String]) -> Diagnostic {
    let (uid, gid) = proof.owner;
    let message = format!("`{}` failed in the finished image", words.join(" "));
    Diagnostic::error("verify-command", message).label(proof.span, "asked for here").help(format!(
        "its output is above; it ran as {uid}:{gid}, without a network, and could write to /tmp alone"
    ))
}

fn model(failed: &Failed, plan: &Plan) -> Diagnostic {
    let Failed { model: id, step, message, detail } = failed;
    let what = match step.as_str() {
        "files" => "is not whole in the image",
        "hub" => "can't be found by huggingface_hub in the image",
        _ => "can't be loaded in the image",
    };
    let diagnostic = Diagnostic::error("verify", format!("`{id}` {what}: {message}"));
    let diagnostic = at(diagnostic, id, plan);
    if detail.is_empty() { diagnostic } else { diagnostic.help(detail.join("\n")) }
}

fn ended(running: &Running, plan: &Plan, rejection: &Rejection) -> Diagnostic {
    let message = format!("loading `{}` ended the process that tried it", running.model);
    let diagnostic = at(Diagnostic::error("verify", message), &running.model, plan);
    let killed = rejection.message.contains("137");
    let diagnostic = diagnostic.help(format!("the builder said: {}", rejection.message));
    if killed { diagnostic.help("it was killed, probably for want of memory") } else { diagnostic }
}

fn at(diagnostic: Diagnostic, id: &str, plan: &Plan) -> Diagnostic {
    let is_meant = |layer: &&ModelLayer| layer.id.as_str() == id;
    let span = plan.models.iter().find(is_meant).map(|layer| layer.span);
    diagnostic.label(span.unwrap_or_default(), "verified offline, as the image's user")
}

fn switch_off(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.help("`verify: false` builds the image as it is")
}
