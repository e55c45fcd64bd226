//! What a vertex does, and its bytes.
//!
//! `op`, `exec`, `file`, `mount`, `source` and `vertex` are one idea: an op is made from outputs, an
//! output is that of a vertex, and a vertex does an op. So these files name each other.

use std::collections::BTreeSet;

use buildkit_proto::pb;
use prost::Message;

use crate::{
    exec::Exec,
    file::File,
    platform::Platform,
    source::{Blob, Http, Image, Local, OciLayout, git::Git},
    vertex::{Output, Vertex},
};

/// No input, or no output.
pub(crate) const NONE: i64 = -1;

/// What a vertex does.
///
/// ```
/// use buildkit_llb::{Image, Op};
///
/// let op = Op::from(Image::new("docker.io/library/debian:12"));
/// assert!(matches!(op, Op::Image(_)));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Op {
    /// An image from a registry.
    Image(Image),
    /// An image in an OCI layout of the client's.
    OciLayout(OciLayout),
    /// A blob of a registry or an OCI layout.
    Blob(Blob),
    /// A file from a URL.
    Http(Http),
    /// Files from the client.
    Local(Local),
    /// A Git repository.
    Git(Git),
    /// A process.
    Exec(Exec),
    /// Changes to a tree.
    File(File),
    /// Trees laid over each other, later ones on top; at least two.
    Merge(Vec<Output>),
    /// What `upper` adds to `lower`; none is the empty tree.
    Diff {
        /// The tree to take away.
        lower: Option<Output>,
        /// The tree that has more.
        upper: Option<Output>,
    },
}

/// Lays `inputs` over each other, later ones on top. One input is returned as
/// it is; there must be at least one.
///
/// ```
/// use buildkit_llb::{Image, Vertex, marshal, merge, text};
///
/// let image = |name: &str| Vertex::new(Image::new(name)).output();
/// let both = merge(vec![image("docker.io/library/debian:12"), image("example.com/tools:1")]);
/// assert!(text(&marshal(&both, &[]))?.contains("merge  #1 #2"));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
pub fn merge(mut inputs: Vec<Output>) -> Output {
    match (inputs.len(), inputs.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            inputs.extend(last);
            Vertex::new(Op::Merge(inputs)).output()
        }
    }
}

/// Returns what `upper` adds to `lower`.
///
/// ```
/// use buildkit_llb::{Image, Vertex, diff, marshal, text};
///
/// let image = |name: &str| Vertex::new(Image::new(name)).output();
/// let added = diff(Some(image("example.com/app:1")), Some(image("example.com/app:2")));
/// assert!(text(&marshal(&added, &[]))?.contains("diff   #1 #2"));
/// # Ok::<(), buildkit_llb::DecodeError>(())
/// ```
pub fn diff(lower: Option<Output>, upper: Option<Output>) -> Output {
    Vertex::new(Op::Diff { lower, upper }).output()
}

/// The bytes of an op and what was learned in writing them.
pub(crate) struct Encoded {
    /// The serialised op.
    pub(crate) bytes: Vec<u8>,
    /// What the op is made from.
    pub(crate) parents: Vec<Output>,
    /// What the daemon must be able to do.
    pub(crate) caps: BTreeSet<&'static str>,
}

/// Collects the inputs and capabilities of one op.
#[derive(Default)]
pub(crate) struct Needs {
    inputs: Vec<pb::Input>,
    parents: Vec<Output>,
    caps: BTreeSet<&'static str>,
}

impl Needs {
    /// Returns the index of `output` among the inputs, adding it if it is new.
    pub(crate) fn input(&mut self, output: &Output) -> i64 {
        let input = output.to_input();
        match self.inputs.iter().position(|other| *other == input) {
            Some(index) => {
                self.parents.push(output.clone()); // its metadata may differ
                as_index(index)
            }
            None => self.next_input(output),
        }
    }

    /// Adds `output` to the inputs, even if it is one already: merge and diff do so.
    pub(crate) fn next_input(&mut self, output: &Output) -> i64 {
        self.parents.push(output.clone());
        self.inputs.push(output.to_input());
        as_index(self.inputs.len() - 1)
    }

    /// How many inputs there are.
    pub(crate) fn input_count(&self) -> usize {
        self.inputs.len()
    }

    /// Asks for a capability, by its name in solver/pb/caps.go.
    pub(crate) fn cap(&mut self, cap: &'static str) {
        self.caps.insert(cap);
    }
}

impl Op {
    /// The indices of the op's results, in the order in which a caller expects them.
    pub(crate) fn output_indices(&self) -> Vec<i64> {
        match self {
            Self::Exec(exec) => exec.output_indices(),
            _ => vec![0],
        }
    }

    /// Writes the op as Go's client does.
    pub(crate) fn encode(&self, platform: Option<&Platform>, constraints: &[String]) -> Encoded {
        let mut needs = Needs::default();
        let kind = match self {
            Self::Image(image) => pb::op::Op::Source(image.encode(&mut needs)),
            Self::OciLayout(layout) => pb::op::Op::Source(layout.encode(&mut needs)),
            Self::Blob(blob) => pb::op::Op::Source(blob.encode(&mut needs)),
            Self::Http(http) => pb::op::Op::Source(http.encode(&mut needs)),
            Self::Local(local) => pb::op::Op::Source(local.encode(&mut needs)),
            Self::Git(git) => pb::op::Op::Source(git.encode(&mut needs)),
            Self::Exec(exec) => pb::op::Op::Exec(exec.encode(&mut needs)),
            Self::File(file) => pb::op::Op::File(file.encode(&mut needs)),
            Self::Merge(inputs) => {
                needs.cap("mergeop");
                let inputs =
                    inputs.iter().map(|input| pb::MergeInput { input: needs.next_input(input) });
                pb::op::Op::Merge(pb::MergeOp { inputs: inputs.collect() })
            }
            Self::Diff { lower, upper } => {
                needs.cap("diffop");
                let mut input = |tree: &Option<Output>| match tree {
                    Some(tree) => needs.next_input(tree),
                    None => NONE,
                };
                let (lower, upper) = (input(lower), input(upper));
                pb::op::Op::Diff(pb::DiffOp {
                    lower: Some(pb::LowerDiffInput { input: lower }),
                    upper: Some(pb::UpperDiffInput { input: upper }),
                })
            }
        };
        let for_platform = matches!(self, Self::Image(_) | Self::OciLayout(_) | Self::Exec(_));
        let rest = pb::Op {
            inputs: needs.inputs,
            platform: platform.filter(|_| for_platform).map(Into::into),
            constraints: Some(pb::WorkerConstraints { filter: constraints.to_vec() }),
            op: None,
        };
        // Go writes the members of a oneof last, and the daemon computes
        // digests from what Go would write: in the order of field numbers the
        // digests of vertices, and with them locations of errors, would not match.
        let mut bytes = rest.encode_to_vec();
        let kind = pb::Op { op: Some(kind), ..pb::Op::default() };
        kind.encode(&mut bytes).expect("a vector takes any length");
        Encoded { bytes, parents: needs.parents, caps: needs.caps }
    }
}

/// Indices on the wire are signed.
pub(crate) fn as_index(index: usize) -> i64 {
    i64::try_from(index).expect("an op has few inputs")
}

impl From<Image> for Op {
    fn from(image: Image) -> Self {
        Self::Image(image)
    }
}

impl From<OciLayout> for Op {
    fn from(layout: OciLayout) -> Self {
        Self::OciLayout(layout)
    }
}

impl From<Blob> for Op {
    fn from(blob: Blob) -> Self {
        Self::Blob(blob)
    }
}

impl From<Http> for Op {
    fn from(http: Http) -> Self {
        Self::Http(http)
    }
}

impl From<Local> for Op {
    fn from(local: Local) -> Self {
        Self::Local(local)
    }
}

impl From<Git> for Op {
    fn from(git: Git) -> Self {
        Self::Git(git)
    }
}

impl From<Exec> for Op {
    fn from(exec: Exec) -> Self {
        Self::Exec(exec)
    }
}

impl From<File> for Op {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}
