//! What commands read of the Glue catalog.

use aws_sdk_glue::types::Table;

use crate::cloud::Cloud;
use crate::resource::CallError;
use crate::stack::nearest;

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

/// The table of a database that was probably meant by a name that is not there. What cannot be
/// listed is not guessed at: that the name is not there is what matters.
pub async fn near_table(cloud: &Cloud, database: &str, given: &str) -> Option<String> {
    let tables = tables(cloud, database).await.ok()?;
    nearest(given, tables.iter().map(Table::name)).map(str::to_owned)
}

/// The database that was probably meant, likewise.
pub async fn near_database(cloud: &Cloud, given: &str) -> Option<String> {
    let databases = databases(cloud).await.ok()?;
    nearest(given, databases.iter().map(String::as_str)).map(str::to_owned)
}
