//! The constraints of an API model, checked before an operation runs, in AWS's words.

use std::collections::HashMap;
use std::sync::LazyLock;

// Some patterns of the models look ahead.
use fancy_regex::Regex;
use parking_lot::RwLock;
use serde_json::Value;

use crate::model::Shape;

static PATTERNS: LazyLock<RwLock<HashMap<&'static str, Option<Regex>>>> =
    LazyLock::new(RwLock::default);

/// What is wrong with `input`, as one message; `None` when nothing is.
pub fn check(shape: &'static Shape, input: &Value) -> Option<String> {
    let mut found = Vec::new();
    visit(shape, input, "", &mut found);
    match found.len() {
        0 => None,
        1 => Some(format!("1 validation error detected: {}", found[0])),
        n => Some(format!(
            "{n} validation errors detected: {}",
            found.join("; ")
        )),
    }
}

fn visit(shape: &'static Shape, value: &Value, path: &str, found: &mut Vec<String>) {
    let mut fail = |constraint: String| {
        found.push(format!(
            "Value {} at '{path}' failed to satisfy constraint: Member must {constraint}",
            shown(value)
        ));
    };
    match shape {
        Shape::Structure(members) => {
            let Value::Object(given) = value else {
                return fail("be an object".to_owned());
            };
            for member in *members {
                let at = join(path, &lower_first(member.name));
                match given.get(member.name) {
                    None | Some(Value::Null) if member.required => found.push(format!(
                        "Value null at '{at}' failed to satisfy constraint: Member must not be null"
                    )),
                    None | Some(Value::Null) => {}
                    Some(inner) => visit(member.shape, inner, &at, found),
                }
            }
        }
        Shape::List { member, min, max } => {
            let Value::Array(items) = value else {
                return fail("be a list".to_owned());
            };
            if let Some(constraint) = length(items.len() as u64, *min, *max) {
                fail(constraint);
            }
            for (i, item) in items.iter().enumerate() {
                visit(member, item, &format!("{path}.{}.member", i + 1), found);
            }
        }
        Shape::Map { key, value: inner } => {
            let Value::Object(given) = value else {
                return fail("be a map".to_owned());
            };
            for (k, v) in given {
                visit(key, &Value::String(k.clone()), path, found);
                visit(inner, v, &format!("{path}.{k}.member"), found);
            }
        }
        Shape::String {
            min,
            max,
            pattern,
            values,
        } => {
            let Value::String(text) = value else {
                return fail("be a string".to_owned());
            };
            if !values.is_empty() && !values.contains(&text.as_str()) {
                fail(format!("satisfy enum value set: [{}]", values.join(", ")));
            }
            if let Some(constraint) = length(text.chars().count() as u64, *min, *max) {
                fail(constraint);
            }
            if let Some(pattern) = pattern
                && !matches(pattern, text)
            {
                fail(format!("satisfy regular expression pattern: {pattern}"));
            }
        }
        Shape::Integer { min, max } => {
            let Some(number) = value.as_i64() else {
                return fail("be an integer".to_owned());
            };
            if let Some(min) = min
                && number < *min
            {
                fail(format!("have value greater than or equal to {min}"));
            }
            if let Some(max) = max
                && number > *max
            {
                fail(format!("have value less than or equal to {max}"));
            }
        }
        Shape::Float | Shape::Timestamp if !value.is_number() => fail("be a number".to_owned()),
        Shape::Boolean if !value.is_boolean() => fail("be a boolean".to_owned()),
        Shape::Blob if !value.is_string() => fail("be base64".to_owned()),
        Shape::Float | Shape::Timestamp | Shape::Boolean | Shape::Blob => {}
    }
}

fn length(n: u64, min: Option<u64>, max: Option<u64>) -> Option<String> {
    if let Some(min) = min
        && n < min
    {
        return Some(format!("have length greater than or equal to {min}"));
    }
    if let Some(max) = max
        && n > max
    {
        return Some(format!("have length less than or equal to {max}"));
    }
    None
}

fn matches(pattern: &'static str, text: &str) -> bool {
    // A pattern that cannot be compiled constrains nothing; a test holds that there is none. A text
    // that takes more steps than a match may is no match.
    let fits = |r: &Option<Regex>| r.as_ref().is_none_or(|r| r.is_match(text).unwrap_or(false));
    if let Some(known) = PATTERNS.read().get(pattern) {
        return fits(known);
    }
    let compiled = compile(pattern).ok();
    let answer = fits(&compiled);
    PATTERNS.write().insert(pattern, compiled);
    answer
}

fn compile(pattern: &str) -> Result<Regex, fancy_regex::Error> {
    fancy_regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .delegate_size_limit(64 << 20)
        .build()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(s) => format!("'{s}'"),
        other => format!("'{other}'"),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| {
        c.to_lowercase().chain(chars).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{self, Operation};

    fn patterns(shape: &'static Shape, seen: &mut Vec<*const Shape>, all: &mut Vec<&'static str>) {
        if seen.contains(&std::ptr::from_ref(shape)) {
            return;
        }
        seen.push(shape);
        match shape {
            Shape::Structure(members) => {
                for m in *members {
                    patterns(m.shape, seen, all);
                }
            }
            Shape::List { member, .. } => patterns(member, seen, all),
            Shape::Map { key, value } => {
                patterns(key, seen, all);
                patterns(value, seen, all);
            }
            Shape::String {
                pattern: Some(p), ..
            } => all.push(p),
            _ => {}
        }
    }

    #[test]
    fn every_pattern_of_the_models_compiles() {
        let (mut seen, mut all) = (Vec::new(), Vec::new());
        let services: [&[Operation]; 7] = [
            model::glue::OPERATIONS,
            model::athena::OPERATIONS,
            model::sfn::OPERATIONS,
            model::iam::OPERATIONS,
            model::sts::OPERATIONS,
            model::scheduler::OPERATIONS,
            model::logs::OPERATIONS,
        ];
        for shape in services
            .iter()
            .flat_map(|s| s.iter())
            .filter_map(|o| o.input)
        {
            patterns(shape, &mut seen, &mut all);
        }
        assert!(all.len() > 50);
        for pattern in all {
            assert!(compile(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn wrong_members_are_named_as_aws_names_them() {
        let input = serde_json::json!({"DatabaseInput": {"Name": ""}});
        let operation = model::glue::OPERATIONS
            .iter()
            .find(|o| o.name == "CreateDatabase")
            .unwrap();
        assert_eq!(
            check(operation.input.unwrap(), &input).unwrap(),
            "1 validation error detected: Value '' at 'databaseInput.name' failed to satisfy constraint: Member must have length greater than or equal to 1"
        );
    }
}
