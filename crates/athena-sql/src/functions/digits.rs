//! Decimal digits as text: grouped, rounded and set about the point as Java's Formatter does.

use datafusion::arrow::datatypes::i256;

/// Whole digits in groups of three.
pub fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// An unscaled number's magnitude with its point.
pub fn fixed(unscaled: i256, scale: u8) -> String {
    let digits = unscaled.wrapping_abs().to_string();
    let scale = usize::from(scale);
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    if scale == 0 {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

/// Zeros behind a number until it has so many places.
pub fn with_places(digits: &str, places: usize) -> String {
    let have = digits
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let point = if have == 0 && places > 0 { "." } else { "" };
    format!("{digits}{point}{}", "0".repeat(places.saturating_sub(have)))
}

/// So many of the digits, the last rounded half up; whether that carried into a digit more.
pub fn round_digits(digits: &str, count: usize) -> (String, bool) {
    let padded = format!("{digits:0<count$}");
    let (kept, dropped) = padded.split_at(count);
    if !dropped.starts_with(|c| c >= '5') {
        return (kept.to_owned(), false);
    }
    let mut kept: Vec<u8> = kept.bytes().collect();
    for digit in kept.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            return (kept.into_iter().map(char::from).collect(), false);
        }
        *digit = b'0';
    }
    (format!("1{}", "0".repeat(count)), true)
}

/// `d.ddd × 10^exponent` with so many places.
pub fn fixed_of_digits(digits: &str, exponent: i64, places: usize) -> String {
    // All digits from the one before the point on, or from the first place.
    let lead = usize::try_from(-exponent).unwrap_or(0);
    let digits = format!("{}{digits}", "0".repeat(lead));
    let whole_length = usize::try_from(exponent.max(0)).unwrap_or(0) + 1;
    let (rounded, carried) = round_digits(&digits, whole_length + places);
    let (whole, fraction) = rounded.split_at(whole_length + usize::from(carried));
    if places == 0 {
        whole.to_owned()
    } else {
        format!("{whole}.{}", &fraction[..places])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_carries_into_a_new_digit() {
        assert_eq!(round_digits("9996", 3), ("1000".to_owned(), true));
        assert_eq!(round_digits("9994", 3), ("999".to_owned(), false));
        assert_eq!(fixed_of_digits("995", 0, 1), "10.0");
        assert_eq!(fixed_of_digits("5", -4, 2), "0.00");
    }
}
