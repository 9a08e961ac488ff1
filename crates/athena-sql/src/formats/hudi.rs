//! Hudi tables: which of their files are rows of now.
//!
//! A write puts new files beside the old ones and ends with an instant of the timeline. Of the
//! files with one id, the last counts whose write came to its end.
//!
//! Source: Apache Hudi's technical specification, "File Layout", "Timeline" and "Reader
//! Expectations"; the Athena user guide, "Query Apache Hudi datasets".

use std::collections::{BTreeSet, HashMap, HashSet};

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::Deserialize;

use super::files::{File, locate, unreadable};
use crate::catalog::{Catalog, Table};
use crate::error::Error;

const INPUT_FORMAT: &str = "org.apache.hudi.hadoop.HoodieParquetInputFormat";
/// Of tables whose reading takes in what was logged since the files were written.
const REALTIME_INPUT_FORMAT: &str =
    "org.apache.hudi.hadoop.realtime.HoodieParquetRealtimeInputFormat";

/// What writes, and when it is done.
const WRITES: &[&str] = &["commit", "deltacommit", "replacecommit"];

/// Whether a table is one of Hudi; an error where Athena reads it and this engine does not.
pub(crate) fn is_hudi(table: &Table) -> Result<bool, Error> {
    let input_format = table.storage.input_format.as_str();
    if input_format == REALTIME_INPUT_FORMAT {
        return Err(Error::not_supported(format!(
            "the merging of Hudi's logs, which {}.{} asks for; its read-optimized table \
             (`…_ro`) is read",
            table.database, table.name
        )));
    }
    let provider = table.parameters.get("spark.sql.sources.provider");
    let says_so = provider.is_some_and(|name| name.eq_ignore_ascii_case("hudi"));
    Ok(says_so || input_format == INPUT_FORMAT)
}

/// The writes to a table that came to their end.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    /// Where the table lies in its bucket.
    root: Path,
    /// When those began that are not archived.
    completed: BTreeSet<String>,
    /// Files that others took the place of: their partitions' paths and their ids.
    replaced: HashSet<(String, String)>,
}

/// An instant of the timeline, by the name of its file.
struct Instant<'a> {
    began: &'a str,
    action: &'a str,
}

/// `BEGAN.ACTION`, and since Hudi 1 `BEGAN_COMPLETED.ACTION`; none of one that has not ended.
fn completed(name: &str) -> Option<Instant<'_>> {
    let (time, action) = name.split_once('.')?;
    let began = time.split('_').next()?;
    let is_time = !began.is_empty() && began.bytes().all(|byte| byte.is_ascii_digit());
    (is_time && WRITES.contains(&action)).then_some(Instant { began, action })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplaceCommit {
    #[serde(default)]
    partition_to_replace_file_ids: HashMap<String, Vec<String>>,
}

impl Timeline {
    /// The timeline of the table that lies at `location`.
    pub async fn read(location: &str, catalog: &dyn Catalog) -> Result<Self, Error> {
        let (_, store, root) =
            locate(catalog, location.trim_end_matches('/')).ok_or_else(|| {
                Error::user(
                    "HUDI_BAD_DATA",
                    format!("The table location is not an S3 path: '{location}'"),
                )
            })?;
        let mut timeline = Self {
            root: root.clone(),
            ..Self::default()
        };
        // The second is Hudi 1's.
        for folder in [".hoodie", ".hoodie/timeline"] {
            let folder = Path::from(format!("{root}/{folder}"));
            timeline.read_folder(&folder, store.as_ref()).await?;
        }
        Ok(timeline)
    }

    async fn read_folder(&mut self, folder: &Path, store: &dyn ObjectStore) -> Result<(), Error> {
        let url = folder.to_string();
        let unreadable = |error| unreadable(&url, &error);
        let listing = store.list_with_delimiter(Some(folder)).await;
        for object in listing.map_err(unreadable)?.objects {
            let Some(name) = object.location.filename() else {
                continue;
            };
            let Some(instant) = completed(name) else {
                continue;
            };
            self.completed.insert(instant.began.to_owned());
            if instant.action == "replacecommit" {
                let read = async { store.get(&object.location).await?.bytes().await };
                let bytes = read.await.map_err(unreadable)?;
                self.replace(&bytes, &object.location)?;
            }
        }
        Ok(())
    }

    fn replace(&mut self, commit: &[u8], path: &Path) -> Result<(), Error> {
        // Hudi 1 writes Avro.
        let commit: ReplaceCommit = serde_json::from_slice(commit).map_err(|_| {
            Error::not_supported(format!(
                "a reader of Hudi's replacecommits that are not JSON, as {path} is"
            ))
        })?;
        for (partition, ids) in commit.partition_to_replace_file_ids {
            let replaced = ids.into_iter().map(|id| (partition.clone(), id));
            self.replaced.extend(replaced);
        }
        Ok(())
    }

    /// Those of a partition's files that are rows of now.
    pub fn current(&self, files: Vec<File>) -> Vec<File> {
        let mut latest: HashMap<(String, String), (String, File)> = HashMap::new();
        for file in files {
            let Some((id, written)) = name_of(&file.path) else {
                continue;
            };
            let group = (self.partition(&file.path), id.to_owned());
            if !self.is_complete(written) || self.replaced.contains(&group) {
                continue;
            }
            let is_newer = latest
                .get(&group)
                .is_none_or(|(known, _)| known.as_str() < written);
            if is_newer {
                let written = written.to_owned();
                latest.insert(group, (written, file));
            }
        }
        latest.into_values().map(|(_, file)| file).collect()
    }

    /// Instants from before the first that is there were archived when they had ended.
    fn is_complete(&self, written: &str) -> bool {
        let is_archived = || {
            let first = self.completed.first();
            first.is_some_and(|first| written < first.as_str())
        };
        self.completed.contains(written) || is_archived()
    }

    /// The path of a file's partition below the table.
    fn partition(&self, path: &Path) -> String {
        let parts: Vec<_> = path
            .prefix_match(&self.root)
            .into_iter()
            .flatten()
            .collect();
        let folders = parts.split_last().map_or(&[][..], |(_, folders)| folders);
        let folders: Vec<&str> = folders.iter().map(AsRef::as_ref).collect();
        folders.join("/")
    }
}

/// The id and the time of `ID_TOKEN_TIME.parquet`.
fn name_of(path: &Path) -> Option<(&str, &str)> {
    let stem = path.filename()?.strip_suffix(".parquet")?;
    let (rest, written) = stem.rsplit_once('_')?;
    Some((rest.rsplit_once('_')?.0, written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_that_have_ended_are_told_by_their_names() {
        let began = |name| completed(name).map(|instant| instant.began.to_owned());
        assert_eq!(
            began("20240102030405678.commit").as_deref(),
            Some("20240102030405678")
        );
        assert_eq!(
            began("20240102030405678_20240102030409999.deltacommit").as_deref(),
            Some("20240102030405678")
        );
        for other in [
            "20240102030405678.commit.requested",
            "20240102030405678.inflight",
            "20240102030405678.clean",
            "hoodie.properties",
        ] {
            assert_eq!(began(other), None, "{other}");
        }
    }

    #[test]
    fn the_name_of_a_file_has_its_id_and_when_it_was_written() {
        let path = Path::from("t/day=1/5f2c-0_0-22-33_20240102030405678.parquet");
        assert_eq!(name_of(&path), Some(("5f2c-0", "20240102030405678")));
        assert_eq!(name_of(&Path::from("t/part-0.parquet")), None);
    }
}
