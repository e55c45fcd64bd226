//! A lock file, and what would be told of its change.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelcache::lock::{LockFile, diff::diff};

fuzz_target!(|text: &str| {
    if let Ok(lock) = LockFile::parse(text) {
        let _ = diff(None, &lock);
        let _ = diff(Some(&lock), &LockFile::default());
    }
});
