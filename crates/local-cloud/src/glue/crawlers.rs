//! Crawlers: what they crawl, and how.

use rusqlite::Connection;

use super::errors;
use crate::error::ServiceError;

/// Fails when there is no crawler of this name.
pub(super) fn require(c: &Connection, region: &str, name: &str) -> Result<(), ServiceError> {
    let there: bool = c
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM glue_crawlers WHERE region = ?1 AND name = ?2)",
        )?
        .query_row([region, name], |row| row.get(0))?;
    if there { Ok(()) } else { Err(no_crawler(name)) }
}

pub(super) fn no_crawler(name: &str) -> ServiceError {
    errors::not_found(format!("Crawler entry with name {name} does not exist"))
}
