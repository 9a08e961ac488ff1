//! Data catalogs: AwsDataCatalog, which is Glue's, with its databases and tables.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{DEFAULT_PAGE, invalid, page_size};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::athena::{
    Column, DataCatalog, DataCatalogSummary, Database, GetDataCatalogInput, GetDataCatalogOutput,
    GetDatabaseInput, GetDatabaseOutput, GetTableMetadataInput, GetTableMetadataOutput,
    ListDataCatalogsInput, ListDataCatalogsOutput, ListDatabasesInput, ListDatabasesOutput,
    ListTableMetadataInput, ListTableMetadataOutput, TableMetadata,
};
use crate::model::glue;

const CATALOG: &str = "AwsDataCatalog";

pub async fn get_catalog(
    _: &Cloud,
    caller: &Caller,
    input: GetDataCatalogInput,
) -> Result<GetDataCatalogOutput, ServiceError> {
    check(&input.name)?;
    Ok(GetDataCatalogOutput {
        data_catalog: Some(DataCatalog {
            name: CATALOG.to_owned(),
            r#type: "GLUE".to_owned(),
            parameters: Some([("catalog-id".to_owned(), caller.account.clone())].into()),
            ..DataCatalog::default()
        }),
    })
}

pub async fn list_catalogs(
    _: &Cloud,
    _: &Caller,
    _: ListDataCatalogsInput,
) -> Result<ListDataCatalogsOutput, ServiceError> {
    Ok(ListDataCatalogsOutput {
        data_catalogs_summary: Some(vec![DataCatalogSummary {
            catalog_name: Some(CATALOG.to_owned()),
            r#type: Some("GLUE".to_owned()),
            ..DataCatalogSummary::default()
        }]),
        next_token: None,
    })
}

pub async fn get_database(
    cloud: &Cloud,
    caller: &Caller,
    input: GetDatabaseInput,
) -> Result<GetDatabaseOutput, ServiceError> {
    check(&input.catalog_name)?;
    let name = json!({"Name": input.database_name});
    let mut answer = ask(cloud, caller, "GetDatabase", name).await?;
    let found = serde_json::from_value(answer["Database"].take())?;
    Ok(GetDatabaseOutput {
        database: Some(database(found)),
    })
}

pub async fn list_databases(
    cloud: &Cloud,
    caller: &Caller,
    input: ListDatabasesInput,
) -> Result<ListDatabasesOutput, ServiceError> {
    check(&input.catalog_name)?;
    let query = json!({
        "MaxResults": page_size(input.max_results, DEFAULT_PAGE),
        "NextToken": input.next_token,
    });
    let answer = ask(cloud, caller, "GetDatabases", query).await?;
    let (found, next_token) = page(answer, "DatabaseList")?;
    Ok(ListDatabasesOutput {
        database_list: Some(found.into_iter().map(database).collect()),
        next_token,
    })
}

pub async fn get_table(
    cloud: &Cloud,
    caller: &Caller,
    input: GetTableMetadataInput,
) -> Result<GetTableMetadataOutput, ServiceError> {
    check(&input.catalog_name)?;
    let name = json!({"DatabaseName": input.database_name, "Name": input.table_name});
    let mut answer = ask(cloud, caller, "GetTable", name).await?;
    let found = serde_json::from_value(answer["Table"].take())?;
    Ok(GetTableMetadataOutput {
        table_metadata: Some(table(found)),
    })
}

pub async fn list_tables(
    cloud: &Cloud,
    caller: &Caller,
    input: ListTableMetadataInput,
) -> Result<ListTableMetadataOutput, ServiceError> {
    check(&input.catalog_name)?;
    let query = json!({
        "DatabaseName": input.database_name,
        "Expression": input.expression,
        "MaxResults": page_size(input.max_results, DEFAULT_PAGE),
        "NextToken": input.next_token,
    });
    let answer = ask(cloud, caller, "GetTables", query).await?;
    let (found, next_token) = page(answer, "TableList")?;
    Ok(ListTableMetadataOutput {
        table_metadata_list: Some(found.into_iter().map(table).collect()),
        next_token,
    })
}

/// Catalog names are the same in upper and lower case.
fn check(name: &str) -> Result<(), ServiceError> {
    if name.eq_ignore_ascii_case(CATALOG) {
        return Ok(());
    }
    Err(invalid(format!("Data catalog {name} was not found")))
}

/// Asks Glue as the caller; its refusals are Athena's MetadataException.
async fn ask(
    cloud: &Cloud,
    caller: &Caller,
    operation: &str,
    mut input: Value,
) -> Result<Value, ServiceError> {
    if let Some(members) = input.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    cloud
        .invoke(caller, "glue", operation, input)
        .await
        .map_err(metadata_exception)
}

/// A refusal of Glue's in Athena's words, as clients search them for Glue's code: PyAthena's
/// SQLAlchemy dialect takes a table that is not there by it. Where nothing is found, Athena has
/// `Entity Not Found` for Glue's own message.
fn metadata_exception(error: ServiceError) -> ServiceError {
    if error.status >= 500 {
        return error;
    }
    let (code, status) = (&error.code, error.status);
    let message = match code.as_str() {
        "EntityNotFoundException" => "Entity Not Found",
        _ => error.message.as_str(),
    };
    let request_id = uuid::Uuid::new_v4();
    ServiceError::new(
        "MetadataException",
        format!(
            "{message} (Service: AmazonDataCatalog; Status Code: {status}; Error Code: {code}; Request ID: {request_id}; Proxy: null)"
        ),
    )
}

fn page<T: DeserializeOwned>(
    mut answer: Value,
    member: &str,
) -> Result<(Vec<T>, Option<String>), ServiceError> {
    let items: Option<Vec<T>> = serde_json::from_value(answer[member].take())?;
    let next = serde_json::from_value(answer["NextToken"].take())?;
    Ok((items.unwrap_or_default(), next))
}

fn database(found: glue::Database) -> Database {
    Database {
        name: found.name,
        description: found.description,
        parameters: found.parameters,
    }
}

/// Athena puts what it needs of the storage descriptor among the parameters.
fn table(found: glue::Table) -> TableMetadata {
    let storage = found.storage_descriptor.unwrap_or_default();
    let mut parameters = found.parameters.unwrap_or_default();
    let serde = storage.serde_info.unwrap_or_default();
    let of_storage = [
        ("location", storage.location),
        ("inputformat", storage.input_format),
        ("outputformat", storage.output_format),
        ("serde.serialization.lib", serde.serialization_library),
    ];
    for (key, value) in of_storage {
        if let Some(value) = value {
            parameters.insert(key.to_owned(), value);
        }
    }
    for (key, value) in serde.parameters.unwrap_or_default() {
        parameters.insert(format!("serde.param.{key}"), value);
    }
    TableMetadata {
        name: found.name,
        create_time: found.create_time,
        last_access_time: found.last_access_time,
        table_type: found.table_type,
        columns: Some(columns(storage.columns)),
        partition_keys: Some(columns(found.partition_keys)),
        parameters: Some(parameters),
    }
}

fn columns(found: Option<Vec<glue::Column>>) -> Vec<Column> {
    let columns = found.unwrap_or_default().into_iter().map(|c| Column {
        name: c.name,
        r#type: c.r#type,
        comment: c.comment,
    });
    columns.collect()
}
