//! Apache Iceberg tables: what their metadata says, and the rows that it leads to.
//!
//! A Glue table with `table_type` ICEBERG names one metadata file in `metadata_location`; that has
//! the schemas, the partition specs and the snapshots, whose manifests name the data files. The
//! second version of the format is written, both are read.

mod append;
mod bounds;
mod commit;
mod create;
mod deletes;
mod manifest;
mod manifest_file;
mod metadata;
mod name_mapping;
mod objects;
mod partition;
pub mod properties;
mod purge;
mod schema;
mod statistics;
mod table;
#[cfg(test)]
mod tests;
mod transform;
mod value;
mod version;

pub use append::Appending;
pub use create::{NewTable, create};
pub use metadata::TableMetadata;
pub use purge::purge;
pub use version::{Version, open};

use crate::catalog::{Catalog, Table};
use crate::error::Error;

/// The parameter that says what kind of table it is, and its value.
pub const TABLE_TYPE: &str = "table_type";
pub const ICEBERG: &str = "ICEBERG";
/// The parameter that names the metadata file.
pub const METADATA_LOCATION: &str = "metadata_location";

pub fn is_iceberg(table: &Table) -> bool {
    let table_type = table.parameters.get(TABLE_TYPE);
    table_type.is_some_and(|name| name.eq_ignore_ascii_case(ICEBERG))
}

/// The metadata that the catalog names at this moment.
pub async fn metadata(table: &Table, catalog: &dyn Catalog) -> Result<TableMetadata, Error> {
    let url = table.parameters.get(METADATA_LOCATION).ok_or_else(|| {
        Error::user(
            "ICEBERG_INVALID_METADATA",
            format!(
                "Table {}.{} has no parameter {METADATA_LOCATION}",
                table.database, table.name
            ),
        )
    })?;
    TableMetadata::parse(&objects::read(catalog, url).await?, url)
}
