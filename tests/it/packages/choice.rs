//! Of several wheels of one version, the one that pip takes.

use std::collections::BTreeMap;

use modelcache::packages::{
    Origin,
    pylock::{Pylock, choice::FileChoice},
    wheel::{WheelName, tags::Tags},
};

/// The tags of a Python in pip's order; `platforms` has the best first.
fn tags(python: u32, platforms: &[&str]) -> Vec<String> {
    let mut tags = Vec::new();
    let mut each = |tag: &str| tags.extend(platforms.iter().map(|it| format!("{tag}-{it}")));
    each(&format!("cp3{python}-cp3{python}"));
    each(&format!("cp3{python}-abi3"));
    each(&format!("cp3{python}-none"));
    (2..python).rev().for_each(|older| each(&format!("cp3{older}-abi3")));
    each(&format!("py3{python}-none"));
    each("py3-none");
    (0..python).rev().for_each(|older| each(&format!("py3{older}-none")));
    tags.push(format!("cp3{python}-none-any"));
    tags.extend([format!("py3{python}-none-any"), "py3-none-any".to_owned()]);
    tags
}

const GLIBC: [&str; 6] = [
    "manylinux_2_41_x86_64",
    "manylinux_2_34_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "linux_x86_64",
];
const MUSL: [&str; 3] = ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64", "linux_x86_64"];

/// The file that is taken of `files`, whose digests are `0`, `1` and so on.
fn taken(files: &[&str], choice: &FileChoice) -> String {
    let line = |(digest, file): (usize, &&str)| {
        format!("{{ url = \"https://host/{file}\", hashes = {{ sha256 = \"{digest:064}\" }} }}")
    };
    let (wheels, sources): (Vec<_>, Vec<_>) =
        files.iter().enumerate().partition(|(_, file)| WheelName::parse(file).is_some());
    let wheels = wheels.into_iter().map(line).collect::<Vec<_>>().join(", ");
    let source = sources.into_iter().map(|it| format!("sdist = {}\n", line(it)));
    let text = format!(
        "[[packages]]\nname = \"A\"\nversion = \"1\"\n{}wheels = [{wheels}]\n",
        source.collect::<String>()
    );
    let lock =
        Pylock::parse(&text).expect("it is a lock").wheels("/", choice).expect("it is whole");
    match &lock[0].origin {
        Origin::Wheel(it) | Origin::Archive(it) => it.file(),
        other => panic!("{other:?}"),
    }
}

/// The first of `files` is taken, in whatever order they are listed.
fn check(files: &[&str], tags: &[String]) {
    let choice = FileChoice { tags: Tags::new(tags), ..FileChoice::default() };
    for turn in 0..files.len() {
        let mut listed = files.to_vec();
        listed.rotate_left(turn);
        assert_eq!(taken(&listed, &choice), files[0], "of {listed:?}");
        listed.reverse();
        assert_eq!(taken(&listed, &choice), files[0], "of {listed:?}");
    }
}

#[test]
fn the_youngest_platform_that_fits_is_taken() {
    let files = [
        "a-1-cp311-abi3-manylinux_2_34_x86_64.whl",
        "a-1-cp311-abi3-manylinux_2_28_x86_64.whl",
        "a-1-cp311-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "a-1-cp38-abi3-manylinux_2_34_x86_64.whl",
    ];
    check(&files, &tags(13, &GLIBC));
    // On an older base, that of the youngest does not fit.
    check(&files[1..3], &tags(13, &GLIBC[2..]));
}

#[test]
fn of_several_tags_the_best_counts() {
    let files = [
        "a-1-cp313-cp313-manylinux_2_28_x86_64.manylinux_2_26_x86_64.whl",
        "a-1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "a-1-cp312.cp311-abi3-manylinux_2_34_x86_64.whl",
    ];
    check(&files, &tags(13, &GLIBC));
}

#[test]
fn a_wheel_for_this_python_comes_before_one_for_many() {
    let files = [
        // Even with an older platform.
        "a-1-cp313-cp313-linux_x86_64.whl",
        "a-1-cp313-abi3-manylinux_2_34_x86_64.whl",
        "a-1-cp312-abi3-manylinux_2_34_x86_64.whl",
        "a-1-cp38-abi3-manylinux_2_34_x86_64.whl",
        "a-1-py3-none-manylinux_2_34_x86_64.whl",
        "a-1-py2.py3-none-any.whl",
    ];
    for from in 0..files.len() {
        check(&files[from..], &tags(13, &GLIBC));
    }
}

#[test]
fn musl_and_another_machine_have_tags_of_their_own() {
    let files = [
        "a-1-cp313-cp313-musllinux_1_2_x86_64.whl",
        "a-1-cp313-cp313-musllinux_1_1_x86_64.whl",
        "a-1-py3-none-any.whl",
        "a-1-cp313-cp313-manylinux_2_28_x86_64.whl",
        "a-1-cp313-cp313-manylinux_2_28_aarch64.whl",
    ];
    check(&files, &tags(13, &MUSL));
    let arm = GLIBC.map(|it| it.replace("x86_64", "aarch64"));
    let arm = tags(13, &arm.each_ref().map(String::as_str));
    check(&[files[4], files[2], files[0], files[3]], &arm);
}

#[test]
fn of_builds_with_the_same_tags_the_last_is_taken() {
    let files = [
        "a-1-10-cp313-cp313-linux_x86_64.whl",
        "a-1-9z-cp313-cp313-linux_x86_64.whl",
        "a-1-09a-cp313-cp313-linux_x86_64.whl",
        "a-1-9-cp313-cp313-linux_x86_64.whl",
        "a-1-cp313-cp313-linux_x86_64.whl",
        // The tags decide before the build does.
        "a-1-99-cp312-abi3-linux_x86_64.whl",
    ];
    for from in 0..files.len() {
        check(&files[from..], &tags(13, &GLIBC));
    }
}

#[test]
fn tags_are_compared_in_lower_case() {
    let files = ["a-1-CP313-cp313-ManyLinux_2_34_x86_64.whl", "a-1-py3-none-any.whl"];
    check(&files, &tags(13, &GLIBC));
}

#[test]
fn only_files_that_are_demanded_count_where_there_is_one() {
    let files = [
        "a-1-cp313-cp313-manylinux_2_34_x86_64.whl",
        "a-1-cp313-cp313-manylinux_2_28_x86_64.whl",
        "a-1-cp313-cp313-manylinux2014_x86_64.whl",
        "a-1.tar.gz",
    ];
    let demanding = |digests: &[&str]| {
        let digests = digests.iter().map(|it| format!("sha256:{it:0>64}")).collect();
        let demanded = BTreeMap::from([("a".to_owned(), digests)]);
        taken(&files, &FileChoice { tags: Tags::new(&tags(13, &GLIBC)), demanded })
    };
    assert_eq!(demanding(&[]), files[0], "without a digest all count");
    assert_eq!(demanding(&["2", "1"]), files[1]);
    assert_eq!(demanding(&["2", "3"]), files[2], "a wheel comes before a source");
    assert_eq!(demanding(&["3"]), files[3]);
    // That it is the wrong one is then told of the file that pip would have taken.
    assert_eq!(demanding(&["7"]), files[0]);
}

#[test]
fn without_tags_what_is_for_one_platform_is_taken() {
    let files = ["a-1-py3-none-any.whl", "a-1-cp313-cp313-linux_x86_64.whl"];
    assert_eq!(taken(&files, &FileChoice::default()), files[1]);
    assert_eq!(taken(&files[..1], &FileChoice::default()), files[0]);
}
