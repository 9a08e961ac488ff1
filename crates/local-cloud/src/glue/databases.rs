//! Databases.

use rusqlite::{Connection, OptionalExtension};

use super::errors::{self, check_catalog};
use super::{attributes, folded, page_size, start};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;

/// The database of this name, which is folded already.
pub(super) fn find(
    c: &Connection,
    region: &str,
    name: &str,
) -> Result<Option<Database>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached("SELECT document FROM glue_databases WHERE region = ?1 AND name = ?2")?
        .query_row([region, name], |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

/// Fails when there is no database of this name, which is folded already.
pub(super) fn require(c: &Connection, region: &str, name: &str) -> Result<(), ServiceError> {
    let there: bool = c
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM glue_databases WHERE region = ?1 AND name = ?2)",
        )?
        .query_row([region, name], |row| row.get(0))?;
    if there {
        Ok(())
    } else {
        Err(errors::no_database(name))
    }
}

fn database_of(input: DatabaseInput, created: Option<Timestamp>, account: &str) -> Database {
    // What Lake Formation gives to new tables, where it is not set up.
    let everyone = || {
        vec![PrincipalPermissions {
            principal: Some(DataLakePrincipal {
                data_lake_principal_identifier: Some("IAM_ALLOWED_PRINCIPALS".to_owned()),
            }),
            permissions: Some(vec!["ALL".to_owned()]),
        }]
    };
    Database {
        name: folded(&input.name),
        description: input.description,
        location_uri: input.location_uri,
        parameters: input.parameters,
        create_time: created,
        create_table_default_permissions: Some(
            input
                .create_table_default_permissions
                .unwrap_or_else(everyone),
        ),
        target_database: input.target_database,
        catalog_id: Some(account.to_owned()),
        federated_database: input.federated_database,
    }
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    input: CreateDatabaseRequest,
) -> Result<CreateDatabaseResponse, ServiceError> {
    check_catalog(input.catalog_id.as_deref(), &caller.account)?;
    let database = database_of(
        input.database_input,
        Some(Timestamp::now()),
        &caller.account,
    );
    cloud.store().write(|tx| {
        let made = tx
            .prepare_cached(
                "INSERT INTO glue_databases VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute((
                &caller.region,
                &database.name,
                serde_json::to_string(&database)?,
            ))?;
        if made == 0 {
            return Err(errors::already_exists("Database already exists."));
        }
        let arn = super::permissions::database_arn(caller, &database.name);
        super::tags::add(tx, &arn, &input.tags.unwrap_or_default())
    })?;
    Ok(CreateDatabaseResponse {})
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    input: GetDatabaseRequest,
) -> Result<GetDatabaseResponse, ServiceError> {
    check_catalog(input.catalog_id.as_deref(), &caller.account)?;
    let name = folded(&input.name);
    let database = cloud.store().read(|c| find(c, &caller.region, &name))?;
    Ok(GetDatabaseResponse {
        database: Some(database.ok_or_else(|| errors::no_database(&name))?),
    })
}

pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    input: GetDatabasesRequest,
) -> Result<GetDatabasesResponse, ServiceError> {
    check_catalog(input.catalog_id.as_deref(), &caller.account)?;
    let from = start(input.next_token.as_deref())?.unwrap_or_default();
    let size = page_size(input.max_results, PAGE);
    let only = attributes(input.attributes_to_get.as_deref())?;
    if matches!(
        input.resource_share_type.as_deref(),
        Some("FOREIGN" | "FEDERATED")
    ) {
        // Nothing is shared with this account by another.
        return Ok(GetDatabasesResponse::default());
    }
    let mut documents: Vec<String> = cloud.store().read(|c| {
        Ok(c.prepare_cached(
            "SELECT document FROM glue_databases WHERE region = ?1 AND name >= ?2 ORDER BY name LIMIT ?3",
        )?
        .query_map((&caller.region, &from, size as i64 + 1), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
    })?;
    let more = (documents.len() > size).then(|| documents.pop()).flatten();
    let next = more
        .map(|d| serde_json::from_str::<Database>(&d))
        .transpose()?;
    let shown = |document: &String| {
        let whole: Database = serde_json::from_str(document)?;
        Ok(match only {
            None => whole,
            Some(only) => Database {
                name: whole.name,
                target_database: whole
                    .target_database
                    .filter(|_| only.iter().any(|one| one == "TARGET_DATABASE")),
                ..Default::default()
            },
        })
    };
    Ok(GetDatabasesResponse {
        database_list: documents
            .iter()
            .map(shown)
            .collect::<Result<_, ServiceError>>()?,
        next_token: next.map(|d| paging::token(&d.name)),
    })
}

pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    input: UpdateDatabaseRequest,
) -> Result<UpdateDatabaseResponse, ServiceError> {
    check_catalog(input.catalog_id.as_deref(), &caller.account)?;
    let name = folded(&input.name);
    if folded(&input.database_input.name) != name {
        return Err(errors::invalid_input("Database cannot be renamed"));
    }
    cloud.store().write(|tx| {
        let old = find(tx, &caller.region, &name)?.ok_or_else(|| errors::no_database(&name))?;
        let keeps = input
            .database_input
            .create_table_default_permissions
            .is_none();
        let mut new = database_of(input.database_input, old.create_time, &caller.account);
        if keeps {
            new.create_table_default_permissions = old.create_table_default_permissions;
        }
        tx.prepare_cached(
            "UPDATE glue_databases SET document = ?3 WHERE region = ?1 AND name = ?2",
        )?
        .execute((&caller.region, &name, serde_json::to_string(&new)?))?;
        Ok(())
    })?;
    Ok(UpdateDatabaseResponse {})
}

/// Takes the database with its tables and their partitions.
pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    input: DeleteDatabaseRequest,
) -> Result<DeleteDatabaseResponse, ServiceError> {
    check_catalog(input.catalog_id.as_deref(), &caller.account)?;
    let name = folded(&input.name);
    cloud.store().write(|tx| {
        let gone = tx
            .prepare_cached("DELETE FROM glue_databases WHERE region = ?1 AND name = ?2")?
            .execute([&caller.region, &name])?;
        if gone == 0 {
            return Err(errors::no_database(&name));
        }
        super::tags::remove_all(tx, &super::permissions::database_arn(caller, &name))
    })?;
    Ok(DeleteDatabaseResponse {})
}
