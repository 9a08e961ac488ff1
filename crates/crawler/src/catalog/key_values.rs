//! Which texts are values of a partition key.

use chrono::{NaiveDate, NaiveDateTime};

/// What Hive calls the value of a key that is NULL.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// Whether Athena reads a text as a value of a partition key of this Hive type. One partition with
/// another text fails the queries of its whole table, with `HIVE_INVALID_PARTITION_VALUE`. A type
/// that is not known here has every text.
///
/// Source: Trino's `HiveUtil.parsePartitionValue`.
pub fn is_key_value(data_type: &str, text: &str) -> bool {
    if text == NULL {
        return true;
    }
    let data_type = data_type.trim().to_lowercase();
    let (name, parameters) = data_type
        .split_once('(')
        .unwrap_or((data_type.as_str(), ""));
    let numbers: Vec<usize> = parameters
        .trim_end_matches(')')
        .split(',')
        .filter_map(|number| number.trim().parse().ok())
        .collect();
    match (name.trim(), &numbers[..]) {
        ("tinyint", _) => text.parse::<i8>().is_ok(),
        ("smallint", _) => text.parse::<i16>().is_ok(),
        ("int" | "integer", _) => text.parse::<i32>().is_ok(),
        ("bigint", _) => text.parse::<i64>().is_ok(),
        ("float" | "double", _) => text.parse::<f64>().is_ok(),
        ("boolean", _) => ["true", "false"]
            .iter()
            .any(|value| text.eq_ignore_ascii_case(value)),
        ("date", _) => is_date(text),
        ("timestamp", _) => is_date(text) || is_time(text),
        // Hive's `decimal` alone is this one.
        ("decimal", []) => is_decimal(text, 10, 0),
        ("decimal", [precision]) => is_decimal(text, *precision, 0),
        ("decimal", [precision, scale, ..]) => is_decimal(text, *precision, *scale),
        ("char" | "varchar", [longest, ..]) => text.chars().count() <= *longest,
        _ => true,
    }
}

fn is_date(text: &str) -> bool {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn is_time(text: &str) -> bool {
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
    formats
        .iter()
        .any(|format| NaiveDateTime::parse_from_str(text, format).is_ok())
}

/// Whether a number has no more digits than a decimal has room for.
fn is_decimal(text: &str, precision: usize, scale: usize) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut all = whole.bytes().chain(fraction.bytes()).peekable();
    all.peek().is_some()
        && all.all(|digit| digit.is_ascii_digit())
        && fraction.trim_end_matches('0').len() <= scale
        && whole.trim_start_matches('0').len() + scale <= precision
}

#[cfg(test)]
mod tests {
    use super::is_key_value;

    #[test]
    fn a_text_is_a_value_of_the_types_that_athena_reads_it_as() {
        let values = [
            ("int", "-007"),
            ("bigint", "20240101"),
            ("double", "1e3"),
            ("boolean", "TRUE"),
            ("date", "2024-02-29"),
            ("timestamp", "2024-01-01"),
            ("timestamp", "2024-01-01 00:00:00.0"),
            ("decimal(4,2)", "-12.340"),
            ("decimal", "7"),
            ("varchar(2)", "ab"),
            ("string", ""),
            ("int", "__HIVE_DEFAULT_PARTITION__"),
        ];
        for (data_type, text) in values {
            assert!(is_key_value(data_type, text), "{data_type} {text}");
        }
        let others = [
            ("int", "x"),
            ("INT", ""),
            ("tinyint", "128"),
            ("int", "3000000000"),
            ("double", "1,5"),
            ("boolean", "1"),
            ("date", "2023-02-29"),
            ("date", "20240101"),
            ("timestamp", "noon"),
            ("decimal(4,2)", "123.4"),
            ("decimal(4,2)", "1.234"),
            ("decimal(4,2)", "."),
            ("varchar(2)", "abc"),
        ];
        for (data_type, text) in others {
            assert!(!is_key_value(data_type, text), "{data_type} {text}");
        }
    }
}
