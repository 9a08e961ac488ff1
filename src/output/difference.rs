//! Two values side by side: documents by what they mean, texts by their lines, all else in one
//! line.

use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

use super::Paint;
use crate::resource::AFTER_UP;

/// Longer values are cut.
const TOLD: usize = 72;
/// Unchanged lines around a change of a document.
const CONTEXT: usize = 1;
/// Lines of a difference that are shown at most.
const LINES: usize = 60;

/// A value in one line.
pub fn inline(value: &Value) -> String {
    cut(&written(value))
}

fn written(value: &Value) -> String {
    match value {
        Value::Null => "unset".to_owned(),
        Value::String(text) if text == AFTER_UP => text.clone(),
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TOLD {
        return text.to_owned();
    }
    let kept: String = text.chars().take(TOLD - 1).collect();
    format!("{kept}…")
}

/// The lines of a field that changes: one if that says it, a small difference otherwise. `suffix`
/// goes behind the first.
pub fn lines(path: &str, old: &Value, new: &Value, suffix: &str, paint: Paint) -> Vec<String> {
    if let Some((old, new)) = in_lines(old, new) {
        let mut lines = vec![format!("{path}:{suffix}")];
        let difference = difference(&old, &new, paint);
        lines.extend(difference.into_iter().map(|line| format!("  {line}")));
        return lines;
    }
    let (old, new) = beside(&written(old), &written(new));
    vec![format!(
        "{path}: {} → {}{suffix}",
        paint.bad(&old),
        paint.good(&new)
    )]
}

/// Both in lines that can be compared, if they are documents or longer texts.
fn in_lines(old: &Value, new: &Value) -> Option<(String, String)> {
    let texts = match (document(old), document(new)) {
        (Some(old), Some(new)) => {
            let pretty = |value: &Value| serde_json::to_string_pretty(value).ok();
            (pretty(&align(&old, &new))?, pretty(&new)?)
        }
        _ => match (old, new) {
            (Value::String(old), Value::String(new))
                if old.trim_end().contains('\n') || new.trim_end().contains('\n') =>
            {
                (old.clone(), new.clone())
            }
            _ => return None,
        },
    };
    // What differs in its form alone has no lines to show.
    (texts.0 != texts.1).then_some(texts)
}

/// A list, a table, or a text that holds one as JSON.
fn document(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) | Value::Array(_) => Some(value.clone()),
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            serde_json::from_str(text).ok()
        }
        _ => None,
    }
}

/// The old document in the form of the new one: its order of keys, and a list of one where the new
/// one has it. What remains different means something else.
fn align(old: &Value, new: &Value) -> Value {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let mut aligned = Map::new();
            for (key, new) in new {
                if let Some(old) = old.get(key) {
                    aligned.insert(key.clone(), align(old, new));
                }
            }
            for (key, old) in old {
                if !new.contains_key(key) {
                    aligned.insert(key.clone(), old.clone());
                }
            }
            Value::Object(aligned)
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => old
            .iter()
            .zip(new)
            .map(|(old, new)| align(old, new))
            .collect(),
        (Value::Array(old), new) if !new.is_array() && old.len() == 1 && old[0] == *new => {
            new.clone()
        }
        (old, Value::Array(new)) if !old.is_array() && new.len() == 1 && new[0] == *old => {
            Value::Array(new.clone())
        }
        (old, _) => old.clone(),
    }
}

/// Two texts, line by line, with what is the same left out.
fn difference(old: &str, new: &str, paint: Paint) -> Vec<String> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for (i, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if i > 0 {
            lines.push(format!("  {}", paint.faint("…")));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let text = cut(change.value().trim_end_matches('\n'));
            lines.push(match change.tag() {
                ChangeTag::Equal => format!("  {}", paint.faint(&text)),
                ChangeTag::Delete => paint.bad(&format!("- {text}")),
                ChangeTag::Insert => paint.good(&format!("+ {text}")),
            });
        }
    }
    let count = lines.len();
    if count > LINES {
        lines.truncate(LINES);
        lines.push(paint.faint(&format!("… {} more lines", count - LINES)));
    }
    lines
}

/// Two long texts cut to where they begin to differ.
fn beside(old: &str, new: &str) -> (String, String) {
    let is_long = |text: &str| text.chars().count() > TOLD;
    if !is_long(old) && !is_long(new) {
        return (old.to_owned(), new.to_owned());
    }
    let same = old
        .chars()
        .zip(new.chars())
        .take_while(|(o, n)| o == n)
        .count();
    // A few characters of what is the same tell the place.
    let skipped = same.saturating_sub(20);
    let from_there = |text: &str| {
        if skipped == 0 {
            return cut(text);
        }
        let rest: String = text.chars().skip(skipped).collect();
        cut(&format!("…{rest}"))
    };
    (from_there(old), from_there(new))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(old: &Value, new: &Value) -> String {
        lines("field", old, new, "", Paint(false)).join("\n")
    }

    #[test]
    fn a_policy_is_compared_by_what_it_means() {
        let old = json!(
            r#"{"Statement":[{"Effect":"Allow","Resource":"*","Action":"s3:GetObject"}],"Version":"2012-10-17"}"#
        );
        let new = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::a/*" }],
        });
        insta::assert_snapshot!(told(&old, &new), @r#"
        field:
                  ],
          -       "Resource": "*"
          +       "Resource": "arn:aws:s3:::a/*"
                }
        "#);
    }

    #[test]
    fn a_long_text_is_shown_where_it_differs() {
        let old = json!(format!("SELECT {} LIMIT 10", "title, ".repeat(30)));
        let new = json!(format!("SELECT {} LIMIT 20", "title, ".repeat(30)));
        insta::assert_snapshot!(told(&old, &new), @r#"field: …itle, title,  LIMIT 10" → …itle, title,  LIMIT 20""#);
    }

    #[test]
    fn lines_of_sql_are_compared_as_lines() {
        let old = json!("SELECT title\nFROM films\nLIMIT 10\n");
        let new = json!("SELECT title\nFROM films\nLIMIT 20\n");
        insta::assert_snapshot!(told(&old, &new), @r"
        field:
            FROM films
          - LIMIT 10
          + LIMIT 20
        ");
    }

    #[test]
    fn the_order_of_a_list_is_a_change() {
        let told = told(&json!(["a", "b"]), &json!(["b", "a"]));
        assert!(told.contains("- ") && told.contains("+ "), "{told}");
    }

    #[test]
    fn what_is_not_known_yet_is_said_so() {
        assert_eq!(
            told(&Value::Null, &json!(AFTER_UP)),
            "field: unset → (after up)"
        );
    }
}
