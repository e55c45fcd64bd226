//! Empty: cargo wants a file. See `Cargo.toml`.
