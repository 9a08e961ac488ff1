//! The types of a file's columns.
//!
//! Source: Apache ORC's specification, "Type Information".

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Fields, TimeUnit};
use hive_formats::orc::{Error, Node};

/// Types are not nested deeper.
const DEEPEST: usize = 100;

/// A column, or a part of one, and its place among the types of the file.
#[derive(Clone, Debug)]
pub(super) struct Typed {
    pub place: u64,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Boolean,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    Text,
    Binary,
    Date,
    /// Of the writer's clock.
    Timestamp,
    /// Precision and scale.
    Decimal(u8, u8),
    List(Box<Typed>),
    Map(Box<Typed>, Box<Typed>),
    Struct(Vec<(String, Typed)>),
    /// What is not read, and what it is called.
    Unread(&'static str),
}

/// The columns of a file, which are the fields of its first type.
pub(super) fn columns(nodes: &[Node]) -> Result<Vec<(String, Typed)>, Error> {
    let mut tree = Tree {
        nodes,
        used: vec![false; nodes.len()],
    };
    let root = tree.typed(0, 0)?;
    Ok(match root.kind {
        Kind::Struct(fields) => fields,
        _ => vec![("value".to_owned(), root)],
    })
}

struct Tree<'a> {
    nodes: &'a [Node],
    /// Types make a tree: each is a part of one other.
    used: Vec<bool>,
}

impl Tree<'_> {
    fn typed(&mut self, place: usize, depth: usize) -> Result<Typed, Error> {
        let is_free = self.used.get(place) == Some(&false);
        if !is_free || depth > DEEPEST {
            return Err(Error::Damaged("its types are no tree"));
        }
        self.used[place] = true;
        let node = &self.nodes[place];
        let mut parts = Vec::new();
        for &part in &node.parts {
            let part = usize::try_from(part).unwrap_or(usize::MAX);
            parts.push(self.typed(part, depth + 1)?);
        }
        Ok(Typed {
            place: place as u64,
            kind: kind(node, parts)?,
        })
    }
}

fn kind(node: &Node, parts: Vec<Typed>) -> Result<Kind, Error> {
    let mut parts = parts.into_iter();
    let mut part = || {
        let part = parts.next().map(Box::new);
        part.ok_or(Error::Damaged("it has a type of too few parts"))
    };
    Ok(match node.kind {
        0 => Kind::Boolean,
        1 => Kind::Byte,
        2 => Kind::Short,
        3 => Kind::Int,
        4 => Kind::Long,
        5 => Kind::Float,
        6 => Kind::Double,
        7 | 16 | 17 => Kind::Text,
        8 => Kind::Binary,
        9 => Kind::Timestamp,
        10 => Kind::List(part()?),
        11 => Kind::Map(part()?, part()?),
        12 if node.names.len() == node.parts.len() && !node.parts.is_empty() => {
            Kind::Struct(node.names.iter().cloned().zip(parts).collect())
        }
        12 if node.parts.is_empty() => Kind::Unread("STRUCT without fields"),
        13 => Kind::Unread("UNION"),
        14 => decimal(node)?,
        15 => Kind::Date,
        // Trino reads it as a timestamp with time zone alone, which Hive has not.
        18 => Kind::Unread("TIMESTAMP_INSTANT"),
        _ => return Err(Error::Damaged("it has a type that is none")),
    })
}

fn decimal(node: &Node) -> Result<Kind, Error> {
    // Decimals of Hive's first versions said nothing more of themselves.
    let (precision, scale) = match node.precision {
        0 => (38, 10),
        precision => (precision, node.scale),
    };
    if precision > 38 || scale > precision {
        return Err(Error::Damaged("it has a decimal of more than 38 digits"));
    }
    Ok(Kind::Decimal(precision as u8, scale as u8))
}

impl Kind {
    /// The type of the arrays that are read.
    pub fn arrow(&self) -> DataType {
        let item = |name: &str, part: &Typed| Arc::new(Field::new(name, part.kind.arrow(), true));
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Byte => DataType::Int8,
            Self::Short => DataType::Int16,
            Self::Int => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Float => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Binary => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Decimal(precision, scale) => DataType::Decimal128(*precision, *scale as i8),
            Self::List(part) => DataType::List(item("item", part)),
            Self::Map(key, value) => {
                // Of entries no part is NULL but values.
                let key = Arc::new(Field::new("key", key.kind.arrow(), false));
                let entries = DataType::Struct(Fields::from(vec![key, item("value", value)]));
                DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
            }
            Self::Struct(fields) => {
                DataType::Struct(fields.iter().map(|(name, part)| item(name, part)).collect())
            }
            Self::Unread(_) => DataType::Null,
        }
    }

    /// ORC's name of it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::Byte => "BYTE",
            Self::Short => "SHORT",
            Self::Int => "INT",
            Self::Long => "LONG",
            Self::Float => "FLOAT",
            Self::Double => "DOUBLE",
            Self::Text => "STRING",
            Self::Binary => "BINARY",
            Self::Date => "DATE",
            Self::Timestamp => "TIMESTAMP",
            Self::Decimal(..) => "DECIMAL",
            Self::List(_) => "LIST",
            Self::Map(..) => "MAP",
            Self::Struct(_) => "STRUCT",
            Self::Unread(name) => name,
        }
    }

    pub fn is_nested(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(..) | Self::Struct(_))
    }
}

impl Typed {
    /// Calls `visit` with the place of this and of each of its parts.
    pub fn places(&self, visit: &mut impl FnMut(u64)) {
        visit(self.place);
        match &self.kind {
            Kind::List(part) => part.places(visit),
            Kind::Map(key, value) => {
                key.places(visit);
                value.places(visit);
            }
            Kind::Struct(fields) => fields.iter().for_each(|(_, part)| part.places(visit)),
            _ => {}
        }
    }

    /// What of it is not read.
    pub fn unread(&self) -> Option<&'static str> {
        match &self.kind {
            Kind::Unread(name) => Some(name),
            Kind::List(part) => part.unread(),
            Kind::Map(key, value) => key.unread().or_else(|| value.unread()),
            Kind::Struct(fields) => fields.iter().find_map(|(_, part)| part.unread()),
            _ => None,
        }
    }
}
