//! The part of an object that is read to know what it holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use crate::decompress::{Compression, TAIL_OF_ZIP, decompress, entries_of_zip};

/// An object of up to so many bytes is read whole, at once.
const SMALL: u64 = 64 * 1024;

/// What is read first of every other: enough for magic numbers. A format whose schema is at the
/// end of a file needs no more of its beginning.
const HEAD: u64 = 4 * 1024;

/// How far into a compressed object is read for the first byte of its text: an LZ4 block, which
/// is the longest that a compression has, is 4 MiB at most.
const FURTHEST: u64 = 4 * 1024 * 1024 + SMALL;

/// One who reads more than so many bytes of an object waits for [`Reads::room`].
const LARGE: u64 = 2 * 1024 * 1024;

/// What a crawl has read until now, and the room that there is for large reads.
#[derive(Debug)]
pub(crate) struct Reads {
    bytes: AtomicU64,
    requests: AtomicU64,
    /// Objects are looked at many at a time, and what is read of most is small. Of those of which
    /// much is read, one is looked at at a time, so that a crawl's memory has a bound.
    room: Arc<Semaphore>,
}

impl Default for Reads {
    fn default() -> Self {
        Self {
            bytes: AtomicU64::default(),
            requests: AtomicU64::default(),
            room: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Reads {
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How often the store was asked for bytes of an object.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Counts a request that was answered with so many bytes.
    pub fn count(&self, bytes: usize) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// An object of a store, whose reads are counted.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub store: Arc<dyn ObjectStore>,
    pub path: Path,
    pub size: u64,
    pub reads: Arc<Reads>,
}

impl Source {
    async fn range(&self, start: u64, end: u64) -> Result<Bytes, object_store::Error> {
        if start >= end {
            return Ok(Bytes::new());
        }
        let bytes = self.store.get_range(&self.path, start..end).await?;
        self.reads.count(bytes.len());
        Ok(bytes)
    }
}

/// The beginning of an object, raw and as text, and its end where a format keeps things there.
#[derive(Debug)]
pub(crate) struct Sample {
    source: Source,
    compression: Compression,
    raw: Bytes,
    text: Bytes,
    whole: bool,
    broken: bool,
    /// What it is that cannot be decompressed.
    undecoded: Option<String>,
    /// Held from the first large read on.
    room: OnceCell<Option<OwnedSemaphorePermit>>,
}

impl Sample {
    pub async fn open(source: Source) -> Result<Self, object_store::Error> {
        let first = if source.size <= SMALL {
            source.size
        } else {
            HEAD
        };
        let raw = source.range(0, first).await?;
        Ok(Self {
            compression: Compression::detect(&raw),
            source,
            raw,
            text: Bytes::new(),
            whole: false,
            broken: false,
            undecoded: None,
            room: OnceCell::new(),
        })
    }

    /// Waits until there is room for so many bytes of the object, which is then kept.
    async fn make_room(&self, length: u64) {
        if length > LARGE {
            let room = Arc::clone(&self.source.reads.room);
            // Nobody closes the semaphore.
            let permit = || async { room.acquire_owned().await.ok() };
            self.room.get_or_init(permit).await;
        }
    }

    pub fn size(&self) -> u64 {
        self.source.size
    }

    pub fn key(&self) -> &str {
        self.source.path.as_ref()
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

    /// Whether the object was read to its end, and its text has none: it was cut off, or is damaged.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// What it is that [`Self::read_text`] gave false for.
    pub fn undecoded(&self) -> Option<&str> {
        self.undecoded.as_deref()
    }

    /// Reads so much of the text that a format can be told by it: what is there already, and of a
    /// compressed object up to 64 KiB, however few bytes it was compressed to.
    pub async fn read_beginning(&mut self) -> Result<bool, object_store::Error> {
        let limit = match self.compression {
            Compression::None => self.raw.len(),
            _ => SMALL as usize,
        };
        self.read_text(limit).await
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
        let mut wanted = match self.compression {
            Compression::None => limit as u64,
            _ => SMALL.max(limit as u64),
        };
        loop {
            self.read_raw(wanted).await?;
            match decompress(self.compression, &self.raw, limit) {
                Ok(text) => {
                    let is_all = self.raw.len() as u64 >= self.source.size;
                    self.whole = text.ended && is_all;
                    self.broken = !text.ended && is_all && text.bytes.len() < limit;
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
            self.make_room(wanted).await;
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
        self.make_room(self.source.size - start).await;
        self.source.range(start, self.source.size).await
    }
}
