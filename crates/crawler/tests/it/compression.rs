//! Compressed text, which is known by its first bytes whatever a file is called.

use std::io::{Read, Write};

use lz4_flex::frame::BlockSize;

use crate::csv::gzip;
use crate::damage::Random;
use crate::lake::{columns, lake};

const TEXT: &str = "id,name\n1,ann\n2,bob\n3,cid\n";

fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bzip2::read::BzEncoder::new(text, bzip2::Compression::best())
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).unwrap()
}

fn xz(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    liblzma::read::XzEncoder::new(text, 6)
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

fn lz4(text: &[u8]) -> Vec<u8> {
    lz4_in_blocks(BlockSize::Max64KB, text)
}

fn lz4_in_blocks(size: BlockSize, text: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new().block_size(size);
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn snappy(text: &[u8]) -> Vec<u8> {
    let mut encoder = snap::write::FrameEncoder::new(Vec::new());
    encoder.write_all(text).unwrap();
    encoder.into_inner().unwrap()
}

/// As Hadoop's codec writes: blocks of one chunk each.
fn hadoop_snappy(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for block in text.chunks(256 * 1024) {
        let chunk = snap::raw::Encoder::new().compress_vec(block).unwrap();
        bytes.extend((block.len() as u32).to_be_bytes());
        bytes.extend((chunk.len() as u32).to_be_bytes());
        bytes.extend(chunk);
    }
    bytes
}

/// A local header, the text as it is, and no directory.
fn zip(flags: u8, text: &[u8]) -> Vec<u8> {
    let size = (text.len() as u32).to_le_bytes();
    let mut bytes = b"PK\x03\x04\x14\x00".to_vec();
    bytes.extend([flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend(size);
    bytes.extend(size);
    bytes.extend([5, 0, 0, 0]);
    bytes.extend(b"a.csv");
    bytes.extend(text);
    bytes
}

type Compress = fn(&[u8]) -> Vec<u8>;

const ALL: [(&str, Compress); 8] = [
    ("gzip", |text| gzip(std::str::from_utf8(text).unwrap())),
    ("bzip2", bzip2),
    ("zstd", zstd),
    ("xz", xz),
    ("lz4", lz4),
    ("snappy", snappy),
    ("snappy", hadoop_snappy),
    ("zip", |text| zip(0, text)),
];

#[tokio::test]
async fn a_compressed_file_is_read_and_its_compression_named() {
    for (name, compress) in ALL {
        let table = lake()
            .with("t/data", compress(TEXT.as_bytes()))
            .await
            .table()
            .await;
        assert_eq!(columns(&table), "id bigint, name string", "{name}");
        assert_eq!(table.parameters["compressionType"], name);
        assert_eq!(table.parameters["recordCount"], "3", "{name}");
        assert_eq!(table.parameters["classification"], "csv", "{name}");
    }
}

#[tokio::test]
async fn a_name_that_speaks_of_another_compression_changes_nothing() {
    let table = lake()
        .with("t/data.csv.gz", zstd(TEXT.as_bytes()))
        .await
        .table()
        .await;
    assert_eq!(table.parameters["compressionType"], "zstd");
}

#[tokio::test]
async fn several_compressed_texts_in_one_file_are_one() {
    let (first, second) = TEXT.split_at(14);
    for (name, compress) in &ALL[..7] {
        let both = [compress(first.as_bytes()), compress(second.as_bytes())].concat();
        let table = lake().with("t/data", both).await.table().await;
        assert_eq!(table.parameters["recordCount"], "3", "{name}");
    }
}

/// Text that compresses only a little.
fn long_text(length: usize) -> String {
    let mut random = Random::default();
    let mut text = "id,name\n".to_owned();
    while text.len() < length {
        let number = random.next();
        text.push_str(&format!("{},{number:x}\n", number % 1_000_000));
    }
    text
}

#[tokio::test]
async fn of_a_long_compressed_file_only_the_beginning_is_read() {
    let text = long_text(2_500_000);
    for (name, compress) in ALL {
        let crawled = lake()
            .with("t/data", compress(text.as_bytes()))
            .await
            .crawl()
            .await;
        let table = &crawled.tables[0];
        assert_eq!(columns(table), "id bigint, name string", "{name}");
        assert!(crawled.bytes_read <= 1024 * 1024 + 1024, "{name}");
    }
}

#[tokio::test]
async fn a_block_longer_than_what_is_read_first_is_read_whole() {
    let file = lz4_in_blocks(BlockSize::Max4MB, long_text(9_000_000).as_bytes());
    let crawled = lake().with("t/data", file).await.crawl().await;
    assert_eq!(columns(&crawled.tables[0]), "id bigint, name string");
    assert!(crawled.bytes_read < 5 * 1024 * 1024);
}

#[tokio::test]
async fn text_that_begins_as_a_bzip2_file_does_is_text() {
    let table = lake().with("t/data", "BZh,x\n1,2\n").await.table().await;
    assert_eq!(columns(&table), "bzh bigint, x bigint");
}

#[tokio::test]
async fn archives_that_cannot_be_read_are_named() {
    let mut encrypted = zip(0, TEXT.as_bytes());
    encrypted[6] = 1;
    let mut method = zip(0, TEXT.as_bytes());
    method[8] = 12;
    for (file, message) in [
        (encrypted, "an encrypted ZIP archive is not read"),
        (method, "a ZIP archive compressed by method 12 is not read"),
        (
            zip(8, TEXT.as_bytes()),
            "a ZIP archive that does not say how long it is is not read",
        ),
        (
            b"PK\x03\x04abc".to_vec(),
            "a damaged ZIP archive is not read",
        ),
    ] {
        let mut file = file;
        if message.contains("say how long") {
            file[18..22].fill(0);
        }
        let crawled = lake().with("t/data.zip", file).await.crawl().await;
        assert!(crawled.tables.is_empty());
        assert_eq!(crawled.warnings[0].message, message);
    }
}

#[tokio::test]
async fn files_of_different_compression_are_tables_of_their_own() {
    let crawled = lake()
        .with("t/a", zstd(TEXT.as_bytes()))
        .await
        .with("t/b", xz(TEXT.as_bytes()))
        .await
        .crawl()
        .await;
    assert_eq!(crawled.tables.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_decompressed_is_named_in_a_warning() {
    for (magic, name) in [
        (&b"BZh91AY&SY"[..], "bzip2"),
        (&[0x28, 0xb5, 0x2f, 0xfd, 0][..], "zstd"),
        (&b"PK\x03\x04rest"[..], "zip"),
        (&[0x04, 0x22, 0x4d, 0x18, 0][..], "lz4"),
    ] {
        let crawled = lake().with("t/a.csv", magic).await.crawl().await;
        assert!(crawled.tables.is_empty());
        let message = crawled.warnings[0].message.to_lowercase();
        assert!(message.contains(name), "{message}");
    }
}
