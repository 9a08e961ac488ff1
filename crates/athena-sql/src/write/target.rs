//! A new folder for files: of a table that is made, or of UNLOAD.

use std::sync::Arc;

use futures::StreamExt;
use object_store::path::Path;

use super::encode::{Compression, FileFormat};
use super::format::{JSON_SERDE, PARQUET_SERDE, TEXT_SERDE, packed, unsupported_codec};
use super::properties::Properties;
use super::sink::{FindPlace, Place};
use super::text::TextLayout;
use crate::catalog::{Catalog, Column};
use crate::ddl;
use crate::error::Error;
use crate::formats::{Delimiters, Layout, locate, unlistable};

/// Whether objects lie below a location.
pub async fn is_empty(catalog: &dyn Catalog, location: &str) -> Result<bool, Error> {
    let (store, prefix) = match locate(catalog, location.trim_end_matches('/')) {
        Some((_, store, path)) => (store, path),
        None => {
            // The root of a bucket.
            let bucket = location.trim_start_matches("s3://").trim_end_matches('/');
            if bucket.is_empty() || bucket.contains('/') {
                return Err(Error::user(
                    "HIVE_INVALID_METADATA",
                    format!("'{location}' is not a place in S3"),
                ));
            }
            (catalog.object_store(bucket), Path::default())
        }
    };
    match store.list(Some(&prefix)).next().await {
        None => Ok(true),
        Some(Ok(_)) => Ok(false),
        Some(Err(error)) => Err(unlistable(location, &error)),
    }
}

/// The format that `format`, `field_delimiter` and the properties of compression say.
pub fn format(properties: &mut Properties<'_>, name: &str) -> Result<FileFormat, Error> {
    let compression = compression(properties, name)?;
    let delimiter = properties.text("field_delimiter")?;
    if let Some(delimiter) = delimiter.as_ref().filter(|d| d.chars().count() != 1) {
        return Err(properties.error(format!(
            "Field delimiter must be a single character: '{delimiter}'"
        )));
    }
    match name.to_ascii_uppercase().as_str() {
        "PARQUET" => Ok(FileFormat::Parquet(compression)),
        "JSON" => Ok(FileFormat::Json(packed(compression)?)),
        "TEXTFILE" => {
            let mut layout = Layout::default();
            if let Some(delimiter) = delimiter {
                let parameters = &mut layout.serde_parameters;
                parameters.insert("field.delim".to_owned(), delimiter);
            }
            let text = TextLayout {
                delimiters: Delimiters::of(&layout),
                has_header: false,
            };
            Ok(FileFormat::Text(text, packed(compression)?))
        }
        "ORC" | "AVRO" | "ION" => Err(Error::not_supported(format!(
            "the writing of files of the format {name}"
        ))),
        other => Err(properties.error(format!("Unknown format: {other}"))),
    }
}

fn compression(properties: &mut Properties<'_>, format: &str) -> Result<Compression, Error> {
    let own = format!("{}_compression", format.to_ascii_lowercase());
    let mut given = None;
    for name in ["compression", "write_compression", own.as_str()] {
        given = properties.text(name)?.or(given);
    }
    match given {
        Some(name) => Compression::named(&name).ok_or_else(|| unsupported_codec(&name)),
        None => Ok(Compression::default()),
    }
}

/// A SerDe's class and the parameters that its tables need, for files of a format.
pub fn serde(format: &FileFormat) -> (&'static str, &'static str, Vec<(&'static str, String)>) {
    match format {
        FileFormat::Parquet(_) => ("PARQUET", PARQUET_SERDE, Vec::new()),
        FileFormat::Json(_) => ("TEXTFILE", JSON_SERDE, Vec::new()),
        FileFormat::Text(layout, _) => {
            let delimiter = layout.delimiters.levels.first();
            let delimiter = delimiter.map(ToString::to_string).unwrap_or_default();
            let parameters = vec![
                ("field.delim", delimiter.clone()),
                ("serialization.format", delimiter),
            ];
            ("TEXTFILE", TEXT_SERDE, parameters)
        }
    }
}

/// Partitions of a new folder, each in a folder of its own.
pub fn places(location: &str, keys: Vec<Column>, format: FileFormat) -> FindPlace {
    let location: Arc<str> = location.into();
    Box::new(move |values| {
        let folder = if keys.is_empty() {
            location.to_string()
        } else {
            ddl::partition_location(&location, &keys, &values)
        };
        let place = Place {
            folder,
            format: format.clone(),
            is_new: !keys.is_empty(),
        };
        Box::pin(async move { Ok(place) })
    })
}
