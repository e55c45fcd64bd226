//! Which wheels share a layer.

use std::collections::BTreeSet;

use expect_test::expect;
use modelcache::{
    packages::{Artifact, Origin, Wheel},
    plan::python::groups::{BUCKETS, BUDGET, LARGE, NATIVE_BUCKETS, groups},
    values::digest::Digest,
};
use proptest::prelude::*;

fn wheel(name: &str, size: u64, via: &[&str]) -> Wheel {
    let url = format!("https://host/{name}-1-py3-none-any.whl");
    Wheel {
        name: name.into(),
        version: "1".into(),
        via: via.iter().map(|by| (*by).to_owned()).collect(),
        origin: Origin::Wheel(Artifact { url, size, digest: Digest::of(name.as_bytes()) }),
    }
}

/// The names in each group.
fn names(wheels: &[Wheel], together: &[Vec<String>]) -> Vec<Vec<String>> {
    let groups = groups(wheels, together).into_iter();
    groups.map(|group| group.wheels.into_iter().map(|wheel| wheel.name).collect()).collect()
}

#[test]
fn the_large_are_alone_and_the_small_spread_by_name() {
    let mut wheels: Vec<Wheel> =
        ["anyio", "click", "h11", "idna", "sniffio"].map(|name| wheel(name, 9, &[])).into();
    wheels.push(wheel("numpy", LARGE, &[]));
    wheels.push(Wheel { origin: Origin::Folder("lib".into()), ..wheel("own", 0, &[]) });
    expect![[r#"[["numpy"], ["own"], ["anyio"], ["click"], ["h11"], ["idna"], ["sniffio"]]"#]]
        .assert_eq(&format!("{:?}", names(&wheels, &[])));
}

#[test]
fn wheels_with_a_common_path_are_installed_in_the_order_that_is_given() {
    let wheels = [wheel("a", LARGE, &[]), wheel("b", 1, &[]), wheel("c", 1, &[])];
    for given in [["c", "b", "a"], ["b", "a", "c"], ["a", "c", "b"]] {
        assert_eq!(names(&wheels, &[given.map(str::to_owned).to_vec()]), [given]);
    }
}

#[test]
fn by_a_lock_without_an_order_what_is_asked_for_comes_first() {
    let wheels = [wheel("a", LARGE, &["c"]), wheel("b", 1, &[]), wheel("c", 1, &["b"])];
    let together = [["a", "b", "c"].map(str::to_owned).to_vec()];
    assert_eq!(names(&wheels, &together), [["a", "c", "b"]]);
}

#[test]
fn the_place_of_a_layer_does_not_depend_on_the_order_within() {
    let wheels = ["a", "b", "c", "d"].map(|name| wheel(name, 1, &[]));
    let given = [["d", "a"], ["c", "b"]].map(|pair| pair.map(str::to_owned).to_vec());
    assert_eq!(names(&wheels, &given), given);
}

#[test]
fn a_circle_of_dependencies_has_an_order_too() {
    let wheels = [wheel("a", 1, &["b"]), wheel("b", 1, &["a"])];
    let together = [["a", "b"].map(str::to_owned).to_vec()];
    assert_eq!(names(&wheels, &together), [["a", "b"]]);
}

#[test]
fn many_large_wheels_stay_within_the_budget() {
    let wheels: Vec<Wheel> =
        (0..200u16).map(|n| wheel(&format!("w{n:03}"), LARGE + u64::from(n), &[])).collect();
    let found = names(&wheels, &[]);
    assert!(found.len() <= BUDGET, "{}", found.len());
    // The largest are those alone.
    let alone = BUDGET - usize::from(BUCKETS + NATIVE_BUCKETS);
    let largest: Vec<Vec<String>> =
        wheels[200 - alone..].iter().map(|it| vec![it.name.clone()]).collect();
    assert!(largest.iter().all(|group| found.contains(group)));
}

proptest! {
    /// A package that comes changes its own group, and no other.
    #[test]
    fn one_more_package_changes_one_group(
        names_and_sizes in prop::collection::btree_map("[a-z]{1,6}", 0..2 * LARGE, 1..24),
        added in "[a-z]{1,6}[0-9]",
        size in 0..2 * LARGE,
    ) {
        let mut wheels: Vec<Wheel> =
            names_and_sizes.iter().map(|(name, size)| wheel(name, *size, &[])).collect();
        let before: BTreeSet<Vec<String>> = names(&wheels, &[]).into_iter().collect();
        wheels.push(wheel(&added, size, &[]));
        wheels.sort_by(|a, b| a.name.cmp(&b.name));
        let after: BTreeSet<Vec<String>> = names(&wheels, &[]).into_iter().collect();
        prop_assert_eq!(after.difference(&before).count(), 1);
        prop_assert!(before.difference(&after).count() <= 1);
        prop_assert_eq!(after.iter().map(Vec::len).sum::<usize>(), wheels.len());
    }
}
