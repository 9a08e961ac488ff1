//! What a SQL/JSON path finds. In lax mode arrays are unwrapped where their elements are meant, and
//! what is not there is left out; in strict mode both are errors. (Trino's `PathEvaluationVisitor`.)

use std::cell::Cell;
use std::sync::Arc;

use super::item::{Item, Json};
use super::path::{Method, Path, Step, deeper};
use crate::error::Error;
use crate::functions::cast::{can_cast, cast_value};
use crate::functions::{Argument, Call, Registry};
use crate::types::{Type, Value};

/// One evaluation: the mode, the input, and what the variables stand for.
pub struct Evaluation<'a> {
    lax: bool,
    input: &'a Json,
    variables: &'a [(String, Vec<Item>)],
    /// How many objects `keyvalue()` has numbered.
    objects: Cell<usize>,
}

/// What `@` and `last` mean where a path stands.
#[derive(Clone, Copy, Default)]
pub struct Around<'a> {
    current: Option<&'a Item>,
    last: Option<usize>,
}

impl<'a> Evaluation<'a> {
    pub fn new(lax: bool, input: &'a Json, variables: &'a [(String, Vec<Item>)]) -> Self {
        Self {
            lax,
            input,
            variables,
            objects: Cell::new(0),
        }
    }

    pub fn is_lax(&self) -> bool {
        self.lax
    }

    /// The items that a path finds; an error is `PATH_EVALUATION_ERROR`.
    pub fn path(&self, path: &Path, around: Around<'_>) -> Result<Vec<Item>, Error> {
        deeper(|| self.path_by_kind(path, around))
    }

    fn path_by_kind(&self, path: &Path, around: Around<'_>) -> Result<Vec<Item>, Error> {
        Ok(match path {
            Path::Context => vec![Item::Json(self.input.clone())],
            Path::Current => around.current.cloned().into_iter().collect(),
            Path::Last => around.last.map(index_item).into_iter().collect(),
            Path::Variable(name) => {
                let found = self.variables.iter().find(|(known, _)| known == name);
                let missing = || failed(format!("no value passed for parameter {name}"));
                found.ok_or_else(missing)?.1.clone()
            }
            Path::Null => vec![Item::Json(Json::Null)],
            Path::Literal(data_type, value) => vec![Item::Sql(data_type.clone(), value.clone())],
            Path::Signed { negative, operand } => {
                let items = self.unwrapped(self.path(operand, around)?);
                let signed = |item: Item| {
                    let value = number(&item)?;
                    if *negative {
                        operate("negate", &[value])
                    } else {
                        Ok(Item::Sql(value.0, value.1))
                    }
                };
                items.into_iter().map(signed).collect::<Result<_, _>>()?
            }
            Path::Binary {
                operator,
                left,
                right,
            } => {
                let left = self.unwrapped(self.path(left, around)?);
                let right = self.unwrapped(self.path(right, around)?);
                let ([left], [right]) = (left.as_slice(), right.as_slice()) else {
                    return Err(failed(
                        "arithmetic binary expression requires singleton operands",
                    ));
                };
                vec![operate(operator, &[number(left)?, number(right)?])?]
            }
            Path::Access { base, steps } => {
                let mut items = self.path(base, around)?;
                for step in steps {
                    items = self.step(step, items, around)?;
                }
                items
            }
        })
    }

    fn step(&self, step: &Step, items: Vec<Item>, around: Around<'_>) -> Result<Vec<Item>, Error> {
        match step {
            Step::Member(key) => self.members(key.as_deref(), items),
            Step::Descendant(key) => {
                let mut found = Vec::new();
                for item in items {
                    if let Item::Json(json) = item {
                        descendants(&json, key, &mut found);
                    }
                }
                Ok(found)
            }
            Step::Elements(subscripts) => {
                let mut found = Vec::new();
                for item in items {
                    self.elements(subscripts, item, around, &mut found)?;
                }
                Ok(found)
            }
            Step::Filter(predicate) => {
                let mut kept = Vec::new();
                for item in self.unwrapped(items) {
                    let inner = Around {
                        current: Some(&item),
                        ..around
                    };
                    if self.predicate(predicate, inner)? == Some(true) {
                        kept.push(item);
                    }
                }
                Ok(kept)
            }
            Step::Method(method) => self.method(*method, items),
        }
    }

    fn members(&self, key: Option<&str>, items: Vec<Item>) -> Result<Vec<Item>, Error> {
        let mut found = Vec::new();
        for item in self.unwrapped(items) {
            let Item::Json(Json::Object(members)) = &item else {
                if self.lax {
                    continue;
                }
                return Err(wrong_type("OBJECT", &item));
            };
            let before = found.len();
            let wanted = members
                .iter()
                .filter(|(known, _)| key.is_none_or(|key| **known == *key));
            found.extend(wanted.map(|(_, value)| Item::Json(value.clone())));
            if let Some(key) = key
                && !self.lax
                && found.len() == before
            {
                let missing = format!("missing member '{key}' in JSON object");
                return Err(structural(&missing));
            }
        }
        Ok(found)
    }

    /// Adds the elements of an item that the subscripts name; all of them where there are none.
    fn elements(
        &self,
        subscripts: &[(Path, Option<Path>)],
        item: Item,
        around: Around<'_>,
        found: &mut Vec<Item>,
    ) -> Result<(), Error> {
        let elements: Vec<Item> = match item {
            Item::Json(Json::Array(elements)) => elements.iter().cloned().map(Item::Json).collect(),
            other if self.lax => vec![other],
            other => return Err(wrong_type("ARRAY", &other)),
        };
        if subscripts.is_empty() {
            found.extend(elements);
            return Ok(());
        }
        let Some(last) = elements.len().checked_sub(1) else {
            if self.lax {
                return Ok(());
            }
            return Err(structural("invalid array subscript for empty array"));
        };
        let around = Around {
            last: Some(last),
            ..around
        };
        for (from, to) in subscripts {
            let from = self.subscript(from, "from", around)?;
            let to = match to {
                Some(to) => self.subscript(to, "to", around)?,
                None => from,
            };
            let end = last as i64;
            if !self.lax && (from < 0 || from > to || to > end) {
                let size = elements.len();
                return Err(structural(&format!(
                    "invalid array subscript: [{from}, {to}] for array of size {size}"
                )));
            }
            let range = from.max(0)..=to.min(end);
            found.extend(range.filter_map(|i| elements.get(i as usize).cloned()));
        }
        Ok(())
    }

    fn subscript(&self, path: &Path, which: &str, around: Around<'_>) -> Result<i64, Error> {
        match self.path(path, around)?.as_slice() {
            [item] => index(item),
            _ => Err(failed(format!(
                "array subscript '{which}' value must be singleton numeric"
            ))),
        }
    }

    fn method(&self, method: Method, items: Vec<Item>) -> Result<Vec<Item>, Error> {
        match method {
            Method::Type => Ok(items
                .iter()
                .map(|item| Item::Sql(Type::VARCHAR, Value::text(item.type_name())))
                .collect()),
            Method::Size => items.iter().map(|item| self.size(item)).collect(),
            Method::KeyValue => {
                let mut found = Vec::new();
                for item in self.unwrapped(items) {
                    self.key_values(&item, &mut found)?;
                }
                Ok(found)
            }
            Method::Abs | Method::Ceiling | Method::Floor => {
                let name = match method {
                    Method::Abs => "abs",
                    Method::Ceiling => "ceiling",
                    _ => "floor",
                };
                let items = self.unwrapped(items);
                let called = |item| operate(name, &[number(item)?]);
                items.iter().map(called).collect()
            }
            Method::Double => self.unwrapped(items).iter().map(double).collect(),
        }
    }

    fn size(&self, item: &Item) -> Result<Item, Error> {
        match item {
            Item::Json(Json::Array(elements)) => Ok(index_item(elements.len())),
            _ if self.lax => Ok(index_item(1)),
            other => Err(wrong_type("ARRAY", other)),
        }
    }

    /// An object `{name, value, id}` for each member.
    fn key_values(&self, item: &Item, found: &mut Vec<Item>) -> Result<(), Error> {
        let Item::Json(Json::Object(members)) = item else {
            return Err(wrong_type("OBJECT", item));
        };
        let id = self.objects.replace(self.objects.get() + 1).to_string();
        for (key, value) in &**members {
            let parts = [
                ("name", Json::String(Arc::clone(key))),
                ("value", value.clone()),
                ("id", Json::Number(id.as_str().into())),
            ];
            let parts = parts.map(|(name, value)| (Arc::<str>::from(name), value));
            found.push(Item::Json(Json::Object(parts.into())));
        }
        Ok(())
    }

    /// In lax mode, arrays give way to their elements.
    pub fn unwrapped(&self, items: Vec<Item>) -> Vec<Item> {
        if !self.lax {
            return items;
        }
        let mut flat = Vec::with_capacity(items.len());
        for item in items {
            match item {
                Item::Json(Json::Array(elements)) => {
                    flat.extend(elements.iter().cloned().map(Item::Json));
                }
                other => flat.push(other),
            }
        }
        flat
    }
}

/// The values of a key, of an object before those of what lies in it.
fn descendants(json: &Json, key: &str, found: &mut Vec<Item>) {
    match json {
        Json::Object(members) => {
            let bound = members.iter().find(|(known, _)| **known == *key);
            found.extend(bound.map(|(_, value)| Item::Json(value.clone())));
            for (_, value) in &**members {
                descendants(value, key, found);
            }
        }
        Json::Array(elements) => {
            for element in &**elements {
                descendants(element, key, found);
            }
        }
        _ => {}
    }
}

fn index_item(n: usize) -> Item {
    Item::Sql(Type::Integer, Value::Integer(n as i64))
}

fn number(item: &Item) -> Result<(Type, Value), Error> {
    item.scalar()
        .filter(|(data_type, _)| data_type.is_number())
        .ok_or_else(|| wrong_type("NUMBER", item))
}

/// A subscript's number: one of JSON loses its fraction, one of SQL is cast.
fn index(item: &Item) -> Result<i64, Error> {
    match (item, number(item)?) {
        (Item::Json(_), (_, Value::Double(x))) => {
            let whole = Value::Double(x.trunc());
            cast(&whole, &Type::Double, &Type::Bigint)
        }
        (_, (data_type, value)) => cast(&value, &data_type, &Type::Bigint),
    }
    .map(|value| value.as_i64())
}

fn double(item: &Item) -> Result<Item, Error> {
    let value = item.scalar().filter(|(data_type, _)| {
        data_type.is_number() || matches!(data_type, Type::Varchar(_) | Type::Char(_))
    });
    let (data_type, value) = value.ok_or_else(|| wrong_type("NUMBER or TEXT", item))?;
    Ok(Item::Sql(
        Type::Double,
        cast(&value, &data_type, &Type::Double)?,
    ))
}

fn cast(value: &Value, from: &Type, to: &Type) -> Result<Value, Error> {
    if !can_cast(from, to) {
        return Err(failed(format!("cannot cast {from} to {to}")));
    }
    cast_value(value, from, to).map_err(|error| in_path(&error))
}

/// SQL's function or operator of that name.
fn operate(name: &str, arguments: &[(Type, Value)]) -> Result<Item, Error> {
    let types: Vec<Argument> = arguments
        .iter()
        .map(|(data_type, _)| Argument::Value(data_type.clone()))
        .collect();
    let bound = Registry::get()
        .resolve(name, &types, &mut |_, _| {
            Err(Error::internal("no lambda was given"))
        })
        .map_err(|error| in_path(&error))?;
    let values = arguments
        .iter()
        .zip(&bound.arguments)
        .map(|((from, value), to)| cast(value, from, to))
        .collect::<Result<Vec<_>, _>>()?;
    let result = bound.result.clone();
    let call = Call::new(bound.function, bound.arguments, bound.result, Vec::new());
    let value = call.evaluate(&values).map_err(|error| in_path(&error))?;
    Ok(Item::Sql(result, value))
}

fn failed(message: impl AsRef<str>) -> Error {
    let message = format!("path evaluation failed: {}", message.as_ref());
    Error::user("PATH_EVALUATION_ERROR", message)
}

/// An error of evaluation for the one that a function of SQL gave; a fault of ours stays one.
fn in_path(error: &Error) -> Error {
    if error.kind == crate::ErrorKind::User {
        failed(&error.message)
    } else {
        error.clone()
    }
}

fn structural(message: &str) -> Error {
    failed(format!("structural error: {message}"))
}

fn wrong_type(expected: &str, item: &Item) -> Error {
    let actual = item.kind();
    failed(format!(
        "invalid item type. Expected: {expected}, actual: {actual}"
    ))
}
