//! A `pylock.toml` that a user hands in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelcache::packages::{
    pylock::{Pylock, choice::FileChoice},
    wheel::tags::Tags,
};

fuzz_target!(|text: &str| {
    if let Ok(lock) = Pylock::parse(text) {
        let choice = FileChoice { tags: Tags::new(&["py3-none-any"]), ..FileChoice::default() };
        let _ = lock.wheels("/context", &choice);
        let _ = lock.requirements();
    }
});
