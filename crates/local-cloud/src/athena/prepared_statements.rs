//! Prepared statements of a workgroup.

use rusqlite::{Connection, OptionalExtension};

use super::{DEFAULT_PAGE, invalid, page_size, workgroups};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::athena::{
    BatchGetPreparedStatementInput, BatchGetPreparedStatementOutput, CreatePreparedStatementInput,
    CreatePreparedStatementOutput, DeletePreparedStatementInput, DeletePreparedStatementOutput,
    GetPreparedStatementInput, GetPreparedStatementOutput, ListPreparedStatementsInput,
    ListPreparedStatementsOutput, PreparedStatement, PreparedStatementSummary,
    UnprocessedPreparedStatementName, UpdatePreparedStatementInput, UpdatePreparedStatementOutput,
};
use crate::paging;

pub async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreatePreparedStatementInput,
) -> Result<CreatePreparedStatementOutput, ServiceError> {
    let statement = PreparedStatement {
        statement_name: Some(input.statement_name.clone()),
        query_statement: Some(input.query_statement),
        work_group_name: Some(input.work_group.clone()),
        description: input.description,
        last_modified_time: Some(Timestamp::now()),
    };
    cloud.store().write(|tx| {
        workgroups::find(tx, caller, &input.work_group)?;
        if find(tx, caller, &input.work_group, &input.statement_name)?.is_some() {
            return Err(invalid(format!(
                "Prepared Statement {} already exists in WorkGroup {}",
                input.statement_name, input.work_group
            )));
        }
        put(tx, caller, &statement)
    })?;
    Ok(CreatePreparedStatementOutput::default())
}

pub async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetPreparedStatementInput,
) -> Result<GetPreparedStatementOutput, ServiceError> {
    let found = cloud.store().read(|c| {
        workgroups::find(c, caller, &input.work_group)?;
        find(c, caller, &input.work_group, &input.statement_name)
    })?;
    let statement = found.ok_or_else(|| missing(&input.work_group, &input.statement_name))?;
    Ok(GetPreparedStatementOutput {
        prepared_statement: Some(statement),
    })
}

pub async fn batch_get(
    cloud: &Cloud,
    caller: &Caller,
    input: BatchGetPreparedStatementInput,
) -> Result<BatchGetPreparedStatementOutput, ServiceError> {
    let (mut statements, mut unprocessed) = (vec![], vec![]);
    for name in input.prepared_statement_names {
        match cloud
            .store()
            .read(|c| find(c, caller, &input.work_group, &name))?
        {
            Some(statement) => statements.push(statement),
            None => unprocessed.push(UnprocessedPreparedStatementName {
                error_message: Some(missing(&input.work_group, &name).message),
                error_code: Some("STATEMENT_NOT_FOUND".to_owned()),
                statement_name: Some(name),
            }),
        }
    }
    Ok(BatchGetPreparedStatementOutput {
        prepared_statements: Some(statements),
        unprocessed_prepared_statement_names: Some(unprocessed),
    })
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListPreparedStatementsInput,
) -> Result<ListPreparedStatementsOutput, ServiceError> {
    let all = cloud.store().read(|c| {
        workgroups::find(c, caller, &input.work_group)?;
        let mut statement = c.prepare_cached("SELECT document FROM athena_prepared_statements WHERE region = ?1 AND workgroup = ?2 ORDER BY name")?;
        let rows = statement.query_map((&caller.region, &input.work_group), |row| row.get::<_, String>(0))?;
        let mut all = vec![];
        for row in rows {
            all.push(serde_json::from_str::<PreparedStatement>(&row?)?);
        }
        Ok(all)
    })?;
    let (page, next_token) = paging::page(
        all,
        input.next_token.as_deref(),
        page_size(input.max_results, DEFAULT_PAGE),
        "InvalidRequestException",
        |s| s.statement_name.clone().unwrap_or_default(),
    )?;
    let summaries = page.into_iter().map(|s| PreparedStatementSummary {
        statement_name: s.statement_name,
        last_modified_time: s.last_modified_time,
    });
    Ok(ListPreparedStatementsOutput {
        prepared_statements: Some(summaries.collect()),
        next_token,
    })
}

pub async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdatePreparedStatementInput,
) -> Result<UpdatePreparedStatementOutput, ServiceError> {
    cloud.store().write(|tx| {
        let mut statement = find(tx, caller, &input.work_group, &input.statement_name)?
            .ok_or_else(|| missing(&input.work_group, &input.statement_name))?;
        statement.query_statement = Some(input.query_statement);
        statement.description = input.description;
        statement.last_modified_time = Some(Timestamp::now());
        put(tx, caller, &statement)
    })?;
    Ok(UpdatePreparedStatementOutput::default())
}

pub async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeletePreparedStatementInput,
) -> Result<DeletePreparedStatementOutput, ServiceError> {
    cloud
        .store()
        .write(|tx| remove(tx, caller, &input.work_group, &input.statement_name))?;
    Ok(DeletePreparedStatementOutput::default())
}

/// The statement of this name, where there is one.
pub(super) fn find(
    c: &Connection,
    caller: &Caller,
    workgroup: &str,
    name: &str,
) -> Result<Option<PreparedStatement>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM athena_prepared_statements WHERE region = ?1 AND workgroup = ?2 AND name = ?3")?
        .query_row((&caller.region, workgroup, name), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

/// Writes a statement, over the one of its name.
pub(super) fn put(
    c: &Connection,
    caller: &Caller,
    statement: &PreparedStatement,
) -> Result<(), ServiceError> {
    c.execute(
        "INSERT INTO athena_prepared_statements VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET document = excluded.document",
        (
            &caller.region,
            &statement.work_group_name,
            &statement.statement_name,
            serde_json::to_string(statement)?,
        ),
    )?;
    Ok(())
}

/// Removes a statement, which has to be there.
pub(super) fn remove(
    c: &Connection,
    caller: &Caller,
    workgroup: &str,
    name: &str,
) -> Result<(), ServiceError> {
    let gone = c.execute(
        "DELETE FROM athena_prepared_statements WHERE region = ?1 AND workgroup = ?2 AND name = ?3",
        (&caller.region, workgroup, name),
    )?;
    match gone {
        0 => Err(missing(workgroup, name)),
        _ => Ok(()),
    }
}

fn missing(workgroup: &str, name: &str) -> ServiceError {
    ServiceError::new(
        "ResourceNotFoundException",
        format!("PreparedStatement {name} was not found in workGroup {workgroup}"),
    )
    .with("ResourceName", name)
}
