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

/// A place in the order of events: before the first whose time and id are not less.
type Place = (i64, i64);

/// The digits of a token's two numbers, which are 56 together, as those of AWS's are.
const TIME_DIGITS: usize = 26;
const ID_DIGITS: usize = 30;

/// The places that events of a request's times are between.
fn between(start: Option<i64>, end: Option<i64>) -> (Place, Place) {
    ((start.unwrap_or(0), 0), (end.unwrap_or(i64::MAX), 0))
}

/// The order of the events of a stream is that of its index; those of a group are sorted.
fn select(has_stream: bool, latest_first: bool) -> String {
    let of_stream = if has_stream { "AND stream = ?3" } else { "" };
    let order = if latest_first { "DESC" } else { "ASC" };
    format!(
        "SELECT id FROM logs_events WHERE region = ?1 AND grp = ?2 {of_stream}
         AND (timestamp, id) >= (?4, ?5) AND (timestamp, id) < (?6, ?7)
         ORDER BY timestamp {order}, id {order}"
    )
}

/// Reads the events of a group, or of one stream of it, between two places and in the order of their
/// times, for as long as `go_on` asks for more.
fn each(
    c: &Connection,
    (region, group, stream): (&str, &str, Option<&str>),
    (from, to): (Place, Place),
    latest_first: bool,
    mut go_on: impl FnMut(Event) -> bool,
) -> Result<(), ServiceError> {
    let mut ids = c.prepare_cached(&select(stream.is_some(), latest_first))?;
    // Apart from what is sorted, so that no more messages are read than are asked for.
    let mut one = c.prepare_cached(
        "SELECT id, stream, timestamp, ingested, message FROM logs_events WHERE id = ?1",
    )?;
    let mut rows = ids.query((region, group, stream, from.0, from.1, to.0, to.1))?;
    while let Some(row) = rows.next()? {
        let event = one.query_row([row.get::<_, i64>(0)?], |row| {
            Ok(Event {
                id: row.get(0)?,
                stream: row.get(1)?,
                timestamp: row.get(2)?,
                ingested: row.get(3)?,
                message: row.get(4)?,
            })
        })?;
        if !go_on(event) {
            break;
        }
    }
    Ok(())
}

/// The way from a place in a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Forward,
    Backward,
}

/// The token of a way and a place: `f/` or `b/` and 56 digits.
fn token(way: Way, (timestamp, id): Place) -> String {
    let way = if way == Way::Forward { "f" } else { "b" };
    format!("{way}/{timestamp:0TIME_DIGITS$}{id:0ID_DIGITS$}")
}

fn parse_token(token: &str) -> Option<(Way, Place)> {
    let (way, place) = token.split_once('/')?;
    let way = match way {
        "f" => Way::Forward,
        "b" => Way::Backward,
        _ => return None,
    };
    let (timestamp, id) = place.split_at_checked(TIME_DIGITS)?;
    Some((way, (timestamp.parse().ok()?, id.parse().ok()?)))
}

/// Events of one stream. A token is a place in them and the way from there.
pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetLogEventsRequest,
) -> Result<GetLogEventsResponse, ServiceError> {
    let group = group_name(caller, input.log_group_name, input.log_group_identifier)?;
    let stream = &input.log_stream_name;
    let (start, end) = between(input.start_time, input.end_time);
    let given = match input.next_token.as_deref() {
        Some(token) => {
            Some(parse_token(token).ok_or_else(|| invalid("The specified nextToken is invalid."))?)
        }
        None => None,
    };
    let (way, place) = match given {
        Some(given) => given,
        None if input.start_from_head == Some(true) => (Way::Forward, start),
        None => (Way::Backward, end),
    };
    let span = match way {
        Way::Forward => (start.max(place), end),
        Way::Backward => (start, end.min(place)),
    };
    let limit = input.limit.and_then(|n| usize::try_from(n).ok());
    let limit = limit.unwrap_or(MOST);
    let mut events = Vec::new();
    cloud.store().read(|c| {
        streams::require(c, &caller.region, &group, stream)?;
        let of = (caller.region.as_str(), group.as_str(), Some(&**stream));
        each(c, of, span, way == Way::Backward, |event| {
            events.push(event);
            events.len() < limit
        })
    })?;
    if way == Way::Backward {
        events.reverse();
    }
    // Where there is nothing yet, what comes is ahead of the place.
    let here = given.map_or(start, |(_, place)| place);
    let first = events.first().map_or(here, |e| (e.timestamp, e.id));
    let behind = events.last().map_or(here, |e| (e.timestamp, e.id + 1));
    Ok(GetLogEventsResponse {
        next_forward_token: Some(token(Way::Forward, behind)),
        next_backward_token: Some(token(Way::Backward, first)),
        events: Some(
            events
                .into_iter()
                .map(|event| OutputLogEvent {
                    timestamp: Some(event.timestamp),
                    message: Some(event.message),
                    ingestion_time: Some(event.ingested),
                })
                .collect(),
        ),
    })
}

/// The key of an event in the tokens of FilterLogEvents.
fn key(event: &Event) -> String {
    format!("{:020}{:020}", event.timestamp, event.id)
}

fn parse_key(key: &str) -> Option<Place> {
    let (timestamp, id) = key.split_at_checked(20)?;
    Some((timestamp.parse().ok()?, id.parse().ok()?))
}

/// Events of a group that match a pattern.
pub(super) async fn filter(
    cloud: &Cloud,
    caller: &Caller,
    input: FilterLogEventsRequest,
) -> Result<FilterLogEventsResponse, ServiceError> {
    let group = group_name(caller, input.log_group_name, input.log_group_identifier)?;
    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
    let (mut from, to) = between(input.start_time, input.end_time);
    if let Some(token) = &input.next_token {
        const CODE: &str = "InvalidParameterException";
        let place = parse_key(&paging::key(token, CODE)?)
            .ok_or_else(|| ServiceError::new(CODE, "The pagination token is not valid."))?;
        from = from.max(place);
    }
    let names = input.log_stream_names.as_deref();
    let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
    let passes = |event: &Event| {
        names.is_none_or(|names| names.contains(&event.stream))
            && event.stream.starts_with(prefix)
            && pattern.matches(&event.message)
    };
    let only = match names {
        Some([name]) => Some(name.as_str()),
        _ => None,
    };
    let limit = input.limit.and_then(|n| usize::try_from(n).ok());
    let limit = limit.unwrap_or(MOST);
    let (mut events, mut next) = (Vec::new(), None);
    cloud.store().read(|c| {
        groups::existing(c, &caller.region, &group)?;
        let of = (caller.region.as_str(), group.as_str(), only);
        each(c, of, (from, to), false, |event| {
            if !passes(&event) {
                return true;
            }
            if events.len() == limit {
                next = Some(paging::token(&key(&event)));
                return false;
            }
            events.push(event);
            true
        })
    })?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_a_way_and_a_place() {
        let place = (1_790_000_000_123, 42);
        for way in [Way::Forward, Way::Backward] {
            let token = token(way, place);
            assert_eq!(token.len(), 58);
            assert!(parse_token(&token) == Some((way, place)));
        }
        for no_token in ["", "f/", "x/1", "f/é", "f/123456789012345678901234567890x"] {
            assert!(parse_token(no_token).is_none(), "{no_token}");
        }
    }

    #[test]
    fn the_events_of_a_stream_are_read_in_the_order_of_its_index() {
        let c = Connection::open_in_memory().unwrap();
        c.execute_batch(super::super::SCHEMA).unwrap();
        let plan = |sql: &str| -> Vec<String> {
            let mut explain = c.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let none: [Option<i64>; 7] = [None; 7];
            let rows = explain.query_map(none, |row| row.get(3)).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        };
        for latest_first in [false, true] {
            let plan = plan(&select(true, latest_first)).join("; ");
            assert!(plan.contains("stream=? AND timestamp>?"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
        assert!(plan(&select(false, false))[0].contains("COVERING INDEX"));
    }
}
