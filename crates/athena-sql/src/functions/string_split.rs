//! Splitting strings into arrays and maps, and joining them.

use super::{Call, Function, invalid_argument, scalar};
use crate::error::Error;
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    vec![
        scalar("split(varchar, varchar) -> array(varchar)", |_, a| {
            split(a[0].as_str(), a[1].as_str(), i64::from(i32::MAX))
        })
        .returns(array_of_first),
        scalar(
            "split(varchar, varchar, bigint) -> array(varchar)",
            |_, a| split(a[0].as_str(), a[1].as_str(), a[2].as_i64()),
        )
        .returns(array_of_first),
        scalar("split_part(varchar, varchar, bigint) -> varchar", |_, a| {
            let index = a[2].as_i64();
            let index = usize::try_from(index)
                .ok()
                .filter(|i| *i > 0)
                .ok_or_else(|| invalid_argument("Index must be greater than zero"))?;
            let (text, delimiter) = (a[0].as_str(), a[1].as_str());
            let part = if delimiter.is_empty() {
                text.chars().nth(index - 1).map(|c| c.to_string())
            } else {
                text.split(delimiter).nth(index - 1).map(str::to_owned)
            };
            Ok(part.map_or(Value::Null, Value::text))
        }),
        scalar(
            "split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)",
            |_, a| {
                let mut entries: Vec<(Value, Value)> = Vec::new();
                for (key, value) in pairs(a)? {
                    let key = Value::text(key);
                    if entries.iter().any(|(k, _)| *k == key) {
                        return Err(invalid_argument(format!(
                            "Duplicate keys ({}) are not allowed",
                            key.as_str()
                        )));
                    }
                    entries.push((key, Value::text(value)));
                }
                Ok(Value::map(entries))
            },
        ),
        scalar(
            "split_to_multimap(varchar, varchar, varchar) -> map(varchar, array(varchar))",
            |_, a| {
                let mut entries: Vec<(Value, Vec<Value>)> = Vec::new();
                for (key, value) in pairs(a)? {
                    let (key, value) = (Value::text(key), Value::text(value));
                    match entries.iter_mut().find(|(k, _)| *k == key) {
                        Some((_, values)) => values.push(value),
                        None => entries.push((key, vec![value])),
                    }
                }
                Ok(Value::map(
                    entries
                        .into_iter()
                        .map(|(k, v)| (k, Value::array(v)))
                        .collect(),
                ))
            },
        ),
        scalar("concat_ws(varchar, array(varchar)) -> varchar", |_, a| {
            Ok(joined(a[0].as_str(), a[1].as_array()))
        })
        .returns(super::string::varchar),
        scalar(
            "concat_ws(varchar, varchar, varchar...) -> varchar",
            concat_ws,
        )
        .called_on_null()
        .returns(super::string::varchar),
    ]
}

fn array_of_first(types: &[Type]) -> Type {
    Type::array(types.first().cloned().unwrap_or(Type::VARCHAR))
}

fn split(text: &str, delimiter: &str, limit: i64) -> Result<Value, Error> {
    if limit <= 0 {
        return Err(invalid_argument("Limit must be positive"));
    }
    if limit > i64::from(i32::MAX) {
        return Err(invalid_argument("Limit is too large"));
    }
    if delimiter.is_empty() {
        return Err(invalid_argument(
            "The delimiter may not be the empty string",
        ));
    }
    let parts = text.splitn(usize::try_from(limit).unwrap_or(usize::MAX), delimiter);
    Ok(Value::array(parts.map(Value::text).collect()))
}

/// The entries of `key=value,key=value`, given the text and its two delimiters.
fn pairs(a: &[Value]) -> Result<Vec<(&str, &str)>, Error> {
    let (text, between, within) = (a[0].as_str(), a[1].as_str(), a[2].as_str());
    if between.is_empty() {
        return Err(invalid_argument("entryDelimiter is empty"));
    }
    if within.is_empty() {
        return Err(invalid_argument("keyValueDelimiter is empty"));
    }
    if between == within {
        return Err(invalid_argument(
            "entryDelimiter and keyValueDelimiter must not be the same",
        ));
    }
    // A delimiter at the end begins no entry.
    let mut entries: Vec<&str> = text.split(between).collect();
    if entries.last().is_some_and(|last| last.is_empty()) {
        entries.pop();
    }
    entries
        .into_iter()
        .map(|entry| {
            entry
                .split_once(within)
                .filter(|(_, value)| !value.contains(within))
                .ok_or_else(|| {
                    invalid_argument(format!(
                        "Key-value delimiter must appear exactly once in each entry. Bad input: '{entry}'"
                    ))
                })
        })
        .collect()
}

fn concat_ws(_: &Call, a: &[Value]) -> Result<Value, Error> {
    Ok(match &a[0] {
        Value::Null => Value::Null,
        separator => joined(separator.as_str(), &a[1..]),
    })
}

/// The texts that are there, with a separator between them.
fn joined(separator: &str, parts: &[Value]) -> Value {
    let present: Vec<&str> = parts
        .iter()
        .filter(|p| !p.is_null())
        .map(Value::as_str)
        .collect();
    Value::text(present.join(separator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_leaves_the_rest_in_the_last_part() {
        assert_eq!(
            split("a.b.c", ".", 2),
            Ok(Value::array(vec![Value::text("a"), Value::text("b.c")]))
        );
    }

    #[test]
    fn an_entry_without_its_delimiter_is_refused() {
        let arguments = ["key", ",", "="].map(Value::text);
        assert!(pairs(&arguments).is_err());
    }
}
