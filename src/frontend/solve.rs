//! The images of a build: planned, emitted, solved, and described to the exporter.

use std::collections::BTreeMap;

use buildkit_llb::{Output, Platform};
use futures_util::future::join_all;

use super::{build::Build, failure::Failure, python, step, verify};
use crate::{
    gateway::{Ref, Reply, rejection::Rejection},
    graph::{self, Scene, purpose::Purposes},
    lock::Lock,
    plan::{self, ContextFiles, Plan, Target},
};

/// What is known before a plan is made, beside the manifest.
pub struct Known {
    /// The outside world's answers.
    pub lock: Lock,
    /// The build context's.
    pub context: ContextFiles,
    /// By platform, the steps that have answered.
    pub asked: BTreeMap<String, Vec<Output>>,
}

/// Plans, emits and solves each platform; they run side by side.
pub async fn all(
    build: Build<'_>,
    scene: &Scene<'_>,
    known: &Known,
    platforms: &[Platform],
) -> Result<Reply, Failure> {
    let Known { lock, context, asked } = known;
    let plans = platforms.iter().map(|platform| {
        plan::plan(build.manifest, lock, context, platform, scene.request).map_err(Failure::from)
    });
    let mut plans: Vec<Plan> = plans.collect::<Result<_, _>>()?;
    // They are the same on every platform, and a bundle goes into no registry.
    if let Some(plan) = plans.first().filter(|plan| plan.target != Target::Bundle) {
        build.warn(&plan::layers::warnings(&plan.models)).await?;
    }
    for plan in &mut plans {
        let unproven = verify::leave_out(plan, &build.gateway.platforms);
        build.warn(unproven.as_slice()).await?;
    }
    let none = Vec::new();
    let solves = plans.iter().map(|plan| {
        let asked = asked.get(&plan.platform.to_string()).unwrap_or(&none);
        one(build, scene, plan, asked)
    });
    let mut refs = Vec::new();
    let mut failures = Vec::new();
    for (platform, solved) in platforms.iter().zip(join_all(solves).await) {
        match solved {
            Ok(result) => refs.push((platform.to_string(), result)),
            Err(failure) => {
                failures.push(python::explain::not_given(failure, context));
            }
        }
    }
    if let Some(failure) = Failure::all(failures) {
        return Err(failure);
    }
    let as_map = scene.request.multi_platform || platforms.len() > 1;
    Ok(Reply { refs, as_map, metadata: metadata(&plans, lock, as_map)? })
}

/// Evaluates the image of one platform, so that a failing step is explained here
/// and not, without its meaning, after we are gone.
async fn one(
    build: Build<'_>,
    scene: &Scene<'_>,
    plan: &Plan,
    asked: &[Output],
) -> Result<Ref, Failure> {
    let mut downloads = step::Downloads::default();
    let mut plan = plan.clone();
    loop {
        let (attempts, purposes) = (downloads.attempts.clone(), Purposes::default());
        let scene = Scene { attempts: &attempts, purposes: &purposes, ..*scene };
        let definition = build.definition(&graph::proven(&plan, asked, &scene));
        let rejection = match build.gateway.solve(definition, true).await {
            Ok(image) if graph::binds_proofs(&scene) => return Ok(image),
            Ok(image) => match verify::each(build, &plan, &scene).await {
                Ok(()) => return Ok(image),
                Err(rejection) => rejection,
            },
            Err(rejection) => rejection,
        };
        downloads.again(build, rejection, &mut plan, &scene).await?;
    }
}

/// The keys that exporters read (`exporter/containerimage/exptypes`).
fn metadata(
    plans: &[Plan],
    lock: &Lock,
    as_map: bool,
) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let json = |config| {
        serde_json::to_vec(config)
            .map_err(|error| Rejection::new(format!("the image config can't be written: {error}")))
    };
    let mut metadata = BTreeMap::new();
    let mut listed = Vec::new();
    for plan in plans {
        let id = plan.platform.to_string();
        let suffix = if as_map { format!("/{id}") } else { String::new() };
        metadata.insert(format!("containerimage.config{suffix}"), json(&plan.config)?);
        let base = lock.base(&plan.platform).filter(|_| plan.target == Target::Image);
        if let Some(base) = base {
            metadata.insert(format!("containerimage.base.config{suffix}"), json(&base.config)?);
        }
        let mut platform = serde_json::json!({
            "architecture": plan.platform.architecture,
            "os": plan.platform.os,
        });
        if let Some(variant) = &plan.platform.variant {
            platform["variant"] = variant.clone().into();
        }
        listed.push(serde_json::json!({"ID": id, "Platform": platform}));
    }
    let platforms = serde_json::json!({"Platforms": listed});
    metadata.insert("refs.platforms".into(), platforms.to_string().into_bytes());
    Ok(metadata)
}
