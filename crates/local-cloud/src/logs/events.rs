//! Log events: PutLogEvents, GetLogEvents, FilterLogEvents.

use rusqlite::{Connection, Transaction};

use super::filter::Pattern;
use super::{group_name, groups, invalid, now, streams};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::logs::*;
use crate::paging;

const DAY: i64 = 86_400_000;
/// Older events, and those that are further ahead, are rejected.
const OLDEST: i64 = 14 * DAY;
const AHEAD: i64 = 2 * 3_600_000;
const MOST: usize = 10_000;

/// An event as it is kept.
struct Event {
    id: i64,
    stream: String,
    timestamp: i64,
    ingested: i64,
    message: String,
}

fn insert(
    tx: &Transaction<'_>,
    region: &str,
    group: &str,
    stream: &str,
    events: &[InputLogEvent],
) -> Result<(), ServiceError> {
    let ingested = now();
    let mut statement = tx.prepare_cached(
        "INSERT INTO logs_events (region, grp, stream, timestamp, ingested, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for event in events {
        statement.execute((
            region,
            group,
            stream,
            event.timestamp,
            ingested,
            &event.message,
        ))?;
    }
    Ok(())
}

/// Writes what a service of the cloud tells its log; the stream is made with its first event.
/// Without the group nothing is written, and that is said.
pub(crate) fn write(
    tx: &Transaction<'_>,
    region: &str,
    group: &str,
    stream: &str,
    events: &[(i64, String)],
) -> Result<(), ServiceError> {
    groups::existing(tx, region, group)?;
    if !streams::is_there(tx, region, group, stream)? {
        streams::add(tx, region, group, stream)?;
    }
    let events: Vec<InputLogEvent> = events
        .iter()
        .map(|(timestamp, message)| InputLogEvent {
            timestamp: *timestamp,
            message: message.clone(),
        })
        .collect();
    insert(tx, region, group, stream, &events)
}

pub(super) async fn put(
    cloud: &Cloud,
    caller: &Caller,
    input: PutLogEventsRequest,
) -> Result<PutLogEventsResponse, ServiceError> {
    let (region, group, stream) = (
        &caller.region,
        &input.log_group_name,
        &input.log_stream_name,
    );
    let events = &input.log_events;
    if events
        .windows(2)
        .any(|two| two[0].timestamp > two[1].timestamp)
    {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let rejected = cloud.store().write(|tx| {
        streams::require(tx, region, group, stream)?;
        let kept_for = groups::existing(tx, region, group)?.retention_in_days;
        let now = now();
        let expired = kept_for.map(|days| now - i64::from(days) * DAY);
        // They are in order: what is too old is before the rest, what is too new behind it.
        let before = |moment: i64| events.partition_point(|event| event.timestamp < moment);
        let too_old = before(now - OLDEST);
        let gone = expired.map_or(0, before);
        let too_new = before(now + AHEAD);
        let first = too_old.max(gone).min(too_new);
        insert(tx, region, group, stream, &events[first..too_new])?;
        if let Some(expired) = expired {
            tx.prepare_cached(
                "DELETE FROM logs_events WHERE region = ?1 AND grp = ?2 AND timestamp < ?3",
            )?
            .execute((region, group, expired))?;
        }
        let end = |count: usize| (count > 0).then(|| i32::try_from(count).unwrap_or(i32::MAX));
        let rejected = RejectedLogEventsInfo {
            too_old_log_event_end_index: end(too_old),
            expired_log_event_end_index: end(gone),
            too_new_log_event_start_index: (too_new < events.len())
                .then(|| i32::try_from(too_new).unwrap_or(i32::MAX)),
        };
        Ok((rejected != RejectedLogEventsInfo::default()).then_some(rejected))
    })?;
    Ok(PutLogEventsResponse {
        // Tokens are no longer looked at, and still given.
        next_sequence_token: Some(format!("{:056}", now())),
        rejected_log_events_info: rejected,
        rejected_entity_info: None,
    })
}

/// The events of a group, or of one stream of it, in the order of their times.
fn between(
    c: &Connection,
    (region, group, stream): (&str, &str, Option<&str>),
    start: Option<i64>,
    end: Option<i64>,
) -> Result<Vec<Event>, ServiceError> {
    let mut statement = c.prepare_cached(
        "SELECT id, stream, timestamp, ingested, message FROM logs_events
         WHERE region = ?1 AND grp = ?2 AND (?3 IS NULL OR stream = ?3) AND timestamp >= ?4 AND timestamp < ?5
         ORDER BY timestamp, id",
    )?;
    let rows = statement.query_map(
        (
            region,
            group,
            stream,
            start.unwrap_or(0),
            end.unwrap_or(i64::MAX),
        ),
        |row| {
            Ok(Event {
                id: row.get(0)?,
                stream: row.get(1)?,
                timestamp: row.get(2)?,
                ingested: row.get(3)?,
                message: row.get(4)?,
            })
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Events of one stream. A token is a place in them and the way from there.
pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetLogEventsRequest,
) -> Result<GetLogEventsResponse, ServiceError> {
    let group = group_name(caller, input.log_group_name, input.log_group_identifier)?;
    let stream = &input.log_stream_name;
    let mut events = cloud.store().read(|c| {
        streams::require(c, &caller.region, &group, stream)?;
        let place = (
            caller.region.as_str(),
            group.as_str(),
            Some(stream.as_str()),
        );
        between(c, place, input.start_time, input.end_time)
    })?;
    let limit = input
        .limit
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(MOST);
    let count = events.len();
    let (first, last) = match &input.next_token {
        Some(token) => {
            let bad = || invalid("The specified nextToken is invalid.");
            let (way, place) = token.split_once('/').ok_or_else(bad)?;
            let place = place.parse::<usize>().map_err(|_| bad())?.min(count);
            match way {
                "f" => (place, (place + limit).min(count)),
                "b" => (place.saturating_sub(limit), place),
                _ => return Err(bad()),
            }
        }
        None if input.start_from_head == Some(true) => (0, limit.min(count)),
        None => (count.saturating_sub(limit), count),
    };
    Ok(GetLogEventsResponse {
        next_forward_token: Some(format!("f/{last:056}")),
        next_backward_token: Some(format!("b/{first:056}")),
        events: Some(
            events
                .drain(first..last)
                .map(|event| OutputLogEvent {
                    timestamp: Some(event.timestamp),
                    message: Some(event.message),
                    ingestion_time: Some(event.ingested),
                })
                .collect(),
        ),
    })
}

/// Events of a group that match a pattern.
pub(super) async fn filter(
    cloud: &Cloud,
    caller: &Caller,
    input: FilterLogEventsRequest,
) -> Result<FilterLogEventsResponse, ServiceError> {
    let group = group_name(caller, input.log_group_name, input.log_group_identifier)?;
    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
    let mut events = cloud.store().read(|c| {
        groups::existing(c, &caller.region, &group)?;
        let place = (caller.region.as_str(), group.as_str(), None);
        between(c, place, input.start_time, input.end_time)
    })?;
    events.retain(|event| {
        let named = input.log_stream_names.as_ref();
        let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
        named.is_none_or(|names| names.contains(&event.stream))
            && event.stream.starts_with(prefix)
            && pattern.matches(&event.message)
    });
    let limit = input.limit.and_then(|n| usize::try_from(n).ok());
    let (events, next) = paging::page(
        events,
        input.next_token.as_deref(),
        limit.unwrap_or(MOST),
        "InvalidParameterException",
        |event| format!("{:020}{:020}", event.timestamp, event.id),
    )?;
    Ok(FilterLogEventsResponse {
        next_token: next,
        searched_log_streams: Some(Vec::new()),
        events: Some(
            events
                .into_iter()
                .map(|event| FilteredLogEvent {
                    log_stream_name: Some(event.stream),
                    timestamp: Some(event.timestamp),
                    message: Some(event.message),
                    ingestion_time: Some(event.ingested),
                    event_id: Some(format!("{:056}", event.id)),
                })
                .collect(),
        ),
    })
}
