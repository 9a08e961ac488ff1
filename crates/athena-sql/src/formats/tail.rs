//! A file of which the end is read first.

use std::ops::Range;

use bytes::Bytes;

use super::files::File;
use crate::error::Error;

/// What is read from the end of a file at once, in bytes: the footer of most files is in it.
pub(super) const TAIL: usize = 64 << 10;

/// Reads pieces of a file. Its end, which is read for the footer, is not read again for the columns
/// that lie in it.
#[derive(Clone, Debug)]
pub(super) struct Tailed {
    pub file: File,
    tail: Bytes,
}

impl Tailed {
    pub fn new(file: File) -> Self {
        Self {
            file,
            tail: Bytes::new(),
        }
    }

    /// The bytes of a range, which must lie in the file.
    pub async fn read(&mut self, range: Range<u64>) -> Result<Bytes, Error> {
        let tail_start = self.file.size - self.tail.len() as u64;
        if range.start >= tail_start && range.end <= self.file.size {
            let from = (range.start - tail_start) as usize;
            let to = (range.end - tail_start) as usize;
            return Ok(self.tail.slice(from..to));
        }
        let reaches_end = range.end == self.file.size;
        let bytes = self.file.range(range).await?;
        if reaches_end && self.tail.len() < bytes.len() && bytes.len() <= TAIL {
            self.tail = bytes.clone();
        }
        Ok(bytes)
    }
}
