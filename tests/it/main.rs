//! One binary for all tests, so that linking stays cheap.

// Helpers here take expectations by value, as `expect![[]]` gives them, and may
// give up: a panic is how a test fails. A snapshot of a whole graph is long.
#![allow(
    unreachable_pub,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::too_many_lines
)]

mod archives;
mod assets;
mod bundles;
mod circles;
mod cli;
mod downloads;
mod e2e;
mod examples;
mod frontend;
mod graph;
mod image_ref;
mod kit;
mod layers;
mod limits;
mod lock;
mod manifest;
mod manifest_laws;
mod models;
mod oracle;
mod packages;
mod plan;
mod python;
mod python_layers;
mod readme;
mod renamed;
mod request;
mod schema;
mod subrequest;
mod support;
mod system;
mod targets;
mod tidy;
mod values;
mod verify;
