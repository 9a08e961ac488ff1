//! The constraints of an API model, checked before an operation runs, in AWS's words.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

// Some patterns of the models look ahead.
use fancy_regex::Regex;
use parking_lot::RwLock;
use serde_json::Value;

use crate::model::Shape;

/// The patterns that were asked for, compiled, by where their texts are in this program.
static PATTERNS: LazyLock<RwLock<HashMap<usize, Option<Regex>>>> = LazyLock::new(RwLock::default);

/// What is wrong with `input`, as one message; `None` when nothing is.
pub fn check(shape: &'static Shape, input: &Value) -> Option<String> {
    let mut found = Vec::new();
    visit(shape, input, &Place::Input, &mut found);
    match found.len() {
        0 => None,
        1 => Some(format!("1 validation error detected: {}", found[0])),
        n => Some(format!(
            "{n} validation errors detected: {}",
            found.join("; ")
        )),
    }
}

/// Where a value is in the input. A batch has thousands of places, so they are written out only
/// where something is wrong.
enum Place<'a> {
    Input,
    Member(&'a Place<'a>, &'static str),
    Item(&'a Place<'a>, usize),
    Entry(&'a Place<'a>, &'a str),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => Ok(()),
            Self::Member(Self::Input, name) => f.write_str(&lower_first(name)),
            Self::Member(of, name) => write!(f, "{of}.{}", lower_first(name)),
            Self::Item(of, index) => write!(f, "{of}.{}.member", index + 1),
            Self::Entry(of, key) => write!(f, "{of}.{key}.member"),
        }
    }
}

impl Place<'_> {
    /// That the value here is to be another one.
    fn must(&self, shown: impl fmt::Display, constraint: &str) -> String {
        format!("Value {shown} at '{self}' failed to satisfy constraint: Member must {constraint}")
    }
}

fn visit(shape: &'static Shape, value: &Value, place: &Place<'_>, found: &mut Vec<String>) {
    let mut fail = |constraint: &str| found.push(place.must(shown(value), constraint));
    match shape {
        Shape::Structure(members) => {
            let Value::Object(given) = value else {
                return fail("be an object");
            };
            for member in *members {
                let at = Place::Member(place, member.name);
                match given.get(member.name) {
                    None | Some(Value::Null) if member.required => {
                        found.push(at.must("null", "not be null"));
                    }
                    None | Some(Value::Null) => {}
                    Some(inner) => visit(member.shape, inner, &at, found),
                }
            }
        }
        Shape::List { member, min, max } => {
            let Value::Array(items) = value else {
                return fail("be a list");
            };
            if let Some(constraint) = length(items.len() as u64, *min, *max) {
                fail(&constraint);
            }
            for (i, item) in items.iter().enumerate() {
                visit(member, item, &Place::Item(place, i), found);
            }
        }
        Shape::Map { key, value: inner } => {
            let Value::Object(given) = value else {
                return fail("be a map");
            };
            for (k, v) in given {
                visit_text(key, k, place, found);
                visit(inner, v, &Place::Entry(place, k), found);
            }
        }
        Shape::String { .. } => match value {
            Value::String(text) => visit_text(shape, text, place, found),
            _ => fail("be a string"),
        },
        Shape::Integer { min, max } => {
            let Some(number) = value.as_i64() else {
                return fail("be an integer");
            };
            if let Some(min) = min
                && number < *min
            {
                fail(&format!("have value greater than or equal to {min}"));
            }
            if let Some(max) = max
                && number > *max
            {
                fail(&format!("have value less than or equal to {max}"));
            }
        }
        Shape::Float | Shape::Timestamp if !value.is_number() => fail("be a number"),
        Shape::Boolean if !value.is_boolean() => fail("be a boolean"),
        Shape::Blob if !value.is_string() => fail("be base64"),
        Shape::Float | Shape::Timestamp | Shape::Boolean | Shape::Blob => {}
    }
}

/// Checks a text; the keys of maps have no other shapes than texts.
fn visit_text(shape: &'static Shape, text: &str, place: &Place<'_>, found: &mut Vec<String>) {
    let Shape::String {
        min,
        max,
        pattern,
        values,
    } = shape
    else {
        return;
    };
    let mut fail = |constraint: &str| found.push(place.must(format_args!("'{text}'"), constraint));
    if !values.is_empty() && !values.contains(&text) {
        fail(&format!("satisfy enum value set: [{}]", values.join(", ")));
    }
    if let Some(constraint) = length(text.chars().count() as u64, *min, *max) {
        fail(&constraint);
    }
    if let Some(pattern) = pattern
        && !matches(pattern, text)
    {
        fail(&format!("satisfy regular expression pattern: {pattern}"));
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
    let address = pattern.as_ptr().addr();
    if let Some(known) = PATTERNS.read().get(&address) {
        return fits(known);
    }
    let compiled = compile(pattern).ok();
    let answer = fits(&compiled);
    PATTERNS.write().insert(address, compiled);
    answer
}

fn compile(pattern: &str) -> Result<Regex, fancy_regex::Error> {
    fancy_regex::RegexBuilder::new(&format!("^(?:{})$", of_ascii(pattern)))
        .delegate_size_limit(64 << 20)
        .build()
}

/// A pattern of the models, in which `\w` and `\d` are of ASCII as in Java, with these written out:
/// to this machine's expressions they are of Unicode, which also takes long to compile.
fn of_ascii(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut is_in_class = false;
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('w') if is_in_class => out.push_str("A-Za-z0-9_"),
                Some('w') => out.push_str("[A-Za-z0-9_]"),
                Some('d') if is_in_class => out.push_str("0-9"),
                Some('d') => out.push_str("[0-9]"),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' | ']' => {
                is_in_class = letter == '[';
                out.push(letter);
            }
            other => out.push(other),
        }
    }
    out
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(s) => format!("'{s}'"),
        other => format!("'{other}'"),
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
    use serde_json::json;

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
    fn letters_and_digits_of_a_pattern_are_of_ascii() {
        assert!(matches(r"[\w+=,.@-]+", "a_role-1"));
        assert!(!matches(r"[\w+=,.@-]+", "rôle"));
        assert!(matches(r"\d{12}", "123456789012"));
        assert!(!matches(r"\d{12}", "١٢٣٤٥٦٧٨٩٠١٢"));
        assert!(matches(r"[^\r\n\]]+\\d", r"größe\d"));
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
        let operation = |name: &str| model::glue::OPERATIONS.iter().find(|o| o.name == name);
        let wrong = |name: &str, input: &Value| {
            check(operation(name).unwrap().input.unwrap(), input).unwrap()
        };
        assert_eq!(
            wrong("CreateDatabase", &json!({"DatabaseInput": {"Name": ""}})),
            "1 validation error detected: Value '' at 'databaseInput.name' failed to satisfy constraint: Member must have length greater than or equal to 1"
        );
        let partition =
            json!({"Values": ["1"], "StorageDescriptor": {"Columns": [{"Name": "a"}, {}]}});
        let batch =
            json!({"DatabaseName": "d", "TableName": "t", "PartitionInputList": [partition]});
        assert_eq!(
            wrong("BatchCreatePartition", &batch),
            "1 validation error detected: Value null at 'partitionInputList.1.member.storageDescriptor.columns.2.member.name' failed to satisfy constraint: Member must not be null"
        );
        let parameters = json!({"DatabaseInput": {"Name": "d", "Parameters": {"k": 1, "": "v"}}});
        assert_eq!(
            wrong("CreateDatabase", &parameters),
            "2 validation errors detected: Value '1' at 'databaseInput.parameters.k.member' failed to satisfy constraint: Member must be a string; Value '' at 'databaseInput.parameters' failed to satisfy constraint: Member must have length greater than or equal to 1"
        );
    }
}
