//! Schedules: CreateSchedule, GetSchedule, ListSchedules, UpdateSchedule, DeleteSchedule.

use chrono::{DateTime, Duration, Utc};
use rand::RngExt as _;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::expression::{Expression, Times, zone};
use super::{DEFAULT_GROUP, conflict, groups, invalid, moment, not_found, page_size, target};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::scheduler::*;
use crate::paging;

/// A schedule, with AWS's defaults in place of what was not said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Schedule {
    pub region: String,
    pub group: String,
    pub name: String,
    pub description: Option<String>,
    pub expression: String,
    pub timezone: String,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    pub state: String,
    pub window: FlexibleTimeWindow,
    pub after_completion: String,
    pub kms_key_arn: Option<String>,
    pub target: Target,
    pub created: f64,
    pub modified: f64,
    /// The token that it was made with.
    pub token: Option<String>,
    /// The time of the expression that it fires for next; with a flexible window it fires later.
    pub scheduled: Option<Timestamp>,
}

pub(super) fn arn(caller: &Caller, group: &str, name: &str) -> String {
    format!(
        "arn:aws:scheduler:{}:{}:schedule/{group}/{name}",
        caller.region, caller.account
    )
}

impl Schedule {
    fn times(&self) -> Result<Times, ServiceError> {
        Ok(Times {
            expression: Expression::parse(&self.expression)?,
            zone: zone(Some(&self.timezone))?,
            created: moment(Timestamp(self.created)),
            start: self.start,
            end: self.end,
        })
    }

    /// Sets the time that it fires for next, and gives the moment that it fires at.
    pub fn advance(&mut self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ServiceError> {
        self.scheduled = None;
        if self.state != "ENABLED" {
            return Ok(None);
        }
        let Some(next) = self.times()?.next(after) else {
            return Ok(None);
        };
        self.scheduled = Some(Timestamp(next.timestamp_millis() as f64 / 1000.0));
        let window = self.window.maximum_window_in_minutes.unwrap_or(0);
        let seconds = i64::from(window) * 60;
        let late = if seconds > 0 {
            rand::rng().random_range(0..seconds)
        } else {
            0
        };
        Ok(Some(next + Duration::seconds(late)))
    }

    fn same_request(&self, other: &Self) -> bool {
        let timeless = |schedule: &Self| Self {
            created: 0.0,
            modified: 0.0,
            scheduled: None,
            ..schedule.clone()
        };
        timeless(self) == timeless(other)
    }
}

pub(super) fn find(
    c: &Connection,
    region: &str,
    group: &str,
    name: &str,
) -> Result<Option<Schedule>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached(
            "SELECT document FROM scheduler_schedules WHERE region = ?1 AND grp = ?2 AND name = ?3",
        )?
        .query_row((region, group, name), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

fn existing(
    c: &Connection,
    region: &str,
    group: &str,
    name: &str,
) -> Result<Schedule, ServiceError> {
    groups::existing(c, region, group)?;
    find(c, region, group, name)?
        .ok_or_else(|| not_found(format!("Schedule {name} does not exist.")))
}

pub(super) fn save(
    tx: &Transaction<'_>,
    schedule: &Schedule,
    due: Option<DateTime<Utc>>,
) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "INSERT INTO scheduler_schedules VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET document = excluded.document, due = excluded.due",
    )?
    .execute((
        &schedule.region,
        &schedule.group,
        &schedule.name,
        serde_json::to_string(schedule)?,
        due.map(|due| due.timestamp_millis()),
    ))?;
    Ok(())
}

pub(super) fn remove(
    tx: &Transaction<'_>,
    region: &str,
    group: &str,
    name: &str,
) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "DELETE FROM scheduler_schedules WHERE region = ?1 AND grp = ?2 AND name = ?3",
    )?
    .execute((region, group, name))?;
    Ok(())
}

/// The schedule that a request describes, once all of it is checked.
fn checked(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateScheduleInput,
) -> Result<Schedule, ServiceError> {
    Expression::parse(&input.schedule_expression)?;
    let timezone = input
        .schedule_expression_timezone
        .unwrap_or_else(|| "UTC".to_owned());
    zone(Some(&timezone))?;
    let window = input.flexible_time_window;
    match (window.mode.as_str(), window.maximum_window_in_minutes) {
        ("FLEXIBLE", None) => {
            return Err(invalid(
                "A flexible time window must have MaximumWindowInMinutes.",
            ));
        }
        ("OFF", Some(_)) => {
            return Err(invalid(
                "MaximumWindowInMinutes cannot be given for a flexible time window that is OFF.",
            ));
        }
        _ => {}
    }
    let now = Timestamp::now();
    if input
        .start_date
        .is_some_and(|start| start.0 < now.0 - 300.0)
    {
        return Err(invalid(
            "The StartDate you specify cannot be earlier than 5 minutes ago.",
        ));
    }
    if input.end_date.is_some_and(|end| end.0 < now.0) {
        return Err(invalid("The EndDate you specify must be in the future."));
    }
    if let (Some(start), Some(end)) = (input.start_date, input.end_date)
        && start.0 >= end.0
    {
        return Err(invalid("The StartDate must come before the EndDate."));
    }
    let group = input.group_name.unwrap_or_else(|| DEFAULT_GROUP.to_owned());
    let group_arn = groups::arn(caller, &group);
    let target = target::checked(cloud, caller, &group_arn, input.target)?;
    Ok(Schedule {
        region: caller.region.clone(),
        group,
        name: input.name,
        description: input.description,
        expression: input.schedule_expression,
        timezone,
        start: input.start_date,
        end: input.end_date,
        state: input.state.unwrap_or_else(|| "ENABLED".to_owned()),
        window,
        after_completion: input
            .action_after_completion
            .unwrap_or_else(|| "NONE".to_owned()),
        kms_key_arn: input.kms_key_arn,
        target,
        created: now.0,
        modified: now.0,
        token: input.client_token,
        scheduled: None,
    })
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateScheduleInput,
) -> Result<CreateScheduleOutput, ServiceError> {
    let mut schedule = checked(cloud, caller, input)?;
    let schedule_arn = arn(caller, &schedule.group, &schedule.name);
    cloud.store().write(|tx| {
        groups::existing(tx, &caller.region, &schedule.group)?;
        match find(tx, &caller.region, &schedule.group, &schedule.name)? {
            // The answer of the first call was lost.
            Some(there) if there.token.is_some() && there.same_request(&schedule) => Ok(()),
            Some(_) => Err(conflict(format!(
                "Schedule {} already exists.",
                schedule.name
            ))),
            None => {
                // A rate without a start begins at once.
                let just_before = moment(Timestamp(schedule.created)) - Duration::milliseconds(1);
                let due = schedule.advance(just_before)?;
                save(tx, &schedule, due)
            }
        }
    })?;
    Ok(CreateScheduleOutput { schedule_arn })
}

/// Replaces a schedule: what the request does not say is at its default then.
pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdateScheduleInput,
) -> Result<UpdateScheduleOutput, ServiceError> {
    let group = input.group_name.as_deref().unwrap_or(DEFAULT_GROUP);
    cloud
        .store()
        .read(|c| existing(c, &caller.region, group, &input.name))?;
    // The two requests have the same members.
    let mut schedule = checked(
        cloud,
        caller,
        serde_json::from_value(serde_json::to_value(&input)?)?,
    )?;
    let schedule_arn = arn(caller, &schedule.group, &schedule.name);
    cloud.store().write(|tx| {
        let there = existing(tx, &caller.region, &schedule.group, &schedule.name)?;
        schedule.created = there.created;
        schedule.token = there.token;
        let due = schedule.advance(Utc::now())?;
        save(tx, &schedule, due)
    })?;
    Ok(UpdateScheduleOutput { schedule_arn })
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetScheduleInput,
) -> Result<GetScheduleOutput, ServiceError> {
    let group = input.group_name.as_deref().unwrap_or(DEFAULT_GROUP);
    let schedule = cloud
        .store()
        .read(|c| existing(c, &caller.region, group, &input.name))?;
    Ok(GetScheduleOutput {
        arn: Some(arn(caller, &schedule.group, &schedule.name)),
        group_name: Some(schedule.group),
        name: Some(schedule.name),
        description: schedule.description,
        schedule_expression: Some(schedule.expression),
        schedule_expression_timezone: Some(schedule.timezone),
        start_date: schedule.start,
        end_date: schedule.end,
        state: Some(schedule.state),
        flexible_time_window: Some(schedule.window),
        action_after_completion: Some(schedule.after_completion),
        kms_key_arn: schedule.kms_key_arn,
        target: Some(schedule.target),
        creation_date: Some(Timestamp(schedule.created)),
        last_modification_date: Some(Timestamp(schedule.modified)),
    })
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListSchedulesInput,
) -> Result<ListSchedulesOutput, ServiceError> {
    let prefix = input.name_prefix.unwrap_or_default();
    let found: Vec<Schedule> = cloud.store().read(|c| {
        if let Some(group) = &input.group_name {
            groups::existing(c, &caller.region, group)?;
        }
        let mut statement = c.prepare_cached(
            "SELECT document FROM scheduler_schedules WHERE region = ?1 AND (?2 IS NULL OR grp = ?2) ORDER BY grp, name",
        )?;
        let rows = statement.query_map((&caller.region, &input.group_name), |row| {
            row.get::<_, String>(0)
        })?;
        let mut found = Vec::new();
        for document in rows {
            let schedule: Schedule = serde_json::from_str(&document?)?;
            let in_state = input.state.as_ref().is_none_or(|s| *s == schedule.state);
            if in_state && schedule.name.starts_with(&prefix) {
                found.push(schedule);
            }
        }
        Ok(found)
    })?;
    let (found, next) = paging::page(
        found,
        input.next_token.as_deref(),
        page_size(input.max_results),
        "ValidationException",
        |schedule| format!("{}\0{}", schedule.group, schedule.name),
    )?;
    Ok(ListSchedulesOutput {
        next_token: next,
        schedules: found
            .into_iter()
            .map(|schedule| ScheduleSummary {
                arn: Some(arn(caller, &schedule.group, &schedule.name)),
                group_name: Some(schedule.group),
                name: Some(schedule.name),
                state: Some(schedule.state),
                creation_date: Some(Timestamp(schedule.created)),
                last_modification_date: Some(Timestamp(schedule.modified)),
                target: Some(TargetSummary {
                    arn: schedule.target.arn,
                }),
            })
            .collect(),
    })
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteScheduleInput,
) -> Result<DeleteScheduleOutput, ServiceError> {
    let group = input.group_name.as_deref().unwrap_or(DEFAULT_GROUP);
    cloud.store().write(|tx| {
        existing(tx, &caller.region, group, &input.name)?;
        remove(tx, &caller.region, group, &input.name)
    })?;
    Ok(DeleteScheduleOutput {})
}
