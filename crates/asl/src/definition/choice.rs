//! `Choice`: goes on where the first rule that holds says.

use serde_json::Value;

use super::{Fields, Reader, reader, variables, warnings};
use crate::{
    query::{PathField, QueryLanguage, Sees, Template},
    stack::with_stack,
    timestamp,
};

#[derive(Debug)]
pub(crate) struct Choice {
    pub rules: Vec<Rule>,
    pub default: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub condition: Condition,
    pub next: String,
    pub assign: Option<Template>,
    pub output: Option<Template>,
}

#[derive(Debug)]
pub(crate) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Test {
        variable: PathField,
        operator: Operator,
        operand: Operand,
    },
    Constant(bool),
    Jsonata(Template),
}

#[derive(Debug)]
pub(crate) enum Operand {
    Literal(Value),
    Path(PathField),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operator {
    Compare(Family, Relation),
    StringMatches,
    IsNull,
    IsPresent,
    IsNumeric,
    IsString,
    IsBoolean,
    IsTimestamp,
}

/// The type that both sides of a comparison must have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Family {
    String,
    Numeric,
    Boolean,
    Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Relation {
    Equals,
    LessThan,
    GreaterThan,
    LessThanEquals,
    GreaterThanEquals,
}

const RELATIONS: [(&str, Relation); 5] = [
    ("Equals", Relation::Equals),
    ("LessThan", Relation::LessThan),
    ("GreaterThan", Relation::GreaterThan),
    ("LessThanEquals", Relation::LessThanEquals),
    ("GreaterThanEquals", Relation::GreaterThanEquals),
];

const TESTS: [(&str, Operator); 7] = [
    ("StringMatches", Operator::StringMatches),
    ("IsNull", Operator::IsNull),
    ("IsPresent", Operator::IsPresent),
    ("IsNumeric", Operator::IsNumeric),
    ("IsString", Operator::IsString),
    ("IsBoolean", Operator::IsBoolean),
    ("IsTimestamp", Operator::IsTimestamp),
];

impl Operator {
    /// The operator a member's name says, without the `Path` that may end it.
    fn parse(name: &str) -> Option<Self> {
        if let Some((_, test)) = TESTS.iter().find(|(test, _)| *test == name) {
            return Some(*test);
        }
        let families = [
            ("String", Family::String),
            ("Numeric", Family::Numeric),
            ("Boolean", Family::Boolean),
            ("Timestamp", Family::Timestamp),
        ];
        families.into_iter().find_map(|(prefix, family)| {
            let relation = name.strip_prefix(prefix)?;
            let (_, relation) = RELATIONS
                .iter()
                .find(|(relation_name, _)| *relation_name == relation)?;
            let exists = family != Family::Boolean || *relation == Relation::Equals;
            exists.then_some(Self::Compare(family, *relation))
        })
    }

    /// The JSON type its literal has to have.
    fn takes(self, literal: &Value) -> Result<(), &'static str> {
        let (fits, expected) = match self {
            Self::Compare(Family::String, _) | Self::StringMatches => {
                (literal.is_string(), "String")
            }
            Self::Compare(Family::Numeric, _) => (literal.is_number(), "Number"),
            Self::Compare(Family::Timestamp, _) => (
                literal.as_str().and_then(timestamp::parse).is_some(),
                "Timestamp",
            ),
            _ => (literal.is_boolean(), "Boolean"),
        };
        if fits { Ok(()) } else { Err(expected) }
    }
}

/// What says which kind of rule it is.
const SELECTORS: [&str; 4] = ["And", "Or", "Not", "Variable"];

impl Choice {
    pub const FIELDS: Fields = Fields {
        any: &["Assign", "Choices", "Default"],
        json_path: &["InputPath", "OutputPath"],
        jsonata: &["Output"],
    };

    pub fn read(reader: &Reader) -> Option<Self> {
        reader.require(&["Choices"]);
        let choices = reader.array("Choices")?;
        if choices.is_empty() {
            reader.mistake_at("Choices", reader::EMPTY);
            return None;
        }
        let rules: Vec<_> = reader
            .objects("Choices")
            .iter()
            .filter_map(Rule::read)
            .collect();
        if rules.len() != choices.len() {
            return None;
        }
        Some(Self {
            rules,
            default: reader.text("Default").map(str::to_owned),
        })
    }
}

impl Rule {
    fn read(reader: &Reader) -> Option<Self> {
        let complete = reader.require(&["Next"]);
        let condition = match reader.language {
            QueryLanguage::JsonPath => Condition::read(reader, &["Next", "Assign", "Comment"]),
            QueryLanguage::Jsonata => {
                if !reader.refuse_foreign(&["Variable"], QueryLanguage::JsonPath) {
                    reader.allow_only(&["Condition", "Next", "Assign", "Output", "Comment"]);
                    reader.require(&["Condition"]);
                }
                jsonata_condition(reader)
            }
        };
        let rule = Self {
            condition: condition?,
            next: reader.text("Next")?.to_owned(),
            assign: variables::read(reader, Sees::default()),
            output: reader.template("Output"),
        };
        complete.then_some(rule)
    }
}

fn jsonata_condition(reader: &Reader) -> Option<Condition> {
    if let Some(constant) = reader.value("Condition")?.as_bool() {
        return Some(Condition::Constant(constant));
    }
    match reader.template("Condition")? {
        template @ Template::Jsonata(_) => Some(Condition::Jsonata(template)),
        _ => {
            reader.mistake_at(
                "Condition",
                "Expected value of type Boolean or a JSONata expression",
            );
            None
        }
    }
}

impl Condition {
    /// Reads the one test of the object; `beside` are members that are none.
    fn read(reader: &Reader, beside: &[&str]) -> Option<Self> {
        with_stack(|| Self::read_from(reader, beside))
    }

    fn read_from(reader: &Reader, beside: &[&str]) -> Option<Self> {
        if reader.refuse_foreign(&["Condition", "Output"], QueryLanguage::Jsonata) {
            return None;
        }
        let given: Vec<_> = SELECTORS
            .into_iter()
            .filter(|name| reader.has(name))
            .collect();
        let [selector] = given[..] else {
            reader.mistake(format!(
                "The object must have only one of the following fields, [{}, Condition]",
                SELECTORS.join(", ")
            ));
            return None;
        };
        let others = reader.members.keys().map(String::as_str);
        let others: Vec<_> = others
            .filter(|name| *name != selector && !beside.contains(name))
            .collect();
        if selector == "Variable" {
            return Self::comparison(reader, &others);
        }
        if let Some(other) = others.first() {
            reader.mistake(format!("Field '{other}' is not supported"));
            return None;
        }
        match selector {
            "And" => Self::nested(reader, selector).map(Self::And),
            "Or" => Self::nested(reader, selector).map(Self::Or),
            _ => Self::read(&reader.object(selector)?, &["Comment"])
                .map(|inner| Self::Not(Box::new(inner))),
        }
    }

    /// The one comparison among the members beside `Variable`.
    fn comparison(reader: &Reader, names: &[&str]) -> Option<Self> {
        let is_operator = |name: &str| {
            let plain = name.strip_suffix("Path").unwrap_or(name);
            Operator::parse(plain).is_some()
        };
        if let Some(other) = names.iter().find(|name| !is_operator(name)) {
            reader.mistake(format!("Field '{other}' is not supported"));
            return None;
        }
        match names {
            [name] => Self::test(reader, name),
            [] => {
                reader.mistake("Exactly one comparison operator is required");
                None
            }
            _ => {
                reader.at_most_one(names);
                None
            }
        }
    }

    fn nested(reader: &Reader, name: &str) -> Option<Vec<Self>> {
        let length = reader.array(name)?.len();
        if length == 0 {
            reader.mistake_at(name, reader::EMPTY);
        }
        let inner: Vec<_> = reader
            .objects(name)
            .iter()
            .filter_map(|inner| Self::read(inner, &["Comment"]))
            .collect();
        (inner.len() == length && length > 0).then_some(inner)
    }

    fn test(reader: &Reader, name: &str) -> Option<Self> {
        let plain = name.strip_suffix("Path");
        let Some(operator) = Operator::parse(plain.unwrap_or(name)) else {
            reader.mistake(format!("Field '{name}' is not supported"));
            return None;
        };
        let operand = match plain {
            Some(_) if !matches!(operator, Operator::Compare(..)) => {
                reader.mistake(format!("Field '{name}' is not supported"));
                return None;
            }
            Some(_) => Operand::Path(operand_path(reader, name)?),
            None => {
                let literal = reader.value(name)?;
                if let Err(expected) = operator.takes(literal) {
                    reader.mistake_at(name, format!("Expected value of type {expected}"));
                    return None;
                }
                warnings::not_a_path(reader, name);
                Operand::Literal(literal.clone())
            }
        };
        Some(Self::Test {
            variable: reader.path("Variable")?,
            operator,
            operand,
        })
    }
}

fn operand_path(reader: &Reader, name: &str) -> Option<PathField> {
    let text = reader.text(name)?;
    match crate::query::PathExpression::parse(text) {
        Ok(expression @ crate::query::PathExpression::Path(_)) => Some(PathField {
            field: "Variable",
            text: text.to_owned(),
            expression,
        }),
        _ => {
            reader.mistake_at(name, reader::NOT_A_PATH);
            None
        }
    }
}
