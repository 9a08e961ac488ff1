//! The JSON paths of json_extract: `$.store.book[0]["title"]`, and walking JSON text by them.
//! The text is cut, not parsed into values, so that numbers stay as they were written.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{cast, invalid_argument};
use crate::error::Error;
use crate::types::double_text;

/// The steps from the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath(Vec<String>);

impl JsonPath {
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).ok_or_else(|| invalid_argument(format!("Invalid JSON path: '{text}'")))
    }

    fn read(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(|c| !is_plain(c)).unwrap_or(after.len());
                if end == 0 {
                    return None;
                }
                steps.push(after[..end].to_owned());
                rest = &after[end..];
            } else if let Some(after) = rest.strip_prefix("[\"") {
                let mut step = String::new();
                let mut chars = after.char_indices();
                let end = loop {
                    match chars.next()? {
                        (i, '"') => break i + 1,
                        (_, '\\') => match chars.next()?.1 {
                            c @ ('"' | '\\') => step.push(c),
                            _ => return None,
                        },
                        (_, c) => step.push(c),
                    }
                };
                steps.push(step);
                rest = after[end..].strip_prefix(']')?;
            } else {
                let after = rest.strip_prefix('[')?;
                let end = after
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_')))
                    .unwrap_or(after.len());
                if end == 0 {
                    return None;
                }
                steps.push(after[..end].to_owned());
                rest = after[end..].strip_prefix(']')?;
            }
        }
        Some(Self(steps))
    }

    /// The part of valid JSON that lies at the path.
    pub fn find<'a>(&self, json: &'a str) -> Option<&'a str> {
        self.0.iter().try_fold(json, |json, step| match kind(json) {
            Kind::Object => members(json)?
                .into_iter()
                .find(|(key, _)| *key == step.as_str())
                .map(|(_, value)| value),
            Kind::Array => elements(json)?.get(step.parse::<usize>().ok()?).copied(),
            _ => None,
        })
    }
}

/// What a step after a point may hold.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '@' | '$')
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// The kind of valid JSON, by its first character.
pub fn kind(json: &str) -> Kind {
    match json.as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

/// The elements of an array.
pub fn elements(json: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// The members of an object in their order.
pub fn members(json: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    serde_json::from_str::<Members>(json).ok().map(|m| m.0)
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    members.push((Cow::Owned(key), map.next_value::<&RawValue>()?.get()));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// Valid JSON without blanks, numbers as Java prints them.
pub fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => string_length(rest),
            '-' | '0'..='9' => rest
                .find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
                .unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let token = &rest[..length];
        match c {
            '"' => match serde_json::from_str::<String>(token) {
                Ok(text) => out.push_str(&cast::quoted(&text)),
                Err(_) => out.push_str(token),
            },
            '-' | '0'..='9' => match token.parse::<f64>() {
                Ok(x) if x.is_finite() && token.contains(['.', 'e', 'E']) => {
                    out.push_str(&double_text(x));
                }
                _ => out.push_str(token),
            },
            c if c.is_whitespace() => {}
            _ => out.push_str(token),
        }
        rest = &rest[length..];
    }
    out
}

/// How long the string is that a text begins with, quotes and all.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (i, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return i + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(json: &'static str, path: &str) -> Option<&'static str> {
        JsonPath::read(path)?.find(json)
    }

    #[test]
    fn a_path_walks_objects_and_arrays() {
        let json = r#"{"a": [1, {"b c": "x"}], "d.e": {"f": null}}"#;
        assert_eq!(find(json, "$.a[0]"), Some("1"));
        assert_eq!(find(json, r#"$.a[1]["b c"]"#), Some(r#""x""#));
        assert_eq!(find(json, r#"$["d.e"].f"#), Some("null"));
        assert_eq!(find(json, "$.a[7]"), None);
        assert_eq!(find(json, "$"), Some(json));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["", "a", "$.", "$..a", "$[", "$.a[*]", r#"$["a]"#] {
            assert!(JsonPath::parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn blanks_are_dropped_outside_of_strings() {
        assert_eq!(
            compact(r#"{ "a b" : [ 1 , 1e2, "\u0041" ] }"#),
            r#"{"a b":[1,100.0,"A"]}"#
        );
    }
}
