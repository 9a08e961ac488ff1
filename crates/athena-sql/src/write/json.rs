//! An object a line, as the JSON SerDes read it.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::arrow::record_batch::RecordBatch;

use super::encode::{Compression, Encode};
use super::lines::Lines;
use crate::error::Error;
use crate::types::{Type, Value, to_text, value_at};

pub struct Json {
    columns: Vec<(String, Type)>,
    out: Lines,
}

impl Json {
    pub fn new(columns: &[(String, Type)], compression: Compression) -> Self {
        Self {
            columns: columns.to_vec(),
            out: Lines::new(compression),
        }
    }
}

impl Encode for Json {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            let columns = self.columns.iter().zip(batch.columns());
            text.push('{');
            for (i, ((name, data_type), array)) in columns.enumerate() {
                member(&mut text, i, name);
                write(&mut text, &value_at(array, data_type, row), data_type);
            }
            text.push_str("}\n");
        }
        self.out.write(text.as_bytes())
    }

    fn take(&mut self) -> Vec<u8> {
        self.out.take()
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, Error> {
        self.out.finish()
    }
}

fn separate(out: &mut String, i: usize) {
    if i > 0 {
        out.push(',');
    }
}

fn member(out: &mut String, i: usize, name: &str) {
    separate(out, i);
    string(out, name);
    out.push(':');
}

fn string(out: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{}", serde_json::Value::from(text));
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
                member(out, i, &to_text(k, key).unwrap_or_default());
                write(out, v, item);
            }
            out.push('}');
        }
        (Value::Row(items), Type::Row(fields)) => {
            out.push('{');
            for (i, (item, field)) in items.iter().zip(fields).enumerate() {
                let name = field.name.clone().unwrap_or_else(|| format!("field{i}"));
                member(out, i, &name);
                write(out, item, &field.data_type);
            }
            out.push('}');
        }
        (Value::Binary(bytes), _) => string(out, &STANDARD.encode(bytes)),
        (Value::Real(x), _) if x.is_finite() => out.push_str(&x.to_string()),
        (Value::Double(x), _) if x.is_finite() => out.push_str(&x.to_string()),
        // A decimal has all of its digits.
        (Value::Boolean(_) | Value::Integer(_) | Value::Decimal(_), _) => {
            out.push_str(&to_text(value, data_type).unwrap_or_default());
        }
        _ => string(out, &to_text(value, data_type).unwrap_or_default()),
    }
}
