//! The packages in one layer: a virtual environment filled by one run of pip.

use buildkit_llb::{Mount, Output};

use super::{Online, PIP_CACHE, SECRETS, cache, layers::FRAME};
use crate::{
    graph::{Scene, layer, local, purpose::Purpose},
    plan::{
        Plan,
        places::{REQUIREMENTS, VENV},
        python::PipRun,
    },
};

/// The program that makes the environment and runs pip.
const PROGRAM: (&str, &str) = ("single.py", include_str!("single.py"));

/// The environment of `install`, as a layer over nothing.
pub fn layer(install: &PipRun, plan: &Plan, base: &Output, scene: &Scene<'_>) -> Output {
    let mut folders = layer::Folders::default();
    folders.add(VENV);
    let timestamp = scene.timestamp();
    let place = layer::vertex(&folders, Vec::new(), timestamp).name("[internal] folders").output();
    let mut mounts =
        vec![Mount::writable_path(VENV, &place, VENV), cache(PIP_CACHE, "modelcache-pip", scene)];
    if !install.files.is_empty() {
        mounts.push(Mount::readonly(
            REQUIREMENTS,
            &local::requirements(&install.files, &install.texts, scene),
        ));
    }
    let flags = u8::from(install.system) * 2 + u8::from(install.bytecode);
    let options = [VENV, PIP_CACHE, SECRETS].map(str::to_owned);
    let args = options.into_iter().chain([flags.to_string()]).chain(install.arguments.clone());
    let step = Online {
        root: base,
        platform: &plan.platform,
        env: &install.environment,
        program: PROGRAM,
        modules: &FRAME,
        args: args.collect(),
        mounts,
        secrets: install.secrets.iter().cloned().collect(),
        name: scene.name(Some(&plan.platform), "python", &format!("pip install {}", install.title)),
        span: install.span,
    };
    scene.purposes.output(step.vertex(scene), Purpose::Pip)
}
