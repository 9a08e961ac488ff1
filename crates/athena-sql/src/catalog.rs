//! What the engine knows of databases, tables and objects: the Glue catalog and S3, behind traits.
//!
//! Names come in and go out in lower case.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use object_store::ObjectStore;

use crate::error::Error;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Database {
    pub name: String,
    pub description: Option<String>,
    pub location: Option<String>,
    pub parameters: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// A Hive type: `bigint`, `struct<a:int,b:array<string>>`, `decimal(10,2)`.
    pub data_type: String,
    pub comment: Option<String>,
    /// `iceberg.field.id`, …
    pub parameters: BTreeMap<String, String>,
}

/// Where and how rows are stored: Glue's StorageDescriptor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// `s3://bucket/prefix/`
    pub location: String,
    pub columns: Vec<Column>,
    pub input_format: String,
    pub output_format: String,
    pub serialization_library: String,
    pub serde_parameters: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub database: String,
    pub name: String,
    pub description: Option<String>,
    /// `EXTERNAL_TABLE`, `VIRTUAL_VIEW`.
    pub table_type: String,
    pub storage: Storage,
    pub partition_keys: Vec<Column>,
    /// `classification`, `skip.header.line.count`, `projection.*`, …
    pub parameters: BTreeMap<String, String>,
    /// A view's text as Glue keeps it: `/* Presto View: BASE64 */`.
    pub view_original_text: Option<String>,
    pub view_expanded_text: Option<String>,
    /// Which of the table's states in the catalog this is; none where it was never there.
    pub version_id: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    /// In the order of the table's partition keys.
    pub values: Vec<String>,
    pub storage: Storage,
    pub parameters: BTreeMap<String, String>,
}

/// The catalog under one caller's permissions. What it refuses, it refuses in AWS's words
/// ([`crate::ErrorKind::AccessDenied`]).
#[async_trait]
pub trait Catalog: Debug + Send + Sync {
    async fn databases(&self) -> Result<Vec<Database>, Error>;
    async fn database(&self, name: &str) -> Result<Option<Database>, Error>;
    async fn create_database(&self, database: Database) -> Result<(), Error>;
    async fn drop_database(&self, name: &str) -> Result<(), Error>;

    /// In the order of their names.
    async fn tables(&self, database: &str) -> Result<Vec<Table>, Error>;
    async fn table(&self, database: &str, name: &str) -> Result<Option<Table>, Error>;
    async fn create_table(&self, table: Table) -> Result<(), Error>;
    /// Replaces a table, unless it is not the one of the given version any more; then it gives
    /// false.
    async fn update_table(&self, table: Table) -> Result<bool, Error>;
    /// Has a table name another metadata file (`metadata_location`), unless it does not name
    /// `expected` any more; then it gives false.
    async fn swap_metadata(
        &self,
        table: &Table,
        expected: &str,
        metadata_location: &str,
    ) -> Result<bool, Error>;
    async fn drop_table(&self, database: &str, name: &str) -> Result<(), Error>;

    /// The partitions that may fulfil `expression`, Glue's filter over partition keys
    /// (`year = '2024' AND month IN ('1','2')`); all of them without one.
    async fn partitions(
        &self,
        table: &Table,
        expression: Option<&str>,
    ) -> Result<Vec<Partition>, Error>;
    /// The partition with these values, in the order of the table's partition keys.
    async fn partition(
        &self,
        table: &Table,
        values: &[String],
    ) -> Result<Option<Partition>, Error> {
        let all = self.partitions(table, None).await?;
        Ok(all.into_iter().find(|partition| partition.values == values))
    }
    /// Adds partitions; one that is there already is an error.
    async fn create_partitions(
        &self,
        table: &Table,
        partitions: Vec<Partition>,
    ) -> Result<(), Error>;
    /// Replaces the partition with these values, which must be there.
    async fn update_partition(&self, table: &Table, partition: Partition) -> Result<(), Error>;
    async fn drop_partitions(&self, table: &Table, values: Vec<Vec<String>>) -> Result<(), Error>;

    /// A prepared statement of the session's workgroup.
    async fn prepared_statement(&self, name: &str) -> Result<Option<String>, Error>;
    async fn put_prepared_statement(&self, name: &str, sql: &str) -> Result<(), Error>;
    async fn drop_prepared_statement(&self, name: &str) -> Result<(), Error>;

    /// A bucket's objects; its keys are the bucket's keys.
    fn object_store(&self, bucket: &str) -> Arc<dyn ObjectStore>;
}
