//! What holds for every graph.

use std::collections::BTreeSet;

use buildkit_llb::{
    Copy, Exec, File, Image, Location, Mount, Op, Output, SourceFile, Vertex, digest, dot, json,
    marshal, mermaid, text,
};
use buildkit_proto::pb;
use proptest::prelude::*;
use prost::Message;

/// How to make one vertex from those before it.
#[derive(Clone, Debug)]
struct Step {
    kind: u8,
    word: u8,
    a: usize,
    b: usize,
    line: u32,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..4_u8, 0..4_u8, 0..20_usize, 0..20_usize, 1..9_u32)
        .prop_map(|(kind, word, a, b, line)| Step { kind, word, a, b, line });
    prop::collection::vec(step, 1..20)
}

/// Makes each vertex in turn; `changed` gets another argument.
fn build(steps: &[Step], changed: Option<usize>) -> Vec<Output> {
    let mut outputs: Vec<Output> = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        let word = if changed == Some(i) { "changed".to_owned() } else { step.word.to_string() };
        let before = |index: usize| outputs.get(index % outputs.len().max(1)).cloned();
        let op: Op = match (before(step.a), before(step.b), step.kind) {
            (Some(a), Some(b), 1) => Exec {
                args: vec![word],
                mounts: vec![Mount::writable("/", &a), Mount::readonly("/in", &b)],
                ..Exec::default()
            }
            .into(),
            (Some(a), Some(b), 2) => File::on(&a, vec![Copy::new(&b, "/x", word).into()]).into(),
            (Some(a), Some(b), 3) if changed != Some(i) => Op::Merge(vec![a, b]),
            (_, _, _) => Image::new(word).into(),
        };
        let place = Location { source: 0, start_line: step.line, end_line: step.line };
        outputs.push(Vertex::new(op).name(format!("step {i}")).at(place).output());
    }
    outputs
}

fn definition(steps: &[Step]) -> pb::Definition {
    let source = SourceFile { filename: "f".to_owned(), ..SourceFile::default() };
    marshal(build(steps, None).last().unwrap(), &[source]).into()
}

/// Which steps the changed one is part of, itself included.
fn descendants(steps: &[Step], changed: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::from([changed]);
    for (i, step) in steps.iter().enumerate().skip(changed + 1) {
        let uses = |index: usize| found.contains(&(index % i));
        if (1..=3).contains(&step.kind) && (uses(step.a) || uses(step.b)) {
            found.insert(i);
        }
    }
    found
}

proptest! {
    #[test]
    fn twice_the_same_bytes(steps in steps()) {
        prop_assert_eq!(definition(&steps).encode_to_vec(), definition(&steps).encode_to_vec());
    }

    #[test]
    fn inputs_come_before_and_the_result_last(steps in steps()) {
        let definition = definition(&steps);
        let mut before = BTreeSet::new();
        for (i, bytes) in definition.def.iter().enumerate() {
            let op = pb::Op::decode(bytes.as_slice()).unwrap();
            prop_assert!(op.inputs.iter().all(|input| before.contains(&input.digest)));
            prop_assert_eq!(op.op.is_none(), i + 1 == definition.def.len());
            prop_assert!(before.insert(digest(bytes)), "an op is there twice");
        }
        let known: BTreeSet<&String> = definition.metadata.keys().collect();
        prop_assert_eq!(known, before.iter().collect());
        let source = definition.source.clone().unwrap_or_default();
        prop_assert_eq!(source.locations.len() + 1, definition.def.len());
        prop_assert!(text(&definition.into()).is_ok());
    }

    #[test]
    fn a_change_reaches_its_descendants_only(steps in steps(), changed in 0..20_usize) {
        let changed = changed % steps.len();
        let (old, new) = (build(&steps, None), build(&steps, Some(changed)));
        let reached = descendants(&steps, changed);
        for (i, (old, new)) in old.iter().zip(&new).enumerate() {
            prop_assert_eq!(old.digest() != new.digest(), reached.contains(&i), "step {}", i);
        }
    }
}

proptest! {
    /// A definition may come from other frontends, broken ones too.
    #[test]
    fn any_bytes_are_printed_or_refused(
        steps in steps(),
        at in any::<prop::sample::Index>(),
        byte in any::<prop::sample::Index>(),
        value in any::<u8>(),
    ) {
        let mut definition = definition(&steps);
        let op = at.get_mut(&mut definition.def);
        *byte.get_mut(op) = value;
        let definition = definition.into();
        for print in [text, json, mermaid, dot] {
            let _ = print(&definition);
        }
    }
}

#[test]
fn a_graph_may_be_deep() {
    let image: Output = Vertex::new(Image::new("base")).output();
    let deep = (0..2_000).fold(image, |below, i| {
        Vertex::new(File::on(&below, vec![Copy::new(&below, "/a", format!("/{i}")).into()]))
            .output()
    });
    assert_eq!(marshal(&deep, &[]).ops().len(), 2_002);
}
