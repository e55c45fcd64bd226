//! A company's HTTP proxy: what goes by it can be told.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A proxy on loopback, for `CONNECT` and for plain http. It ends with the test process.
pub struct Proxy {
    /// Its URL.
    pub url: String,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

/// Where each `host:port` is in truth; with none, all are where they say.
type Names = Option<BTreeMap<String, String>>;

impl Proxy {
    /// Starts a proxy that reaches these names at these addresses, and refuses all others.
    pub fn start(names: &[(&str, &str)]) -> Self {
        Self::run(Some(names.iter().map(|(name, at)| ((*name).into(), (*at).into())).collect()))
    }

    /// Starts a proxy that reaches what this machine reaches.
    pub fn open() -> Self {
        Self::run(None)
    }

    fn run(names: Names) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("some port is free");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let names = Arc::new(names);
        let asked = Arc::new(Mutex::new(BTreeSet::new()));
        let log = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (names, log) = (Arc::clone(&names), Arc::clone(&log));
                // A client that goes away is no concern of ours.
                thread::spawn(move || drop(serve(client, &names, &log)));
            }
        });
        Self { url, asked }
    }

    /// Which names it was asked for since the last call, one a line, each once and sorted: how
    /// often is up to what connections clients keep.
    pub fn asked(&self) -> String {
        let asked = std::mem::take(&mut *self.asked.lock().expect("no thread panics with it"));
        asked.iter().map(|name| format!("{name}\n")).collect()
    }
}

fn serve(mut client: TcpStream, names: &Names, log: &Mutex<BTreeSet<String>>) -> io::Result<()> {
    let head = head(&mut client)?;
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let plain = target.strip_prefix("http://");
    let name = plain.map_or(target, |rest| rest.split('/').next().unwrap_or_default());
    log.lock().expect("no thread panics with it").insert(name.to_owned());
    let port = if name.contains(':') { "" } else { ":80" };
    let address = match names {
        Some(names) => names.get(name).cloned(),
        None => Some(format!("{name}{port}")),
    };
    let Some(address) = address else {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    };
    let mut server = TcpStream::connect(address)?;
    if let Some(rest) = plain {
        // One request a connection: the next one may be for somebody else.
        let path = &rest[name.len()..];
        let lines = head.split_once("\r\n").map_or("", |(_, lines)| lines);
        write!(server, "{method} {path} HTTP/1.1\r\nConnection: close\r\n{lines}")?;
    } else {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    }
    let (from_client, to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || drop(pass(from_client, to_server)));
    pass(server, client)
}

/// The request's head, and not a byte more.
fn head(client: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn pass(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    io::copy(&mut from, &mut to)?;
    to.shutdown(Shutdown::Write)
}
