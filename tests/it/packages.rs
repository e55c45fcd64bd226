//! What is read of packages: their names, what resolvers say, and which share a layer.

mod choice;
mod groups;
mod hashes;
mod mistaken;
mod program;
mod project;
mod pylock;
mod refusal;
mod requirements;
mod resolver;
mod wheel;
