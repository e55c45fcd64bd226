//! Which files share a layer.

use expect_test::{Expect, expect};
use modelcache::{
    answers::{Snapshot, SnapshotFile},
    document::Span,
    plan::{
        ModelLayer,
        layers::{BIG, LIMIT, layers, warnings},
    },
    values::digest::Digest,
};

fn model(id: &str, sizes: &[u64]) -> ModelLayer {
    let file = |(index, size): (usize, &u64)| SnapshotFile {
        path: format!("{index:02}"),
        size: *size,
        digest: Digest::of(index.to_string().as_bytes()),
    };
    let snapshot = Snapshot {
        commit: "c".into(),
        files: sizes.iter().enumerate().map(file).collect(),
        ..Snapshot::default()
    };
    ModelLayer {
        id: id.parse().expect("an id"),
        revision: "main".into(),
        span: Span::default(),
        endpoint: "http://hub".into(),
        alias: None,
        snapshot: Some(snapshot),
    }
}

/// A line for each layer: `model:files`, with a `*` where the refs are.
fn shape(models: &[ModelLayer]) -> Vec<String> {
    let layer = |groups: Vec<modelcache::plan::layers::FileGroup>| {
        let group = |group: modelcache::plan::layers::FileGroup| {
            let files: Vec<String> = group.files.iter().map(usize::to_string).collect();
            let mark = if group.has_refs { "*" } else { "" };
            format!("{}:{}{mark}", models[group.model].id, files.join(","))
        };
        groups.into_iter().map(group).collect::<Vec<_>>().join(" ")
    };
    layers(models).into_iter().map(layer).collect()
}

fn check(models: &[ModelLayer], expected: Expect) {
    expected.assert_eq(&shape(models).join("\n"));
}

#[test]
fn small_files_share_and_big_ones_do_not() {
    check(
        &[model("a/a", &[1, BIG, 2, BIG + 1]), model("b/b", &[BIG - 1])],
        expect![[r#"
            a/a:0,2*
            a/a:1
            a/a:3
            b/b:0*"#]],
    );
}

#[test]
fn very_many_big_files_share_in_order() {
    let sizes = [BIG; 40];
    let shapes = shape(&[model("a/a", &sizes)]);
    assert_eq!(shapes.len(), 1 + 14);
    assert_eq!(shapes[1], "a/a:0,1,2");
    assert_eq!(shapes[14], "a/a:39");
}

#[test]
fn very_many_models_share_layers_and_a_new_one_disturbs_one_layer_at_most() {
    let mut models: Vec<ModelLayer> =
        (0..100).map(|i| model(&format!("org/m{i}"), &[1, 2])).collect();
    let before = shape(&models);
    assert!(before.len() <= 40, "{} layers", before.len());
    models.push(model("org/new", &[1, 2]));
    let after = shape(&models);
    let changed = after.iter().filter(|layer| !before.contains(layer)).count();
    assert_eq!(changed, 1);
}

#[test]
fn what_shares_a_layer_is_no_more_than_registries_take() {
    // Forty files in sixteen layers would be three in each.
    let shapes = shape(&[model("a/a", &[LIMIT / 2; 40])]);
    assert_eq!(shapes[..3], ["a/a:*", "a/a:0,1", "a/a:2,3"]);
    assert_eq!(shapes.len(), 1 + 20);
    // Small files, too, and the first layer is where the refs are.
    let many = vec![BIG - 1; usize::try_from(LIMIT / (BIG - 1)).expect("a few hundred") + 1];
    let shapes = shape(&[model("a/a", &many)]);
    assert_eq!(shapes.len(), 2);
    assert!(shapes[0].ends_with('*') && !shapes[1].ends_with('*'));
}

#[test]
fn models_that_share_layers_are_parted_by_size() {
    let sizes = [BIG - 1, LIMIT / 3];
    let models: Vec<ModelLayer> = (0..100).map(|i| model(&format!("org/m{i}"), &sizes)).collect();
    let layers = layers(&models);
    let size = |layer: &Vec<modelcache::plan::layers::FileGroup>| -> u64 {
        layer.iter().flat_map(|group| &group.files).map(|index| sizes[*index]).sum()
    };
    assert!(layers.iter().all(|layer| size(layer) <= LIMIT));
    let files = layers.iter().flatten().map(|group| group.files.len()).sum::<usize>();
    assert_eq!(files, 200);
}

#[test]
fn a_file_that_registries_refuse_is_warned_of() {
    let found = warnings(&[model("a/a", &[1, LIMIT, LIMIT + 1, 60_000 << 20])]);
    let told: Vec<String> = found
        .iter()
        .map(|warning| format!("{}: {}\n  {}", warning.code, warning.message, warning.help[0]))
        .collect();
    expect![[r#"
        huge-layer: `02` of `a/a` is a layer of 10.0 GB
          it will be refused by GitHub's registry (up to 10.0 GB)
        huge-layer: `03` of `a/a` is a layer of 62.9 GB
          it will be refused by GitHub's registry (up to 10.0 GB), Amazon ECR Public (up to 10.4 GB), Amazon ECR (up to 54.5 GB)"#]].assert_eq(&told.join("\n"));
}
