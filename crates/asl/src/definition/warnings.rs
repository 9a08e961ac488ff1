//! What AWS takes but does not do as it was probably meant.
//!
//! Source: "`ValidateStateMachineDefinitionDiagnostic`", AWS Step Functions API reference. The
//! codes are its, the messages what it says of them.

use serde_json::Value;

use super::{Findings, Reader};
use crate::{query::PathExpression, stack::with_stack};

/// Whether a text is a path or a call of an intrinsic function, as far as its look goes. A variable
/// (`$price`) does not look like one: amounts of money do, too.
fn looks_like_query(text: &str) -> bool {
    let may = ["$.", "$[", "$$", "States."]
        .into_iter()
        .any(|start| text.starts_with(start));
    text == "$" || may && PathExpression::parse(text).is_ok()
}

fn is_query(value: &Value) -> bool {
    value.as_str().is_some_and(looks_like_query)
}

/// Members of a payload template that look like queries and stand for themselves.
pub(super) fn no_dollar(findings: &Findings, template: &Value, location: &str) {
    with_stack(|| match template {
        Value::Object(members) => {
            for (name, member) in members {
                let location = format!("{location}/{name}");
                if is_query(member) && !name.ends_with(".$") {
                    findings.warn(
                        "NO_DOLLAR",
                        "No .$ on a field that appears to be a JSONPath or Intrinsic Function.",
                        location,
                    );
                } else {
                    no_dollar(findings, member, &location);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                no_dollar(findings, item, &format!("{location}[{index}]"));
            }
        }
        _ => {}
    });
}

/// A field whose text looks like a path, which would have to be in the field with `Path` behind its
/// name.
pub(super) fn not_a_path(reader: &Reader, field: &str) {
    if reader.value(field).is_some_and(is_query) {
        reader.findings.warn(
            "NO_PATH",
            "Field value looks like a path, but field name does not end with 'Path'.",
            reader.at(field),
        );
    }
}

/// The `Result` of a Pass, in which nothing is looked up.
pub(super) fn static_result(reader: &Reader) {
    if reader.value("Result").is_some_and(has_query) {
        reader.findings.warn(
            "PASS_RESULT_IS_STATIC",
            "Attempt to use a path in the result of a pass state.",
            reader.at("Result"),
        );
    }
}

fn has_query(value: &Value) -> bool {
    with_stack(|| match value {
        Value::Array(items) => items.iter().any(has_query),
        Value::Object(members) => members.values().any(has_query),
        value => is_query(value),
    })
}
