//! `athglue tables`

use anyhow::bail;
use aws_sdk_glue::types::Table;
use clap_complete::ArgValueCompleter;
use serde_json::json;

use super::{catalog, completer, names};
use crate::cli::Exit;
use crate::output::human;
use crate::output::rows::{Column, Row};
use crate::session::Session;

/// Lists the tables of the catalog.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A database, by its id in stack.toml or by name. Without one, all.
    #[arg(value_name = "DB", add = ArgValueCompleter::new(completer::databases))]
    database: Option<String>,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let databases = match &args.database {
        Some(given) => vec![names::physical(stack.as_ref(), "databases", given)],
        None => catalog::databases(&cloud).await?,
    };
    let mut found: Vec<Row> = Vec::new();
    for database in &databases {
        let tables = match catalog::tables(&cloud, database).await {
            Err(error) if error.is("EntityNotFoundException") => {
                let near = catalog::near_database(&cloud, database).await;
                let help = near.map_or_else(
                    || "`athglue tables` lists those of all databases".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                bail!("there is no database {database}\n  help: {help}");
            }
            tables => tables?,
        };
        for table in tables {
            let storage = table.storage_descriptor();
            let columns = storage.map_or(0, |s| s.columns().len()) + table.partition_keys().len();
            found.push(vec![
                Some(database.clone()),
                Some(table.name().to_owned()),
                format(&table),
                Some(columns.to_string()),
                storage.and_then(|s| s.location()).map(str::to_owned),
            ]);
        }
    }
    let columns = [
        Column::new("database", "varchar"),
        Column::new("table", "varchar"),
        Column::new("format", "varchar"),
        Column::new("columns", "bigint"),
        Column::new("location", "varchar"),
    ];
    let output = &session.output;
    if output.is_json() {
        let list: Vec<_> = found
            .iter()
            .map(|row| {
                json!({"database": row[0], "table": row[1], "format": row[2],
                       "columns": row[3].as_ref().and_then(|c| c.parse::<u64>().ok()), "location": row[4]})
            })
            .collect();
        output.json(&list)?;
    } else {
        output.table(&columns, &found)?;
        output.say(human::plural(found.len(), "table"));
    }
    Ok(Exit::Success)
}

/// The formats that are told by a SerDe's class, by the end of its name.
const BY_SERDE: [(&str, &str); 7] = [
    (".ParquetHiveSerDe", "parquet"),
    (".OrcSerde", "orc"),
    (".AvroSerDe", "avro"),
    (".JsonSerDe", "json"),
    (".IonHiveSerDe", "ion"),
    (".OpenCSVSerde", "csv"),
    (".LazySimpleSerDe", "text"),
];

/// What a table's data is: what a crawler or stack.toml wrote down; of a table that was made with
/// SQL, which writes nothing down, what its engine or its SerDe tells. A SerDe that is not known is
/// told by its name.
fn format(table: &Table) -> Option<String> {
    let parameter = |name: &str| {
        table
            .parameters()
            .and_then(|p| p.get(name))
            .map(String::as_str)
    };
    if let Some(classification) = parameter("classification") {
        return Some(classification.to_owned());
    }
    if table.table_type() == Some("VIRTUAL_VIEW") {
        return Some("view".to_owned());
    }
    if let Some(engine) = parameter("table_type").or(parameter("spark.sql.sources.provider")) {
        return Some(engine.to_lowercase());
    }
    let serde = table.storage_descriptor()?.serde_info()?;
    let class = serde.serialization_library()?;
    let delimiter = serde.parameters().and_then(|p| p.get("field.delim"));
    let known = BY_SERDE.iter().find(|(end, _)| class.ends_with(end));
    Some(match known {
        Some((_, "text")) if delimiter.is_some_and(|delimiter| delimiter == ",") => {
            "csv".to_owned()
        }
        Some((_, known)) => (*known).to_owned(),
        None => class.rsplit('.').next().unwrap_or(class).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_glue::types::{SerDeInfo, StorageDescriptor};

    use super::*;

    fn with_serde(class: &str, delimiter: Option<&str>) -> Table {
        let mut serde = SerDeInfo::builder().serialization_library(class);
        if let Some(delimiter) = delimiter {
            serde = serde.parameters("field.delim", delimiter);
        }
        let storage = StorageDescriptor::builder().serde_info(serde.build());
        let table = Table::builder()
            .name("t")
            .storage_descriptor(storage.build());
        table.build().expect("a table")
    }

    fn with_parameter(name: &str, value: &str) -> Table {
        let table = Table::builder().name("t").parameters(name, value);
        table.build().expect("a table")
    }

    #[test]
    fn a_table_that_was_made_with_sql_has_a_format() {
        for (class, delimiter, expected) in [
            (
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                None,
                "parquet",
            ),
            ("org.openx.data.jsonserde.JsonSerDe", None, "json"),
            ("org.apache.hive.hcatalog.data.JsonSerDe", None, "json"),
            (
                "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                None,
                "text",
            ),
            (
                "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                Some(","),
                "csv",
            ),
            (
                "org.apache.hadoop.hive.serde2.RegexSerDe",
                None,
                "RegexSerDe",
            ),
        ] {
            let found = format(&with_serde(class, delimiter));
            assert_eq!(found.as_deref(), Some(expected), "{class}");
        }
        let iceberg = with_parameter("table_type", "ICEBERG");
        assert_eq!(format(&iceberg).as_deref(), Some("iceberg"));
        let crawled = with_parameter("classification", "csv");
        assert_eq!(format(&crawled).as_deref(), Some("csv"));
        let nothing = Table::builder().name("t").build().expect("a table");
        assert_eq!(format(&nothing), None);
    }
}
