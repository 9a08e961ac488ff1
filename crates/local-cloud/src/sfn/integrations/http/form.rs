//! URL-encoding of a request's body.
//!
//! Source: "Applying URL-encoding on request body", AWS Step Functions developer guide. What it
//! does not tell (nested members, texts of other values) is as in the library qs, whose formats of
//! arrays these are.

use asl::TaskError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::sfn::integrations::runtime;

/// What is written as it is: letters, digits and `-._~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// How the items of an array are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ArrayFormat {
    /// `a[0]=x&a[1]=y`
    Indices,
    /// `a=x&a=y`
    Repeat,
    /// `a=x,y`
    Commas,
    /// `a[]=x&a[]=y`
    Brackets,
}

impl ArrayFormat {
    pub fn read(name: &Value) -> Result<Self, TaskError> {
        Ok(match name.as_str() {
            Some("INDICES") => Self::Indices,
            Some("REPEAT") => Self::Repeat,
            Some("COMMAS") => Self::Commas,
            Some("BRACKETS") => Self::Brackets,
            _ => {
                return Err(runtime(
                    "ArrayFormat must be INDICES, REPEAT, COMMAS or BRACKETS.".to_owned(),
                ));
            }
        })
    }
}

/// The text of a form.
pub(super) fn encode(members: &Map<String, Value>, format: ArrayFormat) -> String {
    let mut pairs = Vec::new();
    for (name, value) in members {
        add(name.clone(), value, format, &mut pairs);
    }
    pairs.join("&")
}

fn add(name: String, value: &Value, format: ArrayFormat, pairs: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                add(format!("{name}[{member}]"), value, format, pairs);
            }
        }
        Value::Array(items) if format == ArrayFormat::Commas => {
            if !items.is_empty() {
                let texts: Vec<String> = items.iter().map(text).collect();
                pairs.push(pair(&name, &texts.join(",")));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let name = match format {
                    ArrayFormat::Indices => format!("{name}[{index}]"),
                    ArrayFormat::Brackets => format!("{name}[]"),
                    ArrayFormat::Repeat | ArrayFormat::Commas => name.clone(),
                };
                add(name, item, format, pairs);
            }
        }
        scalar => pairs.push(pair(&name, &text(scalar))),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn pair(name: &str, value: &str) -> String {
    let encoded = |text| utf8_percent_encode(text, ENCODED);
    format!("{}={}", encoded(name), encoded(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn encoded(body: &Value, format: ArrayFormat) -> String {
        encode(body.as_object().unwrap(), format)
    }

    #[test]
    fn the_guides_examples_are_encoded_so() {
        let array = json!({"array": ["a", "b"]});
        for (format, text) in [
            (ArrayFormat::Indices, "array[0]=a&array[1]=b"),
            (ArrayFormat::Repeat, "array=a&array=b"),
            (ArrayFormat::Commas, "array=a,b"),
            (ArrayFormat::Brackets, "array[]=a&array[]=b"),
        ] {
            let decoded = encoded(&array, format)
                .replace("%5B", "[")
                .replace("%5D", "]")
                .replace("%2C", ",");
            assert_eq!(decoded, text);
        }
        let invoice = json!({"customer": "1234567890", "description": "Monthly subscription"});
        let text = encoded(&invoice, ArrayFormat::Indices);
        assert_eq!(
            text,
            "customer=1234567890&description=Monthly%20subscription"
        );
        let nested = json!({"metadata": {"order_details": "monthly report data"}});
        let text = encoded(&nested, ArrayFormat::Indices);
        assert_eq!(text, "metadata%5Border_details%5D=monthly%20report%20data");
    }

    #[test]
    fn other_values_are_texts() {
        let body = json!({"none": null, "yes": true, "n": 1.5, "empty": [], "é": "&="});
        let text = encoded(&body, ArrayFormat::Repeat);
        assert_eq!(text, "none=&yes=true&n=1.5&%C3%A9=%26%3D");
    }
}
