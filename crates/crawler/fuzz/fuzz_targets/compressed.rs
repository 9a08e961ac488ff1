//! Texts in every compression, by their first bytes.

#![no_main]

use crawler_fuzz::crawl_behind;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    const MAGIC: [&[u8]; 8] = [
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"\x04\x22\x4d\x18",
        b"\xff\x06\x00\x00sNaPpY",
        b"\xfd7zXZ\x00",
        b"PK\x03\x04",
        b"BZh91AY&SY",
        b"",
    ];
    if let Some((first, rest)) = data.split_first() {
        crawl_behind(MAGIC[usize::from(*first) % MAGIC.len()], rest);
    }
});
