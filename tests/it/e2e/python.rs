//! Python packages on a real engine: what pip users rely on, on good days and bad ones.

mod access;
mod apt;
mod beside;
mod digests;
mod doubts;
mod faults;
mod forms;
mod inputs;
mod lock;
mod musl;
mod named;
mod parity;
mod pip_report;
mod platforms;
mod proxy;
mod refused;
mod req_file;
mod torch;
mod wheel;
