//! The engine's view of the Glue catalog, under the permissions of the caller of the query.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use athena_sql::catalog::{Catalog, Database, Partition, Table};
use athena_sql::{Error, ErrorKind};
use object_store::ObjectStore;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::glue_shapes::{
    database, partition, partition_input, partition_input_of, table, table_input, table_input_of,
};
use super::prepared_statements;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::Timestamp;
use crate::model::athena::PreparedStatement;
use crate::model::glue;

/// Athena resolves it whether it is in the catalog or not.
const DEFAULT: &str = "default";
/// The parameters by which Iceberg's Glue catalog finds a table's metadata.
const METADATA_LOCATION: &str = "metadata_location";
const PREVIOUS_METADATA_LOCATION: &str = "previous_metadata_location";
/// Partitions in one call of BatchCreatePartition and BatchDeletePartition.
const CREATED_AT_ONCE: usize = 100;
const DELETED_AT_ONCE: usize = 25;

#[derive(Clone)]
pub(super) struct GlueCatalog {
    cloud: Cloud,
    caller: Caller,
    workgroup: String,
}

impl fmt::Debug for GlueCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GlueCatalog")
            .field("caller", &self.caller.arn())
            .field("workgroup", &self.workgroup)
            .finish_non_exhaustive()
    }
}

impl GlueCatalog {
    pub fn new(cloud: &Cloud, caller: &Caller, workgroup: &str) -> Self {
        Self {
            cloud: cloud.clone(),
            caller: caller.clone(),
            workgroup: workgroup.to_owned(),
        }
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.cloud
            .invoke(&self.caller, "glue", operation, input)
            .await
    }

    async fn change(&self, operation: &str, input: Value) -> Result<Value, Error> {
        self.call(operation, input).await.map_err(refused)
    }

    /// A member of the answer of a Get operation; `None` for an entity that is not there.
    async fn get<T: DeserializeOwned>(
        &self,
        operation: &str,
        input: Value,
        member: &str,
    ) -> Result<Option<T>, Error> {
        match self.call(operation, input).await {
            Ok(mut answer) => decode(answer[member].take()).map(Some),
            Err(error) if error.code == "EntityNotFoundException" => Ok(None),
            Err(error) => Err(refused(error)),
        }
    }

    /// UpdateTable of a version; false where the table has another one by now.
    async fn update_version(&self, input: Value) -> Result<bool, Error> {
        match self.call("UpdateTable", input).await {
            Ok(_) => Ok(true),
            Err(error) if error.code == "ConcurrentModificationException" => Ok(false),
            Err(error) => Err(refused(error)),
        }
    }

    /// All items of a listing, page by page.
    async fn all<T: DeserializeOwned>(
        &self,
        operation: &str,
        mut input: Value,
        member: &str,
    ) -> Result<Vec<T>, Error> {
        let mut items = Vec::new();
        loop {
            let mut answer = self.change(operation, input.clone()).await?;
            if let Value::Array(page) = answer[member].take() {
                for item in page {
                    items.push(decode(item)?);
                }
            }
            match answer["NextToken"].take() {
                Value::String(token) if !token.is_empty() => input["NextToken"] = token.into(),
                _ => return Ok(items),
            }
        }
    }
}

#[async_trait]
impl Catalog for GlueCatalog {
    async fn databases(&self) -> Result<Vec<Database>, Error> {
        let all: Vec<glue::Database> = self.all("GetDatabases", json!({}), "DatabaseList").await?;
        let mut all: Vec<Database> = all.into_iter().map(database).collect();
        if !all.iter().any(|d| d.name == DEFAULT) {
            all.push(default_database());
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    async fn database(&self, name: &str) -> Result<Option<Database>, Error> {
        let found = self
            .get("GetDatabase", json!({"Name": name}), "Database")
            .await?;
        Ok(match found {
            Some(found) => Some(database(found)),
            None if name == DEFAULT => Some(default_database()),
            None => None,
        })
    }

    async fn create_database(&self, database: Database) -> Result<(), Error> {
        let input = glue::DatabaseInput {
            name: database.name,
            description: database.description,
            location_uri: database.location,
            parameters: Some(database.parameters),
            ..glue::DatabaseInput::default()
        };
        self.change("CreateDatabase", json!({"DatabaseInput": encode(&input)?}))
            .await
            .map(|_| ())
    }

    async fn drop_database(&self, name: &str) -> Result<(), Error> {
        self.change("DeleteDatabase", json!({"Name": name}))
            .await
            .map(|_| ())
    }

    async fn tables(&self, database: &str) -> Result<Vec<Table>, Error> {
        let input = json!({"DatabaseName": database});
        let found: Result<Vec<glue::Table>, Error> =
            self.all("GetTables", input, "TableList").await;
        let mut tables: Vec<Table> = match found {
            Ok(found) => found.into_iter().map(table).collect(),
            // The default database that nobody made has no tables.
            Err(error) if database == DEFAULT && error.code == "EntityNotFoundException" => {
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        tables.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tables)
    }

    async fn table(&self, database: &str, name: &str) -> Result<Option<Table>, Error> {
        let input = json!({"DatabaseName": database, "Name": name});
        Ok(self.get("GetTable", input, "Table").await?.map(table))
    }

    async fn create_table(&self, table: Table) -> Result<(), Error> {
        let database = table.database.clone();
        let input = table_input(glue::TableInput::default(), table);
        let input = json!({"DatabaseName": database, "TableInput": encode(&input)?});
        let created = self.change("CreateTable", input.clone()).await;
        match created {
            // Athena's default database is made with its first table.
            Err(error) if database == DEFAULT && error.code == "EntityNotFoundException" => {
                self.create_database(default_database()).await?;
                self.change("CreateTable", input).await.map(|_| ())
            }
            other => other.map(|_| ()),
        }
    }

    async fn update_table(&self, table: Table) -> Result<bool, Error> {
        let name = json!({"DatabaseName": table.database, "Name": table.name});
        let current: glue::Table = self.get("GetTable", name, "Table").await?.ok_or_else(|| {
            let what = format!("Table '{}.{}' does not exist", table.database, table.name);
            Error::user("TABLE_NOT_FOUND", what)
        })?;
        let (database, version) = (table.database.clone(), table.version_id.clone());
        // What the engine does not know stays as it is.
        let input = table_input(table_input_of(current), table);
        self.update_version(json!({
            "DatabaseName": database,
            "TableInput": encode(&input)?,
            "VersionId": version,
        }))
        .await
    }

    async fn swap_metadata(
        &self,
        table: &Table,
        expected: &str,
        metadata_location: &str,
    ) -> Result<bool, Error> {
        let name = json!({"DatabaseName": table.database, "Name": table.name});
        let Some(found) = self.get::<glue::Table>("GetTable", name, "Table").await? else {
            return Ok(false);
        };
        let version = found.version_id.clone();
        let mut changed = table_input_of(found);
        let parameters = changed.parameters.get_or_insert_default();
        let named = parameters.get(METADATA_LOCATION);
        if named.is_none_or(|named| named != expected) {
            return Ok(false);
        }
        for (name, url) in [
            (METADATA_LOCATION, metadata_location),
            (PREVIOUS_METADATA_LOCATION, expected),
        ] {
            parameters.insert(name.to_owned(), url.to_owned());
        }
        self.update_version(json!({
            "DatabaseName": table.database,
            "TableInput": encode(&changed)?,
            "VersionId": version,
            // As Iceberg's own Glue catalog has it: the metadata files are the history.
            "SkipArchive": true,
        }))
        .await
    }

    async fn drop_table(&self, database: &str, name: &str) -> Result<(), Error> {
        self.change(
            "DeleteTable",
            json!({"DatabaseName": database, "Name": name}),
        )
        .await
        .map(|_| ())
    }

    async fn partitions(
        &self,
        table: &Table,
        expression: Option<&str>,
    ) -> Result<Vec<Partition>, Error> {
        let mut input = json!({"DatabaseName": table.database, "TableName": table.name});
        if let Some(expression) = expression {
            input["Expression"] = expression.into();
        }
        let found: Vec<glue::Partition> = self.all("GetPartitions", input, "Partitions").await?;
        Ok(found.into_iter().map(partition).collect())
    }

    async fn partition(
        &self,
        table: &Table,
        values: &[String],
    ) -> Result<Option<Partition>, Error> {
        let input = json!({
            "DatabaseName": table.database,
            "TableName": table.name,
            "PartitionValues": values,
        });
        let found = self.get("GetPartition", input, "Partition").await?;
        Ok(found.map(partition))
    }

    async fn create_partitions(
        &self,
        table: &Table,
        partitions: Vec<Partition>,
    ) -> Result<(), Error> {
        let mut inputs = Vec::with_capacity(partitions.len());
        for partition in partitions {
            let input = partition_input(glue::PartitionInput::default(), partition);
            inputs.push(encode(&input)?);
        }
        for batch in inputs.chunks(CREATED_AT_ONCE) {
            let input = json!({
                "DatabaseName": table.database,
                "TableName": table.name,
                "PartitionInputList": batch,
            });
            let answer = self.change("BatchCreatePartition", input).await?;
            partition_errors(answer)?;
        }
        Ok(())
    }

    async fn update_partition(&self, table: &Table, partition: Partition) -> Result<(), Error> {
        let input = json!({
            "DatabaseName": table.database,
            "TableName": table.name,
            "PartitionValues": partition.values,
        });
        let mut answer = self.change("GetPartition", input).await?;
        let current: glue::Partition = decode(answer["Partition"].take())?;
        let values = partition.values.clone();
        // What the engine does not know stays as it is.
        let changed = partition_input(partition_input_of(current), partition);
        let input = json!({
            "DatabaseName": table.database,
            "TableName": table.name,
            "PartitionValueList": values,
            "PartitionInput": encode(&changed)?,
        });
        self.change("UpdatePartition", input).await.map(|_| ())
    }

    async fn drop_partitions(&self, table: &Table, values: Vec<Vec<String>>) -> Result<(), Error> {
        for batch in values.chunks(DELETED_AT_ONCE) {
            let batch: Vec<Value> = batch.iter().map(|v| json!({"Values": v})).collect();
            let input = json!({
                "DatabaseName": table.database,
                "TableName": table.name,
                "PartitionsToDelete": batch,
            });
            let answer = self.change("BatchDeletePartition", input).await?;
            partition_errors(answer)?;
        }
        Ok(())
    }

    async fn prepared_statement(&self, name: &str) -> Result<Option<String>, Error> {
        let found = self
            .cloud
            .store()
            .read(|c| prepared_statements::find(c, &self.caller, &self.workgroup, name));
        Ok(found.map_err(refused)?.and_then(|s| s.query_statement))
    }

    async fn put_prepared_statement(&self, name: &str, sql: &str) -> Result<(), Error> {
        let statement = PreparedStatement {
            statement_name: Some(name.to_owned()),
            query_statement: Some(sql.to_owned()),
            work_group_name: Some(self.workgroup.clone()),
            description: None,
            last_modified_time: Some(Timestamp::now()),
        };
        self.cloud
            .store()
            .write(|tx| prepared_statements::put(tx, &self.caller, &statement))
            .map_err(refused)
    }

    async fn drop_prepared_statement(&self, name: &str) -> Result<(), Error> {
        self.cloud
            .store()
            .write(|tx| prepared_statements::remove(tx, &self.caller, &self.workgroup, name))
            .map_err(refused)
    }

    fn object_store(&self, bucket: &str) -> Arc<dyn ObjectStore> {
        crate::s3::object_store(&self.cloud, &self.caller, bucket)
    }
}

/// What the catalog says no to, in its own words.
fn refused(error: ServiceError) -> Error {
    if error.code == "AccessDeniedException" {
        let message = format!(
            "Insufficient permissions to execute the query. {}",
            error.message
        );
        return Error {
            kind: ErrorKind::AccessDenied,
            ..Error::user("", message)
        };
    }
    if error.status >= 500 {
        return Error::internal(error);
    }
    Error::user(&error.code, error.message)
}

fn partition_errors(mut answer: Value) -> Result<(), Error> {
    let errors: Option<Vec<glue::PartitionError>> = decode(answer["Errors"].take())?;
    let Some(first) = errors.unwrap_or_default().into_iter().next() else {
        return Ok(());
    };
    let detail = first.error_detail.unwrap_or_default();
    let message = format!(
        "{} (partition values {:?})",
        detail.error_message.unwrap_or_default(),
        first.partition_values.unwrap_or_default()
    );
    Err(Error::user(&detail.error_code.unwrap_or_default(), message))
}

fn decode<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(Error::internal)
}

fn encode(value: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(Error::internal)
}

fn default_database() -> Database {
    Database {
        name: DEFAULT.to_owned(),
        description: Some("Default Hive database".to_owned()),
        ..Database::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_table_is_updated_while_it_is_the_one_that_was_read() {
        let dir = tempfile::tempdir().unwrap();
        let cloud = Cloud::open(dir.path()).unwrap();
        let catalog = GlueCatalog::new(&cloud, &Caller::root("eu-west-1"), "primary");
        let made = Table {
            database: DEFAULT.to_owned(),
            name: "films".to_owned(),
            table_type: "EXTERNAL_TABLE".to_owned(),
            ..Table::default()
        };
        catalog.create_table(made).await.unwrap();
        let read = || async { catalog.table(DEFAULT, "films").await.unwrap().unwrap() };
        let with = |mut table: Table, property: &str| {
            let parameters = &mut table.parameters;
            parameters.insert(property.to_owned(), "set".to_owned());
            table
        };
        let (ours, theirs) = (read().await, read().await);
        assert!(catalog.update_table(with(theirs, "theirs")).await.unwrap());
        assert!(!catalog.update_table(with(ours, "ours")).await.unwrap());
        assert!(
            catalog
                .update_table(with(read().await, "ours"))
                .await
                .unwrap()
        );
        let properties: Vec<String> = read().await.parameters.into_keys().collect();
        assert_eq!(properties, ["ours", "theirs"]);
    }
}
