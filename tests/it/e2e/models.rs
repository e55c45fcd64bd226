//! Models on a real engine: pinned, chosen, fetched once, and never with a secret left behind.

mod access;
mod archives;
mod bundle;
mod choice;
mod faults;
mod formats;
mod library;
mod lock;
mod others;
mod platforms;
mod renamed;
