//! Values out of text, by Hive's rules.

use crate::types::calendar::{parse_date, parse_timestamp, round_to};
use crate::types::{Type, Value};

/// Reads a value of a simple type; `None` where the text is no such value, or the type is not a
/// simple one.
pub(crate) fn parse(data_type: &Type, text: &str) -> Option<Value> {
    Some(match data_type {
        Type::Varchar(None) => Value::text(text),
        Type::Varchar(Some(n)) => Value::text(first_chars(text, *n)),
        Type::Char(n) => Value::text(first_chars(text, *n).trim_end_matches(' ')),
        Type::Boolean => Value::Boolean(boolean(text)?),
        Type::Tinyint => Value::Integer(text.parse::<i8>().ok()?.into()),
        Type::Smallint => Value::Integer(text.parse::<i16>().ok()?.into()),
        Type::Integer => Value::Integer(text.parse::<i32>().ok()?.into()),
        Type::Bigint => Value::Integer(text.parse().ok()?),
        Type::Real => Value::Real(float(text)? as f32),
        Type::Double => Value::Double(float(text)?),
        Type::Decimal(precision, scale) => Value::Decimal(decimal(text, *precision, *scale)?),
        Type::Varbinary => Value::binary(text.as_bytes()),
        Type::Date => Value::Date(parse_date(text)?),
        Type::Timestamp(precision) => {
            let moment = parse_timestamp(text)?;
            let local = match moment.zone {
                Some(zone) => zone.to_instant(moment.local),
                None => moment.local,
            };
            Value::Timestamp(round_to(local, *precision))
        }
        _ => return None,
    })
}

fn first_chars(text: &str, n: u32) -> &str {
    match text.char_indices().nth(n as usize) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Java's spelling: `NaN`, `Infinity`, a trailing `d` or `f`.
fn float(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.trim_start_matches(['+', '-']) {
        "NaN" => return Some(f64::NAN),
        "Infinity" if text.starts_with('-') => return Some(f64::NEG_INFINITY),
        "Infinity" => return Some(f64::INFINITY),
        // Rust reads `inf` and `nan`, Java does not.
        rest if !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') => return None,
        _ => {}
    }
    text.trim_end_matches(['d', 'D', 'f', 'F']).parse().ok()
}

/// An unscaled decimal, rounded half up to its scale; `None` where it does not fit.
pub(super) fn decimal(text: &str, precision: u8, scale: u8) -> Option<i128> {
    let text = text.trim();
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, digits) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // How far the point has to move for the digits to be the unscaled value.
    let digits_after = i32::try_from(fraction.len()).ok()?;
    let shift = exponent
        .checked_add(i32::from(scale))?
        .checked_sub(digits_after)?;
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value
            .checked_mul(10)?
            .checked_add(i128::from(digit - b'0'))?;
    }
    let value = if shift >= 0 {
        let factor = 10_i128.checked_pow(shift.unsigned_abs())?;
        value.checked_mul(factor)?
    } else {
        match 10_i128.checked_pow(shift.unsigned_abs()) {
            Some(factor) => (value + factor / 2) / factor,
            None => 0,
        }
    };
    let limit = 10_i128.checked_pow(precision.into())?;
    (value < limit).then_some(if negative { -value } else { value })
}

/// How tests show a value, whatever its type.
#[cfg(test)]
pub(super) fn shown(value: &Value) -> String {
    let all = |values: &[Value]| values.iter().map(shown).collect::<Vec<_>>().join(", ");
    match value {
        Value::Null => "-".to_owned(),
        Value::Boolean(b) => b.to_string(),
        Value::Integer(n) => n.to_string(),
        Value::Double(x) => format!("{x:?}"),
        Value::Text(text) => text.to_string(),
        Value::Date(days) => crate::types::calendar::date_text(i64::from(*days)),
        Value::Timestamp(picos) => crate::types::calendar::timestamp_text(*picos, 3),
        Value::Array(values) => format!("[{}]", all(values)),
        Value::Row(values) => format!("({})", all(values)),
        Value::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(k, v)| format!("{}={}", shown(k), shown(v)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_brought_to_its_scale() {
        for (text, expected) in [
            ("1.5", Some(150)),
            ("-1.005", Some(-101)),
            ("1e2", Some(10_000)),
            ("99999", None),
            ("1,5", None),
            ("", None),
        ] {
            assert_eq!(decimal(text, 6, 2), expected, "{text}");
        }
    }

    #[test]
    fn a_text_is_cut_to_the_length_of_its_type() {
        let cut = parse(&Type::Varchar(Some(2)), "äöü");
        assert_eq!(cut.as_ref().map(Value::as_str), Some("äö"));
        assert!(parse(&Type::Bigint, "x").is_none());
    }
}
