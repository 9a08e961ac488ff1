//! Partition projection: partitions that the table's parameters tell, not the catalog.
//!
//! Source: Amazon Athena User Guide, "Supported types for partition projection".

use chrono::{DateTime, Duration, Months, NaiveDate, NaiveDateTime, Timelike, Utc};
use datafusion::logical_expr::Expr;

use super::partition_keys::{Keys, wanted_values};
use crate::catalog::{Partition, Storage, Table};
use crate::error::Error;

/// Beyond this a projection is a mistake of its range.
const MOST: usize = 1_000_000;

pub(crate) fn is_enabled(table: &Table) -> bool {
    table
        .parameters
        .get("projection.enabled")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// All partitions of the table, by its parameters; of injected keys those that the filters name.
pub(super) fn partitions(
    table: &Table,
    keys: &Keys<'_>,
    filters: &[&Expr],
) -> Result<Vec<Partition>, Error> {
    let mut rows: Vec<Vec<String>> = vec![Vec::new()];
    for (key, _) in keys.0 {
        let values = values(table, key, filters)?;
        if rows.len().saturating_mul(values.len()) > MOST {
            return Err(invalid(
                table,
                &format!("it has more than {MOST} partitions; narrow the range of {key}"),
            ));
        }
        rows = rows
            .into_iter()
            .flat_map(|row| {
                values.iter().map(move |value| {
                    let mut row = row.clone();
                    row.push(value.clone());
                    row
                })
            })
            .collect();
    }
    let partition = |values: Vec<String>| Partition {
        storage: Storage {
            location: location(table, keys.0.iter().map(|(key, _)| key.as_str()), &values),
            ..table.storage.clone()
        },
        values,
        ..Partition::default()
    };
    Ok(rows.into_iter().map(partition).collect())
}

/// Where the partition with these values of the keys is.
pub(crate) fn location<'a>(
    table: &Table,
    keys: impl Iterator<Item = &'a str>,
    values: &[String],
) -> String {
    let pairs = keys.zip(values);
    match table.parameters.get("storage.location.template") {
        Some(template) => pairs.fold(template.clone(), |location, (key, value)| {
            location.replace(&format!("${{{key}}}"), value)
        }),
        None => {
            let root = table.storage.location.trim_end_matches('/').to_owned();
            pairs.fold(root, |location, (key, value)| {
                format!("{location}/{key}={value}")
            })
        }
    }
}

fn invalid(table: &Table, what: &str) -> Error {
    Error::user(
        "INVALID_TABLE_PROPERTY",
        format!(
            "Partition projection of table {}.{}: {what}",
            table.database, table.name
        ),
    )
}

fn values(table: &Table, key: &str, filters: &[&Expr]) -> Result<Vec<String>, Error> {
    let written = |name: &str| table.parameters.get(&format!("projection.{key}.{name}"));
    let parameter = |name: &str| written(name).map(|value| value.trim());
    let missing = |name: &str| invalid(table, &format!("projection.{key}.{name} is missing"));
    let required = |name: &str| parameter(name).ok_or_else(|| missing(name));
    let wrong = |name: &str| invalid(table, &format!("projection.{key}.{name} cannot be read"));
    match required("type")?.to_ascii_lowercase().as_str() {
        // White space is part of a value.
        "enum" => {
            let values = written("values").ok_or_else(|| missing("values"))?;
            Ok(values.split(',').map(str::to_owned).collect())
        }
        "integer" => {
            let (from, to) = range(required("range")?).ok_or_else(|| wrong("range"))?;
            let from: i64 = from.parse().map_err(|_| wrong("range"))?;
            let to: i64 = to.parse().map_err(|_| wrong("range"))?;
            let step = match parameter("interval") {
                Some(step) => step.parse().ok().filter(|n| *n > 0),
                None => Some(1_usize),
            };
            let step = step.ok_or_else(|| wrong("interval"))?;
            let digits = match parameter("digits") {
                Some(digits) => digits.parse().map_err(|_| wrong("digits"))?,
                None => 0_usize,
            };
            let values = (from..=to).step_by(step).take(MOST + 1);
            Ok(values.map(|n| format!("{n:0digits$}")).collect())
        }
        "date" => {
            let format = java_format(required("format")?);
            let (from, to) = range(required("range")?).ok_or_else(|| wrong("range"))?;
            let now = Utc::now();
            let from = moment(from, &format, now).ok_or_else(|| wrong("range"))?;
            let to = moment(to, &format, now).ok_or_else(|| wrong("range"))?;
            let step = match parameter("interval") {
                Some(step) => step.parse().ok().filter(|n| *n > 0),
                None => Some(1_u32),
            };
            let step = step.ok_or_else(|| wrong("interval"))?;
            let unit = match parameter("interval.unit") {
                Some(unit) => Unit::parse(unit).ok_or_else(|| wrong("interval.unit"))?,
                None => Unit::of_format(&format),
            };
            let mut values: Vec<String> = Vec::new();
            let mut at = Some(from);
            while let Some(moment) = at.filter(|at| *at <= to && values.len() <= MOST) {
                let text = moment.format(&format).to_string();
                // A step smaller than the format shows gives a value twice.
                if values.last() != Some(&text) {
                    values.push(text);
                }
                at = unit.add(moment, i64::from(step));
            }
            Ok(values)
        }
        "injected" => {
            wanted_values(key, filters).ok_or_else(|| Error::user(
                "CONSTRAINT_VIOLATION",
                format!(
                    "For the injected projected partition column {key}, the WHERE clause must contain only static equality conditions, and at least one such condition must be present."
                ),
            ))
        }
        other => Err(invalid(
            table,
            &format!(
                "projection.{key}.type is {other}; it is one of enum, integer, date, injected"
            ),
        )),
    }
}

fn range(text: &str) -> Option<(&str, &str)> {
    let (from, to) = text.split_once(',')?;
    Some((from.trim(), to.trim()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Years,
    Months,
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds,
}

impl Unit {
    fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_uppercase();
        Some(match text.strip_suffix('S').unwrap_or(&text) {
            "YEAR" => Self::Years,
            "MONTH" => Self::Months,
            "WEEK" => Self::Weeks,
            "DAY" => Self::Days,
            "HOUR" => Self::Hours,
            "MINUTE" => Self::Minutes,
            "SECOND" => Self::Seconds,
            _ => return None,
        })
    }

    /// The smallest unit that a format shows.
    fn of_format(format: &str) -> Self {
        for (sign, unit) in [
            ("%S", Self::Seconds),
            ("%M", Self::Minutes),
            ("%H", Self::Hours),
            ("%d", Self::Days),
            ("%m", Self::Months),
        ] {
            if format.contains(sign) {
                return unit;
            }
        }
        Self::Years
    }

    fn add(self, moment: NaiveDateTime, count: i64) -> Option<NaiveDateTime> {
        let months = |count: i64| {
            let by = Months::new(u32::try_from(count.unsigned_abs()).ok()?);
            if count < 0 {
                moment.checked_sub_months(by)
            } else {
                moment.checked_add_months(by)
            }
        };
        match self {
            Self::Years => months(count.checked_mul(12)?),
            Self::Months => months(count),
            Self::Weeks => moment.checked_add_signed(Duration::try_weeks(count)?),
            Self::Days => moment.checked_add_signed(Duration::try_days(count)?),
            Self::Hours => moment.checked_add_signed(Duration::try_hours(count)?),
            Self::Minutes => moment.checked_add_signed(Duration::try_minutes(count)?),
            Self::Seconds => moment.checked_add_signed(Duration::try_seconds(count)?),
        }
    }
}

/// `NOW`, `NOW-3YEARS`, or a time in the format.
fn moment(text: &str, format: &str, now: DateTime<Utc>) -> Option<NaiveDateTime> {
    let Some(rest) = text.strip_prefix("NOW") else {
        return parse(text, format);
    };
    let now = now.naive_utc().with_nanosecond(0)?;
    let rest = rest.trim();
    if rest.is_empty() {
        return Some(now);
    }
    let (sign, rest) = match (rest.strip_prefix('-'), rest.strip_prefix('+')) {
        (Some(rest), _) => (-1, rest),
        (_, Some(rest)) => (1, rest),
        _ => return None,
    };
    let rest = rest.trim();
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let count: i64 = rest[..end].parse().ok()?;
    Unit::parse(rest[end..].trim())?.add(now, sign * count)
}

/// What a format leaves out is the first: of January, midnight.
fn parse(text: &str, format: &str) -> Option<NaiveDateTime> {
    let mut parsed = chrono::format::Parsed::new();
    chrono::format::parse(
        &mut parsed,
        text,
        chrono::format::StrftimeItems::new(format),
    )
    .ok()?;
    let date = NaiveDate::from_ymd_opt(
        parsed.year()?,
        parsed.month().unwrap_or(1),
        parsed.day().unwrap_or(1),
    )?;
    let hour = match (parsed.hour_div_12(), parsed.hour_mod_12()) {
        (Some(half), Some(hour)) => half * 12 + hour,
        _ => 0,
    };
    date.and_hms_opt(
        hour,
        parsed.minute().unwrap_or(0),
        parsed.second().unwrap_or(0),
    )
}

/// A Java date pattern in chrono's signs.
fn java_format(pattern: &str) -> String {
    let mut format = String::new();
    let mut rest = pattern;
    let signs = [
        ("yyyy", "%Y"),
        ("uuuu", "%Y"),
        ("yy", "%y"),
        ("MMM", "%b"),
        ("MM", "%m"),
        ("dd", "%d"),
        ("HH", "%H"),
        ("mm", "%M"),
        ("ss", "%S"),
        ("M", "%-m"),
        ("d", "%-d"),
        ("H", "%-H"),
    ];
    while let Some(c) = rest.chars().next() {
        if let Some(quoted) = rest.strip_prefix('\'') {
            let end = quoted.find('\'').unwrap_or(quoted.len());
            format.push_str(&quoted[..end].replace('%', "%%"));
            rest = quoted.get(end + 1..).unwrap_or_default();
        } else if let Some((java, chrono)) = signs.iter().find(|(java, _)| rest.starts_with(java)) {
            format.push_str(chrono);
            rest = &rest[java.len()..];
        } else {
            format.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    format
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Type;

    fn locations(parameters: &[(&str, &str)]) -> Result<Vec<String>, Error> {
        let mut table = Table::default();
        table.storage.location = "s3://lake/t/".to_owned();
        for (key, value) in parameters {
            table
                .parameters
                .insert((*key).to_owned(), (*value).to_owned());
        }
        let keys = [("k".to_owned(), Type::VARCHAR)];
        let partitions = partitions(&table, &Keys::new(&keys), &[])?;
        Ok(partitions.into_iter().map(|p| p.storage.location).collect())
    }

    #[test]
    fn days_follow_each_other_in_the_format_of_the_folders() {
        let found = locations(&[
            ("projection.k.type", "date"),
            ("projection.k.format", "yyyy/MM/dd"),
            ("projection.k.range", "2024/02/28,2024/03/01"),
            ("storage.location.template", "s3://lake/logs/${k}/"),
        ]);
        let expected = ["2024/02/28", "2024/02/29", "2024/03/01"];
        assert_eq!(
            found.unwrap(),
            expected.map(|day| format!("s3://lake/logs/{day}/"))
        );
    }

    #[test]
    fn numbers_have_their_digits() {
        let found = locations(&[
            ("projection.k.type", "integer"),
            ("projection.k.range", "8,12"),
            ("projection.k.interval", "2"),
            ("projection.k.digits", "3"),
        ]);
        assert_eq!(
            found.unwrap(),
            [
                "s3://lake/t/k=008",
                "s3://lake/t/k=010",
                "s3://lake/t/k=012"
            ]
        );
    }

    #[test]
    fn blanks_are_part_of_the_values_of_an_enum() {
        let found = locations(&[
            ("projection.k.type", " enum "),
            ("projection.k.values", "eu, us"),
        ]);
        assert_eq!(found.unwrap(), ["s3://lake/t/k=eu", "s3://lake/t/k= us"]);
    }

    #[test]
    fn an_injected_key_has_to_be_named() {
        let error = locations(&[("projection.k.type", "injected")]).unwrap_err();
        assert_eq!(error.code, "CONSTRAINT_VIOLATION");
    }
}
