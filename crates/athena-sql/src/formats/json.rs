//! The JSON SerDes: an object a line.
//!
//! The one of OpenX makes values of whatever JSON there is and can skip what is no JSON; Hive's
//! wants what the column says.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::column::Column;
use super::text::{Decode, Lines, bad_field};
use super::{Filter, Format, Layout, scalar};
use crate::error::Error;
use crate::types::calendar::round_to;
use crate::types::{Type, Value};

/// Picoseconds of a second.
const SECOND: i128 = 1_000_000_000_000;

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
        let mut object = match serde_json::from_str::<Json>(line) {
            Ok(Json::Object(object)) => object,
            // OpenX takes an array for the columns in their order.
            Ok(Json::Array(items)) if self.rules.openx => {
                for ((place, _), column) in self.wanted.iter().zip(columns) {
                    let value = items.get(*place).cloned().unwrap_or(Json::Null);
                    self.append(*place, &value, column)?;
                }
                return Ok(());
            }
            _ if self.ignore_malformed => {
                columns.iter_mut().for_each(Column::append_null);
                return Ok(());
            }
            Ok(_) => return Err(malformed("it is no object")),
            Err(error) => return Err(malformed(error)),
        };
        for ((place, key), column) in self.wanted.iter().zip(columns) {
            let value = self.rules.take(&mut object, key).unwrap_or(Json::Null);
            self.append(*place, &value, column)?;
        }
        Ok(())
    }
}

impl Objects {
    fn append(&self, place: usize, json: &Json, column: &mut Column) -> Result<(), Error> {
        match self.rules.value(json, column.data_type()) {
            Ok(value) => column.append(value),
            Err(Mismatch) => {
                let text = text_of(json);
                return Err(bad_field(&text, place, column.data_type()));
            }
        }
        Ok(())
    }
}

fn malformed(why: impl std::fmt::Display) -> Error {
    Error::user(
        "HIVE_CURSOR_ERROR",
        format!("Row is not a valid JSON Object - JSONException: {why}"),
    )
}

/// A JSON value that is none of the type wanted.
struct Mismatch;

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

    /// The member of a name, taken out of its object where it is found without search.
    fn take(&self, object: &mut Map<String, Json>, name: &str) -> Option<Json> {
        if let Some(value) = object.get_mut(name) {
            // Two columns may be mapped to one key.
            return Some(value.clone());
        }
        object
            .iter()
            .find(|(key, _)| self.is_key(key, name))
            .map(|(_, value)| value.clone())
    }

    fn value(&self, json: &Json, data_type: &Type) -> Result<Value, Mismatch> {
        if json.is_null() {
            return Ok(Value::Null);
        }
        Ok(match (data_type, json) {
            (Type::Array(element), Json::Array(items)) => {
                let items = items.iter().map(|item| self.value(item, element));
                Value::array(items.collect::<Result<_, _>>()?)
            }
            // OpenX takes one value for an array of one.
            (Type::Array(element), one) if self.openx => {
                Value::array(vec![self.value(one, element)?])
            }
            (Type::Map(key, value), Json::Object(object)) => {
                let entries = object.iter().map(|(k, v)| {
                    let key = scalar::parse(key, k).ok_or(Mismatch)?;
                    Ok((key, self.value(v, value)?))
                });
                Value::map(entries.collect::<Result<_, Mismatch>>()?)
            }
            (Type::Row(fields), Json::Object(object)) => {
                let values = fields.iter().map(|field| {
                    let name = field.name.as_deref().unwrap_or_default();
                    let found = object.get(name).or_else(|| {
                        let found = object.iter().find(|(key, _)| self.is_key(key, name));
                        found.map(|(_, value)| value)
                    });
                    found.map_or(Ok(Value::Null), |v| self.value(v, &field.data_type))
                });
                Value::row(values.collect::<Result<_, _>>()?)
            }
            (Type::Row(fields), Json::Array(items)) if self.openx => {
                let values = fields.iter().enumerate().map(|(i, field)| {
                    items
                        .get(i)
                        .map_or(Ok(Value::Null), |v| self.value(v, &field.data_type))
                });
                Value::row(values.collect::<Result<_, _>>()?)
            }
            (Type::Array(_) | Type::Map(..) | Type::Row(_), _) => return Err(Mismatch),
            (Type::Varchar(_) | Type::Char(_), json) => {
                scalar::parse(data_type, &text_of(json)).ok_or(Mismatch)?
            }
            (_, Json::Array(_) | Json::Object(_)) => return Err(Mismatch),
            (Type::Boolean, Json::Bool(b)) => Value::Boolean(*b),
            (Type::Timestamp(precision), Json::Number(n)) => {
                Value::Timestamp(round_to(seconds(n).ok_or(Mismatch)?, *precision))
            }
            (Type::Tinyint | Type::Smallint | Type::Integer | Type::Bigint, Json::Number(n))
                if !n.is_i64() =>
            {
                // A number with a fraction loses it.
                let whole = n.as_f64().ok_or(Mismatch)?.trunc();
                scalar::parse(data_type, &format!("{whole:.0}")).ok_or(Mismatch)?
            }
            (_, Json::String(text)) if text.is_empty() && self.openx => Value::Null,
            (_, json) => scalar::parse(data_type, &text_of(json)).ok_or(Mismatch)?,
        })
    }
}

/// A string as it is, anything else as JSON.
fn text_of(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Seconds since the epoch, or milliseconds where there is no point and too many digits.
fn seconds(number: &serde_json::Number) -> Option<i128> {
    const LAST_SECOND: i64 = 99_999_999_999;
    match number.as_i64() {
        Some(n) if n.abs() > LAST_SECOND => Some(i128::from(n) * SECOND / 1000),
        Some(n) => Some(i128::from(n) * SECOND),
        None => {
            let millis = (number.as_f64()? * 1000.0).round();
            Some(millis as i128 * SECOND / 1000)
        }
    }
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
        let json = serde_json::from_str(json).unwrap();
        let value = rules.value(&json, &data_type).ok()?;
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
}
