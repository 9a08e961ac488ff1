//! Avro's schemas, as a file and a table have them.
//!
//! Source: Apache Avro's specification, "Schema Declaration", "Names", "Logical Types".

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

/// Types are not nested deeper; a name that stands for a type may nest without end.
const DEEPEST: usize = 64;

/// How many types a schema may come to when every name is put in full.
const MOST: usize = 100_000;

#[derive(Debug)]
pub(super) struct Schema {
    pub kind: Kind,
    pub logical: Logical,
    depth: usize,
    size: usize,
}

#[derive(Debug)]
pub(super) enum Kind {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    /// Of so many bytes.
    Fixed(usize),
    Enum(Vec<String>, Option<String>),
    Array(Arc<Schema>),
    /// The keys are strings.
    Map(Arc<Schema>),
    Union(Vec<Arc<Schema>>),
    /// Its full name, and its fields.
    Record(String, Vec<Field>),
}

#[derive(Debug)]
pub(super) struct Field {
    pub name: String,
    pub aliases: Vec<String>,
    pub default: Option<Json>,
    pub schema: Arc<Schema>,
}

/// What the values of a simple type stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logical {
    None,
    Date,
    /// So many picoseconds each, since the epoch.
    Timestamp(i128),
    /// The scale.
    Decimal(u32),
}

/// Reads a schema; an error says what is wrong with it.
pub(super) fn parse(text: &str) -> Result<Arc<Schema>, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    Parser::default().schema(&json, "")
}

#[derive(Default)]
struct Parser {
    /// By full names; nothing while a type is being read.
    named: HashMap<String, Option<Arc<Schema>>>,
}

impl Parser {
    fn schema(&mut self, json: &Json, namespace: &str) -> Result<Arc<Schema>, String> {
        match json {
            Json::String(name) => self.name(name, namespace),
            Json::Array(branches) => {
                let branches = branches.iter().map(|branch| self.schema(branch, namespace));
                finish(
                    Kind::Union(branches.collect::<Result<_, _>>()?),
                    Logical::None,
                )
            }
            Json::Object(object) => self.object(object, namespace),
            other => Err(format!("{other} is no type")),
        }
    }

    fn name(&self, name: &str, namespace: &str) -> Result<Arc<Schema>, String> {
        let kind = match name {
            "null" => Kind::Null,
            "boolean" => Kind::Boolean,
            "int" => Kind::Int,
            "long" => Kind::Long,
            "float" => Kind::Float,
            "double" => Kind::Double,
            "bytes" => Kind::Bytes,
            "string" => Kind::String,
            name => {
                let full = full_name(name, namespace);
                let found = self.named.get(&full).or_else(|| self.named.get(name));
                return match found {
                    Some(Some(schema)) => Ok(schema.clone()),
                    Some(None) => Err(format!("the type {full} holds itself, which Hive's cannot")),
                    None => Err(format!("no type is called {name}")),
                };
            }
        };
        finish(kind, Logical::None)
    }

    fn object(
        &mut self,
        object: &Map<String, Json>,
        namespace: &str,
    ) -> Result<Arc<Schema>, String> {
        let kind = match object.get("type") {
            Some(Json::String(kind)) => kind.as_str(),
            Some(nested) => return self.schema(nested, namespace),
            None => return Err("a type is missing".to_owned()),
        };
        let part = |name: &str| {
            object
                .get(name)
                .ok_or_else(|| format!("{kind} without {name}"))
        };
        match kind {
            "array" => finish(
                Kind::Array(self.schema(part("items")?, namespace)?),
                Logical::None,
            ),
            "map" => finish(
                Kind::Map(self.schema(part("values")?, namespace)?),
                Logical::None,
            ),
            "record" | "error" | "enum" | "fixed" => {
                let name = part("name")?.as_str().unwrap_or_default();
                let own = object.get("namespace").and_then(Json::as_str);
                let full = full_name(name, own.unwrap_or(namespace));
                self.named.insert(full.clone(), None);
                let schema = match kind {
                    "enum" => finish(symbols(object)?, Logical::None),
                    "fixed" => {
                        let size = part("size")?.as_u64().and_then(|n| usize::try_from(n).ok());
                        let kind = Kind::Fixed(size.ok_or("fixed of no size")?);
                        finish(kind, logical(object, "fixed"))
                    }
                    _ => self.record(part("fields")?, &full),
                }?;
                self.named.insert(full, Some(schema.clone()));
                Ok(schema)
            }
            name => {
                let plain = self.name(name, namespace)?;
                match logical(object, name) {
                    Logical::None => Ok(plain),
                    logical => match plain.kind {
                        Kind::Int => finish(Kind::Int, logical),
                        Kind::Long => finish(Kind::Long, logical),
                        Kind::Bytes => finish(Kind::Bytes, logical),
                        _ => Ok(plain),
                    },
                }
            }
        }
    }

    fn record(&mut self, fields: &Json, full: &str) -> Result<Arc<Schema>, String> {
        let namespace = full.rsplit_once('.').map_or("", |(namespace, _)| namespace);
        let members = fields.as_array().ok_or("a record without fields")?;
        let mut fields = Vec::with_capacity(members.len());
        for member in members {
            let name = member.get("name").and_then(Json::as_str);
            let schema = member.get("type").ok_or("a field without a type")?;
            fields.push(Field {
                name: name.ok_or("a field without a name")?.to_owned(),
                aliases: texts(member.get("aliases")),
                default: member.get("default").cloned(),
                schema: self.schema(schema, namespace)?,
            });
        }
        finish(Kind::Record(full.to_owned(), fields), Logical::None)
    }
}

fn symbols(object: &Map<String, Json>) -> Result<Kind, String> {
    let symbols = texts(object.get("symbols"));
    if symbols.is_empty() {
        return Err("an enum without symbols".to_owned());
    }
    let default = object.get("default").and_then(Json::as_str);
    Ok(Kind::Enum(symbols, default.map(str::to_owned)))
}

fn texts(list: Option<&Json>) -> Vec<String> {
    let list = list.and_then(Json::as_array).into_iter().flatten();
    list.filter_map(|text| Some(text.as_str()?.to_owned()))
        .collect()
}

fn full_name(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() {
        name.to_owned()
    } else {
        format!("{namespace}.{name}")
    }
}

/// The logical type; one that is not known, or of another type than it can be, is none.
fn logical(object: &Map<String, Json>, kind: &str) -> Logical {
    let name = object.get("logicalType").and_then(Json::as_str);
    match (kind, name.unwrap_or_default()) {
        ("int", "date") => Logical::Date,
        ("long", "timestamp-millis" | "local-timestamp-millis") => {
            Logical::Timestamp(1_000_000_000)
        }
        ("long", "timestamp-micros" | "local-timestamp-micros") => Logical::Timestamp(1_000_000),
        ("long", "timestamp-nanos" | "local-timestamp-nanos") => Logical::Timestamp(1_000),
        ("bytes" | "fixed", "decimal") => {
            let scale = object.get("scale").and_then(Json::as_u64).unwrap_or(0);
            Logical::Decimal(scale.try_into().unwrap_or(u32::MAX))
        }
        _ => Logical::None,
    }
}

fn finish(kind: Kind, logical: Logical) -> Result<Arc<Schema>, String> {
    let parts: Vec<&Arc<Schema>> = match &kind {
        Kind::Array(part) | Kind::Map(part) => vec![part],
        Kind::Union(branches) => branches.iter().collect(),
        Kind::Record(_, fields) => fields.iter().map(|field| &field.schema).collect(),
        _ => Vec::new(),
    };
    let depth = parts.iter().map(|part| part.depth).max().unwrap_or(0) + 1;
    let size = parts.iter().map(|part| part.size).sum::<usize>() + 1;
    if depth > DEEPEST || size > MOST {
        return Err("it is deeper or larger than can be read".to_owned());
    }
    Ok(Arc::new(Schema {
        kind,
        logical,
        depth,
        size,
    }))
}

impl Schema {
    /// Avro's name of the type.
    pub fn name(&self) -> &str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Float => "float",
            Kind::Double => "double",
            Kind::Bytes => "bytes",
            Kind::String => "string",
            Kind::Fixed(_) => "fixed",
            Kind::Enum(..) => "enum",
            Kind::Array(_) => "array",
            Kind::Map(_) => "map",
            Kind::Union(_) => "union",
            Kind::Record(name, _) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_in_their_namespace() {
        let schema = r#"{"type": "record", "name": "a.R", "fields": [
            {"name": "x", "type": {"type": "enum", "name": "E", "symbols": ["s"]}},
            {"name": "y", "type": ["null", "E"]}, {"name": "z", "type": "a.E"}]}"#;
        let parsed = parse(schema).unwrap();
        let Kind::Record(name, fields) = &parsed.kind else {
            panic!("a record");
        };
        assert_eq!(name, "a.R");
        assert_eq!(fields[2].schema.name(), "enum");
    }

    #[test]
    fn a_type_without_end_is_refused() {
        let itself =
            r#"{"type": "record", "name": "N", "fields": [{"name": "n", "type": ["null", "N"]}]}"#;
        assert_eq!(
            parse(itself).unwrap_err(),
            "the type N holds itself, which Hive's cannot"
        );
        let mut fields = vec![
            r#"{"name": "f0", "type": {"type": "fixed", "name": "T0", "size": 1}}"#.to_owned(),
        ];
        for n in 1..40 {
            let of = n - 1;
            fields.push(format!(
                r#"{{"name": "f{n}", "type": {{"type": "record", "name": "T{n}", "fields": [
                    {{"name": "a", "type": "T{of}"}}, {{"name": "b", "type": "T{of}"}}]}}}}"#
            ));
        }
        let doubled = format!(
            r#"{{"type": "record", "name": "R", "fields": [{}]}}"#,
            fields.join(",")
        );
        assert_eq!(
            parse(&doubled).unwrap_err(),
            "it is deeper or larger than can be read"
        );
    }
}
