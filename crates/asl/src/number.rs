//! Numbers of JSON by their size.

use std::cmp::Ordering;

use serde_json::Number;

/// Which of two numbers is larger, exactly: a double does not hold every whole number.
pub fn order(left: &Number, right: &Number) -> Option<Ordering> {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        (Some(left), None) => beside(left, right.as_f64()?),
        (None, Some(right)) => beside(right, left.as_f64()?).map(Ordering::reverse),
        (None, None) => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// A whole number of 64 bits beside one that may have a fraction.
fn beside(whole: i128, number: f64) -> Option<Ordering> {
    // Beyond the 64 bits the conversion may be as wide of the mark as it likes.
    let order = whole.cmp(&(number.trunc() as i128));
    match order {
        Ordering::Equal => 0.0.partial_cmp(&number.fract()),
        order => Some(order),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly() {
        // The double next to 2^53 + 1 is 2^53.
        for (less, more) in [
            ("9007199254740992", "9007199254740993"),
            ("9007199254740992.0", "9007199254740993"),
            ("18446744073709551614", "18446744073709551615"),
            ("9223372036854775807", "9223372036854775808.0"),
            ("18446744073709551615", "1e300"),
            ("-1e300", "-9223372036854775808"),
            ("-2", "-1.5"),
            ("-1.5", "-1"),
            ("1", "1.25"),
            ("0.1", "0.25"),
        ] {
            let number = |text: &str| serde_json::from_str::<Number>(text).unwrap();
            let (less, more) = (number(less), number(more));
            assert_eq!(order(&less, &more), Some(Ordering::Less), "{less} {more}");
            assert_eq!(order(&more, &less), Some(Ordering::Greater));
            assert_eq!(order(&more, &more), Some(Ordering::Equal));
        }
        let one = |text: &str| serde_json::from_str::<Number>(text).unwrap();
        assert_eq!(order(&one("1"), &one("1.0")), Some(Ordering::Equal));
    }
}
