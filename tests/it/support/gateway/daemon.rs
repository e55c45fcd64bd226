//! A daemon made of data: what it has, and what it answers.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use buildkit_llb::digest;
use buildkit_proto::{
    pb::{self, file_action::Action, op::Op},
    protobuf::Any,
    rpc,
};
use prost::Message;
use serde_json::json;
use tonic::{Code, Status};

/// What a current daemon lists, as far as frontends ask.
const API_CAPS: [&str; 7] = [
    "frontend.inputs",
    "gateway.evaluate",
    "gateway.warnings",
    "readfile",
    "solve.base",
    "source.metaresolver",
    "statfile",
];
const LLB_CAPS: [&str; 8] = [
    "diffop",
    "exec.mount.cache.content",
    "file.base",
    "file.symlink.create",
    "mergeop",
    "source.git.checksum",
    "source.git.skipsubmodules",
    "source.http.checksum",
];

/// What the daemon has and can reach.
#[derive(Clone, Debug)]
pub struct Daemon {
    /// The gateway's capabilities and whether they are enabled.
    pub api_caps: BTreeMap<String, bool>,
    /// The solver's capabilities and whether they are enabled.
    pub llb_caps: BTreeMap<String, bool>,
    /// The worker's platforms, the default one first.
    pub platforms: Vec<String>,
    /// The client's files, the same for every name of a local source.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What URLs give, or why not.
    pub urls: BTreeMap<String, Result<Vec<u8>, String>>,
    /// Images by reference, those of a client's OCI layouts included.
    pub images: BTreeMap<String, Image>,
    /// Errors of vertices whose name contains the key.
    pub failures: BTreeMap<String, String>,
    /// Bytes of a file that a message may have.
    pub largest_message: usize,
    /// Files that processes leave behind, by a part of the vertex's name.
    pub left: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
}

/// An image in a registry.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// `sha256:…`.
    pub digest: String,
    /// The config's JSON.
    pub config: String,
    /// Its files, such as `etc/passwd`.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Default for Daemon {
    fn default() -> Self {
        let enabled = |caps: &[&str]| caps.iter().map(|cap| ((*cap).to_owned(), true)).collect();
        Self {
            api_caps: enabled(&API_CAPS),
            llb_caps: enabled(&LLB_CAPS),
            platforms: vec!["linux/amd64".to_owned()],
            files: BTreeMap::new(),
            urls: BTreeMap::new(),
            images: BTreeMap::new(),
            failures: BTreeMap::new(),
            largest_message: 4 << 20,
            left: BTreeMap::new(),
        }
    }
}

impl Daemon {
    /// The client has a file.
    #[must_use]
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    /// A URL gives these bytes.
    #[must_use]
    pub fn url(mut self, url: &str, content: impl Into<Vec<u8>>) -> Self {
        self.urls.insert(url.to_owned(), Ok(content.into()));
        self
    }

    /// A URL fails: `invalid response status 403`, or what Go says of a network's troubles.
    #[must_use]
    pub fn refuse(mut self, url: &str, error: &str) -> Self {
        self.urls.insert(url.to_owned(), Err(error.to_owned()));
        self
    }

    /// A registry has an image.
    #[must_use]
    pub fn image(mut self, reference: &str, image: Image) -> Self {
        self.images.insert(reference.to_owned(), image);
        self
    }

    /// A vertex whose name contains `name` fails when it runs.
    #[must_use]
    pub fn fail(mut self, name: &str, error: &str) -> Self {
        self.failures.insert(name.to_owned(), error.to_owned());
        self
    }

    /// A vertex whose name contains `name` leaves a file behind.
    #[must_use]
    pub fn leave(mut self, name: &str, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.left.entry(name.to_owned()).or_default().insert(path.to_owned(), content.into());
        self
    }

    /// The daemon lists `cap`, but as disabled.
    #[must_use]
    pub fn disable(mut self, cap: &str) -> Self {
        for caps in [&mut self.api_caps, &mut self.llb_caps] {
            caps.entry(cap.to_owned()).and_modify(|enabled| *enabled = false);
        }
        self
    }

    /// Runs all vertices of `definition`, in its order.
    pub fn evaluate(&self, definition: &pb::Definition) -> Result<(), Status> {
        for bytes in &definition.def {
            self.run(definition, bytes)?;
        }
        Ok(())
    }

    /// The file `path` of the result of `definition`.
    pub fn read(&self, definition: &pb::Definition, path: &str) -> Result<Vec<u8>, Status> {
        let path = path.trim_start_matches('/');
        let found = match self.result(definition)? {
            Tree::Files(files) => files.get(path).cloned(),
            Tree::One(name, content) => Some(content).filter(|_| name == path),
        };
        found.ok_or_else(|| missing(path))
    }

    /// Whether `path` of the result of `definition` is a directory.
    pub fn is_directory(&self, definition: &pb::Definition, path: &str) -> Result<bool, Status> {
        let path = path.trim_matches('/');
        let Tree::Files(files) = self.result(definition)? else {
            return self.read(definition, path).map(|_| false);
        };
        if files.contains_key(path) {
            return Ok(false);
        }
        let inside = format!("{path}/");
        let found = path.is_empty() || files.keys().any(|file| file.starts_with(&inside));
        if found { Ok(true) } else { Err(missing(path)) }
    }

    /// The tree of a definition whose result is a source, or files taken out of one.
    fn result(&self, definition: &pb::Definition) -> Result<Tree, Status> {
        let result = definition.def.len().checked_sub(2).map(|last| &definition.def[last]);
        let bytes = result.ok_or_else(|| Status::unknown("the definition has no result"))?;
        self.vertex(definition, bytes)
    }

    fn vertex(&self, definition: &pb::Definition, bytes: &[u8]) -> Result<Tree, Status> {
        self.run(definition, bytes)?;
        let name = name(definition, &digest(bytes));
        if let Some((_, files)) = self.left.iter().find(|(part, _)| name.contains(part.as_str())) {
            return Ok(Tree::Files(files.clone()));
        }
        let op = decode(bytes)?;
        let source = match op.op {
            Some(Op::Source(source)) => source,
            Some(Op::File(file)) => return self.taken(definition, &op.inputs, &file),
            _ => {
                return Err(Status::unimplemented(
                    "this daemon runs nothing, so it reads only sources",
                ));
            }
        };
        let scheme = |name: &str| source.identifier.strip_prefix(name);
        if let Some(reference) = scheme("docker-image://").or_else(|| scheme("oci-layout://")) {
            let tagged = reference.split('@').next().unwrap_or_default();
            let image = self.images.get(reference).or_else(|| self.images.get(tagged));
            return image.map(|image| Tree::Files(image.files.clone())).ok_or_else(|| {
                Status::unknown(format!("{reference}: failed to resolve source: not found"))
            });
        }
        if scheme("local://").is_some() {
            return Ok(Tree::Files(self.sent(&source)));
        }
        let name = source.attrs.get("http.filename").cloned().unwrap_or_default();
        let content = self.fetch(&source).map_err(Status::unknown)?;
        Ok(Tree::One(name, content))
    }

    /// The single files that a file op copies out of its inputs.
    fn taken(
        &self,
        definition: &pb::Definition,
        inputs: &[pb::Input],
        file: &pb::FileOp,
    ) -> Result<Tree, Status> {
        let mut taken = BTreeMap::new();
        for action in &file.actions {
            let Some(Action::Copy(copy)) = &action.action else { continue };
            let input = usize::try_from(action.secondary_input).ok().and_then(|i| inputs.get(i));
            let bytes = input.and_then(|input| {
                definition.def.iter().find(|bytes| digest(bytes) == input.digest)
            });
            let bytes = bytes.ok_or_else(|| Status::unknown("a copy from nowhere"))?;
            if let Tree::Files(files) = self.vertex(definition, bytes)?
                && let Some(content) = files.get(copy.src.trim_start_matches('/'))
            {
                taken.insert(copy.dest.trim_start_matches('/').to_owned(), content.clone());
            }
        }
        Ok(Tree::Files(taken))
    }

    /// The files that a client sends for `source`: those below `followpaths`, if
    /// there are any. Other patterns are not looked at.
    fn sent(&self, source: &pb::SourceOp) -> BTreeMap<String, Vec<u8>> {
        let paths = source.attrs.get("local.followpaths").map_or("[]", String::as_str);
        let paths: Vec<String> = serde_json::from_str(paths).unwrap_or_default();
        let below = |file: &str, path: &str| {
            let path = path.trim_matches('/');
            file == path || file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
        };
        let sent = |file: &str| paths.is_empty() || paths.iter().any(|path| below(file, path));
        let files = self.files.iter().filter(|(file, _)| sent(file));
        files.map(|(file, content)| (file.clone(), content.clone())).collect()
    }

    /// Runs one vertex; only sources and planned failures can fail.
    fn run(&self, definition: &pb::Definition, bytes: &[u8]) -> Result<(), Status> {
        let digest = digest(bytes);
        let name = name(definition, &digest);
        let planned = self.failures.iter().find(|(part, _)| name.contains(part.as_str()));
        let result = match (planned, decode(bytes)?.op) {
            (Some((_, error)), _) => Err(error.clone()),
            (None, Some(Op::Source(source))) if source.identifier.starts_with("http") => {
                self.fetch(&source).map(|_| ())
            }
            (None, _) => Ok(()),
        };
        result.map_err(|error| failure(definition, &digest, &error))
    }

    /// As source/http/source.go: a pinned source never mentions the status.
    fn fetch(&self, source: &pb::SourceOp) -> Result<Vec<u8>, String> {
        let url = &source.identifier;
        let found = self.urls.get(url).cloned();
        let found = found.unwrap_or_else(|| Err("invalid response status 404".to_owned()));
        let Some(checksum) = source.attrs.get("http.checksum") else {
            return found.map_err(|error| format!("failed to load cache key: {error}"));
        };
        let content = match found {
            Ok(content) => content,
            // The body of the error page is taken for the file.
            Err(error) if error.contains("response status") => error.into_bytes(),
            Err(error) => return Err(error),
        };
        match digest(&content) {
            got if got == *checksum => Ok(content),
            got => Err(format!("digest mismatch {got}: {checksum}")),
        }
    }
}

/// A result that can be read.
enum Tree {
    Files(BTreeMap<String, Vec<u8>>),
    One(String, Vec<u8>),
}

fn decode(bytes: &[u8]) -> Result<pb::Op, Status> {
    pb::Op::decode(bytes).map_err(|error| Status::unknown(format!("not an op: {error}")))
}

/// What progress shows of a vertex.
fn name(definition: &pb::Definition, digest: &str) -> String {
    let metadata = definition.metadata.get(digest);
    let name = metadata.and_then(|metadata| metadata.description.get("llb.customname"));
    name.cloned().unwrap_or_default()
}

fn missing(path: &str) -> Status {
    Status::unknown(format!("open /{path}: no such file or directory"))
}

/// A vertex's error, with the details that a daemon adds.
fn failure(definition: &pb::Definition, digest: &str, message: &str) -> Status {
    let detail = |name: &str, value: serde_json::Value| Any {
        type_url: format!("github.com/moby/buildkit/errdefs.{name}+json"),
        value: value.to_string().into_bytes(),
    };
    let mut details = vec![detail("Vertex", json!({ "digest": digest }))];
    let source = definition.source.clone().unwrap_or_default();
    for location in source.locations.get(digest).iter().flat_map(|found| &found.locations) {
        let info = usize::try_from(location.source_index).ok().and_then(|i| source.infos.get(i));
        let Some(info) = info else { continue };
        let line = |at: Option<pb::Position>| json!({ "line": at.map_or(0, |at| at.line) });
        let range = |r: &pb::Range| json!({ "start": line(r.start), "end": line(r.end) });
        let ranges: Vec<_> = location.ranges.iter().map(range).collect();
        let data = BASE64_STANDARD.encode(&info.data);
        let info = json!({ "filename": info.filename, "data": data, "language": info.language });
        details.push(detail("Source", json!({ "info": info, "ranges": ranges })));
    }
    let code = Code::Unknown;
    let status = rpc::Status { code: code as i32, message: message.to_owned(), details };
    Status::with_details(code, message, status.encode_to_vec().into())
}
