//! What every `BuildKit` frontend needs, and nothing of what it builds.
//!
//! A frontend is a process that the daemon starts in a container for one build, with gRPC on its
//! stdin and stdout. [`serve::run`] is its `main`: it reads the options, connects, and hands both to
//! a function that answers with a [`gateway::reply::Reply`]. `examples/hello.rs` is a whole one.
//!
//! Every item has one path, and none shows a type of the protocol or of gRPC: graphs are
//! `buildkit-llb`'s, and a "no" of the daemon is a [`gateway::rejection::Rejection`]. Only the daemon or
//! this crate makes what is `#[non_exhaustive]`. A [`request::Request`] and a
//! [`gateway::reply::Reply`] get new fields: literals end in `..Request::default()`.

pub mod capabilities;
pub mod contexts;
pub mod document;
pub mod gateway;
pub mod image_ref;
pub mod request;
pub mod serve;
pub mod subrequest;
