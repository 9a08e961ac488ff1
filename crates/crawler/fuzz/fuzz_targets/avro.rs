//! Avro: the header, and the lengths of blocks.

#![no_main]

use crawler_fuzz::crawl_behind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| crawl_behind(b"Obj\x01", data));
