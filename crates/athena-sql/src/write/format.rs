//! How a table's files are written.
//!
//! Source: the Athena user guide: "INSERT INTO", "Supported formats and SerDes"; "Hive table
//! compression", for the property `write.compression` and for GZIP where nothing is said.

use crate::catalog::Storage;
use crate::error::{Error, ErrorKind};
use crate::formats::{Delimiters, Layout};

use super::encode::{Compression, FileFormat};
use super::text::TextLayout;

pub const PARQUET_SERDE: &str = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
pub const TEXT_SERDE: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
pub const JSON_SERDE: &str = "org.apache.hive.hcatalog.data.JsonSerDe";
const OPENX_JSON_SERDE: &str = "org.openx.data.jsonserde.JsonSerDe";

/// The format of files that are added to a table, or a partition of it.
pub fn of_storage(storage: &Storage, layout: &Layout) -> Result<FileFormat, Error> {
    let compression = compression(layout)?;
    match storage.serialization_library.as_str() {
        PARQUET_SERDE => Ok(FileFormat::Parquet(compression)),
        TEXT_SERDE => {
            let header_lines = layout.header_lines();
            if header_lines > 1 {
                return Err(Error::user(
                    "NOT_SUPPORTED",
                    format!(
                        "Inserting into Hive table with value of skip.header.line.count property \
                         greater than 1 is not supported: {header_lines}"
                    ),
                ));
            }
            let text = TextLayout {
                delimiters: Delimiters::of(layout),
                has_header: header_lines == 1,
            };
            Ok(FileFormat::Text(text, packed(compression)?))
        }
        JSON_SERDE | OPENX_JSON_SERDE => Ok(FileFormat::Json(packed(compression)?)),
        serde => Err(Error {
            kind: ErrorKind::NotSupported,
            ..Error::user(
                "HIVE_UNSUPPORTED_FORMAT",
                format!("the embedded Athena does not write tables of the SerDe {serde}"),
            )
        }),
    }
}

fn compression(layout: &Layout) -> Result<Compression, Error> {
    let names = [
        "write.compression",
        "write_compression",
        "parquet.compression",
    ];
    let Some(name) = names.iter().find_map(|name| layout.parameter(name)) else {
        return Ok(Compression::default());
    };
    Compression::named(name).ok_or_else(|| unsupported_codec(name))
}

/// Of texts, which are compressed by gzip or not at all.
pub fn packed(compression: Compression) -> Result<Compression, Error> {
    match compression {
        Compression::None | Compression::Gzip => Ok(compression),
        other => Err(unsupported_codec(other.name())),
    }
}

pub fn unsupported_codec(name: &str) -> Error {
    Error::not_supported(format!("the compression {name} for files of this format"))
}
