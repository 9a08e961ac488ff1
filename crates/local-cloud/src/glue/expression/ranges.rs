//! The values of one key with which a condition can hold, as ranges: where a walk over the index
//! of partitions can leave out the rest.

use super::super::partition_key::UNREADABLE;
use super::{Condition, Key, Kind, Operator};

/// Ranges that are apart and in order, of what values are compared by; both ends belong to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ranges(Option<Vec<(Vec<u8>, Vec<u8>)>>);

/// Where the ranges go on, seen from a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<'a> {
    /// The value is inside one, so the next value may be as well.
    Within,
    /// The next begins here.
    From(&'a [u8]),
    None,
}

impl Ranges {
    const ALL: Self = Self(None);

    /// The values of the key at this place with which the condition can come out true, and those
    /// that fail it. There may be others among them.
    pub fn of(condition: &Condition, index: usize) -> Self {
        match condition {
            Condition::And(a, b) => Self::of(a, index).and(Self::of(b, index)),
            Condition::Or(a, b) => Self::of(a, index).or(Self::of(b, index)),
            Condition::Compare(key, operator, literal) if key.index == index => {
                let (low, high) = (lowest(*key), highest(*key));
                match operator {
                    Operator::Equal => key.ranges([(literal.clone(), literal.clone())]),
                    Operator::Less | Operator::LessOrEqual => key.ranges([(low, literal.clone())]),
                    Operator::Greater | Operator::GreaterOrEqual => {
                        key.ranges([(literal.clone(), high)])
                    }
                    Operator::NotEqual => Self::ALL,
                }
            }
            Condition::In(key, literals) if key.index == index => {
                key.ranges(literals.iter().map(|one| (one.clone(), one.clone())))
            }
            Condition::Between(key, low, high) if key.index == index => {
                key.ranges([(low.clone(), high.clone())])
            }
            Condition::Like(key, pattern) if key.index == index => {
                let text: String = pattern
                    .iter()
                    .take_while(|c| !matches!(c, '%' | '_' | '\\' | '\0'))
                    .collect();
                let low = [&[key.kind.tag()][..], text.as_bytes()].concat();
                let high = [&low[..], &[0xff]].concat();
                key.ranges([(low, high)])
            }
            Condition::Never => Self(Some(Vec::new())),
            _ => Self::ALL,
        }
    }

    fn and(self, other: Self) -> Self {
        let (Some(a), Some(b)) = (&self.0, &other.0) else {
            return if self.0.is_none() { other } else { self };
        };
        let mut both = Vec::new();
        for one in a {
            for two in b {
                let low = one.0.clone().max(two.0.clone());
                let high = one.1.clone().min(two.1.clone());
                if low <= high {
                    both.push((low, high));
                }
            }
        }
        Self(Some(joined(both)))
    }

    fn or(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(mut a), Some(b)) => {
                a.extend(b);
                Self(Some(joined(a)))
            }
            _ => Self::ALL,
        }
    }

    pub fn next(&self, typed: &[u8]) -> Next<'_> {
        let Some(ranges) = &self.0 else {
            return Next::Within;
        };
        let at = ranges.partition_point(|(_, high)| &high[..] < typed);
        match ranges.get(at) {
            None => Next::None,
            Some((low, _)) if &low[..] <= typed => Next::Within,
            Some((low, _)) => Next::From(low),
        }
    }
}

impl Key {
    /// These ranges, and the values that are not of the key's type: they are told of.
    fn ranges(self, ranges: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>) -> Ranges {
        let mut all: Vec<_> = ranges
            .into_iter()
            .filter(|(low, high)| low <= high)
            .collect();
        if self.kind != Kind::Text {
            all.push((vec![UNREADABLE], vec![UNREADABLE]));
        }
        Ranges(Some(joined(all)))
    }
}

fn lowest(key: Key) -> Vec<u8> {
    vec![key.kind.tag()]
}

fn highest(key: Key) -> Vec<u8> {
    vec![key.kind.tag(), 0xff]
}

/// In order, and one where they touch.
fn joined(mut ranges: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<(Vec<u8>, Vec<u8>)> {
    ranges.sort();
    let mut joined: Vec<(Vec<u8>, Vec<u8>)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match joined.last_mut() {
            Some(last) if low <= last.1 => last.1 = last.1.clone().max(high),
            _ => joined.push((low, high)),
        }
    }
    joined
}
