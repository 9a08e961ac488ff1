//! SHOW CREATE TABLE, SHOW CREATE VIEW.

use super::create_view::view_query;
use super::storage_format::LAZY_SIMPLE_SERDE;
use super::{answer, delta_table, failure, table_name};
use crate::answer::Answer;
use crate::ast::QualifiedName;
use crate::catalog::{Column, Table};
use crate::error::Error;
use crate::iceberg;
use crate::session::Session;

pub async fn table(name: &QualifiedName, session: &Session) -> Result<Answer, Error> {
    let table = delta_table::described(name, session).await?;
    if table_name::is_view(&table) {
        return Err(failure::semantic(
            10_000,
            format!("{name} is a view; use SHOW CREATE VIEW {name}"),
        ));
    }
    let statement = if iceberg::is_iceberg(&table) {
        iceberg_statement(&table, session).await?
    } else {
        statement(&table)
    };
    Ok(answer::lines(
        "SHOW_CREATE_TABLE",
        &["createtab_stmt"],
        statement,
    ))
}

/// What makes an Iceberg table of the same columns, transforms and properties.
async fn iceberg_statement(table: &Table, session: &Session) -> Result<Vec<String>, Error> {
    let metadata = iceberg::metadata(table, session.catalog.as_ref()).await?;
    let mut lines = vec![format!("CREATE TABLE {}.{} (", table.database, table.name)];
    let fields = &metadata.schema()?.fields;
    let last = fields.len().saturating_sub(1);
    lines.extend(fields.iter().enumerate().map(|(i, field)| {
        let comment = field.doc.as_ref().map_or_else(String::new, |comment| {
            format!(" COMMENT '{}'", escape(comment))
        });
        let end = if i == last { ")" } else { "," };
        format!(
            "  `{}` {}{comment}{end}",
            field.name,
            field.data_type.glue()
        )
    }));
    let transforms = metadata.transforms()?;
    if !transforms.is_empty() {
        lines.push(format!("PARTITIONED BY ({})", transforms.join(", ")));
    }
    lines.push(format!("LOCATION '{}'", escape(&metadata.location)));
    lines.push("TBLPROPERTIES (".to_owned());
    let shown = iceberg::properties::shown(&metadata.properties);
    let mut properties = vec![(iceberg::TABLE_TYPE, "iceberg")];
    properties.extend(shown.iter().map(|(name, value)| (*name, value.as_str())));
    lines.extend(pairs(&properties, ")"));
    Ok(lines)
}

/// Line by line, down to the blanks at their ends, as Hive writes it.
fn statement(table: &Table) -> Vec<String> {
    let mut lines = vec![format!("CREATE EXTERNAL TABLE `{}`(", table.name)];
    lines.extend(columns(&table.storage.columns));
    if let Some(comment) = &table.description {
        lines.push(format!("COMMENT '{}'", escape(comment)));
    }
    if !table.partition_keys.is_empty() {
        lines.push("PARTITIONED BY ( ".to_owned());
        lines.extend(columns(&table.partition_keys));
    }
    lines.extend(row_format(table));
    lines.push("STORED AS INPUTFORMAT ".to_owned());
    lines.push(format!("  '{}' ", escape(&table.storage.input_format)));
    lines.push("OUTPUTFORMAT ".to_owned());
    lines.push(format!("  '{}'", escape(&table.storage.output_format)));
    lines.push("LOCATION".to_owned());
    lines.push(format!("  '{}'", escape(&table.storage.location)));
    // What other clauses say is no property.
    let properties: Vec<(&str, &str)> = table
        .parameters
        .iter()
        .filter(|(key, _)| !["EXTERNAL", "comment"].contains(&key.as_str()))
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    lines.push("TBLPROPERTIES (".to_owned());
    lines.extend(pairs(&properties, ")"));
    lines
}

/// `` `a` int, `` … with a parenthesis behind the last.
fn columns(columns: &[Column]) -> Vec<String> {
    let last = columns.len().saturating_sub(1);
    columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let comment = column.comment.as_ref().map_or_else(String::new, |comment| {
                format!(" COMMENT '{}'", escape(comment))
            });
            let end = if at == last { ")" } else { ", " };
            format!("  `{}` {}{comment}{end}", column.name, column.data_type)
        })
        .collect()
}

fn row_format(table: &Table) -> Vec<String> {
    let parameters = &table.storage.serde_parameters;
    if table.storage.serialization_library == LAZY_SIMPLE_SERDE
        && parameters.contains_key("field.delim")
    {
        let mut lines = vec!["ROW FORMAT DELIMITED ".to_owned()];
        for (key, clause) in [
            ("field.delim", "FIELDS TERMINATED BY"),
            ("escape.delim", "ESCAPED BY"),
            ("colelction.delim", "COLLECTION ITEMS TERMINATED BY"),
            ("mapkey.delim", "MAP KEYS TERMINATED BY"),
            ("line.delim", "LINES TERMINATED BY"),
            ("serialization.null.format", "NULL DEFINED AS"),
        ] {
            if let Some(value) = parameters.get(key) {
                lines.push(format!("  {clause} '{}' ", escape(value)));
            }
        }
        return lines;
    }
    let mut lines = vec![
        "ROW FORMAT SERDE ".to_owned(),
        format!("  '{}' ", escape(&table.storage.serialization_library)),
    ];
    let said: Vec<(&str, &str)> = parameters
        .iter()
        .filter(|(key, value)| !(key.as_str() == "serialization.format" && value.as_str() == "1"))
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    if !said.is_empty() {
        lines.push("WITH SERDEPROPERTIES ( ".to_owned());
        lines.extend(pairs(&said, ") "));
    }
    lines
}

fn pairs(pairs: &[(&str, &str)], end: &str) -> Vec<String> {
    let last = pairs.len().saturating_sub(1);
    pairs
        .iter()
        .enumerate()
        .map(|(at, (key, value))| {
            let end = if at == last { end } else { ", " };
            format!("  '{}'='{}'{end}", escape(key), escape(value))
        })
        .collect()
}

/// What the parser reads back as the same text.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\'' => escaped.push_str("\\'"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            control if control.is_control() => {
                escaped.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

pub async fn view(name: &QualifiedName, session: &Session) -> Result<Answer, Error> {
    let view = table_name::table(name, session).await?;
    if !table_name::is_view(&view) {
        let place = name.position();
        return Err(Error::user(
            "NOT_SUPPORTED",
            format!("Relation '{name}' is a table, not a view"),
        )
        .at(place.line, place.column));
    }
    let (query, _) = view_query(&view)?;
    let mut lines = vec![format!(
        "CREATE VIEW awsdatacatalog.{}.{} AS",
        view.database, view.name
    )];
    lines.extend(query.lines().map(str::to_owned));
    Ok(answer::lines("SHOW_CREATE_VIEW", &["Create View"], lines))
}
