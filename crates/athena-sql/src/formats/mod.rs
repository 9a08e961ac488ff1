//! Rows of Glue tables from objects: SerDes and file formats.
//!
//! [`table_provider`] makes a Glue table a DataFusion table. A scan chooses partitions by the
//! filters, lists their files, and reads them through the format that the SerDe names; one format
//! is one file here and one line in [`SERDES`].

mod avro;
mod bounds;
mod column;
mod csv;
mod file_table;
mod files;
mod fit;
mod grok;
mod hidden;
mod hudi;
mod json;
mod json_lenient;
mod json_values;
mod lazy_simple;
mod meter;
mod orc;
mod parquet;
mod partition_keys;
mod partition_schema;
mod partitions;
mod projection;
mod provider;
mod regex;
mod scalar;
mod scan;
mod tail;
#[cfg(test)]
mod tests;
mod text;
mod unpack;

pub(crate) use bounds::{Bounds, Known};
pub(crate) use file_table::{FileTable, Files};
pub(crate) use files::{File, locate, unlistable, unreadable, unwritable};
pub(crate) use hidden::COLUMNS as HIDDEN_COLUMNS;
pub(crate) use hudi::is_hudi;
pub(crate) use lazy_simple::Delimiters;
pub(crate) use meter::Meter;
pub(crate) use parquet::{Beside, FieldIds, Matching, Parquet};
pub(crate) use partition_keys::{NULL as NULL_PARTITION, wanted_values};
pub(crate) use projection::{is_enabled as is_projected, location as projected_location};
pub(crate) use provider::{physical_filter, schema_of};
pub(crate) use scalar::parse as scalar_of;
pub(crate) use scan::{Source, Task, sources};

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::physical_plan::PhysicalExpr;
use futures::stream::BoxStream;

use crate::catalog::{Catalog, Table};
use crate::error::Error;
use crate::types::Type;

/// What a scan of a table takes part in.
#[derive(Clone, Debug)]
pub struct ScanContext {
    pub catalog: Arc<dyn Catalog>,
    /// Counts the bytes of objects that are read, while they are read.
    pub bytes_scanned: Arc<AtomicU64>,
    /// Bytes after which a scan ends with [`crate::ErrorKind::ResourcesExceeded`].
    pub scan_limit: Option<u64>,
}

/// A Glue table as a source of rows.
///
/// The provider's schema has the columns of `columns` in their order (the partition keys last),
/// each of the Arrow type that [`Type::arrow`] gives and nullable, and after them the hidden ones
/// that every table has and `*` does not show: `$path` and `$file_size`. The provider lists the partitions when it is scanned, by
/// [`Catalog::partitions`] with an expression of the filters over partition keys that it is given,
/// and reads only the columns of the projection.
///
/// An error says what about the table cannot be read: an unknown SerDe, a missing location.
pub fn table_provider(
    table: &Table,
    columns: &[(String, Type)],
    context: &ScanContext,
) -> Result<Arc<dyn TableProvider>, Error> {
    hudi::is_hudi(table)?;
    // Partitions may have SerDes of their own; the table's has to be known in any case.
    serde(&table.storage.serialization_library)?;
    let table = provider::HiveTable::new(table.clone(), columns, context);
    Ok(Arc::new(FileTable(table)))
}

/// A way to read files.
pub(crate) trait Format: Debug + Send + Sync {
    /// The rows of one file: the columns asked for in [`Layout::projection`], in its order.
    fn read(&self, file: files::File) -> BoxStream<'static, Result<RecordBatch, Error>>;
}

/// What a format has to know of the table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    /// The columns of the files, without partition keys.
    pub columns: Vec<(String, Type)>,
    /// Which of them are wanted, by their places in `columns`.
    pub projection: Vec<usize>,
    pub serde_parameters: BTreeMap<String, String>,
    pub table_parameters: BTreeMap<String, String>,
}

impl Layout {
    /// A parameter of the SerDe, or of the table where the SerDe has none of this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.serde_parameters
            .get(name)
            .or_else(|| self.table_parameters.get(name))
            .map(String::as_str)
    }

    fn flag(&self, name: &str, default: bool) -> bool {
        self.parameter(name)
            .map_or(default, |value| value.trim().eq_ignore_ascii_case("true"))
    }

    /// Lines at the start of each file that hold no rows.
    pub fn header_lines(&self) -> usize {
        self.parameter("skip.header.line.count")
            .and_then(|n| n.trim().parse().ok())
            .unwrap_or(0)
    }

    /// The wanted columns: place, name, type.
    fn wanted(&self) -> impl Iterator<Item = (usize, &str, &Type)> {
        self.projection.iter().map(|&i| {
            let (name, data_type) = &self.columns[i];
            (i, name.as_str(), data_type)
        })
    }
}

/// What rows have to fulfil, over the columns of the files; for formats that can skip rows by it.
pub(crate) type Filter = Option<Arc<dyn PhysicalExpr>>;

type MakeFormat = fn(Layout, Filter) -> Result<Arc<dyn Format>, Error>;

/// The SerDes there are, by the names of their Java classes.
const SERDES: &[(&str, MakeFormat)] = &[
    (
        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        lazy_simple::format,
    ),
    ("org.apache.hadoop.hive.serde2.OpenCSVSerde", csv::format),
    ("org.openx.data.jsonserde.JsonSerDe", json::openx),
    ("org.apache.hive.hcatalog.data.JsonSerDe", json::hive),
    ("org.apache.hadoop.hive.serde2.JsonSerDe", json::hive),
    ("org.apache.hadoop.hive.serde2.RegexSerDe", regex::format),
    ("com.amazonaws.glue.serde.GrokSerDe", grok::format),
    ("org.apache.hadoop.hive.serde2.avro.AvroSerDe", avro::format),
    (
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        parquet::format,
    ),
    ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", orc::format),
];

/// The format of a SerDe's class.
fn serde(class: &str) -> Result<MakeFormat, Error> {
    if let Some((_, make)) = SERDES.iter().find(|(name, _)| *name == class) {
        return Ok(*make);
    }
    let why = if class.is_empty() {
        "the table has no SerDe, and Athena has none for what it holds, such as XML".to_owned()
    } else {
        format!("the embedded Athena does not read tables of the SerDe {class}")
    };
    Err(Error {
        kind: crate::ErrorKind::NotSupported,
        ..Error::user("HIVE_UNSUPPORTED_FORMAT", why)
    })
}
