//! CSV, logs, and whatever a text may be taken for.

#![no_main]

use crawler_fuzz::crawl_object;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| crawl_object(data));
