//! JSON that comes from outside: inputs, outputs, files.

use serde_json::Value;

use crate::validate;

/// Why a text is no document, in the words of Jackson and without the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(pub(crate) String);

/// Reads a JSON text, of at most 1,000 levels. What Step Functions is given from outside is to be read
/// by this: `serde_json` by itself goes 127 levels deep.
pub fn parse_json(text: &str) -> Result<Value, JsonError> {
    serde_json::from_str(text).or_else(|_| validate::document(text))
}

/// [`parse_json`], which refuses an object that has two members of one name.
pub(crate) fn parse_unambiguous_json(text: &str) -> Result<Value, JsonError> {
    validate::unambiguous_document(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrays(levels: usize) -> String {
        format!("{}1{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn a_document_has_a_thousand_levels_and_no_more() {
        for parse in [parse_json, parse_unambiguous_json] {
            for levels in [127, 128, 500, 1000] {
                let read = parse(&arrays(levels)).unwrap();
                assert_eq!(read.to_string(), arrays(levels), "{levels}");
            }
            let told = parse(&arrays(1001)).unwrap_err().to_string();
            assert_eq!(told, "The document is nested deeper than 1000 levels.");
        }
    }

    #[test]
    fn what_is_no_json_is_told_as_jackson_tells_it() {
        for (text, told) in [
            ("", "No content to map due to end-of-input"),
            (
                "nope",
                "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
            ("1e400", "Numeric value (1e400) out of range of double"),
        ] {
            assert_eq!(parse_json(text).unwrap_err().to_string(), told, "{text}");
        }
        let deep = arrays(300).replace('1', "!");
        let told = parse_json(&deep).unwrap_err().to_string();
        assert!(
            told.starts_with("Unexpected character ('!' (code 33)"),
            "{told}"
        );
    }

    #[test]
    fn a_name_that_comes_twice_is_only_ambiguous() {
        let text = r#"{"a":[1,-2,2.5,1e300,18446744073709551615,"\u00e9",null,true],"b":{"a":{}}}"#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(parse_unambiguous_json(text).unwrap(), expected);
        let deep = format!(
            "{}{}{}",
            "[".repeat(300),
            r#"{"a":1,"a":1}"#,
            "]".repeat(300)
        );
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"a":1}}]"#, &deep] {
            assert!(parse_unambiguous_json(text).is_err(), "{text}");
            assert!(parse_json(text).is_ok(), "{text}");
        }
        for text in ["1e400", "{'a':1}", "1 2", ""] {
            assert!(parse_unambiguous_json(text).is_err(), "{text}");
        }
    }
}
