//! JSON: an object a line, objects one after the other in any layout, or one array of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::json_lines::Lines;
use super::{Classified, Classifier, Layout, Records, Shape, TEXT_SAMPLE, Unreadable, remarks};
use crate::sample::Sample;
use crate::schema::{Field, Type, merge_all, merge_fields, merge_types};

pub(super) struct Json;

/// How far Glue reads for a first valid record.
pub(super) const LONGEST_RECORD: usize = 10 * 1024 * 1024;

/// The column that holds an array which is the whole file, as Glue calls it.
pub(super) const ARRAY_COLUMN: &str = "array";

#[async_trait]
impl Classifier for Json {
    async fn classify(&self, sample: &mut Sample) -> Result<Option<Classified>, Unreadable> {
        sample.read_beginning().await?;
        if !matches!(first_character(sample.text()), None | Some(b'{' | b'[')) {
            return Ok(None);
        }
        let mut limit = TEXT_SAMPLE;
        loop {
            sample.read_text(limit).await?;
            let found = Found::parse(sample.text());
            if found.is_other_text() {
                return Ok(None);
            }
            if found.records > 0 {
                return Ok(Some(found.classified(sample)));
            }
            let may_go_on = found.cut && !sample.is_whole() && limit < LONGEST_RECORD;
            if !may_go_on || sample.text().len() < limit {
                return Ok(None);
            }
            limit += TEXT_SAMPLE;
        }
    }
}

fn first_character(text: &[u8]) -> Option<u8> {
    without_mark(text)
        .iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace())
}

pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// What a sample of JSON text holds.
#[derive(Default)]
struct Found {
    /// Of each record.
    columns: Vec<Vec<Field>>,
    /// Where each record begins.
    starts: Vec<usize>,
    records: u64,
    lines: Lines,
    /// Where the last whole record ends.
    end: usize,
    /// The text ends within a record.
    cut: bool,
    /// The line of the first record that is not valid.
    malformed: Option<usize>,
    malformed_records: u64,
}

impl Found {
    /// Whether the first line goes on as no JSON does behind its value, as the line of a log that
    /// begins with `[17] `, and no fewer go on so than there are records.
    fn is_other_text(&self) -> bool {
        self.malformed == Some(1) && self.malformed_records >= self.records
    }

    fn parse(text: &[u8]) -> Self {
        let mut found = Self {
            lines: Lines::of(text),
            ..Self::default()
        };
        let mark = text.len() - without_mark(text).len();
        let mut place = skip_whitespace(text, mark);
        while place < text.len() {
            if text[place] == b'[' {
                let (element, end, complete) = array_elements(text, place);
                let Some(end) = end else {
                    if found.records == 0 {
                        return found;
                    }
                    found.malformed(text, place);
                    place = skip_separators(text, next_line(text, place));
                    continue;
                };
                found.cut |= !complete;
                if complete || element != Type::Unknown {
                    let columns = vec![Field::new(ARRAY_COLUMN, Type::array(element))];
                    found.record(columns, &text[..end], place);
                }
                place = skip_whitespace(text, end);
                if !complete {
                    return found;
                }
                continue;
            }
            match next_value(text, place) {
                Next::Value(Value::Object(object), end) => {
                    found.record(fields_of(&object), &text[..end], place);
                    place = end;
                }
                Next::Cut => {
                    found.cut = true;
                    return found;
                }
                // The first record decides whether this is JSON at all.
                _ if found.records == 0 => return found,
                _ => {
                    found.malformed(text, place);
                    place = next_line(text, place);
                }
            }
            place = skip_separators(text, place);
        }
        found
    }

    /// Takes a record that goes from `start` to the end of the text.
    fn record(&mut self, columns: Vec<Field>, text: &[u8], start: usize) {
        self.columns.push(columns);
        self.starts.push(start);
        self.lines.take(text, start, text.len());
        self.records += 1;
        self.end = text.len();
    }

    fn malformed(&mut self, text: &[u8], place: usize) {
        self.malformed_records += 1;
        self.malformed.get_or_insert_with(|| line_of(text, place));
    }

    fn classified(mut self, sample: &Sample) -> Classified {
        let mut layout = Layout::text(
            "json",
            sample.compression(),
            "org.openx.data.jsonserde.JsonSerDe",
        );
        layout.writes_paths = true;
        layout.sparse = true;
        let mut remarks = Vec::new();
        if let Some(line) = self.malformed {
            remarks.push(format!(
                "line {line} is not a JSON object; it was passed over, and Athena fails at it, unless \
                 the SerDe of the table has ignore.malformed.json"
            ));
        }
        if self.cut && sample.is_whole() {
            remarks.push("the file ends within a record".to_owned());
        }
        if !self.cut {
            self.lines.end(sample.text());
        }
        remarks.extend(self.lines.remark(sample.text()));
        let kinds = remarks::Kinds::of(&self.columns);
        let columns = merge_all(self.columns);
        let line = |record: usize| line_of(sample.text(), self.starts[record]);
        remarks.extend(kinds.remarks(&columns, line));
        let counts = kinds.counts(&columns, line);
        // Whitespace behind the last record belongs to it.
        let end = if self.cut {
            self.end
        } else {
            sample.text().len()
        };
        Classified {
            shape: Shape {
                layout,
                switches: BTreeMap::new(),
                columns,
                unproven_header: None,
                is_header_told: false,
            },
            records: Records::of_text(sample, self.records, end as u64),
            counts,
            remarks,
        }
    }
}

pub(super) enum Next {
    /// With the place behind it.
    Value(Value, usize),
    Cut,
    Malformed,
}

/// The value that begins at a place.
pub(super) fn next_value(text: &[u8], place: usize) -> Next {
    let mut values = serde_json::Deserializer::from_slice(&text[place..]).into_iter::<Value>();
    match values.next() {
        Some(Ok(value)) => Next::Value(value, place + values.byte_offset()),
        Some(Err(error)) if error.is_eof() => Next::Cut,
        None => Next::Cut,
        Some(Err(_)) => with_great_numbers(text, place),
    }
}

/// [`next_value`] of JSON that may have numbers beyond what a double holds. They are valid, and
/// are taken for doubles.
fn with_great_numbers(text: &[u8], place: usize) -> Next {
    let mut values = serde_json::Deserializer::from_slice(&text[place..]).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => {}
        Some(Err(error)) if error.is_eof() => return Next::Cut,
        _ => return Next::Malformed,
    }
    let end = place + values.byte_offset();
    match serde_json::from_slice(&with_doubles(&text[place..end])) {
        Ok(value) => Next::Value(value, end),
        Err(_) => Next::Malformed,
    }
}

/// A valid JSON value with `1.0` in place of each number that no double holds.
fn with_doubles(value: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(value.len());
    let (mut place, mut in_text) = (0, false);
    while let Some(&byte) = value.get(place) {
        let length = match byte {
            b'\\' if in_text => 2,
            b'-' | b'0'..=b'9' if !in_text => skip(value, place, |byte| {
                matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
            })
            .saturating_sub(place),
            _ => 1,
        };
        in_text ^= byte == b'"';
        let end = (place + length).min(value.len());
        let token = &value[place..end];
        let number = std::str::from_utf8(token).ok().filter(|_| !in_text);
        if number.is_some_and(|text| text.parse().is_ok_and(f64::is_infinite)) {
            made.extend_from_slice(b"1.0");
        } else {
            made.extend_from_slice(token);
        }
        place = end;
    }
    made
}

/// The common type of an array's elements one by one, so that an array need not be there whole;
/// where it ends, if nothing is wrong with it; and whether it is there whole.
fn array_elements(text: &[u8], start: usize) -> (Type, Option<usize>, bool) {
    let mut types = Vec::new();
    let mut place = skip_whitespace(text, start + 1);
    let mut end = start;
    if text.get(place) == Some(&b']') {
        return (Type::Unknown, Some(place + 1), true);
    }
    loop {
        match next_value(text, place) {
            Next::Value(value, after) => {
                types.push(type_of(&value));
                end = after;
            }
            Next::Cut => return (merge_types(types), Some(end), false),
            Next::Malformed => return (Type::Unknown, None, false),
        }
        place = skip_whitespace(text, end);
        match text.get(place) {
            Some(b',') => place = skip_whitespace(text, place + 1),
            Some(b']') => return (merge_types(types), Some(place + 1), true),
            None => return (merge_types(types), Some(end), false),
            Some(_) => return (Type::Unknown, None, false),
        }
    }
}

pub(super) fn fields_of(object: &serde_json::Map<String, Value>) -> Vec<Field> {
    let mut fields = Vec::with_capacity(object.len());
    let own: Vec<Field> = object
        .iter()
        .map(|(name, value)| Field::new(name.clone(), type_of(value)))
        .collect();
    // Keys that differ in case alone become one.
    merge_fields(&mut fields, &own);
    fields
}

pub(super) fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Unknown,
        Value::Bool(_) => Type::Boolean,
        Value::Number(number) => match number.as_i64() {
            Some(integer) if i32::try_from(integer).is_ok() => Type::Int,
            Some(_) => Type::Bigint,
            None => Type::Double,
        },
        Value::String(_) => Type::String,
        Value::Array(elements) => Type::array(merge_types(elements.iter().map(type_of).collect())),
        Value::Object(object) => Type::Struct(fields_of(object)),
    }
}

pub(super) fn skip_whitespace(text: &[u8], place: usize) -> usize {
    skip(text, place, |byte| byte.is_ascii_whitespace())
}

/// Some writers put commas between the objects of a file.
fn skip_separators(text: &[u8], place: usize) -> usize {
    skip(text, place, |byte| {
        byte.is_ascii_whitespace() || byte == b','
    })
}

fn skip(text: &[u8], place: usize, goes: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(place..).unwrap_or_default();
    place + rest.iter().take_while(|byte| goes(**byte)).count()
}

fn next_line(text: &[u8], place: usize) -> usize {
    skip(text, place, |byte| byte != b'\n') + 1
}

fn line_of(text: &[u8], place: usize) -> usize {
    text[..place].split(|byte| *byte == b'\n').count()
}
