//! Partition projection: partitions that Athena computes, as parameters of the table.
//!
//! Source: <https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::resource::Problem;

/// What the parameters of a projection start with.
pub(super) const PREFIX: &str = "projection.";

/// The parameter that says where a projected partition is.
pub(super) const TEMPLATE: &str = "storage.location.template";

/// The values of one partition key.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Projection {
    /// How the values follow from each other. `injected` ones come from the query alone.
    pub r#type: ProjectionType,
    /// All values of an `enum`.
    pub values: Option<Vec<String>>,
    /// The first and the last value: numbers, or dates as in `format`, where `NOW` and
    /// `NOW-3YEARS` stand for moments.
    pub range: Option<Vec<Bound>>,
    /// The step from value to value.
    #[schemars(range(min = 1))]
    pub interval: Option<i64>,
    /// What a step of dates is counted in.
    pub interval_unit: Option<IntervalUnit>,
    /// How dates are written, as in Java's `DateTimeFormatter`: `yyyy-MM-dd`.
    pub format: Option<String>,
    /// How many digits a number has, with zeros in front.
    #[schemars(range(min = 1))]
    pub digits: Option<i64>,
}

/// How the values of a partition key follow from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum ProjectionType {
    Enum,
    Integer,
    Date,
    Injected,
}

impl ProjectionType {
    fn name(self) -> &'static str {
        match self {
            Self::Enum => "enum",
            Self::Integer => "integer",
            Self::Date => "date",
            Self::Injected => "injected",
        }
    }
}

/// An end of a range.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Bound {
    Number(i64),
    Text(String),
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// What a step of dates is counted in.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum IntervalUnit {
    Years,
    Months,
    Weeks,
    Days,
    Hours,
    Minutes,
    Seconds,
    Millis,
}

impl IntervalUnit {
    fn name(self) -> &'static str {
        match self {
            Self::Years => "YEARS",
            Self::Months => "MONTHS",
            Self::Weeks => "WEEKS",
            Self::Days => "DAYS",
            Self::Hours => "HOURS",
            Self::Minutes => "MINUTES",
            Self::Seconds => "SECONDS",
            Self::Millis => "MILLIS",
        }
    }
}

/// The parameters behind [`PREFIX`]; none where nothing is projected.
pub(super) fn parameters(columns: &BTreeMap<String, Projection>) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    if columns.is_empty() {
        return parameters;
    }
    parameters.insert("enabled".to_owned(), "true".to_owned());
    for (column, projection) in columns {
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                parameters.insert(format!("{column}.{name}"), value);
            }
        };
        set("type", Some(projection.r#type.name().to_owned()));
        set("values", projection.values.as_ref().map(|v| v.join(",")));
        let range = projection.range.as_ref().map(|range| {
            let ends: Vec<String> = range.iter().map(ToString::to_string).collect();
            ends.join(",")
        });
        set("range", range);
        set("interval", projection.interval.map(|n| n.to_string()));
        let unit = projection.interval_unit;
        set("interval.unit", unit.map(|unit| unit.name().to_owned()));
        set("format", projection.format.clone());
        set("digits", projection.digits.map(|n| n.to_string()));
    }
    parameters
}

/// A parameter's value in the form in which equal ones are equal: lists without space around the
/// commas; what is no list, in lower case where case does not matter.
pub(super) fn normal(name: &str, value: &str) -> String {
    if name == "enabled" || name.ends_with(".type") {
        return value.trim().to_lowercase();
    }
    if name.ends_with(".range") || name.ends_with(".values") {
        let parts: Vec<&str> = value.split(',').map(str::trim).collect();
        return parts.join(",");
    }
    value.to_owned()
}

/// What Athena would refuse in every query.
pub(super) fn mistakes(columns: &BTreeMap<String, Projection>, keys: &[&str]) -> Vec<Problem> {
    let mut found = Vec::new();
    for (column, projection) in columns {
        let place = format!("projection.{column}");
        if !keys.contains(&column.as_str()) {
            found.push(Problem::new(
                &place,
                format!("`{column}` is no partition key"),
                "only partition keys are projected",
            ));
            continue;
        }
        found.extend(projection.mistakes(&place));
    }
    if !columns.is_empty()
        && let Some(key) = keys.iter().find(|key| !columns.contains_key(**key))
    {
        found.push(
            Problem::new(
                "projection",
                format!("the partition key `{key}` has no projection"),
                "Athena projects all partition keys or none",
            )
            .with_help(format!(
                "projection.{key} = {{ type = \"injected\" }}, or its values"
            )),
        );
    }
    found
}

impl Projection {
    fn mistakes(&self, place: &str) -> Option<Problem> {
        use ProjectionType::{Date, Enum, Injected, Integer};
        let name = self.r#type.name();
        let needs: &[(&str, bool)] = match self.r#type {
            Enum => &[("values", self.values.is_none())],
            Integer => &[("range", self.range.is_none())],
            Date => &[
                ("range", self.range.is_none()),
                ("format", self.format.is_none()),
            ],
            Injected => &[],
        };
        if let Some((key, _)) = needs.iter().find(|(_, missing)| *missing) {
            return Some(Problem::new(
                place,
                format!("`{key}` is missing"),
                format!("a projection of the type `{name}` needs it"),
            ));
        }
        if self.range.as_ref().is_some_and(|range| range.len() != 2) {
            return Some(Problem::new(
                &format!("{place}.range"),
                "a range has two ends",
                "the first and the last value",
            ));
        }
        let has: &[(&str, bool, &[ProjectionType])] = &[
            ("values", self.values.is_some(), &[Enum]),
            ("range", self.range.is_some(), &[Integer, Date]),
            ("interval", self.interval.is_some(), &[Integer, Date]),
            ("interval_unit", self.interval_unit.is_some(), &[Date]),
            ("format", self.format.is_some(), &[Date]),
            ("digits", self.digits.is_some(), &[Integer]),
        ];
        let (key, ..) = has
            .iter()
            .find(|(_, is_set, types)| *is_set && !types.contains(&self.r#type))?;
        Some(Problem::new(
            &format!("{place}.{key}"),
            format!("a projection of the type `{name}` has no `{key}`"),
            "this is of another type",
        ))
    }
}

/// A template has every partition key in it, and is a folder.
pub(super) fn template_mistakes(template: &str, keys: &[&str]) -> Option<Problem> {
    let missing = keys
        .iter()
        .find(|key| !template.contains(&format!("${{{key}}}")))?;
    Some(Problem::new(
        "storage_location_template",
        format!("the template lacks ${{{missing}}}"),
        "every partition key is in it",
    ))
}
