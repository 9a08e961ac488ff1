//! The tables of the catalog that a crawler is to look at, and where their data is.

use super::catalog::Catalog;
use super::with_slash;
use crate::error::ServiceError;
use crate::glue::crawler_settings::split;
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
        let Some((bucket, prefix)) = split(&location) else {
            return Err(super::super::errors::invalid_input(format!(
                "Table {name} has no location in S3."
            )));
        };
        let prefix = match prefix.as_str() {
            "" => prefix,
            _ => with_slash(&prefix),
        };
        found.push(Kept {
            table: table.name,
            target: ::crawler::Target {
                store: s3::object_store(catalog.cloud, catalog.role, &bucket),
                bucket,
                prefix,
                exclusions: Vec::new(),
                sample_size: None,
            },
        });
    }
    Ok(found)
}
