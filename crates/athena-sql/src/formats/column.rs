//! A column of a batch while rows are added to it.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
};

use super::scalar;
use crate::types::{Type, Value, array_from_values};

/// The kinds of which there is most go straight into Arrow; the others wait as values.
enum Builder {
    Text(StringBuilder),
    Integer(Int32Builder),
    Bigint(Int64Builder),
    Double(Float64Builder),
    Values(Vec<Value>),
}

pub(super) struct Column {
    data_type: Type,
    builder: Builder,
}

impl Column {
    pub fn new(data_type: Type) -> Self {
        let builder = match data_type {
            Type::Varchar(None) => Builder::Text(StringBuilder::new()),
            Type::Integer => Builder::Integer(Int32Builder::new()),
            Type::Bigint => Builder::Bigint(Int64Builder::new()),
            Type::Double => Builder::Double(Float64Builder::new()),
            _ => Builder::Values(Vec::new()),
        };
        Self { data_type, builder }
    }

    pub fn data_type(&self) -> &Type {
        &self.data_type
    }

    pub fn append_null(&mut self) {
        match &mut self.builder {
            Builder::Text(b) => b.append_null(),
            Builder::Integer(b) => b.append_null(),
            Builder::Bigint(b) => b.append_null(),
            Builder::Double(b) => b.append_null(),
            Builder::Values(values) => values.push(Value::Null),
        }
    }

    /// Appends a value of the column's type, or NULL.
    pub fn append(&mut self, value: Value) {
        match (&mut self.builder, value) {
            (Builder::Text(b), Value::Text(text)) => b.append_value(text),
            (Builder::Integer(b), Value::Integer(n)) => b.append_option(i32::try_from(n).ok()),
            (Builder::Bigint(b), Value::Integer(n)) => b.append_value(n),
            (Builder::Double(b), Value::Double(x)) => b.append_value(x),
            (Builder::Values(values), value) => values.push(value),
            _ => self.append_null(),
        }
    }

    /// Appends what a text says; gives `false`, and appends nothing, where it says no such value.
    pub fn append_text(&mut self, text: &str) -> bool {
        match &mut self.builder {
            Builder::Text(b) => {
                b.append_value(text);
                true
            }
            Builder::Integer(b) => text.parse().map(|n| b.append_value(n)).is_ok(),
            Builder::Bigint(b) => text.parse().map(|n| b.append_value(n)).is_ok(),
            _ => match scalar::parse(&self.data_type, text) {
                Some(value) => {
                    self.append(value);
                    true
                }
                None => false,
            },
        }
    }

    /// The rows so far; the next one starts anew.
    pub fn finish(&mut self) -> ArrayRef {
        match &mut self.builder {
            Builder::Text(b) => Arc::new(b.finish()),
            Builder::Integer(b) => Arc::new(b.finish()),
            Builder::Bigint(b) => Arc::new(b.finish()),
            Builder::Double(b) => Arc::new(b.finish()),
            Builder::Values(values) => array_from_values(&self.data_type, &std::mem::take(values)),
        }
    }
}
