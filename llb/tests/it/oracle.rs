//! A protocol library that others wrote reads the same fields in our bytes.

use bollard_buildkit_proto::pb as theirs;
use buildkit_llb::marshal;
use buildkit_proto::pb as ours;
use prost::Message;

use crate::graphs;

#[test]
fn every_op_reads_the_same() {
    for (graph, output) in graphs::all() {
        for bytes in marshal(&output, &[]).ops() {
            let ours = ours::Op::decode(bytes.as_slice()).unwrap();
            let theirs = theirs::Op::decode(bytes.as_slice()).unwrap();
            assert_eq!(format!("{ours:#?}"), format!("{theirs:#?}"), "{graph}");
            // As long as what was read: neither knows less than the bytes hold.
            assert_eq!(theirs.encode_to_vec().len(), bytes.len(), "{graph}");
            assert_eq!(ours.encode_to_vec().len(), bytes.len(), "{graph}");
        }
    }
}

#[test]
fn a_definition_reads_the_same() {
    // Theirs is older than limits of resources.
    for (graph, output) in graphs::all().into_iter().filter(|(graph, _)| *graph != "exec limits") {
        let ours = ours::Definition::from(marshal(&output, &[]));
        let theirs = theirs::Definition::decode(ours.encode_to_vec().as_slice()).unwrap();
        let ours = format!("{ours:#?}").replace("            linux_resources: None,\n", "");
        assert_eq!(ours, format!("{theirs:#?}"), "{graph}");
    }
}
