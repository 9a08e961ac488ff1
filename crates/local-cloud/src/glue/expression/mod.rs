//! GetPartitions' `Expression`: a filter on the values of partition keys.
//!
//! Source: AWS Glue API, GetPartitions: comparisons, `AND`, `OR`, `NOT`, `IN`, `BETWEEN`, `LIKE`,
//! `IS NULL` and parentheses, over keys of the types string, date, timestamp, the integers and
//! decimal.

mod parse;
mod value;

use value::{Kind, Value};

use crate::model::glue::Column;

/// The value that Hive gives to a partition without one.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// A filter whose columns are found and whose literals are of their types.
#[derive(Debug, PartialEq)]
pub(super) struct Expression(Condition);

#[derive(Debug, PartialEq)]
enum Condition {
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    Compare(Key, Operator, Value),
    In(Key, Vec<Value>),
    Between(Key, Value, Value),
    Like(Key, Vec<char>),
    IsNull(Key),
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

impl Expression {
    /// Reads a filter over these partition keys. The error says what is wrong with it.
    pub fn parse(text: &str, keys: &[Column]) -> Result<Self, String> {
        parse::condition(text, keys).map(Self)
    }

    /// Whether a partition of these values passes; one of which it is not known does not.
    pub fn matches(&self, values: &[String]) -> bool {
        self.0.holds(values) == Some(true)
    }
}

impl Condition {
    /// SQL's three-valued logic: `None` is unknown.
    fn holds(&self, values: &[String]) -> Option<bool> {
        match self {
            Self::And(a, b) => match (a.holds(values), b.holds(values)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(a, b) => match (a.holds(values), b.holds(values)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(inner) => inner.holds(values).map(|b| !b),
            Self::Compare(key, operator, literal) => {
                let value = key.value(values)?;
                Some(operator.holds(value.partial_cmp(literal)?))
            }
            Self::In(key, literals) => {
                let value = key.value(values)?;
                Some(literals.contains(&value))
            }
            Self::Between(key, low, high) => {
                let value = key.value(values)?;
                Some(value >= *low && value <= *high)
            }
            Self::Like(key, pattern) => {
                let text: Vec<char> = key.text(values)?.chars().collect();
                Some(like(&text, pattern))
            }
            Self::IsNull(key) => Some(key.text(values).is_none()),
        }
    }
}

impl Key {
    fn text(self, values: &[String]) -> Option<&str> {
        values
            .get(self.index)
            .map(String::as_str)
            .filter(|text| *text != NULL_PARTITION)
    }

    /// `None` for no value, and for one that is not of the key's type.
    fn value(self, values: &[String]) -> Option<Value> {
        self.kind.read(self.text(values)?)
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
mod tests {
    use super::*;

    fn keys() -> Vec<Column> {
        [
            ("year", "int"),
            ("country", "string"),
            ("day", "date"),
            ("at", "timestamp"),
            ("price", "decimal(10,2)"),
        ]
        .map(|(name, kind)| Column {
            name: name.to_owned(),
            r#type: Some(kind.to_owned()),
            ..Default::default()
        })
        .to_vec()
    }

    fn matches(expression: &str) -> bool {
        let values = ["2024", "fr", "2024-05-06", "2024-05-06 07:08:09.5", "9.50"];
        Expression::parse(expression, &keys())
            .unwrap_or_else(|e| panic!("{expression}: {e}"))
            .matches(&values.map(str::to_owned))
    }

    #[test]
    fn values_compare_by_the_type_of_their_key() {
        for yes in [
            "year = 2024",
            "year = '2024'",
            "year > 999",
            "'999' < year",
            "2024 >= year",
            "year != 10 AND year <> 11",
            "country = 'fr'",
            "country > 'de'",
            "day = '2024-05-06'",
            "day >= date '2024-05-01'",
            "at > '2024-05-06 07:08:09'",
            "at < timestamp '2024-05-07'",
            "price = 9.5",
            "price < 10",
            "price > -1",
        ] {
            assert!(matches(yes), "{yes}");
        }
        for no in [
            "year < 999",
            "country = 'FR'",
            "day > '2024-05-06'",
            "price > 9.5",
        ] {
            assert!(!matches(no), "{no}");
        }
    }

    #[test]
    fn conditions_combine_as_in_sql() {
        for yes in [
            "year = 1 AND year = 2 OR country = 'fr'",
            "country = 'fr' OR year = 1 AND year = 2",
            "NOT (year = 1 OR country = 'de')",
            "not year = 1 and not country = 'de'",
            "year IN (2023, 2024)",
            "country NOT IN ('de', 'it')",
            "year BETWEEN 2020 AND 2024 AND country LIKE 'f%'",
            "day not between '2020-01-01' and '2020-12-31'",
            "country LIKE '_r'",
            "country NOT LIKE 'd%'",
            "year IS NOT NULL",
            "((Year = 2024) AND (\"country\" = 'fr'))",
            "`country` = 'fr'",
        ] {
            assert!(matches(yes), "{yes}");
        }
        assert!(!matches("country LIKE 'f'"));
        assert!(!matches("(year = 2024) AND (country = 'de')"));
    }

    #[test]
    fn an_unknown_value_passes_no_comparison() {
        let unknown = ["x", NULL_PARTITION, "", "", ""].map(str::to_owned);
        let matches = |e: &str| Expression::parse(e, &keys()).unwrap().matches(&unknown);
        assert!(!matches("country = 'fr'"));
        assert!(!matches("NOT country = 'fr'"));
        assert!(!matches("year <> 1"));
        assert!(matches("country IS NULL"));
        assert!(matches("country IS NULL OR year = 1"));
    }

    #[test]
    fn what_is_wrong_with_an_expression_is_said() {
        let wrong = |e: &str| Expression::parse(e, &keys()).unwrap_err();
        assert!(wrong("month = 1").contains("month"));
        assert!(wrong("year = 'x'").contains("int"));
        assert!(wrong("year =").contains("end"));
        assert!(wrong("year = 1 garbage").contains("garbage"));
        assert!(wrong("(year = 1").contains(')'));
        assert!(wrong("country = 'fr").contains("quote"));
        let deep = "(".repeat(100_000);
        assert!(wrong(&deep).contains("deep"));
    }

    #[test]
    fn like_takes_its_wildcards_back() {
        let like = |text: &str, pattern: &str| {
            super::like(
                &text.chars().collect::<Vec<_>>(),
                &pattern.chars().collect::<Vec<_>>(),
            )
        };
        assert!(like("abcabd", "%abd"));
        assert!(like("", "%"));
        assert!(like("a%b", "a\\%b"));
        assert!(!like("axb", "a\\%b"));
        assert!(!like("", "_"));
        assert!(!like("ab", "a"));
    }
}
