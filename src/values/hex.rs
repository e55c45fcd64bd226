//! Digests as text.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Returns `bytes` as lower-case hex.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}

/// Returns the digest of `content` in the form registries and LLB use: `sha256:{hex}`.
pub fn sha256(content: &[u8]) -> String {
    format!("sha256:{}", encode(&Sha256::digest(content)))
}
