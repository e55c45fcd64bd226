//! What tests stand on. No assertions are hidden here.

use buildkit_llb::Platform;

pub mod gateway;

/// The platform that `text` names.
pub fn platform(text: &str) -> Platform {
    text.parse().expect("it names one")
}
