//! CSV of which something is known beforehand.

use super::csv::{ARE_COLUMNS_QUOTED, BUILT_IN, Header, Rows, Rules, with_header};
use super::custom::{ContainsHeader, CsvClassifier, Serde};
use super::{Classified, Shape, TEXT_SAMPLE, Unreadable};
use crate::sample::Sample;
use crate::schema::{Field, Type};

/// Gives nothing if the file is no such table, so that the next classifier is asked.
pub(super) async fn classify(
    csv: &CsvClassifier,
    sample: &mut Sample,
) -> Result<Option<Classified>, Unreadable> {
    if !sample.read_text(TEXT_SAMPLE).await? || sample.text().contains(&0) {
        return Ok(None);
    }
    let own = csv.delimiter.map(|delimiter| [delimiter]);
    let rules = Rules {
        delimiters: own.as_ref().map_or(BUILT_IN.delimiters, |own| own),
        quote: csv.quote.unwrap_or(BUILT_IN.quote),
        least_columns: if csv.allows_single_column { 1 } else { 2 },
        // What is said of the header needs no other row to show it.
        least_records: match csv.contains_header {
            ContainsHeader::Unknown => BUILT_IN.least_records,
            ContainsHeader::Present | ContainsHeader::Absent => 1,
        },
    };
    let Some(mut rows) = Rows::best(&rules, sample.text(), sample.is_whole()) else {
        return Ok(None);
    };
    let is_of_width = |names: &Vec<String>| names.len() == rows.width;
    if !csv.header.iter().all(is_of_width) {
        return Ok(None);
    }
    if csv.trims_values {
        for cell in rows.records.iter_mut().flatten() {
            *cell = cell.trim().to_owned();
        }
    }
    let has_header = match csv.contains_header {
        ContainsHeader::Present => true,
        ContainsHeader::Absent => false,
        ContainsHeader::Unknown => rows.has_header() || is_header(&rows.records[0], csv),
    };
    let switches = [(ARE_COLUMNS_QUOTED, rows.quoted)].into();
    let mut layout = rows.layout(sample);
    if csv.serde == Serde::OpenCsv {
        layout.serialization_library = "org.apache.hadoop.hive.serde2.OpenCSVSerde";
        layout.serde_parameters.clear();
        let text = |byte: u8| char::from(byte).to_string();
        layout
            .serde_parameters
            .insert("separatorChar", text(rows.delimiter));
        layout
            .serde_parameters
            .insert("quoteChar", text(rules.quote));
    }
    let columns = columns(csv, &rows, has_header);
    let first = usize::from(has_header);
    let mut remarks = rows.remarks_of_text(sample.text(), has_header);
    remarks.extend(remarks_of_decimals(&rows, &columns, first));
    if csv.serde == Serde::OpenCsv {
        remarks.extend(remarks_of_times(&rows, &columns, first));
    }
    // Types that were foretold are those, whatever the values are.
    let (of_columns, counts) = match csv.datatypes {
        None => rows.of_columns(&columns, first),
        Some(_) => (Vec::new(), Some(Vec::new())),
    };
    remarks.extend(of_columns);
    let mut shape = if has_header {
        let lines = rows.header().lines;
        with_header(layout, switches, Header { columns, lines })
    } else {
        layout.unnamed = csv.header.is_none();
        Shape {
            layout,
            switches,
            columns,
            unproven_header: None,
            is_header_told: false,
        }
    };
    shape.is_header_told = csv.contains_header != ContainsHeader::Unknown || csv.header.is_some();
    Ok(Some(Classified {
        records: rows.counted(sample, has_header),
        shape,
        counts,
        remarks,
    }))
}

/// Says of columns of `DECIMAL`, which has no place behind the point, that they have values with
/// one. The records before `from` are no data.
fn remarks_of_decimals<'a>(
    rows: &'a Rows,
    columns: &'a [Field],
    from: usize,
) -> impl Iterator<Item = String> + 'a {
    let has_fraction = |cell: &str| cell.trim().parse().is_ok_and(|n: f64| n.fract() != 0.0);
    let decimals = columns.iter().enumerate();
    decimals
        .filter(|(_, column)| column.data_type == DECIMAL)
        .filter_map(move |(place, column)| {
            let cells = rows.records.iter().map(|record| &record[place]);
            let cell = cells.skip(from).find(|cell| has_fraction(cell))?;
            Some(format!(
                "column {} is {DECIMAL}, as DECIMAL is to Hive, and has values with a fraction, as \
                 {:?}, which Athena rounds; give it the type DOUBLE, or decimal with a scale in the \
                 table",
                column.name,
                cell.chars().take(40).collect::<String>()
            ))
        })
}

/// Says of columns of dates and times, which OpenCSVSerDe reads as numbers, that they have values of
/// another form. The records before `from` are no data.
///
/// Source: Athena user guide, "Open CSV SerDe for processing CSV".
fn remarks_of_times<'a>(
    rows: &'a Rows,
    columns: &'a [Field],
    from: usize,
) -> impl Iterator<Item = String> + 'a {
    let is_other = |cell: &str| !cell.trim().is_empty() && cell.trim().parse::<i64>().is_err();
    let columns = columns.iter().enumerate();
    columns.filter_map(move |(place, column)| {
        let unit = match column.data_type {
            Type::Date => "days",
            Type::Timestamp => "milliseconds",
            _ => return None,
        };
        let cells = rows.records.iter().map(|record| &record[place]);
        let cell = cells.skip(from).find(|cell| is_other(cell))?;
        Some(format!(
            "column {} is {}, which OpenCSVSerDe reads as the number of {unit} since 1970-01-01, and \
             has values of another form, as {:?}, at which Athena fails; give it the type STRING, or \
             the classifier the SerDe LazySimpleSerDe",
            column.name,
            column.data_type,
            cell.chars().take(40).collect::<String>()
        ))
    })
}

/// Whether a row is the header that was foretold.
fn is_header(row: &[String], csv: &CsvClassifier) -> bool {
    let names = csv.header.as_deref().unwrap_or_default();
    !names.is_empty()
        && row
            .iter()
            .zip(names)
            .all(|(cell, name)| cell.trim().eq_ignore_ascii_case(name))
}

fn columns(csv: &CsvClassifier, rows: &Rows, has_header: bool) -> Vec<Field> {
    let mut columns: Vec<Field> = if has_header {
        rows.header().columns
    } else {
        (0..rows.width)
            .map(|column| Field::new(format!("col{column}"), rows.type_of_column(column, 0)))
            .collect()
    };
    for (column, name) in columns.iter_mut().zip(csv.header.iter().flatten()) {
        column.name.clone_from(name);
    }
    for (column, name) in columns.iter_mut().zip(csv.datatypes.iter().flatten()) {
        if let Some(data_type) = named_type(name) {
            column.data_type = data_type;
        }
    }
    columns
}

/// What `decimal` without numbers is to Hive: its language manual, "Types".
const DECIMAL: Type = Type::Decimal {
    precision: 10,
    scale: 0,
};

/// The Hive type that Glue means.
fn named_type(name: &str) -> Option<Type> {
    Some(match name.to_uppercase().as_str() {
        "BINARY" => Type::Binary,
        "BOOLEAN" => Type::Boolean,
        "DATE" => Type::Date,
        "DECIMAL" => DECIMAL,
        "DOUBLE" => Type::Double,
        "FLOAT" => Type::Float,
        "INT" => Type::Int,
        "LONG" => Type::Bigint,
        "SHORT" => Type::Smallint,
        "STRING" => Type::String,
        "TIMESTAMP" => Type::Timestamp,
        _ => return None,
    })
}
