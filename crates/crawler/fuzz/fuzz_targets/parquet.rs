//! Parquet: a whole file, or a footer, which is put between a beginning and an end that fit.

#![no_main]

use crawler_fuzz::crawl_object;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if data.starts_with(b"PAR1") {
        return crawl_object(data);
    }
    let length = u32::try_from(data.len()).unwrap_or_default().to_le_bytes();
    crawl_object(&[b"PAR1", data, &length, b"PAR1"].concat());
});
