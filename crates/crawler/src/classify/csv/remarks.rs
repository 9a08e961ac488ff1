//! What a user should know of a CSV file, though it was read.

use super::Rows;
use super::records::Record;
use crate::classify::remarks;
use crate::counted::grouped;
use crate::memory::{Counted, ValueKind};
use crate::schema::{Field, Type};

/// A record that has another number of cells than most.
#[derive(Clone, Copy, Debug)]
pub(super) struct Odd {
    pub line: u64,
    width: usize,
}

impl Odd {
    pub fn of(record: &Record) -> Self {
        Self {
            line: record.line,
            width: record.cells.len(),
        }
    }
}

impl Rows {
    /// What is to be said of the file's text, of which the table skips a header or not.
    pub fn remarks_of_text(&self, text: &[u8], has_header: bool) -> Vec<String> {
        let mark = (!has_header && text.starts_with(b"\xef\xbb\xbf")).then(|| {
            "the file begins with a byte order mark, which Athena reads as part of the first \
             value where no header is skipped; write it without"
                .to_owned()
        });
        [
            self.remark_of_title(has_header),
            self.remark_of_odd(has_header),
            self.remark_of_line_breaks(),
            mark,
            remarks::of_encoding(&text[..self.end]),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn remark_of_title(&self, has_header: bool) -> Option<String> {
        let has_title = has_header && self.above_header().next().is_some();
        has_title.then(|| {
            format!(
                "the header is in line {}; what stands above it is skipped with it",
                grouped(self.lines[0])
            )
        })
    }

    fn remark_of_odd(&self, has_header: bool) -> Option<String> {
        let skipped = if has_header {
            self.above_header().count()
        } else {
            0
        };
        let odd = &self.odd[skipped..];
        let first = odd.first()?;
        Some(format!(
            "{} of {} records that were read have another number of cells than {}, and were passed \
             over; the first is in line {}, and has {}; Athena reads them, with NULL for what they \
             lack and without what is too much",
            grouped(odd.len() as u64),
            grouped(self.seen),
            grouped(self.width as u64),
            grouped(first.line),
            grouped(first.width as u64),
        ))
    }

    /// Athena user guide, "Open CSV SerDe for processing CSV": it "does not support embedded line
    /// breaks"; nor does any SerDe of texts, as each gets one line.
    fn remark_of_line_breaks(&self) -> Option<String> {
        let has_break = |cells: &Vec<String>| cells.iter().any(|cell| cell.contains('\n'));
        let place = self.records.iter().position(has_break)?;
        Some(format!(
            "the record of line {} has a line break within quotes; Athena takes each line for a \
             row, whatever the SerDe: write the file as Parquet or JSON",
            grouped(self.lines[place])
        ))
    }

    /// What is to be said of columns that are text for few of their values, and the values of those
    /// that have numbers too. The records before `from` are no data.
    pub fn of_columns(
        &self,
        columns: &[Field],
        from: usize,
    ) -> (Vec<String>, Option<Vec<Counted>>) {
        let texts = columns.iter().enumerate();
        let texts = texts.filter(|(_, field)| field.data_type == Type::String);
        let values: Vec<(usize, &str, Values<'_>)> = texts
            .map(|(place, field)| (place, &*field.name, self.values(place, from)))
            .collect();
        let remark = |(_, name, values): &(usize, &str, Values<'_>)| values.remark(name);
        let counts = values
            .iter()
            .flat_map(|(place, _, values)| values.counts(*place));
        (
            values.iter().filter_map(remark).collect(),
            remarks::kept(counts),
        )
    }

    fn values(&self, column: usize, from: usize) -> Values<'_> {
        let mut values = Values::default();
        for (record, line) in self.records.iter().zip(&self.lines).skip(from) {
            let cell = &record[column];
            match super::type_of(cell) {
                Type::Unknown => {}
                Type::String => {
                    values.texts += 1;
                    values.first_text.get_or_insert((*line, cell.as_str()));
                }
                _ => {
                    values.numbers += 1;
                    values.first_number.get_or_insert(*line);
                }
            }
        }
        values
    }
}

/// The values of a column that is text, and the lines of the first.
#[derive(Default)]
struct Values<'a> {
    numbers: u64,
    first_number: Option<u64>,
    texts: u64,
    first_text: Option<(u64, &'a str)>,
}

impl Values<'_> {
    /// Says where the first text is, if texts are few.
    fn remark(&self, name: &str) -> Option<String> {
        let all = self.numbers + self.texts;
        let first = self.first_text;
        let (line, text) = first.filter(|_| remarks::are_few(self.texts, all))?;
        let text: String = text.chars().take(40).collect();
        Some(format!(
            "column {name} is string because of {} of {} values that were read; all others are \
             numbers; the first is {text:?} in line {}",
            grouped(self.texts),
            grouped(all),
            grouped(line)
        ))
    }

    /// Of a column that has numbers too.
    fn counts(&self, column: usize) -> Vec<Counted> {
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let kinds = [
            (ValueKind::Numbers, self.numbers, self.first_number),
            (
                ValueKind::Texts,
                self.texts,
                self.first_text.map(|(line, _)| line),
            ),
        ];
        if self.numbers == 0 {
            return Vec::new();
        }
        let counted = kinds.into_iter().filter_map(|(kind, values, line)| {
            Some(Counted {
                column: number(column as u64),
                kind,
                values: number(values),
                line: number(line?),
            })
        });
        counted.collect()
    }
}
