//! `Pass`: hands its input on, or what it is told.

use serde_json::Value;

use super::{Fields, Reader, Transition, warnings};

#[derive(Debug)]
pub(crate) struct Pass {
    pub result: Option<Value>,
    pub transition: Transition,
}

impl Pass {
    pub const FIELDS: Fields = Fields {
        any: &["Next", "End", "Assign"],
        json_path: &[
            "InputPath",
            "OutputPath",
            "Parameters",
            "Result",
            "ResultPath",
        ],
        jsonata: &["Output"],
    };

    pub fn read(reader: &Reader) -> Option<Self> {
        warnings::static_result(reader);
        Some(Self {
            result: reader.value("Result").cloned(),
            transition: Transition::read(reader)?,
        })
    }
}
