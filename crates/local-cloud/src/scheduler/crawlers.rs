//! Glue's crawlers have schedules of their own, which are kept by the same clock.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::firing::LATE;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::cron::Cron;
use crate::error::ServiceError;
use crate::glue;

/// Starts the crawlers that are due, and says how many.
pub(super) async fn start_due(cloud: &Cloud, now: DateTime<Utc>) -> Result<usize, ServiceError> {
    let due = claim(cloud, now)?;
    let count = due.len();
    for (region, name) in due {
        let caller = Caller::root(&region);
        let input = serde_json::json!({ "Name": name });
        if let Err(error) = cloud.invoke(&caller, "glue", "StartCrawler", input).await {
            tracing::warn!(crawler = name, %error, "a crawler that is due does not start");
        }
    }
    Ok(count)
}

/// Moves every crawler that is due on to its next time, and gives those.
fn claim(cloud: &Cloud, now: DateTime<Utc>) -> Result<Vec<(String, String)>, ServiceError> {
    let scheduled = cloud.store().read(glue::scheduled_crawlers)?;
    if scheduled.is_empty() {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    let mut claimed = Vec::new();
    cloud.store().read(|c| {
        let mut statement = c.prepare_cached(
            "SELECT due FROM scheduler_crawlers WHERE region = ?1 AND name = ?2 AND expression = ?3",
        )?;
        for crawler in scheduled {
            let mut rows =
                statement.query((&crawler.region, &crawler.name, &crawler.expression))?;
            let due: Option<i64> = rows.next()?.map(|row| row.get(0)).transpose()?;
            if due.is_none_or(|due| due <= now.timestamp_millis()) {
                changes.push((crawler, due));
            }
        }
        Ok(())
    })?;
    if changes.is_empty() {
        return Ok(claimed);
    }
    cloud.store().write(|tx| {
        for (crawler, seen) in changes {
            let next = Cron::parse(&crawler.expression).and_then(|cron| cron.next(now, Tz::UTC));
            // A time that never comes again is due at the end of all times.
            let next = next.map_or(i64::MAX, |next| next.timestamp_millis());
            // Whoever changes the time that was seen has it.
            let changed = tx
                .prepare_cached(
                    "INSERT INTO scheduler_crawlers VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET expression = excluded.expression, due = excluded.due
                     WHERE expression <> excluded.expression OR due = ?5",
                )?
                .execute((
                    &crawler.region,
                    &crawler.name,
                    &crawler.expression,
                    next,
                    seen,
                ))?;
            let earliest = (now - LATE).timestamp_millis();
            if changed > 0 && seen.is_some_and(|due| due >= earliest) {
                claimed.push((crawler.region, crawler.name));
            }
        }
        Ok(())
    })?;
    Ok(claimed)
}
