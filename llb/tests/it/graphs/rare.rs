//! What few frontends need.

use buildkit_llb::{
    Blob, Chown, Copy, Device, Exec, FileAction, Git, GitBundle, Http, Id, Image, Local, Mount, Op,
    Output, Owner, Resources, Sharing, Signature, Timestamp, Vertex,
};

use super::{SUM, busybox, file, image, in_busybox, model, on, platform, strings};

/// The graphs, in the order of `vectors.json`.
pub fn all() -> Vec<(&'static str, Output)> {
    [rare_sources(), rare_execs(), owners()].concat()
}

fn rare_sources() -> Vec<(&'static str, Output)> {
    let source = |op: Op| Vertex::new(op).output();
    let git = Git::new("https://example.com/org/name.git");
    let blob = format!("docker.io/library/name@{SUM}");
    let layout = Some(("s1".to_owned(), "store".to_owned()));
    vec![
        (
            "image layers",
            on("linux/amd64", Image { layer_limit: Some(2), internal: true, ..image() }),
        ),
        ("image blob", source(Blob::new(blob.clone()).into())),
        (
            "image blob all",
            source(
                Blob {
                    filename: Some("model.bin".to_owned()),
                    mode: Some(0o644),
                    uid: Some(10001),
                    gid: Some(10002),
                    ..Blob::new(blob.clone())
                }
                .into(),
            ),
        ),
        ("layout blob", source(Blob { layout: layout.clone(), ..Blob::new(blob.clone()) }.into())),
        (
            "http signed",
            source(
                Http {
                    signature: Some(Signature {
                        public_key: "key".to_owned(),
                        signature: "signature".to_owned(),
                    }),
                    ..Http::new("https://example.com/a", "a")
                }
                .into(),
            ),
        ),
        (
            "local unique",
            source(Local { unique: Some("u1".to_owned()), ..Local::new("context") }.into()),
        ),
        (
            "local metadata",
            source(
                Local {
                    session: Some("s1".to_owned()),
                    metadata_but: Some(strings(["*.py"])),
                    ..Local::new("context")
                }
                .into(),
            ),
        ),
        (
            "git rare",
            source(
                Git {
                    reference: Some("main".to_owned()),
                    skip_submodules: true,
                    commit_times: true,
                    advice: true,
                    fetch_by_commit: true,
                    checkout_bundle: true,
                    checksum: Some("0123456789012345678901234567890123456789".to_owned()),
                    ..git.clone()
                }
                .into(),
            ),
        ),
        (
            "git bundle",
            source(
                Git {
                    bundle: Some(GitBundle {
                        locator: format!("oci-layout+blob://store@{SUM}"),
                        layout,
                    }),
                    checksum: Some("0123456789012345678901234567890123456789".to_owned()),
                    ..git
                }
                .into(),
            ),
        ),
        (
            "git ssh agent",
            source(
                Git {
                    reference: Some("v1".to_owned()),
                    known_ssh_hosts: Some("example.com ssh-ed25519 AAAA\n".to_owned()),
                    ssh_socket: Some("work".to_owned()),
                    ..Git::new("git@example.com:org/name.git")
                }
                .into(),
            ),
        ),
    ]
}

fn rare_execs() -> Vec<(&'static str, Output)> {
    let limits = Resources {
        memory: 1 << 30,
        memory_swap: -1,
        cpu_shares: 512,
        cpu_period: 100_000,
        cpu_quota: 50_000,
        cpus: "0-3".to_owned(),
        memory_nodes: "0".to_owned(),
    };
    let exec = |mounts: Vec<Mount>| on("linux/amd64", in_busybox(mounts));
    vec![
        (
            "exec ssh",
            exec(vec![
                Mount::ssh("/run/z", "z", 0o600, true),
                Mount::ssh("/run/a", "a", 0o666, false).owned_by(Owner { uid: 1, gid: 2 }),
                Mount::secret("/run/secrets/s", "s", 0o440, false)
                    .owned_by(Owner { uid: 1000, gid: 1001 }),
            ]),
        ),
        (
            "exec cache from",
            exec(vec![
                Mount::cache("/cache", "c", Sharing::Shared).starting_as(&model(), "/sub"),
                Mount::readonly("/in", &model()),
            ]),
        ),
        ("exec no output", exec(vec![Mount::writable("/aa", &model()).discarded()])),
        (
            "exec devices",
            on(
                "linux/amd64",
                Exec {
                    devices: vec![
                        Device { name: "vendor.com/gpu=0".to_owned(), optional: false },
                        Device { name: "vendor.com/tpu".to_owned(), optional: true },
                    ],
                    valid_exit_codes: vec![0, 3],
                    ..in_busybox(Vec::new())
                },
            ),
        ),
        (
            "exec limits",
            Vertex::new(in_busybox(Vec::new()))
                .platform(&platform("linux/amd64"))
                .resources(&limits)
                .output(),
        ),
    ]
}

fn owners() -> Vec<(&'static str, Output)> {
    let named = |user: &str, group: Option<Id>| {
        Some(Chown::Named { user: Id::Name(user.to_owned()), group })
    };
    let copy = |owner| {
        FileAction::from(Copy { owner, replace: true, ..Copy::new(&model(), "/model.bin", "/m") })
    };
    let made = |owner| FileAction::Mkdir {
        path: "/d".to_owned(),
        mode: 0o755,
        parents: false,
        owner,
        timestamp: Timestamp::Keep,
    };
    vec![
        (
            "file named owner",
            file(
                Some(busybox()),
                vec![
                    made(named("app", Some(Id::Name("staff".to_owned())))),
                    copy(named("app", Some(Id::Number(50)))),
                ],
            ),
        ),
        ("file user alone", file(Some(busybox()), vec![made(named("app", None))])),
    ]
}
