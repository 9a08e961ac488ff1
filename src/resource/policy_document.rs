//! Policy documents of IAM: tables of `stack.toml` or files of JSON, checked before any call, and
//! read back from IAM.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::definition::read_text;
use super::{Problem, Scope};

/// A policy document, as a user gives it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Written {
    /// A file of JSON, relative to `stack.toml`.
    File(String),
    /// The document itself.
    Table(Map<String, Value>),
}

impl Written {
    /// The document, if it is one of its kind; else `problems` has one more.
    pub fn read(
        self,
        key: &str,
        kind: iam_policy::Kind,
        scope: &Scope,
        problems: &mut Vec<Problem>,
    ) -> Value {
        let document = match self {
            Self::Table(table) => Value::Object(table),
            Self::File(file) => match read_file(key, &file, scope) {
                Ok(document) => document,
                Err(problem) => {
                    problems.push(problem);
                    return Value::Null;
                }
            },
        };
        check(key, &document, kind, problems);
        document
    }
}

fn read_file(key: &str, file: &str, scope: &Scope) -> Result<Value, Problem> {
    let text = read_text(scope, key, file)?;
    serde_json::from_str(&text).map_err(|error| {
        Problem::new(
            key,
            format!("{file}:{}:{}: {error}", error.line(), error.column()),
            "not valid JSON",
        )
    })
}

/// Checks that a document is a policy of its kind.
pub(super) fn check(
    key: &str,
    document: &Value,
    kind: iam_policy::Kind,
    problems: &mut Vec<Problem>,
) {
    let text = document.to_string();
    if let Err(error) = iam_policy::Document::parse_as(&text, kind) {
        problems.push(Problem::new(
            key,
            "this policy is not valid",
            error.to_string(),
        ));
    }
    if let Some(letter) = text.chars().find(|c| *c > '\u{ff}') {
        problems.push(Problem::new(
            key,
            "this policy is not valid",
            format!("`{letter}`: IAM takes no letters here beyond those of Latin-1"),
        ));
    }
}

/// The size of a document as IAM counts it: white space is free.
pub(super) fn size(document: &Value) -> usize {
    let text = document.to_string();
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Refuses what IAM would refuse for its size.
pub(super) fn check_size(
    key: &str,
    what: &str,
    size: usize,
    most: usize,
    problems: &mut Vec<Problem>,
) {
    if size > most {
        problems.push(Problem::new(
            key,
            format!("{what} is too large"),
            format!("{size} characters without white space, and IAM takes {most}"),
        ));
    }
}

/// Whether two documents mean the same.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    iam_policy::same_meaning(&a.to_string(), &b.to_string())
}

/// A document as IAM gives it: URL-encoded JSON. What is no JSON stays a text.
pub(super) fn decoded(document: &str) -> Value {
    let text = percent_decoded(document);
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = |b: &u8| char::from(*b).to_digit(16);
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) => match (hex(high), hex(low)) {
                (Some(high), Some(low)) => {
                    bytes.push((high * 16 + low) as u8);
                    after
                }
                _ => {
                    bytes.push(b'%');
                    &rest[1..]
                }
            },
            _ => {
                bytes.push(first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
