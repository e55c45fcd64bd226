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
mod choose;
mod circles;
mod cli;
mod config;
mod downloads;
mod e2e;
mod examples;
mod frontend;
mod graph;
mod hub;
mod image_ref;
mod layers;
mod limits;
mod lockfile;
mod manifest;
mod manifest_laws;
mod mistaken;
mod model;
mod packages;
mod plan;
mod python;
mod python_layers;
mod readme;
mod refusal;
mod renamed;
mod request;
mod requirements;
mod schema;
mod secret;
mod subrequest;
mod support;
mod targets;
mod tidy;
mod verify;
