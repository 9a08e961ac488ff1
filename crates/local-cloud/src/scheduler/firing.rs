//! Schedules firing while the cloud is served.
//!
//! A schedule's row says when it is due. Whoever moves that on, in one transaction, fires it: of
//! several processes that serve a store, one. Times at which nobody served are not made up.

use std::convert::Infallible;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::schedules::{self, Schedule};
use super::{crawlers, moment, target};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::scheduler::Target;

/// How often it is looked for what is due.
const TICK: Duration = Duration::from_secs(1);
/// AWS fires within a minute; what is later than that was missed.
pub(super) const LATE: chrono::Duration = chrono::Duration::seconds(60);
/// The longest wait before an invocation is tried again.
const LONGEST_WAIT_SECONDS: i64 = 300;

/// One call of a target, until it is done or given up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Invocation {
    pub id: String,
    pub region: String,
    pub schedule_arn: String,
    /// The time of the expression.
    pub scheduled: Timestamp,
    /// How often it has been tried.
    pub attempt: i32,
    pub target: Target,
}

/// Fires what is due, until the future is dropped.
pub(crate) async fn run(cloud: &Cloud) -> Infallible {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = tick(cloud, Utc::now()).await {
            tracing::error!(%error, "schedules cannot be looked at");
        }
    }
}

/// Fires what is due at this moment, schedules and crawlers. The calls of the targets run in the
/// background; says how many there are.
pub async fn tick(cloud: &Cloud, now: DateTime<Utc>) -> Result<usize, ServiceError> {
    let crawlers = crawlers::start_due(cloud, now).await?;
    Ok(crawlers + fire_schedules(cloud, now)?)
}

fn fire_schedules(cloud: &Cloud, now: DateTime<Utc>) -> Result<usize, ServiceError> {
    let is_due: bool = cloud.store().read(|c| {
        Ok(c.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM scheduler_schedules WHERE due <= ?1)
                 OR EXISTS (SELECT 1 FROM scheduler_invocations WHERE due <= ?1)",
        )?
        .query_row([now.timestamp_millis()], |row| row.get(0))?)
    })?;
    if !is_due {
        return Ok(0);
    }
    claim_schedules(cloud, now)?;
    let invocations = claim_invocations(cloud, now)?;
    let count = invocations.len();
    for invocation in invocations {
        let of_task = cloud.clone();
        cloud.spawn(async move { invoke(&of_task, invocation, now).await });
    }
    Ok(count)
}

/// Moves every schedule that is due on to its next time, and leaves an invocation for this one.
fn claim_schedules(cloud: &Cloud, now: DateTime<Utc>) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        let due: Vec<(i64, String)> = {
            let mut statement = tx.prepare_cached(
                "SELECT due, document FROM scheduler_schedules WHERE due <= ?1 ORDER BY due",
            )?;
            let rows = statement.query_map([now.timestamp_millis()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            rows.collect::<Result<_, _>>()?
        };
        for (due, document) in due {
            let mut schedule: Schedule = serde_json::from_str(&document)?;
            let mut due = DateTime::from_timestamp_millis(due);
            if let Some(missed) = due.filter(|due| now - *due > LATE) {
                tracing::warn!(
                    schedule = schedule.name,
                    "the time {missed} was missed: nobody served the cloud"
                );
                due = schedule.advance(now - LATE)?;
            }
            if due.is_some_and(|due| due <= now)
                && let Some(scheduled) = schedule.scheduled
            {
                let caller = Caller::root(&schedule.region);
                let invocation = Invocation {
                    id: uuid::Uuid::new_v4().to_string(),
                    region: schedule.region.clone(),
                    schedule_arn: schedules::arn(&caller, &schedule.group, &schedule.name),
                    scheduled,
                    attempt: 0,
                    target: schedule.target.clone(),
                };
                keep(tx, &invocation, now, None)?;
                due = schedule.advance(moment(scheduled))?;
            }
            let next = due;
            if next.is_none() && schedule.after_completion == "DELETE" {
                schedules::remove(tx, &schedule.region, &schedule.group, &schedule.name)?;
            } else {
                schedules::save(tx, &schedule, next)?;
            }
        }
        Ok(())
    })
}

fn keep(
    tx: &rusqlite::Transaction<'_>,
    invocation: &Invocation,
    due: DateTime<Utc>,
    owner: Option<&str>,
) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO scheduler_invocations VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET due = excluded.due, owner = excluded.owner, document = excluded.document",
    )?
    .execute((
        &invocation.id,
        due.timestamp_millis(),
        owner,
        serde_json::to_string(invocation)?,
    ))?;
    Ok(())
}

fn forget(cloud: &Cloud, id: &str) -> Result<(), ServiceError> {
    cloud.store().write(|tx| {
        tx.prepare_cached("DELETE FROM scheduler_invocations WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    })
}

/// Takes the invocations that are due and that no living process has.
fn claim_invocations(cloud: &Cloud, now: DateTime<Utc>) -> Result<Vec<Invocation>, ServiceError> {
    let store = cloud.store();
    store.write(|tx| {
        let due: Vec<(Option<String>, String)> = {
            let mut statement = tx.prepare_cached(
                "SELECT owner, document FROM scheduler_invocations WHERE due <= ?1 ORDER BY due",
            )?;
            let rows = statement.query_map([now.timestamp_millis()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            rows.collect::<Result<_, _>>()?
        };
        let mut claimed = Vec::new();
        for (owner, document) in due {
            if owner.is_some_and(|owner| store.lease_is_alive(&owner)) {
                continue;
            }
            let invocation: Invocation = serde_json::from_str(&document)?;
            keep(tx, &invocation, now, Some(store.lease()))?;
            claimed.push(invocation);
        }
        Ok(claimed)
    })
}

/// Calls the target, and keeps what failed for another try, where one may help.
async fn invoke(cloud: &Cloud, mut invocation: Invocation, now: DateTime<Utc>) {
    let settled = match target::call(cloud, &invocation).await {
        Ok(()) => forget(cloud, &invocation.id),
        Err(error) => {
            let (most, oldest) = target::retries(&invocation.target);
            invocation.attempt += 1;
            let wait = (1_i64 << invocation.attempt.clamp(0, 10)).min(LONGEST_WAIT_SECONDS);
            let again = now + chrono::Duration::seconds(wait);
            let age = again - moment(invocation.scheduled);
            let schedule = &invocation.schedule_arn;
            if may_pass(&error)
                && invocation.attempt <= most
                && age <= chrono::Duration::seconds(oldest.into())
            {
                tracing::warn!(schedule, %error, "a target is tried again");
                cloud.store().write(|tx| keep(tx, &invocation, again, None))
            } else {
                tracing::error!(schedule, target = invocation.target.arn, %error, "a target is given up");
                forget(cloud, &invocation.id)
            }
        }
    };
    if let Err(error) = settled {
        tracing::error!(invocation = invocation.id, %error, "an invocation cannot be written");
    }
}

/// Whether another try may go well: AWS gives up at once where a permission or the target lacks.
fn may_pass(error: &ServiceError) -> bool {
    (error.status >= 500 && error.code != "UnsupportedOperation")
        || error.code.starts_with("Throttling")
        || error.code == "TooManyRequestsException"
}
