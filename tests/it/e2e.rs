//! The whole path on a real engine: what users type, and what they get.
//!
//! `make test` brings the engine up and exports its environment. Without it
//! these tests fail; they never skip.

mod builder;
mod double;
mod engine;
mod files;
mod floor;
mod health;
mod kit;
mod mistakes;
mod models;
mod progress;
mod project;
mod proof;
mod proxy;
mod python;
mod rebuild;
mod registry;
mod run;
mod second_builder;
mod system;
mod user;
