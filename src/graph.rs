//! The plan as LLB: the whole image on one screen.
//!
//! Each part is a branch of its own, so that they run side by side and a change
//! in one leaves the layers of the others as they are.

use buildkit_llb::{
    Copy, File, FileAction, Image, Location, Mount, Op, Output, Platform, ResolveMode, Timestamp,
    Vertex,
};

use self::{
    bundle::Bundle,
    download::Attempts,
    purpose::{Purpose, Purposes},
};
use crate::{
    document::{Document, Span},
    plan::{Base, Plan, verify::Subject},
    request::Request,
    values::{
        capabilities::{BY_DEFINITION, Capabilities, DIFF, MERGE},
        target::Target,
    },
};

pub mod app;
pub mod asset;
pub mod bundle;
pub mod download;
pub mod layer;
pub mod local;
pub mod model;
pub mod pack;
pub mod purpose;
pub mod python;
pub mod system;
pub mod unzip;
pub mod user;
pub mod verify;

const REMEMBERED: &str = "[internal] remember what was asked";

/// What every branch needs to know beside its own part of the plan.
pub struct Scene<'a> {
    /// The caller's options.
    pub request: &'a Request,
    /// What the daemon can do.
    pub capabilities: &'a Capabilities,
    /// The manifest, to tell lines from spans.
    pub manifest: &'a Document,
    /// Patterns of the context's ignore file.
    pub ignore: &'a [String],
    /// Where the files come from instead of the hub.
    pub bundle: Option<&'a Bundle>,
    /// How often downloads have failed so far.
    pub attempts: &'a Attempts,
    /// What each step is made for.
    pub purposes: &'a Purposes,
    /// Whether progress must name the platform, because there are several.
    pub many_platforms: bool,
}

impl Scene<'_> {
    /// The lines of a span, as the daemon wants them.
    pub fn at(&self, span: Span) -> Location {
        let (start, end) = self.manifest.lines(span);
        let line = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Location { source: 0, start_line: line(start), end_line: line(end) }
    }

    /// A progress name in the form `[stage] text`.
    pub fn name(&self, platform: Option<&Platform>, stage: &str, text: &str) -> String {
        match platform {
            Some(platform) if self.many_platforms => format!("[{platform} {stage}] {text}"),
            _ => format!("[{stage}] {text}"),
        }
    }

    /// A mount of what is the same to the byte wherever its definition is: nothing is found by
    /// hashing it, and while the daemon waits for its digest, it fetches files that it has
    /// no need of.
    pub fn fixed(&self, target: &str, from: &Output, path: &str) -> Mount {
        let mount = Mount::readonly_path(target, from, path);
        if self.capabilities.has(BY_DEFINITION) { mount.only_by_definition() } else { mount }
    }

    /// The time given to every file we write: a fixed one, or the caller's.
    pub fn timestamp(&self) -> Timestamp {
        Timestamp::Seconds(self.request.epoch)
    }
}

/// What `plan` is for: the image, or a part of it.
pub fn emit(plan: &Plan, scene: &Scene<'_>) -> Output {
    if plan.target == Target::Bundle {
        let base = plan
            .base
            .as_ref()
            .map(|image| pack::hidden(&base(image, &plan.platform, scene), scene));
        return join(base.into_iter().chain(pack::layers(plan, scene)).collect(), plan, scene);
    }
    let mut parts = below_app(plan, scene);
    parts.extend(plan.app.as_ref().map(|app| app::layer(app, scene)));
    join(parts, plan, scene)
}

/// The image of `plan`, which nobody gets before every proof has ended well. `asked` are the
/// steps that have answered questions about it.
///
/// What a step leaves, less itself, is nothing. As a part of the image it adds no
/// layer, yet the daemon must have run it, or have it in a cache. That may be a
/// registry's: then a proof is as done there as the layers are, and none is pulled; and
/// an answer is in the cache that this image's layers go to, so that whoever builds it next
/// need not ask. Daemons that can't do so are handed the [`proofs`] one by one.
pub fn proven(plan: &Plan, asked: &[Output], scene: &Scene<'_>) -> Output {
    let image = emit(plan, scene);
    if !binds_proofs(scene) {
        return image;
    }
    let passed = scene.name(Some(&plan.platform), "verify", "passed");
    let proofs = proofs(plan, scene).into_iter().map(|gate| nothing(gate, &passed));
    let asked = asked.iter().map(|answer| nothing(answer.clone(), REMEMBERED));
    let bound: Vec<Output> = proofs.chain(asked).collect();
    if bound.is_empty() {
        return image;
    }
    let name = if plan.proofs.is_empty() { REMEMBERED } else { &passed };
    Vertex::new(Op::Merge(std::iter::once(image).chain(bound).collect())).name(name).output()
}

/// What `output` has, less itself.
fn nothing(output: Output, name: &str) -> Output {
    let nothing = Op::Diff { lower: Some(output.clone()), upper: Some(output) };
    Vertex::new(nothing).name(name).output()
}

/// Whether the daemon can make proofs a part of the image that adds nothing to it.
pub fn binds_proofs(scene: &Scene<'_>) -> bool {
    scene.capabilities.has(MERGE) && scene.capabilities.has(DIFF)
}

/// The proofs of `plan`, in its order: each the vertex that fails if what it is of is not good.
pub fn proofs(plan: &Plan, scene: &Scene<'_>) -> Vec<Output> {
    let proofs = plan.proofs.iter().enumerate().map(|(place, proof)| {
        let root = match proof.subject {
            Subject::Programs { .. } | Subject::Models { .. } | Subject::Imports { .. } => {
                join(below_app(plan, scene), plan, scene)
            }
            Subject::Command { .. } => emit(plan, scene),
        };
        let run = verify::run(proof, &root, plan, scene);
        let run = scene.purposes.output(run, Purpose::Proof(place));
        let Some(gate) = verify::gate(proof, &run, plan, scene) else { return run };
        scene.purposes.output(gate, Purpose::Verdict(place, run))
    });
    proofs.collect()
}

/// All parts of the image but the application.
fn below_app(plan: &Plan, scene: &Scene<'_>) -> Vec<Output> {
    let base = plan.base.as_ref().map(|image| base(image, &plan.platform, scene));
    let is_image = plan.target == Target::Image;
    let below = match (&plan.system, &plan.base) {
        (Some(system), Some(image)) => {
            Some(system::installed(system, image, &plan.platform, scene))
        }
        _ => base.clone(),
    };
    let mut parts: Vec<Output> = below.into_iter().filter(|_| is_image).collect();
    parts.extend(plan.user.as_ref().map(|user| {
        let system = plan.system.as_ref().filter(|system| !system.packages.is_empty());
        let files = system
            .zip(parts.first())
            .map(|(system, image)| system::users(system, user, image, &plan.platform, scene));
        user::layer(user, files.as_ref(), scene)
    }));
    if let (Some(python), Some(base)) = (&plan.python, &base) {
        parts.extend(python::layers(python, plan, base, scene));
    }
    parts.extend(model::layers(&plan.models, scene));
    parts.extend(asset::layers(plan, base.as_ref(), scene));
    parts
}

/// The base image on `platform`.
pub fn base(base: &Base, platform: &Platform, scene: &Scene<'_>) -> Output {
    let resolve_mode = scene.request.resolve_mode.as_deref();
    let image = Image {
        reference: base.reference.clone(),
        resolve_mode: resolve_mode.and_then(|mode| match mode {
            "pull" => Some(ResolveMode::Pull),
            "local" => Some(ResolveMode::Local),
            _ => None,
        }),
        ..Image::default()
    };
    let op = base.layout.clone().map_or(Op::Image(image), Op::OciLayout);
    Vertex::new(op)
        .platform(platform)
        .name(scene.name(Some(platform), "base", &base.reference))
        .at(scene.at(base.span))
        .output()
}

/// Lays the parts, one at least, over each other. With a `MergeOp` they keep their layers;
/// without, each is copied onto the one before, and a change redoes the later.
fn join(parts: Vec<Output>, plan: &Plan, scene: &Scene<'_>) -> Output {
    let platform = Some(&plan.platform);
    let mut parts = parts.into_iter();
    let Some(first) = parts.next() else { return layer::empty() };
    let parts: Vec<Output> = parts.collect();
    if parts.is_empty() {
        return first;
    }
    if scene.capabilities.has(MERGE) {
        let all = std::iter::once(first).chain(parts).collect();
        let merged = Op::Merge(all);
        return Vertex::new(merged).name(scene.name(platform, "image", "assemble")).output();
    }
    parts.into_iter().fold(first, |below, part| {
        let copy = Copy { contents_only: true, create_parents: true, ..Copy::new(&part, "/", "/") };
        let file = File { base: Some(below), actions: vec![FileAction::Copy(copy)] };
        Vertex::new(file).name(scene.name(platform, "image", "add a layer")).output()
    })
}
