//! The files of a table that is dropped.

use std::collections::BTreeSet;

use futures::StreamExt;

use super::manifest::{files, manifests};
use super::{METADATA_LOCATION, TableMetadata, objects};
use crate::catalog::{Catalog, Table};

/// Files that are deleted at the same time.
const DELETIONS: usize = 16;

/// Takes away what a table's metadata leads to. The table is gone from the catalog by then, so a
/// file that cannot be read or deleted stays where it is, and is no failure.
pub async fn purge(table: &Table, metadata: &TableMetadata, catalog: &dyn Catalog) {
    let current = table.parameters.get(METADATA_LOCATION).cloned();
    let mut urls: BTreeSet<String> = current.into_iter().collect();
    let earlier = metadata.metadata_log.iter();
    urls.extend(earlier.map(|entry| entry.metadata_file.clone()));
    for snapshot in &metadata.snapshots {
        urls.extend(snapshot.manifest_list.clone());
        for manifest in manifests(snapshot, catalog).await.unwrap_or_default() {
            if urls.insert(manifest.url.clone()) {
                let files = files(&manifest, metadata, catalog).await;
                urls.extend(files.unwrap_or_default().into_iter().map(|file| file.url));
            }
        }
    }
    let deletions: Vec<_> = urls
        .iter()
        .map(|url| objects::discard(catalog, url))
        .collect();
    futures::stream::iter(deletions)
        .buffer_unordered(DELETIONS)
        .collect::<Vec<()>>()
        .await;
}
