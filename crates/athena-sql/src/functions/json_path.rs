//! The JSON paths of json_extract: `$.store.book[0]["title"]`, and walking JSON text by them.

use super::invalid_argument;
use crate::error::Error;
use crate::json_text::{Kind, elements, kind, members};

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
}
