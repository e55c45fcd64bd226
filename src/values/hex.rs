//! Bytes as hex digits.

use std::fmt::Write;

/// Returns `bytes` as lower-case hex.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes every write");
        text
    })
}
