//! Hive types, and how two of them become one that holds the values of both.

use std::collections::HashMap;
use std::fmt;

/// A Hive type, or not yet any.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Type {
    /// Only nulls were seen; written as `string`.
    Unknown,
    /// Only nulls were seen, in the cells of integers of 32 bits; written as `int`, because Athena
    /// reads such cells as no text.
    NullInt,
    Boolean,
    Tinyint,
    Smallint,
    Int,
    Bigint,
    Float,
    Double,
    Decimal {
        precision: u8,
        scale: u8,
    },
    String,
    /// Text of at most so many characters.
    Varchar(u64),
    /// Text of so many characters.
    Char(u64),
    Date,
    Timestamp,
    Binary,
    Array(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Struct(Vec<Field>),
}

/// A column, or a field of a struct. Its name is spelled as the file spells it; two names that
/// differ in case alone are the same, as they are to Athena.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Field {
    pub name: String,
    pub data_type: Type,
}

impl Field {
    pub fn new(name: impl Into<String>, data_type: Type) -> Self {
        Self {
            name: name.into(),
            data_type,
        }
    }
}

/// Hive's largest decimal.
const MAX_PRECISION: u8 = 38;

impl Type {
    pub fn decimal(precision: u8, scale: u8) -> Self {
        let precision = precision.clamp(1, MAX_PRECISION);
        Self::Decimal {
            precision,
            scale: scale.min(precision),
        }
    }

    pub fn array(element: Type) -> Self {
        Self::Array(Box::new(element))
    }

    pub fn map(key: Type, value: Type) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    /// The narrowest type that holds the values of both; `string` where there is no other.
    pub fn merge(&self, other: &Type) -> Type {
        use Type::*;
        match (self, other) {
            (one, two) if one == two => one.clone(),
            (Unknown, one) | (one, Unknown) => one.clone(),
            (NullInt, one) | (one, NullInt) => one.clone(),
            (Array(one), Array(two)) => Type::array(one.merge(two)),
            (Map(key, value), Map(other_key, other_value)) => {
                Type::map(key.merge(other_key), value.merge(other_value))
            }
            (Struct(one), Struct(two)) => {
                let mut fields = one.clone();
                merge_fields(&mut fields, two);
                Struct(fields)
            }
            (Varchar(one), Varchar(two)) => Varchar(*one.max(two)),
            _ => self.merge_numbers(other).unwrap_or(String),
        }
    }

    fn merge_numbers(&self, other: &Type) -> Option<Type> {
        use Type::*;
        if let (Some(one), Some(two)) = (self.digits(), other.digits()) {
            return Some(if one >= two { self } else { other }.clone());
        }
        match (self.as_decimal(), other.as_decimal()) {
            (Some((precision, scale)), Some((other_precision, other_scale))) => {
                let whole = (precision - scale).max(other_precision - other_scale);
                let scale = scale.max(other_scale);
                Some(Type::decimal(whole.saturating_add(scale), scale))
            }
            _ if self.is_number() && other.is_number() => Some(Double),
            _ => None,
        }
    }

    /// How many decimal digits an integer type has at most.
    fn digits(&self) -> Option<u8> {
        match self {
            Type::Tinyint => Some(3),
            Type::Smallint => Some(5),
            Type::Int => Some(10),
            Type::Bigint => Some(19),
            _ => None,
        }
    }

    fn as_decimal(&self) -> Option<(u8, u8)> {
        match self {
            Type::Decimal { precision, scale } => Some((*precision, *scale)),
            _ => self.digits().map(|digits| (digits, 0)),
        }
    }

    fn is_number(&self) -> bool {
        matches!(self, Type::Float | Type::Double) || self.as_decimal().is_some()
    }

    /// Whether values of both can be in one column without becoming text.
    pub fn is_compatible(&self, other: &Type) -> bool {
        let merged = self.merge(other);
        merged != Type::String || (self.is_text() && other.is_text())
    }

    fn is_text(&self) -> bool {
        use Type::*;
        matches!(self, String | Varchar(_) | Char(_) | Unknown | NullInt)
    }
}

/// Adds to `fields` what `others` know: types widen in place, and new fields go last.
pub(crate) fn merge_fields(fields: &mut Vec<Field>, others: &[Field]) {
    let mut places: HashMap<String, usize> = fields
        .iter()
        .enumerate()
        .map(|(place, field)| (field.name.to_lowercase(), place))
        .collect();
    for other in others {
        let folded = other.name.to_lowercase();
        if let Some(&place) = places.get(&folded) {
            let merged = fields[place].data_type.merge(&other.data_type);
            fields[place].data_type = merged;
        } else {
            places.insert(folded, fields.len());
            fields.push(other.clone());
        }
    }
}

/// The columns of all, in the order in which they first come. Halves are merged first, so that
/// many records with ever new keys take no longer than they must.
pub(crate) fn merge_all(mut columns: Vec<Vec<Field>>) -> Vec<Field> {
    columns.dedup();
    while columns.len() > 1 {
        columns = columns
            .chunks(2)
            .map(|pair| {
                let mut first = pair[0].clone();
                pair.iter()
                    .skip(1)
                    .for_each(|two| merge_fields(&mut first, two));
                first
            })
            .collect();
    }
    columns.pop().unwrap_or_default()
}

/// The type that holds the values of all.
pub(crate) fn merge_types(mut types: Vec<Type>) -> Type {
    types.dedup();
    while types.len() > 1 {
        types = types
            .chunks(2)
            .map(|pair| match pair {
                [one, two] => one.merge(two),
                rest => rest[0].clone(),
            })
            .collect();
    }
    types.pop().unwrap_or(Type::Unknown)
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Unknown | Type::String => f.write_str("string"),
            Type::Boolean => f.write_str("boolean"),
            Type::Tinyint => f.write_str("tinyint"),
            Type::Smallint => f.write_str("smallint"),
            Type::Int | Type::NullInt => f.write_str("int"),
            Type::Bigint => f.write_str("bigint"),
            Type::Float => f.write_str("float"),
            Type::Double => f.write_str("double"),
            Type::Decimal { precision, scale } => write!(f, "decimal({precision},{scale})"),
            Type::Varchar(length) => write!(f, "varchar({length})"),
            Type::Char(length) => write!(f, "char({length})"),
            Type::Date => f.write_str("date"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Binary => f.write_str("binary"),
            Type::Array(element) => write!(f, "array<{element}>"),
            Type::Map(key, value) => write!(f, "map<{key},{value}>"),
            // Hive has no struct without fields.
            Type::Struct(fields) if fields.is_empty() => f.write_str("string"),
            Type::Struct(fields) => {
                f.write_str("struct<")?;
                for (place, field) in fields.iter().enumerate() {
                    let comma = if place > 0 { "," } else { "" };
                    write!(f, "{comma}{}:{}", in_type(&field.name), field.data_type)?;
                }
                f.write_str(">")
            }
        }
    }
}

/// A field's name with what would end it in Hive's notation of types replaced.
fn in_type(name: &str) -> String {
    if name.is_empty() {
        return "_".to_owned();
    }
    name.replace(
        |c: char| matches!(c, ',' | ':' | '<' | '>' | '(' | ')' | '`') || c.is_control(),
        "_",
    )
}
