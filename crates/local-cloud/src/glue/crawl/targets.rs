//! The tables of the catalog that a crawler is to look at, and where their data is.

use ::crawler::catalog::include_path;

use super::catalog::Catalog;
use crate::error::ServiceError;
use crate::model::glue::CatalogTarget;
use crate::s3;

/// A table of the catalog, and what is crawled for it.
pub(super) struct Kept {
    pub table: String,
    pub target: ::crawler::Target,
}

/// Looks up the tables of one target, under the crawler's role.
pub(super) async fn kept(
    catalog: &Catalog<'_>,
    target: &CatalogTarget,
) -> Result<Vec<Kept>, ServiceError> {
    let mut found = Vec::new();
    for name in &target.tables {
        let table = catalog.table(name).await?;
        let location = table
            .storage_descriptor
            .and_then(|descriptor| descriptor.location)
            .unwrap_or_default();
        let Some((bucket, prefix)) = include_path(&location) else {
            return Err(super::super::errors::invalid_input(format!(
                "Table {name} has no location in S3."
            )));
        };
        found.push(Kept {
            table: table.name,
            target: ::crawler::Target {
                store: s3::object_store(catalog.cloud, catalog.role, bucket),
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
                exclusions: Vec::new(),
                sample_size: None,
                only: None,
            },
        });
    }
    Ok(found)
}
