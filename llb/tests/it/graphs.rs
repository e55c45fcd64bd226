//! The graphs of `golden/main.go`, each under the same name.

use buildkit_llb::{
    Chown, Copy, Differ, Exec, File, FileAction, Git, Http, Image, Local, Mount, Network,
    OciLayout, Op, Output, Owner, Platform, ProgressGroup, ProxyEnv, ResolveMode, SecretEnv,
    Security, Sharing, Timestamp, Ulimit, Vertex, diff, merge,
};

mod rare;

const SUM: &str = "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
const OWNER: Option<Chown> = Some(Chown::To(Owner { uid: 10001, gid: 10002 }));
const EPOCH: Timestamp = Timestamp::Seconds(1_700_000_000);

/// Every graph, in the order of `vectors.json`.
pub fn all() -> Vec<(&'static str, Output)> {
    [sources(), execs(), files(), layers(), metadata(), rare::all()].concat()
}

pub fn platform(text: &str) -> Platform {
    text.parse().unwrap()
}

fn on(platform: &str, op: impl Into<Op>) -> Output {
    Vertex::new(op).platform(&self::platform(platform)).output()
}

fn image() -> Image {
    Image::new("docker.io/library/busybox:latest")
}

pub fn busybox() -> Output {
    on("linux/amd64", image())
}

fn busybox_pulled() -> Output {
    on("linux/amd64", Image { resolve_mode: Some(ResolveMode::Pull), ..image() })
}

pub fn model() -> Output {
    let http = Http::new("https://example.com/model.bin", "model.bin");
    Vertex::new(Http { checksum: Some(SUM.to_owned()), mode: Some(0o644), ..http }).output()
}

fn context() -> Output {
    Vertex::new(Local { session: Some("s1".to_owned()), ..Local::new("context") }).output()
}

fn strings<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.map(str::to_owned).to_vec()
}

fn pairs<const N: usize>(texts: [(&str, &str); N]) -> Vec<(String, String)> {
    texts.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()
}

fn sources() -> Vec<(&'static str, Output)> {
    let http = Http::new("https://example.com/a", "a");
    let git = Git::new("https://example.com/org/name.git");
    let all = Local {
        session: Some("s1".to_owned()),
        include: strings(["*.py", "a&b"]),
        exclude: strings([".git", "<x>"]),
        follow: strings(["modelcache.yaml"]),
        shared_key_hint: Some("context".to_owned()),
        differ: Differ::None,
        ..Local::new("context")
    };
    vec![
        ("image", busybox()),
        ("image arm64", on("linux/arm64/v8", image())),
        ("image arm v7", on("linux/armhf", image())),
        ("image windows", on("windows(10.0.17763)/x86_64", image())),
        ("image pull", busybox_pulled()),
        (
            "image local",
            on("linux/amd64", Image { resolve_mode: Some(ResolveMode::Local), ..image() }),
        ),
        ("image checksum", on("linux/amd64", Image { checksum: Some(SUM.to_owned()), ..image() })),
        (
            "oci layout",
            on(
                "linux/amd64",
                OciLayout {
                    reference: format!("docker.io/library/name@{SUM}"),
                    store: "store".to_owned(),
                    session: Some("s1".to_owned()),
                    layer_limit: Some(3),
                },
            ),
        ),
        ("http", Vertex::new(http.clone()).output()),
        ("http pinned", model()),
        (
            "http all",
            Vertex::new(Http {
                checksum: Some(SUM.to_owned()),
                mode: Some(0o600),
                uid: Some(10001),
                gid: Some(10002),
                auth_header_secret: Some("hf".to_owned()),
                accept: Some("application/json".to_owned()),
                ..http
            })
            .output(),
        ),
        ("local", context()),
        ("local all", Vertex::new(all).output()),
        ("git", Vertex::new(git.clone()).output()),
        (
            "git all",
            Vertex::new(Git {
                reference: Some("main".to_owned()),
                subdir: Some("sub/dir".to_owned()),
                keep_git_dir: true,
                checksum: Some("0123456789012345678901234567890123456789".to_owned()),
                auth_token_secret: Some("token".to_owned()),
                auth_header_secret: Some("header".to_owned()),
                ..git
            })
            .output(),
        ),
        (
            "git ssh",
            Vertex::new(Git {
                reference: Some("v1".to_owned()),
                known_ssh_hosts: Some("example.com ssh-ed25519 AAAA\n".to_owned()),
                ..Git::new("git@example.com:org/name.git")
            })
            .output(),
        ),
    ]
}

fn shell(mounts: Vec<Mount>) -> Exec {
    Exec { args: strings(["/bin/sh", "-c", "true"]), mounts, ..Exec::default() }
}

/// A process in busybox with these mounts besides.
fn in_busybox(mounts: Vec<Mount>) -> Exec {
    shell([vec![Mount::writable("/", &busybox())], mounts].concat())
}

fn execs() -> Vec<(&'static str, Output)> {
    let amd64 = |exec: Exec| on("linux/amd64", exec);
    let readonly = Mount::readonly("/", &busybox());
    // Given in another order than that of the wire.
    let bind = Vertex::new(shell(vec![
        Mount::writable("/zz", &busybox_pulled()),
        Mount::readonly("/aa", &model()),
        Mount::writable("/", &busybox()),
    ]));
    let bind = bind.platform(&platform("linux/amd64")).outputs();
    let cache = |id: &str, sharing| Mount::cache(format!("/cache/{id}"), id, sharing);
    let secret_env = SecretEnv { id: "t".to_owned(), name: "TOKEN".to_owned(), optional: true };
    let proxy = ProxyEnv {
        http: "http://p".to_owned(),
        https: "http://q".to_owned(),
        ftp: "http://r".to_owned(),
        no: "localhost".to_owned(),
        all: "http://s".to_owned(),
    };
    let meta = Exec {
        env: pairs([("B", "2"), ("A", "1=1")]),
        cwd: "/work".to_owned(),
        user: Some("1000:1000".to_owned()),
        extra_hosts: pairs([("db", "10.0.0.1")]),
        hostname: Some("builder".to_owned()),
        ulimits: vec![Ulimit { name: "nofile".to_owned(), soft: 1024, hard: 2048 }],
        cgroup_parent: Some("/builds".to_owned()),
        proxy: Some(proxy),
        ..in_busybox(Vec::new())
    };
    vec![
        ("exec", amd64(in_busybox(Vec::new()))),
        ("exec scratch output", amd64(shell(vec![Mount::scratch("/out"), readonly.clone()]))),
        ("exec bind first output", bind[1].clone()),
        ("exec bind second output", bind[0].clone()),
        (
            "exec selector",
            amd64(shell(vec![
                readonly,
                Mount::readonly_path("/in", &context(), "requirements.txt"),
                Mount::writable_path("/out", &model(), "/sub"),
            ])),
        ),
        (
            "exec cache",
            amd64(in_busybox(vec![
                cache("s", Sharing::Shared),
                cache("p", Sharing::Private),
                cache("l", Sharing::Locked),
            ])),
        ),
        (
            "exec secret",
            amd64(Exec {
                secret_env: vec![secret_env],
                ..in_busybox(vec![
                    Mount::secret("/run/secrets/z", "z", 0o400, true),
                    Mount::secret("/run/secrets/a", "a", 0o444, false),
                ])
            }),
        ),
        (
            "exec tmpfs",
            amd64(in_busybox(vec![
                Mount::tmpfs("/tmp", None),
                Mount::tmpfs("/dev/shm", Some(1 << 20)),
            ])),
        ),
        ("exec network none", amd64(Exec { network: Network::None, ..in_busybox(Vec::new()) })),
        ("exec network host", amd64(Exec { network: Network::Host, ..in_busybox(Vec::new()) })),
        ("exec insecure", amd64(Exec { security: Security::Insecure, ..in_busybox(Vec::new()) })),
        ("exec meta", amd64(meta)),
        (
            "exec arm64",
            on("linux/arm64", shell(vec![Mount::writable("/", &on("linux/arm64", image()))])),
        ),
    ]
}

fn file(base: Option<Output>, actions: Vec<FileAction>) -> Output {
    Vertex::new(File { actions, base }).output()
}

fn mkfile(path: &str, data: &[u8]) -> FileAction {
    FileAction::Mkfile {
        path: path.to_owned(),
        mode: 0o644,
        data: data.to_vec(),
        owner: None,
        timestamp: Timestamp::Keep,
    }
}

fn mkdir(path: &str) -> FileAction {
    FileAction::Mkdir {
        path: path.to_owned(),
        mode: 0o755,
        parents: false,
        owner: None,
        timestamp: Timestamp::Keep,
    }
}

fn symlink(target: &str, path: &str, owner: Option<Chown>) -> FileAction {
    let (target, path) = (target.to_owned(), path.to_owned());
    FileAction::Symlink { target, path, owner, timestamp: EPOCH }
}

fn rm(path: &str, any: bool) -> FileAction {
    FileAction::Rm { path: path.to_owned(), allow_not_found: any, wildcard: any }
}

fn files() -> Vec<(&'static str, Output)> {
    let parents =
        Copy { create_parents: true, ..Copy::new(&model(), "/model.bin", "/models/model.bin") };
    let everything = Copy {
        owner: OWNER,
        mode: Some(0o755),
        timestamp: EPOCH,
        create_parents: true,
        contents_only: true,
        follow_symlinks: true,
        wildcard: true,
        allow_empty_wildcard: true,
        include: strings(["*.py"]),
        exclude: strings(["*.pyc"]),
        required: strings(["main.py"]),
        ..Copy::new(&context(), "/src/*", "/app/")
    };
    let contents = Copy { contents_only: true, ..Copy::new(&context(), "/", "/m/2") };
    let unpack = Copy { unpack: true, ..Copy::new(&model(), "/model.bin", "/models/") };
    vec![
        ("file copy", file(None, vec![parents.into()])),
        ("file copy all", file(Some(busybox()), vec![everything.into()])),
        ("file copy unpack", file(None, vec![unpack.into()])),
        (
            "file copy same tree",
            file(Some(busybox()), vec![Copy::new(&busybox(), "/a", "/b").into()]),
        ),
        (
            "file mkdir",
            file(
                None,
                vec![FileAction::Mkdir {
                    path: "/a/b".to_owned(),
                    mode: 0o755,
                    parents: true,
                    owner: OWNER,
                    timestamp: EPOCH,
                }],
            ),
        ),
        ("file mkfile", file(None, vec![mkfile("/a", b"hi")])),
        (
            "file mkfile empty",
            file(
                None,
                vec![FileAction::Mkfile {
                    path: "/a".to_owned(),
                    mode: 0o600,
                    data: Vec::new(),
                    owner: Some(Owner { uid: 0, gid: 0 }.into()),
                    timestamp: EPOCH,
                }],
            ),
        ),
        ("file symlink", file(None, vec![symlink("../blobs/x", "/snapshots/x", OWNER)])),
        ("file rm", file(Some(busybox()), vec![rm("/a", false), rm("/b*", true)])),
        (
            "file chain",
            file(
                Some(busybox()),
                vec![
                    mkdir("/m"),
                    Copy::new(&model(), "/model.bin", "/m/1").into(),
                    contents.into(),
                    Copy::new(&model(), "/model.bin", "/m/3").into(),
                    mkfile("/m/4", &[0, 255]),
                    symlink("4", "/m/5", None),
                    rm("/m/1", false),
                ],
            ),
        ),
    ]
}

fn run_true() -> Exec {
    Exec { args: strings(["true"]), ..in_busybox(Vec::new()) }
}

fn layers() -> Vec<(&'static str, Output)> {
    let a = file(None, vec![mkfile("/a", b"a")]);
    let b = file(None, vec![Copy::new(&model(), "/model.bin", "/b").into()]);
    let run = on("linux/amd64", run_true());
    let changes = diff(Some(busybox()), Some(run));
    vec![
        ("merge", merge(vec![busybox(), a.clone(), b.clone()])),
        ("merge twice the same", merge(vec![a.clone(), b, a.clone()])),
        ("diff", changes.clone()),
        ("diff of scratch", diff(Some(a.clone()), None)),
        ("merge of diff", merge(vec![busybox(), changes, a])),
    ]
}

fn metadata() -> Vec<(&'static str, Output)> {
    let amd64 = platform("linux/amd64");
    let base = Vertex::new(image()).platform(&amd64).name("base").output();
    let group = ProgressGroup { id: "g".to_owned(), name: "group".to_owned(), weak: true };
    let exec = Exec { mounts: vec![Mount::writable("/", &base)], ..run_true() };
    let described = Vertex::new(exec)
        .platform(&amd64)
        .ignore_cache()
        .export_cache(true)
        .group(&group)
        .description("k", "v");
    let gpu = "label==gpu".to_owned();
    let base = Vertex::new(image()).platform(&amd64).constraint(gpu.clone()).output();
    let exec = Exec { mounts: vec![Mount::writable("/", &base)], ..run_true() };
    let constrained = Vertex::new(exec).platform(&amd64).constraint(gpu);
    vec![("described", described.output()), ("constrained", constrained.output())]
}
