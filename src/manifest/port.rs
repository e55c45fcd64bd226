//! A port that a container listens on.

use std::{fmt, num::NonZeroU16, str::FromStr};

/// A port and its protocol: `8000`, `8000/tcp`, `53/udp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    /// 1 to 65535.
    pub number: u16,
    /// TCP if nothing is written.
    pub protocol: Protocol,
}

/// A transport protocol that Docker can publish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// `tcp`
    #[default]
    Tcp,
    /// `udp`
    Udp,
    /// `sctp`
    Sctp,
}

/// Why a text is no [`Port`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// `8080:80`, as `docker run -p` has it.
    #[error("a port of the image has no host port")]
    Published,
    /// Not a number of 1 to 65535.
    #[error("a port is a number from 1 to 65535")]
    Number,
    /// Something else after the `/`.
    #[error("a port's protocol is `tcp`, `udp` or `sctp`")]
    Protocol,
}

impl FromStr for Port {
    type Err = PortError;

    fn from_str(text: &str) -> Result<Self, PortError> {
        if text.contains(':') {
            return Err(PortError::Published);
        }
        let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        let protocol = match protocol.to_ascii_lowercase().as_str() {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            "sctp" => Protocol::Sctp,
            _ => return Err(PortError::Protocol),
        };
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(PortError::Number); // `+80` is a number to `parse`
        }
        let number: NonZeroU16 = number.parse().map_err(|_| PortError::Number)?;
        Ok(Self { number: number.get(), protocol })
    }
}

/// As the image's `ExposedPorts` has it: `8000/tcp`.
impl fmt::Display for Port {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Sctp => "sctp",
        };
        write!(out, "{}/{protocol}", self.number)
    }
}
