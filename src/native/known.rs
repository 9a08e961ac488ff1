//! The folders that the catalog knows, which a crawl of new folders does not look at.

use std::collections::HashSet;

use crawler::catalog::{Rules, UPDATED_BY, with_slash};
use crawler::{Identity, Memory, Remembered};

use super::{partitions, plan};
use crate::cloud::Cloud;
use crate::resource::CallError;

/// The folders of a crawler's tables and of their partitions, each with a slash at its end.
#[derive(Debug)]
pub struct KnownFolders(HashSet<String>);

impl KnownFolders {
    /// Asks the catalog. Nothing where the crawler has no table: its first crawl looks at all.
    pub async fn of(
        cloud: &Cloud,
        database: &str,
        rules: &Rules,
    ) -> Result<Option<Self>, CallError> {
        let tables = plan::tables(cloud, database).await?.unwrap_or_default();
        let is_own =
            |table: &&aws_sdk_glue::types::Table| rules.wrote(plan::parameter(table, UPDATED_BY));
        let mut folders = HashSet::new();
        for table in tables.iter().filter(is_own) {
            let location = plan::location(table);
            folders.insert(with_slash(location));
            // A table that is one file has its folder's other files beside it.
            if let Some((folder, file)) = location.rsplit_once('/')
                && !file.is_empty()
            {
                folders.insert(with_slash(folder));
            }
            if !table.partition_keys().is_empty() {
                let there = partitions::places(cloud, database, table.name()).await?;
                folders.extend(there.into_iter().map(|(_, location)| with_slash(&location)));
            }
        }
        Ok((!folders.is_empty()).then_some(Self(folders)))
    }
}

impl Memory for KnownFolders {
    fn recall(&self, _: Identity) -> Option<Remembered> {
        None
    }

    fn remember(&self, _: Identity, _: &Remembered) {}

    fn reads_new_in(&self, bucket: &str, folder: &str) -> bool {
        !self
            .0
            .contains(&with_slash(&format!("s3://{bucket}/{folder}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_known_is_not_looked_at() {
        let known = KnownFolders(HashSet::from(["s3://lake/t/day=1/".to_owned()]));
        assert!(!known.reads_new_in("lake", "t/day=1"));
        assert!(known.reads_new_in("lake", "t/day=2"));
        assert!(known.reads_new_in("lake", ""));
    }
}
