//! Hive's type text, as the Glue catalog keeps it: `struct<a:int,b:array<string>>`.

use super::text::{DEEPEST, parse_within};
use super::{ParseError, RowField, Type};

/// Reads a Hive type as the Trino type Athena shows for it.
pub fn from_hive(text: &str) -> Result<Type, ParseError> {
    type_at(text, 0)
}

/// A type that so many types stand around.
fn type_at(text: &str, depth: usize) -> Result<Type, ParseError> {
    let text = text.trim();
    let fail = || ParseError::Unknown(text.to_owned());
    if depth > DEEPEST {
        return Err(ParseError::TooDeep);
    }
    if let Some(inner) = within(text, "array") {
        return Ok(Type::array(type_at(inner, depth + 1)?));
    }
    if let Some(inner) = within(text, "map") {
        let parts = split(inner, ',');
        let [key, value] = parts.as_slice() else {
            return Err(fail());
        };
        return Ok(Type::map(
            type_at(key, depth + 1)?,
            type_at(value, depth + 1)?,
        ));
    }
    if let Some(inner) = within(text, "struct") {
        let fields = split(inner, ',')
            .into_iter()
            .map(|field| {
                let (name, data_type) = field.split_once(':').ok_or_else(fail)?;
                Ok(RowField {
                    name: Some(name.trim().to_ascii_lowercase()),
                    data_type: type_at(data_type, depth + 1)?,
                })
            })
            .collect::<Result<Vec<_>, ParseError>>()?;
        return Ok(Type::Row(fields));
    }
    match text.to_ascii_lowercase().as_str() {
        "string" => Ok(Type::VARCHAR),
        "int" => Ok(Type::Integer),
        "float" => Ok(Type::Real),
        "binary" => Ok(Type::Varbinary),
        "timestamp" => Ok(Type::Timestamp(3)),
        "decimal" => Ok(Type::Decimal(10, 0)),
        other => parse_within(other, depth).map_err(|error| match error {
            ParseError::Unknown(_) => fail(),
            ParseError::TooDeep => error,
        }),
    }
}

/// The Hive type that Glue keeps for a Trino type.
pub fn to_hive(data_type: &Type) -> String {
    match data_type {
        Type::Integer => "int".to_owned(),
        Type::Real => "float".to_owned(),
        Type::Varbinary => "binary".to_owned(),
        Type::Varchar(None) => "string".to_owned(),
        Type::Timestamp(_) => "timestamp".to_owned(),
        Type::Array(element) => format!("array<{}>", to_hive(element)),
        Type::Map(key, value) => format!("map<{},{}>", to_hive(key), to_hive(value)),
        Type::Row(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .enumerate()
                .map(|(i, field)| {
                    let name = field.name.clone().unwrap_or_else(|| format!("field{i}"));
                    format!("{name}:{}", to_hive(&field.data_type))
                })
                .collect();
            format!("struct<{}>", fields.join(","))
        }
        // What Hive has no type for is kept as text.
        Type::Boolean
        | Type::Tinyint
        | Type::Smallint
        | Type::Bigint
        | Type::Double
        | Type::Decimal(..)
        | Type::Varchar(_)
        | Type::Char(_)
        | Type::Date => data_type.to_string(),
        _ => "string".to_owned(),
    }
}

/// What stands between the brackets of `name<…>`.
fn within<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (found, rest) = text.split_at_checked(name.len())?;
    if !found.eq_ignore_ascii_case(name) {
        return None;
    }
    rest.trim_start().strip_prefix('<')?.strip_suffix('>')
}

/// Splits at a separator that stands in no bracket.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (i, c) in text.char_indices() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            c if c == separator && depth == 0 => {
                parts.push(&text[start..i]);
                start = i + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_struct_of_arrays_is_a_row_of_arrays() {
        assert_eq!(
            from_hive("struct<a:int,b:array<map<string,decimal(10,2)>>>").map(|t| t.to_string()),
            Ok("row(a integer, b array(map(varchar, decimal(10,2))))".to_owned())
        );
        assert_eq!(
            from_hive("STRUCT <A: Int, b:Array<STRING>>").map(|t| t.to_string()),
            Ok("row(a integer, b array(varchar))".to_owned())
        );
    }

    #[test]
    fn what_is_no_type_is_named_as_it_was_written() {
        assert_eq!(
            from_hive("array<Strin>"),
            Err(ParseError::Unknown("Strin".to_owned()))
        );
    }

    #[test]
    fn types_lie_in_each_other_to_a_depth() {
        let nested = |open: &str, close: &str, depth: usize| {
            from_hive(&format!("{}int{}", open.repeat(depth), close.repeat(depth)))
        };
        for (open, close) in [
            ("array<", ">"),
            ("map<int,", ">"),
            ("struct<a:", ">"),
            ("array(", ")"),
        ] {
            assert!(nested(open, close, DEEPEST).is_ok(), "{open}");
            for depth in [DEEPEST + 1, 5_000] {
                let error = nested(open, close, depth).err();
                assert_eq!(error, Some(ParseError::TooDeep), "{open} {depth}");
            }
        }
        let mixed = format!("{}array(int){}", "array<".repeat(100), ">".repeat(100));
        assert_eq!(from_hive(&mixed), Err(ParseError::TooDeep));
    }
}
