//! What a model is called, what the hub says of it, and which of its files are taken.

mod choose;
mod hub;
mod id;
