//! The steps that find out which wheels an environment is made of.

use buildkit_llb::{File, Mount, Output, Platform, Vertex};

use super::{
    OUT, Online, RUN, SECRETS, building, cache, offline, programs, steps, tools,
    wheels::WheelSource,
};
use crate::{
    graph::{Scene, base, layer, local, purpose::Purpose},
    plan::{
        places::REQUIREMENTS,
        python::{
            layers::Layers,
            question::{Asking, OrderQuestion},
        },
    },
};

const RESOLVE: (&str, &str) = ("resolve.py", include_str!("resolve.py"));
const HIDDEN: (&str, &str) = ("hidden.py", include_str!("hidden.py"));
const LOOK: (&str, &str) = ("look.py", include_str!("look.py"));

/// What the resolver remembers.
pub const UV_CACHE: &str = "/var/cache/modelcache/uv";

/// The file that the resolver leaves.
pub const ANSWER: &str = "answer.json";
/// The resolver's copy of the requirements files, which it names projects from.
pub const WORK: &str = "/run/modelcache/out/requirements";
/// The file with the resolver's words, if it was asked to report.
pub const REPORT: &str = "report.txt";
/// The file that says what is in the wheels.
pub const LOOKED: &str = "look.json";

/// The resolver's answer. `now` and `report` are words that no build has used before: with
/// the first, an answer of long ago is none; with the second, a failure is an answer, since
/// of a step that fails nobody can read what it says.
pub fn ask(asking: &Asking, now: Option<&str>, report: Option<&str>, scene: &Scene<'_>) -> Output {
    let Asking { base: image, steps, environment, span, .. } = asking;
    let span = *span;
    let bare = base(image, steps, scene);
    let tools = tools::tools(&bare, steps, environment, span, scene);
    let root = building::ask_base(asking, scene);
    let question = serde_json::to_string(&asking.question).unwrap_or_default();
    let question = layer::mkfile("/question.json", &question, scene.timestamp());
    let question = Vertex::new(File::on_scratch(vec![question])).name("[internal] question");
    let path = format!("{RUN}/question.json");
    let tools_path = format!("{RUN}/tools");
    let mut mounts = vec![
        Mount::scratch(OUT),
        scene.fixed(&tools_path, &tools, ""),
        scene.fixed(&path, &question.output(), "/question.json"),
        cache(UV_CACHE, "modelcache-uv", scene),
    ];
    if !asking.files.is_empty() {
        let files = local::requirements(&asking.files, &asking.texts, scene);
        mounts.push(Mount::readonly(REQUIREMENTS, &files));
    }
    let mut args =
        [OUT, &tools_path, UV_CACHE, SECRETS, REQUIREMENTS, &path].map(str::to_owned).to_vec();
    let mut env = environment.clone();
    if let Some(word) = now {
        env.push(("MODELCACHE_NOW".to_owned(), word.to_owned()));
    }
    if let Some(word) = report {
        args.push(format!("{OUT}/{REPORT}"));
        env.push(("MODELCACHE_REPORT".to_owned(), word.to_owned()));
    }
    let step = Online {
        root: &root,
        platform: steps,
        env: &env,
        program: RESOLVE,
        modules: &[HIDDEN],
        args,
        mounts,
        secrets: asking.question.secrets.iter().cloned().collect(),
        name: scene.name(Some(&asking.platform), "python", "resolve requirements"),
        span,
    };
    scene.purposes.output(step.vertex(scene), Purpose::Resolver)
}

/// What is in the wheels of `layers`: their sizes, and which write to a common path, in the
/// order of installing, which depends on what was `asked` for.
pub fn look(
    layers: &Layers,
    platform: &Platform,
    asked: &OrderQuestion<'_>,
    scene: &Scene<'_>,
) -> Output {
    let source = WheelSource { layers, platform, scene };
    let root = base(&layers.base, &layers.steps, scene);
    let tools = tools::tools(&root, &layers.steps, &layers.environment, layers.span, scene);
    let asked = serde_json::to_string(asked).unwrap_or_default();
    let asked = layer::mkfile("/asked.json", &asked, scene.timestamp());
    let asked = Vertex::new(File::on_scratch(vec![asked])).name("[internal] question").output();
    let [folder, pip, path] = ["wheels", "pip.whl", "asked.json"].map(|it| format!("{RUN}/{it}"));
    let mut mounts = vec![
        Mount::readonly("/", &root),
        scene.fixed(&steps(), &programs(&[LOOK], scene), ""),
        Mount::scratch(OUT),
        Mount::tmpfs("/tmp", None),
        scene.fixed(&pip, &tools, "/pip.whl"),
        scene.fixed(&path, &asked, "/asked.json"),
    ];
    mounts.extend(layers.wheels().map(|wheel| source.wheel(wheel).0));
    let program = format!("{}/{}", steps(), LOOK.0);
    let args = ["python3", "-s", "-B", &program, OUT, &folder, &pip, &path].map(str::to_owned);
    let path = layers.environment.iter().find(|(name, _)| name == "PATH");
    // Where packages ask for each other, pip's order depends on that of a set of strings.
    let seed = ("PYTHONHASHSEED", "0");
    let env: Vec<(&str, &str)> =
        path.map(|(n, v)| (n.as_str(), v.as_str())).into_iter().chain([seed]).collect();
    Vertex::new(offline(args.to_vec(), &env, mounts))
        .platform(&layers.steps)
        .name(scene.name(Some(platform), "python", "look into the wheels"))
        .at(scene.at(layers.span))
        .output()
}
