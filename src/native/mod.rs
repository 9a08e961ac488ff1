//! Crawling in this process: the crate `crawler` looks at the data through the SDK's S3 client, and
//! tables and partitions are written into the Glue catalog through the SDK's Glue client, as Glue's
//! own crawler writes them.
//!
//! [`look`] reads the data, [`plan`] compares it with the catalog and changes nothing, and
//! [`write`](write::write) carries the plan out.

mod entries;
mod fitting;
mod known;
mod lake_targets;
pub mod new_partitions;
mod partitions;
pub mod plan;
pub mod s3;
pub mod settings;
pub mod write;

use crawler::catalog::Rules;
use crawler::{Crawled, Memory, Progress, Target};

use crate::cloud::Cloud;
use crate::resource::CallError;
pub use known::KnownFolders;
pub use plan::Plan;

/// A crawl that is to be made.
#[derive(Debug)]
pub struct Job {
    pub database: String,
    pub targets: Vec<Target>,
    pub options: crawler::Options,
    pub rules: Rules,
    /// Of a crawl of new folders alone: those that are not new.
    pub known: Option<KnownFolders>,
}

/// The mark of tables that were crawled without a crawler.
pub const NAMELESS: &str = "athglue";

/// Why a native crawl is not made, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Call(#[from] CallError),
    /// The data cannot be read.
    #[error("{0}")]
    Data(String),
    #[error("{0}")]
    Refused(String),
}

impl From<crawler::Error> for Error {
    fn from(error: crawler::Error) -> Self {
        Self::Data(why(&error))
    }
}

/// Why data cannot be read, each thing said once: the place, and S3's own words where it is S3 that
/// refused.
pub fn why(error: &crawler::Error) -> String {
    if let crawler::Error::Store { location, source } = error {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(source);
        while let Some(one) = cause {
            if let Some(call) = one.downcast_ref::<CallError>() {
                return format!("{location}: {call}");
            }
            cause = one.source();
        }
    }
    error.to_string()
}

/// Reads the data of a job.
pub async fn look(
    job: &Job,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Crawled, Error> {
    let memory = job.known.as_ref().map(|known| known as &dyn Memory);
    let found = crawler::recrawl(&job.targets, &job.options, memory, progress).await?;
    // A crawl of new folders makes no table.
    if job.known.is_none() {
        let configuration = &job.rules.configuration;
        configuration
            .check_threshold(found.tables.len())
            .map_err(Error::Refused)?;
    }
    Ok(found)
}

/// Compares what was found with the catalog.
pub async fn plan(cloud: &Cloud, job: &Job, found: &Crawled) -> Result<Plan, Error> {
    plan::plan(cloud, job, found).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_s3_refused_is_said_once() {
        let call = CallError::here("ListObjectsV2", "there is no such bucket");
        let path = "s3://none/".to_owned();
        let source = object_store::Error::NotFound {
            path: path.clone(),
            source: Box::new(call),
        };
        let location = path;
        let error = crawler::Error::Store { location, source };
        let said = format!("{:#}", anyhow::Error::from(Error::from(error)));
        assert_eq!(said.matches("no such bucket").count(), 1, "{said}");
        assert!(said.starts_with("s3://none/: ListObjectsV2"), "{said}");
    }
}
