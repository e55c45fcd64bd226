//! The images of a build: planned, emitted, solved, and described to the exporter.

use std::collections::BTreeMap;

use buildkit_llb::{Output, Platform};
use futures_util::future::join_all;

use super::{build::Build, failure::Failure, python, step, verify};
use crate::{
    answers::Answers,
    gateway::{
        Ref,
        rejection::Rejection,
        reply::{Built, Reply},
    },
    graph::{self, Scene, purpose::Purposes},
    plan::{self, ContextFiles, Plan},
    values::{config::ImageConfig, target::Target},
};

/// What is known before a plan is made, beside the manifest.
pub struct Known {
    /// The outside world's answers.
    pub answers: Answers,
    /// The build context's.
    pub context: ContextFiles,
    /// By platform, the steps that have answered.
    pub asked: BTreeMap<Platform, Vec<Output>>,
}

/// Plans, emits and solves each platform; they run side by side.
pub async fn all(
    build: Build<'_>,
    scene: &Scene<'_>,
    known: &Known,
    platforms: &[Platform],
) -> Result<Reply, Failure> {
    let Known { answers, context, asked } = known;
    let plans = platforms.iter().map(|platform| {
        plan::plan(build.manifest, answers, context, platform, scene.request).map_err(Failure::from)
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
        let asked = asked.get(&plan.platform).unwrap_or(&none);
        one(build, scene, plan, asked)
    });
    let mut images = Vec::new();
    let mut failures = Vec::new();
    for (plan, solved) in plans.iter().zip(join_all(solves).await) {
        match solved {
            Ok(result) => images.push(described(plan, answers, result)?),
            Err(failure) => {
                failures.push(python::explain::not_given(failure, context));
            }
        }
    }
    match Failure::all(failures) {
        None => Ok(Reply::images(images, scene.request.multi_platform)),
        Some(failure) => Err(failure),
    }
}

/// An image with what exporters are told of it.
fn described(plan: &Plan, answers: &Answers, result: Ref) -> Result<Built, Failure> {
    let json = |config: &ImageConfig| {
        serde_json::to_string(config)
            .map_err(|error| Rejection::new(format!("the image config can't be written: {error}")))
    };
    let base = answers.base(&plan.platform).filter(|_| plan.target == Target::Image);
    Ok(Built {
        platform: plan.platform.clone(),
        result,
        config: json(&plan.config)?,
        base_config: base.map(|base| json(&base.config)).transpose()?,
    })
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
