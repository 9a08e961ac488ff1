//! JSON_EXISTS, JSON_VALUE and JSON_QUERY
//! (<https://trino.io/docs/current/functions/json.html>), as the analyzer calls them.
//!
//! All of them begin with the input, the path, a row of SQL's values and a row of JSON texts that the
//! path's variables stand for; the rows' fields have the variables' names, and what is no row holds
//! none. What is to be done in special cases comes as text: `error`, `null`, `default`, ….

mod evaluate;
mod item;
mod lexer;
mod path;
mod predicate;

pub use path::SqlPath;

use self::evaluate::{Around, Evaluation};
use self::item::{Item, Json};
use super::cast::{can_cast, cast_value};
use super::{Call, Function, scalar};
use crate::ErrorKind;
use crate::error::Error;
use crate::types::{Type, Value};

pub fn functions() -> Vec<Function> {
    vec![
        scalar(
            "$json_exists(I, varchar, V, J, varchar) -> boolean",
            json_exists,
        )
        .called_on_null(),
        scalar(
            "$json_value(I, varchar, V, J, varchar, D, varchar, D) -> D",
            json_value,
        )
        .called_on_null(),
        scalar(
            "$json_query(I, varchar, V, J, varchar, varchar, varchar, varchar) -> varchar",
            json_query,
        )
        .called_on_null()
        .returns(super::string::varchar),
    ]
}

/// After what all have: what to answer on an error (`true`, `false`, `unknown`, `error`).
fn json_exists(call: &Call, a: &[Value]) -> Result<Value, Error> {
    if a[0].is_null() {
        return Ok(Value::Null);
    }
    match found(call, a, "JSON_EXISTS") {
        Ok(items) => Ok(Value::Boolean(!items.is_empty())),
        Err(error) => match (a[4].as_str(), error.kind) {
            ("true", ErrorKind::User) => Ok(Value::Boolean(true)),
            ("false", ErrorKind::User) => Ok(Value::Boolean(false)),
            ("unknown", ErrorKind::User) => Ok(Value::Null),
            _ => Err(error),
        },
    }
}

/// After what all have: what to answer of no item, the default for it, and the same on an error.
fn json_value(call: &Call, a: &[Value]) -> Result<Value, Error> {
    if a[0].is_null() {
        return Ok(Value::Null);
    }
    let instead = |behavior: &Value, default: &Value, error: Error| match behavior.as_str() {
        "null" if error.kind == ErrorKind::User => Ok(Value::Null),
        "default" if error.kind == ErrorKind::User => Ok(default.clone()),
        _ => Err(error),
    };
    match found(call, a, "JSON_VALUE") {
        Ok(items) if items.is_empty() => {
            instead(&a[4], &a[5], no_value("JSON path found no items"))
        }
        Ok(items) => only_value(&items, &call.result).or_else(|e| instead(&a[6], &a[7], e)),
        Err(error) => instead(&a[6], &a[7], error),
    }
}

/// The one item as a value of a type.
fn only_value(items: &[Item], to: &Type) -> Result<Value, Error> {
    let [item] = items else {
        return Err(no_value("JSON path found multiple items"));
    };
    if *item == Item::Json(Json::Null) {
        return Ok(Value::Null);
    }
    let (from, value) = item.scalar().ok_or_else(|| {
        no_value("JSON path found an item that cannot be converted to an SQL value")
    })?;
    let fail = || {
        no_value(&format!(
            "Cannot cast value of type {from} to declared return type of function JSON_VALUE: {to}"
        ))
    };
    if !can_cast(&from, to) {
        return Err(fail());
    }
    cast_value(&value, &from, to).map_err(|_| fail())
}

/// After what all have: the wrapper (`without`, `conditional`, `unconditional`), the quotes of a
/// scalar text (`keep`, `omit`), what to answer of no item, and on an error.
fn json_query(call: &Call, a: &[Value]) -> Result<Value, Error> {
    if a[0].is_null() {
        return Ok(Value::Null);
    }
    let instead = |behavior: &Value, error: Error| match behavior.as_str() {
        "null" if error.kind == ErrorKind::User => Ok(Value::Null),
        "empty array" if error.kind == ErrorKind::User => Ok(Value::text("[]")),
        "empty object" if error.kind == ErrorKind::User => Ok(Value::text("{}")),
        _ => Err(error),
    };
    let items = match found(call, a, "JSON_QUERY") {
        Ok(items) if items.is_empty() => {
            return instead(&a[6], no_json("JSON path found no items"));
        }
        Ok(items) => items,
        Err(error) => return instead(&a[7], error),
    };
    match only_json(&items, a[4].as_str()) {
        Ok(Json::String(text)) if a[5].as_str() == "omit" => Ok(Value::Text(text)),
        Ok(json) => Ok(Value::text(json.write())),
        Err(error) => instead(&a[7], error),
    }
}

/// The one item as JSON, or all of them in an array.
fn only_json(items: &[Item], wrapper: &str) -> Result<Json, Error> {
    let mut all = items.iter().map(json_of).collect::<Result<Vec<_>, _>>()?;
    let is_one = all.len() == 1;
    let is_structure = matches!(all.as_slice(), [Json::Array(_) | Json::Object(_)]);
    match (wrapper, all.pop()) {
        ("without", Some(json)) if is_one => Ok(json),
        ("conditional", Some(json)) if is_structure => Ok(json),
        ("without", _) => Err(no_json("JSON path found multiple items")),
        (_, last) => {
            all.extend(last);
            Ok(Json::Array(all.into()))
        }
    }
}

fn json_of(item: &Item) -> Result<Json, Error> {
    match item {
        Item::Json(json) => Ok(json.clone()),
        Item::Sql(data_type, value) => Json::of(data_type, value).ok_or_else(|| {
            no_json(&format!(
                "JSON path returned a scalar SQL value of type {data_type} that cannot be \
                 represented as JSON"
            ))
        }),
    }
}

/// What the path finds in the input.
fn found(call: &Call, a: &[Value], function: &str) -> Result<Vec<Item>, Error> {
    let malformed = |what: &str| {
        let message = format!("conversion to JSON failed: malformed {what} to {function} function");
        Error::user("JSON_INPUT_CONVERSION_ERROR", message)
    };
    let input = Json::read(a[0].as_bytes()).ok_or_else(|| malformed("input argument"))?;
    let mut variables: Vec<(String, Vec<Item>)> = Vec::new();
    for (name, data_type, value) in fields(call.argument(2), &a[2]) {
        let item = if value.is_null() {
            Item::Json(Json::Null)
        } else {
            Item::Sql(data_type.clone(), value.clone())
        };
        variables.push((name.to_owned(), vec![item]));
    }
    for (name, _, value) in fields(call.argument(3), &a[3]) {
        let items = if value.is_null() {
            Vec::new()
        } else {
            let json = Json::read(value.as_bytes());
            vec![Item::Json(
                json.ok_or_else(|| malformed("JSON path parameter"))?,
            )]
        };
        variables.push((name.to_owned(), items));
    }
    let path = SqlPath::parse(a[1].as_str())?;
    Evaluation::new(path.lax, &input, &variables).path(&path.root, Around::default())
}

/// The fields of a row: names, types, values.
fn fields<'a>(
    data_type: &'a Type,
    row: &'a Value,
) -> impl Iterator<Item = (&'a str, &'a Type, &'a Value)> {
    let fields = match data_type {
        Type::Row(fields) => fields.as_slice(),
        _ => &[],
    };
    fields.iter().zip(row.as_array()).map(|(field, value)| {
        let name = field.name.as_deref().unwrap_or_default();
        (name, &field.data_type, value)
    })
}

fn no_value(message: &str) -> Error {
    let message = format!("cannot extract SQL scalar from JSON: {message}");
    Error::user("JSON_VALUE_RESULT_ERROR", message)
}

fn no_json(message: &str) -> Error {
    let message = format!("conversion from JSON failed: {message}");
    Error::user("JSON_OUTPUT_CONVERSION_ERROR", message)
}

fn invalid_path(message: impl AsRef<str>) -> Error {
    let message = format!("invalid JSON path: {}", message.as_ref());
    Error::user("INVALID_PATH", message)
}
