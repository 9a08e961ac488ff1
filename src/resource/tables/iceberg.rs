//! Iceberg tables: made by Athena, marked in the catalog, and left to their engine.

use std::time::Duration;

use aws_sdk_athena::types::QueryExecutionState;

use super::Table;
use super::keys::Keys;
use crate::resource::retry::poll;
use crate::resource::{CallError, Work, call};

/// How long Athena may take to make a table.
const DDL_LIMIT: Duration = Duration::from_mins(5);

const DEFAULT_WORKGROUP: &str = "primary";

/// The statement that makes the table.
/// <https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html>
fn create_table(database: &str, name: &str, keys: &Keys) -> String {
    let columns: Vec<String> = keys
        .columns
        .iter()
        .flatten()
        .map(|column| {
            let comment = column
                .comment
                .as_deref()
                .map(|comment| format!(" COMMENT {}", quoted(comment)));
            let (name, comment) = (&column.name, comment.unwrap_or_default());
            format!("  `{name}` {}{comment}", column.r#type)
        })
        .collect();
    let partitioned = match keys.partitioning.as_deref().unwrap_or_default() {
        [] => String::new(),
        by => format!("PARTITIONED BY ({})\n", by.join(", ")),
    };
    let location = keys.location.as_ref().map(ToString::to_string);
    let mut properties = vec!["'table_type' = 'ICEBERG'".to_owned()];
    let given = keys.parameters.iter();
    properties.extend(given.map(|(key, value)| format!("{} = {}", quoted(key), quoted(value))));
    format!(
        "CREATE TABLE `{database}`.`{name}` (\n{}\n)\n{partitioned}LOCATION {}\nTBLPROPERTIES ({})",
        columns.join(",\n"),
        quoted(&location.unwrap_or_default()),
        properties.join(", "),
    )
}

/// A text as Hive's DDL writes it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

impl Table {
    /// Has Athena make the table, and puts the mark on it.
    pub(super) async fn create_iceberg(
        &self,
        work: &Work<'_>,
        keys: &Keys,
    ) -> Result<(), CallError> {
        let workgroup = match &keys.workgroup {
            Some(name) => name.as_str(),
            None => DEFAULT_WORKGROUP,
        };
        let request = work
            .cloud
            .athena
            .start_query_execution()
            .work_group(workgroup)
            .query_string(create_table(&self.database, &self.identity.name, keys));
        let started = call!("StartQueryExecution", request)?;
        let id = started.query_execution_id.unwrap_or_default();
        let what = "Athena makes the Iceberg table";
        let ended = poll(work, "GetQueryExecution", what, DDL_LIMIT, || async {
            let request = work.cloud.athena.get_query_execution();
            let found = call!("GetQueryExecution", request.query_execution_id(&id))?;
            let status = found.query_execution.and_then(|query| query.status);
            Ok(status.filter(|status| {
                matches!(
                    status.state,
                    Some(
                        QueryExecutionState::Succeeded
                            | QueryExecutionState::Failed
                            | QueryExecutionState::Cancelled
                    )
                )
            }))
        })
        .await?;
        if ended.state == Some(QueryExecutionState::Succeeded) {
            return self.write(work, None).await;
        }
        let reason = ended.state_change_reason.unwrap_or_default();
        Err(CallError::here(
            "StartQueryExecution",
            format!("Athena did not make the table: {reason}"),
        )
        .with_help(format!(
            "the statement ran in the workgroup `{workgroup}`; `workgroup` names another"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_has_columns_transforms_and_properties() {
        let keys: Keys = serde_json::from_value(serde_json::json!({
            "database": "lake",
            "location": "s3://lake/songs/",
            "format": "iceberg",
            "columns": [
                { "name": "id", "type": "bigint" },
                { "name": "at", "type": "timestamp", "comment": "when it's played" },
            ],
            "partitioning": ["day(at)", "bucket(16, id)"],
            "parameters": { "format": "parquet", "note": "it's ours" },
        }))
        .expect("keys");
        insta::assert_snapshot!(create_table("lake", "songs", &keys), @r"
        CREATE TABLE `lake`.`songs` (
          `id` bigint,
          `at` timestamp COMMENT 'when it\'s played'
        )
        PARTITIONED BY (day(at), bucket(16, id))
        LOCATION 's3://lake/songs/'
        TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'note' = 'it\'s ours')
        ");
    }
}
