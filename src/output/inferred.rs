//! Tables that were inferred from data: as tables for people, as DDL, as `[tables.x]` blocks of
//! `stack.toml`.

use std::collections::BTreeMap;

use crawler::{Column, Format, Table};
use serde_json::{Value, json};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

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
    let room = output.width().and_then(|whole| room_of_types(table, whole));
    let list: Vec<Row> = columns
        .chain(keys)
        .flat_map(|row| wrapped(row, room))
        .collect();
    let paint = output.paint;
    output.line(format!(
        "{}  {}",
        paint.strong(&human::on_one_line(&table.name)),
        human::on_one_line(&facts(table).join(", "))
    ))?;
    output.line(rows::table(heads, &list, output.width(), paint))
}

/// How wide the column of types may be on a terminal; nothing where too little is left to wrap in.
fn room_of_types(table: &Table, whole: usize) -> Option<usize> {
    const LEAST: usize = 16;
    let all = table.columns.iter().chain(&table.partition_keys);
    let names = all.map(|column| column.name.width()).max()?;
    // A border before each cell and one behind the last, and a space on both sides.
    let others = if table.partition_keys.is_empty() {
        names.max("column".len()) + 7
    } else {
        names.max("column".len()) + "partition".len() + 10
    };
    whole.checked_sub(others).filter(|room| *room >= LEAST)
}

/// A row whose type is long as many rows, the type in parts of at most so many columns.
fn wrapped(row: Row, room: Option<usize>) -> Vec<Row> {
    let text = row.get(1).cloned().flatten().unwrap_or_default();
    let Some(room) = room.filter(|room| text.width() > *room) else {
        return vec![row];
    };
    let mut parts: Vec<String> = vec![String::new()];
    // A type is broken behind its commas and brackets; a longer part, anywhere.
    for piece in text.split_inclusive([',', '<']) {
        let fits = |part: &String| part.width() + piece.width() <= room;
        if !parts.last().is_some_and(fits) {
            parts.push(String::new());
        }
        for letter in piece.chars() {
            let mut part = parts.pop().unwrap_or_default();
            if part.width() + letter.width().unwrap_or_default() > room {
                parts.push(std::mem::take(&mut part));
            }
            part.push(letter);
            parts.push(part);
        }
    }
    parts.retain(|part| !part.is_empty());
    let rows = parts.into_iter().enumerate();
    rows.map(|(place, part)| {
        let mut cells = if place == 0 {
            row.clone()
        } else {
            vec![Some(String::new()); row.len()]
        };
        cells[1] = Some(part);
        cells
    })
    .collect()
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
/// `at` gives a place as the user knows it.
pub fn to_json(table: &Table, at: impl Fn(&str) -> String) -> Value {
    let columns = |list: &[Column]| -> Vec<Value> {
        let columns = list.iter();
        columns
            .map(|c| json!({"name": c.name, "type": c.data_type}))
            .collect()
    };
    json!({
        "name": table.name, "location": at(&table.location),
        "columns": columns(&table.columns), "partition_keys": columns(&table.partition_keys),
        "partitions": table.partitions.iter().map(|p| json!({"values": p.values, "location": at(&p.location)})).collect::<Vec<_>>(),
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

/// Why Athena does not make, or not read, a table of this kind by its DDL.
fn not_by_ddl(table: &Table) -> Option<&'static str> {
    match table.parameters.get("classification").map(String::as_str) {
        Some("xml") => Some("Athena has no SerDe for XML, and cannot read this table"),
        Some("iceberg") => Some(
            "Athena's DDL makes new Iceberg tables; one that is there is registered by a crawler, \
             or by Glue's CreateTable",
        ),
        _ => None,
    }
}

/// Why Athena's DDL refuses the names of fields of structs, if there are such.
fn fields_not_by_ddl(table: &Table) -> Option<String> {
    let all = table.columns.iter().chain(&table.partition_keys);
    let odd: Vec<String> = all
        .flat_map(|column| crawler::odd_fields(&column.data_type))
        .collect();
    (!odd.is_empty()).then(|| {
        format!(
            "Athena's DDL takes no fields of structs with other letters than a-z, 0-9 and _, as {}: \
             a crawler, or Glue's CreateTable, makes this table",
            odd.join(", ")
        )
    })
}

/// The `CREATE EXTERNAL TABLE` of a Delta table, whose log has all else. Source: Athena user guide,
/// "Get started with Delta Lake tables".
fn delta_ddl(name: &str, table: &Table) -> String {
    let location = quoted(&table.location);
    format!(
        "CREATE EXTERNAL TABLE {name}\nLOCATION {location}\nTBLPROPERTIES (\n  'table_type' = 'DELTA'\n)\n"
    )
}

/// The `CREATE EXTERNAL TABLE` that Athena makes it by.
pub fn ddl(table: &Table, database: Option<&str>) -> String {
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
    if table.parameters.get("classification").map(String::as_str) == Some("delta") {
        return delta_ddl(&name, table);
    }
    let mut text = String::new();
    let of_kind = not_by_ddl(table).map(str::to_owned);
    for why in of_kind.into_iter().chain(fields_not_by_ddl(table)) {
        text.push_str(&format!("-- {why}.\n"));
    }
    text.push_str(&format!(
        "CREATE EXTERNAL TABLE {name} {}\n",
        list(&table.columns)
    ));
    if !table.partition_keys.is_empty() {
        text.push_str(&format!("PARTITIONED BY {}\n", list(&table.partition_keys)));
    }
    let format = &table.format;
    if !format.serialization_library.is_empty() {
        text.push_str(&format!(
            "ROW FORMAT SERDE {}\n",
            quoted(&format.serialization_library)
        ));
    }
    if !format.serde_parameters.is_empty() {
        text.push_str(&format!(
            "WITH SERDEPROPERTIES {}\n",
            properties(&format.serde_parameters)
        ));
    }
    if !format.input_format.is_empty() {
        text.push_str(&format!(
            "STORED AS INPUTFORMAT {}\nOUTPUTFORMAT {}\n",
            quoted(&format.input_format),
            quoted(&format.output_format)
        ));
    }
    text.push_str(&format!("LOCATION {}\n", quoted(&table.location)));
    let lasting = lasting(&table.parameters);
    if !lasting.is_empty() {
        text.push_str(&format!("TBLPROPERTIES {}\n", properties(&lasting)));
    }
    text
}

/// The block of `stack.toml` that makes it.
pub fn block(table: &Table, database: &str) -> String {
    let mut text = String::new();
    if let Some(why) = not_by_ddl(table) {
        text.push_str(&format!("# {why}.\n"));
    }
    text.push_str(&format!(
        "[tables.{}]\ndatabase = {}\nlocation = {}\n",
        key(&table.name),
        toml_text(database),
        toml_text(&table.location)
    ));
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
                if !value.is_empty() {
                    text.push_str(&format!("{name} = {}\n", toml_text(value)));
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_type_is_wrapped_and_not_cut() {
        let of = |text: &str| vec![Some("a".to_owned()), Some(text.to_owned())];
        let long = "struct<id:bigint,name:string,a_name_that_is_long:int>";
        let rows = wrapped(of(long), Some(16));
        let types: Vec<&str> = rows.iter().filter_map(|row| row[1].as_deref()).collect();
        assert_eq!(types.concat(), long);
        assert_eq!(
            types,
            [
                "struct<",
                "id:bigint,",
                "name:string,",
                "a_name_that_is_l",
                "ong:int>"
            ]
        );
        assert_eq!(rows[1][0].as_deref(), Some(""));
        assert_eq!(wrapped(of("int"), Some(16)), [of("int")]);
        assert_eq!(wrapped(of(long), None), [of(long)]);
    }
}
