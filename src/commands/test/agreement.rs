//! Whether a value is the one that a case expects.

use std::cmp::Ordering;

use serde_json::Value;

/// What becomes of members of objects that are not expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    Allowed,
    Refused,
}

/// Whether a value is what is expected. 1 and 1.0 are the same number, and numbers that differ are
/// not, however large they are.
pub fn agrees(value: &Value, expected: &Value, extra: Extra) -> bool {
    match (value, expected) {
        (Value::Number(number), Value::Number(expected)) => {
            asl::number::order(number, expected) == Some(Ordering::Equal)
        }
        (Value::Array(items), Value::Array(expected)) => {
            let mut pairs = items.iter().zip(expected);
            items.len() == expected.len() && pairs.all(|(item, expected)| agrees(item, expected, extra))
        }
        (Value::Object(members), Value::Object(expected)) => {
            let may_fit = extra == Extra::Allowed || members.len() == expected.len();
            let has = |(name, expected): (&String, &Value)| {
                members.get(name).is_some_and(|member| agrees(member, expected, extra))
            };
            may_fit && expected.iter().all(has)
        }
        (value, expected) => value == expected,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_compared_exactly_whatever_their_form() {
        for extra in [Extra::Allowed, Extra::Refused] {
            let is = |value: Value, expected: Value| agrees(&value, &expected, extra);
            assert!(is(json!(1), json!(1.0)));
            assert!(is(json!({"a": [2.0]}), json!({"a": [2]})));
            // The same double.
            assert!(!is(
                json!(9_007_199_254_740_992_i64),
                json!(9_007_199_254_740_993_i64)
            ));
            assert!(!is(json!(u64::MAX), json!(u64::MAX - 1)));
            assert!(!is(json!(1), json!("1")));
        }
    }

    #[test]
    fn members_that_are_not_expected_are_allowed_or_not() {
        let value = json!({"a": 1, "b": [{"c": 2, "d": 3}]});
        let allowed = |expected: Value| agrees(&value, &expected, Extra::Allowed);
        assert!(allowed(json!({"a": 1.0})));
        assert!(allowed(json!({"b": [{"c": 2}]})));
        assert!(!allowed(json!({"b": []})));
        assert!(!allowed(json!({"a": null})));
        assert!(!allowed(json!({"e": null})));
        let refused = |expected: Value| agrees(&value, &expected, Extra::Refused);
        assert!(refused(json!({"b": [{"d": 3, "c": 2}], "a": 1})));
        assert!(!refused(json!({"a": 1})));
        assert!(!refused(json!({"a": 1, "b": [{"c": 2}]})));
    }
}
