//! A requirements file, and the other files of a project.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelcache::{project, requirements, resolution};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let _ = requirements::references(&text);
    let _ = requirements::digest(&text);
    for name in project::FILES {
        let _ = project::named_files(name, &text);
        let _ = project::digest(name, &text);
    }
    let _ = resolution::via(&text);
});
