//! LazySimpleSerDe: fields between delimiters, without quotes. A field that is no value of its
//! column's type is NULL; bytes are in Base64, and where they are not, the file is at fault (Trino's
//! `BinaryEncoding`).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, engine::DecodePaddingMode};

use super::column::Column;
use super::text::{Decode, Lines};
use super::{Filter, Format, Layout, scalar};
use crate::error::Error;
use crate::types::{Type, Value};

pub(super) fn format(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    let decode = LazySimple::new(&layout);
    Ok(Arc::new(Lines::new(&layout, decode)))
}

#[derive(Debug)]
struct LazySimple {
    /// Of fields, of the items of collections, of keys and values, of what is deeper.
    delimiters: Vec<char>,
    escape: Option<char>,
    null: String,
    /// The wanted columns by their places in the line, and where each goes, in order of place.
    wanted: Vec<(usize, usize)>,
}

/// How a line is divided.
#[derive(Clone, Debug)]
pub(crate) struct Delimiters {
    /// Of fields, of the items of collections, of keys and values, and of what is deeper.
    pub levels: Vec<char>,
    pub escape: Option<char>,
    /// What stands for NULL.
    pub null: String,
}

impl Delimiters {
    /// As the parameters of a table and its SerDe say.
    pub fn of(layout: &Layout) -> Self {
        // `colelction.delim` is Hive's own spelling; `serialization.format` is what was before.
        let delimiters = [
            (["field.delim", "serialization.format"], '\u{1}'),
            (["collection.delim", "colelction.delim"], '\u{2}'),
            (["mapkey.delim", "mapkey.delim"], '\u{3}'),
        ];
        let mut delimiters: Vec<char> = delimiters
            .iter()
            .map(|(names, default)| {
                let given = names.iter().find_map(|name| layout.parameter(name));
                given.and_then(delimiter).unwrap_or(*default)
            })
            .collect();
        delimiters.extend('\u{4}'..='\u{8}');
        Self {
            levels: delimiters,
            escape: layout.parameter("escape.delim").and_then(delimiter),
            null: layout
                .parameter("serialization.null.format")
                .unwrap_or("\\N")
                .to_owned(),
        }
    }
}

impl LazySimple {
    fn new(layout: &Layout) -> Self {
        let Delimiters {
            levels,
            escape,
            null,
        } = Delimiters::of(layout);
        let mut wanted: Vec<(usize, usize)> = layout
            .projection
            .iter()
            .enumerate()
            .map(|(target, place)| (*place, target))
            .collect();
        wanted.sort_unstable();
        Self {
            delimiters: levels,
            escape,
            null,
            wanted,
        }
    }

    fn append(&self, field: &str, column: &mut Column) -> Result<(), Error> {
        if field == self.null {
            column.append_null();
            return Ok(());
        }
        let appended = match column.data_type() {
            valued @ (Type::Array(_) | Type::Map(..) | Type::Row(_) | Type::Varbinary) => {
                let value = self.value(field, valued, 1)?;
                column.append(value);
                true
            }
            _ => column.append_text(&self.unescape(field)),
        };
        if !appended {
            column.append_null();
        }
        Ok(())
    }

    /// A value within the collection whose items the delimiter of this depth parts.
    fn value(&self, text: &str, data_type: &Type, depth: usize) -> Result<Value, Error> {
        if text == self.null {
            return Ok(Value::Null);
        }
        Ok(match data_type {
            Type::Array(_) if text.is_empty() => Value::array(Vec::new()),
            Type::Array(element) => {
                let items = self.split(text, depth);
                let items = items.map(|item| self.value(item, element, depth + 1));
                Value::array(items.collect::<Result<_, _>>()?)
            }
            Type::Map(..) if text.is_empty() => Value::map(Vec::new()),
            Type::Map(key, value) => {
                let mut entries = Vec::new();
                for entry in self.split(text, depth) {
                    let mut parts = self.split(entry, depth + 1);
                    let key = self.part(parts.next(), key, depth + 2)?;
                    let value = self.part(parts.next(), value, depth + 2)?;
                    if !key.is_null() {
                        entries.push((key, value));
                    }
                }
                Value::map(entries)
            }
            Type::Row(fields) => {
                let mut parts = self.split(text, depth);
                let values = fields
                    .iter()
                    .map(|field| self.part(parts.next(), &field.data_type, depth + 1));
                Value::row(values.collect::<Result<_, _>>()?)
            }
            Type::Varbinary => bytes_of(&self.unescape(text))?,
            simple => scalar::parse(simple, &self.unescape(text)).unwrap_or(Value::Null),
        })
    }

    /// A part of a collection; NULL where the collection ends before it.
    fn part(&self, text: Option<&str>, data_type: &Type, depth: usize) -> Result<Value, Error> {
        text.map_or(Ok(Value::Null), |text| self.value(text, data_type, depth))
    }

    /// Parts a text at the delimiter of a depth, where it is not escaped.
    fn split<'a>(&self, text: &'a str, depth: usize) -> Fields<'a> {
        Fields {
            rest: Some(text),
            delimiter: self.delimiters.get(depth).copied().unwrap_or('\u{8}'),
            escape: self.escape,
        }
    }

    fn unescape<'a>(&self, text: &'a str) -> std::borrow::Cow<'a, str> {
        match self.escape {
            Some(escape) if text.contains(escape) => {
                let mut plain = String::with_capacity(text.len());
                let mut chars = text.chars();
                while let Some(c) = chars.next() {
                    plain.push(if c == escape {
                        chars.next().unwrap_or(c)
                    } else {
                        c
                    });
                }
                plain.into()
            }
            _ => text.into(),
        }
    }
}

/// Java's decoder takes Base64 with its padding and without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn bytes_of(text: &str) -> Result<Value, Error> {
    let decoded = BASE64.decode(text).map_err(|error| {
        let message = format!("'{text}' is not in Base64: {error}");
        Error::user("HIVE_CURSOR_ERROR", message)
    })?;
    Ok(Value::binary(decoded.as_slice()))
}

/// A delimiter is written as itself, or as the number of its character.
fn delimiter(text: &str) -> Option<char> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if !c.is_ascii_digit() => Some(c),
        (Some(_), _) => match text.parse::<u8>() {
            Ok(number) => Some(char::from(number)),
            Err(_) if text == "\\t" => Some('\t'),
            Err(_) => text.chars().next(),
        },
        (None, _) => None,
    }
}

struct Fields<'a> {
    rest: Option<&'a str>,
    delimiter: char,
    escape: Option<char>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let end = match self.escape {
            None => rest.find(self.delimiter),
            Some(escape) => {
                let mut escaped = false;
                rest.char_indices().find_map(|(at, c)| {
                    if escaped {
                        escaped = false;
                        None
                    } else if c == escape {
                        escaped = true;
                        None
                    } else {
                        (c == self.delimiter).then_some(at)
                    }
                })
            }
        };
        match end {
            Some(end) => {
                self.rest = Some(&rest[end + self.delimiter.len_utf8()..]);
                Some(&rest[..end])
            }
            None => {
                self.rest = None;
                Some(rest)
            }
        }
    }
}

impl Decode for LazySimple {
    fn decode(&self, line: &str, columns: &mut [Column]) -> Result<(), Error> {
        let mut fields = self.split(line, 0);
        let mut at = 0;
        for (place, target) in &self.wanted {
            let field = fields.nth(place - at);
            at = place + 1;
            match field {
                Some(field) => self.append(field, &mut columns[*target])?,
                None => columns[*target].append_null(),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{from_hive, values_of};

    fn read(types: &[&str], parameters: &[(&str, &str)], lines: &[&str]) -> Vec<String> {
        let layout = Layout {
            columns: types
                .iter()
                .enumerate()
                .map(|(i, t)| (format!("c{i}"), from_hive(t).unwrap()))
                .collect(),
            projection: (0..types.len()).collect(),
            serde_parameters: parameters
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            table_parameters: Default::default(),
        };
        let decode = LazySimple::new(&layout);
        let mut columns: Vec<Column> = layout
            .wanted()
            .map(|(_, _, t)| Column::new(t.clone()))
            .collect();
        for line in lines {
            decode.decode(line, &mut columns).unwrap();
        }
        let columns: Vec<Vec<Value>> = columns
            .iter_mut()
            .map(|column| {
                let data_type = column.data_type().clone();
                values_of(&column.finish(), &data_type)
            })
            .collect();
        (0..lines.len())
            .map(|row| {
                let values: Vec<String> = columns
                    .iter()
                    .map(|column| scalar::shown(&column[row]))
                    .collect();
                values.join("|")
            })
            .collect()
    }

    #[test]
    fn fields_go_to_their_types_and_what_does_not_fit_is_null() {
        let rows = read(
            &["int", "string", "double", "date"],
            &[("field.delim", ",")],
            &["1,a,1.5,2024-02-29", "x,,y,2023-02-29", "\\N,\\N", ""],
        );
        assert_eq!(rows, ["1|a|1.5|2024-02-29", "-||-|-", "-|-|-|-", "-|-|-|-"]);
    }

    #[test]
    fn bytes_are_read_from_base64() {
        let rows = read(
            &["binary", "map<string,binary>"],
            &[("field.delim", "|")],
            &["AP8=|k\u{3}YWI", "|", "\\N|\\N"],
        );
        let bytes = |bytes: &[u8]| format!("{:?}", Value::binary(bytes));
        let expected = [
            format!("{}|{{k={}}}", bytes(&[0, 255]), bytes(b"ab")),
            format!("{}|{{}}", bytes(b"")),
            "-|-".to_owned(),
        ];
        assert_eq!(rows, expected);
        let error = bytes_of("not base64").unwrap_err();
        assert_eq!(error.code, "HIVE_CURSOR_ERROR");
    }

    #[test]
    fn an_escaped_delimiter_is_part_of_its_field() {
        let rows = read(
            &["string", "string"],
            &[("field.delim", ","), ("escape.delim", "\\")],
            &["a\\,b,c"],
        );
        assert_eq!(rows, ["a,b|c"]);
    }

    #[test]
    fn collections_have_delimiters_of_their_own() {
        let rows = read(
            &["array<int>", "map<string,int>", "struct<a:int,b:string>"],
            &[
                ("field.delim", "|"),
                ("collection.delim", ","),
                ("mapkey.delim", ":"),
            ],
            &["1,2|a:1,b:2|7,x"],
        );
        assert_eq!(rows, ["[1, 2]|{a=1, b=2}|(7, x)"]);
    }
}
