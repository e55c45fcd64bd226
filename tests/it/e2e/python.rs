//! Python packages on a real engine.

mod access;
mod doubts;
mod faults;
mod lock;
mod refused;
mod wheel;
