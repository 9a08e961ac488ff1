//! What AWS takes but does not do as it was probably meant.
//!
//! Source: "`ValidateStateMachineDefinitionDiagnostic`", AWS Step Functions API reference. The
//! codes are its, the messages what it says of them; `DOUBLED_MEMBER` and `JSONPATH_FUNCTION` are
//! our own.

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

/// Members of a payload template that look like queries and stand for themselves, that come to the
/// name of another, or whose path calls a function.
pub(super) fn template(findings: &Findings, value: &Value, location: &str) {
    with_stack(|| match value {
        Value::Object(members) => {
            for (name, member) in members {
                let location = format!("{location}/{name}");
                if let Some(bare) = name.strip_suffix(".$") {
                    if members.contains_key(bare) {
                        doubled_member(findings, bare, location.clone());
                    }
                    function(findings, member.as_str().unwrap_or_default(), location);
                } else if is_query(member) {
                    findings.warn(
                        "NO_DOLLAR",
                        "No .$ on a field that appears to be a JSONPath or Intrinsic Function.",
                        location,
                    );
                } else {
                    template(findings, member, &location);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                template(findings, item, &format!("{location}[{index}]"));
            }
        }
        _ => {}
    });
}

/// Of `a` and `a.$` in one object one is lost. The States Language forbids it; whether AWS does is not
/// documented.
fn doubled_member(findings: &Findings, bare: &str, location: String) {
    let message =
        format!("Both '{bare}' and '{bare}.$' give the member '{bare}': one of them is lost.");
    findings.warn("DOUBLED_MEMBER", &message, location);
}

/// A path that ends in the call of a function (`$.items.length()`): there are none in Step Functions,
/// which takes such a path, looks for a member of that name and fails when it runs.
pub(super) fn function(findings: &Findings, path: &str, location: String) {
    if calls_function(path) {
        findings.warn(
            "JSONPATH_FUNCTION",
            "Step Functions has no functions of JSONPath: the path leads nowhere.",
            location,
        );
    }
}

fn calls_function(path: &str) -> bool {
    let before = path
        .strip_suffix(')')
        .and_then(|path| path.rsplit_once('('));
    let name = before.and_then(|(path, _)| path.rsplit_once('.'));
    path.starts_with('$')
        && name.is_some_and(|(_, name)| {
            !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphabetic())
        })
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
