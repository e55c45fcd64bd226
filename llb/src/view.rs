//! A definition decoded for people: each op in words, ordinals for digests.

use std::{collections::BTreeMap, error, fmt};

use buildkit_proto::pb::{self, op};
use prost::Message;

use crate::{
    describe::{self, Reference},
    marshal::Definition,
    platform::Platform,
    vertex::digest,
};

/// A definition in words.
///
/// ```
/// use buildkit_llb::{Image, Vertex, View, marshal};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
/// let view = View::of(&marshal(&base, &[]))?;
/// assert_eq!(view.ops[view.result.op].digest, base.digest());
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct View {
    /// The ops but the last, which only points at the result.
    pub ops: Vec<OpView>,
    /// The result.
    pub result: Reference,
}

/// One op in words.
///
/// ```
/// use buildkit_llb::{Image, Vertex, View, marshal};
///
/// let base = Vertex::new(Image::new("docker.io/library/debian:12")).name("base").output();
/// let op = View::of(&marshal(&base, &[]))?.ops.remove(0);
/// assert_eq!((op.kind, op.name.as_deref()), ("source", Some("base")));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpView {
    /// `sha256:` and the hex digest of its bytes.
    pub digest: String,
    /// `source`, `exec`, `file`, `merge`, `diff`, `build` or `pass`.
    pub kind: &'static str,
    /// What it does, in one line.
    pub what: String,
    /// What it runs for.
    pub platform: Option<Platform>,
    /// The text that progress shows.
    pub name: Option<String>,
    /// How it does it: one line for each mount, action or attribute.
    pub details: Vec<String>,
    /// What it is made from.
    pub inputs: Vec<Reference>,
    /// The lines of the user's files, `modelcache.yaml:4-15`.
    pub at: Vec<String>,
}

/// Why bytes are no message of the protocol.
///
/// ```
/// use buildkit_llb::{DecodeError, View};
/// use buildkit_proto::pb;
///
/// let broken = pb::Definition { def: vec![vec![0xff]], ..pb::Definition::default() };
/// let error = View::of(&broken.into()).expect_err("no op");
/// let DecodeError::Op { source, .. } = error else { unreachable!("{error}") };
/// assert!(source.to_string().contains("Protobuf"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Malformed(prost::DecodeError);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl error::Error for Malformed {}

/// A definition that is none.
///
/// ```
/// use buildkit_llb::{DecodeError, Definition, View};
///
/// assert_eq!(View::of(&Definition::default()), Err(DecodeError::NoResult));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DecodeError {
    /// There is no op that points at a result.
    NoResult,
    /// The bytes at `position` are no op.
    Op {
        /// The op's place, from 0.
        position: usize,
        /// What is wrong.
        source: Malformed,
    },
    /// The op at `position` is made from one that does not come before it.
    Input {
        /// The op's place, from 0.
        position: usize,
        /// What it names.
        digest: String,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoResult => f.write_str("the definition has no result"),
            Self::Op { position, .. } => write!(f, "op {} can't be decoded", position + 1),
            Self::Input { position, digest } => {
                write!(f, "op {} needs `{digest}`, which does not come before it", position + 1)
            }
        }
    }
}

impl error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Op { source, .. } => Some(source),
            Self::NoResult | Self::Input { .. } => None,
        }
    }
}

impl View {
    /// Decodes `definition`.
    ///
    /// ```
    /// use buildkit_llb::{Image, Vertex, View, marshal};
    ///
    /// let base = Vertex::new(Image::new("docker.io/library/debian:12")).output();
    /// assert_eq!(View::of(&marshal(&base, &[]))?.ops.len(), 1);
    /// # Ok::<(), buildkit_llb::DecodeError>(())
    /// ```
    pub fn of(definition: &Definition) -> Result<Self, DecodeError> {
        let definition = &definition.0;
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut ops = Vec::new();
        let last = definition.def.len().checked_sub(1).ok_or(DecodeError::NoResult)?;
        for (position, bytes) in definition.def.iter().enumerate() {
            let op = pb::Op::decode(bytes.as_slice())
                .map_err(|source| DecodeError::Op { position, source: Malformed(source) })?;
            let inputs = references(position, &op, &places)?;
            if position == last {
                let result = *inputs.first().ok_or(DecodeError::NoResult)?;
                return Ok(Self { ops, result });
            }
            let digest = digest(bytes);
            ops.push(view(&op, inputs, digest.clone(), definition));
            places.insert(digest, position);
        }
        Err(DecodeError::NoResult)
    }
}

fn references(
    position: usize,
    op: &pb::Op,
    places: &BTreeMap<String, usize>,
) -> Result<Vec<Reference>, DecodeError> {
    let place = |input: &pb::Input| match places.get(&input.digest) {
        Some(op) => Ok(Reference { op: *op, index: input.index }),
        None => Err(DecodeError::Input { position, digest: input.digest.clone() }),
    };
    op.inputs.iter().map(place).collect()
}

fn view(
    op: &pb::Op,
    inputs: Vec<Reference>,
    digest: String,
    definition: &pb::Definition,
) -> OpView {
    let (kind, what, mut details) = match &op.op {
        Some(op::Op::Source(source)) => describe::source(source),
        Some(op::Op::Exec(exec)) => describe::exec(exec, &inputs),
        Some(op::Op::File(file)) => describe::file(file, &inputs),
        Some(op::Op::Merge(merge)) => describe::merge(merge, &inputs),
        Some(op::Op::Diff(diff)) => describe::diff(diff, &inputs),
        Some(op::Op::Build(_)) => ("build", String::new(), Vec::new()),
        Some(op::Op::Passthrough(pass)) => ("pass", pass.id.clone(), Vec::new()),
        None => ("none", String::new(), Vec::new()),
    };
    let filters = op.constraints.iter().flat_map(|constraints| &constraints.filter);
    details.extend(filters.map(|filter| format!("on {filter}")));
    let metadata = definition.metadata.get(&digest);
    if let Some(metadata) = metadata {
        details.extend(describe::metadata(metadata));
    }
    let name = metadata.and_then(|metadata| metadata.description.get("llb.customname"));
    let at = definition.source.iter().flat_map(|source| locations(source, &digest)).collect();
    let platform = op.platform.as_ref().map(Platform::from);
    OpView { kind, what, platform, name: name.cloned(), details, inputs, at, digest }
}

fn locations(source: &pb::Source, digest: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for location in source.locations.get(digest).iter().flat_map(|all| &all.locations) {
        let info = usize::try_from(location.source_index).ok().and_then(|i| source.infos.get(i));
        let file = info.map_or("?", |info| info.filename.as_str());
        for range in &location.ranges {
            let line = |position: Option<pb::Position>| position.map_or(0, |at| at.line);
            texts.push(match (line(range.start), line(range.end)) {
                (start, end) if start == end => format!("{file}:{start}"),
                (start, end) => format!("{file}:{start}-{end}"),
            });
        }
    }
    texts
}
