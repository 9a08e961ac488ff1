//! The schedule of a crawler. Whoever serves the cloud starts the crawlers that are due.

use super::crawlers::{self, StoredCrawler};
use super::cron;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;

/// A crawler that runs by itself.
pub(crate) struct ScheduledCrawler {
    pub region: String,
    pub name: String,
    pub expression: String,
}

/// Every crawler whose schedule is on.
pub(crate) fn scheduled(c: &rusqlite::Connection) -> Result<Vec<ScheduledCrawler>, ServiceError> {
    let mut statement = c.prepare_cached(
        "SELECT region, name, document ->> '$.crawler.Schedule.ScheduleExpression' FROM glue_crawlers
         WHERE document ->> '$.crawler.Schedule.State' = 'SCHEDULED'",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(ScheduledCrawler {
            region: row.get(0)?,
            name: row.get(1)?,
            expression: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn change(
    cloud: &Cloud,
    caller: &Caller,
    name: &str,
    f: impl FnOnce(&mut StoredCrawler) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let mut stored = crawlers::existing(tx, &caller.region, name)?;
        f(&mut stored)?;
        crawlers::save(tx, &caller.region, &stored)
    })
}

/// Sets the state of a schedule, or fails with `code` when it is that already.
fn set_state(
    stored: &mut StoredCrawler,
    state: &str,
    code: &str,
    message: &str,
) -> Result<(), ServiceError> {
    let name = stored.name().to_owned();
    let Some(schedule) = &mut stored.crawler.schedule else {
        return Err(ServiceError::new(
            "NoScheduleException",
            format!("There is no schedule for crawler {name}"),
        ));
    };
    if schedule.state.as_deref() == Some(state) {
        return Err(ServiceError::new(
            code,
            format!("Crawler {name}: {message}"),
        ));
    }
    schedule.state = Some(state.to_owned());
    Ok(())
}

pub(super) async fn start(
    cloud: &Cloud,
    caller: &Caller,
    request: StartCrawlerScheduleRequest,
) -> Result<StartCrawlerScheduleResponse, ServiceError> {
    change(cloud, caller, &request.crawler_name, |stored| {
        set_state(
            stored,
            "SCHEDULED",
            "SchedulerRunningException",
            "the schedule is already running",
        )
    })?;
    Ok(StartCrawlerScheduleResponse {})
}

pub(super) async fn stop(
    cloud: &Cloud,
    caller: &Caller,
    request: StopCrawlerScheduleRequest,
) -> Result<StopCrawlerScheduleResponse, ServiceError> {
    change(cloud, caller, &request.crawler_name, |stored| {
        set_state(
            stored,
            "NOT_SCHEDULED",
            "SchedulerNotRunningException",
            "the schedule is not running",
        )
    })?;
    Ok(StopCrawlerScheduleResponse {})
}

pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    request: UpdateCrawlerScheduleRequest,
) -> Result<UpdateCrawlerScheduleResponse, ServiceError> {
    let expression = request.schedule.filter(|s| !s.is_empty());
    if let Some(expression) = &expression {
        cron::check(expression)?;
    }
    change(cloud, caller, &request.crawler_name, |stored| {
        stored.crawler.schedule = expression.map(|expression| Schedule {
            schedule_expression: Some(expression),
            state: Some("SCHEDULED".to_owned()),
        });
        Ok(())
    })?;
    Ok(UpdateCrawlerScheduleResponse {})
}
