//! ResultReuseByAge: an earlier result of the same query in place of running it again.

use object_store::path::Path;
use object_store::{GetOptions, ObjectStore};

use super::location;
use super::record::{self, Record};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::athena::{QueryExecutionStatistics, ResultReuseInformation};
use crate::s3::BucketStore;

/// Of the workgroup's queries, how many are looked through from the newest on.
const LOOKED_AT: u32 = 200;
/// Minutes, where the request names no age.
const DEFAULT_AGE: i32 = 60;

/// The query's record as it ends at once, when there is an earlier result that it may have.
pub(super) async fn reuse(
    cloud: &Cloud,
    caller: &Caller,
    query: &Record,
) -> Result<Option<Record>, ServiceError> {
    let wanted = query
        .execution
        .result_reuse_configuration
        .as_ref()
        .and_then(|r| r.result_reuse_by_age_configuration.as_ref())
        .filter(|by_age| by_age.enabled);
    let Some(by_age) = wanted else {
        return Ok(None);
    };
    let minutes = by_age.max_age_in_minutes.unwrap_or(DEFAULT_AGE);
    let oldest = Timestamp::now().0 - f64::from(minutes) * 60.0;
    let candidates = cloud
        .store()
        .read(|c| record::succeeded(c, caller, query.workgroup(), LOOKED_AT))?;
    for earlier in candidates {
        let completed = earlier
            .execution
            .status
            .as_ref()
            .and_then(|s| s.completion_date_time);
        let is_recent = completed.is_some_and(|at| at.0 >= oldest);
        let is_select = earlier.execution.statement_type.as_deref() == Some("DML")
            && earlier.output_location().ends_with(".csv");
        if is_recent
            && is_select
            && earlier.is_same_request(query)
            && is_readable(cloud, caller, earlier.output_location()).await
        {
            return Ok(Some(ended_with(query, earlier)));
        }
    }
    Ok(None)
}

/// Whether the result is still there, and the caller's to read.
async fn is_readable(cloud: &Cloud, caller: &Caller, url: &str) -> bool {
    let Some((bucket, key)) = location::split(url) else {
        return false;
    };
    let Ok(key) = Path::parse(key) else {
        return false;
    };
    let options = GetOptions {
        head: true,
        ..GetOptions::default()
    };
    BucketStore::new(cloud.clone(), caller.clone(), bucket)
        .get_opts(&key, options)
        .await
        .is_ok()
}

fn ended_with(query: &Record, earlier: Record) -> Record {
    let mut record = query.clone();
    record.execution.result_configuration = earlier.execution.result_configuration;
    record.execution.statement_type = earlier.execution.statement_type;
    record.execution.substatement_type = earlier.execution.substatement_type;
    record.execution.statistics = Some(QueryExecutionStatistics {
        data_scanned_in_bytes: Some(0),
        engine_execution_time_in_millis: Some(0),
        total_execution_time_in_millis: Some(0),
        result_reuse_information: Some(ResultReuseInformation {
            reused_previous_result: true,
        }),
        ..QueryExecutionStatistics::default()
    });
    record.columns = earlier.columns;
    record.update_count = earlier.update_count;
    record.end("SUCCEEDED", None, None);
    record
}
