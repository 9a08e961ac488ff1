//! A query's row in the store.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::invalid;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::athena::{AthenaError, ColumnInfo, QueryExecution, QueryExecutionStatus};

/// What is known of one query.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub execution: QueryExecution,
    /// The process that runs it.
    pub owner: String,
    /// The columns of its result; empty until it has one.
    pub columns: Vec<ColumnInfo>,
    /// The rows that an INSERT or CTAS wrote.
    pub update_count: Option<i64>,
}

impl Record {
    pub fn id(&self) -> &str {
        self.execution
            .query_execution_id
            .as_deref()
            .unwrap_or_default()
    }

    pub fn workgroup(&self) -> &str {
        self.execution.work_group.as_deref().unwrap_or("primary")
    }

    pub fn status(&mut self) -> &mut QueryExecutionStatus {
        self.execution.status.get_or_insert_default()
    }

    pub fn state(&self) -> &str {
        let status = self.execution.status.as_ref();
        status.and_then(|s| s.state.as_deref()).unwrap_or("QUEUED")
    }

    pub fn is_active(&self) -> bool {
        matches!(self.state(), "QUEUED" | "RUNNING")
    }

    /// `s3://…` of the file that the result is in.
    pub fn output_location(&self) -> &str {
        self.execution
            .result_configuration
            .as_ref()
            .and_then(|r| r.output_location.as_deref())
            .unwrap_or_default()
    }

    /// Whether two queries ask for the same in the same surroundings.
    pub fn is_same_request(&self, other: &Self) -> bool {
        let (a, b) = (&self.execution, &other.execution);
        a.query == b.query
            && a.query_execution_context == b.query_execution_context
            && a.execution_parameters == b.execution_parameters
            && a.work_group == b.work_group
    }

    fn columns_document(&self) -> Result<Option<String>, ServiceError> {
        if self.columns.is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::to_string(&self.columns)?))
    }

    /// Marks the query as ended.
    pub fn end(&mut self, state: &str, reason: Option<String>, error: Option<AthenaError>) {
        let status = self.status();
        status.state = Some(state.to_owned());
        status.state_change_reason = reason;
        status.athena_error = error;
        status.completion_date_time = Some(Timestamp::now());
    }
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    caller: &Caller,
    record: &Record,
    token: Option<&str>,
) -> Result<(), ServiceError> {
    tx.execute(
        "INSERT INTO athena_executions (region, id, workgroup, token, owner, state, document, columns, update_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            &caller.region,
            record.id(),
            record.workgroup(),
            token,
            &record.owner,
            record.state(),
            serde_json::to_string(&record.execution)?,
            record.columns_document()?,
            record.update_count,
        ),
    )?;
    Ok(())
}

/// The latest queries of a workgroup that have results, from the newest on.
pub(super) fn succeeded(
    c: &Connection,
    caller: &Caller,
    workgroup: &str,
    most: u32,
) -> Result<Vec<Record>, ServiceError> {
    let mut statement = c.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM athena_executions WHERE region = ?1 AND workgroup = ?2 AND state = 'SUCCEEDED' ORDER BY sequence DESC LIMIT ?3"
    ))?;
    let rows = statement.query_map((&caller.region, workgroup, most), row_of)?;
    rows.map(|row| record_of(row?)).collect()
}

/// The query that a request token stands for.
pub(super) fn by_token(
    c: &Connection,
    caller: &Caller,
    token: &str,
) -> Result<Option<Record>, ServiceError> {
    select(c, "WHERE region = ?1 AND token = ?2", &caller.region, token)
}

pub(super) fn find(
    c: &Connection,
    caller: &Caller,
    id: &str,
) -> Result<Option<Record>, ServiceError> {
    select(c, "WHERE region = ?1 AND id = ?2", &caller.region, id)
}

fn select(
    c: &Connection,
    condition: &str,
    region: &str,
    key: &str,
) -> Result<Option<Record>, ServiceError> {
    let row = c
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM athena_executions {condition}"
        ))?
        .query_row((region, key), row_of)
        .optional()?;
    row.map(record_of).transpose()
}

const COLUMNS: &str = "document, owner, columns, update_count";

type StoredRow = (String, String, Option<String>, Option<i64>);

fn row_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn record_of((document, owner, columns, update_count): StoredRow) -> Result<Record, ServiceError> {
    Ok(Record {
        execution: serde_json::from_str(&document)?,
        owner,
        columns: match columns {
            Some(columns) => serde_json::from_str(&columns)?,
            None => Vec::new(),
        },
        update_count,
    })
}

/// Changes a query that has not ended; gives whether it was so.
pub(super) fn change(
    cloud: &Cloud,
    caller: &Caller,
    id: &str,
    change: impl FnOnce(&mut Record),
) -> Result<bool, ServiceError> {
    cloud.store().write(|tx| {
        let Some(mut record) = find(tx, caller, id)?.filter(Record::is_active) else {
            return Ok(false);
        };
        change(&mut record);
        tx.prepare_cached("UPDATE athena_executions SET state = ?3, document = ?4, columns = ?5, update_count = ?6 WHERE region = ?1 AND id = ?2")?
            .execute((
                &caller.region,
                id,
                record.state(),
                serde_json::to_string(&record.execution)?,
                record.columns_document()?,
                record.update_count,
            ))?;
        Ok(true)
    })
}

/// The query of this id as it stands: one whose process is gone has failed.
pub(super) fn get(cloud: &Cloud, caller: &Caller, id: &str) -> Result<Record, ServiceError> {
    let read = || {
        cloud
            .store()
            .read(|c| find(c, caller, id))?
            .ok_or_else(|| missing(id))
    };
    let record = read()?;
    if !record.is_active() || cloud.store().lease_is_alive(&record.owner) {
        return Ok(record);
    }
    change(cloud, caller, id, |record| {
        let reason = "The process that ran this query ended before the query did.";
        record.end(
            "FAILED",
            Some(reason.to_owned()),
            Some(AthenaError {
                error_category: Some(1),
                error_type: Some(100),
                retryable: Some(true),
                error_message: Some(reason.to_owned()),
            }),
        );
    })?;
    read()
}

pub(super) fn missing(id: &str) -> ServiceError {
    invalid(format!("QueryExecution {id} was not found"))
}
