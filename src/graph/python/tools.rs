//! The programs that resolve and build.

use std::collections::BTreeSet;

use buildkit_llb::{File, Mount, Output, Platform, Vertex};

use super::{OUT, Online, PIP_CACHE, RUN, SECRETS, cache};
use crate::{
    document::Span,
    graph::{Scene, layer},
};

const TOOLS: (&str, &str) = ("tools.py", include_str!("tools.py"));

/// The resolver and the builder, each with the digests of all platforms' files.
const TOOLS_LIST: &str = include_str!("tools.txt");

/// The resolver and a pip of known age, unpacked.
pub fn tools(
    root: &Output,
    platform: &Platform,
    environment: &[(String, String)],
    span: Span,
    scene: &Scene<'_>,
) -> Output {
    let list = layer::mkfile("/tools.txt", TOOLS_LIST, scene.timestamp());
    let list = Vertex::new(File::on_scratch(vec![list])).name("[internal] tools").output();
    let path = format!("{RUN}/tools.txt");
    let step = Online {
        root,
        platform,
        env: environment,
        program: TOOLS,
        modules: &[],
        args: [OUT, PIP_CACHE, SECRETS, &path].map(str::to_owned).to_vec(),
        mounts: vec![
            Mount::scratch(OUT),
            scene.fixed(&path, &list, "/tools.txt"),
            cache(PIP_CACHE, "modelcache-pip", scene),
        ],
        secrets: BTreeSet::new(),
        name: scene.name(Some(platform), "python", "get the resolver"),
        span,
    };
    step.vertex(scene).output()
}
