//! How long something takes.

use std::{fmt, str::FromStr};

/// A time in nanoseconds, as image configs have it. Written as in Compose and Dockerfiles, which is
/// Go's `time.ParseDuration`: `30s`, `1m30s`, `1.5h`, `500ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(u64);

impl Duration {
    /// One second.
    pub const SECOND: u64 = 1_000_000_000;

    /// In nanoseconds.
    pub fn nanoseconds(self) -> u64 {
        self.0
    }
}

/// Why a text is no [`Duration`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// `30`, `thirty`.
    #[error("a time is a number with a unit")]
    Unit,
    /// `-1s`.
    #[error("a time is not negative")]
    Negative,
    /// More than nanoseconds can tell in 64 bits with a sign: 292 years.
    #[error("a time has at most 292 years")]
    Long,
}

/// Parts of a nanosecond that are counted with.
const KEPT: u128 = 1_000_000_000_000;

const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", Duration::SECOND),
    ("m", 60 * Duration::SECOND),
    ("h", 3600 * Duration::SECOND),
];

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        if text.starts_with('-') {
            return Err(DurationError::Negative);
        }
        let text = text.strip_prefix('+').unwrap_or(text);
        if text == "0" {
            return Ok(Self(0));
        }
        let mut total: u64 = 0;
        let mut rest = text;
        while !rest.is_empty() || text.is_empty() {
            let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
            let (unit, after) = split(after, |c| !c.is_ascii_digit() && c != '.');
            let (_, scale) =
                UNITS.iter().find(|(name, _)| *name == unit).ok_or(DurationError::Unit)?;
            total = scaled(number, *scale)?.checked_add(total).ok_or(DurationError::Long)?;
            rest = after;
        }
        if i64::try_from(total).is_err() { Err(DurationError::Long) } else { Ok(Self(total)) }
    }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// `number`, with digits after a point or without, times `scale`; what is less than a nanosecond is
/// dropped.
fn scaled(number: &str, scale: u64) -> Result<u64, DurationError> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && part.is_empty()) || part.contains('.') {
        return Err(DurationError::Unit);
    }
    let whole = if whole.is_empty() { Ok(0) } else { whole.parse::<u64>() };
    let whole = whole.ok().and_then(|whole| whole.checked_mul(scale)).ok_or(DurationError::Long)?;
    // What remains for the digits from the last on is carried, so that nothing is lost on the way.
    let below = part.bytes().rev().fold(0, |below, digit| {
        let digit = u128::from(digit - b'0') * u128::from(scale) * KEPT;
        (digit + below) / 10
    });
    let below = u64::try_from(below / KEPT).map_err(|_| DurationError::Long)?;
    whole.checked_add(below).ok_or(DurationError::Long)
}

impl fmt::Display for Duration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}ns", self.0)
    }
}
