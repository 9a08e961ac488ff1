//! Partitions, one by one and listed.

use rusqlite::Connection;

use super::errors::{self, check_catalog};
use super::expression::{Expression, Step};
use super::partition_store::{self, Reader, Writer};
use super::tables::{self, StoredTable};
use super::{folded, page_size, start};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 1000;

/// The table that the partitions of a request belong to.
pub(super) fn table(
    c: &Connection,
    caller: &Caller,
    database: &str,
    name: &str,
) -> Result<StoredTable, ServiceError> {
    tables::existing(c, &caller.region, &folded(database), &folded(name))
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    request: CreatePartitionRequest,
) -> Result<CreatePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let table = table(tx, caller, &request.database_name, &request.table_name)?;
        Writer::new(tx, &table)?.insert(request.partition_input)
    })?;
    Ok(CreatePartitionResponse {})
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    request: GetPartitionRequest,
) -> Result<GetPartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let partition = cloud.store().read(|c| {
        let table = table(c, caller, &request.database_name, &request.table_name)?;
        partition_store::check_values(&table.table, &request.partition_values)?;
        partition_store::find(c, &table, &request.partition_values)?
            .ok_or_else(errors::no_partition)
    })?;
    Ok(GetPartitionResponse {
        partition: Some(partition),
    })
}

pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    request: UpdatePartitionRequest,
) -> Result<UpdatePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let table = table(tx, caller, &request.database_name, &request.table_name)?;
        Writer::new(tx, &table)?.replace(&request.partition_value_list, request.partition_input)
    })?;
    Ok(UpdatePartitionResponse {})
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    request: DeletePartitionRequest,
) -> Result<DeletePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    cloud.store().write(|tx| {
        let table = table(tx, caller, &request.database_name, &request.table_name)?;
        Writer::new(tx, &table)?.remove(&request.partition_values)
    })?;
    Ok(DeletePartitionResponse {})
}

/// Whether the key of a partition is in a segment: each is in one of them, wherever it is listed.
fn in_segment(key: &[u8], segment: &Segment) -> bool {
    // FNV-1a: the same in every process that gives a page of the listing.
    let hash = key.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash % u64::from(segment.total_segments.cast_unsigned())
        == u64::from(segment.segment_number.cast_unsigned())
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    request: GetPartitionsRequest,
) -> Result<GetPartitionsResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    if request.transaction_id.is_some() {
        return Err(errors::not_implemented("governed tables"));
    }
    if let Some(segment) = &request.segment
        && segment.segment_number >= segment.total_segments
    {
        return Err(errors::invalid_input(
            "SegmentNumber must be less than TotalSegments.",
        ));
    }
    let from = match start(request.next_token.as_deref())? {
        Some(key) => hex::decode(key)
            .map_err(|_| errors::invalid_input("The pagination token is not valid."))?,
        None => Vec::new(),
    };
    let size = page_size(request.max_results, PAGE);
    let (partitions, next) = cloud.store().read(|c| {
        let table = table(c, caller, &request.database_name, &request.table_name)?;
        let keys = table.table.partition_keys.as_deref().unwrap_or_default();
        let expression = request
            .expression
            .as_deref()
            .filter(|e| !e.trim().is_empty())
            .map(|e| Expression::parse(e, keys))
            .transpose()?;
        let (ids, next) = page(
            c,
            table.id,
            from,
            expression.as_ref(),
            request.segment.as_ref(),
            size,
        )?;
        let mut reader = Reader::new(c, &table)?;
        reader.with_columns = request.exclude_column_schema != Some(true);
        let partitions: Vec<Partition> = ids
            .into_iter()
            .map(|id| reader.read(id))
            .collect::<Result<_, _>>()?;
        Ok((partitions, next))
    })?;
    Ok(GetPartitionsResponse {
        partitions: Some(partitions),
        next_token: next.map(|key| paging::token(&hex::encode(key))),
    })
}

/// How many keys are read on to where a walk is to go on before the index is asked for the place.
const NEAR: usize = 8;
/// Where that was in vain the index is asked at once, and every so many times reading on is tried
/// again.
const TRIED: usize = 16;

/// Walks over the index from a key on: the partitions of a page, and the key of the next. Where
/// the expression says that none passes before some key, the walk goes on there.
fn page(
    c: &Connection,
    table: i64,
    mut from: Vec<u8>,
    expression: Option<&Expression>,
    segment: Option<&Segment>,
    size: usize,
) -> Result<(Vec<i64>, Option<Vec<u8>>), ServiceError> {
    let mut scan = c.prepare_cached(
        "SELECT id, key FROM glue_partitions WHERE table_id = ?1 AND key >= ?2 ORDER BY key",
    )?;
    let mut found = Vec::new();
    // How often the index was asked since reading on led to the place.
    let mut asked = 0_usize;
    'walk: loop {
        let near = if asked.is_multiple_of(TRIED) { NEAR } else { 0 };
        let mut rows = scan.query((table, &from))?;
        let mut passed_by = 0;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            if key < &from[..] {
                passed_by += 1;
                if passed_by > near {
                    asked += 1;
                    continue 'walk;
                }
                continue;
            }
            if passed_by > 0 {
                (asked, passed_by) = (0, 0);
            }
            match expression.map_or(Ok(Step::Take), |e| e.step(key))? {
                Step::Take if segment.is_some_and(|s| !in_segment(key, s)) => {}
                Step::Take if found.len() == size => return Ok((found, Some(key.to_vec()))),
                Step::Take => found.push(row.get(0)?),
                Step::SkipTo(next) => {
                    from = next;
                    if near == 0 {
                        asked += 1;
                        continue 'walk;
                    }
                }
                Step::End => break,
            }
        }
        return Ok((found, None));
    }
}
