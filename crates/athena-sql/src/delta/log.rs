//! The log: commits, an action a line, and checkpoints that stand for all commits before them.
//!
//! Source: Delta Lake's protocol, "Delta Log Entries" and "Checkpoints".

use std::collections::BTreeMap;

use futures::stream::{StreamExt, TryStreamExt};
use serde::Deserialize;

use super::action::Action;
use super::bad_log;
use super::checkpoint;
use super::objects::Object;
use super::replay::{Replay, Snapshot};
use crate::catalog::Catalog;
use crate::error::Error;

/// Commits, or files of a checkpoint, that are read at the same time.
const READS: usize = 16;

/// What a file of the log is, by its name.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Commit,
    /// In one file, or in the last version's form with others beside it.
    Checkpoint,
    /// One of so many.
    Part(u64),
}

/// The version and the kind of a file of the log; none for what needs not be read.
fn kind(name: &str) -> Option<(u64, Kind)> {
    let (version, rest) = name.split_once('.')?;
    let is_version = version.len() == 20 && version.bytes().all(|byte| byte.is_ascii_digit());
    let version = version.parse().ok().filter(|_| is_version)?;
    let parts: Vec<&str> = rest.split('.').collect();
    let kind = match parts.as_slice() {
        ["json"] => Kind::Commit,
        ["checkpoint", "parquet"] | ["checkpoint", _, "parquet" | "json"] => Kind::Checkpoint,
        ["checkpoint", _, count, "parquet"] => Kind::Part(count.parse().ok()?),
        _ => return None,
    };
    Some((version, kind))
}

/// The files that have to be read, oldest first.
#[derive(Debug, Default)]
struct Files {
    checkpoint: Vec<(String, u64)>,
    commits: Vec<String>,
}

impl Files {
    /// Chooses among the log's files: the last whole checkpoint, and the commits after it.
    fn of(listed: Vec<(String, u64)>, folder: &str) -> Result<Self, Error> {
        let mut commits = BTreeMap::new();
        let mut checkpoints: BTreeMap<u64, Vec<(Kind, String, u64)>> = BTreeMap::new();
        for (name, size) in listed {
            match kind(&name) {
                Some((version, Kind::Commit)) => {
                    commits.insert(version, name);
                }
                Some((version, kind)) => {
                    let of_version = checkpoints.entry(version).or_default();
                    of_version.push((kind, name, size));
                }
                None => {}
            }
        }
        let whole = checkpoints
            .into_iter()
            .rev()
            .find_map(|(version, files)| Some((version, whole(files)?)));
        let (next, checkpoint) = match whole {
            Some((version, files)) => (version + 1, files),
            None => (0, Vec::new()),
        };
        let commits = commits.split_off(&next);
        for (expected, version) in (next..).zip(commits.keys()) {
            if expected != *version {
                return Err(bad_log(format!(
                    "the log {folder} has no version {expected}, and has version {version}"
                )));
            }
        }
        Ok(Self {
            checkpoint,
            commits: commits.into_values().collect(),
        })
    }
}

/// The files of a version's checkpoint, unless its writer did not come to the end.
fn whole(files: Vec<(Kind, String, u64)>) -> Option<Vec<(String, u64)>> {
    let alone = files.iter().find(|(kind, ..)| *kind == Kind::Checkpoint);
    if let Some((_, name, size)) = alone {
        return Some(vec![(name.clone(), *size)]);
    }
    let count = files.len() as u64;
    let is_of = |(kind, ..): &(Kind, String, u64)| *kind == Kind::Part(count);
    files.iter().all(is_of).then(|| {
        files
            .into_iter()
            .map(|(_, name, size)| (name, size))
            .collect()
    })
}

/// The last version of the table in the folder `location`, which has no slash at its end.
pub async fn snapshot(location: &str, catalog: &dyn Catalog) -> Result<Snapshot, Error> {
    let log = Log {
        folder: format!("{location}/_delta_log"),
        catalog,
    };
    let files = log.files().await?;
    let mut replay = Replay::default();
    log.checkpoint(files.checkpoint, &mut replay).await?;
    let reads = files.commits.iter().map(|name| log.commit(name));
    let mut commits = futures::stream::iter(reads.collect::<Vec<_>>()).buffered(READS);
    while let Some(actions) = commits.try_next().await? {
        for action in actions {
            replay.apply(action);
        }
    }
    replay.snapshot(location)
}

struct Log<'a> {
    folder: String,
    catalog: &'a dyn Catalog,
}

/// What a writer of checkpoints leaves for readers.
#[derive(Deserialize)]
struct LastCheckpoint {
    version: u64,
}

impl Log<'_> {
    fn object(&self, name: &str) -> Result<Object, Error> {
        Object::at(self.catalog, format!("{}/{name}", self.folder))
    }

    async fn files(&self) -> Result<Files, Error> {
        let folder = Object::at(self.catalog, self.folder.clone())?;
        // A hint that may be out of date, or damaged: then the whole log is listed.
        let hint = self.object("_last_checkpoint")?.read_if_there().await?;
        let hint = hint.and_then(|json| serde_json::from_slice::<LastCheckpoint>(&json).ok());
        if let Some(LastCheckpoint { version }) = hint {
            let listed = folder.list(Some(&format!("{version:020}"))).await?;
            let files = Files::of(listed, &self.folder);
            if let Ok(files) = files
                && !files.checkpoint.is_empty()
            {
                return Ok(files);
            }
        }
        Files::of(folder.list(None).await?, &self.folder)
    }

    async fn commit(&self, name: &str) -> Result<Vec<Action>, Error> {
        let object = self.object(name)?;
        lines(&object.read().await?, &object.url)
    }

    /// Reads a checkpoint, and what it names beside it.
    async fn checkpoint(
        &self,
        files: Vec<(String, u64)>,
        replay: &mut Replay,
    ) -> Result<(), Error> {
        let mut sidecars = Vec::new();
        for (name, size) in files {
            let object = self.object(&name)?;
            let actions = if name.ends_with(".json") {
                lines(&object.read().await?, &object.url)?
            } else {
                checkpoint::actions(object, size).await?
            };
            for action in actions {
                sidecars.extend(action.sidecar.clone());
                replay.apply(action);
            }
        }
        let folder = format!("{}/_sidecars", self.folder);
        let reads = sidecars.iter().map(|sidecar| async {
            let object = Object::named(self.catalog, &folder, &sidecar.path)?;
            checkpoint::actions(object, sidecar.size_in_bytes).await
        });
        let mut reads = futures::stream::iter(reads.collect::<Vec<_>>()).buffered(READS);
        while let Some(actions) = reads.try_next().await? {
            for action in actions {
                replay.apply(action);
            }
        }
        Ok(())
    }
}

fn lines(bytes: &[u8], url: &str) -> Result<Vec<Action>, Error> {
    let lines = bytes.split(|&byte| byte == b'\n');
    lines
        .filter(|line| !line.trim_ascii().is_empty())
        .map(|line| {
            serde_json::from_slice(line)
                .map_err(|error| bad_log(format!("{url} has a line that is no action: {error}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str]) -> Result<(Vec<String>, Vec<String>), Error> {
        let listed = names.iter().map(|name| ((*name).to_owned(), 1)).collect();
        let files = Files::of(listed, "s3://b/t/_delta_log")?;
        let checkpoint = files.checkpoint.into_iter().map(|(name, _)| name);
        Ok((checkpoint.collect(), files.commits))
    }

    const ZERO: &str = "00000000000000000000.json";
    const ONE: &str = "00000000000000000001.json";
    const TWO: &str = "00000000000000000002.json";

    #[test]
    fn the_last_whole_checkpoint_and_the_commits_after_it_are_read() {
        let part =
            |part: u64| format!("00000000000000000001.checkpoint.{part:010}.0000000002.parquet");
        let (first, second) = (part(1), part(2));
        let whole = [ZERO, ONE, &first, &second, TWO];
        let read = chosen(&whole).expect("a log");
        assert_eq!(read, (vec![first.clone(), second], vec![TWO.to_owned()]));
        // Its writer did not come to the end.
        let read = chosen(&[ZERO, ONE, &first, TWO]).expect("a log");
        assert_eq!(
            read,
            (
                vec![],
                vec![ZERO.to_owned(), ONE.to_owned(), TWO.to_owned()]
            )
        );
    }

    #[test]
    fn what_is_no_version_is_not_read() {
        let others = [
            ZERO,
            "00000000000000000000.crc",
            "00000000000000000000.00000000000000000001.compacted.json",
            "_last_checkpoint",
            "1.json",
        ];
        let read = chosen(&others).expect("a log");
        assert_eq!(read, (vec![], vec![ZERO.to_owned()]));
    }

    #[test]
    fn a_version_that_is_not_there_is_an_error() {
        let error = chosen(&[ZERO, TWO]).expect_err("version 1 is not there");
        assert_eq!(
            error.message,
            "the log s3://b/t/_delta_log has no version 1, and has version 2"
        );
    }
}
