//! What was pushed: the manifest, the config and the layers of an image.

use std::{
    collections::BTreeMap,
    fmt,
    io::{Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use super::engine;

/// The repository that tests push to. It is one, so that base layers are pushed once.
pub const REPOSITORY: &str = "test/e2e";

/// Both kinds of manifest and of index that a builder may push.
const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";

/// A pushed image of one platform.
#[derive(Clone, Debug)]
pub struct Image {
    /// The image config, as `application/vnd.oci.image.config.v1+json`.
    pub config: Value,
    /// The digests of its layers, the lowest first.
    pub layers: Vec<String>,
}

impl Image {
    /// Reads an image from the engine's registry: of several, that for any platform.
    pub fn pull(digest: &str) -> Self {
        Self::find(digest, |_| true)
    }

    /// The same for an architecture.
    pub fn pull_for(digest: &str, architecture: &str) -> Self {
        Self::find(digest, |platform| platform["architecture"] == architecture)
    }

    fn find(digest: &str, fits: impl Fn(&Value) -> bool) -> Self {
        let mut manifest = json(&format!("manifests/{digest}"));
        if let Some(manifests) = manifest["manifests"].as_array() {
            // An attestation is listed as an image for nobody.
            let is_image = |entry: &&Value| entry["platform"]["os"] == "linux";
            let image = manifests.iter().filter(is_image).find(|entry| fits(&entry["platform"]));
            let image = image.unwrap_or_else(|| panic!("no image in {manifest:#}"));
            manifest = json(&format!("manifests/{}", text(&image["digest"])));
        }
        let layers = manifest["layers"].as_array().expect("an image has layers");
        Self {
            config: json(&format!("blobs/{}", text(&manifest["config"]["digest"]))),
            layers: layers.iter().map(|layer| text(&layer["digest"]).to_owned()).collect(),
        }
    }

    /// The digests of the topmost layers, by the names that the caller knows them by.
    pub fn top<'a>(&self, names: &[&'a str]) -> BTreeMap<&'a str, String> {
        let top = &self.layers[self.layers.len() - names.len()..];
        names.iter().copied().zip(top.iter().cloned()).collect()
    }
}

/// A file or folder in a layer; not its size, which may differ between runs.
pub struct Entry {
    /// Kind and permissions as `ls` shows them.
    pub mode: String,
    /// Path without a leading `/`; a folder's ends in one.
    pub path: String,
    /// Numbers of the owner, the time of change, and where a link points.
    rest: [String; 2],
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [owner_and_time, link] = &self.rest;
        write!(f, "{} {owner_and_time} {}{link}", self.mode, self.path)
    }
}

/// What is in a layer.
pub fn entries(digest: &str) -> Vec<Entry> {
    let blob = get(&format!("blobs/{digest}"));
    let mut tar = Command::new("tar");
    tar.args(["--list", "--gzip", "--verbose", "--numeric-owner", "--full-time", "--utc"]);
    let output = piped(&mut tar, blob);
    let list = String::from_utf8_lossy(&output);
    list.lines().map(|line| entry(line).unwrap_or_else(|| panic!("tar says {line}"))).collect()
}

/// What a command makes of its input.
fn piped(command: &mut Command, input: Vec<u8>) -> Vec<u8> {
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = process.stdin.take().expect("it is piped");
    let writer = thread::spawn(move || stdin.write_all(&input));
    let output = process.wait_with_output().expect("it is our child");
    writer.join().expect("writing does not panic").expect("it reads all");
    assert!(output.status.success(), "{command:?}: {}", output.status);
    output.stdout
}

/// `mode owner/group size date time path[ -> target]`
fn entry(line: &str) -> Option<Entry> {
    let mut words = line.split_whitespace();
    let (mode, owner, _size) = (words.next()?, words.next()?, words.next()?);
    let time = [words.next()?, words.next()?].join(" ");
    let name = words.collect::<Vec<_>>().join(" ");
    let end = name.find(" -> ").unwrap_or(name.len());
    Some(Entry {
        mode: mode.into(),
        path: name[..end].into(),
        rest: [format!("{owner} {time}"), name[end..].into()],
    })
}

/// All that is in the registry below a tag, each with a name: manifests, configs,
/// attestations, and layers without their compression.
pub fn everything(tag: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut manifests = vec![tag.to_owned()];
    while let Some(reference) = manifests.pop() {
        let body = get(&format!("manifests/{reference}"));
        let manifest: Value = serde_json::from_slice(&body).expect("a manifest is JSON");
        found.push((format!("{tag}: manifest"), body));
        let parts = [&manifest["config"]].into_iter().chain(list(&manifest["layers"]));
        for part in parts.chain(list(&manifest["manifests"])).filter(|part| !part.is_null()) {
            let (digest, kind) = (text(&part["digest"]), text(&part["mediaType"]));
            if kind.contains(".manifest.") || kind.contains(".index.") {
                manifests.push(digest.to_owned());
                continue;
            }
            let blob = get(&format!("blobs/{digest}"));
            let is_packed = blob.starts_with(&[0x1f, 0x8b]);
            let blob = if is_packed { piped(Command::new("gzip").arg("-dc"), blob) } else { blob };
            found.push((format!("{tag}: {kind}"), blob));
        }
    }
    found
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}"))
}

fn json(path: &str) -> Value {
    let body = get(path);
    serde_json::from_slice(&body)
        .unwrap_or_else(|error| panic!("{path}: {error}: {}", String::from_utf8_lossy(&body)))
}

/// Reads from the registry, which speaks plain HTTP on loopback.
fn get(path: &str) -> Vec<u8> {
    let address = engine::variable("MODELCACHE_REGISTRY");
    let mut stream = TcpStream::connect(&address).expect("the registry runs with the engine");
    // Of HTTP/1.0, so that the body ends with the connection.
    let request = format!(
        "GET /v2/{REPOSITORY}/{path} HTTP/1.0\r\nHost: {address}\r\nAccept: {ACCEPT}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("the registry reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the registry answers");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a header ends");
    let header = String::from_utf8_lossy(&answer[..end]);
    assert!(header.split(' ').nth(1) == Some("200"), "{path}: {header}");
    answer.split_off(end + 4)
}
