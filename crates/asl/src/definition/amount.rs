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

    /// As [`Self::whole`], where the path may not lead into the context object: AWS allows that in
    /// no number of a Map.
    pub fn whole_of_input(
        reader: &Reader,
        field: &str,
        path_field: &'static str,
        bounds: (u64, u64),
    ) -> Option<Self> {
        refuse_context(reader, path_field);
        Self::whole(reader, field, path_field, bounds.0, bounds.1)
    }

    /// A share of a hundred, with a path that may not lead into the context object.
    pub fn percentage_of_input(
        reader: &Reader,
        field: &str,
        path_field: &'static str,
    ) -> Option<Self> {
        refuse_context(reader, path_field);
        Self::read(reader, field, path_field, || {
            reader.number(field, 0.0, 100.0)
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
                    reader.mistake_at(field, "Expected value of type Integer");
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

fn refuse_context(reader: &Reader, path_field: &str) {
    let path = reader.value(path_field).and_then(serde_json::Value::as_str);
    if path.is_some_and(|path| path.starts_with("$$")) {
        reader.mistake_at(path_field, "Value is not a Reference Path");
    }
}
