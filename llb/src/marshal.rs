//! From an output to the definition that the daemon takes.

use std::collections::{BTreeMap, BTreeSet};

use buildkit_proto::pb;
use prost::Message;

use crate::vertex::{Location, Node, Output, digest};

/// A graph as the daemon takes it. [`marshal()`] makes it, and it turns into the protocol's message
/// and back.
///
/// ```
/// use buildkit_llb::{Image, Vertex, marshal};
/// use buildkit_proto::pb;
///
/// let definition = marshal(&Vertex::new(Image::new("docker.io/library/debian:12")).output(), &[]);
/// assert_eq!(definition.ops().len(), 2);
/// let message = pb::Definition::from(definition.clone());
/// assert_eq!(definition, message.into());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition(pub(crate) pb::Definition);

impl Definition {
    /// The ops, each as its bytes, in the order of the graph; the last one points at the result.
    pub fn ops(&self) -> &[Vec<u8>] {
        &self.0.def
    }

    /// The definition as one message, which `buildctl build` reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }
}

impl From<Definition> for pb::Definition {
    fn from(definition: Definition) -> Self {
        definition.0
    }
}

impl From<pb::Definition> for Definition {
    fn from(wire: pb::Definition) -> Self {
        Self(wire)
    }
}

/// A file that the user wrote, for excerpts in errors.
///
/// ```
/// use buildkit_llb::{Image, Location, SourceFile, Vertex, marshal, text};
///
/// let file = SourceFile {
///     filename: "image.yaml".into(),
///     text: b"base: debian:12\n".to_vec(),
///     language: "YAML".into(),
///     definition: None,
/// };
/// let line = Location { source: 0, start_line: 1, end_line: 1 };
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).at(line).output();
/// assert!(text(&marshal(&base, &[file]))?.contains("at image.yaml:1"));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct SourceFile {
    /// The name to show.
    pub filename: String,
    /// Its whole text.
    pub text: Vec<u8>,
    /// The language's name as GitHub's linguist has it: `YAML`.
    pub language: String,
    /// The graph that the file was read from.
    pub definition: Option<Definition>,
}

/// Lists what `result` is made from, then an op that points at it.
///
/// The same graph gives the same bytes. Vertices that do the same are one op:
/// their metadata is merged, the later one winning, and their locations are
/// united. Locations in files that `sources` lacks are dropped.
///
/// ```
/// use buildkit_llb::{Image, Vertex, marshal};
///
/// let base = || Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// assert_eq!(marshal(&base(), &[]).to_bytes(), marshal(&base(), &[]).to_bytes());
/// ```
pub fn marshal(result: &Output, sources: &[SourceFile]) -> Definition {
    let mut definition = pb::Definition::default();
    let mut locations: BTreeMap<String, BTreeSet<Location>> = BTreeMap::new();
    for node in dependencies_first(result) {
        if !definition.metadata.contains_key(&node.digest) {
            definition.def.push(node.bytes.clone());
        }
        let metadata = definition.metadata.entry(node.digest.clone()).or_default();
        merge_metadata(metadata, &node.vertex.metadata);
        let known = node.vertex.locations.iter().filter(|at| at.source < sources.len());
        locations.entry(node.digest.clone()).or_default().extend(known);
    }

    let terminal = pb::Op { inputs: vec![result.to_input()], ..pb::Op::default() }.encode_to_vec();
    let caps = terminal_caps(definition.metadata.values());
    let metadata = pb::OpMetadata { caps, ..pb::OpMetadata::default() };
    definition.metadata.insert(digest(&terminal), metadata);
    definition.def.push(terminal);

    if !sources.is_empty() {
        definition.source = Some(source_map(locations, sources));
    }
    Definition(definition)
}

/// Returns every vertex that `result` needs, each after its inputs, in the
/// order of the inputs, as Go's client does by recursion.
fn dependencies_first(result: &Output) -> Vec<&Node> {
    enum Step<'a> {
        Enter(&'a Node),
        Leave(&'a Node),
    }
    let mut order = Vec::new();
    let mut entered: BTreeSet<*const Node> = BTreeSet::new();
    let mut steps = vec![Step::Enter(result.node())];
    while let Some(step) = steps.pop() {
        match step {
            Step::Enter(node) if entered.insert(node) => {
                steps.push(Step::Leave(node));
                steps.extend(node.parents.iter().rev().map(|parent| Step::Enter(parent.node())));
            }
            Step::Enter(_) => {}
            Step::Leave(node) => order.push(node),
        }
    }
    order
}

/// As `mergeMetadata` in client/llb/marshal.go.
fn merge_metadata(into: &mut pb::OpMetadata, from: &pb::OpMetadata) {
    into.ignore_cache |= from.ignore_cache;
    into.description.extend(from.description.clone());
    into.caps.extend(from.caps.clone());
    if from.export_cache.is_some() {
        into.export_cache = from.export_cache;
    }
    if from.linux_resources.is_some() {
        into.linux_resources.clone_from(&from.linux_resources);
    }
    if from.progress_group.is_some() {
        into.progress_group.clone_from(&from.progress_group);
    }
}

/// The last op asks for what any op's metadata needs.
fn terminal_caps<'a>(ops: impl Iterator<Item = &'a pb::OpMetadata>) -> BTreeMap<String, bool> {
    let mut caps = BTreeSet::from(["constraints", "platform"]);
    for metadata in ops {
        for (used, cap) in [
            (metadata.ignore_cache, "meta.ignorecache"),
            (!metadata.description.is_empty(), "meta.description"),
            (metadata.export_cache.is_some(), "meta.exportcache"),
        ] {
            if used {
                caps.insert(cap);
            }
        }
    }
    caps.into_iter().map(|cap| (cap.to_owned(), true)).collect()
}

fn source_map(
    locations: BTreeMap<String, BTreeSet<Location>>,
    sources: &[SourceFile],
) -> pb::Source {
    let located = locations.into_iter().filter(|(_, places)| !places.is_empty());
    let infos = sources.iter().map(|source| pb::SourceInfo {
        filename: source.filename.clone(),
        data: source.text.clone(),
        definition: source.definition.clone().map(Into::into),
        language: source.language.clone(),
    });
    pb::Source {
        locations: located.map(|(digest, places)| (digest, ranges(&places))).collect(),
        infos: infos.collect(),
    }
}

/// One location a file: the daemon shows one excerpt for each.
fn ranges(places: &BTreeSet<Location>) -> pb::Locations {
    let position = |line| Some(pb::Position { line: wire(line), character: 0 });
    let mut locations: Vec<pb::Location> = Vec::new();
    for place in places {
        let range = pb::Range { start: position(place.start_line), end: position(place.end_line) };
        let source_index = wire(place.source);
        match locations.last_mut().filter(|last| last.source_index == source_index) {
            Some(last) => last.ranges.push(range),
            None => locations.push(pb::Location { source_index, ranges: vec![range] }),
        }
    }
    pb::Locations { locations }
}

/// Lines and indices on the wire are `int32`.
fn wire(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}
