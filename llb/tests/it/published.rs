//! Digests and bytes that BuildKit's Go client gave for small graphs, written
//! down by hand. `golden.rs` has many more, made by a program.

use buildkit_llb::{
    Copy, Exec, File, FileAction, Http, Image, Local, Mount, Output, Platform, Sharing, Timestamp,
    Vertex, marshal, merge,
};

use crate::golden::hex;

fn amd64() -> Platform {
    "linux/amd64".parse().unwrap()
}

fn image() -> Output {
    Vertex::new(Image::new("docker.io/library/busybox:latest")).platform(&amd64()).output()
}

fn model() -> Output {
    let sha256 = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    let http = Http {
        checksum: Some(sha256.to_owned()),
        mode: Some(0o644),
        ..Http::new("https://example.com/m/resolve/abc/model.bin", "model.bin")
    };
    Vertex::new(http).output()
}

fn copy() -> Output {
    let copy =
        Copy { create_parents: true, ..Copy::new(&model(), "/model.bin", "/models/model.bin") };
    Vertex::new(File::on_scratch(vec![copy.into()])).output()
}

#[test]
fn image_op() {
    assert_eq!(
        hex(image().bytes()),
        "520e0a05616d64363412056c696e75785a001a310a2f646f636b65722d696d6167653a2f2f646f636b65722e696f2f6c6962726172792f62757379626f783a6c6174657374"
    );
    let definition = marshal(&image(), &[]);
    let terminal = definition.ops().last().unwrap();
    assert_eq!(
        buildkit_llb::digest(terminal),
        "sha256:ed184c8ee1441a77d21fb2e07c870c7dca33c5e9b47f5033e4d70507d8c1f8c7"
    );
}

#[test]
fn digests() {
    let mkfile = FileAction::Mkfile {
        path: "/a".to_owned(),
        mode: 0o644,
        data: b"hi".to_vec(),
        owner: None,
        timestamp: Timestamp::Keep,
    };
    let exec = Exec {
        args: vec!["/bin/true".to_owned()],
        mounts: vec![
            Mount::secret("/run/secrets/hf", "hf", 0o400, true),
            Mount::cache("/root/.cache/pip", "/pip", Sharing::Shared),
            Mount::writable("/", &image()),
        ],
        ..Exec::default()
    };
    let local = Local {
        session: Some("s1".to_owned()),
        follow: vec!["model.yaml".to_owned()],
        shared_key_hint: Some("context".to_owned()),
        ..Local::new("context")
    };
    for (output, digest) in [
        (image(), "e1432b8e2054abb034451c15f0a8ad49d07f5892ca266016226fec77e95d20a0"),
        (model(), "a25f735212def44842091e683b6b79e7864d412b1b3739e6dc693368e9f51101"),
        (copy(), "2c0717cf9a3cbd59a1438a33a91086af10358746c47454bf3194001880f661ee"),
        (
            merge(vec![image(), copy()]),
            "d64db28fa9ad2191f47a57331c6f1dc1442bd9724dd4909a88cfb4c427adf624",
        ),
        (
            Vertex::new(File::on_scratch(vec![mkfile])).output(),
            "95cfea19fbfc87acaff102577ea971cea4bad2050ed82826dda3896b961c19d2",
        ),
        (
            Vertex::new(exec).platform(&amd64()).output(),
            "297d698605dfc6b8f7e78a6e9f95a57b2603f3d07e4a655a75d11dbf51acdd53",
        ),
        (
            Vertex::new(local).output(),
            "ff8c2e7d68a060dc66d9209e98881db3db1799099ab0e4ce8335c577bad123d3",
        ),
    ] {
        assert_eq!(output.digest(), format!("sha256:{digest}"), "{output:#?}");
    }
}
