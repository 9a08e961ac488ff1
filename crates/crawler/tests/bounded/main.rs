//! What a crawl takes of objects that are large or many. The memory is that of the process: each
//! test runs in one of its own.

mod generated;

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use crawler::{Crawled, Options, Target, crawl};
use object_store::path::Path;

use crate::generated::{Generated, Object};

/// What a crawl may take, in KiB.
const MEMORY: u64 = 200 * 1024;

/// 10 GB.
const LARGE: u64 = 10_000_000_000;

async fn crawled(objects: BTreeMap<Path, Object>) -> Crawled {
    let target = Target {
        store: Arc::new(Generated(objects)),
        bucket: "my-lake".to_owned(),
        prefix: String::new(),
        exclusions: Vec::new(),
        sample_size: None,
        only: None,
    };
    crawl(&[target], &Options::default(), &|_| ())
        .await
        .unwrap()
}

fn object(head: &'static [u8], row: impl Into<Bytes>) -> Object {
    Object {
        size: LARGE,
        head: Bytes::from_static(head),
        row: row.into(),
        tail: Bytes::new(),
    }
}

/// A file of the corpus of binary formats.
fn file(case: &str) -> Bytes {
    let root = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binary");
    std::fs::read(root.join(case).join("objects/t/data"))
        .unwrap()
        .into()
}

/// A file whose schema is at its end.
fn with_footer(head: &'static [u8], case: &str) -> Object {
    Object {
        tail: file(case),
        ..object(head, &[0_u8; 4096][..])
    }
}

/// The most memory that this process has had, in KiB, where the system tells.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Tells the process of a test from the one that runs them all.
const ALONE: &str = "ATHGLUE_BOUNDED";

/// A crawl at a time, so that none is slowed down by another.
static ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Whether this is the process of this test. Otherwise the test has been run in one.
async fn is_alone(test: &str) -> bool {
    if std::env::var_os(ALONE).is_some() {
        return true;
    }
    let _one = ONE.lock().await;
    let mut alone = Command::new(std::env::current_exe().unwrap());
    alone.args([test, "--exact", "--nocapture"]).env(ALONE, "1");
    let ran = tokio::task::spawn_blocking(move || alone.output().unwrap())
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&ran.stdout);
    let why = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{told}{why}");
    // A test of another name would be none, and succeed.
    assert!(told.contains("1 passed"), "{told}");
    false
}

fn memory_is_bounded() {
    if let Some(most) = most_memory() {
        assert!(most < MEMORY, "{most} KiB");
    }
}

/// Objects of 10 GB, and of each the most that may be read, in KiB.
fn large() -> Vec<(&'static str, Object, u64)> {
    const TEXT: u64 = 1024;
    let gzip = Object {
        head: file("csv_gzip"),
        ..object(b"", &[0_u8; 4096][..])
    };
    let avro = Object {
        head: file("avro_primitives"),
        ..object(b"", &[0_u8; 4096][..])
    };
    vec![
        ("csv", object(b"id,name\n", "1,some name\n"), TEXT),
        (
            "lines",
            object(b"", "{\"id\": 1, \"name\": \"some name\"}\n"),
            TEXT,
        ),
        ("array", object(b"[{\"id\": 0}", ",\n{\"id\": 1}"), TEXT),
        // A record without an end: what Glue reads for the first.
        ("record", object(b"{\"id\": \"", "some name"), 10 * TEXT),
        ("xml", object(b"<films>", "<film><id>1</id></film>\n"), TEXT),
        ("line", object(b"a,b\n1,", "some name"), TEXT),
        ("gzip", gzip, TEXT),
        ("avro", avro, 64),
        ("parquet", with_footer(b"PAR1", "parquet_primitives"), 68),
        ("orc", with_footer(b"ORC", "orc_primitives"), 68),
        ("nothing", object(b"", &[1_u8; 4096][..]), TEXT),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_object_of_10_gb_a_sample_or_a_footer_is_read() {
    if !is_alone("of_an_object_of_10_gb_a_sample_or_a_footer_is_read").await {
        return;
    }
    for (name, object, kib) in large() {
        let key = Path::from(format!("{name}/data"));
        let crawled = crawled(BTreeMap::from([(key, object)])).await;
        assert!(
            crawled.bytes_read <= kib * 1024,
            "{name}: {} bytes",
            crawled.bytes_read
        );
        assert!(crawled.reads <= 12, "{name}: {} reads", crawled.reads);
        let is_read = !matches!(name, "record" | "line" | "nothing");
        assert_eq!(
            crawled.tables.len(),
            usize::from(is_read),
            "{name}: {:?}",
            crawled.warnings
        );
    }
    memory_is_bounded();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_large_objects_at_once_take_bounded_memory() {
    if !is_alone("many_large_objects_at_once_take_bounded_memory").await {
        return;
    }
    let mut objects = BTreeMap::new();
    for number in 0..12 {
        for (name, object, _) in large() {
            objects.insert(Path::from(format!("{name}/{number:02}")), object);
        }
    }
    let crawled = crawled(objects).await;
    assert_eq!(crawled.objects, 132);
    memory_is_bounded();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_objects_take_bounded_memory() {
    if !is_alone("a_hundred_thousand_objects_take_bounded_memory").await {
        return;
    }
    let small = |row: &'static str| Object {
        size: 10 * row.len() as u64,
        ..object(b"", row)
    };
    let (csv, json) = (
        small("1,some name\n"),
        small("{\"id\": 1, \"name\": \"some name\"}\n"),
    );
    let key = |table: &str, n: u32| Path::from(format!("{table}/part={:04}/{:02}", n / 20, n % 20));
    let mut objects = BTreeMap::new();
    for n in 0..50_000 {
        objects.insert(key("films", n), csv.clone());
        objects.insert(key("songs", n), json.clone());
    }
    let crawled = crawled(objects).await;
    assert_eq!(crawled.objects, 100_000);
    // Of each no byte twice.
    assert_eq!(crawled.reads, 100_000);
    assert_eq!(crawled.bytes_read, 50_000 * (csv.size + json.size));
    let partitions: Vec<usize> = crawled.tables.iter().map(|t| t.partitions.len()).collect();
    assert_eq!(partitions, [2500, 2500]);
    memory_is_bounded();
}
