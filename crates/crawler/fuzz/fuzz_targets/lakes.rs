//! The metadata of Iceberg, Delta Lake and Hudi.

#![no_main]

use crawler::Options;
use crawler_fuzz::crawl_objects;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for keys in [
        [
            "t/metadata/00000-a.metadata.json",
            "t/metadata/version-hint.text",
        ],
        [
            "t/_delta_log/00000000000000000000.json",
            "t/_delta_log/_last_checkpoint",
        ],
        [
            "t/.hoodie/hoodie.properties",
            "t/a_0-1-2_20240101000000000.parquet",
        ],
    ] {
        crawl_objects(&keys.map(|key| (key, data)), &Options::default(), &[]);
    }
});
