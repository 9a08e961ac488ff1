//! Log streams: CreateLogStream, DeleteLogStream, DescribeLogStreams.

use rusqlite::{Connection, Transaction};

use super::{exists, group_name, groups, invalid, no_stream, now};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::logs::*;
use crate::paging;

pub(super) fn is_there(
    c: &Connection,
    region: &str,
    group: &str,
    name: &str,
) -> Result<bool, ServiceError> {
    Ok(c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM logs_streams WHERE region = ?1 AND grp = ?2 AND name = ?3)",
    )?
    .query_row((region, group, name), |row| row.get(0))?)
}

pub(super) fn require(
    c: &Connection,
    region: &str,
    group: &str,
    name: &str,
) -> Result<(), ServiceError> {
    groups::existing(c, region, group)?;
    if is_there(c, region, group, name)? {
        return Ok(());
    }
    Err(no_stream())
}

pub(super) fn add(
    tx: &Transaction<'_>,
    region: &str,
    group: &str,
    name: &str,
) -> Result<(), ServiceError> {
    tx.prepare_cached("INSERT INTO logs_streams VALUES (?1, ?2, ?3, ?4)")?
        .execute((region, group, name, now()))?;
    Ok(())
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateLogStreamRequest,
) -> Result<(), ServiceError> {
    let (region, group, name) = (
        &caller.region,
        &input.log_group_name,
        &input.log_stream_name,
    );
    cloud.store().write(|tx| {
        groups::existing(tx, region, group)?;
        if is_there(tx, region, group, name)? {
            return Err(exists("log stream"));
        }
        add(tx, region, group, name)
    })
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteLogStreamRequest,
) -> Result<(), ServiceError> {
    let key = (
        &caller.region,
        &input.log_group_name,
        &input.log_stream_name,
    );
    cloud.store().write(|tx| {
        require(tx, key.0, key.1, key.2)?;
        for sql in [
            "DELETE FROM logs_events WHERE region = ?1 AND grp = ?2 AND stream = ?3",
            "DELETE FROM logs_streams WHERE region = ?1 AND grp = ?2 AND name = ?3",
        ] {
            tx.prepare_cached(sql)?.execute(key)?;
        }
        Ok(())
    })
}

pub(super) async fn describe(
    cloud: &Cloud,
    caller: &Caller,
    input: DescribeLogStreamsRequest,
) -> Result<DescribeLogStreamsResponse, ServiceError> {
    let group = group_name(caller, input.log_group_name, input.log_group_identifier)?;
    let by_time = input.order_by.as_deref() == Some("LastEventTime");
    if by_time && input.log_stream_name_prefix.is_some() {
        return Err(invalid(
            "Cannot order by LastEventTime with a logStreamNamePrefix.",
        ));
    }
    let mut streams: Vec<LogStream> = cloud.store().read(|c| {
        groups::existing(c, &caller.region, &group)?;
        let mut statement = c.prepare_cached(
            "SELECT s.name, s.created, min(e.timestamp), max(e.timestamp), max(e.ingested)
             FROM logs_streams s LEFT JOIN logs_events e ON e.region = s.region AND e.grp = s.grp AND e.stream = s.name
             WHERE s.region = ?1 AND s.grp = ?2 GROUP BY s.name, s.created ORDER BY s.name",
        )?;
        let rows = statement.query_map((&caller.region, &group), |row| {
            let name: String = row.get(0)?;
            Ok(LogStream {
                arn: Some(format!(
                    "{}:log-stream:{name}",
                    groups::arn(caller, &group)
                )),
                log_stream_name: Some(name),
                creation_time: row.get(1)?,
                first_event_timestamp: row.get(2)?,
                last_event_timestamp: row.get(3)?,
                last_ingestion_time: row.get(4)?,
                stored_bytes: Some(0),
                upload_sequence_token: None,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    })?;
    let prefix = input.log_stream_name_prefix.unwrap_or_default();
    streams.retain(|s| {
        s.log_stream_name
            .as_ref()
            .is_some_and(|n| n.starts_with(&prefix))
    });
    if by_time {
        streams.sort_by_key(|stream| stream.last_event_timestamp);
    }
    if input.descending == Some(true) {
        streams.reverse();
    }
    // The order may be any: a page begins at a place.
    let streams = streams.into_iter().enumerate().collect();
    let size = input.limit.and_then(|n| usize::try_from(n).ok());
    let (streams, next): (Vec<(usize, LogStream)>, _) = paging::page(
        streams,
        input.next_token.as_deref(),
        size.unwrap_or(50),
        "InvalidParameterException",
        |(place, _)| format!("{place:012}"),
    )?;
    Ok(DescribeLogStreamsResponse {
        log_streams: Some(streams.into_iter().map(|(_, stream)| stream).collect()),
        next_token: next,
    })
}
