//! Tables that were inferred from data: as tables for people, as DDL, as `[tables.x]` blocks of
//! `stack.toml`.

use std::collections::BTreeMap;

use crawler::{Column, Format, Table};
use serde_json::{Value, json};

use super::rows::{self, Column as Head, Row};
use super::{Output, human};

/// Parameters that count what was there when somebody looked: no part of a definition.
const STATISTICS: [&str; 6] = [
    "sizeKey",
    "objectCount",
    "recordCount",
    "averageRecordSize",
    "CrawlerSchemaSerializerVersion",
    "CrawlerSchemaDeserializerVersion",
];

const TEXT_IN: &str = "org.apache.hadoop.mapred.TextInputFormat";
const LAZY: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
const OPEN_CSV: &str = "org.apache.hadoop.hive.serde2.OpenCSVSerde";

/// Shows a table for people.
pub fn show(output: &Output, table: &Table) -> anyhow::Result<()> {
    // Only keys have something in the third column.
    let width = if table.partition_keys.is_empty() {
        2
    } else {
        3
    };
    let heads = ["column", "type", "key"].map(|head| Head::new(head, "varchar"));
    let heads = &heads[..width];
    let row = |column: &Column, what: &str| -> Row {
        let cells = [column.name.as_str(), column.data_type.as_str(), what];
        let cells = cells[..width].iter();
        cells.map(|cell| Some((*cell).to_owned())).collect()
    };
    let columns = table.columns.iter().map(|c| row(c, ""));
    let keys = table.partition_keys.iter().map(|c| row(c, "partition"));
    let list: Vec<Row> = columns.chain(keys).collect();
    let paint = output.paint;
    output.line(format!(
        "{}  {}",
        paint.strong(&table.name),
        facts(table).join(", ")
    ))?;
    output.line(rows::table(heads, &list, output.width(), paint))
}

/// `csv, gzip, 3 objects, 120 rows, 9.8 KB, 2 partitions`; `about 120 rows`, where they were not counted
fn facts(table: &Table) -> Vec<String> {
    let parameter = |key: &str| table.parameters.get(key).map(String::as_str);
    let number = |key: &str| parameter(key).and_then(|n| n.parse::<u64>().ok());
    let counted = |n: u64, one: &str| human::plural(usize::try_from(n).unwrap_or(usize::MAX), one);
    let mut facts = vec![parameter("classification").unwrap_or("unknown").to_owned()];
    facts.extend(
        parameter("compressionType")
            .filter(|c| *c != "none")
            .map(str::to_owned),
    );
    facts.extend(number("objectCount").map(|n| counted(n, "object")));
    facts.extend(number("recordCount").map(|n| {
        let rows = counted(n, "row");
        if table.is_counted {
            rows
        } else {
            format!("about {rows}")
        }
    }));
    facts.extend(number("sizeKey").map(human::bytes));
    if !table.partition_keys.is_empty() {
        facts.push(human::plural(table.partitions.len(), "partition"));
    }
    facts
}

/// What programs read of a table.
pub fn to_json(table: &Table) -> Value {
    let columns = |list: &[Column]| -> Vec<Value> {
        let columns = list.iter();
        columns
            .map(|c| json!({"name": c.name, "type": c.data_type}))
            .collect()
    };
    json!({
        "name": table.name, "location": table.location,
        "columns": columns(&table.columns), "partition_keys": columns(&table.partition_keys),
        "partitions": table.partitions.iter().map(|p| json!({"values": p.values, "location": p.location})).collect::<Vec<_>>(),
        "serde": table.format.serialization_library, "serde_parameters": table.format.serde_parameters,
        "input_format": table.format.input_format, "output_format": table.format.output_format,
        "parameters": table.parameters,
    })
}

/// A text between single quotes; a quote inside is written twice.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name between backticks, as Athena's DDL wants odd names.
fn ticked(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn properties(pairs: &BTreeMap<String, String>) -> String {
    let lines = pairs.iter();
    let lines: Vec<String> = lines
        .map(|(key, value)| format!("  {} = {}", quoted(key), quoted(value)))
        .collect();
    format!("(\n{}\n)", lines.join(",\n"))
}

fn lasting(parameters: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut lasting = parameters.clone();
    lasting.retain(|key, _| !STATISTICS.contains(&key.as_str()));
    lasting
}

/// The `CREATE EXTERNAL TABLE` that Athena makes it by.
pub fn ddl(table: &Table, database: Option<&str>, location: &str) -> String {
    let list = |columns: &[Column]| -> String {
        let lines = columns.iter();
        let lines: Vec<String> = lines
            .map(|c| format!("  {} {}", ticked(&c.name), c.data_type))
            .collect();
        format!("(\n{}\n)", lines.join(",\n"))
    };
    let name = match database {
        Some(database) => format!("{}.{}", ticked(database), ticked(&table.name)),
        None => ticked(&table.name),
    };
    let mut text = format!("CREATE EXTERNAL TABLE {name} {}\n", list(&table.columns));
    if !table.partition_keys.is_empty() {
        text.push_str(&format!("PARTITIONED BY {}\n", list(&table.partition_keys)));
    }
    let format = &table.format;
    text.push_str(&format!(
        "ROW FORMAT SERDE {}\n",
        quoted(&format.serialization_library)
    ));
    if !format.serde_parameters.is_empty() {
        text.push_str(&format!(
            "WITH SERDEPROPERTIES {}\n",
            properties(&format.serde_parameters)
        ));
    }
    text.push_str(&format!(
        "STORED AS INPUTFORMAT {}\nOUTPUTFORMAT {}\nLOCATION {}\n",
        quoted(&format.input_format),
        quoted(&format.output_format),
        quoted(location)
    ));
    let lasting = lasting(&table.parameters);
    if !lasting.is_empty() {
        text.push_str(&format!("TBLPROPERTIES {}\n", properties(&lasting)));
    }
    text
}

/// The block of `stack.toml` that makes it.
pub fn block(table: &Table, database: &str, location: &str) -> String {
    let mut text = format!(
        "[tables.{}]\ndatabase = {}\nlocation = {}\n",
        key(&table.name),
        toml_text(database),
        toml_text(location)
    );
    let format = &table.format;
    let short = short_format(format, &table.parameters);
    match short {
        Some(short) => text.push_str(&format!("format = \"{short}\"\n")),
        None => {
            for (name, value) in [
                ("serde", &format.serialization_library),
                ("input_format", &format.input_format),
                ("output_format", &format.output_format),
            ] {
                text.push_str(&format!("{name} = {}\n", toml_text(value)));
            }
        }
    }
    text.push_str(&columns("columns", &table.columns));
    if !table.partition_keys.is_empty() {
        text.push_str(&columns("partition_keys", &table.partition_keys));
    }
    if short.is_none() || short == Some("json") || short == Some("quoted") {
        text.push_str(&pairs("serde_parameters", &format.serde_parameters));
    }
    let mut parameters = lasting(&table.parameters);
    if short.is_some() {
        parameters.remove("classification");
    }
    text.push_str(&pairs("parameters", &parameters));
    text
}

/// The word of `stack.toml` that stands for the same classes and parameters.
fn short_format(format: &Format, parameters: &BTreeMap<String, String>) -> Option<&'static str> {
    let classification = parameters.get("classification").map(String::as_str);
    let parameter = |key: &str| format.serde_parameters.get(key).map(String::as_str);
    match (format.serialization_library.as_str(), classification) {
        (LAZY, Some("csv")) if format.input_format == TEXT_IN => match parameter("field.delim") {
            Some(",") => Some("csv"),
            Some("\t") => Some("tsv"),
            _ => None,
        },
        (OPEN_CSV, Some("csv")) => Some("quoted"),
        ("org.openx.data.jsonserde.JsonSerDe", Some("json")) => Some("json"),
        ("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", Some("parquet")) => {
            Some("parquet")
        }
        ("org.apache.hadoop.hive.ql.io.orc.OrcSerde", Some("orc")) => Some("orc"),
        _ => None,
    }
}

fn columns(name: &str, columns: &[Column]) -> String {
    let lines: Vec<String> = columns
        .iter()
        .map(|c| {
            format!(
                "  {{ name = {}, type = {} }},\n",
                toml_text(&c.name),
                toml_text(&c.data_type)
            )
        })
        .collect();
    format!("{name} = [\n{}]\n", lines.concat())
}

fn pairs(name: &str, pairs: &BTreeMap<String, String>) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    let list: Vec<String> = pairs
        .iter()
        .map(|(k, v)| format!("{} = {}", toml_text(k), toml_text(v)))
        .collect();
    format!("{name} = {{ {} }}\n", list.join(", "))
}

/// A text as TOML; `${` is meant as it is.
fn toml_text(text: &str) -> String {
    if text.starts_with("${databases.") || text.starts_with("s3://${buckets.") {
        return toml::Value::from(text).to_string();
    }
    toml::Value::from(text.replace("${", "$${")).to_string()
}

/// An id of `stack.toml`: letters, digits, `_` and `-`.
fn key(name: &str) -> String {
    let kept = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    name.chars().take(64).map(kept).collect()
}
