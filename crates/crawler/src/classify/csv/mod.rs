//! CSV, by the rules of Glue's built-in classifier.
//!
//! Source: AWS's Glue developer guide, "Built-in CSV classifier".

mod records;
mod remarks;

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;

use self::records::{Parted, has_quoted_cell, part};
use self::remarks::Odd;
use super::{Classified, Classifier, Layout, Records, Shape, TEXT_SAMPLE, Unreadable};
use crate::sample::Sample;
use crate::schema::{Field, Type};

pub(super) struct Csv;

/// Where two fit equally well, the earlier is taken.
const DELIMITERS: &[u8] = b",|\t;\x01";

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

/// A first row that may be a header.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Header {
    pub columns: Vec<Field>,
    /// How many lines of the file are no data: the header, and what stands above it.
    pub lines: u64,
}

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
    /// The records that have another number of cells.
    odd: Vec<Odd>,
    /// Quotes begin cells that they do not end.
    mispaired: bool,
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

    /// Parses with quotes, unless the lines make a better table without: a quote that does not end
    /// the cell which it begins is a character like others.
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
                if (with.mispaired || without.odd.len() < with.odd.len())
                    && without.record_size() < with.record_size() =>
            {
                Some(without)
            }
            (with, without) => with.or(without),
        }
    }

    /// The share of records that have as many cells as most.
    fn alike(&self) -> f64 {
        self.records.len() as f64 / self.seen as f64
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
        let Parted {
            records,
            end,
            mispaired,
        } = part(delimiter, quote, text, whole);
        let width = most_common(records.iter().map(|record| record.cells.len()))?;
        let seen = records.len() as u64;
        let (alike, others): (Vec<_>, Vec<_>) = records
            .into_iter()
            .partition(|record| record.cells.len() == width);
        let share = alike.len() as f64 / seen as f64;
        if width < rules.least_columns || alike.len() < rules.least_records || share < LIKE_SHAPE {
            return None;
        }
        let (lines, records) = alike
            .into_iter()
            .map(|record| (record.line, record.cells))
            .unzip();
        Some(Self {
            delimiter,
            quoted: quotes && has_quoted_cell(delimiter, rules.quote, &text[..end]),
            records,
            lines,
            width,
            odd: others.iter().map(Odd::of).collect(),
            mispaired,
            seen,
            end,
        })
    }

    /// How well the delimiter fits: first by how alike the records are, then by their width.
    fn fit(&self) -> f64 {
        let width = self.width.min(1_000_000) as f64;
        (self.alike() * 1000.0).floor() * 1_000_000.0 + width
    }

    fn classified(self, sample: &Sample) -> Classified {
        let may_be_header = may_be_header(&self.records[0]);
        let header = self.header();
        let layout = self.layout(sample);
        let switches = [(ARE_COLUMNS_QUOTED, self.quoted)].into();
        let shape = if may_be_header && has_other_than_text(&header.columns) {
            with_header(layout, switches, header)
        } else {
            Shape {
                layout,
                switches,
                columns: (0..self.width)
                    .map(|column| {
                        Field::new(format!("col{column}"), self.type_of_column(column, 0))
                    })
                    .collect(),
                unproven_header: may_be_header.then_some(header),
                is_header_told: false,
            }
        };
        let has_header = !shape.layout.unnamed;
        // A first row that another file may show to be a header is no value.
        let first = usize::from(has_header || may_be_header);
        let (mut remarks, counts) = self.of_columns(&shape.columns, first);
        remarks.extend(self.remarks_of_text(sample.text(), has_header));
        Classified {
            records: self.counted(sample, has_header),
            shape,
            counts,
            remarks,
        }
    }

    /// The records that are data: without a header, and what stands above it.
    pub fn counted(&self, sample: &Sample, has_header: bool) -> Records {
        let skipped = if has_header {
            1 + self.above_header().count() as u64
        } else {
            0
        };
        Records::of_lines(sample, self.seen - skipped, skipped, self.end as u64)
    }

    /// The records before the first that has [`Self::width`] cells.
    fn above_header(&self) -> impl Iterator<Item = &Odd> {
        let first = self.lines[0];
        self.odd.iter().filter(move |odd| odd.line < first)
    }

    /// Whether the first row says what the columns are called.
    pub fn has_header(&self) -> bool {
        may_be_header(&self.records[0]) && has_other_than_text(&self.header().columns)
    }

    /// The first row as the header. What stands above it, as a title does, is skipped with it.
    pub fn header(&self) -> Header {
        let first = &self.records[0];
        let columns = column_names(first).into_iter().enumerate();
        let breaks = first.iter().flat_map(|cell| cell.matches('\n')).count();
        Header {
            columns: columns
                .map(|(column, name)| Field::new(name, self.type_of_column(column, 1)))
                .collect(),
            lines: self.lines[0] + breaks as u64,
        }
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
pub(crate) fn adopt_header(shape: &Shape, header: Header) -> Shape {
    with_header(shape.layout.clone(), shape.switches.clone(), header)
}

pub(super) fn with_header(
    mut layout: Layout,
    switches: BTreeMap<&'static str, bool>,
    header: Header,
) -> Shape {
    layout.unnamed = false;
    layout.skipped_lines = header.lines;
    Shape {
        layout,
        switches,
        columns: header.columns,
        unproven_header: None,
        is_header_told: false,
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
