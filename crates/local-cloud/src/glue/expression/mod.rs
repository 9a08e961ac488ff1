//! GetPartitions' `Expression`: a filter on the values of partition keys.
//!
//! Source: AWS Glue API, GetPartitions: comparisons, `AND`, `OR`, `NOT`, `IN`, `BETWEEN`, `LIKE`,
//! `IS NULL` and parentheses, over keys of the types string, date, timestamp, the integers and
//! decimal, read by JSQLParser. The words of its errors are those that users of AWS report.
//!
//! `__HIVE_DEFAULT_PARTITION__` is a text like any other to a key of the type string, and
//! `IS NULL` holds for no partition (github.com/trinodb/trino/issues/13150,
//! github.com/aws/aws-sdk/issues/670): `country = '__HIVE_DEFAULT_PARTITION__'` is how clients
//! ask for the partitions without a value. To keys of other types it is no value, and compares
//! to none.

mod parse;
mod ranges;
mod value;

use ranges::Ranges;
pub(in crate::glue) use value::Kind;

use super::errors;
use super::partition_key::{self, Part};
use crate::error::ServiceError;
use crate::model::glue::Column;

/// A filter whose columns are found and whose literals are of their types.
#[derive(Debug)]
pub(super) struct Expression {
    condition: Condition,
    /// For each key, the values with which the condition can hold.
    ranges: Vec<Ranges>,
}

#[derive(Debug, PartialEq)]
enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    /// Literals are as [`partition_key::write_typed`] writes them.
    Compare(Key, Operator, Vec<u8>),
    In(Key, Vec<Vec<u8>>),
    Between(Key, Vec<u8>, Vec<u8>),
    Like(Key, Vec<char>),
    /// Of `IS NULL`: it holds for no partition.
    Never,
}

/// A partition key: its place among the values, and how they compare.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    index: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    /// The operator with its sides exchanged.
    fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

/// What is to be done at a key of the index.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The partition passes.
    Take,
    /// No partition before this key passes.
    SkipTo(Vec<u8>),
    /// No partition behind passes.
    End,
}

/// What may come out of a condition of which only some values are known: a set of these.
type Outcomes = u8;
const TRUE: Outcomes = 1;
const FALSE: Outcomes = 2;
/// SQL's unknown.
const UNKNOWN: Outcomes = 4;
const ANY: Outcomes = TRUE | FALSE | UNKNOWN;

impl Expression {
    /// Reads a filter over these partition keys.
    pub fn parse(text: &str, keys: &[Column]) -> Result<Self, ServiceError> {
        let condition = parse::condition(text, keys).map_err(errors::invalid_input)?;
        let ranges = (0..keys.len())
            .map(|index| Ranges::of(&condition, index))
            .collect();
        Ok(Self { condition, ranges })
    }

    /// Looks at a partition, and says where the walk over the index goes on.
    ///
    /// A value that is not of its key's type fails the request, as on AWS.
    pub fn step(&self, key: &[u8]) -> Result<Step, ServiceError> {
        let parts = partition_key::parts(key);
        if self.condition.outcomes(&parts, usize::MAX)? == TRUE {
            return Ok(Step::Take);
        }
        // The first values that decide it already decide it for all partitions that have them.
        let mut depth = parts.len().saturating_sub(1);
        for known in 1..parts.len() {
            // A value that is not of its type decides nothing: it did no harm above.
            let outcomes = self.condition.outcomes(&parts, known).unwrap_or(ANY);
            if outcomes & TRUE == 0 {
                depth = known - 1;
                break;
            }
        }
        Ok(self.next(key, &parts, depth))
    }

    /// The next key that may pass, where no other with the values up to `depth` does.
    fn next(&self, key: &[u8], parts: &[Part<'_>], depth: usize) -> Step {
        for (depth, part) in parts.iter().enumerate().take(depth + 1).rev() {
            match self
                .ranges
                .get(depth)
                .map_or(ranges::Next::Within, |r| r.next(part.typed))
            {
                ranges::Next::Within => {
                    return Step::SkipTo(partition_key::after(&key[..part.end]));
                }
                ranges::Next::From(low) => return Step::SkipTo([&key[..part.start], low].concat()),
                ranges::Next::None => {}
            }
        }
        Step::End
    }
}

impl Condition {
    /// What may come out when the values of the first `known` keys are known.
    fn outcomes(&self, parts: &[Part<'_>], known: usize) -> Result<Outcomes, ServiceError> {
        match self {
            Self::And(a, b) => {
                let a = a.outcomes(parts, known)?;
                Ok(if a == FALSE {
                    FALSE
                } else {
                    and(a, b.outcomes(parts, known)?)
                })
            }
            Self::Or(a, b) => {
                let a = a.outcomes(parts, known)?;
                if a == TRUE {
                    return Ok(TRUE);
                }
                Ok(not(and(not(a), not(b.outcomes(parts, known)?))))
            }
            Self::Not(inner) => inner.outcomes(parts, known).map(not),
            Self::Never => Ok(FALSE),
            Self::Compare(key, operator, literal) => {
                key.test(parts, known, |part| operator.holds(part.typed.cmp(literal)))
            }
            Self::In(key, literals) => key.test(parts, known, |part| {
                literals.iter().any(|literal| literal == part.typed)
            }),
            Self::Between(key, low, high) => key.test(parts, known, |part| {
                part.typed >= &low[..] && part.typed <= &high[..]
            }),
            Self::Like(key, pattern) => key.test(parts, known, |part| {
                let text: Vec<char> = part.text().chars().collect();
                like(&text, pattern)
            }),
        }
    }
}

fn not(outcomes: Outcomes) -> Outcomes {
    (outcomes & UNKNOWN)
        | if outcomes & TRUE != 0 { FALSE } else { 0 }
        | if outcomes & FALSE != 0 { TRUE } else { 0 }
}

/// SQL's AND, of what both sides may come to.
fn and(a: Outcomes, b: Outcomes) -> Outcomes {
    let both_may = |a: Outcomes, b: Outcomes, of: Outcomes| a & of != 0 && b & of != 0;
    let unknown = both_may(a, b, TRUE | UNKNOWN) && (a | b) & UNKNOWN != 0;
    (a & b & TRUE) | ((a | b) & FALSE) | if unknown { UNKNOWN } else { 0 }
}

enum Found<'a> {
    /// Its value is not known yet.
    Later,
    Null,
    Part(&'a Part<'a>),
}

impl Key {
    fn part<'a>(self, parts: &'a [Part<'a>], known: usize) -> Found<'a> {
        if self.index >= known {
            return Found::Later;
        }
        match parts.get(self.index) {
            Some(part) if part.tag() != partition_key::NULL => Found::Part(part),
            _ => Found::Null,
        }
    }

    fn test(
        self,
        parts: &[Part<'_>],
        known: usize,
        holds: impl FnOnce(&Part<'_>) -> bool,
    ) -> Result<Outcomes, ServiceError> {
        match self.part(parts, known) {
            Found::Later => Ok(ANY),
            Found::Null => Ok(UNKNOWN),
            Found::Part(part) if part.tag() == partition_key::UNREADABLE => {
                Err(errors::invalid_state(self.kind.not_of(&part.text())))
            }
            Found::Part(part) => Ok(if holds(part) { TRUE } else { FALSE }),
        }
    }
}

/// SQL's LIKE: `%` is any text, `_` any character, a backslash takes the next as it is.
fn like(text: &[char], pattern: &[char]) -> bool {
    let (mut t, mut p) = (0, 0);
    // Where the last `%` was, and up to where the text is taken by it.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let literal = match pattern.get(p) {
            Some('%') => {
                retry = Some((p + 1, t));
                p += 1;
                continue;
            }
            Some('_') if t < text.len() => {
                (t, p) = (t + 1, p + 1);
                continue;
            }
            Some('\\') if p + 1 < pattern.len() => Some((pattern[p + 1], 2)),
            Some('_') => None,
            Some(c) => Some((*c, 1)),
            None if t == text.len() => return true,
            None => None,
        };
        match literal {
            Some((c, width)) if text.get(t) == Some(&c) => {
                (t, p) = (t + 1, p + width);
            }
            _ => match retry {
                Some((after, taken)) if taken < text.len() => {
                    retry = Some((after, taken + 1));
                    (t, p) = (taken + 1, after);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests;
