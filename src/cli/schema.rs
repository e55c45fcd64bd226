//! `modelcache schema`: the JSON Schema of manifests.

use super::{
    Outcome,
    input::{self, Error},
};

/// The schema as checked in; a test keeps it like the types.
pub const SCHEMA: &str = include_str!("../../modelcache.schema.json");

/// Prints the schema.
pub fn run() -> Result<Outcome, Error> {
    input::print(SCHEMA)?;
    Ok(Outcome::Fine)
}
