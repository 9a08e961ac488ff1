//! Numbers as JavaScript has them: how they are written, and what is whole.

/// A number as `String(number)` writes it.
pub(super) fn to_text(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    if number == 0.0 {
        return "0".to_owned();
    }
    let magnitude = number.abs();
    if (1e-6..1e21).contains(&magnitude) {
        return format!("{number}");
    }
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) if !exponent.starts_with('-') => {
            format!("{mantissa}e+{exponent}")
        }
        _ => text,
    }
}

/// The number kept to 15 digits, as `$string` and `&` show it, so that 0.1 + 0.2 is 0.3.
pub(super) fn to_precision_15(number: f64) -> f64 {
    if number.fract() == 0.0 {
        return number;
    }
    format!("{number:.14e}").parse().unwrap_or(number)
}

/// Rounds half to even at `precision` decimal digits, on the decimal form of the number.
pub(super) fn round(number: f64, precision: i32) -> f64 {
    let shifted = shift(number, precision);
    if !shifted.is_finite() {
        return number;
    }
    // As Math.round does: half goes up.
    let mut result = (shifted + 0.5).floor();
    if result - shifted > 0.5 {
        // The sum was rounded up to the next whole number.
        result -= 1.0;
    }
    if (result - shifted).abs() == 0.5 && (result % 2.0).abs() == 1.0 {
        result -= 1.0;
    }
    let result = shift(result, -precision);
    if result == 0.0 { 0.0 } else { result }
}

/// Moves the decimal point of the number's decimal form.
fn shift(number: f64, places: i32) -> f64 {
    if places == 0 {
        return number;
    }
    let text = format!("{number:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return number;
    };
    let exponent = exponent.parse::<i32>().unwrap_or(0).saturating_add(places);
    format!("{mantissa}e{exponent}").parse().unwrap_or(number)
}

/// The number as JSON has it: whole ones as integers.
pub(super) fn to_json(number: f64) -> serde_json::Value {
    if number.fract() == 0.0 && number.abs() < 9.2e18 {
        return serde_json::Value::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(serde_json::Value::Null, serde_json::Value::Number)
}
