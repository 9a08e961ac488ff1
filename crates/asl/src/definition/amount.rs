//! Numbers that are given, or come from a query.

use super::Reader;
use crate::query::{PathField, QueryLanguage, Template};

#[derive(Clone, Debug)]
pub(crate) enum Amount {
    Literal(f64),
    Path(PathField),
    Jsonata(Template),
}

impl Amount {
    /// A whole number in `field`, a path to one in `path_field`, or an expression in `field`.
    pub fn whole(
        reader: &Reader,
        field: &str,
        path_field: &'static str,
        least: u64,
        most: u64,
    ) -> Option<Self> {
        Self::read(reader, field, path_field, || {
            reader.whole(field, least, most).map(|value| value as f64)
        })
    }

    pub fn number(
        reader: &Reader,
        field: &str,
        path_field: &'static str,
        least: f64,
        most: f64,
    ) -> Option<Self> {
        Self::read(reader, field, path_field, || {
            reader.number(field, least, most)
        })
    }

    fn read(
        reader: &Reader,
        field: &str,
        path_field: &'static str,
        literal: impl Fn() -> Option<f64>,
    ) -> Option<Self> {
        reader.at_most_one(&[field, path_field]);
        let is_text = reader
            .value(field)
            .is_some_and(serde_json::Value::is_string);
        if reader.language == QueryLanguage::Jsonata && is_text {
            return match reader.template(field)? {
                Template::Literal(_) => {
                    reader.mistake_at(
                        field,
                        "Expected value of type Integer or a JSONata expression",
                    );
                    None
                }
                template => Some(Self::Jsonata(template)),
            };
        }
        literal()
            .map(Self::Literal)
            .or_else(|| reader.path(path_field).map(Self::Path))
    }
}
