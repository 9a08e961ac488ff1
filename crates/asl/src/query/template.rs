//! Payload templates: JSON in which some texts are queries.

use serde_json::Value;

use super::{
    Environment, Fault, JsonataExpression, Mistake, PathExpression, QueryLanguage, Sees, java,
};
use crate::stack::with_stack;

#[derive(Clone, Debug)]
pub(crate) enum Template {
    Literal(Value),
    Array(Vec<Template>),
    Object(Vec<(String, Template)>),
    /// A member whose name ends in `.$`, here with that ending.
    Path {
        field: String,
        expression: PathExpression,
    },
    Jsonata(JsonataExpression),
}

impl Template {
    /// Reads a template whose expressions see of `$states` what `sees` says.
    pub fn parse(value: &Value, language: QueryLanguage, sees: Sees) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let template = parse(value, (language, sees), "", &mut mistakes);
        if mistakes.is_empty() {
            Ok(template)
        } else {
            Err(mistakes)
        }
    }

    /// The value, where the field `at` (`Output`) holds this template.
    pub fn evaluate(&self, at: &str, environment: &Environment) -> Result<Value, Fault> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| item.evaluate(&format!("{at}[{index}]"), environment))
                .collect(),
            Self::Object(members) => members
                .iter()
                .map(|(name, member)| {
                    let value = member.evaluate(&format!("{at}/{name}"), environment)?;
                    Ok((name.clone(), value))
                })
                .collect::<Result<serde_json::Map<_, _>, _>>()
                .map(Value::Object),
            Self::Path { field, expression } => expression.evaluate(field, environment),
            Self::Jsonata(expression) => expression.evaluate(at, environment),
        }
    }

    /// The value, which has to be of that JSON type: `array`, `number`, `string`, `boolean`,
    /// `object`. `is_it` tells whether it is.
    pub fn evaluate_as(
        &self,
        expected: &str,
        is_it: impl Fn(&Value) -> bool,
        at: &str,
        environment: &Environment,
    ) -> Result<Value, Fault> {
        let value = self.evaluate(at, environment)?;
        if is_it(&value) {
            return Ok(value);
        }
        let of = match self {
            Self::Jsonata(expression) => format!("JSONata expression '{}'", expression.text),
            _ => "value".to_owned(),
        };
        Err(Fault::Query {
            location: Some(at.to_owned()),
            message: format!(
                "The {of} specified for the field '{at}' returned an unexpected result type. Expected '{expected}', but was '{}' for value: {value}",
                type_name(&value)
            ),
        })
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn parse(
    value: &Value,
    how: (QueryLanguage, Sees),
    below: &str,
    mistakes: &mut Vec<Mistake>,
) -> Template {
    with_stack(|| parse_level(value, how, below, mistakes))
}

fn parse_level(
    value: &Value,
    how: (QueryLanguage, Sees),
    below: &str,
    mistakes: &mut Vec<Mistake>,
) -> Template {
    match (value, how.0) {
        (Value::Array(items), _) => Template::Array(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| parse(item, how, &format!("{below}[{index}]"), mistakes))
                .collect(),
        ),
        (Value::Object(members), QueryLanguage::Jsonata) => Template::Object(
            members
                .iter()
                .map(|(name, member)| {
                    (
                        name.clone(),
                        parse(member, how, &format!("{below}/{name}"), mistakes),
                    )
                })
                .collect(),
        ),
        (Value::Object(members), QueryLanguage::JsonPath) => Template::Object(arranged(
            members
                .iter()
                .map(|(name, member)| path_member(name, member, mistakes))
                .collect(),
        )),
        (Value::String(text), QueryLanguage::Jsonata) => {
            let (template, wrong) = match JsonataExpression::parse(text) {
                None => (Template::Literal(value.clone()), Vec::new()),
                Some(Ok(expression)) => {
                    let unseen = expression.unseen(how.1);
                    (Template::Jsonata(expression), unseen)
                }
                Some(Err(mistake)) => (Template::Literal(Value::Null), vec![mistake]),
            };
            let below = below.to_owned();
            mistakes.extend(wrong.into_iter().map(|mistake| Mistake {
                below: below.clone(),
                ..mistake
            }));
            template
        }
        _ => Template::Literal(value.clone()),
    }
}

/// The members in the order in which AWS makes them: first those that are no query, as they are given,
/// then the others as a map of Java has their names. This is concluded from recordings, in which all
/// templates of several members have it; it is not documented.
fn arranged(members: Vec<(String, Template)>) -> Vec<(String, Template)> {
    let (mut queried, mut all): (Vec<_>, Vec<_>) = members
        .into_iter()
        .partition(|(_, member)| matches!(member, Template::Path { .. }));
    let count = queried.len();
    queried.sort_by_key(|(name, _)| java::place(name, count));
    all.append(&mut queried);
    all
}

fn path_member(name: &str, member: &Value, mistakes: &mut Vec<Mistake>) -> (String, Template) {
    let Some(bare) = name.strip_suffix(".$") else {
        return (
            name.to_owned(),
            parse(
                member,
                (QueryLanguage::JsonPath, Sees::default()),
                "",
                mistakes,
            ),
        );
    };
    let expression = member
        .as_str()
        .and_then(|text| PathExpression::parse(text).ok());
    let template = match expression {
        Some(expression) => Template::Path {
            field: name.to_owned(),
            expression,
        },
        None => {
            mistakes.push(Mistake {
                code: "SCHEMA_VALIDATION_FAILED",
                message: format!(
                    "The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
                ),
                below: String::new(),
            });
            Template::Literal(Value::Null)
        }
    };
    (bare.to_owned(), template)
}
