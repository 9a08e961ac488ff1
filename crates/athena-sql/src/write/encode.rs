//! Rows as the bytes of a file.

use datafusion::arrow::record_batch::RecordBatch;

use super::json::Json;
use super::parquet::Parquet;
use super::text::{Text, TextLayout};
use crate::error::Error;
use crate::types::Type;

/// How files are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    None,
    #[default]
    Gzip,
    Snappy,
    Zstd,
    Lz4,
}

impl Compression {
    /// By Athena's name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "NONE" | "UNCOMPRESSED" => Self::None,
            "GZIP" => Self::Gzip,
            "SNAPPY" => Self::Snappy,
            "ZSTD" => Self::Zstd,
            "LZ4" => Self::Lz4,
            _ => return None,
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Gzip => "GZIP",
            Self::Snappy => "SNAPPY",
            Self::Zstd => "ZSTD",
            Self::Lz4 => "LZ4",
        }
    }
}

/// How files are written.
#[derive(Clone, Debug)]
pub enum FileFormat {
    Parquet(Compression),
    /// Fields between delimiters, compressed by gzip or not at all.
    Text(TextLayout, Compression),
    /// An object a line, likewise.
    Json(Compression),
}

impl FileFormat {
    /// What follows the name of a file.
    pub fn extension(&self) -> &'static str {
        match self {
            Self::Text(_, Compression::Gzip) | Self::Json(Compression::Gzip) => ".gz",
            _ => "",
        }
    }
}

/// A file's rows on their way to bytes.
pub trait Encode: Send {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error>;

    /// Takes the bytes that are there.
    fn take(&mut self) -> Vec<u8>;

    /// Takes the rest.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, Error>;
}

/// An encoder of rows with these columns.
pub fn encoder(format: &FileFormat, columns: &[(String, Type)]) -> Result<Box<dyn Encode>, Error> {
    Ok(match format {
        FileFormat::Parquet(compression) => Box::new(Parquet::new(columns, *compression, None)?),
        FileFormat::Text(layout, compression) => {
            Box::new(Text::new(columns, layout.clone(), *compression))
        }
        FileFormat::Json(compression) => Box::new(Json::new(columns, *compression)),
    })
}
