//! Queries: started, looked at, listed, stopped.

use std::sync::Arc;

use athena_sql::Cancel;

use super::location::Location;
use super::permissions::on_workgroup;
use super::record::{self, Record};
use super::run::{self, Job};
use super::running::{Clock, Running};
use super::{DEFAULT_PAGE, invalid, page_size, result_reuse, workgroups};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::athena::{
    BatchGetQueryExecutionInput, BatchGetQueryExecutionOutput, GetQueryExecutionInput,
    GetQueryExecutionOutput, GetQueryRuntimeStatisticsInput, GetQueryRuntimeStatisticsOutput,
    ListQueryExecutionsInput, ListQueryExecutionsOutput, QueryExecution, QueryExecutionStatistics,
    QueryExecutionStatus, QueryRuntimeStatistics, QueryRuntimeStatisticsRows,
    QueryRuntimeStatisticsTimeline, ResultConfiguration, StartQueryExecutionInput,
    StartQueryExecutionOutput, StopQueryExecutionInput, StopQueryExecutionOutput,
    UnprocessedQueryExecutionId, WorkGroup,
};
use crate::paging;

/// Of a statement, in bytes; the model counts characters.
const LONGEST_QUERY: usize = 262_144;

pub async fn start(
    cloud: &Cloud,
    caller: &Caller,
    input: StartQueryExecutionInput,
) -> Result<StartQueryExecutionOutput, ServiceError> {
    if input.query_string.len() > LONGEST_QUERY {
        return Err(invalid(format!(
            "Query string is {} bytes long; at most {LONGEST_QUERY} are allowed.",
            input.query_string.len()
        )));
    }
    let name = input.work_group.as_deref().unwrap_or("primary");
    let group = cloud.store().read(|c| workgroups::find(c, caller, name))?;
    if group.state.as_deref() == Some("DISABLED") {
        return Err(invalid(format!("WorkGroup {name} is disabled.")));
    }
    let context = input.query_execution_context.clone().unwrap_or_default();
    if let Some(catalog) = context.catalog.as_deref()
        && !catalog.eq_ignore_ascii_case("awsdatacatalog")
    {
        return Err(invalid(format!("Catalog {catalog} was not found")));
    }
    let results = result_configuration(&group, input.result_configuration.as_ref())?;
    let output = results
        .output_location
        .as_deref()
        .and_then(Location::parse)
        .ok_or_else(|| invalid("outputLocation is not a valid S3 path."))?;
    output.verify(cloud, caller).await?;

    let id = uuid::Uuid::new_v4().to_string();
    let execution = QueryExecution {
        query_execution_id: Some(id.clone()),
        query: Some(input.query_string.clone()),
        result_configuration: Some(ResultConfiguration {
            output_location: Some(output.url(&id, run::expected_extension(&input.query_string))),
            ..results
        }),
        result_reuse_configuration: input.result_reuse_configuration.clone(),
        query_execution_context: Some(context.clone()),
        status: Some(QueryExecutionStatus {
            state: Some("QUEUED".to_owned()),
            submission_date_time: Some(Timestamp::now()),
            ..QueryExecutionStatus::default()
        }),
        statistics: Some(QueryExecutionStatistics::default()),
        work_group: Some(name.to_owned()),
        engine_version: group
            .configuration
            .as_ref()
            .and_then(|c| c.engine_version.clone()),
        execution_parameters: input.execution_parameters.clone(),
        ..QueryExecution::default()
    };
    let record = Record {
        execution,
        owner: cloud.store().lease().to_owned(),
        columns: Vec::new(),
        update_count: None,
    };
    let record = match result_reuse::reuse(cloud, caller, &record).await? {
        Some(ended) => ended,
        None => record,
    };
    // The token is looked for and taken in one transaction, so that of two equal calls at once
    // one starts the query and the other gets its id.
    let earlier = cloud.store().write(|tx| {
        if let Some(token) = &input.client_request_token
            && let Some(earlier) = record::by_token(tx, caller, token)?
        {
            return Ok(Some(earlier));
        }
        record::insert(tx, caller, &record, input.client_request_token.as_deref())?;
        Ok(None)
    })?;
    if let Some(earlier) = earlier {
        if !earlier.is_same_request(&record) {
            return Err(invalid("Idempotent parameters do not match"));
        }
        return Ok(StartQueryExecutionOutput {
            query_execution_id: earlier.execution.query_execution_id,
        });
    }

    if !record.is_active() {
        return Ok(StartQueryExecutionOutput {
            query_execution_id: Some(id),
        });
    }
    let output_is_enforced = is_enforced(&group);
    let scan_limit = group
        .configuration
        .and_then(|c| c.bytes_scanned_cutoff_per_query)
        .and_then(|limit| u64::try_from(limit).ok());
    let running = Running {
        cancel: Cancel::default(),
        clock: Arc::new(Clock::new()),
    };
    cloud.athena().add(&id, running.clone());
    cloud.spawn(run::run(Job {
        cloud: cloud.clone(),
        caller: caller.clone(),
        id: id.clone(),
        query: input.query_string,
        database: context.database.unwrap_or_else(|| "default".to_owned()),
        parameters: input.execution_parameters.unwrap_or_default(),
        workgroup: name.to_owned(),
        output,
        output_is_enforced,
        scan_limit,
        running,
    }));
    Ok(StartQueryExecutionOutput {
        query_execution_id: Some(id),
    })
}

/// Whether the workgroup's settings win over the caller's.
fn is_enforced(group: &WorkGroup) -> bool {
    let configuration = group.configuration.as_ref();
    configuration.and_then(|c| c.enforce_work_group_configuration) == Some(true)
}

/// Where the results go: as the workgroup says where it has the word, else as the call says.
fn result_configuration(
    group: &WorkGroup,
    given: Option<&ResultConfiguration>,
) -> Result<ResultConfiguration, ServiceError> {
    let configuration = group.configuration.as_ref();
    let of_group = configuration
        .and_then(|c| c.result_configuration.clone())
        .unwrap_or_default();
    let enforced = is_enforced(group);
    let chosen = match given {
        Some(given) if !enforced => {
            let mut chosen = given.clone();
            chosen.output_location = chosen.output_location.or(of_group.output_location);
            chosen
        }
        _ => of_group,
    };
    if chosen.output_location.as_deref().unwrap_or("").is_empty() {
        return Err(invalid(
            "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.",
        ));
    }
    Ok(chosen)
}

pub async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetQueryExecutionInput,
) -> Result<GetQueryExecutionOutput, ServiceError> {
    let record = record::get(cloud, caller, &input.query_execution_id)?;
    on_workgroup(cloud, caller, "GetQueryExecution", record.workgroup())?;
    Ok(GetQueryExecutionOutput {
        query_execution: Some(as_of_now(cloud, record)),
    })
}

pub async fn batch_get(
    cloud: &Cloud,
    caller: &Caller,
    input: BatchGetQueryExecutionInput,
) -> Result<BatchGetQueryExecutionOutput, ServiceError> {
    let (mut executions, mut unprocessed) = (vec![], vec![]);
    for id in input.query_execution_ids {
        match record::get(cloud, caller, &id) {
            Ok(record) => {
                on_workgroup(cloud, caller, "BatchGetQueryExecution", record.workgroup())?;
                executions.push(as_of_now(cloud, record));
            }
            Err(error) if error.status < 500 => unprocessed.push(UnprocessedQueryExecutionId {
                query_execution_id: Some(id),
                error_code: Some("INVALID_INPUT".to_owned()),
                error_message: Some(error.message),
            }),
            Err(error) => return Err(error),
        }
    }
    Ok(BatchGetQueryExecutionOutput {
        query_executions: Some(executions),
        unprocessed_query_execution_ids: Some(unprocessed),
    })
}

/// A query as it stands, with the statistics of this moment while it runs here.
fn as_of_now(cloud: &Cloud, record: Record) -> QueryExecution {
    let running = cloud.athena().find(record.id());
    let is_active = record.is_active();
    let mut execution = record.execution;
    if let Some(running) = running.filter(|_| is_active) {
        execution.statistics = Some(running.clock.statistics());
    }
    execution
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListQueryExecutionsInput,
) -> Result<ListQueryExecutionsOutput, ServiceError> {
    let workgroup = input.work_group.as_deref().unwrap_or("primary");
    let before = match &input.next_token {
        Some(token) => paging::key(token, "InvalidRequestException")?
            .parse::<i64>()
            .map_err(|_| invalid("The pagination token is not valid."))?,
        None => i64::MAX,
    };
    let size = page_size(input.max_results, DEFAULT_PAGE);
    let mut rows = cloud.store().read(|c| {
        workgroups::find(c, caller, workgroup)?;
        let mut statement = c.prepare_cached(
            "SELECT sequence, id FROM athena_executions WHERE region = ?1 AND workgroup = ?2 AND sequence < ?3 ORDER BY sequence DESC LIMIT ?4",
        )?;
        let limit = i64::try_from(size + 1).unwrap_or(i64::MAX);
        let rows = statement.query_map((&caller.region, workgroup, before, limit), |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    })?;
    let has_more = rows.len() > size;
    rows.truncate(size);
    let next_token = rows
        .last()
        .filter(|_| has_more)
        .map(|(sequence, _)| paging::token(&sequence.to_string()));
    Ok(ListQueryExecutionsOutput {
        query_execution_ids: Some(rows.into_iter().map(|(_, id)| id).collect()),
        next_token,
    })
}

pub async fn stop(
    cloud: &Cloud,
    caller: &Caller,
    input: StopQueryExecutionInput,
) -> Result<StopQueryExecutionOutput, ServiceError> {
    let id = &input.query_execution_id;
    let record = record::get(cloud, caller, id)?;
    on_workgroup(cloud, caller, "StopQueryExecution", record.workgroup())?;
    let running = cloud.athena().find(id);
    // What another process runs ends when that process next looks at the state.
    record::change(cloud, caller, id, |record| {
        if let Some(running) = &running {
            record.execution.statistics = Some(running.clock.statistics());
        }
        let reason = "Query cancelled by user";
        record.end("CANCELLED", Some(reason.to_owned()), None);
    })?;
    if let Some(running) = running {
        running.cancel.cancel();
    }
    Ok(StopQueryExecutionOutput::default())
}

pub async fn runtime_statistics(
    cloud: &Cloud,
    caller: &Caller,
    input: GetQueryRuntimeStatisticsInput,
) -> Result<GetQueryRuntimeStatisticsOutput, ServiceError> {
    let record = record::get(cloud, caller, &input.query_execution_id)?;
    on_workgroup(
        cloud,
        caller,
        "GetQueryRuntimeStatistics",
        record.workgroup(),
    )?;
    let statistics = as_of_now(cloud, record).statistics.unwrap_or_default();
    Ok(GetQueryRuntimeStatisticsOutput {
        query_runtime_statistics: Some(QueryRuntimeStatistics {
            timeline: Some(QueryRuntimeStatisticsTimeline {
                query_queue_time_in_millis: statistics.query_queue_time_in_millis,
                service_pre_processing_time_in_millis: statistics
                    .service_pre_processing_time_in_millis,
                query_planning_time_in_millis: statistics.query_planning_time_in_millis,
                engine_execution_time_in_millis: statistics.engine_execution_time_in_millis,
                service_processing_time_in_millis: statistics.service_processing_time_in_millis,
                total_execution_time_in_millis: statistics.total_execution_time_in_millis,
            }),
            rows: Some(QueryRuntimeStatisticsRows {
                input_bytes: statistics.data_scanned_in_bytes,
                ..QueryRuntimeStatisticsRows::default()
            }),
            output_stage: None,
        }),
    })
}
