//! A hub or an index of one test's own, so that its requests can be counted.

use std::{
    cell::Cell,
    fmt, fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use super::engine;

/// A running double. It ends with the value.
pub struct Double {
    /// Its `host:port`.
    pub address: String,
    process: Child,
    log: PathBuf,
    faults: PathBuf,
    seen: Cell<usize>,
}

/// One request, as the double logged it.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET` or `HEAD`.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// Bytes of the answer's body.
    pub bytes: u64,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = if self.bytes > 0 { " with a body" } else { "" };
        // The hub's redirects carry what their path says already.
        let path = self.path.split("?etag=").next().unwrap_or_default();
        write!(f, "{} {path} {}{body}", self.method, self.status)
    }
}

/// The certificate to trust, in the folder of an index.
pub const AUTHORITY: &str = "tls/ca.pem";

/// A port may be taken between being found free and being bound: so many tries.
const TRIES: usize = 5;

impl Double {
    /// Starts a hub that serves the repositories below `folder/hub`.
    pub fn hub(folder: &Path) -> Self {
        let root = folder.join("hub");
        fs::create_dir_all(&root).expect("the folder is ours");
        Self::start("hub", "127.0.0.1", folder, |command, ports| {
            // Another host name than the hub's own, as with the real one.
            command.arg("-cdn").arg(format!("localhost:{}", ports[1])).arg("-root").arg(&root);
        })
    }

    /// Starts an index that serves the wheels in `folder/wheels`, and of other projects
    /// what the engine's has. It speaks https, since pip keeps nothing that came by plain
    /// http; clients must trust [`AUTHORITY`].
    pub fn index(folder: &Path) -> Self {
        let tls = folder.join("tls").display().to_string();
        // A name, because pip 25.1 can't check the certificate of an address.
        Self::index_with(folder, "localhost", &["-tls", &tls])
    }

    /// The same with other options, on an address that the builder can reach.
    pub fn index_with(folder: &Path, host: &str, options: &[&str]) -> Self {
        let wheels = folder.join("wheels");
        fs::create_dir_all(&wheels).expect("the folder is ours");
        Self::start("index", host, folder, |command, _| {
            command.arg("-local").arg(&wheels).arg("-cache").arg(folder.join("index-cache"));
            command.arg("-upstream").arg(engine::variable("MODELCACHE_INDEX")).args(options);
        })
    }

    fn start(
        name: &str,
        host: &str,
        folder: &Path,
        options: impl Fn(&mut Command, [u16; 2]),
    ) -> Self {
        let (log, faults) =
            (folder.join(format!("{name}.log")), folder.join(format!("{name}.faults")));
        for _ in 0..TRIES {
            let ports = free_ports();
            let address = format!("{host}:{}", ports[0]);
            let mut command = Command::new(engine::program(name));
            command.arg("-listen").arg(&address).arg("-log").arg(&log).arg("-faults").arg(&faults);
            options(&mut command, ports);
            let errors = fs::File::create(folder.join(format!("{name}.errors")));
            let mut process = command
                .stderr(Stdio::from(errors.expect("the folder is ours")))
                .spawn()
                .unwrap_or_else(|error| panic!("run `make engine`: {command:?}: {error}"));
            loop {
                if TcpStream::connect(&address).is_ok() {
                    return Self { address, process, log, faults, seen: Cell::new(0) };
                }
                if process.try_wait().expect("it is our child").is_some() {
                    break;
                }
                thread::yield_now();
            }
        }
        panic!("the double `{name}` does not start: see {}", folder.display());
    }

    /// The requests since the last call.
    pub fn requests(&self) -> Vec<Request> {
        let text = fs::read_to_string(&self.log).expect("the double made its log");
        let new = &text[self.seen.replace(text.len())..];
        new.lines()
            .map(|line| parse(line).unwrap_or_else(|| panic!("in the log: {line}")))
            .collect()
    }

    /// Ends the server; what was asked of it can still be read.
    pub fn stop(&mut self) {
        // It may have ended by itself, and there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Makes the double fail as `rules` say (tests/doubles/internal/serve/faults.go).
    pub fn fail(&self, rules: &str) {
        fs::write(&self.faults, rules).expect("the folder is ours");
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Two ports that nobody listens on, and that nobody else here is given. They are below those
/// that the kernel gives to clients, or to a test of another process: a server that is to be
/// missed stays away, and one that is met is the one that was started.
pub fn free_ports() -> [u16; 2] {
    const FIRST: u64 = 10_240;
    const COUNT: u64 = 22_000;
    static START: LazyLock<u64> = LazyLock::new(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
        u64::from(now.subsec_nanos()) ^ u64::from(process::id())
    });
    static GIVEN: AtomicU64 = AtomicU64::new(0);
    let next = || {
        let number = *START + GIVEN.fetch_add(1, Ordering::Relaxed);
        u16::try_from(FIRST + number % COUNT).expect("it is a port")
    };
    [(); 2].map(|()| {
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        std::iter::repeat_with(next).find(is_free).expect("some port is free")
    })
}

fn parse(line: &str) -> Option<Request> {
    let mut words = line.split(' ');
    Some(Request {
        method: words.next()?.into(),
        path: words.next()?.into(),
        status: words.next()?.parse().ok()?,
        bytes: words.next()?.parse().ok()?,
    })
}
