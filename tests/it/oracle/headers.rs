//! Headers of weights, as the packages `safetensors` and `gguf` read them. The library that loads
//! a model judges it after us; so what we refuse, it must refuse, and not the other way round.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use expect_test::expect;
use serde_json::{Value, json};

use super::{Vector, compared, vectors};

/// Checks each file by the program that the proof runs, under the file's own error alone.
const CHECK: &str = "\
import base64, json, os, sys
import modelcache_files as files
answers = []
for name, data in json.load(sys.stdin):
    path = os.path.join(sys.argv[1], 'weights.' + sys.argv[2])
    with open(path, 'wb') as file:
        file.write(base64.b64decode(data))
    answers.append(not files.weights(os.path.basename(path), sys.argv[1]))
json.dump(answers, sys.stdout)
";

/// What the proof's program says of each file.
fn answers(vectors: &[Vector], ending: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let programs = concat!(env!("CARGO_MANIFEST_DIR"), "/src/graph/verify");
    let mut child = Command::new("python3")
        .args(["-B", "-c", CHECK])
        .arg(folder.path())
        .arg(ending)
        .env("PYTHONPATH", programs)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a Python");
    let inputs: Vec<&Value> = vectors.iter().map(|(input, _)| input).collect();
    let mut input = child.stdin.take().expect("it is piped");
    input.write_all(json!(inputs).to_string().as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "it fails on a file");
    serde_json::from_slice(&output.stdout).expect("it writes JSON")
}

fn compare(text: &str, ending: &str, why: fn(&str) -> Option<&'static str>) -> String {
    let vectors = vectors(text);
    let answers = answers(&vectors, ending);
    let ours = vectors.iter().zip(answers);
    let named: Vec<(Vector, Value)> =
        ours.map(|((input, answer), ours)| ((input[0].clone(), answer.clone()), ours)).collect();
    let of = |name: &Value| {
        let found = named.iter().find(|((input, _), _)| input == name);
        found.expect("names are told once").1.clone()
    };
    let vectors: Vec<Vector> = named.iter().map(|(vector, _)| vector.clone()).collect();
    compared(&vectors, of, |input, answer, _| match answer {
        Value::Bool(false) if input.as_str().is_some_and(|it| it.starts_with("weights")) => {
            Some("a kind whose length the proof does not know")
        }
        Value::Bool(false) => Some("of what is wrong inside, the library that loads it tells"),
        _ => why(input.as_str().expect("a name is text")),
    })
}

#[test]
fn safetensors_are_whole_that_the_library_reads() {
    let text = include_str!("../../data/oracle/safetensors.json");
    expect![[r#"
        110 inputs, 24 differ
        of what is wrong inside, the library that loads it tells: "a byte order mark"  "UTF-16"  "half a surrogate"  "twice the same name"  "metadata of numbers"  "metadata that is text"  "fractions"  "negative"  "backwards"  "three offsets"  "a shape of more"  "a shape of less"  "a shape that wraps around"  "a negative shape"  "no shape"  "an unknown kind"  "a small letter"  "no kind"  "a hole before"  "a hole between"  "two at one place"  "two that overlap"  "half a byte more"  "not a number"
    "#]].assert_eq(&compare(text, "safetensors", |_| None));
}

#[test]
fn ggufs_are_whole_that_the_library_reads() {
    let text = include_str!("../../data/oracle/gguf.json");
    expect![[r#"
        145 inputs, 13 differ
        a kind whose length the proof does not know: "weights of Q8_1, cut"  "weights of NVFP4, cut"  "weights of Q1_0, cut"
        llama.cpp refuses it, which has the format: "not at a place"  "of nine dimensions"
        of what is wrong inside, the library that loads it tells: "two of one name"  "an unknown kind"  "a removed kind"  "no UTF-8"  "aligned to 12"  "aligned to 64 bits"  "a value twice"
        the package's sum wraps around: "an offset that wraps"
    "#]].assert_eq(&compare(text, "gguf", |name| match name {
        "not at a place" | "of nine dimensions" => {
            Some("llama.cpp refuses it, which has the format")
        }
        "an offset that wraps" => Some("the package's sum wraps around"),
        _ => None,
    }));
}
