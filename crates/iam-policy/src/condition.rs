//! Conditions of a statement.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators".

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::Value;

use crate::context::Context;
use crate::error::PolicyError;
use crate::pattern::{Pattern, parts};

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    NotIpAddress,
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    Null,
}

impl Operator {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "StringEquals" => Self::StringEquals,
            "StringNotEquals" => Self::StringNotEquals,
            "StringEqualsIgnoreCase" => Self::StringEqualsIgnoreCase,
            "StringNotEqualsIgnoreCase" => Self::StringNotEqualsIgnoreCase,
            "StringLike" => Self::StringLike,
            "StringNotLike" => Self::StringNotLike,
            "NumericEquals" => Self::NumericEquals,
            "NumericNotEquals" => Self::NumericNotEquals,
            "NumericLessThan" => Self::NumericLessThan,
            "NumericLessThanEquals" => Self::NumericLessThanEquals,
            "NumericGreaterThan" => Self::NumericGreaterThan,
            "NumericGreaterThanEquals" => Self::NumericGreaterThanEquals,
            "DateEquals" => Self::DateEquals,
            "DateNotEquals" => Self::DateNotEquals,
            "DateLessThan" => Self::DateLessThan,
            "DateLessThanEquals" => Self::DateLessThanEquals,
            "DateGreaterThan" => Self::DateGreaterThan,
            "DateGreaterThanEquals" => Self::DateGreaterThanEquals,
            "Bool" => Self::Bool,
            "BinaryEquals" => Self::BinaryEquals,
            "IpAddress" => Self::IpAddress,
            "NotIpAddress" => Self::NotIpAddress,
            "ArnEquals" => Self::ArnEquals,
            "ArnLike" => Self::ArnLike,
            "ArnNotEquals" => Self::ArnNotEquals,
            "ArnNotLike" => Self::ArnNotLike,
            "Null" => Self::Null,
            _ => return None,
        })
    }

    /// Whether `${…}` stands for something in what this one compares with: in texts and ARNs.
    fn takes_variables(self) -> bool {
        matches!(
            self,
            Self::StringEquals
                | Self::StringEqualsIgnoreCase
                | Self::StringLike
                | Self::ArnEquals
                | Self::ArnLike
        )
    }

    /// The operator that this one is the negation of.
    fn positive(self) -> Option<Self> {
        Some(match self {
            Self::StringNotEquals => Self::StringEquals,
            Self::StringNotEqualsIgnoreCase => Self::StringEqualsIgnoreCase,
            Self::StringNotLike => Self::StringLike,
            Self::NumericNotEquals => Self::NumericEquals,
            Self::DateNotEquals => Self::DateEquals,
            Self::NotIpAddress => Self::IpAddress,
            Self::ArnNotEquals => Self::ArnEquals,
            Self::ArnNotLike => Self::ArnLike,
            _ => return None,
        })
    }
}

/// How a condition treats a key with several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantifier {
    Single,
    AnyValue,
    AllValues,
}

/// One key of one operator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    pub quantifier: Quantifier,
    pub operator: Operator,
    pub if_exists: bool,
    pub key: String,
    pub values: Vec<String>,
}

impl Condition {
    /// Whether a request meets the condition.
    pub(crate) fn holds(&self, context: &Context, has_variables: bool) -> bool {
        let actual = context.get(&self.key).filter(|values| !values.is_empty());
        if self.operator == Operator::Null {
            let absent = actual.is_none();
            return self
                .values
                .iter()
                .any(|v| v.eq_ignore_ascii_case(if absent { "true" } else { "false" }));
        }
        let negated = self.operator.positive();
        let Some(actual) = actual else {
            return match self.quantifier {
                Quantifier::AllValues => true,
                Quantifier::AnyValue => self.if_exists,
                Quantifier::Single => self.if_exists || negated.is_some(),
            };
        };
        let operator = negated.unwrap_or(self.operator);
        let variables = (has_variables && operator.takes_variables()).then_some(context);
        let one = |value: &String| {
            let found = self
                .values
                .iter()
                .any(|wanted| compare(operator, value, wanted, variables));
            found != negated.is_some()
        };
        match self.quantifier {
            Quantifier::AllValues => actual.iter().all(one),
            Quantifier::AnyValue => actual.iter().any(one),
            // Of several values none may be what a negation excludes.
            Quantifier::Single if negated.is_some() => actual.iter().all(one),
            Quantifier::Single => actual.iter().any(one),
        }
    }
}

fn compare(operator: Operator, actual: &str, wanted: &str, variables: Option<&Context>) -> bool {
    let Some(pattern) = Pattern::new(wanted, variables) else {
        return false;
    };
    let literal = || pattern.as_literal();
    let numbers = || Some((actual.parse::<f64>().ok()?, literal().parse::<f64>().ok()?));
    let dates = || Some((date(actual)?, date(&literal())?));
    match operator {
        Operator::StringEquals | Operator::BinaryEquals => literal() == actual,
        Operator::StringEqualsIgnoreCase => literal().to_lowercase() == actual.to_lowercase(),
        Operator::StringLike => pattern.matches(actual),
        Operator::Bool => literal().eq_ignore_ascii_case(actual),
        Operator::NumericEquals => numbers().is_some_and(|(a, w)| a == w),
        Operator::NumericLessThan => numbers().is_some_and(|(a, w)| a < w),
        Operator::NumericLessThanEquals => numbers().is_some_and(|(a, w)| a <= w),
        Operator::NumericGreaterThan => numbers().is_some_and(|(a, w)| a > w),
        Operator::NumericGreaterThanEquals => numbers().is_some_and(|(a, w)| a >= w),
        Operator::DateEquals => dates().is_some_and(|(a, w)| a == w),
        Operator::DateLessThan => dates().is_some_and(|(a, w)| a < w),
        Operator::DateLessThanEquals => dates().is_some_and(|(a, w)| a <= w),
        Operator::DateGreaterThan => dates().is_some_and(|(a, w)| a > w),
        Operator::DateGreaterThanEquals => dates().is_some_and(|(a, w)| a >= w),
        Operator::IpAddress => in_network(actual, &literal()),
        Operator::ArnEquals | Operator::ArnLike => arn_like(actual, wanted, variables),
        _ => false,
    }
}

/// Compares the six parts of an ARN one by one, so that a `*` does not reach over a colon.
fn arn_like(actual: &str, wanted: &str, variables: Option<&Context>) -> bool {
    let actual: Vec<&str> = actual.splitn(6, ':').collect();
    let wanted = parts(wanted);
    if wanted == ["*"] {
        return true;
    }
    actual.len() == wanted.len()
        && actual
            .iter()
            .zip(wanted)
            .all(|(a, w)| Pattern::new(w, variables).is_some_and(|pattern| pattern.matches(a)))
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(seconds) = text.parse::<i64>() {
        return DateTime::from_timestamp(seconds, 0);
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.with_timezone(&Utc));
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ") {
        return Some(time.and_utc());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map(|time| time.and_utc())
}

fn in_network(address: &str, network: &str) -> bool {
    let (base, bits) = match network.split_once('/') {
        Some((base, bits)) => (base, bits.parse::<u32>().ok()),
        None => (network, Some(128)),
    };
    match (address.parse::<IpAddr>(), base.parse::<IpAddr>(), bits) {
        (Ok(IpAddr::V4(a)), Ok(IpAddr::V4(b)), Some(bits)) => {
            let shift = 32 - bits.min(32);
            u32::from(a).checked_shr(shift) == u32::from(b).checked_shr(shift)
        }
        (Ok(IpAddr::V6(a)), Ok(IpAddr::V6(b)), Some(bits)) => {
            let shift = 128 - bits.min(128);
            u128::from(a).checked_shr(shift) == u128::from(b).checked_shr(shift)
        }
        _ => false,
    }
}

pub(crate) fn parse_conditions(value: &Value) -> Result<Vec<Condition>, PolicyError> {
    let mut conditions = Vec::new();
    for (written, keys) in value.as_object().ok_or(PolicyError::Syntax)? {
        let (quantifier, name) = match written.split_once(':') {
            Some(("ForAnyValue", name)) => (Quantifier::AnyValue, name),
            Some(("ForAllValues", name)) => (Quantifier::AllValues, name),
            Some(_) => return Err(unknown(written)),
            None => (Quantifier::Single, written.as_str()),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let operator = Operator::parse(name).ok_or_else(|| unknown(written))?;
        for (key, values) in keys.as_object().ok_or(PolicyError::Syntax)? {
            if !key.contains(':') {
                return Err(PolicyError::NoVendor);
            }
            conditions.push(Condition {
                quantifier,
                operator,
                if_exists,
                key: key.clone(),
                values: condition_values(values)?,
            });
        }
    }
    Ok(conditions)
}

fn unknown(operator: &str) -> PolicyError {
    PolicyError::Element(format!("invalid Condition type : {operator}."))
}

/// Values may be strings, numbers and booleans, one or a list of them.
fn condition_values(value: &Value) -> Result<Vec<String>, PolicyError> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(bool) => Ok(bool.to_string()),
        _ => Err(PolicyError::Syntax),
    };
    match value {
        Value::Array(values) => values.iter().map(scalar).collect(),
        one => Ok(vec![scalar(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(condition: &Value, context: &[(&str, &[&str])]) -> bool {
        let mut keys = Context::default();
        for (key, values) in context {
            keys.set_all(key, values.iter().map(|v| (*v).to_owned()).collect());
        }
        parse_conditions(condition)
            .unwrap()
            .iter()
            .all(|c| c.holds(&keys, true))
    }

    #[test]
    fn each_operator_compares_in_its_own_way() {
        let prefix: &[(&str, &[&str])] = &[("s3:prefix", &["films/2024"])];
        assert!(holds(
            &json!({"StringLike": {"s3:Prefix": ["films/*"]}}),
            prefix
        ));
        assert!(!holds(
            &json!({"StringEquals": {"s3:prefix": "films/*"}}),
            prefix
        ));
        assert!(holds(
            &json!({"NumericLessThanEquals": {"s3:max-keys": 10}}),
            &[("s3:max-keys", &["10"])]
        ));
        assert!(holds(
            &json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
            &[("aws:CurrentTime", &["2024-05-01T00:00:00Z"])]
        ));
        assert!(holds(
            &json!({"Bool": {"aws:SecureTransport": true}}),
            &[("aws:SecureTransport", &["true"])]
        ));
        let ip: &[(&str, &[&str])] = &[("aws:SourceIp", &["10.1.2.3"])];
        assert!(holds(
            &json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            ip
        ));
        assert!(!holds(
            &json!({"IpAddress": {"aws:SourceIp": "10.1.2.4"}}),
            ip
        ));
        assert!(holds(
            &json!({"ArnLike": {"aws:SourceArn": "arn:aws:glue:*:*:crawler/*"}}),
            &[("aws:SourceArn", &["arn:aws:glue:eu-west-1:1:crawler/x"])]
        ));
    }

    #[test]
    fn an_absent_key_fails_a_comparison_and_passes_a_negation() {
        assert!(!holds(&json!({"StringEquals": {"a:b": "c"}}), &[]));
        assert!(holds(&json!({"StringNotEquals": {"a:b": "c"}}), &[]));
        assert!(holds(&json!({"StringEqualsIfExists": {"a:b": "c"}}), &[]));
        assert!(holds(&json!({"Null": {"a:b": "true"}}), &[]));
        assert!(!holds(&json!({"Null": {"a:b": "false"}}), &[]));
    }

    #[test]
    fn several_values_are_quantified() {
        let keys: &[(&str, &[&str])] = &[("aws:TagKeys", &["team", "cost"])];
        assert!(holds(
            &json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}),
            keys
        ));
        assert!(!holds(
            &json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
            keys
        ));
        assert!(holds(
            &json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}),
            &[]
        ));
    }
}
