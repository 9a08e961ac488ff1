//! The part of an object that is read to know what it holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::decompress::{Compression, TAIL_OF_ZIP, decompress, entries_of_zip};

/// What is read first of every object: enough for magic numbers, and all of a small one.
const HEAD: u64 = 64 * 1024;

/// How far into a compressed object is read for the first byte of its text: an LZ4 block, which
/// is the longest that a compression has, is 4 MiB at most.
const FURTHEST: u64 = 4 * 1024 * 1024 + HEAD;

/// An object of a store, whose reads are counted.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub store: Arc<dyn ObjectStore>,
    pub path: Path,
    pub size: u64,
    pub bytes_read: Arc<AtomicU64>,
}

impl Source {
    async fn range(&self, start: u64, end: u64) -> Result<Bytes, object_store::Error> {
        if start >= end {
            return Ok(Bytes::new());
        }
        let bytes = self.store.get_range(&self.path, start..end).await?;
        self.bytes_read
            .fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

/// The beginning of an object, raw and as text, and its end where a format keeps things there.
#[derive(Debug)]
pub(crate) struct Sample {
    source: Source,
    compression: Compression,
    raw: Bytes,
    text: Vec<u8>,
    whole: bool,
    /// What it is that cannot be decompressed.
    undecoded: Option<String>,
}

impl Sample {
    pub async fn open(source: Source) -> Result<Self, object_store::Error> {
        let raw = source.range(0, source.size.min(HEAD)).await?;
        Ok(Self {
            compression: Compression::detect(&raw),
            source,
            raw,
            text: Vec::new(),
            whole: false,
            undecoded: None,
        })
    }

    pub fn size(&self) -> u64 {
        self.source.size
    }

    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// The object's first bytes as they are stored.
    pub fn head(&self) -> &[u8] {
        &self.raw
    }

    /// The decompressed text as far as it was read by [`Self::read_text`].
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether [`Self::text`] is the whole text.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// What it is that [`Self::read_text`] gave false for.
    pub fn undecoded(&self) -> Option<&str> {
        self.undecoded.as_deref()
    }

    /// Reads `limit` bytes of text, or all there is. Gives false for a compression that is not
    /// read.
    pub async fn read_text(&mut self, limit: usize) -> Result<bool, object_store::Error> {
        if self.undecoded.is_some() {
            return Ok(false);
        }
        if self.whole || self.text.len() >= limit {
            return Ok(true);
        }
        if self.compression == Compression::Zip && self.text.is_empty() {
            let entries = entries_of_zip(&self.tail(TAIL_OF_ZIP).await?);
            if let Some(entries) = entries.filter(|&entries| entries != 1) {
                self.undecoded = Some(format!("a ZIP archive of {entries} files"));
                return Ok(false);
            }
        }
        let mut wanted = limit as u64;
        loop {
            self.read_raw(wanted).await?;
            match decompress(self.compression, &self.raw, limit) {
                Ok(text) => {
                    self.whole = text.ended && self.raw.len() as u64 >= self.source.size;
                    self.text = text.bytes;
                }
                Err(what) => {
                    self.undecoded = Some(what);
                    return Ok(false);
                }
            }
            let is_cut = (self.raw.len() as u64) < self.source.size;
            if !self.text.is_empty() || !is_cut || wanted >= FURTHEST {
                return Ok(true);
            }
            wanted = (wanted * 4).min(FURTHEST);
        }
    }

    /// Reads the object's first `length` bytes, or all of it, into [`Self::head`].
    pub async fn read_raw(&mut self, length: u64) -> Result<(), object_store::Error> {
        let wanted = self.source.size.min(length);
        if (self.raw.len() as u64) < wanted {
            let rest = self.source.range(self.raw.len() as u64, wanted).await?;
            self.raw = [&self.raw[..], &rest[..]].concat().into();
        }
        Ok(())
    }

    /// How large the text is, guessed from the part that was read.
    pub fn text_size(&self) -> u64 {
        if self.whole {
            return self.text.len() as u64;
        }
        if self.compression == Compression::None || self.raw.is_empty() {
            return self.source.size;
        }
        let ratio = self.text.len() as f64 / self.raw.len() as f64;
        (self.source.size as f64 * ratio.max(1.0)) as u64
    }

    /// The object's last `length` bytes, or all of it.
    pub async fn tail(&self, length: u64) -> Result<Bytes, object_store::Error> {
        let start = self.source.size.saturating_sub(length);
        if self.raw.len() as u64 >= self.source.size {
            return Ok(self.raw.slice(start as usize..));
        }
        self.source.range(start, self.source.size).await
    }
}
