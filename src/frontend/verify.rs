//! What a failed proof means for the user, and where there is none to be had.

use buildkit_llb::{Output, Platform};
use serde::Deserialize;

use crate::{
    document::Span,
    frontend::{build::Build, failure::Failure},
    gateway::{Gateway, Ref, rejection::Rejection},
    graph::{self, Scene, verify::REPORT_FILE},
    plan::{
        Plan,
        verify::{
            Proof, Subject,
            program::{self, Fault},
        },
    },
    values::diagnostic::Diagnostic,
};

/// What the program of a proof writes down.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    failures: Vec<Failed>,
    imports: Vec<NotImported>,
    programs: Vec<NotRunnable>,
}

/// What is wrong with a program that the container starts with.
#[derive(Debug, Deserialize)]
struct NotRunnable {
    index: usize,
    fault: String,
    path: String,
    #[serde(default)]
    interpreter: String,
}

/// What is wrong with a module of one package.
#[derive(Debug, Deserialize)]
struct NotImported {
    package: String,
    module: String,
    message: String,
    detail: Vec<String>,
}

/// What is wrong with one model.
#[derive(Debug, Deserialize)]
struct Failed {
    model: String,
    step: String,
    message: String,
    detail: Vec<String>,
}

/// The exit code of a program when the first model or package had no result, as
/// `modelcache_verify.py` and `modelcache_imports.py`.
const NO_RESULT: usize = 100;
/// What comes this late in the list, or later, has one exit code.
const LAST_PLACE: usize = 25;

const WITHOUT_LOADING: &str = "`verify: false` in its entry of `models` leaves this proof out; at the top of the manifest, every proof";
const WITHOUT_IMPORTS: &str = "`verify: {imports: false}` leaves imports out, and `verify: {imports: [NAME]}` says which to make";

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
pub async fn each(build: Build<'_>, plan: &Plan, scene: &Scene<'_>) -> Result<(), Rejection> {
    for gate in graph::proofs(plan, scene) {
        build.gateway.solve(build.definition(&gate), true).await?;
    }
    Ok(())
}

/// The process of a proof failed, or came to no end.
pub fn no_end(proof: &Proof, plan: &Plan, rejection: Rejection) -> Failure {
    let what = match &proof.subject {
        Subject::Command { words, .. } => command(proof, words),
        Subject::Imports { .. } => no_import_result(proof, plan, &rejection),
        Subject::Models { .. } => no_result(proof, &rejection),
        Subject::Programs { .. } => return Failure::Refused(rejection),
    };
    Failure::Explained(what, rejection)
}

/// The process of a proof has found what is wrong, and left it in `run`.
pub async fn verdict(
    gateway: &Gateway,
    proof: &Proof,
    run: &Output,
    plan: &Plan,
    rejection: Rejection,
) -> Failure {
    let report = report(gateway, run).await.unwrap_or_default();
    let models = report.failures.iter().map(|failed| model(failed, proof));
    let imports = report.imports.iter().map(|failed| import(failed, proof, plan));
    let programs = report.programs.iter().filter_map(|failed| program(failed, proof));
    let mut found: Vec<Diagnostic> = models.chain(imports).chain(programs).collect();
    let Some(last) = found.pop() else { return Failure::Refused(rejection) };
    found.push(match proof.subject {
        Subject::Imports { .. } => last.help(WITHOUT_IMPORTS),
        Subject::Models { .. } => last.help(WITHOUT_LOADING),
        _ => last.help("`verify: false` builds the image as it is"),
    });
    Failure::Diagnosed(found)
}

/// Reads what the program wrote down. The daemon has it at hand.
async fn report(gateway: &Gateway, run: &Output) -> Option<Report> {
    let left = gateway.solve(buildkit_llb::marshal(run, &[]), false).await.ok()?;
    let bytes = gateway.read_file(&left, REPORT_FILE).await.ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn command(proof: &Proof, words: &[String]) -> Diagnostic {
    let (uid, gid) = proof.owner;
    let message = format!("`{}` failed in the finished image", words.join(" "));
    Diagnostic::error("verify-command", message).label(proof.span, "asked for here").help(format!(
        "its output is above; it ran as {uid}:{gid}, without a network, and could write to /tmp alone"
    ))
}

fn model(failed: &Failed, proof: &Proof) -> Diagnostic {
    let Failed { model: id, step, message, detail } = failed;
    let what = match step.as_str() {
        "files" => "is not whole in the image",
        "hub" => "can't be found by huggingface_hub in the image",
        "read" => "can't be read in the image",
        _ => "can't be loaded in the image",
    };
    let diagnostic = Diagnostic::error("verify", format!("`{id}` {what}: {message}"));
    let found = entries(proof).iter().find(|(other, _)| other == id);
    let span = found.map_or(proof.span, |(_, span)| *span);
    let diagnostic = diagnostic.label(span, "verified offline, as the image's user");
    if detail.is_empty() { diagnostic } else { diagnostic.help(detail.join("\n")) }
}

fn import(failed: &NotImported, proof: &Proof, plan: &Plan) -> Diagnostic {
    let NotImported { package, module, message, detail } = failed;
    let (uid, gid) = proof.owner;
    let message = format!("`import {module}` fails in the image: {message}");
    let asked = plan.imports.iter().find(|asked| asked.name == *package);
    let (span, place) = asked.map_or((proof.span, ""), |asked| (asked.span, &asked.place));
    let found = Diagnostic::error("import-failed", message).label(span, place);
    let found = if detail.is_empty() {
        found
    } else {
        found.help(format!("its last words:\n{}", detail.join("\n")))
    };
    found.help(format!("it ran as {uid}:{gid}, without a network, and could write to /tmp alone"))
}

fn program(failed: &NotRunnable, proof: &Proof) -> Option<Diagnostic> {
    let Subject::Programs { lookups, .. } = &proof.subject else { return None };
    let fault = match failed.fault.as_str() {
        "missing" => Fault::Missing,
        "mode" => Fault::Mode,
        "interpreter" => Fault::Interpreter(failed.interpreter.clone()),
        _ => Fault::NoProgram,
    };
    Some(program::explain(lookups.get(failed.index)?, &fault, &failed.path))
}

fn no_import_result(proof: &Proof, plan: &Plan, rejection: &Rejection) -> Diagnostic {
    let asked = unfinished(rejection).filter(|index| *index < LAST_PLACE);
    let asked = asked.and_then(|index| plan.imports.get(index));
    let what = asked.map_or("the packages".to_owned(), |asked| format!("`{}`", asked.name));
    let (span, place) = asked.map_or((proof.span, ""), |asked| (asked.span, &asked.place));
    Diagnostic::error("import-failed", format!("importing {what} in the image came to no end"))
        .label(span, place)
        .help("the process was killed, took more than 10 minutes, or wanted more memory than there is: its last words are above")
        .help(WITHOUT_IMPORTS)
}

/// The place in the list of what had no result.
fn unfinished(rejection: &Rejection) -> Option<usize> {
    let (_, code) = rejection.message.rsplit_once("exit code: ")?;
    code.parse::<usize>().ok()?.checked_sub(NO_RESULT)
}

fn no_result(proof: &Proof, rejection: &Rejection) -> Diagnostic {
    let entry = unfinished(rejection).and_then(|index| entries(proof).get(index));
    let what = entry.map_or("the models".to_owned(), |(id, _)| format!("`{id}`"));
    let message = format!("loading {what} in the image came to no end");
    Diagnostic::error("verify", message)
        .label(entry.map_or(proof.span, |(_, span)| *span), "verified offline, as the image's user")
        .help("the process crashed, took more than 10 minutes, or wanted more memory than there is: its last words are above")
        .help(WITHOUT_LOADING)
}

/// The models and files that the program goes through, in its order.
fn entries(proof: &Proof) -> &[(String, Span)] {
    match &proof.subject {
        Subject::Models { entries, .. } => entries,
        _ => &[],
    }
}
