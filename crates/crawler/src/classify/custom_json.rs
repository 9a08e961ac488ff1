//! JSON whose records are inside of something else.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{
    ARRAY_COLUMN, LONGEST_RECORD, Next, fields_of, next_value, skip_whitespace, type_of,
    without_mark,
};
use super::json_lines::Lines;
use super::{Classified, Layout, Records, Shape, Unreadable, remarks};
use crate::sample::Sample;
use crate::schema::{Field, merge_all};

/// Gives nothing if the file is no JSON, or has nothing where the path leads.
pub(super) async fn classify(
    path: &str,
    sample: &mut Sample,
) -> Result<Option<Classified>, Unreadable> {
    let Some(steps) = steps(path) else {
        return Ok(None);
    };
    sample.read_text(LONGEST_RECORD).await?;
    let text = sample.text();
    let (mut records, mut lines) = (Vec::new(), Lines::of(text));
    let mark = text.len() - without_mark(text).len();
    let mut end = 0;
    let mut place = skip_whitespace(text, mark);
    while place < text.len() {
        match next_value(text, place) {
            Next::Value(document, after) => {
                end = after;
                lines.take(text, place, end);
                select(&document, &steps, &mut records);
            }
            // The sample cuts the last document.
            Next::Cut if !sample.is_whole() => break,
            Next::Cut | Next::Malformed => return Ok(None),
        }
        place = skip_whitespace(text, end);
    }
    if records.is_empty() {
        return Ok(None);
    }
    let mut layout = Layout::text(
        "json",
        sample.compression(),
        "org.openx.data.jsonserde.JsonSerDe",
    );
    layout.writes_paths = true;
    layout.sparse = true;
    layout.table_parameters.insert("jsonPath", path.to_owned());
    let count = records.len() as u64;
    let kinds = remarks::Kinds::of(&records);
    let columns = merge_all(records);
    let counts = kinds.counts(&columns, |_| 0);
    Ok(Some(Classified {
        shape: Shape {
            layout,
            switches: BTreeMap::new(),
            columns,
            unproven_header: None,
            is_header_told: false,
        },
        records: Records::of_text(sample, count, end as u64),
        counts,
        remarks: remark(&steps, &lines, text).into_iter().collect(),
    }))
}

/// Why Athena does not read what the path leads to: its SerDe is told of no path.
fn remark(steps: &[Step], lines: &Lines, text: &[u8]) -> Option<String> {
    if steps.is_empty() {
        return lines.remark(text);
    }
    Some(
        "Athena reads JSON objects of a line each, and knows nothing of a classifier's path: it does \
         not find these records; a Glue job does, or write them a line each"
            .to_owned(),
    )
}

/// One step of a path, in the part of JSONPath that Glue knows.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
    All,
}

/// Whether these are steps that Glue knows: its developer guide, "Writing JSON custom classifiers",
/// names `$`, `*`, `.name`, `['name']` and `[0]`.
pub(super) fn is_path(path: &str) -> bool {
    steps(path).is_some()
}

/// The steps of `$`, `.name`, `['name']`, `[0]`, `[*]` and `.*`; nothing for what is no such path.
fn steps(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (inside, after) = after.split_once(']')?;
            let inside = inside.trim();
            let unquoted = inside
                .strip_prefix('\'')
                .and_then(|text| text.strip_suffix('\''))
                .or_else(|| inside.strip_prefix('"')?.strip_suffix('"'));
            steps.push(match unquoted {
                Some(name) => Step::Member(name.to_owned()),
                None if inside == "*" => Step::All,
                None => Step::Element(inside.parse().ok()?),
            });
            rest = after;
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            steps.push(match &after[..end] {
                "" => return None,
                "*" => Step::All,
                name => Step::Member(name.to_owned()),
            });
            rest = &after[end..];
        }
    }
    Some(steps)
}

/// The columns of every record that the path leads to.
fn select(value: &Value, steps: &[Step], records: &mut Vec<Vec<Field>>) {
    let Some((step, rest)) = steps.split_first() else {
        match value {
            Value::Object(object) => records.push(fields_of(object)),
            Value::Array(_) => records.push(vec![Field::new(ARRAY_COLUMN, type_of(value))]),
            _ => {}
        }
        return;
    };
    match (step, value) {
        (Step::Member(name), Value::Object(object)) => {
            if let Some(inner) = object.get(name) {
                select(inner, rest, records);
            }
        }
        (Step::Element(index), Value::Array(elements)) => {
            if let Some(inner) = elements.get(*index) {
                select(inner, rest, records);
            }
        }
        (Step::All, Value::Array(elements)) => {
            for inner in elements {
                select(inner, rest, records);
            }
        }
        (Step::All, Value::Object(object)) => {
            for inner in object.values() {
                select(inner, rest, records);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart() {
        let member = |name: &str| Step::Member(name.to_owned());
        assert_eq!(steps("$"), Some(Vec::new()));
        assert_eq!(steps("$[*]"), Some(vec![Step::All]));
        assert_eq!(
            steps("$.a['b c'][0].*"),
            Some(vec![
                member("a"),
                member("b c"),
                Step::Element(0),
                Step::All
            ])
        );
        for wrong in ["a", "$a", "$.", "$[", "$[x]", "", "not a path", "$..a"] {
            assert_eq!(steps(wrong), None, "{wrong}");
        }
    }
}
