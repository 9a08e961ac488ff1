//! The Hive types of an ORC file.
//!
//! Source: Apache ORC's specification, "Type Information"; ORC was made for Hive, and its types
//! are Hive's.

use hive_formats::orc::Node;

use super::super::Unreadable;
use super::damaged;
use crate::schema::{Field, Type, merge_types};

/// Types are not nested deeper.
const DEEPEST: usize = 100;

/// The columns of a file, which are the fields of its first type, and what a user should know
/// of them.
pub(super) fn columns(nodes: &[Node]) -> Result<(Vec<Field>, Vec<String>), Unreadable> {
    let mut types = Types {
        nodes,
        used: vec![false; nodes.len()],
        has_union: false,
    };
    let columns = match types.type_of(0, 0)? {
        Type::Struct(fields) => fields,
        other => vec![Field::new("value", other)],
    };
    let remarks = if types.has_union {
        vec![
            "a column is of a union of types, which Athena does not read; it is taken for what \
             holds the values of all"
                .to_owned(),
        ]
    } else {
        Vec::new()
    };
    Ok((columns, remarks))
}

struct Types<'a> {
    nodes: &'a [Node],
    /// Types make a tree: each is a part of one other.
    used: Vec<bool>,
    has_union: bool,
}

impl Types<'_> {
    fn type_of(&mut self, place: usize, depth: usize) -> Result<Type, Unreadable> {
        let is_free = self.used.get(place) == Some(&false);
        if !is_free || depth > DEEPEST {
            return Err(damaged("its types are no tree"));
        }
        self.used[place] = true;
        let node = &self.nodes[place];
        let mut parts = Vec::with_capacity(node.parts.len());
        for &part in &node.parts {
            let part = usize::try_from(part).unwrap_or(usize::MAX);
            parts.push(self.type_of(part, depth + 1)?);
        }
        Ok(match (node.kind, &parts[..]) {
            (10, [element]) => Type::array(element.clone()),
            (11, [key, value]) => Type::map(key.clone(), value.clone()),
            (12, _) if node.names.len() == parts.len() => {
                let names = node.names.iter().cloned();
                Type::Struct(
                    names
                        .zip(parts)
                        .map(|(name, data_type)| Field::new(name, data_type))
                        .collect(),
                )
            }
            (13, _) => {
                self.has_union = true;
                merge_types(parts)
            }
            (kind, []) => {
                primitive(kind, node).ok_or_else(|| damaged("it has a type that is none"))?
            }
            _ => return Err(damaged("it has a type of other parts than it should have")),
        })
    }
}

fn primitive(kind: u64, node: &Node) -> Option<Type> {
    let small = |number: u64| u8::try_from(number).unwrap_or(u8::MAX);
    Some(match kind {
        0 => Type::Boolean,
        1 => Type::Tinyint,
        2 => Type::Smallint,
        3 => Type::Int,
        4 => Type::Bigint,
        5 => Type::Float,
        6 => Type::Double,
        7 => Type::String,
        8 => Type::Binary,
        // With a time zone or without, Hive's word is the same.
        9 | 18 => Type::Timestamp,
        // Decimals of Hive's first versions said nothing more of themselves.
        14 if node.precision == 0 => Type::decimal(38, 10),
        14 => Type::decimal(small(node.precision), small(node.scale)),
        15 => Type::Date,
        16 => Type::Varchar(node.length),
        17 => Type::Char(node.length),
        _ => return None,
    })
}
