//! The crawls of a crawler, running and over.
//!
//! A crawl belongs to the process that runs it. One whose process has ended is over too, and
//! failed: whoever looks at it next sees it so.

mod message;

use rusqlite::{Connection, OptionalExtension, Row, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::message::shortened;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;

pub(super) const LOG_GROUP: &str = "/aws-glue/crawlers";
const ORPHANED: &str =
    "Internal Service Exception: the process that ran this crawl ended before the crawl did.";

/// What a crawl did to the catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Changes {
    pub tables_added: Vec<String>,
    pub tables_updated: Vec<String>,
    pub tables_deleted: Vec<String>,
    pub partitions_added: u64,
    pub partitions_updated: u64,
    pub partitions_deleted: u64,
}

/// How a crawl ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Ending {
    Completed,
    Stopped,
    Failed(String),
}

/// The document of a crawl.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    pub crawl_id: String,
    pub started: f64,
    pub ended: Option<f64>,
    pub ending: Option<Ending>,
    #[serde(default)]
    pub changes: Changes,
}

pub(super) struct Crawl {
    pub id: i64,
    crawler: String,
    owner: String,
    stopping: bool,
    record: Record,
}

const COLUMNS: &str = "id, crawler, owner, stopping, document";

impl Crawl {
    fn from_row(row: &Row<'_>) -> Result<Self, ServiceError> {
        Ok(Self {
            id: row.get(0)?,
            crawler: row.get(1)?,
            owner: row.get(2)?,
            stopping: row.get(3)?,
            record: serde_json::from_str(&row.get::<_, String>(4)?)?,
        })
    }

    pub fn ended(&self, cloud: &Cloud) -> bool {
        self.record.ending.is_some() || !cloud.store().lease_is_alive(&self.owner)
    }

    pub fn started(&self) -> f64 {
        self.record.started
    }

    pub fn seconds(&self) -> f64 {
        let end = self.record.ended.unwrap_or(self.record.started);
        (end - self.record.started).max(0.0)
    }

    /// Whether it came to its end, and neither was stopped nor failed.
    pub fn is_complete(&self) -> bool {
        self.record.ending == Some(Ending::Completed)
    }

    pub fn changes(&self) -> &Changes {
        &self.record.changes
    }

    /// The crawler's state while this crawl runs.
    pub fn state(&self) -> &'static str {
        if self.stopping { "STOPPING" } else { "RUNNING" }
    }

    fn ending(&self, cloud: &Cloud) -> Option<Ending> {
        match &self.record.ending {
            Some(ending) => Some(ending.clone()),
            None if self.ended(cloud) => Some(Ending::Failed(ORPHANED.to_owned())),
            None => None,
        }
    }

    /// A crawl that is over, as GetCrawler's `LastCrawl`.
    pub fn as_last(&self, cloud: &Cloud) -> LastCrawlInfo {
        let (status, message) = match self.ending(cloud) {
            Some(Ending::Failed(message)) => ("FAILED", Some(message)),
            Some(Ending::Stopped) => ("CANCELLED", None),
            Some(Ending::Completed) | None => ("SUCCEEDED", None),
        };
        LastCrawlInfo {
            status: Some(status.to_owned()),
            error_message: message.map(shortened),
            log_group: Some(LOG_GROUP.to_owned()),
            log_stream: Some(self.crawler.clone()),
            message_prefix: Some(self.record.crawl_id.clone()),
            start_time: Some(Timestamp(self.record.started)),
        }
    }

    /// As ListCrawls gives it.
    pub fn as_history(&self, cloud: &Cloud) -> CrawlerHistory {
        let (state, message) = match self.ending(cloud) {
            None => ("RUNNING", None),
            Some(Ending::Completed) => ("COMPLETED", None),
            Some(Ending::Stopped) => ("STOPPED", None),
            Some(Ending::Failed(message)) => ("FAILED", Some(message)),
        };
        let changes = &self.record.changes;
        let mut table = serde_json::Map::new();
        for (kind, names) in [
            ("ADD", &changes.tables_added),
            ("UPDATE", &changes.tables_updated),
            ("DELETE", &changes.tables_deleted),
        ] {
            if !names.is_empty() {
                let entry = json!({"Details": {"names": names}, "Count": names.len()});
                table.insert(kind.to_owned(), entry);
            }
        }
        let mut partition = serde_json::Map::new();
        for (kind, count) in [
            ("ADD", changes.partitions_added),
            ("UPDATE", changes.partitions_updated),
            ("DELETE", changes.partitions_deleted),
        ] {
            if count > 0 {
                partition.insert(kind.to_owned(), json!({"Count": count}));
            }
        }
        let mut summary = serde_json::Map::new();
        for (kind, entries) in [("TABLE", table), ("PARTITION", partition)] {
            if !entries.is_empty() {
                summary.insert(kind.to_owned(), Value::Object(entries));
            }
        }
        CrawlerHistory {
            crawl_id: Some(self.record.crawl_id.clone()),
            state: Some(state.to_owned()),
            start_time: Some(Timestamp(self.record.started)),
            end_time: self.record.ended.map(Timestamp),
            summary: Some(Value::Object(summary).to_string()),
            error_message: message.map(shortened),
            log_group: Some(LOG_GROUP.to_owned()),
            log_stream: Some(self.crawler.clone()),
            message_prefix: Some(self.record.crawl_id.clone()),
            // This machine bills nothing.
            dpu_hour: Some(0.0),
        }
    }
}

/// The crawl that was started last.
pub(super) fn newest(
    c: &Connection,
    region: &str,
    crawler: &str,
) -> Result<Option<Crawl>, ServiceError> {
    before(c, region, crawler, i64::MAX)
}

/// The crawl that was started before another.
pub(super) fn before(
    c: &Connection,
    region: &str,
    crawler: &str,
    id: i64,
) -> Result<Option<Crawl>, ServiceError> {
    Ok(up_to(c, region, crawler, id - 1, 1)?.pop())
}

/// A number of crawls, the newest first.
pub(super) fn up_to(
    c: &Connection,
    region: &str,
    crawler: &str,
    id: i64,
    limit: usize,
) -> Result<Vec<Crawl>, ServiceError> {
    let mut found = Vec::new();
    if limit > 0 {
        each(c, region, crawler, id, |crawl| {
            found.push(crawl);
            Ok(found.len() < limit)
        })?;
    }
    Ok(found)
}

/// Reads the crawls from one on, the newest first, for as long as `go_on` asks for more.
pub(super) fn each(
    c: &Connection,
    region: &str,
    crawler: &str,
    id: i64,
    mut go_on: impl FnMut(Crawl) -> Result<bool, ServiceError>,
) -> Result<(), ServiceError> {
    let mut statement = c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM glue_crawls WHERE region = ?1 AND crawler = ?2 AND id <= ?3 ORDER BY id DESC"
    ))?;
    let mut rows = statement.query((region, crawler, id))?;
    while let Some(row) = rows.next()? {
        if !go_on(Crawl::from_row(row)?)? {
            break;
        }
    }
    Ok(())
}

/// Fails while a crawl runs; `what` is what cannot be done then.
pub(super) fn refuse_while_running(
    c: &Connection,
    cloud: &Cloud,
    region: &str,
    crawler: &str,
    what: &str,
) -> Result<(), ServiceError> {
    match newest(c, region, crawler)? {
        Some(crawl) if !crawl.ended(cloud) => Err(ServiceError::new(
            "CrawlerRunningException",
            format!("Cannot {what} crawler {crawler} while it is running."),
        )),
        _ => Ok(()),
    }
}

/// Begins a crawl of this process; gives its id.
pub(super) fn begin(
    tx: &Transaction<'_>,
    cloud: &Cloud,
    region: &str,
    crawler: &str,
) -> Result<i64, ServiceError> {
    if let Some(last) = newest(tx, region, crawler)? {
        if !last.ended(cloud) {
            return Err(ServiceError::new(
                "CrawlerRunningException",
                format!("Crawler with name {crawler} has already started"),
            ));
        }
        if last.record.ending.is_none() {
            let ending = Ending::Failed(ORPHANED.to_owned());
            end(tx, last.id, ending, last.record.changes)?;
        }
    }
    let record = Record {
        crawl_id: uuid::Uuid::new_v4().to_string(),
        started: Timestamp::now().0,
        ended: None,
        ending: None,
        changes: Changes::default(),
    };
    tx.prepare_cached(
        "INSERT INTO glue_crawls (region, crawler, owner, stopping, ended, document) VALUES (?1, ?2, ?3, 0, 0, ?4)",
    )?
    .execute((
        region,
        crawler,
        cloud.store().lease(),
        serde_json::to_string(&record)?,
    ))?;
    Ok(tx.last_insert_rowid())
}

/// Ends a crawl. One whose crawler is gone has nowhere to be told.
pub(super) fn end(
    tx: &Transaction<'_>,
    id: i64,
    ending: Ending,
    changes: Changes,
) -> Result<(), ServiceError> {
    let document: Option<String> = tx
        .prepare_cached("SELECT document FROM glue_crawls WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(document) = document else {
        return Ok(());
    };
    let mut record: Record = serde_json::from_str(&document)?;
    record.ended = Some(Timestamp::now().0);
    record.ending = Some(ending);
    record.changes = changes;
    tx.prepare_cached("UPDATE glue_crawls SET ended = 1, document = ?2 WHERE id = ?1")?
        .execute((id, serde_json::to_string(&record)?))?;
    Ok(())
}

/// Keeps what a crawl that goes on did until now.
pub(super) fn note(tx: &Transaction<'_>, id: i64, changes: Changes) -> Result<(), ServiceError> {
    let document: Option<String> = tx
        .prepare_cached("SELECT document FROM glue_crawls WHERE id = ?1 AND ended = 0")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let Some(document) = document else {
        return Ok(());
    };
    let mut record: Record = serde_json::from_str(&document)?;
    record.changes = changes;
    tx.prepare_cached("UPDATE glue_crawls SET document = ?2 WHERE id = ?1")?
        .execute((id, serde_json::to_string(&record)?))?;
    Ok(())
}

/// Asks the process that runs a crawl to stop it.
pub(super) fn ask_to_stop(
    tx: &Transaction<'_>,
    cloud: &Cloud,
    region: &str,
    crawler: &str,
) -> Result<(), ServiceError> {
    match newest(tx, region, crawler)? {
        Some(crawl) if !crawl.ended(cloud) => {
            if crawl.stopping {
                return Err(ServiceError::new(
                    "CrawlerStoppingException",
                    format!("Crawler with name {crawler} is already stopping"),
                ));
            }
            tx.prepare_cached("UPDATE glue_crawls SET stopping = 1 WHERE id = ?1")?
                .execute([crawl.id])?;
            Ok(())
        }
        _ => Err(ServiceError::new(
            "CrawlerNotRunningException",
            format!("Crawler with name {crawler} is not running"),
        )),
    }
}

/// The id by which AWS's API names a crawl.
pub(super) fn crawl_id(c: &Connection, id: i64) -> Result<String, ServiceError> {
    let document: String = c
        .prepare_cached("SELECT document FROM glue_crawls WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    Ok(serde_json::from_str::<Record>(&document)?.crawl_id)
}

/// Whether a crawl has been asked to stop.
pub(super) fn is_stopping(c: &Connection, id: i64) -> Result<bool, ServiceError> {
    Ok(
        c.prepare_cached("SELECT stopping FROM glue_crawls WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?
            .unwrap_or(true),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crawl_whose_process_has_ended_has_failed_and_another_may_begin() {
        let dir = tempfile::tempdir().unwrap();
        let cloud = Cloud::open(dir.path()).unwrap();
        let (region, name) = ("eu-west-1", "c");
        cloud
            .store()
            .write(|tx| {
                tx.execute(
                    "INSERT INTO glue_crawlers VALUES (?1, ?2, '{}')",
                    [region, name],
                )?;
                begin(tx, &cloud, region, name)
            })
            .unwrap();
        let changes = Changes {
            tables_added: vec!["t".to_owned()],
            ..Changes::default()
        };
        cloud
            .store()
            .write(|tx| {
                let running = newest(tx, region, name)?.unwrap();
                note(tx, running.id, changes.clone())?;
                let running = newest(tx, region, name)?.unwrap();
                assert_eq!(running.changes(), &changes);
                assert!(!running.ended(&cloud));
                Ok(())
            })
            .unwrap();
        let busy = cloud
            .store()
            .write(|tx| begin(tx, &cloud, region, name))
            .unwrap_err();
        assert_eq!(busy.code, "CrawlerRunningException");
        cloud
            .store()
            .write(|tx| {
                tx.execute("UPDATE glue_crawls SET owner = 'gone'", [])?;
                let last = newest(tx, region, name)?.unwrap().as_last(&cloud);
                assert_eq!(last.status.as_deref(), Some("FAILED"));
                assert_eq!(last.error_message.as_deref(), Some(ORPHANED));
                let second = begin(tx, &cloud, region, name)?;
                let first = before(tx, region, name, second)?.unwrap();
                assert!(matches!(first.record.ending, Some(Ending::Failed(_))));
                assert_eq!(first.changes(), &changes);
                Ok(())
            })
            .unwrap();
    }
}
