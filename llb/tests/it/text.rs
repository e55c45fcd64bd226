//! Definitions as people read them.

use buildkit_llb::{
    Definition, Location, Output, SourceFile, Vertex, dot, json, marshal, merge, mermaid, text,
};
use buildkit_proto::pb;
use expect_test::{Expect, expect, expect_file};

use crate::graphs;

#[test]
fn every_graph() {
    let graphs = graphs::all();
    let printed = graphs
        .iter()
        .map(|(name, output)| format!("== {name}\n{}", text(&marshal(output, &[])).unwrap()));
    expect_file!["../data/graphs.txt"].assert_eq(&printed.collect::<Vec<_>>().join("\n"));
}

/// An image and a file above it, asked for by lines of a file.
fn located() -> Definition {
    let place = |start_line, end_line| Location { source: 0, start_line, end_line };
    let model = graphs::model();
    let again = Vertex::new(model.vertex().op.clone()).name("fetch \"model\" #1").at(place(3, 3));
    let twice = again.clone().at(place(5, 7)).output();
    let result: Output = merge(vec![graphs::busybox(), again.output(), twice]);
    let file = SourceFile {
        filename: "modelcache.yaml".to_owned(),
        text: b"a: 1\n".to_vec(),
        language: "YAML".to_owned(),
        definition: None,
    };
    marshal(&result, &[file])
}

fn check(printed: Result<String, buildkit_llb::DecodeError>, expected: &Expect) {
    let printed = printed.unwrap_or_else(|error| error.to_string());
    expected.assert_eq(&printed);
}

#[test]
fn vertices_that_do_the_same_are_one_with_all_their_lines() {
    check(
        text(&located()),
        &expect![[r#"
        1  source docker-image://docker.io/library/busybox:latest  linux/amd64
        2  source https://example.com/model.bin  -- fetch "model" #1
             http.checksum sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
             http.filename model.bin
             http.perm 0644
             at modelcache.yaml:3
             at modelcache.yaml:5-7
        3  merge  #1 #2 #2
        result #3
    "#]],
    );
}

#[test]
fn for_other_programs() {
    check(
        json(&located()),
        &expect![[r##"
        {
          "ops": [
            {
              "details": [],
              "digest": "sha256:e1432b8e2054abb034451c15f0a8ad49d07f5892ca266016226fec77e95d20a0",
              "inputs": [],
              "kind": "source",
              "op": 1,
              "platform": "linux/amd64",
              "what": "docker-image://docker.io/library/busybox:latest"
            },
            {
              "at": [
                "modelcache.yaml:3",
                "modelcache.yaml:5-7"
              ],
              "details": [
                "http.checksum sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
                "http.filename model.bin",
                "http.perm 0644"
              ],
              "digest": "sha256:5a30df7739057c73251ef18265bc911d035058994aadc0d2f266568162d627d7",
              "inputs": [],
              "kind": "source",
              "name": "fetch \"model\" #1",
              "op": 2,
              "what": "https://example.com/model.bin"
            },
            {
              "details": [],
              "digest": "sha256:be30b575a42e4636c837dc9a0c7b1f054b2ad720bcd3fef4d1e40c3d31b58cfc",
              "inputs": [
                {
                  "index": 0,
                  "op": 1
                },
                {
                  "index": 0,
                  "op": 2
                },
                {
                  "index": 0,
                  "op": 2
                }
              ],
              "kind": "merge",
              "op": 3,
              "what": "#1 #2 #2"
            }
          ],
          "result": {
            "index": 0,
            "op": 3
          }
        }
    "##]],
    );
    check(
        mermaid(&located()),
        &expect![[r#"
        flowchart TD
          op1["source docker-image://docker.io/library/busybox:latest"]
          op2["fetch #quot;model#quot; #35;1"]
          op3["merge #35;1 #35;2 #35;2"]
          op1 --> op3
          op2 --> op3
          op3 --> result([result])
    "#]],
    );
    check(
        dot(&located()),
        &expect![[r#"
        digraph llb {
          node [shape=box];
          op1 [label="source docker-image://docker.io/library/busybox:latest"];
          op2 [label="fetch \"model\" #1"];
          op3 [label="merge #1 #2 #2"];
          op1 -> op3;
          op2 -> op3;
          result [shape=oval];
          op3 -> result;
        }
    "#]],
    );
}

#[test]
fn not_a_definition() {
    let broken =
        |def: Vec<Vec<u8>>| text(&pb::Definition { def, ..pb::Definition::default() }.into());
    let mut shuffled = pb::Definition::from(located());
    shuffled.def.swap(0, 2);
    check(broken(vec![]), &expect!["the definition has no result"]);
    check(broken(vec![vec![]]), &expect!["the definition has no result"]);
    check(broken(vec![vec![0xff]]), &expect!["op 1 can't be decoded"]);
    check(
        text(&shuffled.into()),
        &expect![
            "op 1 needs `sha256:e1432b8e2054abb034451c15f0a8ad49d07f5892ca266016226fec77e95d20a0`, which does not come before it"
        ],
    );
}
