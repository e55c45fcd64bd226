//! What tests stand on. No assertions are hidden here.

pub mod gateway;
