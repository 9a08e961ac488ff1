//! What a crawl tells its log: the group `/aws-glue/crawlers`, a stream for each crawler, and the
//! crawl's id before every line.
//!
//! It is written under the crawler's role, which needs the permissions for it, as on AWS.
//! Source: AWS Glue developer guide, "Crawler logging"; the lines are AWS's where AWS has them.

use std::fmt::Display;

use ::crawler::Advice;
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::glue::crawls::LOG_GROUP;

/// What PutLogEvents takes at most.
const EVENTS: usize = 10_000;
/// What is kept before it is written.
const PENDING: usize = 1000;

/// The log of one crawl. Nothing is written before [`Log::open`].
pub(super) struct Log {
    crawler: String,
    crawl_id: String,
    /// Times in milliseconds since the epoch, and lines.
    pending: Mutex<Vec<(i64, String)>>,
    role: Mutex<Option<Caller>>,
}

impl Log {
    pub fn new(crawler: &str, crawl_id: &str) -> Self {
        Self {
            crawler: crawler.to_owned(),
            crawl_id: crawl_id.to_owned(),
            pending: Mutex::default(),
            role: Mutex::default(),
        }
    }

    /// Makes the group and the stream where they are not there; fails with the message of
    /// `LastCrawl`.
    pub async fn open(&self, cloud: &Cloud, role: &Caller) -> Result<(), String> {
        let group = json!({"logGroupName": LOG_GROUP});
        let stream = json!({"logGroupName": LOG_GROUP, "logStreamName": self.crawler});
        for (operation, input) in [("CreateLogGroup", group), ("CreateLogStream", stream)] {
            match cloud.invoke(role, "logs", operation, input).await {
                Err(error) if error.code != "ResourceAlreadyExistsException" => {
                    return Err(refused(&error));
                }
                _ => {}
            }
        }
        *self.role.lock() = Some(role.clone());
        self.benchmark(format!("Running Start Crawl for Crawler {}", self.crawler));
        self.flush(cloud).await.map_err(|error| refused(&error))
    }

    pub fn benchmark(&self, message: impl Display) {
        self.line("BENCHMARK", message);
    }

    pub fn info(&self, message: impl Display) {
        self.line("INFO", message);
    }

    pub fn warn(&self, message: impl Display) {
        self.line("WARN", message);
    }

    pub fn error(&self, message: impl Display) {
        self.line("ERROR", message);
    }

    /// What is worth knowing of tables, in AWS's words where a log of its crawlers is known to have
    /// them.
    pub fn advise(&self, advice: &Advice) {
        match advice {
            Advice::SeveralTablesInFolder { location, tables } => self.warn(format!(
                "Multiple tables are found under location {location}: {}",
                tables.join(", ")
            )),
            other => self.warn(other),
        }
    }

    fn line(&self, level: &str, message: impl Display) {
        let mut pending = self.pending.lock();
        // Events are taken in the order of their times alone, and a clock may be set back.
        let last = pending.last().map_or(0, |(time, _)| *time);
        let time = chrono::Utc::now().timestamp_millis().max(last);
        pending.push((time, format!("[{}] {level} : {message}", self.crawl_id)));
    }

    /// Writes lines once there are many. A crawl goes on without its log.
    pub async fn flush_some(&self, cloud: &Cloud) {
        let is_many = self.pending.lock().len() >= PENDING;
        if is_many && let Err(error) = self.flush(cloud).await {
            tracing::warn!(crawler = self.crawler, %error, "the log of a crawl cannot be written");
        }
    }

    /// Writes what was not written yet.
    pub async fn flush(&self, cloud: &Cloud) -> Result<(), ServiceError> {
        let Some(role) = self.role.lock().clone() else {
            return Ok(());
        };
        let events = std::mem::take(&mut *self.pending.lock());
        let event = |(time, line): &(i64, String)| json!({"timestamp": time, "message": line});
        for batch in events.chunks(EVENTS) {
            let batch: Vec<Value> = batch.iter().map(event).collect();
            let input = json!({
                "logGroupName": LOG_GROUP, "logStreamName": self.crawler, "logEvents": batch,
            });
            cloud.invoke(&role, "logs", "PutLogEvents", input).await?;
        }
        Ok(())
    }
}

fn refused(error: &ServiceError) -> String {
    format!(
        "{} (Service: AWSLogs; Status Code: {}; Error Code: {})",
        error.message, error.status, error.code
    )
}
