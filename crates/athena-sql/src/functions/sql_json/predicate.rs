//! The filters of SQL/JSON paths. An error within one leaves it unknown, in either mode. (Trino's
//! `PathPredicateEvaluationVisitor`.)

use std::cmp::Ordering;

use super::evaluate::{Around, Evaluation};
use super::item::{Item, Json};
use super::path::{Operator, Path, Predicate, deeper};
use crate::ErrorKind;
use crate::error::Error;
use crate::functions::cast::cast_value;
use crate::types::{Type, Value, common_super_type};

impl Evaluation<'_> {
    /// Whether a predicate holds; nothing where that is unknown.
    pub fn predicate(
        &self,
        predicate: &Predicate,
        around: Around<'_>,
    ) -> Result<Option<bool>, Error> {
        deeper(|| self.predicate_by_kind(predicate, around))
    }

    fn predicate_by_kind(
        &self,
        predicate: &Predicate,
        around: Around<'_>,
    ) -> Result<Option<bool>, Error> {
        Ok(match predicate {
            Predicate::Compare {
                operator,
                left,
                right,
            } => self.compare(*operator, left, right, around)?,
            Predicate::StartsWith { whole, start } => self.starts_with(whole, start, around)?,
            Predicate::Exists(path) => {
                let found = known(self.path(path, around))?;
                found.map(|items| !items.is_empty())
            }
            Predicate::And(left, right) => self.either(false, [left, right], around)?,
            Predicate::Or(left, right) => self.either(true, [left, right], around)?,
            Predicate::Not(inner) => self.predicate(inner, around)?.map(|holds| !holds),
            Predicate::IsUnknown(inner) => Some(self.predicate(inner, around)?.is_none()),
        })
    }

    /// `decisive` where one of the two is, unknown where one is open, else the opposite.
    fn either(
        &self,
        decisive: bool,
        terms: [&Predicate; 2],
        around: Around<'_>,
    ) -> Result<Option<bool>, Error> {
        let mut open = false;
        for term in terms {
            match self.predicate(term, around)? {
                Some(holds) if holds == decisive => return Ok(Some(decisive)),
                Some(_) => {}
                None => open = true,
            }
        }
        Ok(if open { None } else { Some(!decisive) })
    }

    fn compare(
        &self,
        operator: Operator,
        left: &Path,
        right: &Path,
        around: Around<'_>,
    ) -> Result<Option<bool>, Error> {
        let Some(left) = known(self.path(left, around))? else {
            return Ok(None);
        };
        let Some(right) = known(self.path(right, around))? else {
            return Ok(None);
        };
        let (left, right) = (self.unwrapped(left), self.unwrapped(right));
        let (a, b) = (Shape::of(&left), Shape::of(&right));
        let incomparable = (a.structure && (b.structure || b.scalar)) || (a.scalar && b.structure);
        if incomparable {
            return Ok(None);
        }
        let mut found = match operator {
            Operator::Equal => a.null && b.null,
            Operator::NotEqual => {
                (a.null && (b.scalar || b.structure)) || (b.null && (a.scalar || a.structure))
            }
            _ => false,
        };
        if found && self.is_lax() {
            return Ok(Some(true));
        }
        if !a.scalar || !b.scalar {
            return Ok(Some(found));
        }
        let (Some(left), Some(right)) = (scalars(&left), scalars(&right)) else {
            return Ok(None);
        };
        for a in &left {
            for b in &right {
                match holds(operator, a, b) {
                    None => return Ok(None),
                    Some(true) if self.is_lax() => return Ok(Some(true)),
                    Some(true) => found = true,
                    Some(false) => {}
                }
            }
        }
        Ok(Some(found))
    }

    fn starts_with(
        &self,
        whole: &Path,
        start: &Path,
        around: Around<'_>,
    ) -> Result<Option<bool>, Error> {
        let Some(wholes) = known(self.path(whole, around))? else {
            return Ok(None);
        };
        let Some(starts) = known(self.path(start, around))? else {
            return Ok(None);
        };
        let [start] = starts.as_slice() else {
            return Ok(None);
        };
        let Some(start) = text(start) else {
            return Ok(None);
        };
        let mut found = false;
        for item in self.unwrapped(wholes) {
            let Some(whole) = text(&item) else {
                return Ok(None);
            };
            found |= whole.starts_with(start.as_str());
            if found && self.is_lax() {
                break;
            }
        }
        Ok(Some(found))
    }
}

/// Which kinds of items there are.
struct Shape {
    null: bool,
    scalar: bool,
    structure: bool,
}

impl Shape {
    fn of(items: &[Item]) -> Self {
        let mut shape = Self {
            null: false,
            scalar: false,
            structure: false,
        };
        for item in items {
            match item {
                Item::Json(Json::Null) => shape.null = true,
                Item::Json(Json::Array(_) | Json::Object(_)) => shape.structure = true,
                Item::Json(_) | Item::Sql(..) => shape.scalar = true,
            }
        }
        shape
    }
}

/// The values of the scalars; nothing where one has none in SQL.
fn scalars(items: &[Item]) -> Option<Vec<(Type, Value)>> {
    items
        .iter()
        .filter(|item| !matches!(item, Item::Json(Json::Null)))
        .map(Item::scalar)
        .collect()
}

/// Compares as SQL does; nothing where the types do not.
fn holds(operator: Operator, a: &(Type, Value), b: &(Type, Value)) -> Option<bool> {
    let common = common_super_type(&a.0, &b.0)?;
    let left = cast_value(&a.1, &a.0, &common).ok()?;
    let right = cast_value(&b.1, &b.0, &common).ok()?;
    match operator {
        Operator::Equal if common.is_comparable() => left.equals(&right),
        Operator::NotEqual if common.is_comparable() => left.equals(&right).map(|equal| !equal),
        Operator::Equal | Operator::NotEqual => None,
        _ if !common.is_orderable() => None,
        _ => {
            let order = left.compare(&right);
            Some(match operator {
                Operator::Less => order == Some(Ordering::Less),
                Operator::Greater => order == Some(Ordering::Greater),
                Operator::LessOrEqual => order.is_some_and(Ordering::is_le),
                _ => order.is_some_and(Ordering::is_ge),
            })
        }
    }
}

fn text(item: &Item) -> Option<String> {
    match item {
        Item::Json(Json::String(text)) => Some(text.to_string()),
        Item::Sql(data_type @ (Type::Varchar(_) | Type::Char(_)), value) => {
            match Json::of(data_type, value)? {
                Json::String(text) => Some(text.to_string()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Nothing where an evaluation fails for its input's sake.
fn known<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ErrorKind::User => Ok(None),
        Err(error) => Err(error),
    }
}
