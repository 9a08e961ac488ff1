//! ORC: postscript, footer and its compressions.

#![no_main]

use crawler_fuzz::crawl_behind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| crawl_behind(b"ORC", data));
