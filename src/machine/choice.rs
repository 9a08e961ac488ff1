//! The rules of Choice states in a few words.

use serde_json::Value;

use super::list;

/// `$.n > 3`, `$.token is present`, `not ($.a = "b")`; a rule in JSONata as it is.
pub fn label(rule: &Value) -> String {
    if let Some(condition) = rule["Condition"].as_str() {
        let inner = condition.trim().strip_prefix("{%");
        let inner = inner.and_then(|inner| inner.strip_suffix("%}"));
        return inner.unwrap_or(condition).trim().to_owned();
    }
    for (field, word) in [("And", " and "), ("Or", " or ")] {
        if rule.get(field).is_some() {
            let parts: Vec<String> = list(&rule[field]).map(part).collect();
            return parts.join(word);
        }
    }
    if let Some(inner) = rule.get("Not") {
        return format!("not {}", part(inner));
    }
    let variable = rule["Variable"].as_str().unwrap_or("?");
    let members = rule.as_object().into_iter().flatten();
    let known = ["Variable", "Next", "Comment", "Assign", "Output"];
    let mut operators = members.filter(|(name, _)| !known.contains(&name.as_str()));
    match operators.next() {
        Some((operator, operand)) => comparison(variable, operator, operand),
        None => variable.to_owned(),
    }
}

/// A rule within another: in brackets if it has parts of its own.
fn part(rule: &Value) -> String {
    let text = label(rule);
    if rule.get("And").is_some() || rule.get("Or").is_some() || rule.get("Not").is_some() {
        format!("({text})")
    } else {
        text
    }
}

fn comparison(variable: &str, operator: &str, operand: &Value) -> String {
    const TESTS: [(&str, &str); 6] = [
        ("IsPresent", "present"),
        ("IsNull", "null"),
        ("IsNumeric", "a number"),
        ("IsString", "a string"),
        ("IsBoolean", "a boolean"),
        ("IsTimestamp", "a timestamp"),
    ];
    if let Some((_, what)) = TESTS.iter().find(|(test, _)| *test == operator) {
        let not = if *operand == Value::Bool(false) {
            "not "
        } else {
            ""
        };
        return format!("{variable} is {not}{what}");
    }
    const SIGNS: [(&str, &str); 6] = [
        ("GreaterThanEquals", "≥"),
        ("LessThanEquals", "≤"),
        ("GreaterThan", ">"),
        ("LessThan", "<"),
        ("Equals", "="),
        ("Matches", "matches"),
    ];
    let bare = operator.trim_end_matches("Path");
    let sign = SIGNS.iter().find(|(name, _)| bare.ends_with(name));
    let sign = sign.map_or(operator, |(_, sign)| *sign);
    // A path is a text that stands for what is there.
    let shown = match operand {
        Value::String(path) if operator.ends_with("Path") => path.clone(),
        operand => operand.to_string(),
    };
    format!("{variable} {sign} {shown}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_read_as_people_say_them() {
        let cases = [
            (
                json!({"Variable": "$.t", "IsPresent": true, "Next": "A"}),
                "$.t is present",
            ),
            (
                json!({"Variable": "$.t", "IsNull": false}),
                "$.t is not null",
            ),
            (
                json!({"Variable": "$.n", "NumericGreaterThanEquals": 3}),
                "$.n ≥ 3",
            ),
            (
                json!({"Variable": "$.a", "StringEqualsPath": "$.b"}),
                "$.a = $.b",
            ),
            (
                json!({"Variable": "$.a", "StringMatches": "x*"}),
                "$.a matches \"x*\"",
            ),
            (json!({"Condition": "{% $n > 1 %}", "Next": "A"}), "$n > 1"),
            (
                json!({"Not": {"And": [
                    {"Variable": "$.a", "BooleanEquals": true},
                    {"Variable": "$.b", "StringLessThan": "m"}]}}),
                "not ($.a = true and $.b < \"m\")",
            ),
        ];
        for (rule, expected) in cases {
            assert_eq!(label(&rule), expected, "{rule}");
        }
    }
}
