//! Values of a table's types out of JSON, by the rules of OpenX's SerDe and of Hive's.
//!
//! Sources: for OpenX, rcongiu/Hive-JSON-Serde, which Athena's pages point to; for Hive, Trino's
//! `JsonDeserializer`, which follows Hive bug for bug.

use std::borrow::Cow;
use std::collections::HashMap;

use super::scalar;
use crate::functions::joda_moment;
use crate::json_text::{Kind, Member, condensed, distinct, elements, kind, members, string};
use crate::types::calendar::{parse_date, parse_timestamp, round_to};
use crate::types::{RowField, Type, Value};

/// Picoseconds of a second.
const SECOND: i128 = 1_000_000_000_000;

/// The members of an object that are looked through rather than hashed.
const FEW: usize = 16;

/// Why JSON gives no value.
#[derive(Debug)]
pub(super) enum Misfit {
    /// It is none of the type wanted.
    Type,
    /// Half of a surrogate pair stands in a string.
    Text,
    /// An object has a key twice.
    Duplicate(Duplicate),
}

impl From<Duplicate> for Misfit {
    fn from(duplicate: Duplicate) -> Self {
        Self::Duplicate(duplicate)
    }
}

/// The key that an object has twice.
#[derive(Debug)]
pub(super) struct Duplicate(pub String);

/// The members of an object by their keys; of those with one key the last counts.
pub(super) struct Object<'m, 'a> {
    members: &'m [Member<'a>],
    /// Where each key stands last, in an object of many keys or of such that are not ASCII.
    places: Option<HashMap<Cow<'m, str>, usize>>,
}

/// How a SerDe finds and reads values.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// The SerDe of OpenX, not Hive's.
    pub openx: bool,
    /// Keys are the same in upper and in lower case.
    pub fold_case: bool,
    /// Dots of keys are underscores in names.
    pub dots: bool,
    /// The keys of columns and of fields that have other names.
    pub mappings: HashMap<String, String>,
    /// Patterns of Joda-Time's; `millis` are milliseconds since 1970.
    pub timestamp_formats: Vec<String>,
}

impl Rules {
    /// An object whose members can be found; OpenX takes no key twice.
    pub fn object<'m, 'a>(&self, members: &'m [Member<'a>]) -> Result<Object<'m, 'a>, Duplicate> {
        if members.len() <= FEW && members.iter().all(|(key, _)| key.is_ascii()) {
            let is_twice = |i: usize| {
                let (key, _) = &members[i];
                members[..i].iter().any(|(other, _)| self.same(other, key))
            };
            if self.openx
                && let Some(i) = (1..members.len()).find(|i| is_twice(*i))
            {
                return Err(self.duplicate(&members[i].0));
            }
            return Ok(Object {
                members,
                places: None,
            });
        }
        let mut places = HashMap::with_capacity(members.len());
        for (i, (key, _)) in members.iter().enumerate() {
            if places.insert(self.folded(key), i).is_some() && self.openx {
                return Err(self.duplicate(key));
            }
        }
        Ok(Object {
            members,
            places: Some(places),
        })
    }

    /// What an object has for a column or a field.
    pub fn find<'a>(&self, object: &Object<'_, 'a>, name: &str) -> Option<&'a str> {
        let key = self.mappings.get(name).map_or(name, String::as_str);
        let found = self.get(object, key);
        if found.is_some() || !self.dots {
            return found;
        }
        let mut members = object.members.iter();
        let is_dotted = |key: &str| {
            key.contains('.') && self.folded(&key.replace('.', "_")) == self.folded(name)
        };
        members
            .find(|(key, _)| is_dotted(key))
            .map(|(_, value)| *value)
    }

    fn get<'a>(&self, object: &Object<'_, 'a>, key: &str) -> Option<&'a str> {
        let place = match &object.places {
            Some(places) => places.get(&*self.folded(key)).copied(),
            None => {
                let mut members = object.members.iter();
                members.rposition(|(other, _)| self.same(other, key))
            }
        };
        place.map(|i| object.members[i].1)
    }

    /// Whether two keys are one, the first of them in ASCII.
    fn same(&self, a: &str, b: &str) -> bool {
        if self.fold_case {
            a.eq_ignore_ascii_case(b)
        } else {
            a == b
        }
    }

    fn folded<'k>(&self, key: &'k str) -> Cow<'k, str> {
        let is_folded = |b: u8| b.is_ascii() && !b.is_ascii_uppercase();
        if self.fold_case && !key.bytes().all(is_folded) {
            Cow::Owned(key.to_lowercase())
        } else {
            Cow::Borrowed(key)
        }
    }

    fn duplicate(&self, key: &str) -> Duplicate {
        Duplicate(self.folded(key).into_owned())
    }

    /// The value of a type that valid JSON stands for.
    pub fn value(&self, json: &str, data_type: &Type) -> Result<Value, Misfit> {
        match (data_type, kind(json)) {
            (_, Kind::Null) => Ok(Value::Null),
            (Type::Array(element), kind) => self.array(json, kind, element),
            (Type::Map(key, value), kind) => self.map(json, kind, key, value),
            (Type::Row(fields), kind) => self.row(json, kind, fields),
            (Type::Varchar(_) | Type::Char(_), _) => {
                scalar::parse(data_type, &text_of(json)?).ok_or(Misfit::Type)
            }
            (_, Kind::Array | Kind::Object) => Err(Misfit::Type),
            (Type::Boolean, Kind::Boolean) => Ok(Value::Boolean(json == "true")),
            (Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint, Kind::Number) => {
                let plain = scalar::parse(data_type, json);
                // A number with a fraction loses it.
                let value = plain.or_else(|| scalar::parse(data_type, &truncated(json)?));
                value.ok_or(Misfit::Type)
            }
            (_, kind) if self.openx => self.openx_scalar(json, kind, data_type),
            (_, kind) => self.hive_scalar(json, kind, data_type),
        }
    }

    fn array(&self, json: &str, kind: Kind, element: &Type) -> Result<Value, Misfit> {
        match kind {
            Kind::Array => {
                let items = elements(json).ok_or(Misfit::Text)?;
                let items = items.into_iter().map(|item| self.value(item, element));
                Ok(Value::array(items.collect::<Result<_, _>>()?))
            }
            Kind::String if self.openx && is_blank(json)? => Ok(Value::Null),
            // OpenX takes one value for an array of one.
            _ if self.openx => Ok(Value::array(vec![self.value(json, element)?])),
            _ => Err(Misfit::Type),
        }
    }

    /// OpenX has folded the keys before it knows that they are those of a map.
    fn map(&self, json: &str, kind: Kind, key: &Type, value: &Type) -> Result<Value, Misfit> {
        if kind == Kind::String && self.openx && is_blank(json)? {
            return Ok(Value::Null);
        }
        if kind != Kind::Object {
            return Err(Misfit::Type);
        }
        let members = members(json).ok_or(Misfit::Text)?;
        if self.openx {
            self.object(&members)?;
        }
        let entries = distinct(&members).into_iter().map(|(k, v)| {
            let k = if self.openx {
                self.folded(k)
            } else {
                Cow::Borrowed(k)
            };
            let key = scalar::parse(key, &k).ok_or(Misfit::Type)?;
            Ok((key, self.value(v, value)?))
        });
        Ok(Value::map(entries.collect::<Result<_, Misfit>>()?))
    }

    fn row(&self, json: &str, kind: Kind, fields: &[RowField]) -> Result<Value, Misfit> {
        let values: Result<Vec<Value>, Misfit> = match kind {
            Kind::Object => {
                let members = members(json).ok_or(Misfit::Text)?;
                let object = self.object(&members)?;
                let values = fields.iter().map(|field| {
                    let name = field.name.as_deref().unwrap_or_default();
                    let found = self.find(&object, name);
                    found.map_or(Ok(Value::Null), |v| self.value(v, &field.data_type))
                });
                values.collect()
            }
            Kind::Array if self.openx => {
                let items = elements(json).ok_or(Misfit::Text)?;
                let values = fields.iter().enumerate().map(|(i, field)| {
                    let item = items.get(i);
                    item.map_or(Ok(Value::Null), |v| self.value(v, &field.data_type))
                });
                values.collect()
            }
            Kind::String if self.openx && is_blank(json)? => Ok(vec![Value::Null; fields.len()]),
            _ => Err(Misfit::Type),
        };
        Ok(Value::row(values?))
    }

    /// Strings are what they say, numbers in hexadecimal among it; what says nothing is NULL.
    fn openx_scalar(&self, json: &str, kind: Kind, data_type: &Type) -> Result<Value, Misfit> {
        if json == "\"\"" {
            return Ok(Value::Null);
        }
        let text = text_of(json)?;
        let value = match data_type {
            Type::Boolean if kind == Kind::String => Some(is_true(&text)),
            Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint => {
                scalar::parse(data_type, &text)
                    .or_else(|| scalar::parse(data_type, &hexadecimal(&text)?.to_string()))
            }
            Type::Timestamp(precision) => match self.by_formats(&text) {
                Some(picos) => timestamp(picos, *precision),
                None if text.contains(':') => scalar::parse(data_type, &text),
                None => seconds(&text).and_then(|picos| timestamp(picos, *precision)),
            },
            Type::Date => date(&text),
            _ => scalar::parse(data_type, &text),
        };
        value.ok_or(Misfit::Type)
    }

    /// Numbers are numbers; a string is a boolean, a decimal or a timestamp.
    fn hive_scalar(&self, json: &str, kind: Kind, data_type: &Type) -> Result<Value, Misfit> {
        let text = text_of(json)?;
        let value = match data_type {
            Type::Boolean => Some(is_true(&text)),
            Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint => None,
            // Of the strings only those that stand for what JSON has no number for.
            Type::Real | Type::Double if kind != Kind::Number => {
                let value = scalar::parse(data_type, &text);
                value.filter(|value| !value.as_f64().is_finite())
            }
            Type::Decimal(..) if text.parse::<f64>().is_err() => Some(Value::Null),
            Type::Timestamp(precision) => self
                .by_formats(&text)
                .or_else(|| local_timestamp(&text))
                .and_then(|picos| timestamp(picos, *precision)),
            Type::Date => date(&text),
            _ => scalar::parse(data_type, &text),
        };
        value.ok_or(Misfit::Type)
    }

    /// A timestamp by the first of the table's formats that it has, in picoseconds since 1970.
    fn by_formats(&self, text: &str) -> Option<i128> {
        let text = text.trim();
        self.timestamp_formats.iter().find_map(|format| {
            if format.eq_ignore_ascii_case("millis") {
                millis(text)
            } else {
                joda_moment(text, format).ok()
            }
        })
    }
}

/// A timestamp, if it is one that a column can hold, which counts microseconds.
fn timestamp(picos: i128, precision: u8) -> Option<Value> {
    let picos = round_to(picos, precision);
    i64::try_from(picos.div_euclid(SECOND / 1_000_000)).ok()?;
    Some(Value::Timestamp(picos))
}

fn is_true(text: &str) -> Value {
    Value::Boolean(text.eq_ignore_ascii_case("true"))
}

/// Whether a string has nothing but blanks in it.
fn is_blank(json: &str) -> Result<bool, Misfit> {
    Ok(text_of(json)?.trim().is_empty())
}

/// A date, whatever follows it behind a blank.
fn date(text: &str) -> Option<Value> {
    let date = text.trim().split(' ').next()?;
    parse_date(date).map(Value::Date)
}

/// A date and a time of the day, without a zone.
fn local_timestamp(text: &str) -> Option<i128> {
    let moment = parse_timestamp(text).filter(|_| text.contains(':'))?;
    moment.zone.is_none().then_some(moment.local)
}

fn hexadecimal(text: &str) -> Option<i64> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))?;
    i64::from_str_radix(digits, 16).ok()
}

/// Milliseconds since 1970, of which a fraction is cut off, in picoseconds.
fn millis(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole.strip_prefix('-').unwrap_or(whole)) || !is_number(fraction) {
        return None;
    }
    Some(i128::from(whole.parse::<i64>().ok()?) * (SECOND / 1000))
}

/// A string as it is, anything else as it is written, without blanks.
pub(super) fn text_of(json: &str) -> Result<Cow<'_, str>, Misfit> {
    match kind(json) {
        Kind::String => string(json).ok_or(Misfit::Text),
        Kind::Array | Kind::Object => Ok(Cow::Owned(condensed(json))),
        Kind::Null | Kind::Boolean | Kind::Number => Ok(Cow::Borrowed(json)),
    }
}

/// The digits of a number up to its point; nothing where they are more than a bigint's.
fn truncated(number: &str) -> Option<String> {
    const MOST_DIGITS: i64 = 19;
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (number, 0),
    };
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let before_point = point - i64::try_from(all.len() - significant.len()).ok()?;
    if significant.is_empty() || before_point <= 0 {
        return Some("0".to_owned());
    }
    if before_point > MOST_DIGITS {
        return None;
    }
    let length = usize::try_from(before_point).ok()?;
    let kept = &significant[..length.min(significant.len())];
    Some(format!("{sign}{kept:0<length$}"))
}

/// Seconds since the epoch, or milliseconds where there is no point and thirteen characters.
fn seconds(number: &str) -> Option<i128> {
    const LENGTH_OF_MILLIS: usize = 13;
    if let Ok(n) = number.parse::<i64>() {
        let picos = i128::from(n) * SECOND;
        let in_millis = number.len() >= LENGTH_OF_MILLIS;
        return Some(if in_millis { picos / 1000 } else { picos });
    }
    // Rust's numbers have names as well.
    if number.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')) {
        return None;
    }
    let millis = (number.parse::<f64>().ok()? * 1000.0).round();
    (millis.abs() < i64::MAX as f64).then(|| millis as i128 * (SECOND / 1000))
}

#[cfg(test)]
mod tests;
