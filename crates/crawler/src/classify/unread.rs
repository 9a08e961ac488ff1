//! Formats and compressions that are recognised by their first bytes, and not read.

use async_trait::async_trait;

use super::{Classified, Classifier, Unreadable};
use crate::decompress::Compression;
use crate::sample::Sample;

/// Says of a file what it is, where the other classifiers could only say that they fail.
pub(super) struct Unread;

const FORMATS: &[(&[u8], &str)] = &[
    (b"Obj\x01", "Avro"),
    (b"ORC", "ORC"),
    (b"\xe0\x01\x00\xea", "Amazon Ion"),
    (b"PARE", "encrypted Parquet"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
];

#[async_trait]
impl Classifier for Unread {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        let compression = sample.compression();
        if !matches!(compression, Compression::None | Compression::Gzip) {
            return Err(Unreadable::format(format!(
                "files compressed with {} are not read",
                compression.name()
            )));
        }
        sample.read_text(sample.head().len()).await?;
        for (magic, name) in FORMATS {
            if sample.text().starts_with(magic) {
                return Err(Unreadable::format(format!("{name} files are not read")));
            }
        }
        Ok(None)
    }
}
