//! The operators of a Choice. Values of another type than the operator's never match.

use std::cmp::Ordering;

use serde_json::Value;

use crate::{
    definition::{Family, Operator, Relation},
    number, timestamp,
};

impl Operator {
    pub(super) fn accepts(self, value: &Value, operand: &Value) -> bool {
        let moment = |value: &Value| value.as_str().and_then(timestamp::parse);
        let is = |holds: bool| operand == holds;
        match self {
            Self::Compare(family, relation) => family
                .order(value, operand)
                .is_some_and(|order| relation.holds(order)),
            Self::StringMatches => match (value, operand) {
                (Value::String(text), Value::String(pattern)) => matches(text, pattern),
                _ => false,
            },
            Self::IsNull => is(value.is_null()),
            // A path that leads to nothing never gets here.
            Self::IsPresent => is(true),
            Self::IsNumeric => is(value.is_number()),
            Self::IsString => is(value.is_string()),
            Self::IsBoolean => is(value.is_boolean()),
            Self::IsTimestamp => is(moment(value).is_some()),
        }
    }
}

impl Family {
    fn order(self, left: &Value, right: &Value) -> Option<Ordering> {
        match self {
            Self::String => Some(
                left.as_str()?
                    .encode_utf16()
                    .cmp(right.as_str()?.encode_utf16()),
            ),
            Self::Numeric => match (left, right) {
                (Value::Number(left), Value::Number(right)) => number::order(left, right),
                _ => None,
            },
            Self::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
            Self::Timestamp => {
                Some(timestamp::parse(left.as_str()?)?.cmp(&timestamp::parse(right.as_str()?)?))
            }
        }
    }
}

impl Relation {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equals => order.is_eq(),
            Self::LessThan => order.is_lt(),
            Self::GreaterThan => order.is_gt(),
            Self::LessThanEquals => order.is_le(),
            Self::GreaterThanEquals => order.is_ge(),
        }
    }
}

/// `*` stands for any characters; a backslash makes the one after it stand for itself.
fn matches(text: &str, pattern: &str) -> bool {
    let mut parts = vec![String::new()];
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '*' => parts.push(String::new()),
            '\\' => parts
                .last_mut()
                .into_iter()
                .for_each(|part| part.extend(chars.next())),
            _ => parts.last_mut().into_iter().for_each(|part| part.push(c)),
        }
    }
    let [first, middle @ .., last] = &parts[..] else {
        return parts.first().is_some_and(|whole| whole == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for part in middle {
        match rest.find(part.as_str()) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything_and_a_backslash_for_the_star_itself() {
        assert!(matches("foo23.log", "foo*.log"));
        assert!(matches("foo.log", "foo*.log"));
        assert!(matches("zebra.log", "*.log"));
        assert!(matches("a-b-c", "a*b*c"));
        assert!(!matches("a-b", "a*b*c"));
        assert!(matches("5*", r"5\*"));
        assert!(!matches("55", r"5\*"));
        assert!(!matches("aa", "a*a*a"));
    }
}
