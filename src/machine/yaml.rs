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
/// YAML 1.1 and decimal in 1.2, and neither are those with underscores (`1_000`), which are a number
/// in 1.1 alone. An integer of more than 64 bits, which would be rounded, is an error.
pub fn read_yaml(text: &str) -> Result<Value, NotYaml> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    };
    let read = serde_saphyr::from_str_with_options(text, options);
    let value: Value = read.map_err(|error| {
        let place = error.location();
        let at = |of: fn(&Location) -> u64| place.as_ref().map_or(1, of) as usize;
        NotYaml {
            message: told(error.without_snippet()),
            line: at(Location::line),
            column: at(Location::column),
        }
    })?;
    match rounded(&value, text) {
        Some(rounded) => Err(rounded),
        None => Ok(value),
    }
}

/// The first integer of a text that its value has as the nearest number of 64 bits with a fraction.
fn rounded(value: &Value, text: &str) -> Option<NotYaml> {
    let mut large = Vec::new();
    large_floats(value, &mut large);
    if large.is_empty() {
        return None;
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}' | ':');
    for (line, written) in text.lines().enumerate() {
        let mut start = 0;
        for part in written.split_inclusive(ends) {
            let word = part.trim_end_matches(ends);
            let number = word.parse::<f64>().ok().filter(|_| is_long_integer(word));
            if number.is_some_and(|number| large.contains(&number)) {
                return Some(NotYaml {
                    message: format!(
                        "`{word}` is an integer of more than 64 bits, which would be rounded: in \
                         quotes it is a text"
                    ),
                    line: line + 1,
                    column: written[..start].chars().count() + 1,
                });
            }
            start += part.len();
        }
    }
    None
}

/// The numbers with a fraction in a value that are beyond all integers of 64 bits with a sign.
fn large_floats(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64();
            found.extend(number.filter(|number| number.abs() >= i64::MAX as f64));
        }
        Value::Array(items) => {
            for item in items {
                large_floats(item, found);
            }
        }
        Value::Object(members) => {
            for member in members.values() {
                large_floats(member, found);
            }
        }
        _ => {}
    }
}

/// Whether a word is an integer that has no place in 64 bits, with a sign or without.
fn is_long_integer(word: &str) -> bool {
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_integer && word.parse::<i64>().is_err() && word.parse::<u64>().is_err()
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
        Error::NullIntoString { .. } => {
            "a key is null, and a key of JSON is a text: put it into quotes".to_owned()
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
digits: {day: 08, mode: 0644, below: -007, many: 1_000, zero: 0, ten: 10, half: 0.5}
plain: {yes: true, no: False, none: null}
";
        let expected = json!({
            "StartAt": "Y",
            "flags": {"vip": "Y", "gender": "N", "axis": "y", "side": "n", "old": "yes", "off": "off"},
            "digits": {"day": "08", "mode": "0644", "below": "-007", "many": "1_000", "zero": 0, "ten": 10, "half": 0.5},
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
        assert_eq!(
            told("null: 1\n"),
            "a key is null, and a key of JSON is a text: put it into quotes at line 1 column 1"
        );
        let anchor = told("A: *x\n");
        assert_eq!(anchor.matches("line").count(), 1, "{anchor}");
    }

    #[test]
    fn an_integer_that_would_be_rounded_is_told_where_it_is() {
        let told = |text: &str| read_yaml(text).expect_err("rounded").to_string();
        assert_eq!(
            told("A:\n  - é: {b: 123456789012345678901234567890, c: 1}\n"),
            "`123456789012345678901234567890` is an integer of more than 64 bits, which would be \
             rounded: in quotes it is a text at line 2 column 12"
        );
        let below = told("A: -9223372036854775809\n");
        assert!(below.ends_with(" at line 1 column 4"), "{below}");
        let text = "
large: 18446744073709551615
small: -9223372036854775808
float: [1e30, 200000000000000000000000000000.0]
text: '123456789012345678901234567890'
";
        let expected = json!({
            "large": u64::MAX,
            "small": i64::MIN,
            "float": [1e30, 2e29],
            "text": "123456789012345678901234567890",
        });
        assert_eq!(read_yaml(text).expect("YAML"), expected);
    }
}
