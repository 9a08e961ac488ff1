//! DESCRIBE, in Hive's layout: columns twenty characters wide, with tabs between.

use super::answer::{self, padded};
use super::{delta_table, failure, partition_name, partitions};
use crate::answer::Answer;
use crate::ast::{Describe, DescribeDetail, QualifiedName};
use crate::catalog::{Column, Table};
use crate::error::Error;
use crate::session::Session;

const BLANK: &str = "\t \t ";

pub async fn run(describe: &Describe, session: &Session) -> Result<Answer, Error> {
    let table = delta_table::described(&describe.table, session).await?;
    if !describe.partition.is_empty() {
        let values = partitions::values(&table, &describe.partition)?;
        let known = session.catalog.partitions(&table, None).await?;
        if !known.iter().any(|partition| partition.values == values) {
            return Err(failure::semantic(
                10006,
                format!(
                    "Partition not found {}",
                    partition_name::name(&table.partition_keys, &values)
                ),
            ));
        }
    }
    let lines = match &describe.column {
        Some(column) => vec![line(&part_of(&table, column)?)],
        None => lines(&table, describe.detail),
    };
    Ok(answer::lines(
        "DESCRIBE_TABLE",
        &["col_name", "data_type", "comment"],
        lines,
    ))
}

fn lines(table: &Table, detail: DescribeDetail) -> Vec<String> {
    let mut lines = Vec::new();
    if detail == DescribeDetail::Formatted {
        lines.extend([header(), BLANK.to_owned()]);
        lines.extend(table.storage.columns.iter().map(line));
    } else {
        lines.extend(
            table
                .storage
                .columns
                .iter()
                .chain(&table.partition_keys)
                .map(line),
        );
    }
    if !table.partition_keys.is_empty() {
        lines.extend([
            BLANK.to_owned(),
            "# Partition Information\t \t ".to_owned(),
            header(),
            BLANK.to_owned(),
        ]);
        lines.extend(table.partition_keys.iter().map(line));
    }
    match detail {
        DescribeDetail::Columns => {}
        DescribeDetail::Extended => {
            lines.push(BLANK.to_owned());
            lines.push(format!("Detailed Table Information\t{}\t", extended(table)));
        }
        DescribeDetail::Formatted => lines.extend(formatted(table)),
    }
    lines
}

fn header() -> String {
    [padded("# col_name"), padded("data_type"), padded("comment")].join("\t")
}

fn line(column: &Column) -> String {
    let comment = column.comment.as_deref().unwrap_or_default();
    [
        padded(&column.name),
        padded(&column.data_type),
        padded(comment),
    ]
    .join("\t")
}

fn extended(table: &Table) -> String {
    let pairs = |map: &std::collections::BTreeMap<String, String>| {
        map.iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let fields = |columns: &[Column]| {
        columns
            .iter()
            .map(|column| {
                format!(
                    "FieldSchema(name:{}, type:{}, comment:{})",
                    column.name,
                    column.data_type,
                    column.comment.as_deref().unwrap_or("null")
                )
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!(
        "Table(tableName:{}, dbName:{}, sd:StorageDescriptor(cols:[{}], location:{}, \
         inputFormat:{}, outputFormat:{}, serdeInfo:SerDeInfo(serializationLib:{}, \
         parameters:{{{}}})), partitionKeys:[{}], parameters:{{{}}}, tableType:{})",
        table.name,
        table.database,
        fields(&table.storage.columns),
        table.storage.location,
        table.storage.input_format,
        table.storage.output_format,
        table.storage.serialization_library,
        pairs(&table.storage.serde_parameters),
        fields(&table.partition_keys),
        pairs(&table.parameters),
        table.table_type,
    )
}

fn formatted(table: &Table) -> Vec<String> {
    let field = |name: &str, value: &str| format!("{}\t{}\t ", padded(name), padded(value));
    let parameter = |key: &str, value: &str| format!("\t{}\t{}", padded(key), padded(value));
    let mut lines = vec![
        BLANK.to_owned(),
        "# Detailed Table Information\t \t ".to_owned(),
        field("Database:", &table.database),
        field("Location:", &table.storage.location),
        field("Table Type:", &table.table_type),
        "Table Parameters:\t \t ".to_owned(),
    ];
    lines.extend(
        table
            .parameters
            .iter()
            .map(|(key, value)| parameter(key, value)),
    );
    lines.extend([
        BLANK.to_owned(),
        "# Storage Information\t \t ".to_owned(),
        field("SerDe Library:", &table.storage.serialization_library),
        field("InputFormat:", &table.storage.input_format),
        field("OutputFormat:", &table.storage.output_format),
        "Storage Desc Params:\t \t ".to_owned(),
    ]);
    lines.extend(
        table
            .storage
            .serde_parameters
            .iter()
            .map(|(key, value)| parameter(key, value)),
    );
    lines
}

/// A column, or what lies within it: `a.field`, `a.$elem$`, `a.$key$`, `a.$value$`.
fn part_of(table: &Table, path: &QualifiedName) -> Result<Column, Error> {
    let names = path.lower();
    let invalid = || failure::semantic(10002, format!("Invalid column reference {path}"));
    let (first, rest) = names.split_first().ok_or_else(invalid)?;
    let mut column = table
        .storage
        .columns
        .iter()
        .chain(&table.partition_keys)
        .find(|column| column.name == *first)
        .cloned()
        .ok_or_else(invalid)?;
    for name in rest {
        let data_type = within(&column.data_type, name).ok_or_else(invalid)?;
        column = Column {
            name: name.clone(),
            data_type,
            comment: Some("from deserializer".to_owned()),
            ..Column::default()
        };
    }
    Ok(column)
}

fn within(data_type: &str, name: &str) -> Option<String> {
    let (kind, arguments) = data_type.strip_suffix('>')?.split_once('<')?;
    let arguments = split(arguments);
    let found = match (kind, name) {
        ("struct", field) => arguments
            .iter()
            .find_map(|argument| argument.split_once(':').filter(|(name, _)| *name == field))
            .map(|(_, data_type)| data_type),
        ("array", "$elem$") | ("map", "$key$") => arguments.first().copied(),
        ("map", "$value$") => arguments.get(1).copied(),
        _ => None,
    };
    found.map(str::to_owned)
}

/// Splits at the commas that are within no brackets.
fn split(arguments: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    arguments
        .split(|character| {
            match character {
                '<' | '(' => depth += 1,
                '>' | ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            character == ',' && depth == 0
        })
        .collect()
}
