//! The conditions of `[?( … )]`, with Jayway's operators.

use std::{borrow::Cow, cmp::Ordering};

use regex::{Regex, RegexBuilder};
use serde_json::{Number, Value};

use super::{Invalid, Search, Segment, is_definite, is_scalar, parser::Cursor, select};
use crate::number;

#[derive(Clone, Debug)]
pub(crate) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Exists(Operand),
    Compare(Operand, Operator, Operand),
    Matches(Operand, Regex),
}

#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Literal(Value),
    /// `@…`: below the item that is looked at.
    Item(Vec<Segment>),
    /// `$…`: below the whole document.
    Document(Vec<Segment>),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Contains,
    SubsetOf,
    AnyOf,
    NoneOf,
    Size,
    Empty,
}

/// Longer spellings first, so that `<=` is not read as `<`.
const OPERATORS: &[(&str, Operator)] = &[
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("in ", Operator::In),
    ("nin ", Operator::NotIn),
    ("contains ", Operator::Contains),
    ("subsetof ", Operator::SubsetOf),
    ("anyof ", Operator::AnyOf),
    ("noneof ", Operator::NoneOf),
    ("size ", Operator::Size),
    ("empty ", Operator::Empty),
];

impl Filter {
    pub(super) fn parse(cursor: &mut Cursor) -> Result<Self, Invalid> {
        let mut parts = vec![Self::conjunction(cursor)?];
        loop {
            cursor.skip_space();
            if !cursor.take("||") {
                break;
            }
            parts.push(Self::conjunction(cursor)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Self::Or(parts)
        })
    }

    fn conjunction(cursor: &mut Cursor) -> Result<Self, Invalid> {
        let mut parts = vec![Self::term(cursor)?];
        loop {
            cursor.skip_space();
            if !cursor.take("&&") {
                break;
            }
            parts.push(Self::term(cursor)?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Self::And(parts)
        })
    }

    fn term(cursor: &mut Cursor) -> Result<Self, Invalid> {
        cursor.skip_space();
        if cursor.take("!") {
            return Ok(Self::Not(Box::new(cursor.within(Self::term)?)));
        }
        if cursor.take("(") {
            let inner = cursor.within(Self::parse)?;
            cursor.skip_space();
            return if cursor.take(")") {
                Ok(inner)
            } else {
                Err(cursor.invalid("')' is missing"))
            };
        }
        let left = operand(cursor)?;
        cursor.skip_space();
        if cursor.take("=~") {
            cursor.skip_space();
            return Ok(Self::Matches(left, pattern(cursor)?));
        }
        for (spelling, operator) in OPERATORS {
            if cursor.take(spelling) {
                return Ok(Self::Compare(left, *operator, operand(cursor)?));
            }
        }
        if matches!(left, Operand::Literal(_)) {
            return Err(cursor.invalid("a comparison is missing"));
        }
        Ok(Self::Exists(left))
    }

    pub fn accepts(&self, item: &Value, search: Search<'_>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.accepts(item, search)),
            Self::Or(parts) => parts.iter().any(|part| part.accepts(item, search)),
            Self::Not(inner) => !inner.accepts(item, search),
            Self::Exists(operand) => operand.value(item, search).is_some(),
            Self::Matches(operand, pattern) => {
                let found = operand.value(item, search);
                matches!(
                    found.as_ref().and_then(Found::one),
                    Some(Value::String(text)) if search.take(weight(text)) && pattern.is_match(text)
                )
            }
            Self::Compare(left, operator, right) => {
                let (left, right) = (left.value(item, search), right.value(item, search));
                operator.holds(left.as_ref(), right.as_ref(), search)
            }
        }
    }
}

/// What an operand stands for.
enum Found<'v> {
    One(Cow<'v, Value>),
    /// What an indefinite path selects: an array of it.
    All(Vec<Cow<'v, Value>>),
}

/// How many comparisons with the items of a list are a step.
const COMPARISONS: usize = 4;

/// How many steps it is to go through a text.
fn weight(text: &str) -> u64 {
    text.len() as u64 / 64
}

impl Found<'_> {
    fn one(&self) -> Option<&Value> {
        match self {
            Self::One(value) => Some(&**value),
            Self::All(_) => None,
        }
    }

    /// The items of an array.
    fn items(&self) -> Option<Box<dyn Iterator<Item = &Value> + '_>> {
        match self {
            Self::One(value) => {
                let items = value.as_array()?;
                Some(Box::new(items.iter()))
            }
            Self::All(values) => Some(Box::new(values.iter().map(|value| &**value))),
        }
    }

    fn length(&self) -> Option<usize> {
        match (self, self.one()) {
            (Self::All(values), _) => Some(values.len()),
            (_, Some(Value::Array(items))) => Some(items.len()),
            (_, Some(Value::String(text))) => Some(text.chars().count()),
            _ => None,
        }
    }

    fn weight(&self) -> u64 {
        self.one().and_then(Value::as_str).map_or(0, weight)
    }

    fn equals(&self, other: &Found<'_>, search: Search<'_>) -> bool {
        if let (Some(left), Some(right)) = (self.one(), other.one()) {
            return (is_scalar(left) || is_scalar(right) || search.walk(left))
                && equal(left, right);
        }
        let (Some(mut left), Some(mut right)) = (self.items(), other.items()) else {
            return false;
        };
        loop {
            match (left.next(), right.next()) {
                (None, None) => return true,
                (Some(left), Some(right)) if search.walk(left) && left == right => {}
                _ => return false,
            }
        }
    }

    /// Whether an array has the item.
    fn has(&self, wanted: &Found<'_>, search: Search<'_>) -> bool {
        let Some(items) = self.items() else {
            return false;
        };
        items
            .enumerate()
            .take_while(|(index, _)| !index.is_multiple_of(COMPARISONS) || search.step())
            .any(|(_, item)| Found::One(Cow::Borrowed(item)).equals(wanted, search))
    }

    /// Whether an array has one of the other's items.
    fn has_any(&self, other: &Found<'_>, search: Search<'_>) -> bool {
        other.items().is_some_and(|mut items| {
            items.any(|item| self.has(&Found::One(Cow::Borrowed(item)), search))
        })
    }

    /// Whether an array has all of the other's items, if that is one.
    fn has_all(&self, other: &Found<'_>, search: Search<'_>) -> bool {
        other.items().is_some_and(|mut items| {
            items.all(|item| self.has(&Found::One(Cow::Borrowed(item)), search))
        })
    }
}

impl Operator {
    fn holds(
        self,
        left: Option<&Found<'_>>,
        right: Option<&Found<'_>>,
        search: Search<'_>,
    ) -> bool {
        let (Some(left), Some(right)) = (left, right) else {
            // What is not there equals nothing, and is in no list.
            return match self {
                Self::NotEqual => true,
                Self::NotIn => right.is_some(),
                _ => false,
            };
        };
        if !search.take(left.weight() + right.weight()) {
            return false;
        }
        let order = || order(left.one()?, right.one()?);
        match self {
            Self::Equal => left.equals(right, search),
            Self::NotEqual => !left.equals(right, search),
            Self::Less => order() == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
            Self::Greater => order() == Some(Ordering::Greater),
            Self::GreaterOrEqual => {
                matches!(order(), Some(Ordering::Greater | Ordering::Equal))
            }
            Self::In => right.has(left, search),
            Self::NotIn => !right.has(left, search),
            Self::Contains => match left.one() {
                Some(Value::String(text)) => right
                    .one()
                    .and_then(Value::as_str)
                    .is_some_and(|part| text.contains(part)),
                _ => left.has(right, search),
            },
            Self::SubsetOf => right.has_all(left, search),
            Self::AnyOf => right.has_any(left, search),
            Self::NoneOf => !right.has_any(left, search),
            Self::Size => {
                let size = right.one().and_then(Value::as_u64);
                left.length().is_some() && left.length() == size.map(|size| size as usize)
            }
            Self::Empty => left
                .length()
                .is_some_and(|length| Some(length == 0) == right.one().and_then(Value::as_bool)),
        }
    }
}

/// A text and a number are compared as what stands on the left is.
///
/// Source: `ValueNodes` of Jayway's JsonPath.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(text), Value::Number(number)) => *text == number.to_string(),
        (Value::Number(number), Value::String(text)) => text
            .parse::<Number>()
            .is_ok_and(|text| number::order(number, &text) == Some(Ordering::Equal)),
        (Value::Number(left), Value::Number(right)) => {
            number::order(left, right) == Some(Ordering::Equal)
        }
        _ => left == right,
    }
}

/// A number beside a text is one.
///
/// Source: `EvaluatorFactory` of Jayway's JsonPath.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    // As Java compares texts.
    let texts = |left: &str, right: &str| Some(left.encode_utf16().cmp(right.encode_utf16()));
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => number::order(left, right),
        (Value::String(left), Value::String(right)) => texts(left, right),
        (Value::String(text), Value::Number(number)) => texts(text, &number.to_string()),
        (Value::Number(number), Value::String(text)) => texts(&number.to_string(), text),
        _ => None,
    }
}

impl Operand {
    /// What it stands for, without a copy of it.
    fn value<'v>(&'v self, item: &'v Value, search: Search<'v>) -> Option<Found<'v>> {
        let (segments, root) = match self {
            Self::Literal(value) => return Some(Found::One(Cow::Borrowed(value))),
            Self::Item(segments) => (segments, item),
            Self::Document(segments) => (segments, search.document),
        };
        let mut found = select(segments, root, search);
        if is_definite(segments) {
            found.pop().map(Found::One)
        } else {
            Some(Found::All(found))
        }
    }
}

fn operand(cursor: &mut Cursor) -> Result<Operand, Invalid> {
    cursor.skip_space();
    let ends_name = |c: char| c.is_whitespace() || ".[]()=!<>&|,".contains(c);
    if cursor.take("@") {
        return Ok(Operand::Item(cursor.segments(&ends_name)?));
    }
    if cursor.take("$") {
        return Ok(Operand::Document(cursor.segments(&ends_name)?));
    }
    literal(cursor).map(Operand::Literal)
}

fn literal(cursor: &mut Cursor) -> Result<Value, Invalid> {
    cursor.skip_space();
    if matches!(cursor.peek(), Some('\'' | '"')) {
        return cursor.quoted().map(Value::String);
    }
    if cursor.take("[") {
        let mut items = Vec::new();
        cursor.skip_space();
        while !cursor.take("]") {
            items.push(cursor.within(literal)?);
            cursor.skip_space();
            cursor.take(",");
            cursor.skip_space();
            if cursor.is_done() {
                return Err(cursor.invalid("']' is missing"));
            }
        }
        return Ok(Value::Array(items));
    }
    let word = cursor.take_while(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    match serde_json::from_str(&word) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => Ok(value),
        _ => Err(cursor.invalid("a value is missing")),
    }
}

fn pattern(cursor: &mut Cursor) -> Result<Regex, Invalid> {
    if !cursor.take("/") {
        return Err(cursor.invalid("a pattern starts with '/'"));
    }
    let mut text = String::new();
    loop {
        text += &cursor.take_while(|c| c != '/' && c != '\\');
        if cursor.take("\\/") {
            text.push('/');
        } else if cursor.take("\\") {
            text.push('\\');
            text.extend(cursor.peek());
            cursor.take(&cursor.peek().map(String::from).unwrap_or_default());
        } else if cursor.take("/") {
            break;
        } else {
            return Err(cursor.invalid("a pattern does not end"));
        }
    }
    let flags = cursor.take_while(|c| c.is_ascii_alphabetic());
    // Jayway matches the whole text.
    RegexBuilder::new(&format!("^(?:{text})$"))
        .case_insensitive(flags.contains('i'))
        .dot_matches_new_line(flags.contains('s'))
        .multi_line(flags.contains('m'))
        .build()
        .map_err(|error| Invalid(error.to_string()))
}
