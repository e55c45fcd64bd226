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
//! assert_eq!(definition.ops().len(), 5);
//! # Ok::<(), buildkit_llb::PlatformError>(())
//! ```
//!
//! The bytes of an op are those that `BuildKit`'s Go client writes, so digests
//! are the ones that the daemon reports. Nothing here does I/O, reads a clock
//! or depends on the order of a hash map.
//!
//! # What may grow
//!
//! Every item has one path, and none shows a type of the protocol but two, [`Definition`] and
//! [`Platform`], which turn into `buildkit-proto`'s and back. Enums that `BuildKit` may add to are
//! `#[non_exhaustive]`, and so is what only this crate makes. The ops are written as literals, so a
//! new field would break those that name all fields: end them in `..Exec::default()`, or in
//! `..Copy::new(…)` where there is no default.

mod describe;
mod exec;
mod file;
mod marshal;
mod mount;
mod op;
mod platform;
mod source;
mod text;
mod vertex;
mod view;

pub use describe::Reference;
pub use exec::{Device, Exec, Network, ProxyEnv, SecretEnv, Security, Ulimit};
pub use file::{Chown, Copy, File, FileAction, Id, Owner, Timestamp};
pub use marshal::{Definition, SourceFile, marshal};
pub use mount::{Mount, MountKind, Sharing};
pub use op::{Op, diff, merge};
pub use platform::{Platform, PlatformError};
pub use source::git::{Git, GitBundle};
pub use source::{Blob, Differ, Http, Image, Local, OciLayout, ResolveMode, Signature, SourceOp};
pub use text::{dot, json, mermaid, text};
pub use vertex::{Location, Output, ProgressGroup, Resources, Vertex, digest};
pub use view::{DecodeError, Malformed, OpView, View};
