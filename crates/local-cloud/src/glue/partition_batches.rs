//! The batch operations on partitions. Their limits are in the API's model.

use super::errors::{self, check_catalog};
use super::partition_store::{self, Reader, Writer};
use super::partitions;
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::glue::*;

pub(super) async fn create(
    cloud: &Cloud,
    caller: &Caller,
    request: BatchCreatePartitionRequest,
) -> Result<BatchCreatePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let failed = cloud.store().write(|tx| {
        let table = partitions::table(tx, caller, &request.database_name, &request.table_name)?;
        let mut writer = Writer::new(tx, &table)?;
        let mut failed = Vec::new();
        for input in request.partition_input_list {
            let values = input.values.clone();
            if let Err(error) = writer.insert(input) {
                failed.push(PartitionError {
                    partition_values: values,
                    error_detail: Some(errors::detail(error)?),
                });
            }
        }
        Ok(failed)
    })?;
    Ok(BatchCreatePartitionResponse {
        errors: Some(failed),
    })
}

/// Gives those that are there; of the others nothing is said.
pub(super) async fn get(
    cloud: &Cloud,
    caller: &Caller,
    request: BatchGetPartitionRequest,
) -> Result<BatchGetPartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let found = cloud.store().read(|c| {
        let table = partitions::table(c, caller, &request.database_name, &request.table_name)?;
        let mut reader = Reader::new(c, &table)?;
        let mut found = Vec::new();
        for wanted in &request.partitions_to_get {
            if let Some(id) = partition_store::id_of(c, &table, &wanted.values)? {
                found.push(reader.read(id)?);
            }
        }
        Ok(found)
    })?;
    Ok(BatchGetPartitionResponse {
        partitions: Some(found),
        unprocessed_keys: Some(Vec::new()),
    })
}

pub(super) async fn update(
    cloud: &Cloud,
    caller: &Caller,
    request: BatchUpdatePartitionRequest,
) -> Result<BatchUpdatePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let failed = cloud.store().write(|tx| {
        let table = partitions::table(tx, caller, &request.database_name, &request.table_name)?;
        let mut writer = Writer::new(tx, &table)?;
        let mut failed = Vec::new();
        for entry in request.entries {
            let values = entry.partition_value_list;
            if let Err(error) = writer.replace(&values, entry.partition_input) {
                failed.push(BatchUpdatePartitionFailureEntry {
                    partition_value_list: Some(values),
                    error_detail: Some(errors::detail(error)?),
                });
            }
        }
        Ok(failed)
    })?;
    Ok(BatchUpdatePartitionResponse {
        errors: Some(failed),
    })
}

pub(super) async fn delete(
    cloud: &Cloud,
    caller: &Caller,
    request: BatchDeletePartitionRequest,
) -> Result<BatchDeletePartitionResponse, ServiceError> {
    check_catalog(request.catalog_id.as_deref(), &caller.account)?;
    let failed = cloud.store().write(|tx| {
        let table = partitions::table(tx, caller, &request.database_name, &request.table_name)?;
        let mut writer = Writer::new(tx, &table)?;
        let mut failed = Vec::new();
        for PartitionValueList { values } in request.partitions_to_delete {
            if let Err(error) = writer.remove(&values) {
                failed.push(PartitionError {
                    partition_values: Some(values),
                    error_detail: Some(errors::detail(error)?),
                });
            }
        }
        Ok(failed)
    })?;
    Ok(BatchDeletePartitionResponse {
        errors: Some(failed),
    })
}
