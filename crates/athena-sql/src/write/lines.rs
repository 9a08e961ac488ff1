//! Lines of text, compressed or not.

use std::io::Write;

use flate2::write::GzEncoder;

use super::encode::Compression;
use crate::error::Error;

pub enum Lines {
    Plain(Vec<u8>),
    Gzip(GzEncoder<Vec<u8>>),
}

impl Lines {
    pub fn new(compression: Compression) -> Self {
        match compression {
            Compression::Gzip => {
                let level = flate2::Compression::default();
                Self::Gzip(GzEncoder::new(Vec::new(), level))
            }
            _ => Self::Plain(Vec::new()),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self {
            Self::Plain(out) => out.extend_from_slice(bytes),
            Self::Gzip(out) => out.write_all(bytes).map_err(Error::internal)?,
        }
        Ok(())
    }

    pub fn take(&mut self) -> Vec<u8> {
        match self {
            Self::Plain(out) => std::mem::take(out),
            Self::Gzip(out) => std::mem::take(out.get_mut()),
        }
    }

    pub fn finish(self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Plain(out) => Ok(out),
            Self::Gzip(out) => out.finish().map_err(Error::internal),
        }
    }
}
