//! `athglue describe`

use std::collections::BTreeMap;

use anyhow::bail;
use aws_sdk_glue::types::{StorageDescriptor, Table};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap_complete::ArgValueCompleter;
use serde_json::{Value, json};

use super::{catalog, completer, names};
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
        Err(error) if error.is("EntityNotFoundException") => {
            let near = catalog::near_table(&cloud, &database, name).await;
            let help = near.map_or_else(
                || "`athglue tables` lists what there is".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            bail!("there is no table {database}.{name}\n  help: {help}");
        }
        answer => answer?,
    };
    let Some(table) = answer.table() else {
        bail!("there is no table {database}.{name}");
    };
    let storage = table.storage_descriptor();
    let stored = storage
        .map(StorageDescriptor::columns)
        .unwrap_or_default();
    let keys = table.partition_keys();
    let columns = || {
        let stored = stored.iter().map(|column| (column, false));
        stored.chain(keys.iter().map(|column| (column, true)))
    };
    let parameters: BTreeMap<&str, &str> = table
        .parameters()
        .into_iter()
        .flatten()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let serde = storage.and_then(|s| s.serde_info());
    let library = serde.and_then(|s| s.serialization_library());
    let sql = view_sql(table);
    let output = &session.output;
    if output.is_json() {
        let list: Vec<_> = columns()
            .map(|(c, is_key)| json!({"name": c.name(), "type": c.r#type(), "partition_key": is_key, "comment": c.comment()}))
            .collect();
        output.json(&json!({
            "database": database, "table": name, "columns": list,
            "location": storage.and_then(|s| s.location()), "serde": library,
            "type": table.table_type(), "sql": sql, "parameters": parameters,
        }))?;
        return Ok(Exit::Success);
    }
    // A head stands only over what some column has.
    let has_comments = columns().any(|(c, _)| c.comment().is_some_and(|text| !text.is_empty()));
    let mut heads = vec!["column", "type"];
    heads.extend((!keys.is_empty()).then_some("key"));
    heads.extend(has_comments.then_some("comment"));
    let row = |(column, is_key): (&aws_sdk_glue::types::Column, bool)| -> Row {
        let mut row = vec![column.name(), column.r#type().unwrap_or_default()];
        row.extend((!keys.is_empty()).then_some(if is_key { "partition" } else { "" }));
        row.extend(has_comments.then(|| column.comment().unwrap_or_default()));
        row.into_iter().map(|cell| Some(cell.to_owned())).collect()
    };
    let heads: Vec<_> = heads.into_iter().map(|head| Column::new(head, "varchar")).collect();
    output.table(&heads, &columns().map(row).collect::<Vec<_>>())?;
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
    if let Some(sql) = sql {
        output.line(format!("\n{sql}"))?;
    }
    Ok(Exit::Success)
}

/// The query of a view. Athena keeps it as `/* Presto View: BASE64 */` of JSON with `originalSql`;
/// what is kept otherwise is Hive's, and the query itself.
fn view_sql(table: &Table) -> Option<String> {
    let is_view = table.table_type() == Some("VIRTUAL_VIEW");
    let text = table.view_original_text().filter(|_| is_view)?;
    Some(presto_sql(text).unwrap_or_else(|| text.to_owned()))
}

fn presto_sql(text: &str) -> Option<String> {
    let encoded = text.trim().strip_prefix("/* Presto View:")?;
    let encoded = encoded.strip_suffix("*/")?.trim();
    let decoded = STANDARD.decode(encoded).ok()?;
    let view: Value = serde_json::from_slice(&decoded).ok()?;
    view["originalSql"].as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_view_is_shown_however_it_is_kept() {
        let sql = |kind: &str, text: &str| {
            let table = Table::builder().name("v").table_type(kind);
            let table = table.view_original_text(text).build().expect("a name");
            view_sql(&table)
        };
        let kept = STANDARD.encode(r#"{"originalSql": "SELECT 1 AS a", "columns": []}"#);
        let kept = format!("/* Presto View: {kept} */");
        assert_eq!(sql("VIRTUAL_VIEW", &kept).as_deref(), Some("SELECT 1 AS a"));
        assert_eq!(sql("VIRTUAL_VIEW", "SELECT 2").as_deref(), Some("SELECT 2"));
        assert_eq!(sql("EXTERNAL_TABLE", &kept), None);
    }
}
