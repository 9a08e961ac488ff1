//! CSV, by the rules of Glue's built-in classifier.
//!
//! Source: AWS's Glue developer guide, "Built-in CSV classifier".

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use csv::{ByteRecord, Position, ReaderBuilder};

use super::{Classified, Classifier, Layout, Records, Shape, TEXT_SAMPLE, Unreadable, remarks};
use crate::counted::grouped;
use crate::sample::Sample;
use crate::schema::{Field, Type};

pub(super) struct Csv;

/// Where two fit equally well, the earlier is taken.
const DELIMITERS: &[u8] = b",|\t;\x01";

/// How many records of a file are looked at.
const RECORDS: usize = 1000;

/// What a file must be like to be a table of CSV.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    /// Where two fit equally well, the earlier is taken.
    pub delimiters: &'a [u8],
    pub quote: u8,
    pub least_columns: usize,
    pub least_records: usize,
}

/// What Glue asks of a file of which it was told nothing.
pub(super) const BUILT_IN: Rules<'_> = Rules {
    delimiters: DELIMITERS,
    quote: b'"',
    least_columns: 2,
    least_records: 2,
};

/// How many of the records must have as many cells as most have.
const LIKE_SHAPE: f64 = 0.8;

/// What a header's cell, but for the last, is shorter than.
const HEADER_CELL: usize = 150;

/// Glue's limit for a column's name.
const COLUMN_NAME: usize = 255;

/// Whether any cell of a table is in quotes.
pub(crate) const ARE_COLUMNS_QUOTED: &str = "areColumnsQuoted";

const SKIP_HEADER: &str = "skip.header.line.count";

#[async_trait]
impl Classifier for Csv {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        if !sample.read_text(TEXT_SAMPLE).await? || sample.text().contains(&0) {
            return Ok(None);
        }
        let rows = Rows::best(&BUILT_IN, sample.text(), sample.is_whole());
        Ok(rows.map(|rows| rows.classified(sample)))
    }
}

/// A sample's records, as one delimiter parts them.
pub(super) struct Rows {
    pub delimiter: u8,
    /// Those that have [`Self::width`] cells.
    pub records: Vec<Vec<String>>,
    /// The line that each of them begins in; the first is 1.
    lines: Vec<u64>,
    pub width: usize,
    /// The share of records that have as many cells as most.
    alike: f64,
    pub quoted: bool,
    /// How many records there are, and the bytes they take.
    pub seen: u64,
    pub end: usize,
}

impl Rows {
    /// The records as the delimiter parts them that fits best.
    pub fn best(rules: &Rules<'_>, text: &[u8], whole: bool) -> Option<Self> {
        rules
            .delimiters
            .iter()
            .filter_map(|delimiter| Self::of(rules, *delimiter, text, whole))
            // Of equals, `max_by` takes the last.
            .rev()
            .max_by(|one, other| one.fit().total_cmp(&other.fit()))
    }

    /// Parses with quotes, unless the lines make a better table without: a quote that is never
    /// closed is a character like others.
    fn of(rules: &Rules<'_>, delimiter: u8, text: &[u8], whole: bool) -> Option<Self> {
        if !text.contains(&delimiter) && rules.least_columns > 1 {
            return None;
        }
        let with_quotes = Self::parse(rules, delimiter, true, text, whole);
        if !text.contains(&rules.quote) {
            return with_quotes;
        }
        let without = Self::parse(rules, delimiter, false, text, whole);
        match (with_quotes, without) {
            (Some(with), Some(without))
                if without.alike >= with.alike && without.record_size() < with.record_size() =>
            {
                Some(without)
            }
            (with, without) => with.or(without),
        }
    }

    /// How long a record is on average.
    fn record_size(&self) -> f64 {
        self.end as f64 / self.seen as f64
    }

    /// Gives nothing if the text is no table by this delimiter: too few columns or records, or
    /// records of many shapes.
    fn parse(
        rules: &Rules<'_>,
        delimiter: u8,
        quotes: bool,
        text: &[u8],
        whole: bool,
    ) -> Option<Self> {
        let quote = quotes.then_some(rules.quote);
        let (records, end) = records(delimiter, quote, text, whole);
        let width = most_common(records.iter().map(|(_, record)| record.len()))?;
        let seen = records.len();
        let (lines, alike): (Vec<u64>, Vec<Vec<String>>) = records
            .into_iter()
            .filter(|(_, record)| record.len() == width)
            .unzip();
        let share = alike.len() as f64 / seen as f64;
        if width < rules.least_columns || alike.len() < rules.least_records || share < LIKE_SHAPE {
            return None;
        }
        Some(Self {
            delimiter,
            quoted: quotes && has_quoted_cell(delimiter, rules.quote, &text[..end]),
            records: alike,
            lines,
            width,
            alike: share,
            seen: seen as u64,
            end,
        })
    }

    /// How well the delimiter fits: first by how alike the records are, then by their width.
    fn fit(&self) -> f64 {
        let width = self.width.min(1_000_000) as f64;
        (self.alike * 1000.0).floor() * 1_000_000.0 + width
    }

    fn classified(self, sample: &Sample) -> Classified {
        let first = &self.records[0];
        let may_be_header = may_be_header(first);
        let columns = self.named_columns();
        let layout = self.layout(sample);
        let switches = [(ARE_COLUMNS_QUOTED, self.quoted)].into();
        let shape = if may_be_header && has_other_than_text(&columns) {
            with_header(layout, switches, columns)
        } else {
            Shape {
                layout,
                switches,
                columns: (0..self.width)
                    .map(|column| {
                        Field::new(format!("col{column}"), self.type_of_column(column, 0))
                    })
                    .collect(),
                unproven_header: may_be_header.then_some(columns),
            }
        };
        let header = u64::from(!shape.layout.unnamed);
        let mut remarks = self.remarks(&shape.columns, header as usize);
        remarks.extend(remarks::of_encoding(self.text(sample)));
        Classified {
            records: Records::of_text(sample, self.seen - header, self.end as u64),
            shape,
            remarks,
        }
    }

    /// The part of the sample that the records are in.
    pub fn text<'a>(&self, sample: &'a Sample) -> &'a [u8] {
        &sample.text()[..self.end]
    }

    /// Says of columns that are text for few of their values where the first of these is.
    fn remarks(&self, columns: &[Field], from: usize) -> Vec<String> {
        columns
            .iter()
            .enumerate()
            .filter(|(_, field)| field.data_type == Type::String)
            .filter_map(|(column, field)| self.remark(column, &field.name, from))
            .collect()
    }

    fn remark(&self, column: usize, name: &str, from: usize) -> Option<String> {
        let (mut values, mut texts, mut first) = (0_usize, 0_usize, None);
        for (record, line) in self.records.iter().zip(&self.lines).skip(from) {
            match type_of(&record[column]) {
                Type::Unknown => continue,
                Type::String => {
                    texts += 1;
                    first.get_or_insert((line, &record[column]));
                }
                _ => {}
            }
            values += 1;
        }
        let (line, text) = first.filter(|_| remarks::are_few(texts, values))?;
        let text: String = text.chars().take(40).collect();
        Some(format!(
            "column {name} is string because of {texts} of {} values that were read; all others are \
             numbers; the first is {text:?} in line {}",
            grouped(values as u64),
            grouped(*line)
        ))
    }

    /// Whether the first row says what the columns are called.
    pub fn has_header(&self) -> bool {
        may_be_header(&self.records[0]) && has_other_than_text(&self.named_columns())
    }

    /// The columns, if the first row is their header.
    pub fn named_columns(&self) -> Vec<Field> {
        column_names(&self.records[0])
            .into_iter()
            .enumerate()
            .map(|(column, name)| Field::new(name, self.type_of_column(column, 1)))
            .collect()
    }

    /// A layout without a header.
    pub fn layout(&self, sample: &Sample) -> Layout {
        let delimiter = char::from(self.delimiter).to_string();
        let mut layout = Layout::text(
            "csv",
            sample.compression(),
            "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        );
        layout
            .serde_parameters
            .insert("field.delim", delimiter.clone());
        layout.table_parameters.insert("delimiter", delimiter);
        layout
            .table_parameters
            .insert("columnsOrdered", "true".to_owned());
        layout.by_place = true;
        layout.unnamed = true;
        layout
    }

    /// The type that all cells of a column from the given record on are of.
    pub fn type_of_column(&self, column: usize, from: usize) -> Type {
        let mut data_type = Type::Unknown;
        for record in &self.records[from..] {
            data_type = data_type.merge(&type_of(&record[column]));
            if data_type == Type::String {
                break;
            }
        }
        data_type
    }
}

/// Takes a file whose header nothing below it gave away as one with that header.
pub(crate) fn adopt_header(shape: &Shape, columns: Vec<Field>) -> Shape {
    with_header(shape.layout.clone(), shape.switches.clone(), columns)
}

pub(super) fn with_header(
    mut layout: Layout,
    switches: BTreeMap<&'static str, bool>,
    columns: Vec<Field>,
) -> Shape {
    layout.unnamed = false;
    layout.table_parameters.insert(SKIP_HEADER, "1".to_owned());
    Shape {
        layout,
        switches,
        columns,
        unproven_header: None,
    }
}

/// Whether a row of text alone cannot be one of the records.
fn has_other_than_text(columns: &[Field]) -> bool {
    let is_text = |column: &Field| matches!(column.data_type, Type::String | Type::Unknown);
    !columns.iter().all(is_text)
}

/// The columns' names: those a header says, without the space around them, and each only once.
fn column_names(header: &[String]) -> Vec<String> {
    let mut taken = HashMap::new();
    header
        .iter()
        .enumerate()
        .map(|(column, cell)| {
            let cell = cell.trim();
            let name = if cell.is_empty() {
                format!("col{column}")
            } else {
                cell.to_owned()
            };
            crate::naming::unused(name, &mut taken)
        })
        .collect()
}

/// Whether a row can be a header by its own cells. The last may be empty, behind a delimiter
/// that ends every line.
fn may_be_header(row: &[String]) -> bool {
    row.iter().enumerate().all(|(column, cell)| {
        let is_last = column + 1 == row.len();
        let cell = cell.trim();
        match type_of(cell) {
            Type::Unknown => is_last,
            Type::String => {
                (is_last || cell.chars().count() < HEADER_CELL)
                    && cell.len() <= COLUMN_NAME
                    && !cell.chars().any(char::is_control)
            }
            _ => false,
        }
    })
}

/// The type of one cell: `bigint`, `double` or `string`.
fn type_of(cell: &str) -> Type {
    if cell.is_empty() {
        return Type::Unknown;
    }
    if !is_number(cell.as_bytes()) {
        return Type::String;
    }
    if cell.parse::<i64>().is_ok() {
        Type::Bigint
    } else {
        Type::Double
    }
}

/// Whether this is a decimal number, and not one of the words that are numbers to Rust.
fn is_number(cell: &[u8]) -> bool {
    let unsigned = cell
        .strip_prefix(b"-")
        .or_else(|| cell.strip_prefix(b"+"))
        .unwrap_or(cell);
    let starts = match unsigned {
        [b'.', digit, ..] => digit.is_ascii_digit(),
        [digit, ..] => digit.is_ascii_digit(),
        [] => false,
    };
    starts && std::str::from_utf8(unsigned).is_ok_and(|text| text.parse::<f64>().is_ok())
}

/// The first records of a text with the lines they begin in, and where the last of them ends. A last record that the sample
/// cuts is left out.
fn records(
    delimiter: u8,
    quote: Option<u8>,
    text: &[u8],
    whole: bool,
) -> (Vec<(u64, Vec<String>)>, usize) {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .quoting(quote.is_some())
        .quote(quote.unwrap_or(b'"'))
        .from_reader(text);
    let mut records = Vec::new();
    let mut end = 0;
    let mut record = ByteRecord::new();
    // Reading from memory does not fail, and no record is invalid to a flexible reader.
    while records.len() < RECORDS && reader.read_byte_record(&mut record).unwrap_or(false) {
        let after = (reader.position().byte() as usize).min(text.len());
        if after >= text.len() && !whole {
            break;
        }
        end = after;
        let cells = record
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect();
        records.push((record.position().map_or(0, Position::line), cells));
    }
    (records, end)
}

/// Whether a cell starts with a quote.
fn has_quoted_cell(delimiter: u8, quote: u8, text: &[u8]) -> bool {
    text.first() == Some(&quote)
        || text
            .windows(2)
            .any(|two| two[1] == quote && (two[0] == delimiter || two[0] == b'\n'))
}

/// The number that comes most often; of equals, the greater.
fn most_common(numbers: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts = HashMap::new();
    for number in numbers {
        *counts.entry(number).or_insert(0_usize) += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(number, count)| (*count, *number))
        .map(|(number, _)| number)
}
