//! OpenCSVSerde: quoted fields. In the file all of them are text; Athena turns them into the
//! columns' types and takes no field that is no such value, an empty one neither.
//!
//! A timestamp is a number of milliseconds, a date a number of days since 1970-01-01.

use std::sync::Arc;

use super::column::Column;
use super::text::{Decode, Lines, bad_field};
use super::{Filter, Format, Layout};
use crate::error::Error;
use crate::types::{Type, Value};

/// Picoseconds of a millisecond.
const MILLI: i128 = 1_000_000_000;

pub(super) fn format(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    let decode = OpenCsv::new(&layout);
    Ok(Arc::new(Lines::new(&layout, decode)))
}

#[derive(Debug)]
struct OpenCsv {
    separator: char,
    quote: char,
    escape: char,
    wanted: Vec<usize>,
}

impl OpenCsv {
    fn new(layout: &Layout) -> Self {
        let given = |name: &str, default: char| {
            layout
                .parameter(name)
                .and_then(|text| match text {
                    "\\t" => Some('\t'),
                    text => text.chars().next(),
                })
                .unwrap_or(default)
        };
        Self {
            separator: given("separatorChar", ','),
            quote: given("quoteChar", '"'),
            escape: given("escapeChar", '\\'),
            wanted: layout.projection.clone(),
        }
    }

    /// The fields of a line, as opencsv takes it apart: quotes may begin in the middle of a
    /// field, a doubled quote is one, and the escape counts only within quotes.
    fn split(&self, line: &str) -> Vec<String> {
        let mut fields = Vec::new();
        let mut field = String::new();
        let mut quoted = false;
        let mut chars = line.chars().peekable();
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            if c == self.escape && self.escape != self.quote {
                if quoted
                    && let Some(escaped) = next.filter(|n| *n == self.quote || *n == self.escape)
                {
                    field.push(escaped);
                    chars.next();
                }
            } else if c == self.quote {
                if quoted && next == Some(self.quote) {
                    field.push(self.quote);
                    chars.next();
                } else {
                    if !quoted && field.chars().all(char::is_whitespace) {
                        field.clear();
                    }
                    quoted = !quoted;
                }
            } else if c == self.separator && !quoted {
                fields.push(std::mem::take(&mut field));
            } else {
                field.push(c);
            }
        }
        fields.push(field);
        fields
    }
}

/// The value of a field; `None` where it is none of the type.
fn value(text: &str, data_type: &Type) -> Option<Value> {
    match data_type {
        Type::Date => text.trim().parse().ok().map(Value::Date),
        Type::Timestamp(_) => {
            let millis: i64 = text.trim().parse().ok()?;
            Some(Value::Timestamp(i128::from(millis) * MILLI))
        }
        other => super::scalar::parse(other, text),
    }
}

impl Decode for OpenCsv {
    fn decode(&self, line: &str, columns: &mut [Column]) -> Result<(), Error> {
        let fields = self.split(line);
        for (place, column) in self.wanted.iter().zip(columns) {
            let Some(field) = fields.get(*place) else {
                column.append_null();
                continue;
            };
            let appended = match column.data_type() {
                special @ (Type::Date | Type::Timestamp(_)) => value(field, special)
                    .map(|value| column.append(value))
                    .is_some(),
                _ => column.append_text(field),
            };
            if !appended {
                return Err(bad_field(field, *place, column.data_type()));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serde() -> OpenCsv {
        OpenCsv {
            separator: ',',
            quote: '"',
            escape: '\\',
            wanted: vec![0],
        }
    }

    #[test]
    fn quotes_keep_separators_and_quotes() {
        assert_eq!(
            serde().split(r#"1,"a, b","say ""hi""",  "x",,"q\"e""#),
            ["1", "a, b", "say \"hi\"", "x", "", "q\"e"]
        );
    }

    #[test]
    fn a_field_of_another_type_is_an_error_that_names_it() {
        let mut columns = [Column::new(Type::Integer)];
        let error = serde().decode("abc", &mut columns).unwrap_err();
        assert_eq!(
            error.to_string(),
            "HIVE_BAD_DATA: Error parsing field value 'abc' for field 0: For input string: \"abc\""
        );
    }

    #[test]
    fn a_date_is_a_number_of_days() {
        assert!(matches!(value("365", &Type::Date), Some(Value::Date(365))));
        assert!(value("1971-01-01", &Type::Date).is_none());
    }
}
