//! Infers Glue tables and partitions from the objects of a store, as Glue's crawler does.
//!
//! Knows an object store and gives table definitions; of catalogs it knows nothing.
//!
//! Source: AWS's Glue developer guide, "How crawlers work" and "Built-in classifiers".

use std::collections::BTreeMap;
use std::sync::Arc;

use object_store::ObjectStore;

/// One include path: a bucket's objects below a prefix.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its keys are the bucket's keys.
    pub store: Arc<dyn ObjectStore>,
    pub bucket: String,
    /// `films/`, or empty for the whole bucket.
    pub prefix: String,
    /// Glob patterns, relative to the include path.
    pub exclusions: Vec<String>,
    /// How many files of each leaf folder are read.
    pub sample_size: Option<u32>,
}

/// What a crawler's settings say about tables.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub table_prefix: String,
    /// `TableGroupingPolicy: CombineCompatibleSchemas`.
    pub combine_compatible_schemas: bool,
    /// `TableLevelConfiguration`: the level of folders that are tables, the bucket being 1.
    pub table_level: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// A Hive type: `bigint`, `struct<a:int,b:array<string>>`.
    pub data_type: String,
}

/// How rows are in files, in Hive's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Format {
    pub input_format: String,
    pub output_format: String,
    pub serialization_library: String,
    pub serde_parameters: BTreeMap<String, String>,
}

/// One partition of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// In the order of the partition keys.
    pub values: Vec<String>,
    /// `s3://bucket/prefix/year=2024/`
    pub location: String,
    /// The columns of its own files.
    pub columns: Vec<Column>,
    pub format: Format,
    /// `classification`, `sizeKey`, `objectCount`, `recordCount`, … as Glue writes them.
    pub parameters: BTreeMap<String, String>,
}

/// A table as Glue's crawler would write it, before it is merged with one that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Folded and prefixed; unique among the tables of this crawl.
    pub name: String,
    /// `s3://bucket/prefix/`
    pub location: String,
    pub columns: Vec<Column>,
    pub partition_keys: Vec<Column>,
    pub partitions: Vec<Partition>,
    pub format: Format,
    /// `classification`, `compressionType`, `typeOfData`, `skip.header.line.count`, … without
    /// `UPDATED_BY_CRAWLER`, which only the crawler's owner knows.
    pub parameters: BTreeMap<String, String>,
}

/// Something worth telling a user, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub location: String,
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crawled {
    /// In the order of their locations.
    pub tables: Vec<Table>,
    pub objects: u64,
    pub bytes_read: u64,
    pub warnings: Vec<Warning>,
}

/// How far a crawl is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub objects: u64,
    pub bytes_read: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store refused or failed.
    #[error("{location}: {source}")]
    Store {
        location: String,
        source: object_store::Error,
    },
    #[error("the exclusion pattern `{pattern}` is not valid: {message}")]
    Exclusion { pattern: String, message: String },
}

/// Crawls the targets. A file that cannot be read as any format is a warning, and no table.
pub async fn crawl(
    _targets: &[Target],
    _options: &Options,
    _progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Crawled, Error> {
    unimplemented!()
}
