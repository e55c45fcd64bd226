//! What the stages say to each other and to people, and none of them owns.

pub mod bytes;
pub mod capabilities;
pub mod config;
pub mod diagnostic;
pub mod digest;
pub mod hex;
pub mod predefined;
pub mod secret;
pub mod target;
