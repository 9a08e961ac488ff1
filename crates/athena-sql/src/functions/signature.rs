//! Signatures in Trino's terms, and how a call's types fit them.
//!
//! `map_filter(map(K, V), function(K, V, boolean)) -> map(K, V)`: a capital letter is a type
//! variable (`E:orderable` and `E:comparable` constrain it), a type that has parameters stands
//! without them for all of its kind (`decimal`, `varchar`), three dots repeat the last parameter.

use crate::types::{RowField, Type, can_coerce, common_super_type, parse};

/// A type with holes.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    Variable(String),
    /// Any `decimal(p,s)`, any `varchar(n)`, …: the base name.
    Family(Type),
    Exact(Type),
    Array(Box<Pattern>),
    Map(Box<Pattern>, Box<Pattern>),
    Row(Vec<Pattern>),
    Function(Vec<Pattern>, Box<Pattern>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    Comparable,
    Orderable,
}

#[derive(Clone, Debug)]
pub struct Signature {
    pub name: String,
    pub parameters: Vec<Pattern>,
    /// Whether the last parameter may come any number of times, also not at all.
    pub variadic: bool,
    pub result: Pattern,
    pub constraints: Vec<(String, Constraint)>,
    text: String,
}

impl Signature {
    /// Reads a signature written in code.
    ///
    /// # Panics
    /// On a text that is none: a fault of the program, which a test of the whole list finds.
    pub fn new(text: &str) -> Self {
        Self::read(text).unwrap_or_else(|| panic!("not a signature: {text}"))
    }

    fn read(text: &str) -> Option<Self> {
        let mut constraints = Vec::new();
        let (head, result) = text.rsplit_once("->")?;
        let (name, parameters) = head.trim().split_once('(')?;
        let parameters = parameters.strip_suffix(')')?;
        let variadic = parameters.ends_with("...");
        let parameters = parameters.trim_end_matches("...");
        let parameters = split(parameters)
            .into_iter()
            .map(|p| pattern(p, &mut constraints))
            .collect::<Option<Vec<_>>>()?;
        let result = pattern(result, &mut constraints)?;
        Some(Self {
            name: name.trim().to_owned(),
            parameters,
            variadic,
            result,
            constraints,
            text: head.trim().trim_end_matches("...").to_owned(),
        })
    }

    /// The parameter that takes argument number `index` of `count`.
    pub fn parameter(&self, index: usize) -> &Pattern {
        &self.parameters[index.min(self.parameters.len() - 1)]
    }

    pub fn takes(&self, count: usize) -> bool {
        if self.variadic {
            count + 1 >= self.parameters.len()
        } else {
            count == self.parameters.len()
        }
    }

    /// As Trino lists what it expected.
    pub fn expected(&self) -> String {
        self.text.clone()
    }
}

fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    if !text[start..].trim().is_empty() {
        parts.push(text[start..].trim());
    }
    parts
}

fn pattern(text: &str, constraints: &mut Vec<(String, Constraint)>) -> Option<Pattern> {
    let text = text.trim();
    if text.starts_with(|c: char| c.is_ascii_uppercase()) && text != "JsonPath" {
        let (name, constraint) = text.split_once(':').unwrap_or((text, ""));
        match constraint {
            "" => {}
            "comparable" => constraints.push((name.to_owned(), Constraint::Comparable)),
            "orderable" => constraints.push((name.to_owned(), Constraint::Orderable)),
            _ => return None,
        }
        return Some(Pattern::Variable(name.to_owned()));
    }
    if let Some((head, inner)) = text.strip_suffix(')').and_then(|t| t.split_once('(')) {
        let mut inner_patterns = || {
            split(inner)
                .into_iter()
                .map(|p| pattern(p, constraints))
                .collect::<Option<Vec<_>>>()
        };
        match head.trim() {
            "array" => return Some(Pattern::Array(Box::new(inner_patterns()?.pop()?))),
            "map" => {
                let mut parts = inner_patterns()?;
                let value = parts.pop()?;
                return Some(Pattern::Map(Box::new(parts.pop()?), Box::new(value)));
            }
            "row" => return Some(Pattern::Row(inner_patterns()?)),
            "function" => {
                let mut parts = inner_patterns()?;
                let result = parts.pop()?;
                return Some(Pattern::Function(parts, Box::new(result)));
            }
            _ => {}
        }
    }
    match text {
        "decimal"
        | "varchar"
        | "char"
        | "time"
        | "timestamp"
        | "time with time zone"
        | "timestamp with time zone" => parse(text).ok().map(Pattern::Family),
        _ => parse(text).ok().map(Pattern::Exact),
    }
}

/// What the variables stand for.
#[derive(Clone, Debug, Default)]
pub struct Bindings(Vec<(String, Type)>);

impl Bindings {
    pub fn get(&self, name: &str) -> Option<&Type> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, t)| t)
    }

    fn set(&mut self, name: &str, data_type: Type) {
        match self.0.iter_mut().find(|(n, _)| n == name) {
            Some(slot) => slot.1 = data_type,
            None => self.0.push((name.to_owned(), data_type)),
        }
    }
}

impl Pattern {
    pub fn is_function(&self) -> bool {
        matches!(self, Self::Function(..))
    }

    /// Lets the pattern take an argument's type, binding variables. With `coerce`, by implicit
    /// conversion too.
    pub fn accept(&self, actual: &Type, bindings: &mut Bindings, coerce: bool) -> bool {
        if *actual == Type::Unknown && !matches!(self, Self::Variable(_)) {
            // A bare NULL is of any type, by conversion.
            return coerce && !self.is_function();
        }
        match self {
            Self::Variable(name) => match bindings.get(name).cloned() {
                None => {
                    bindings.set(name, actual.clone());
                    true
                }
                Some(bound) if bound == *actual => true,
                Some(bound) if coerce => match common_super_type(&bound, actual) {
                    Some(both) => {
                        bindings.set(name, both);
                        true
                    }
                    None => false,
                },
                Some(_) => false,
            },
            Self::Exact(wanted) => wanted == actual || (coerce && can_coerce(actual, wanted)),
            Self::Family(family) => {
                family.base_name() == actual.base_name()
                    || (coerce && into_family(actual, family).is_some())
            }
            Self::Array(element) => match actual {
                Type::Array(e) => element.accept(e, bindings, coerce),
                _ => false,
            },
            Self::Map(key, value) => match actual {
                Type::Map(k, v) => {
                    key.accept(k, bindings, coerce) && value.accept(v, bindings, coerce)
                }
                _ => false,
            },
            Self::Row(fields) => match actual {
                Type::Row(actual) => {
                    actual.len() == fields.len()
                        && fields
                            .iter()
                            .zip(actual)
                            .all(|(f, a)| f.accept(&a.data_type, bindings, coerce))
                }
                _ => false,
            },
            Self::Function(..) => false,
        }
    }

    /// The type an argument is converted to, once everything is bound.
    pub fn resolve(&self, actual: Option<&Type>, bindings: &Bindings) -> Type {
        match self {
            Self::Variable(name) => bindings.get(name).cloned().unwrap_or(Type::Unknown),
            Self::Exact(wanted) => wanted.clone(),
            Self::Family(family) => match actual {
                Some(actual) if actual.base_name() == family.base_name() => actual.clone(),
                Some(actual) => into_family(actual, family).unwrap_or_else(|| family.clone()),
                None => family.clone(),
            },
            Self::Array(element) => {
                let inner = match actual {
                    Some(Type::Array(e)) => Some(&**e),
                    _ => None,
                };
                Type::array(element.resolve(inner, bindings))
            }
            Self::Map(key, value) => {
                let (k, v) = match actual {
                    Some(Type::Map(k, v)) => (Some(&**k), Some(&**v)),
                    _ => (None, None),
                };
                Type::map(key.resolve(k, bindings), value.resolve(v, bindings))
            }
            Self::Row(fields) => Type::Row(
                fields
                    .iter()
                    .enumerate()
                    .map(|(i, f)| {
                        let actual = match actual {
                            Some(Type::Row(fields)) => fields.get(i),
                            _ => None,
                        };
                        RowField {
                            name: actual.and_then(|a| a.name.clone()),
                            data_type: f.resolve(actual.map(|a| &a.data_type), bindings),
                        }
                    })
                    .collect(),
            ),
            Self::Function(parameters, result) => Type::Function(
                parameters
                    .iter()
                    .map(|p| p.resolve(None, bindings))
                    .collect(),
                Box::new(result.resolve(None, bindings)),
            ),
        }
    }
}

/// The member of a family (`decimal`, `varchar`, `timestamp(p)`) that a type converts into.
fn into_family(actual: &Type, family: &Type) -> Option<Type> {
    let wanted = match (actual, family) {
        (Type::Unknown, _) => family.clone(),
        (a, Type::Decimal(..)) => {
            let (p, s) = a.integer_as_decimal()?;
            Type::Decimal(p, s)
        }
        (Type::Varchar(n), Type::Char(_)) => Type::Char(n.unwrap_or(65_536)),
        (Type::Date, Type::Timestamp(_)) => Type::Timestamp(0),
        (Type::Date, Type::TimestampTz(_)) => Type::TimestampTz(0),
        (Type::Timestamp(p), Type::TimestampTz(_)) => Type::TimestampTz(*p),
        (Type::Time(p), Type::TimeTz(_)) => Type::TimeTz(*p),
        _ => return None,
    };
    can_coerce(actual, &wanted).then_some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_widens_to_what_holds_all_arguments() {
        let signature = Signature::new("f(array(E), E) -> array(E)");
        let mut bindings = Bindings::default();
        let array = Type::array(Type::Integer);
        assert!(signature.parameters[0].accept(&array, &mut bindings, true));
        assert!(signature.parameters[1].accept(&Type::Bigint, &mut bindings, true));
        assert_eq!(
            signature.result.resolve(None, &bindings),
            Type::array(Type::Bigint)
        );
    }

    #[test]
    fn a_family_takes_any_parameters() {
        let signature = Signature::new("f(decimal, varchar...) -> varchar");
        let mut bindings = Bindings::default();
        assert!(signature.parameters[0].accept(&Type::Decimal(5, 2), &mut bindings, false));
        assert!(!signature.parameters[0].accept(&Type::Bigint, &mut bindings, false));
        assert!(signature.parameters[0].accept(&Type::Bigint, &mut bindings, true));
        assert!(signature.takes(1) && signature.takes(5));
    }
}
