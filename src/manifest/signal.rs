//! The signal that ends a container.

use std::{fmt, str::FromStr};

/// A signal of Linux by name or number, as Docker reads it (`moby/sys/signal`), and as it is
/// written: `SIGINT`, `int`, `2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal(String);

impl fmt::Display for Signal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A text that is no [`Signal`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no signal")]
pub struct SignalError(String);

/// The names, without `SIG`.
const NAMES: [&str; 36] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
    "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
    "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
];

impl FromStr for Signal {
    type Err = SignalError;

    fn from_str(text: &str) -> Result<Self, SignalError> {
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let is_number = text.parse::<u8>().is_ok_and(|number| (1..=64).contains(&number));
        if is_number || NAMES.contains(&name) || is_real_time(name) {
            return Ok(Self(text.to_owned()));
        }
        Err(SignalError(text.to_owned()))
    }
}

/// `RTMIN+3`, `RTMAX-3`: those between have a name from below or from above.
fn is_real_time(name: &str) -> bool {
    let (distance, most) = match (name.strip_prefix("RTMIN+"), name.strip_prefix("RTMAX-")) {
        (Some(above), _) => (above, 15),
        (_, Some(below)) => (below, 14),
        _ => return false,
    };
    (1..=most).any(|known| known.to_string() == distance)
}
