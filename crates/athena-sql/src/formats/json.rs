//! The JSON SerDes: an object a line.
//!
//! The one of OpenX makes values of whatever JSON there is and can skip what is no JSON; Hive's
//! wants what the column says. Source: the pages "OpenX JSON SerDe" and "Hive JSON SerDe" of
//! Athena's guide.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use serde::de::IgnoredAny;

use super::column::Column;
use super::json_lenient::strict;
use super::json_values::{Duplicate, Misfit, Rules, text_of};
use super::text::{Decode, Lines, bad_field};
use super::{Filter, Format, Layout};
use crate::error::Error;
use crate::json_text::{Kind, kind, read_elements, read_members};
use crate::types::{Type, Value};

pub(super) fn openx(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    let rules = Rules {
        openx: true,
        fold_case: layout.flag("case.insensitive", true),
        dots: layout.flag("dots.in.keys", false),
        mappings: mappings(&layout),
        timestamp_formats: timestamp_formats(&layout),
    };
    let decode = Objects {
        rules,
        ignore_malformed: layout.flag("ignore.malformed.json", false),
        null_for_invalid: layout.flag("use.null.for.invalid.data", false),
        wanted: wanted(&layout),
    };
    Ok(Arc::new(Lines::new(&layout, decode)))
}

/// Of the properties, Hive's SerDe has but the formats of timestamps.
pub(super) fn hive(layout: Layout, _: Filter) -> Result<Arc<dyn Format>, Error> {
    let rules = Rules {
        openx: false,
        fold_case: true,
        timestamp_formats: timestamp_formats(&layout),
        ..Rules::default()
    };
    let decode = Objects {
        rules,
        ignore_malformed: false,
        null_for_invalid: false,
        wanted: wanted(&layout),
    };
    Ok(Arc::new(Lines::new(&layout, decode)))
}

fn wanted(layout: &Layout) -> Vec<(usize, String)> {
    let wanted = layout.wanted();
    wanted
        .map(|(place, name, _)| (place, name.to_owned()))
        .collect()
}

/// The keys of columns and of fields of structs that have other names, the SerDe's before the
/// table's.
fn mappings(layout: &Layout) -> HashMap<String, String> {
    let parameters = layout.table_parameters.iter();
    let parameters = parameters.chain(&layout.serde_parameters);
    parameters
        .filter_map(|(name, key)| {
            let name = name.strip_prefix("mapping.")?;
            Some((name.to_owned(), key.clone()))
        })
        .collect()
}

fn timestamp_formats(layout: &Layout) -> Vec<String> {
    let formats = layout.parameter("timestamp.formats").unwrap_or_default();
    let formats = formats.split(',').filter(|format| !format.is_empty());
    formats.map(str::to_owned).collect()
}

#[derive(Debug)]
struct Objects {
    rules: Rules,
    ignore_malformed: bool,
    null_for_invalid: bool,
    /// The wanted columns' places among all, and their names.
    wanted: Vec<(usize, String)>,
}

impl Decode for Objects {
    /// OpenX makes a row of a line without anything.
    fn is_row(&self, line: &str) -> bool {
        self.rules.openx || !line.trim().is_empty()
    }

    fn decode(&self, line: &str, columns: &mut [Column]) -> Result<(), Error> {
        match self.values(line, columns) {
            Ok(values) => {
                for (column, value) in columns.iter_mut().zip(values) {
                    column.append(value);
                }
            }
            Err(Fault::Syntax(_) | Fault::Line(_)) if self.ignore_malformed => {
                columns.iter_mut().for_each(Column::append_null);
            }
            Err(Fault::Syntax(why) | Fault::Line(why)) => return Err(self.malformed(&why)),
            Err(Fault::Field(error)) => return Err(error),
        }
        Ok(())
    }
}

impl Objects {
    /// The values of a line, one for each of the columns.
    fn values(&self, line: &str, columns: &[Column]) -> Result<Vec<Value>, Fault> {
        let line = line.trim_matches(|c: char| c <= ' ');
        if !self.rules.openx {
            return self.of_object(line, columns);
        }
        if !line.starts_with(['{', '[']) {
            return Ok(vec![Value::Null; columns.len()]);
        }
        match self.of_openx(line, columns) {
            // What is no JSON by the book may be what OpenX takes for it.
            Err(Fault::Syntax(_)) => {
                let line = strict(line).map_err(Fault::Line)?;
                self.of_openx(&line, columns)
            }
            read => read,
        }
    }

    /// OpenX takes an array for the columns in their order.
    fn of_openx(&self, line: &str, columns: &[Column]) -> Result<Vec<Value>, Fault> {
        if !line.starts_with('[') {
            return self.of_object(line, columns);
        }
        let items = read_elements(line)?;
        self.fitted(columns, |place, _| items.get(place).copied())
    }

    fn of_object(&self, line: &str, columns: &[Column]) -> Result<Vec<Value>, Fault> {
        if !line.starts_with('{') {
            serde_json::from_str::<IgnoredAny>(line)?;
            return Err(Fault::Line("it is no object".to_owned()));
        }
        let members = read_members(line)?;
        let object = self.rules.object(&members)?;
        self.fitted(columns, |_, name| self.rules.find(&object, name))
    }

    /// What is found for each column by its place and its name, as a value of the column's type.
    fn fitted<'a>(
        &self,
        columns: &[Column],
        find: impl Fn(usize, &str) -> Option<&'a str>,
    ) -> Result<Vec<Value>, Fault> {
        let mut values = Vec::with_capacity(columns.len());
        for ((place, name), column) in self.wanted.iter().zip(columns) {
            let json = find(*place, name).unwrap_or("null");
            let value = match self.rules.value(json, column.data_type()) {
                Ok(value) => value,
                Err(Misfit::Type) if self.null_for_invalid => Value::Null,
                Err(Misfit::Type) => {
                    let error = self.bad_field(json, *place, column.data_type());
                    return Err(Fault::Field(error));
                }
                Err(Misfit::Text) => {
                    let why = "half of a surrogate pair in a string";
                    return Err(Fault::Line(why.to_owned()));
                }
                Err(Misfit::Duplicate(duplicate)) => return Err(duplicate.into()),
            };
            values.push(value);
        }
        Ok(values)
    }

    /// Source: "JSON related errors" of the page "Troubleshoot issues in Athena".
    fn bad_field(&self, json: &str, place: usize, data_type: &Type) -> Error {
        let wants_object = matches!(data_type, Type::Map(..) | Type::Row(_));
        if self.rules.openx && wants_object && kind(json) == Kind::String {
            let why = "java.lang.String cannot be cast to org.openx.data.jsonserde.json.JSONObject";
            let message = format!("Error parsing field value for field {place}: {why}");
            return Error::user("HIVE_BAD_DATA", message);
        }
        let text = text_of(json).unwrap_or(Cow::Borrowed(json));
        bad_field(&text, place, data_type)
    }

    fn malformed(&self, why: &str) -> Error {
        let message = if self.rules.openx {
            format!("Row is not a valid JSON Object - JSONException: {why}")
        } else {
            format!("JsonParseException: {why}")
        };
        Error::user("HIVE_CURSOR_ERROR", message)
    }
}

/// Why a line gives no row.
enum Fault {
    /// It is not JSON by the book, and why.
    Syntax(String),
    /// It is not JSON as a row has it, and why.
    Line(String),
    /// A value is none of its column's type.
    Field(Error),
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Syntax(error.to_string())
    }
}

impl From<Duplicate> for Fault {
    fn from(Duplicate(key): Duplicate) -> Self {
        Self::Line(format!("Duplicate key \"{key}\""))
    }
}
