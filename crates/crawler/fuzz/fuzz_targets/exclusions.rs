//! Exclusions: a pattern and a key.

#![no_main]

use crawler::Options;
use crawler_fuzz::{crawl_objects, divided};
use libfuzzer_sys::fuzz_target;
use object_store::path::Path;

fuzz_target!(|data: &[u8]| {
    let Some((pattern, key)) = divided(data) else {
        return;
    };
    let key = std::str::from_utf8(key).ok().filter(|key| !key.is_empty());
    if let Some(key) = key.filter(|key| Path::parse(key).is_ok()) {
        crawl_objects(&[(key, b"a,b\n1,2\n")], &Options::default(), &[pattern]);
    }
});
