//! The JSON SerDes: an object a line.
//!
//! The one of OpenX makes values of whatever JSON there is and can skip what is no JSON; Hive's
//! wants what the column says.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::de::IgnoredAny;

use super::column::Column;
use super::text::{Decode, Lines, bad_field};
use super::{Filter, Format, Layout, scalar};
use crate::error::Error;
use crate::json_text::{
    Kind, Member, condensed, distinct, elements, kind, members, read_elements, read_members, string,
};
use crate::types::calendar::round_to;
use crate::types::{Type, Value};

/// Picoseconds of a second.
const SECOND: i128 = 1_000_000_000_000;

/// The members of an object that are looked through rather than hashed.
const FEW: usize = 16;

pub(super) fn openx(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    format(&layout, true)
}

pub(super) fn hive(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    format(&layout, false)
}

fn format(layout: &Layout, openx: bool) -> Result<Arc<dyn Format>, Error> {
    let rules = Rules {
        openx,
        fold_case: layout.flag("case.insensitive", true),
        dots: openx && layout.flag("dots.in.keys", false),
    };
    let wanted = layout
        .wanted()
        .map(|(place, name, _)| {
            let mapped = layout.parameter(&format!("mapping.{name}"));
            (place, mapped.unwrap_or(name).to_owned())
        })
        .collect();
    let decode = Objects {
        rules,
        ignore_malformed: layout.flag("ignore.malformed.json", false),
        wanted,
    };
    Ok(Arc::new(Lines::new(layout, decode)))
}

#[derive(Debug)]
struct Objects {
    rules: Rules,
    ignore_malformed: bool,
    /// The wanted columns' places among all, and the keys they are found under.
    wanted: Vec<(usize, String)>,
}

impl Decode for Objects {
    fn is_row(&self, line: &str) -> bool {
        !line.trim().is_empty()
    }

    fn decode(&self, line: &str, columns: &mut [Column]) -> Result<(), Error> {
        match self.values(line, columns) {
            Ok(values) => {
                for (column, value) in columns.iter_mut().zip(values) {
                    column.append(value);
                }
            }
            Err(Fault::Line(_)) if self.ignore_malformed => {
                columns.iter_mut().for_each(Column::append_null);
            }
            Err(Fault::Line(why)) => return Err(malformed(why)),
            Err(Fault::Field(error)) => return Err(error),
        }
        Ok(())
    }
}

impl Objects {
    /// The values of a line, one for each of the columns.
    fn values(&self, line: &str, columns: &[Column]) -> Result<Vec<Value>, Fault> {
        let line = line.trim_start_matches([' ', '\t', '\n', '\r']);
        // OpenX takes an array for the columns in their order.
        if self.rules.openx && line.starts_with('[') {
            let items = read_elements(line)?;
            return self.fitted(columns, |place, _| items.get(place).copied());
        }
        if !line.starts_with('{') {
            serde_json::from_str::<IgnoredAny>(line)?;
            return Err(Fault::Line("it is no object".to_owned()));
        }
        let members = read_members(line)?;
        let object = Object::new(&members);
        self.fitted(columns, |_, key| self.rules.find(&object, key))
    }

    /// What is found for each column by its place and its key, as a value of the column's type.
    fn fitted<'a>(
        &self,
        columns: &[Column],
        find: impl Fn(usize, &str) -> Option<&'a str>,
    ) -> Result<Vec<Value>, Fault> {
        let mut values = Vec::with_capacity(columns.len());
        for ((place, key), column) in self.wanted.iter().zip(columns) {
            let json = find(*place, key).unwrap_or("null");
            let value = self.rules.value(json, column.data_type());
            values.push(value.map_err(|misfit| match misfit {
                Misfit::Text => Fault::Line("half of a surrogate pair in a string".to_owned()),
                Misfit::Type => {
                    let text = text_of(json).unwrap_or(Cow::Borrowed(json));
                    Fault::Field(bad_field(&text, *place, column.data_type()))
                }
            })?);
        }
        Ok(values)
    }
}

/// Why a line gives no row.
enum Fault {
    /// It is not JSON as a row has it, and why.
    Line(String),
    /// A value is none of its column's type.
    Field(Error),
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Line(error.to_string())
    }
}

fn malformed(why: impl std::fmt::Display) -> Error {
    Error::user(
        "HIVE_CURSOR_ERROR",
        format!("Row is not a valid JSON Object - JSONException: {why}"),
    )
}

/// Why JSON gives no value.
enum Misfit {
    /// It is none of the type wanted.
    Type,
    /// Half of a surrogate pair stands in a string.
    Text,
}

/// The members of an object by their keys; of those with one key the last counts.
struct Object<'m, 'a> {
    members: &'m [Member<'a>],
    /// Where each key stands last, in an object of many.
    places: Option<HashMap<&'m str, usize>>,
}

impl<'m, 'a> Object<'m, 'a> {
    fn new(members: &'m [Member<'a>]) -> Self {
        let places = (members.len() > FEW).then(|| {
            let members = members.iter().enumerate();
            members.map(|(i, (key, _))| (&**key, i)).collect()
        });
        Self { members, places }
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        let place = match &self.places {
            Some(places) => places.get(key).copied(),
            None => self.members.iter().rposition(|(k, _)| k == key),
        };
        place.map(|i| self.members[i].1)
    }
}

#[derive(Debug)]
struct Rules {
    openx: bool,
    fold_case: bool,
    /// Dots of keys are underscores in names.
    dots: bool,
}

impl Rules {
    fn is_key(&self, key: &str, name: &str) -> bool {
        let same = |a: &str, b: &str| {
            if self.fold_case {
                a.eq_ignore_ascii_case(b)
            } else {
                a == b
            }
        };
        same(key, name) || (self.dots && key.contains('.') && same(&key.replace('.', "_"), name))
    }

    /// What an object has under a name.
    fn find<'a>(&self, object: &Object<'_, 'a>, name: &str) -> Option<&'a str> {
        object.get(name).or_else(|| {
            let mut members = object.members.iter();
            let (key, _) = members.find(|(key, _)| self.is_key(key, name))?;
            object.get(key)
        })
    }

    fn value(&self, json: &str, data_type: &Type) -> Result<Value, Misfit> {
        Ok(match (data_type, kind(json)) {
            (_, Kind::Null) => Value::Null,
            (Type::Array(element), Kind::Array) => {
                let items = elements(json).ok_or(Misfit::Text)?;
                let items = items.into_iter().map(|item| self.value(item, element));
                Value::array(items.collect::<Result<_, _>>()?)
            }
            // OpenX takes one value for an array of one.
            (Type::Array(element), _) if self.openx => {
                Value::array(vec![self.value(json, element)?])
            }
            (Type::Map(key, value), Kind::Object) => {
                let members = members(json).ok_or(Misfit::Text)?;
                let entries = distinct(&members).into_iter().map(|(k, v)| {
                    let key = scalar::parse(key, k).ok_or(Misfit::Type)?;
                    Ok((key, self.value(v, value)?))
                });
                Value::map(entries.collect::<Result<_, Misfit>>()?)
            }
            (Type::Row(fields), Kind::Object) => {
                let members = members(json).ok_or(Misfit::Text)?;
                let object = Object::new(&members);
                let values = fields.iter().map(|field| {
                    let name = field.name.as_deref().unwrap_or_default();
                    let found = self.find(&object, name);
                    found.map_or(Ok(Value::Null), |v| self.value(v, &field.data_type))
                });
                Value::row(values.collect::<Result<_, _>>()?)
            }
            (Type::Row(fields), Kind::Array) if self.openx => {
                let items = elements(json).ok_or(Misfit::Text)?;
                let values = fields.iter().enumerate().map(|(i, field)| {
                    items
                        .get(i)
                        .map_or(Ok(Value::Null), |v| self.value(v, &field.data_type))
                });
                Value::row(values.collect::<Result<_, _>>()?)
            }
            (Type::Array(_) | Type::Map(..) | Type::Row(_), _) => return Err(Misfit::Type),
            (Type::Varchar(_) | Type::Char(_), _) => {
                scalar::parse(data_type, &text_of(json)?).ok_or(Misfit::Type)?
            }
            (_, Kind::Array | Kind::Object) => return Err(Misfit::Type),
            (Type::Boolean, Kind::Boolean) => Value::Boolean(json == "true"),
            (Type::Timestamp(precision), Kind::Number) => {
                Value::Timestamp(round_to(seconds(json).ok_or(Misfit::Type)?, *precision))
            }
            (Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint, Kind::Number) => {
                let plain = scalar::parse(data_type, json);
                // A number with a fraction loses it.
                let value = plain.or_else(|| scalar::parse(data_type, &truncated(json)?));
                value.ok_or(Misfit::Type)?
            }
            (_, Kind::String) if json == "\"\"" && self.openx => Value::Null,
            _ => scalar::parse(data_type, &text_of(json)?).ok_or(Misfit::Type)?,
        })
    }
}

/// A string as it is, anything else as it is written, without blanks.
fn text_of(json: &str) -> Result<Cow<'_, str>, Misfit> {
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

/// Seconds since the epoch, or milliseconds where there is no point and too many digits.
fn seconds(number: &str) -> Option<i128> {
    const LAST_SECOND: u64 = 99_999_999_999;
    if let Ok(n) = number.parse::<i64>() {
        let picos = i128::from(n) * SECOND;
        let in_millis = n.unsigned_abs() > LAST_SECOND;
        return Some(if in_millis { picos / 1000 } else { picos });
    }
    let millis = (number.parse::<f64>().ok()? * 1000.0).round();
    (millis.abs() < i64::MAX as f64).then(|| millis as i128 * (SECOND / 1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::from_hive;

    fn read(data_type: &str, json: &str) -> Option<String> {
        let rules = Rules {
            openx: true,
            fold_case: true,
            dots: false,
        };
        let data_type = from_hive(data_type).unwrap();
        let value = rules.value(json, &data_type).ok()?;
        Some(scalar::shown(&value))
    }

    #[test]
    fn json_goes_to_the_types_of_the_columns() {
        for (data_type, json, expected) in [
            ("int", "7", Some("7")),
            ("int", "\"7\"", Some("7")),
            ("int", "\"x\"", None),
            ("string", "7", Some("7")),
            ("string", "{\"a\":1}", Some("{\"a\":1}")),
            ("double", "1", Some("1.0")),
            ("array<int>", "[1,null]", Some("[1, -]")),
            ("struct<a:int,b:string>", "{\"B\":\"x\"}", Some("(-, x)")),
            ("map<string,int>", "{\"k\":1}", Some("{k=1}")),
            ("boolean", "true", Some("true")),
        ] {
            assert_eq!(
                read(data_type, json).as_deref(),
                expected,
                "{data_type} {json}"
            );
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        for (data_type, json, expected) in [
            ("string", "1.10", "1.10"),
            ("string", "1e2", "1e2"),
            (
                "string",
                "12345678901234567890123",
                "12345678901234567890123",
            ),
            ("string", "{ \"a\" : [1.10] }", "{\"a\":[1.10]}"),
            (
                "decimal(30,2)",
                "12345678901234567.12",
                "Decimal(1234567890123456712)",
            ),
            (
                "map<string,decimal(38,0)>",
                "{\"k\":99999999999999999999999999999999999999}",
                "{k=Decimal(99999999999999999999999999999999999999)}",
            ),
            ("bigint", "9007199254740993.5", "9007199254740993"),
            ("bigint", "-0.5", "0"),
            ("bigint", "-1.25e1", "-12"),
            ("bigint", "12e3", "12000"),
            ("timestamp", "0", "1970-01-01 00:00:00.000"),
        ] {
            let read = read(data_type, json);
            assert_eq!(read.as_deref(), Some(expected), "{data_type} {json}");
        }
        for (data_type, json) in [
            ("bigint", "9223372036854775808"),
            ("bigint", "1e999999999"),
            ("decimal(38,0)", "1e2147483647"),
            ("timestamp", "1e300"),
        ] {
            assert_eq!(read(data_type, json), None, "{data_type} {json}");
        }
    }

    #[test]
    fn the_last_of_equal_keys_counts_however_many_there_are() {
        let rules = Rules {
            openx: true,
            fold_case: true,
            dots: false,
        };
        for more in [0, FEW] {
            let others: Vec<_> = (0..more).map(|i| format!(",\"k{i}\":0")).collect();
            let others = others.concat();
            let line = format!("{{\"A\":1,\"b\":2,\"A\":3{others}}}");
            let members = members(&line).unwrap();
            let object = Object::new(&members);
            assert_eq!(rules.find(&object, "a"), Some("3"));
            assert_eq!(rules.find(&object, "b"), Some("2"));
            assert_eq!(rules.find(&object, "c"), None);
        }
    }
}
