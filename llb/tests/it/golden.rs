//! Our ops are those of BuildKit's Go client, byte for byte and in its order.

use std::{collections::BTreeSet, fmt::Write};

use buildkit_llb::{digest, marshal};
use buildkit_proto::pb;
use serde_json::Value;

use crate::graphs;

/// One op of a definition.
struct Line {
    graph: String,
    /// Its graph, digest and bytes.
    text: String,
    caps: BTreeSet<String>,
}

fn line(graph: &str, digest: &str, bytes: &str, caps: BTreeSet<String>) -> Line {
    Line { graph: graph.to_owned(), text: format!("{graph}: {digest}\n{bytes}\n"), caps }
}

fn theirs() -> Vec<Line> {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../golden/vectors.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let lines = vectors.iter().map(|op| {
        let caps = op["caps"].as_array().unwrap().iter().map(text).collect();
        line(&text(&op["graph"]), &text(&op["digest"]), &text(&op["bytes"]), caps)
    });
    lines.collect()
}

fn ours() -> Vec<Line> {
    let mut lines = Vec::new();
    for (graph, output) in graphs::all() {
        let definition = pb::Definition::from(marshal(&output, &[]));
        for bytes in &definition.def {
            let digest = digest(bytes);
            let caps = definition.metadata[&digest].caps.keys().cloned().collect();
            lines.push(line(graph, &digest, &hex(bytes), caps));
        }
    }
    lines
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn bytes_digests_and_order_equal_gos() {
    let (theirs, ours) = (theirs(), ours());
    for (theirs, ours) in theirs.iter().zip(&ours) {
        assert_eq!(ours.text, theirs.text);
    }
    assert_eq!(theirs.len(), ours.len());
}

/// We ask for all that Go's client asks for, and for what it forgets: an old
/// daemon would silently leave it out.
#[test]
fn capabilities_contain_gos() {
    let (theirs, ours) = (theirs(), ours());
    assert_eq!(theirs.len(), ours.len());
    let mut more = BTreeSet::new();
    for (theirs, ours) in theirs.iter().zip(&ours) {
        let missing: Vec<_> = theirs.caps.difference(&ours.caps).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", ours.graph);
        let added = ours.caps.difference(&theirs.caps);
        more.extend(added.map(|cap| format!("{}: {cap}\n", ours.graph)));
    }
    expect_test::expect![[r#"
        exec meta: exec.meta.cgroup.parent
        exec no output: exec.mount.bind.readwrite-nooutput
        file chain: file.symlink.create
        file copy all: file.copy.includeexcludepatterns
        file copy all: file.copy.requiredpaths
        file named owner: file.copy.alwaysreplaceexistingdestpaths
        file symlink: file.symlink.create
        git all: source.git.subdir
    "#]]
    .assert_eq(&more.into_iter().collect::<String>());
}
