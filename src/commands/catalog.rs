//! What commands read of the Glue catalog.

use aws_sdk_glue::types::Table;

use crate::cloud::Cloud;
use crate::resource::CallError;

/// The names of all databases.
pub async fn databases(cloud: &Cloud) -> Result<Vec<String>, CallError> {
    let mut pages = cloud.glue.get_databases().into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| CallError::of("GetDatabases", e))?;
        names.extend(page.database_list().iter().map(|d| d.name().to_owned()));
    }
    Ok(names)
}

/// All tables of a database.
pub async fn tables(cloud: &Cloud, database: &str) -> Result<Vec<Table>, CallError> {
    let request = cloud.glue.get_tables().database_name(database);
    let mut pages = request.into_paginator().send();
    let mut tables = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|e| CallError::of("GetTables", e))?;
        tables.extend(page.table_list.unwrap_or_default());
    }
    Ok(tables)
}
