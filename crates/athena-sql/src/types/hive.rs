//! Hive's type text, as the Glue catalog keeps it: `struct<a:int,b:array<string>>`.

use super::{ParseError, RowField, Type, parse};

/// Reads a Hive type as the Trino type Athena shows for it.
pub fn from_hive(text: &str) -> Result<Type, ParseError> {
    let lower = text.trim().to_ascii_lowercase();
    let fail = || ParseError(text.to_owned());
    if let Some(inner) = within(&lower, "array") {
        return Ok(Type::array(from_hive(inner)?));
    }
    if let Some(inner) = within(&lower, "map") {
        let parts = split(inner, ',');
        let [key, value] = parts.as_slice() else {
            return Err(fail());
        };
        return Ok(Type::map(from_hive(key)?, from_hive(value)?));
    }
    if let Some(inner) = within(&lower, "struct") {
        let fields = split(inner, ',')
            .into_iter()
            .map(|field| {
                let (name, data_type) = field.split_once(':').ok_or_else(fail)?;
                Ok(RowField {
                    name: Some(name.trim().to_owned()),
                    data_type: from_hive(data_type)?,
                })
            })
            .collect::<Result<Vec<_>, ParseError>>()?;
        return Ok(Type::Row(fields));
    }
    match lower.as_str() {
        "string" => Ok(Type::VARCHAR),
        "int" => Ok(Type::Integer),
        "float" => Ok(Type::Real),
        "binary" => Ok(Type::Varbinary),
        "timestamp" => Ok(Type::Timestamp(3)),
        "decimal" => Ok(Type::Decimal(10, 0)),
        other => parse(other).map_err(|_| fail()),
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

fn within<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.strip_prefix(name)?
        .trim_start()
        .strip_prefix('<')?
        .strip_suffix('>')
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
    }
}
