//! `Fail`: ends its flow with an error.

use super::{Fields, Reader, warnings};
use crate::query::{PathField, QueryLanguage, Template};

#[derive(Debug)]
pub(crate) struct Fail {
    pub error: Option<Words>,
    pub cause: Option<Words>,
}

/// A text, or where it comes from.
#[derive(Debug)]
pub(crate) enum Words {
    Literal(String),
    Path(PathField),
    Jsonata(Template),
}

impl Fail {
    pub const FIELDS: Fields = Fields {
        any: &["Error", "Cause"],
        json_path: &["ErrorPath", "CausePath"],
        jsonata: &[],
    };

    pub fn read(reader: &Reader) -> Option<Self> {
        Some(Self {
            error: Words::read(reader, "Error", "ErrorPath"),
            cause: Words::read(reader, "Cause", "CausePath"),
        })
    }
}

impl Words {
    fn read(reader: &Reader, field: &str, path_field: &'static str) -> Option<Self> {
        reader.at_most_one(&[field, path_field]);
        let text = reader.text(field);
        match reader.language {
            QueryLanguage::Jsonata => text.and_then(|_| reader.template(field)).map(Self::Jsonata),
            QueryLanguage::JsonPath => {
                warnings::not_a_path(reader, field);
                text.map(|text| Self::Literal(text.to_owned()))
                    .or_else(|| reader.path_or_call(path_field).map(Self::Path))
            }
        }
    }
}
