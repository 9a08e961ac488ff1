//! The catalog as the crawler's role may use it.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::log::Log;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;

/// What BatchCreatePartition and BatchUpdatePartition take at most.
pub(super) const BATCH: usize = 100;
/// What BatchDeletePartition takes at most.
const DELETE_BATCH: usize = 25;

/// One database of the catalog. Every call is authorized as the role.
pub(super) struct Catalog<'a> {
    pub cloud: &'a Cloud,
    pub role: &'a Caller,
    pub database: String,
    /// What is changed is told here.
    pub log: &'a Log,
}

impl Catalog<'_> {
    async fn call<I: Serialize, O: DeserializeOwned>(
        &self,
        operation: &str,
        input: I,
    ) -> Result<O, ServiceError> {
        // A crawl that is asked to stop does so between two calls.
        tokio::task::yield_now().await;
        let input = serde_json::to_value(input)?;
        let output = self
            .cloud
            .invoke(self.role, "glue", operation, input)
            .await?;
        Ok(serde_json::from_value(output)?)
    }

    /// Makes the database where it is not there.
    pub async fn ensure_database(&self) -> Result<(), ServiceError> {
        let request = GetDatabaseRequest {
            catalog_id: None,
            name: self.database.clone(),
        };
        let found: Result<GetDatabaseResponse, _> = self.call("GetDatabase", request).await;
        match found {
            Err(error) if error.code == "EntityNotFoundException" => {}
            other => return other.map(|_| ()),
        }
        let request = CreateDatabaseRequest {
            database_input: DatabaseInput {
                name: self.database.clone(),
                ..Default::default()
            },
            ..Default::default()
        };
        let made: Result<CreateDatabaseResponse, _> = self.call("CreateDatabase", request).await;
        match made {
            // Another crawl may have made it at the same time.
            Err(error) if error.code == "AlreadyExistsException" => Ok(()),
            made => made.map(|_| ()),
        }
    }

    pub async fn tables(&self) -> Result<Vec<Table>, ServiceError> {
        let mut request = GetTablesRequest {
            database_name: self.database.clone(),
            ..Default::default()
        };
        let mut tables = Vec::new();
        loop {
            let page: GetTablesResponse = self.call("GetTables", request.clone()).await?;
            tables.extend(page.table_list.unwrap_or_default());
            request.next_token = page.next_token;
            if request.next_token.is_none() {
                return Ok(tables);
            }
        }
    }

    /// The table of this name.
    pub async fn table(&self, name: &str) -> Result<Table, ServiceError> {
        let request = GetTableRequest {
            database_name: self.database.clone(),
            name: name.to_owned(),
            ..Default::default()
        };
        let found: GetTableResponse = self.call("GetTable", request).await?;
        found
            .table
            .ok_or_else(|| crate::glue::errors::no_table(name))
    }

    /// Tells the log of a change.
    async fn tell(&self, change: String) {
        self.log
            .info(format!("{change} in database {}", self.database));
        self.log.flush_some(self.cloud).await;
    }

    /// Makes a table with its index, for which the role needs no more than for the table alone.
    pub async fn create(
        &self,
        input: TableInput,
        index: Option<PartitionIndex>,
    ) -> Result<(), ServiceError> {
        let change = format!("Created table {}", input.name);
        let request = CreateTableRequest {
            database_name: self.database.clone(),
            table_input: Some(input),
            partition_indexes: index.map(|index| vec![index]),
            ..Default::default()
        };
        let _: CreateTableResponse = self.call("CreateTable", request).await?;
        self.tell(change).await;
        Ok(())
    }

    pub async fn update(&self, input: TableInput) -> Result<(), ServiceError> {
        let change = format!("Updated table {}", input.name);
        let request = UpdateTableRequest {
            database_name: self.database.clone(),
            table_input: Some(input),
            ..Default::default()
        };
        let _: UpdateTableResponse = self.call("UpdateTable", request).await?;
        self.tell(change).await;
        Ok(())
    }

    pub async fn delete(&self, name: &str) -> Result<(), ServiceError> {
        let request = DeleteTableRequest {
            database_name: self.database.clone(),
            name: name.to_owned(),
            ..Default::default()
        };
        let _: DeleteTableResponse = self.call("DeleteTable", request).await?;
        self.tell(format!("Deleted table {name}")).await;
        Ok(())
    }

    /// One page of the partitions of a table, and the token of the next.
    pub async fn partitions(
        &self,
        table: &str,
        next_token: Option<String>,
    ) -> Result<(Vec<Partition>, Option<String>), ServiceError> {
        let request = GetPartitionsRequest {
            database_name: self.database.clone(),
            table_name: table.to_owned(),
            next_token,
            ..Default::default()
        };
        let page: GetPartitionsResponse = self.call("GetPartitions", request).await?;
        Ok((page.partitions.unwrap_or_default(), page.next_token))
    }

    pub async fn add_partitions(
        &self,
        table: &str,
        inputs: &[PartitionInput],
    ) -> Result<(), ServiceError> {
        for batch in inputs.chunks(BATCH) {
            let request = BatchCreatePartitionRequest {
                database_name: self.database.clone(),
                table_name: table.to_owned(),
                partition_input_list: batch.to_vec(),
                ..Default::default()
            };
            let done: BatchCreatePartitionResponse =
                self.call("BatchCreatePartition", request).await?;
            let failed = done.errors.unwrap_or_default().into_iter();
            none_failed(failed.map(|e| e.error_detail), "AlreadyExistsException")?;
            let values = batch
                .iter()
                .map(|p| p.values.as_deref().unwrap_or_default());
            self.tell(partitions_change("Created", values, table)).await;
        }
        Ok(())
    }

    pub async fn update_partitions(
        &self,
        table: &str,
        entries: &[BatchUpdatePartitionRequestEntry],
    ) -> Result<(), ServiceError> {
        for batch in entries.chunks(BATCH) {
            let request = BatchUpdatePartitionRequest {
                database_name: self.database.clone(),
                table_name: table.to_owned(),
                entries: batch.to_vec(),
                ..Default::default()
            };
            let done: BatchUpdatePartitionResponse =
                self.call("BatchUpdatePartition", request).await?;
            let failed = done.errors.unwrap_or_default().into_iter();
            none_failed(failed.map(|e| e.error_detail), "EntityNotFoundException")?;
            let values = batch.iter().map(|entry| &entry.partition_value_list[..]);
            self.tell(partitions_change("Updated", values, table)).await;
        }
        Ok(())
    }

    pub async fn delete_partitions(
        &self,
        table: &str,
        values: &[PartitionValueList],
    ) -> Result<(), ServiceError> {
        for batch in values.chunks(DELETE_BATCH) {
            let request = BatchDeletePartitionRequest {
                database_name: self.database.clone(),
                table_name: table.to_owned(),
                partitions_to_delete: batch.to_vec(),
                ..Default::default()
            };
            let done: BatchDeletePartitionResponse =
                self.call("BatchDeletePartition", request).await?;
            let failed = done.errors.unwrap_or_default().into_iter();
            none_failed(failed.map(|e| e.error_detail), "EntityNotFoundException")?;
            let values = batch.iter().map(|list| &list.values[..]);
            self.tell(partitions_change("Deleted", values, table)).await;
        }
        Ok(())
    }
}

fn partitions_change<'a>(
    change: &str,
    values: impl Iterator<Item = &'a [String]>,
    table: &str,
) -> String {
    let values: Vec<String> = values.map(|v| format!("[{}]", v.join(", "))).collect();
    format!(
        "{change} partitions with values [{}] for table {table}",
        values.join(", ")
    )
}

/// Fails with the first error of a batch but those that someone else's work at the same time gives.
fn none_failed(
    mut failed: impl Iterator<Item = Option<ErrorDetail>>,
    expected: &str,
) -> Result<(), ServiceError> {
    match failed.find_map(|d| d.filter(|d| d.error_code.as_deref() != Some(expected))) {
        None => Ok(()),
        Some(detail) => Err(ServiceError::new(
            detail.error_code.unwrap_or_default(),
            detail.error_message.unwrap_or_default(),
        )),
    }
}
