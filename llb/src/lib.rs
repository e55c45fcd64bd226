//! LLB, the graph that `BuildKit` builds, as values.
//!
//! A [`Vertex`] is one op and what is known of it. Freezing it gives its
//! [`Output`]s: an output is one of its results, cheap to clone, and the only
//! way to name it. So a graph has no cycle and no input that nothing made.
//!
//! ```
//! use buildkit_llb::{Copy, File, Http, Image, Platform, Vertex, marshal, merge};
//!
//! let platform: Platform = "linux/arm64".parse()?;
//! let base = Vertex::new(Image::new("docker.io/library/debian:12")).platform(&platform).output();
//! let file = Vertex::new(Http::new("https://example.com/a.bin", "a.bin")).name("fetch a").output();
//! let layer = Vertex::new(File::on_scratch(vec![
//!     Copy { create_parents: true, ..Copy::new(&file, "/a.bin", "/data/a.bin") }.into(),
//! ]))
//! .output();
//! let definition = marshal(&merge(vec![base, layer]), &[]);
//! assert_eq!(definition.def.len(), 5);
//! # Ok::<(), buildkit_llb::PlatformError>(())
//! ```
//!
//! The bytes of an op are those that `BuildKit`'s Go client writes, so digests
//! are the ones that the daemon reports. Nothing here does I/O, reads a clock
//! or depends on the order of a hash map.

pub mod describe;
pub mod exec;
pub mod file;
pub mod marshal;
pub mod mount;
pub mod op;
pub mod platform;
pub mod source;
pub mod text;
pub mod vertex;
pub mod view;

pub use exec::{Device, Exec, Network, ProxyEnv, SecretEnv, Security, Ulimit};
pub use file::{Chown, Copy, File, FileAction, Id, Owner, Timestamp};
pub use marshal::{SourceFile, marshal};
pub use mount::{Mount, MountKind, Sharing};
pub use op::{Op, diff, merge};
pub use platform::{Platform, PlatformError};
pub use source::{
    Blob, Differ, Git, GitBundle, Http, Image, Local, OciLayout, ResolveMode, Signature,
};
pub use text::{dot, json, mermaid, text};
pub use vertex::{Location, Output, ProgressGroup, Resources, Vertex};
pub use view::DecodeError;
