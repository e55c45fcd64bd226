//! What the library promises, through its public functions.

#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test that fails says where")]

mod golden;
mod graphs;
mod laws;
mod oracle;
mod platform;
mod published;
mod text;
