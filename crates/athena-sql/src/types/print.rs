//! Values as text: what CAST to varchar gives.

use super::calendar::{
    date_text, interval_day_text, interval_year_text, time_text, time_tz_text, timestamp_text,
    timestamp_tz_text,
};
use super::{Type, Value};

/// A scalar value's text; `None` for NULL and for types that have none (array, map, row).
pub fn to_text(value: &Value, data_type: &Type) -> Option<String> {
    Some(match (value, data_type) {
        (Value::Boolean(b), _) => b.to_string(),
        (Value::Integer(n), _) => n.to_string(),
        (Value::Real(x), _) => real_text(*x),
        (Value::Double(x), _) => double_text(*x),
        (Value::Decimal(n), Type::Decimal(_, scale)) => decimal_text(*n, *scale),
        (Value::Text(text), Type::Char(length)) => {
            let missing = (*length as usize).saturating_sub(text.chars().count());
            format!("{text}{}", " ".repeat(missing))
        }
        (Value::Text(text), _) => text.to_string(),
        (Value::Date(days), _) => date_text(i64::from(*days)),
        (Value::Time(picos), Type::Time(p)) => time_text(*picos, *p),
        (Value::TimeTz(picos, minutes), Type::TimeTz(p)) => time_tz_text(*picos, *minutes, *p),
        (Value::Timestamp(picos), Type::Timestamp(p)) => timestamp_text(*picos, *p),
        (Value::TimestampTz(picos, zone), Type::TimestampTz(p)) => {
            timestamp_tz_text(*picos, *zone, *p)
        }
        (Value::IntervalDay(millis), _) => interval_day_text(*millis),
        (Value::IntervalYear(months), _) => interval_year_text(*months),
        (Value::Binary(bytes), Type::Uuid) => uuid_text(bytes),
        (Value::Binary(bytes), Type::IpAddress) => ip_text(bytes),
        _ => return None,
    })
}

/// As Java prints a double: `1.0`, `1.0E10`, `NaN`, `Infinity`.
pub fn double_text(x: f64) -> String {
    java_float(x, &format!("{:e}", x.abs()))
}

pub fn real_text(x: f32) -> String {
    java_float(f64::from(x), &format!("{:e}", x.abs()))
}

/// As Trino casts a number to varchar: `3.77E1`, with at most so many digits after the point.
pub fn scientific_text(x: f64, digits: usize) -> String {
    if x.is_nan() || x.is_infinite() {
        return double_text(x);
    }
    let shortest = format!("{x:e}");
    let text = match shortest.split_once('e') {
        Some((mantissa, _)) if mantissa.len() > digits + 2 => format!("{x:.digits$e}"),
        _ => shortest,
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = match mantissa.split_once('.') {
        None => format!("{mantissa}.0"),
        Some((whole, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            format!(
                "{whole}.{}",
                if fraction.is_empty() { "0" } else { fraction }
            )
        }
    };
    format!("{mantissa}E{exponent}")
}

/// From the shortest digits that read back as the number, in Rust's `1.25e-3`.
fn java_float(x: f64, scientific: &str) -> String {
    let magnitude = x.abs();
    if x.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x.is_infinite() {
        return format!("{sign}Infinity");
    }
    if x == 0.0 {
        return format!("{sign}0.0");
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    if (1e-3..1e7).contains(&magnitude) {
        let plain = if exponent < 0 {
            format!("0.{}{digits}", "0".repeat((-exponent - 1) as usize))
        } else {
            let point = exponent as usize + 1;
            if digits.len() <= point {
                format!("{digits}{}.0", "0".repeat(point - digits.len()))
            } else {
                format!("{}.{}", &digits[..point], &digits[point..])
            }
        };
        format!("{sign}{plain}")
    } else {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        format!("{sign}{first}.{rest}E{exponent}")
    }
}

/// An unscaled decimal with its point.
pub fn decimal_text(unscaled: i128, scale: u8) -> String {
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = unscaled.unsigned_abs().to_string();
    let scale = usize::from(scale);
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

pub fn uuid_text(bytes: &[u8]) -> String {
    match <[u8; 16]>::try_from(bytes) {
        Ok(bytes) => ::uuid::Uuid::from_bytes(bytes).to_string(),
        Err(_) => String::new(),
    }
}

pub fn ip_text(bytes: &[u8]) -> String {
    let Ok(bytes) = <[u8; 16]>::try_from(bytes) else {
        return String::new();
    };
    let address = std::net::Ipv6Addr::from(bytes);
    match address.to_ipv4_mapped() {
        Some(v4) => v4.to_string(),
        None => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_java_prints_them() {
        for (x, text) in [
            (1.0, "1.0"),
            (1e10, "1.0E10"),
            (123.456, "123.456"),
            (0.001, "0.001"),
            (0.00012, "1.2E-4"),
            (1_234_567.0, "1234567.0"),
            (12_345_678.0, "1.2345678E7"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double_text(x), text);
        }
    }

    #[test]
    fn a_decimal_keeps_its_zeros() {
        assert_eq!(decimal_text(-5, 2), "-0.05");
        assert_eq!(decimal_text(1200, 2), "12.00");
    }
}
