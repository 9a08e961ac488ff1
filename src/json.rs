//! JSON that Step Functions takes and gives: inputs, outputs, definitions.

use asl::JsonError;
use serde::de::IgnoredAny;
use serde_json::Value;

/// Reads a JSON text as Step Functions does, of at most 1,000 levels. What is wrong with it is told
/// with its line and its column.
pub fn parse(text: &str) -> anyhow::Result<Value> {
    asl::parse_json(text).map_err(|error| placed(text, error))
}

/// The mistake of a text with its place, which Step Functions does not tell.
fn placed(text: &str, told: JsonError) -> anyhow::Error {
    match serde_json::from_str::<Value>(text) {
        Err(error) if !is_of_depth(&error) => error.into(),
        // Who skips the text goes as deep as it does.
        _ => match serde_json::from_str::<IgnoredAny>(text) {
            Err(error) => error.into(),
            Ok(_) => told.into(),
        },
    }
}

/// Whether a text was given up after the 127 levels that `serde_json` reads by itself.
fn is_of_depth(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("recursion limit exceeded")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize, inside: &str) -> String {
        format!("{}{inside}{}", "[".repeat(levels), "]".repeat(levels))
    }

    fn told(text: &str) -> String {
        parse(text).expect_err("no JSON").to_string()
    }

    #[test]
    fn a_text_has_a_thousand_levels_and_no_more() {
        for levels in [1, 127, 128, 200, 1000] {
            let text = nested(levels, "9007199254740993");
            let read = parse(&text).expect("a document");
            assert_eq!(read.to_string(), text, "{levels}");
        }
        assert_eq!(
            told(&nested(1001, "1")),
            "The document is nested deeper than 1000 levels."
        );
    }

    #[test]
    fn a_mistake_has_its_place_however_deep_it_is() {
        for (text, expected) in [
            ("{\n  day: 1}", "key must be a string at line 2 column 3"),
            ("", "EOF while parsing a value at line 1 column 0"),
            ("1e400", "number out of range at line 1 column 5"),
            ("[1] 2", "trailing characters at line 1 column 5"),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
        let deep = nested(200, "\n!");
        assert_eq!(told(&deep), "expected value at line 2 column 1");
    }
}
