//! Values as Athena prints them in its results.

use std::fmt::Write;

use crate::types::{Type, Value, to_text};

/// A value's text; `None` for NULL.
pub fn render(value: &Value, data_type: &Type) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let mut out = String::new();
    write(&mut out, value, data_type);
    Some(out)
}

fn write(out: &mut String, value: &Value, data_type: &Type) {
    match (value, data_type) {
        (Value::Null, _) => out.push_str("null"),
        (Value::Array(items), Type::Array(element)) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                separate(out, i);
                write(out, item, element);
            }
            out.push(']');
        }
        (Value::Map(entries), Type::Map(key, item)) => {
            out.push('{');
            for (i, (k, v)) in entries.iter().enumerate() {
                separate(out, i);
                write(out, k, key);
                out.push('=');
                write(out, v, item);
            }
            out.push('}');
        }
        (Value::Row(items), Type::Row(fields)) => {
            out.push('{');
            for (i, (item, field)) in items.iter().zip(fields).enumerate() {
                separate(out, i);
                match &field.name {
                    Some(name) => out.push_str(name),
                    None => {
                        let _ = write!(out, "field{i}");
                    }
                }
                out.push('=');
                write(out, item, &field.data_type);
            }
            out.push('}');
        }
        (Value::Binary(bytes), Type::Varbinary) => {
            for (i, byte) in bytes.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                let _ = write!(out, "{byte:02x}");
            }
        }
        _ => out.push_str(&to_text(value, data_type).unwrap_or_default()),
    }
}

fn separate(out: &mut String, i: usize) {
    if i > 0 {
        out.push_str(", ");
    }
}

/// Athena's name of a column's type, without parameters; `real` has Hive's.
pub fn column_type(data_type: &Type) -> &'static str {
    match data_type {
        Type::Real => "float",
        other => other.base_name(),
    }
}

/// Athena's precision and scale of a column.
pub fn precision_and_scale(data_type: &Type) -> (u32, u32) {
    match data_type {
        Type::Boolean => (0, 0),
        Type::Tinyint => (3, 0),
        Type::Smallint => (5, 0),
        Type::Integer => (10, 0),
        Type::Bigint => (19, 0),
        Type::Real | Type::Double => (17, 0),
        Type::Decimal(p, s) => (u32::from(*p), u32::from(*s)),
        Type::Varchar(Some(n)) | Type::Char(n) => (*n, 0),
        Type::Varchar(None) => (2_147_483_647, 0),
        Type::Timestamp(p) | Type::TimestampTz(p) | Type::Time(p) | Type::TimeTz(p) => {
            (u32::from(*p), 0)
        }
        Type::Varbinary => (1_073_741_824, 0),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::parse;

    #[test]
    fn a_row_prints_its_names() {
        let data_type = parse("row(a integer, b array(varchar))").unwrap();
        let value = Value::row(vec![
            Value::Integer(1),
            Value::array(vec![Value::text("x"), Value::Null]),
        ]);
        assert_eq!(
            render(&value, &data_type).as_deref(),
            Some("{a=1, b=[x, null]}")
        );
    }

    #[test]
    fn a_real_column_is_a_float_to_athena() {
        assert_eq!(column_type(&Type::Real), "float");
        assert_eq!(column_type(&Type::Decimal(5, 2)), "decimal");
    }

    #[test]
    fn bytes_print_as_spaced_hex() {
        let value = Value::binary(vec![0x65, 0x0f]);
        assert_eq!(render(&value, &Type::Varbinary).as_deref(), Some("65 0f"));
    }
}
