//! What the stages say to each other.

mod config;
mod digest;
mod secret;
