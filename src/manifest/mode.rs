//! The mode of a file.

use std::str::FromStr;

/// Who may read, write and run a file, and the three bits before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(u32);

impl Mode {
    /// The mode as chmod(2) takes it.
    pub fn bits(self) -> u32 {
        self.0
    }
}

/// A text is no [`Mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a mode is three or four octal digits")]
pub struct ModeError;

impl FromStr for Mode {
    type Err = ModeError;

    /// Reads `755`, `0755`, and YAML's `0o755`.
    fn from_str(text: &str) -> Result<Self, ModeError> {
        let digits = text.strip_prefix("0o").unwrap_or(text);
        let is_octal = digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        if !is_octal || !matches!(digits.len(), 3 | 4) {
            return Err(ModeError);
        }
        u32::from_str_radix(digits, 8).map(Self).map_err(|_| ModeError)
    }
}
