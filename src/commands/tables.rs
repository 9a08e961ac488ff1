//! `athglue tables`

use anyhow::bail;
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
            let is_view = table.table_type() == Some("VIRTUAL_VIEW");
            let format = table.parameters().and_then(|p| p.get("classification")).cloned();
            found.push(vec![
                Some(database.clone()),
                Some(table.name().to_owned()),
                format.or_else(|| is_view.then(|| "view".to_owned())),
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
