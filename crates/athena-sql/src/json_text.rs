//! JSON as text: it is cut into its parts, not parsed into values, so that numbers stay as they were
//! written.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::functions::cast::quoted;
use crate::types::double_text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// A key, and the JSON that is its value.
pub type Member<'a> = (Cow<'a, str>, &'a str);

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

/// The elements of an array; an error where the text is no JSON array.
pub fn read_elements(json: &str) -> serde_json::Result<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(json)?;
    Ok(elements.into_iter().map(RawValue::get).collect())
}

/// The elements of an array.
pub fn elements(json: &str) -> Option<Vec<&str>> {
    read_elements(json).ok()
}

/// The members of an object in their order; an error where the text is no JSON object.
pub fn read_members(json: &str) -> serde_json::Result<Vec<Member<'_>>> {
    serde_json::from_str::<Members>(json).map(|m| m.0)
}

/// The members of an object in their order.
pub fn members(json: &str) -> Option<Vec<Member<'_>>> {
    read_members(json).ok()
}

/// Each key once, where it first stands, with the last of its values.
pub fn distinct<'m>(members: &'m [Member<'_>]) -> Vec<(&'m str, &'m str)> {
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(members.len());
    let mut distinct: Vec<(&str, &str)> = Vec::with_capacity(members.len());
    for (key, value) in members {
        let key: &str = key;
        match places.entry(key) {
            Entry::Occupied(place) => distinct[*place.get()].1 = *value,
            Entry::Vacant(place) => {
                place.insert(distinct.len());
                distinct.push((key, *value));
            }
        }
    }
    distinct
}

/// The text of a JSON string; nothing where it holds half of a surrogate pair.
pub fn string(json: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text>(json).ok().map(|text| text.0)
}

/// A string, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

struct Members<'a>(Vec<Member<'a>>);

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
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    members.push((key.0, map.next_value::<&RawValue>()?.get()));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

/// Valid JSON without blanks, numbers as Java prints them.
pub fn compact(json: &str) -> String {
    without_blanks(json, |out, number| match number.parse::<f64>() {
        Ok(x) if x.is_finite() && number.contains(['.', 'e', 'E']) => {
            out.push_str(&double_text(x));
        }
        // No integer of Java's is a negative zero.
        _ if number == "-0" => out.push('0'),
        _ => out.push_str(number),
    })
}

/// Valid JSON without blanks, numbers as they are written.
pub fn condensed(json: &str) -> String {
    without_blanks(json, String::push_str)
}

fn without_blanks(json: &str, mut push_number: impl FnMut(&mut String, &str)) -> String {
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
            '"' => match string(token) {
                Some(text) => out.push_str(&quoted(&text)),
                None => out.push_str(token),
            },
            '-' | '0'..='9' => push_number(&mut out, token),
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

    #[test]
    fn blanks_are_dropped_outside_of_strings() {
        let json = r#"{ "a b" : [ -0 , 1e2, "\u0041" ] }"#;
        assert_eq!(compact(json), r#"{"a b":[0,100.0,"A"]}"#);
        assert_eq!(condensed(json), r#"{"a b":[-0,1e2,"A"]}"#);
    }

    #[test]
    fn of_several_values_of_a_key_the_last_counts() {
        let members = members(r#"{"a": 1, "b": 2, "\u0061": 3}"#).unwrap();
        assert_eq!(distinct(&members), [("a", "3"), ("b", "2")]);
    }
}
