//! Formats and compressions that are recognised by their first bytes, and not read.

use async_trait::async_trait;

use super::{Classified, Classifier, Unreadable};
use crate::decompress::Compression;
use crate::sample::Sample;

/// Says of a file what it is, where the other classifiers could only say that they fail.
pub(super) struct Unread;

const FORMATS: &[(&[u8], &str)] = &[
    (b"\xe0\x01\x00\xea", "Amazon Ion"),
    (b"PARE", "encrypted Parquet"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
];

/// Formats that compress what is in them, and are not looked for in a compressed text.
const UNCOMPRESSED: &[(&[u8], &str)] =
    &[(b"Obj\x01", "Avro"), (b"ORC", "ORC"), (b"PAR1", "Parquet")];

#[async_trait]
impl Classifier for Unread {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        sample.read_beginning().await?;
        if let Some(what) = sample.undecoded() {
            return Err(Unreadable::format(format!("{what} is not read")));
        }
        let compression = sample.compression();
        if compression != Compression::None && sample.text().is_empty() && !sample.is_whole() {
            let name = compression.name();
            return Err(Unreadable::format(format!(
                "the file is damaged: it begins as a {name} file, and cannot be decompressed"
            )));
        }
        if compression != Compression::None {
            for (magic, name) in UNCOMPRESSED {
                if sample.text().starts_with(magic) {
                    return Err(Unreadable::format(format!(
                        "{name} files that are compressed as a whole are not read"
                    )));
                }
            }
        }
        for (magic, name) in FORMATS {
            if sample.text().starts_with(magic) {
                return Err(Unreadable::format(format!("{name} files are not read")));
            }
        }
        Ok(None)
    }
}
