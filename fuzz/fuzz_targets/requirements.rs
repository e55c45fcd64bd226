//! A requirements file, and the other files of a project.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelcache::packages::{project, requirements, resolver};

fuzz_target!(|data: &[u8]| {
    let text = requirements::encoding::decode(data);
    let text = text.unwrap_or_else(|_| String::from_utf8_lossy(data).into_owned());
    let values = [("A".to_owned(), "${B}${A}".to_owned())].into();
    let read = requirements::Requirements::parse(&text, &values);
    let _ = (read.references(), read.names(), read.digest());
    // What others get says the same.
    for reader in [requirements::Reader::Pip, requirements::Reader::Uv] {
        let _ = requirements::Requirements::parse(&read.text(reader), &values).references();
    }
    for name in project::FILES {
        let _ = project::named_files(name, &text);
        let _ = project::digest(name, &text);
    }
    let _ = resolver::via(&text);
});
