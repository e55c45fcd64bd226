//! Models on the hub: what they are called, what the hub says of them, and which of their files are
//! taken.

mod form;
mod id;
mod pattern;
mod revision;

pub mod choose;
pub mod hub;

pub use self::{
    form::{Format, FormatError, Tag, TagError},
    id::{CLASSIC, ModelId, ModelIdError},
    pattern::Pattern,
    revision::{Revision, RevisionError},
};
