//! Named queries: statements kept in a workgroup.

use rusqlite::{Connection, OptionalExtension};

use super::permissions::on_workgroup;
use super::{DEFAULT_PAGE, invalid, page_size, workgroups};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::athena::{
    BatchGetNamedQueryInput, BatchGetNamedQueryOutput, CreateNamedQueryInput,
    CreateNamedQueryOutput, DeleteNamedQueryInput, DeleteNamedQueryOutput, GetNamedQueryInput,
    GetNamedQueryOutput, ListNamedQueriesInput, ListNamedQueriesOutput, NamedQuery,
    UnprocessedNamedQueryId, UpdateNamedQueryInput, UpdateNamedQueryOutput,
};
use crate::paging;

pub async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateNamedQueryInput,
) -> Result<CreateNamedQueryOutput, ServiceError> {
    let workgroup = input.work_group.unwrap_or_else(|| "primary".to_owned());
    // A request token makes the call idempotent: the same token names the same query.
    let id = match &input.client_request_token {
        Some(token) => {
            use md5::Digest;
            let digest: [u8; 16] = md5::Md5::digest(format!("{workgroup}\n{token}")).into();
            uuid::Builder::from_md5_bytes(digest)
                .into_uuid()
                .to_string()
        }
        None => uuid::Uuid::new_v4().to_string(),
    };
    let query = NamedQuery {
        name: input.name,
        description: input.description,
        database: input.database,
        query_string: input.query_string,
        named_query_id: Some(id.clone()),
        work_group: Some(workgroup.clone()),
    };
    cloud.store().write(|tx| {
        workgroups::find(tx, caller, &workgroup)?;
        if let Some(made) = find(tx, caller, &id)? {
            return if made == query {
                Ok(())
            } else {
                Err(invalid("Idempotent parameters do not match"))
            };
        }
        tx.execute(
            "INSERT INTO athena_named_queries VALUES (?1, ?2, ?3, ?4)",
            (
                &caller.region,
                &id,
                &workgroup,
                serde_json::to_string(&query)?,
            ),
        )?;
        Ok(())
    })?;
    Ok(CreateNamedQueryOutput {
        named_query_id: Some(id),
    })
}

pub async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetNamedQueryInput,
) -> Result<GetNamedQueryOutput, ServiceError> {
    let query = cloud
        .store()
        .read(|c| find(c, caller, &input.named_query_id))?
        .ok_or_else(|| missing(&input.named_query_id))?;
    on_workgroup(cloud, caller, "GetNamedQuery", workgroup_of(&query))?;
    Ok(GetNamedQueryOutput {
        named_query: Some(query),
    })
}

pub async fn batch_get(
    cloud: &Cloud,
    caller: &Caller,
    input: BatchGetNamedQueryInput,
) -> Result<BatchGetNamedQueryOutput, ServiceError> {
    let (mut queries, mut unprocessed) = (vec![], vec![]);
    for id in input.named_query_ids {
        match cloud.store().read(|c| find(c, caller, &id))? {
            Some(query) => {
                on_workgroup(cloud, caller, "BatchGetNamedQuery", workgroup_of(&query))?;
                queries.push(query);
            }
            None => unprocessed.push(UnprocessedNamedQueryId {
                error_message: Some(missing(&id).message),
                error_code: Some("INVALID_INPUT".to_owned()),
                named_query_id: Some(id),
            }),
        }
    }
    Ok(BatchGetNamedQueryOutput {
        named_queries: Some(queries),
        unprocessed_named_query_ids: Some(unprocessed),
    })
}

pub async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: ListNamedQueriesInput,
) -> Result<ListNamedQueriesOutput, ServiceError> {
    let workgroup = input.work_group.as_deref().unwrap_or("primary");
    let ids = cloud.store().read(|c| {
        workgroups::find(c, caller, workgroup)?;
        let mut statement = c.prepare_cached(
            "SELECT id FROM athena_named_queries WHERE region = ?1 AND workgroup = ?2 ORDER BY id",
        )?;
        let rows = statement.query_map((&caller.region, workgroup), |row| row.get(0))?;
        Ok(rows.collect::<Result<Vec<String>, _>>()?)
    })?;
    let (ids, next_token) = paging::page(
        ids,
        input.next_token.as_deref(),
        page_size(input.max_results, DEFAULT_PAGE),
        "InvalidRequestException",
        Clone::clone,
    )?;
    Ok(ListNamedQueriesOutput {
        named_query_ids: Some(ids),
        next_token,
    })
}

pub async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdateNamedQueryInput,
) -> Result<UpdateNamedQueryOutput, ServiceError> {
    let id = &input.named_query_id;
    let mut query = cloud
        .store()
        .read(|c| find(c, caller, id))?
        .ok_or_else(|| missing(id))?;
    on_workgroup(cloud, caller, "UpdateNamedQuery", workgroup_of(&query))?;
    query.name = input.name;
    query.query_string = input.query_string;
    query.description = input.description;
    cloud.store().write(|tx| {
        tx.execute(
            "UPDATE athena_named_queries SET document = ?3 WHERE region = ?1 AND id = ?2",
            (&caller.region, id, serde_json::to_string(&query)?),
        )?;
        Ok(())
    })?;
    Ok(UpdateNamedQueryOutput::default())
}

pub async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteNamedQueryInput,
) -> Result<DeleteNamedQueryOutput, ServiceError> {
    let id = &input.named_query_id;
    let query = cloud
        .store()
        .read(|c| find(c, caller, id))?
        .ok_or_else(|| missing(id))?;
    on_workgroup(cloud, caller, "DeleteNamedQuery", workgroup_of(&query))?;
    cloud.store().write(|tx| {
        tx.execute(
            "DELETE FROM athena_named_queries WHERE region = ?1 AND id = ?2",
            (&caller.region, id),
        )?;
        Ok(())
    })?;
    Ok(DeleteNamedQueryOutput::default())
}

fn find(c: &Connection, caller: &Caller, id: &str) -> Result<Option<NamedQuery>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM athena_named_queries WHERE region = ?1 AND id = ?2")?
        .query_row((&caller.region, id), |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

fn workgroup_of(query: &NamedQuery) -> &str {
    query.work_group.as_deref().unwrap_or("primary")
}

fn missing(id: &str) -> ServiceError {
    invalid(format!("NamedQuery {id} was not found"))
}
