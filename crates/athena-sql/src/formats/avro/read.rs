//! How the records of a file become rows of a table: which of a file's fields is which column, and
//! what is made of its values.
//!
//! Source: Apache Avro's specification, "Schema Resolution"; Trino's AvroPageSourceFactory for what
//! is looked for in the table's schema.

use std::sync::Arc;

use serde_json::Value as Json;

use super::datum::Datum;
use super::schema::{Field, Kind, Logical, Schema};
use crate::formats::scalar;
use crate::types::{RowField, Type, Value};

/// What to do with the next value.
#[derive(Clone, Debug)]
pub(super) enum Read {
    Skip(Arc<Schema>),
    Scalar(Arc<Schema>, Type),
    /// The symbols in the table's eyes.
    Symbol(Vec<Option<Value>>),
    Union(Vec<Read>),
    Array(Box<Read>),
    Map(Box<Read>),
    /// What to do with each field, and where its value goes; the values before any field is read.
    Record(Vec<(Read, Option<usize>)>, Vec<Value>),
    /// A value that no column of the type can have: an error, if there is one.
    Refused(String),
}

/// How to read what was written by `writer` as `wanted`; `reader` is the table's schema of it.
/// An error says what the file lacks.
pub(super) fn compile(
    writer: &Arc<Schema>,
    wanted: &Type,
    reader: Option<&Arc<Schema>>,
) -> Result<Read, String> {
    let reader = reader.map(|reader| branch(reader, writer));
    Ok(match (&writer.kind, wanted) {
        (Kind::Union(branches), _) => {
            let branches = branches.iter();
            let reads = branches.map(|branch| compile(branch, wanted, reader));
            Read::Union(reads.collect::<Result<_, _>>()?)
        }
        (Kind::Null, _) => Read::Scalar(writer.clone(), wanted.clone()),
        (Kind::Array(items), Type::Array(element)) => {
            let reader = reader.and_then(|reader| match &reader.kind {
                Kind::Array(items) => Some(items),
                _ => None,
            });
            Read::Array(Box::new(compile(items, element, reader)?))
        }
        (Kind::Map(values), Type::Map(key, value)) if matches!(**key, Type::Varchar(_)) => {
            let reader = reader.and_then(|reader| match &reader.kind {
                Kind::Map(values) => Some(values),
                _ => None,
            });
            Read::Map(Box::new(compile(values, value, reader)?))
        }
        (Kind::Record(_, fields), Type::Row(wanted)) => record(writer, fields, wanted, reader)?,
        (Kind::Enum(symbols, _), Type::Varchar(_) | Type::Char(_)) => {
            let known = reader.and_then(|reader| match &reader.kind {
                Kind::Enum(symbols, default) => Some((symbols, default)),
                _ => None,
            });
            let symbols = symbols.iter().map(|symbol| match known {
                Some((known, default)) if !known.contains(symbol) => {
                    scalar::parse(wanted, default.as_deref()?)
                }
                _ => scalar::parse(wanted, symbol),
            });
            Read::Symbol(symbols.collect())
        }
        _ if super::datum::is_readable(writer, wanted) => {
            Read::Scalar(with_logical(writer, reader), wanted.clone())
        }
        _ => Read::Refused(format!("Found {}, expecting {wanted}", writer.name())),
    })
}

/// A number that a file says nothing more of is what the table's schema says that it is.
fn with_logical(writer: &Arc<Schema>, reader: Option<&Arc<Schema>>) -> Arc<Schema> {
    match (writer.logical, reader) {
        (Logical::None, Some(reader))
            if std::mem::discriminant(&writer.kind) == std::mem::discriminant(&reader.kind) =>
        {
            reader.clone()
        }
        _ => writer.clone(),
    }
}

/// The branch of the table's schema that is meant, where it is a union and the file's is none.
fn branch<'a>(reader: &'a Arc<Schema>, writer: &Schema) -> &'a Arc<Schema> {
    let (Kind::Union(branches), false) = (&reader.kind, matches!(writer.kind, Kind::Union(_)))
    else {
        return reader;
    };
    let same = |branch: &&Arc<Schema>| {
        std::mem::discriminant(&branch.kind) == std::mem::discriminant(&writer.kind)
    };
    let is_null = |branch: &&Arc<Schema>| matches!(branch.kind, Kind::Null);
    branches
        .iter()
        .find(same)
        .or_else(|| branches.iter().find(|branch| !is_null(branch)))
        .unwrap_or(reader)
}

fn record(
    writer: &Schema,
    fields: &[Field],
    wanted: &[RowField],
    reader: Option<&Arc<Schema>>,
) -> Result<Read, String> {
    let columns = wanted.iter().enumerate().map(|(slot, field)| Wanted {
        slot,
        name: field.name.as_deref().unwrap_or_default(),
        data_type: &field.data_type,
    });
    columns_of(writer, fields, columns, wanted.len(), reader)
}

/// A column or field that is wanted, and where its value goes.
pub(super) struct Wanted<'a> {
    pub slot: usize,
    pub name: &'a str,
    pub data_type: &'a Type,
}

/// How to read a record as so many wanted columns.
pub(super) fn columns_of<'a>(
    writer: &Schema,
    fields: &[Field],
    wanted: impl Iterator<Item = Wanted<'a>>,
    slots: usize,
    reader: Option<&Arc<Schema>>,
) -> Result<Read, String> {
    let of_reader = match reader.map(|reader| &reader.kind) {
        Some(Kind::Record(_, fields)) => Some(fields.as_slice()),
        _ => None,
    };
    let mut reads: Vec<(Read, Option<usize>)> = fields
        .iter()
        .map(|field| (Read::Skip(field.schema.clone()), None))
        .collect();
    let mut values = vec![Value::Null; slots];
    for Wanted {
        slot,
        name,
        data_type,
    } in wanted
    {
        let Some(of_reader) = of_reader else {
            if let Some(place) = place(fields, name, &[]) {
                reads[place] = (compile(&fields[place].schema, data_type, None)?, Some(slot));
            }
            continue;
        };
        let reader = reader.map_or("", |reader| reader.name());
        let mut declared = of_reader.iter();
        let declared = declared
            .find(|field| field.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| format!("Unable to find column {name} in table Avro schema {reader}"))?;
        match place(fields, &declared.name, &declared.aliases) {
            Some(place) => {
                let read = compile(&fields[place].schema, data_type, Some(&declared.schema))?;
                reads[place] = (read, Some(slot));
            }
            None => {
                values[slot] = default(declared, data_type).ok_or_else(|| {
                    format!(
                        "Found {}, expecting {reader}, missing required field {}",
                        writer.name(),
                        declared.name
                    )
                })?;
            }
        }
    }
    Ok(Read::Record(reads, values))
}

/// Which of a file's fields a column is: the one of its name, or of an alias that the table's schema
/// gives it. Case counts, as everywhere in Avro.
fn place(fields: &[Field], name: &str, aliases: &[String]) -> Option<usize> {
    let of = |name: &str| fields.iter().position(|field| field.name == name);
    of(name).or_else(|| aliases.iter().find_map(|alias| of(alias)))
}

/// The value of a field that a file does not have; `None` if the table's schema says of none. A
/// default that is not valid is NULL to Trino.
fn default(field: &Field, data_type: &Type) -> Option<Value> {
    let given = value(field.default.as_ref()?, &field.schema, data_type);
    Some(given.unwrap_or(Value::Null))
}

fn value(json: &Json, schema: &Schema, data_type: &Type) -> Option<Value> {
    Some(match (json, &schema.kind, data_type) {
        (Json::Null, _, _) => Value::Null,
        // A default is of the first branch.
        (_, Kind::Union(branches), _) => value(json, branches.first()?, data_type)?,
        (Json::Array(items), Kind::Array(schema), Type::Array(element)) => {
            let items = items.iter().map(|item| value(item, schema, element));
            Value::array(items.collect::<Option<_>>()?)
        }
        (Json::Object(object), Kind::Map(schema), Type::Map(_, of)) => {
            let entries = object
                .iter()
                .map(|(key, item)| Some((Value::text(key.as_str()), value(item, schema, of)?)));
            Value::map(entries.collect::<Option<_>>()?)
        }
        (Json::Object(object), Kind::Record(_, fields), Type::Row(wanted)) => {
            let values = wanted.iter().map(|wanted| {
                let name = wanted.name.as_deref().unwrap_or_default();
                let field = fields
                    .iter()
                    .find(|field| field.name.eq_ignore_ascii_case(name));
                let Some(field) = field else {
                    return Some(Value::Null);
                };
                match object.get(&field.name) {
                    Some(json) => value(json, &field.schema, &wanted.data_type),
                    None => default(field, &wanted.data_type),
                }
            });
            Value::row(values.collect::<Option<_>>()?)
        }
        // Each character is a byte.
        (Json::String(text), Kind::Bytes | Kind::Fixed(_), _) => {
            let bytes: Vec<u8> = text
                .chars()
                .map(|c| u8::try_from(c).unwrap_or(b'?'))
                .collect();
            Datum::bytes_value(&bytes, schema.logical, data_type)?
        }
        (Json::Number(number), Kind::Int | Kind::Long, _) => {
            Datum::number_value(number.as_i64()?, schema.logical, data_type)?
        }
        (Json::String(text), Kind::String | Kind::Enum(..), _) => scalar::parse(data_type, text)?,
        (Json::Bool(_) | Json::Number(_), _, _) => scalar::parse(data_type, &json.to_string())?,
        _ => return None,
    })
}
