//! `athglue describe`

use std::collections::BTreeMap;

use anyhow::bail;
use aws_sdk_glue::types::StorageDescriptor;
use clap_complete::ArgValueCompleter;
use serde_json::json;

use super::{completer, names};
use crate::cli::Exit;
use crate::output::rows::{Column, Row};
use crate::resource::call;
use crate::session::Session;

/// Shows a table: its columns, where its data is, and how it is read.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The table, as TABLE or DB.TABLE.
    #[arg(value_name = "TABLE", add = ArgValueCompleter::new(completer::tables))]
    table: String,
}

pub async fn run(args: Args, session: &Session) -> anyhow::Result<Exit> {
    let (stack, cloud) = session.open().await?;
    let stack = stack.as_ref();
    let (database, name) = match args.table.split_once('.') {
        Some((database, name)) => (names::physical(stack, "databases", database), name),
        None => match names::only(stack, "databases") {
            Some(database) => (database, args.table.as_str()),
            None => bail!("which database? say it as DB.{}", args.table),
        },
    };
    let request = cloud.glue.get_table().database_name(&database).name(name);
    let answer = match call!("GetTable", request) {
        Err(error) if error.is("EntityNotFoundException") => bail!(
            "there is no table {database}.{name}\n  help: `athglue tables` lists what there is"
        ),
        answer => answer?,
    };
    let Some(table) = answer.table() else {
        bail!("there is no table {database}.{name}");
    };
    let storage = table.storage_descriptor();
    let stored = storage
        .map(StorageDescriptor::columns)
        .unwrap_or_default();
    let mut columns: Vec<Row> = Vec::new();
    for (column, is_key) in stored
        .iter()
        .map(|c| (c, false))
        .chain(table.partition_keys().iter().map(|c| (c, true)))
    {
        columns.push(vec![
            Some(column.name().to_owned()),
            column.r#type().map(str::to_owned),
            is_key.then(|| "partition key".to_owned()),
            column.comment().map(str::to_owned),
        ]);
    }
    let parameters: BTreeMap<&str, &str> = table
        .parameters()
        .into_iter()
        .flatten()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let serde = storage.and_then(|s| s.serde_info());
    let library = serde.and_then(|s| s.serialization_library());
    let output = &session.output;
    if output.is_json() {
        let list: Vec<_> = columns
            .iter()
            .map(|c| json!({"name": c[0], "type": c[1], "partition_key": c[2].is_some(), "comment": c[3]}))
            .collect();
        output.json(&json!({
            "database": database, "table": name, "columns": list,
            "location": storage.and_then(|s| s.location()), "serde": library,
            "type": table.table_type(), "parameters": parameters,
        }))?;
        return Ok(Exit::Success);
    }
    let heads = ["column", "type", "", "comment"].map(|h| Column::new(h, "varchar"));
    let blank = |rows: Vec<Row>| -> Vec<Row> {
        // What is not said is empty here; it is no NULL of anybody's data.
        let filled = |row: Row| row.into_iter().map(|c| Some(c.unwrap_or_default())).collect();
        rows.into_iter().map(filled).collect()
    };
    output.table(&heads, &blank(columns))?;
    let facts = [
        ("location", storage.and_then(|s| s.location())),
        ("serde", library),
        ("type", table.table_type()),
        ("description", table.description()),
    ];
    for (name, value) in facts {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            output.line(format!("{name:12} {value}"))?;
        }
    }
    for (name, value) in &parameters {
        output.line(format!("{:12} {name} = {value}", "parameter"))?;
    }
    Ok(Exit::Success)
}
