//! One value, for what is done row by row, and how values compare.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::zone::Zone;

/// A value of some [`super::Type`]; the type itself is kept beside it.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Boolean(bool),
    /// tinyint, smallint, integer, bigint.
    Integer(i64),
    Real(f32),
    Double(f64),
    /// Unscaled.
    Decimal(i128),
    /// varchar, json, JSON path, and char without its trailing blanks.
    Text(Arc<str>),
    /// varbinary, ipaddress, uuid.
    Binary(Arc<[u8]>),
    /// Days since 1970-01-01.
    Date(i32),
    /// Picoseconds since midnight.
    Time(i64),
    /// Picoseconds since midnight on the zone's clock, and the zone's minutes east of Greenwich.
    TimeTz(i64, i16),
    /// Picoseconds since 1970-01-01 00:00:00 of the clock.
    Timestamp(i128),
    /// Picoseconds since 1970-01-01 00:00:00 UTC.
    TimestampTz(i128, Zone),
    /// Milliseconds.
    IntervalDay(i64),
    /// Months.
    IntervalYear(i32),
    Array(Arc<[Value]>),
    Map(Arc<[(Value, Value)]>),
    Row(Arc<[Value]>),
}

const DAY_PICOS: i64 = 86_400_000_000_000_000;
const MINUTE_PICOS: i64 = 60_000_000_000_000;

impl Value {
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub fn binary(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Binary(bytes.into())
    }

    pub fn array(values: Vec<Self>) -> Self {
        Self::Array(values.into())
    }

    pub fn map(entries: Vec<(Self, Self)>) -> Self {
        Self::Map(entries.into())
    }

    pub fn row(values: Vec<Self>) -> Self {
        Self::Row(values.into())
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Binary(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
            _ => &[],
        }
    }

    pub fn as_i64(&self) -> i64 {
        match self {
            Self::Integer(n) | Self::IntervalDay(n) | Self::Time(n) => *n,
            Self::Date(n) | Self::IntervalYear(n) => i64::from(*n),
            _ => 0,
        }
    }

    pub fn as_f64(&self) -> f64 {
        match self {
            Self::Double(x) => *x,
            Self::Real(x) => f64::from(*x),
            Self::Integer(n) => *n as f64,
            _ => 0.0,
        }
    }

    pub fn as_bool(&self) -> bool {
        matches!(self, Self::Boolean(true))
    }

    pub fn as_array(&self) -> &[Self] {
        match self {
            Self::Array(values) | Self::Row(values) => values,
            _ => &[],
        }
    }

    pub fn as_map(&self) -> &[(Self, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    /// About how many bytes the value takes beside its own place.
    pub fn size_beside(&self) -> usize {
        // An `Arc` counts its owners.
        const COUNTS: usize = 2 * size_of::<usize>();
        let of_values = |values: &[Self]| {
            size_of_val(values) + values.iter().map(Self::size_beside).sum::<usize>()
        };
        match self {
            Self::Text(text) => COUNTS + text.len(),
            Self::Binary(bytes) => COUNTS + bytes.len(),
            Self::Array(values) | Self::Row(values) => COUNTS + of_values(values),
            Self::Map(entries) => {
                let beside = |(key, value): &(Self, Self)| key.size_beside() + value.size_beside();
                COUNTS + size_of_val(&**entries) + entries.iter().map(beside).sum::<usize>()
            }
            _ => 0,
        }
    }

    /// SQL's `=`; `None` where a NULL leaves it open.
    pub fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (Self::Real(a), Self::Real(b)) => Some(a == b),
            (Self::Double(a), Self::Double(b)) => Some(a == b),
            (Self::Array(a), Self::Array(b)) | (Self::Row(a), Self::Row(b)) => {
                if a.len() != b.len() {
                    return Some(false);
                }
                all(a.iter().zip(b.iter()).map(|(x, y)| x.equals(y)))
            }
            (Self::Map(a), Self::Map(b)) => {
                if a.len() != b.len() {
                    return Some(false);
                }
                all(a
                    .iter()
                    .map(|(key, value)| match b.iter().find(|(k, _)| k.same(key)) {
                        None => Some(false),
                        Some((_, v)) => value.equals(v),
                    }))
            }
            _ => Some(self.order(other) == Ordering::Equal),
        }
    }

    /// `IS NOT DISTINCT FROM`: NULLs are the same, NaNs are the same.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Null, _) | (_, Self::Null) => false,
            (Self::Real(a), Self::Real(b)) => a == b || (a.is_nan() && b.is_nan()),
            (Self::Double(a), Self::Double(b)) => a == b || (a.is_nan() && b.is_nan()),
            (Self::Array(a), Self::Array(b)) | (Self::Row(a), Self::Row(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(x, y)| x.same(y))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, value)| b.iter().any(|(k, v)| k.same(key) && v.same(value)))
            }
            _ => self.order(other) == Ordering::Equal,
        }
    }

    /// SQL's `<`, `=`, `>`; `None` where a NULL leaves it open or a NaN denies all three.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (Self::Real(a), Self::Real(b)) => a.partial_cmp(b),
            (Self::Double(a), Self::Double(b)) => a.partial_cmp(b),
            (Self::Array(a), Self::Array(b)) | (Self::Row(a), Self::Row(b)) => {
                for (x, y) in a.iter().zip(b.iter()) {
                    match x.compare(y) {
                        Some(Ordering::Equal) => {}
                        other => return other,
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            _ => Some(self.order(other)),
        }
    }

    /// A total order, as ORDER BY has it: NaN above every number, NULL above everything.
    pub fn order(&self, other: &Self) -> Ordering {
        self.ordered(other, order_floats)
    }

    /// As [`Self::order`], but NaN before every other number: what `max` and `greatest` go by, so
    /// that NaN is not the most (Trino's `COMPARISON_UNORDERED_FIRST`).
    pub fn order_nan_first(&self, other: &Self) -> Ordering {
        self.ordered(other, |a, b| {
            a.partial_cmp(&b)
                .unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
        })
    }

    fn ordered(&self, other: &Self, floats: fn(f64, f64) -> Ordering) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Greater,
            (_, Self::Null) => Ordering::Less,
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::Real(a), Self::Real(b)) => floats(f64::from(*a), f64::from(*b)),
            (Self::Double(a), Self::Double(b)) => floats(*a, *b),
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Binary(a), Self::Binary(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::TimeTz(..), Self::TimeTz(..)) => self.utc_of_day().cmp(&other.utc_of_day()),
            (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::TimestampTz(a, _), Self::TimestampTz(b, _)) => a.cmp(b),
            (Self::IntervalDay(a), Self::IntervalDay(b)) => a.cmp(b),
            (Self::IntervalYear(a), Self::IntervalYear(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) | (Self::Row(a), Self::Row(b)) => a
                .iter()
                .zip(b.iter())
                .map(|(x, y)| x.ordered(y, floats))
                .find(|o| o.is_ne())
                .unwrap_or_else(|| a.len().cmp(&b.len())),
            (Self::Map(a), Self::Map(b)) => {
                if self.same(other) {
                    return Ordering::Equal;
                }
                a.len().cmp(&b.len()).then_with(|| {
                    a.iter()
                        .zip(b.iter())
                        .map(|(x, y)| {
                            let keys = x.0.ordered(&y.0, floats);
                            keys.then_with(|| x.1.ordered(&y.1, floats))
                        })
                        .find(|o| o.is_ne())
                        .unwrap_or(Ordering::Equal)
                })
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// A time with zone as picoseconds of the UTC day.
    fn utc_of_day(&self) -> i64 {
        match self {
            Self::TimeTz(picos, minutes) => {
                (picos - i64::from(*minutes) * MINUTE_PICOS).rem_euclid(DAY_PICOS)
            }
            _ => 0,
        }
    }

    /// Orders values of unlike kinds, which types keep apart; only so that the order is total.
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Boolean(_) => 1,
            Self::Integer(_) => 2,
            Self::Real(_) => 3,
            Self::Double(_) => 4,
            Self::Decimal(_) => 5,
            Self::Text(_) => 6,
            Self::Binary(_) => 7,
            Self::Date(_) => 8,
            Self::Time(_) => 9,
            Self::TimeTz(..) => 10,
            Self::Timestamp(_) => 11,
            Self::TimestampTz(..) => 12,
            Self::IntervalDay(_) => 13,
            Self::IntervalYear(_) => 14,
            Self::Array(_) => 15,
            Self::Map(_) => 16,
            Self::Row(_) => 17,
        }
    }
}

fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut open = false;
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(true) }
}

fn order_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b)
        .unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// The same in the sense of DISTINCT and GROUP BY.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.same(other)
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Null => 0_u8.hash(state),
            Self::Boolean(b) => b.hash(state),
            Self::Integer(n) => n.hash(state),
            Self::Real(x) => hash_float(f64::from(*x), state),
            Self::Double(x) => hash_float(*x, state),
            Self::Decimal(n) => n.hash(state),
            Self::Text(text) => text.hash(state),
            Self::Binary(bytes) => bytes.hash(state),
            Self::Date(n) | Self::IntervalYear(n) => n.hash(state),
            Self::Time(n) | Self::IntervalDay(n) => n.hash(state),
            Self::TimeTz(..) => self.utc_of_day().hash(state),
            Self::Timestamp(n) | Self::TimestampTz(n, _) => n.hash(state),
            Self::Array(values) | Self::Row(values) => values.hash(state),
            // Entries in another order are the same map.
            Self::Map(entries) => entries.len().hash(state),
        }
    }
}

fn hash_float<H: Hasher>(x: f64, state: &mut H) {
    let plain = if x.is_nan() {
        f64::NAN
    } else if x == 0.0 {
        0.0
    } else {
        x
    };
    plain.to_bits().hash(state);
}
