//! A `pylock.toml` that a user hands in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelcache::pylock::Pylock;

fuzz_target!(|text: &str| {
    if let Ok(lock) = Pylock::parse(text) {
        let _ = lock.wheels("/context");
        let _ = lock.requirements();
    }
});
