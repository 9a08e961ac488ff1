//! Definitions that are written in YAML, as the values of JSON that they mean.

use serde_json::Value;
use serde_saphyr::{Error, Location};

/// Why a text is no YAML, or has something that JSON has not. Lines and columns are from 1.
#[derive(Debug, thiserror::Error)]
#[error("{message} at line {line} column {column}")]
pub struct NotYaml {
    pub message: String,
    pub line: usize,
    pub column: usize,
}

/// Reads a document. A word is a text where readers of YAML do not agree on another meaning: as the
/// core schema of YAML 1.2 has it, `true` and `false` are the only booleans, and not `Y`, `n`, `yes`
/// or `off`; digits that begin with a zero (`08`, `0644`) are no number, which would be octal in
/// YAML 1.1 and decimal in 1.2.
pub fn read_yaml(text: &str) -> Result<Value, NotYaml> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location();
        let at = |of: fn(&Location) -> u64| place.as_ref().map_or(1, of) as usize;
        NotYaml {
            message: told(error.without_snippet()),
            line: at(Location::line),
            column: at(Location::column),
        }
    })
}

/// What is wrong, without its place and without what only a programmer can heed.
fn told(error: &Error) -> String {
    match error {
        Error::AliasError { error, .. } => told(error),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key `{key}` is there twice")
        }
        Error::DuplicateMappingKey { key: None, .. } => "a key is there twice".to_owned(),
        Error::MultipleDocuments { .. } => {
            "a second document begins, and a definition is one".to_owned()
        }
        Error::NonFiniteFloat { value, .. } => {
            format!("`{value}` is no number of JSON, which a definition becomes")
        }
        other => {
            let shown = other.to_string();
            let shown = shown.lines().next().unwrap_or_default();
            let shown = shown.split(" at line ").next().unwrap_or_default();
            shown.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_word_stays_a_text_where_readers_of_yaml_differ() {
        let text = "
StartAt: Y
flags: {vip: Y, gender: N, axis: y, side: n, old: yes, off: off}
digits: {day: 08, mode: 0644, below: -007, zero: 0, ten: 10, half: 0.5}
plain: {yes: true, no: False, none: null}
";
        let expected = json!({
            "StartAt": "Y",
            "flags": {"vip": "Y", "gender": "N", "axis": "y", "side": "n", "old": "yes", "off": "off"},
            "digits": {"day": "08", "mode": "0644", "below": "-007", "zero": 0, "ten": 10, "half": 0.5},
            "plain": {"yes": true, "no": false, "none": null},
        });
        assert_eq!(read_yaml(text).expect("YAML"), expected);
    }

    #[test]
    fn what_is_wrong_is_told_in_the_words_of_who_writes_it() {
        let told = |text: &str| read_yaml(text).expect_err("no YAML").to_string();
        assert_eq!(
            told("States:\n  A: 1\n  A: 2\n"),
            "the key `A` is there twice at line 3 column 3"
        );
        let second = told("A: 1\n---\nB: 2\n");
        assert!(
            second.starts_with("a second document begins, and a definition is one at line "),
            "{second}"
        );
        assert_eq!(
            told("A: .inf\n"),
            "`.inf` is no number of JSON, which a definition becomes at line 1 column 4"
        );
        let anchor = told("A: *x\n");
        assert_eq!(anchor.matches("line").count(), 1, "{anchor}");
    }
}
