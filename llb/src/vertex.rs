//! Vertices and the outputs that name them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use buildkit_proto::pb;
use sha2::{Digest, Sha256};

use crate::{op::Op, platform::Platform};

/// The text that progress shows for a vertex (client/llb/state.go).
const CUSTOM_NAME: &str = "llb.customname";

/// One op and what is known of it. [`Vertex::output`] freezes it.
///
/// ```
/// use buildkit_llb::{Image, Vertex};
///
/// let plain = Vertex::new(Image::new("docker.io/library/debian:12"));
/// let named = plain.clone().name("the base");
/// // Names are no part of what is done.
/// assert_eq!(plain.output().digest(), named.output().digest());
/// ```
#[derive(Clone, Debug)]
pub struct Vertex {
    /// What is done.
    pub op: Op,
    /// What it runs for; only images and execs have one, as in Go's client.
    pub platform: Option<Platform>,
    /// Filters on the workers that may run it.
    pub constraints: Vec<String>,
    /// Facts that are no part of the digest.
    pub(crate) metadata: pb::OpMetadata,
    /// The lines of the user's files that ask for it.
    pub locations: Vec<Location>,
}

/// Lines of one of the files that are given to [`crate::marshal()`].
///
/// ```
/// use buildkit_llb::{Image, Location, Vertex};
///
/// let lines = Location { source: 0, start_line: 4, end_line: 7 };
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).at(lines);
/// assert_eq!(base.locations, [lines]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Index into the files.
    pub source: usize,
    /// The first line, from 1.
    pub start_line: u32,
    /// The last line.
    pub end_line: u32,
}

/// Limits of a process's resources, which don't change what it makes; 0 and empty are none.
///
/// ```
/// use buildkit_llb::{Exec, Mount, Resources, Vertex};
///
/// let exec = Exec { mounts: vec![Mount::scratch("/")], ..Exec::default() };
/// let limits = Resources { memory: 1 << 30, ..Resources::default() };
/// let output = Vertex::new(exec).resources(&limits).output();
/// # assert!(output.digest().starts_with("sha256:"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Memory, in bytes.
    pub memory: i64,
    /// Memory and swap, in bytes; -1 is all the swap there is.
    pub memory_swap: i64,
    /// Its share of the processors, beside 1024 of another.
    pub cpu_shares: u64,
    /// The period that `cpu_quota` is of, in microseconds.
    pub cpu_period: u64,
    /// How long it may run in each period, in microseconds.
    pub cpu_quota: i64,
    /// The processors that it may use: `0-3,7`.
    pub cpus: String,
    /// The memory nodes that it may use: `0,1`.
    pub memory_nodes: String,
}

/// Vertices that progress shows as one.
///
/// ```
/// use buildkit_llb::{Image, ProgressGroup, Vertex, marshal, text};
///
/// let group = ProgressGroup { id: "1".into(), name: "bases".into(), weak: false };
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).group(&group).output();
/// assert!(text(&marshal(&base, &[]))?.contains("group 1 bases"));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgressGroup {
    /// What its members share.
    pub id: String,
    /// The text to show.
    pub name: String,
    /// A weak member does not make the group appear by itself.
    pub weak: bool,
}

impl Vertex {
    /// A vertex that does `op`.
    ///
    /// ```
    /// use buildkit_llb::{Local, Vertex};
    ///
    /// assert!(Vertex::new(Local::new("context")).platform.is_none());
    /// ```
    pub fn new(op: impl Into<Op>) -> Self {
        Self {
            op: op.into(),
            platform: None,
            constraints: Vec::new(),
            metadata: pb::OpMetadata::default(),
            locations: Vec::new(),
        }
    }

    /// Runs for `platform`. Ops whose result is the same for every platform ignore it.
    #[must_use]
    pub fn platform(mut self, platform: &Platform) -> Self {
        self.platform = Some(platform.clone());
        self
    }

    /// Runs only on workers that `filter` accepts.
    #[must_use]
    pub fn constraint(mut self, filter: String) -> Self {
        self.constraints.push(filter);
        self
    }

    /// Is shown as `text`.
    #[must_use]
    pub fn name(self, text: impl Into<String>) -> Self {
        self.description(CUSTOM_NAME, text)
    }

    /// Is described by `key` and `value`.
    #[must_use]
    pub fn description(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.description.insert(key.into(), value.into());
        self
    }

    /// Is shown as part of `group`.
    #[must_use]
    pub fn group(mut self, group: &ProgressGroup) -> Self {
        let ProgressGroup { id, name, weak } = group.clone();
        self.metadata.progress_group = Some(pb::ProgressGroup { id, name, weak });
        self
    }

    /// Runs, if it is a process, within these limits.
    #[must_use]
    pub fn resources(mut self, resources: &Resources) -> Self {
        let Resources { memory, memory_swap, cpu_quota, .. } = *resources;
        let wire = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.metadata.linux_resources = Some(pb::LinuxResources {
            memory,
            memory_swap,
            cpu_shares: wire(resources.cpu_shares),
            cpu_period: wire(resources.cpu_period),
            cpu_quota,
            cpuset_cpus: resources.cpus.clone(),
            cpuset_mems: resources.memory_nodes.clone(),
        });
        self
    }

    /// Comes from these lines too.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.locations.push(location);
        self
    }

    /// Runs even when its result is known. An exec's cache mounts start empty.
    #[must_use]
    pub fn ignore_cache(mut self) -> Self {
        self.metadata.ignore_cache = true;
        self
    }

    /// Always goes to a remote cache, or never.
    #[must_use]
    pub fn export_cache(mut self, yes: bool) -> Self {
        self.metadata.export_cache = Some(pb::ExportCache { value: yes });
        self
    }

    /// Freezes the vertex and names its first output.
    ///
    /// An exec has an output for each writable mount, and needs at least one.
    pub fn output(self) -> Output {
        let first = self.op.output_indices().first().copied().unwrap_or_default();
        Output { node: Arc::new(Node::new(self)), index: first }
    }

    /// Freezes the vertex and names all its outputs: of an exec those of its
    /// writable mounts, in the order in which the mounts were given.
    pub fn outputs(self) -> Vec<Output> {
        let indices = self.op.output_indices();
        let node = Arc::new(Node::new(self));
        indices.into_iter().map(|index| Output { node: Arc::clone(&node), index }).collect()
    }
}

/// One result of a vertex.
///
/// ```
/// use buildkit_llb::{Image, Vertex, digest};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// assert_eq!(base.digest(), digest(base.bytes()));
/// ```
#[derive(Clone)]
pub struct Output {
    node: Arc<Node>,
    index: i64,
}

impl Output {
    /// The digest of the vertex, `sha256:` and hex digits.
    pub fn digest(&self) -> String {
        self.node.digest.clone()
    }

    /// The vertex that makes it.
    pub fn vertex(&self) -> &Vertex {
        &self.node.vertex
    }

    /// Which of the vertex's results it is.
    pub fn index(&self) -> i64 {
        self.index
    }

    /// The op as it goes over the wire, which the digest is of.
    pub fn bytes(&self) -> &[u8] {
        &self.node.bytes
    }

    /// What names it in another op.
    pub(crate) fn to_input(&self) -> pb::Input {
        pb::Input { digest: self.digest(), index: self.index }
    }

    /// The frozen vertex.
    pub(crate) fn node(&self) -> &Node {
        &self.node
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output({}[{}])", self.node.digest, self.index)
    }
}

/// A frozen vertex: its bytes can't change any more.
pub(crate) struct Node {
    /// The vertex as it was built; its metadata has the capabilities too.
    pub(crate) vertex: Vertex,
    /// The serialised op.
    pub(crate) bytes: Vec<u8>,
    /// `sha256:` and the hex digest of the bytes.
    pub(crate) digest: String,
    /// What it is made from, in the order of its inputs.
    pub(crate) parents: Vec<Output>,
}

impl Node {
    fn new(mut vertex: Vertex) -> Self {
        let encoded = vertex.op.encode(vertex.platform.as_ref(), &vertex.constraints);
        let limits = vertex.metadata.linux_resources.is_some() && matches!(vertex.op, Op::Exec(_));
        let caps = encoded.caps.into_iter().chain(limits.then_some("exec.meta.linux.resources"));
        let caps = caps.map(|cap| (cap.to_owned(), true));
        vertex.metadata.caps = caps.collect::<BTreeMap<_, _>>();
        let digest = digest(&encoded.bytes);
        Self { vertex, bytes: encoded.bytes, digest, parents: encoded.parents }
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Returns `sha256:` and the hex digest of `bytes`.
///
/// ```
/// use buildkit_llb::digest;
///
/// assert!(digest(b"").starts_with("sha256:e3b0c442"));
/// ```
pub fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes).into_iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    let mut text = "sha256:".to_owned();
    text.extend(digits.map(|digit| char::from(DIGITS[usize::from(digit)])));
    text
}
