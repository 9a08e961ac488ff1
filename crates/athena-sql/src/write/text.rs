//! Fields between delimiters, as LazySimpleSerDe reads them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::arrow::record_batch::RecordBatch;

use super::encode::{Compression, Encode};
use super::lines::Lines;
use crate::error::Error;
use crate::formats::Delimiters;
use crate::types::{Type, Value, to_text, value_at};

/// How a text is divided, and whether the columns' names are its first line.
#[derive(Clone, Debug)]
pub struct TextLayout {
    pub delimiters: Delimiters,
    pub has_header: bool,
}

pub struct Text {
    columns: Vec<(String, Type)>,
    layout: TextLayout,
    out: Lines,
    header_is_due: bool,
}

impl Text {
    pub fn new(columns: &[(String, Type)], layout: TextLayout, compression: Compression) -> Self {
        Self {
            columns: columns.to_vec(),
            header_is_due: layout.has_header,
            layout,
            out: Lines::new(compression),
        }
    }
}

impl Encode for Text {
    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let mut text = String::new();
        if std::mem::take(&mut self.header_is_due) {
            for (i, (name, _)) in self.columns.iter().enumerate() {
                self.layout.separate(&mut text, i, 0);
                text.push_str(name);
            }
            text.push('\n');
        }
        for row in 0..batch.num_rows() {
            let columns = self.columns.iter().zip(batch.columns());
            for (i, ((_, data_type), array)) in columns.enumerate() {
                self.layout.separate(&mut text, i, 0);
                let value = value_at(array, data_type, row);
                self.layout.write(&mut text, &value, data_type, 1);
            }
            text.push('\n');
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

impl TextLayout {
    fn separate(&self, out: &mut String, i: usize, depth: usize) {
        if i > 0 {
            let levels = &self.delimiters.levels;
            out.extend(levels.get(depth).or(levels.last()));
        }
    }

    fn write(&self, out: &mut String, value: &Value, data_type: &Type, depth: usize) {
        match (value, data_type) {
            (Value::Null, _) => out.push_str(&self.delimiters.null),
            (Value::Array(items), Type::Array(element)) => {
                for (i, item) in items.iter().enumerate() {
                    self.separate(out, i, depth);
                    self.write(out, item, element, depth + 1);
                }
            }
            (Value::Map(entries), Type::Map(key, item)) => {
                for (i, (k, v)) in entries.iter().enumerate() {
                    self.separate(out, i, depth);
                    self.write(out, k, key, depth + 2);
                    self.separate(out, 1, depth + 1);
                    self.write(out, v, item, depth + 2);
                }
            }
            (Value::Row(items), Type::Row(fields)) => {
                for (i, (item, field)) in items.iter().zip(fields).enumerate() {
                    self.separate(out, i, depth);
                    self.write(out, item, &field.data_type, depth + 1);
                }
            }
            (Value::Binary(bytes), _) => {
                STANDARD.encode_string(bytes, out);
            }
            _ => self.escape(out, &to_text(value, data_type).unwrap_or_default()),
        }
    }

    fn escape(&self, out: &mut String, text: &str) {
        let Some(escape) = self.delimiters.escape else {
            out.push_str(text);
            return;
        };
        for character in text.chars() {
            if character == escape || self.delimiters.levels.contains(&character) {
                out.push(escape);
            }
            out.push(character);
        }
    }
}
