//! User-defined functions: kept for engines that keep theirs in the catalog, as Hive and Trino do.

use regex::Regex;
use rusqlite::{Connection, OptionalExtension, Transaction};

use super::errors::{self, check_catalog};
use super::{databases, folded, page_size};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::glue::*;
use crate::paging;

const PAGE: usize = 100;

fn no_function(name: &str) -> ServiceError {
    errors::not_found(format!("Function {name} not found."))
}

fn find(
    c: &Connection,
    region: &str,
    database: &str,
    name: &str,
) -> Result<Option<UserDefinedFunction>, ServiceError> {
    let document: Option<String> = c
        .prepare_cached(
            "SELECT document FROM glue_functions WHERE region = ?1 AND database = ?2 AND name = ?3",
        )?
        .query_row([region, database, name], |row| row.get(0))
        .optional()?;
    Ok(document.map(|d| serde_json::from_str(&d)).transpose()?)
}

/// [`find`], or the error that tells whether the database or the function is not there.
fn existing(
    c: &Connection,
    region: &str,
    database: &str,
    name: &str,
) -> Result<UserDefinedFunction, ServiceError> {
    databases::require(c, region, database)?;
    find(c, region, database, name)?.ok_or_else(|| no_function(name))
}

fn function_of(
    input: UserDefinedFunctionInput,
    name: &str,
    database: &str,
    created: Option<Timestamp>,
    account: &str,
) -> UserDefinedFunction {
    UserDefinedFunction {
        function_name: Some(name.to_owned()),
        database_name: Some(database.to_owned()),
        class_name: input.class_name,
        owner_name: input.owner_name,
        function_type: input.function_type,
        owner_type: input.owner_type,
        create_time: created,
        resource_uris: Some(input.resource_uris.unwrap_or_default()),
        catalog_id: Some(account.to_owned()),
    }
}

fn delete_row(
    tx: &Transaction<'_>,
    region: &str,
    database: &str,
    name: &str,
) -> Result<(), ServiceError> {
    tx.prepare_cached(
        "DELETE FROM glue_functions WHERE region = ?1 AND database = ?2 AND name = ?3",
    )?
    .execute([region, database, name])?;
    Ok(())
}

/// Writes a function; gives false where there is one of its name.
fn insert(
    tx: &Transaction<'_>,
    region: &str,
    database: &str,
    name: &str,
    function: &UserDefinedFunction,
) -> Result<bool, ServiceError> {
    let made = tx
        .prepare_cached(
            "INSERT INTO glue_functions VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute((region, database, name, serde_json::to_string(function)?))?;
    Ok(made > 0)
}

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    request: CreateUserDefinedFunctionRequest,
) -> Result<CreateUserDefinedFunctionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let database = folded(&request.database_name);
    let input = request.function_input;
    let Some(name) = input.function_name.as_deref().map(folded) else {
        return Err(errors::invalid_input("FunctionName must not be null."));
    };
    let function = function_of(
        input,
        &name,
        &database,
        Some(Timestamp::now()),
        &caller.account,
    );
    cloud.store().write(|tx| {
        databases::require(tx, &caller.region, &database)?;
        if insert(tx, &caller.region, &database, &name, &function)? {
            Ok(())
        } else {
            Err(errors::already_exists("Function already exists."))
        }
    })?;
    Ok(CreateUserDefinedFunctionResponse {})
}

pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    request: GetUserDefinedFunctionRequest,
) -> Result<GetUserDefinedFunctionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (
        folded(&request.database_name),
        folded(&request.function_name),
    );
    let function = cloud
        .store()
        .read(|c| existing(c, &caller.region, &database, &name))?;
    Ok(GetUserDefinedFunctionResponse {
        user_defined_function: Some(function),
    })
}

/// What is not given is taken away; another name in the input renames the function.
pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    request: UpdateUserDefinedFunctionRequest,
) -> Result<UpdateUserDefinedFunctionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (
        folded(&request.database_name),
        folded(&request.function_name),
    );
    let input = request.function_input;
    let new_name = input.function_name.as_deref().map_or(name.clone(), folded);
    cloud.store().write(|tx| {
        let old = existing(tx, &caller.region, &database, &name)?;
        let new = function_of(
            input,
            &new_name,
            &database,
            old.create_time,
            &caller.account,
        );
        delete_row(tx, &caller.region, &database, &name)?;
        if insert(tx, &caller.region, &database, &new_name, &new)? {
            Ok(())
        } else {
            Err(errors::already_exists("Function already exists."))
        }
    })?;
    Ok(UpdateUserDefinedFunctionResponse {})
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    request: DeleteUserDefinedFunctionRequest,
) -> Result<DeleteUserDefinedFunctionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let (database, name) = (
        folded(&request.database_name),
        folded(&request.function_name),
    );
    cloud.store().write(|tx| {
        existing(tx, &caller.region, &database, &name)?;
        delete_row(tx, &caller.region, &database, &name)
    })?;
    Ok(DeleteUserDefinedFunctionResponse {})
}

/// The functions of a database whose names match a pattern, or those of all databases.
pub(super) async fn list(
    cloud: &Cloud,
    caller: &Caller,
    request: GetUserDefinedFunctionsRequest,
) -> Result<GetUserDefinedFunctionsResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let database = request.database_name.as_deref().map(folded);
    let pattern: Regex = super::tables::name_pattern(&request.pattern)?;
    let documents: Vec<String> = cloud.store().read(|c| {
        if let Some(database) = &database {
            databases::require(c, &caller.region, database)?;
        }
        Ok(c.prepare_cached(
            "SELECT document FROM glue_functions
             WHERE region = ?1 AND (?2 IS NULL OR database = ?2) ORDER BY database, name",
        )?
        .query_map((&caller.region, &database), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
    })?;
    let mut functions = Vec::new();
    for document in documents {
        let function: UserDefinedFunction = serde_json::from_str(&document)?;
        let is_named = function
            .function_name
            .as_deref()
            .is_some_and(|n| pattern.is_match(n));
        let is_of_type =
            request.function_type.is_none() || request.function_type == function.function_type;
        if is_named && is_of_type {
            functions.push(function);
        }
    }
    let (page, next_token) = paging::page(
        functions,
        request.next_token.as_deref().filter(|t| !t.is_empty()),
        page_size(request.max_results, PAGE),
        "InvalidInputException",
        |f| {
            let text = |part: &Option<String>| part.clone().unwrap_or_default();
            format!("{}\0{}", text(&f.database_name), text(&f.function_name))
        },
    )?;
    Ok(GetUserDefinedFunctionsResponse {
        user_defined_functions: Some(page),
        next_token,
    })
}
