//! Crawls of what a fuzzer makes up. A panic ends the fuzzer, though a crawl outlives one.

use std::sync::Arc;

use crawler::{Options, Target, crawl};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

/// Crawls these objects. An exclusion that is not valid is the one thing that may be refused.
pub fn crawl_objects(objects: &[(&str, &[u8])], options: &Options, exclusions: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime of one thread");
    let store = Arc::new(InMemory::new());
    runtime.block_on(async {
        for (key, body) in objects {
            let path = Path::parse(key).expect("a key");
            store.put(&path, body.to_vec().into()).await.expect("a put");
        }
        let target = Target {
            store: store as Arc<dyn ObjectStore>,
            bucket: "my-lake".to_owned(),
            prefix: String::new(),
            exclusions: exclusions.iter().map(|&one| one.to_owned()).collect(),
            sample_size: None,
            only: None,
        };
        let crawled = crawl(&[target], options, &|_| ()).await;
        assert!(crawled.is_ok() || !exclusions.is_empty(), "{crawled:?}");
    });
}

/// Crawls one object.
pub fn crawl_object(body: &[u8]) {
    crawl_objects(&[("t/data", body)], &Options::default(), &[]);
}

/// Crawls one object that begins with these bytes.
pub fn crawl_behind(magic: &[u8], body: &[u8]) {
    if body.starts_with(magic) {
        crawl_object(body);
    } else {
        crawl_object(&[magic, body].concat());
    }
}

/// A text in front of a zero byte, and what is behind it.
pub fn divided(data: &[u8]) -> Option<(&str, &[u8])> {
    let place = data.iter().position(|byte| *byte == 0)?;
    let text = std::str::from_utf8(&data[..place]).ok()?;
    Some((text, &data[place + 1..]))
}
