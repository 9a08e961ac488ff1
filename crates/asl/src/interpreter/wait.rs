//! `Wait`.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{
    Interpreter,
    branch::Branch,
    failure::Interrupt,
    visit::{Done, Visit},
};
use crate::{
    definition::{Amount, Until, Wait},
    query::{Environment, Fault, PathField, Template},
    timestamp,
};

/// The longest wait that there is, in seconds: what fits into 32 bits.
const MAX_SECONDS: i64 = i32::MAX as i64;

impl Interpreter<'_> {
    pub(super) async fn wait<'s>(
        &self,
        wait: &Wait,
        visit: &Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        let (input, until) = self.query(visit, branch, |context, variables| {
            let input = visit.effective_input(context, variables)?;
            let environment = Environment::new(&input, context, variables);
            let until = wait.until.moment(visit.entered_time, &environment)?;
            Ok((input.into_owned(), until))
        })?;
        if visit.probe.is_none() {
            self.clock.sleep_until(until).await;
        }
        self.query(visit, branch, |context, variables| {
            visit.pass_on(&input, context, variables)
        })
    }
}

impl Until {
    fn moment(
        &self,
        entered: DateTime<Utc>,
        environment: &Environment,
    ) -> Result<DateTime<Utc>, Fault> {
        let moment = match self {
            Self::Seconds(amount) => after(entered, seconds(amount, environment)?),
            Self::Timestamp(text) => timestamp::parse(text),
            Self::TimestampPath(path) => return timestamp_at(path, entered, environment),
            Self::TimestampJsonata(template) => {
                return timestamp_of(template, entered, environment);
            }
        };
        moment
            .and_then(|moment| not_too_late(entered, moment))
            .ok_or_else(too_long)
    }
}

fn too_long() -> Fault {
    Fault::Runtime("Wait state delay is too long.".to_owned())
}

fn after(entered: DateTime<Utc>, seconds: i64) -> Option<DateTime<Utc>> {
    entered.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

fn not_too_late(entered: DateTime<Utc>, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
    ((moment - entered).num_seconds() <= MAX_SECONDS).then_some(moment)
}

fn seconds(amount: &Amount, environment: &Environment) -> Result<i64, Fault> {
    match amount {
        Amount::Path(path) => seconds_at(path, environment),
        other => other
            .whole_value("Seconds", environment)
            .map(|seconds| i64::try_from(seconds).unwrap_or(i64::MAX)),
    }
}

/// What the path of a Wait points to; its words differ from those of other paths.
fn referenced(path: &PathField, environment: &Environment) -> Result<Value, Fault> {
    path.evaluate(environment).map_err(|_| {
        Fault::Runtime(format!(
            "The {} parameter does not reference an input value: {}",
            path.field, path.text
        ))
    })
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn seconds_at(path: &PathField, environment: &Environment) -> Result<i64, Fault> {
    let value = referenced(path, environment)?;
    let text = shown(&value);
    let problem = match text.parse::<i64>() {
        Ok(seconds) if seconds >= 0 => return Ok(seconds),
        Ok(_) => "references a negative value",
        Err(_) => "cannot be parsed as a long value",
    };
    Err(Fault::Runtime(format!(
        "The SecondsPath parameter {problem}: {} == {text}",
        path.text
    )))
}

fn timestamp_at(
    path: &PathField,
    entered: DateTime<Utc>,
    environment: &Environment,
) -> Result<DateTime<Utc>, Fault> {
    let value = referenced(path, environment)?;
    let Some(moment) = value.as_str().and_then(timestamp::parse) else {
        return Err(Fault::Runtime(format!(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {} == {}",
            path.text,
            shown(&value)
        )));
    };
    not_too_late(entered, moment).ok_or_else(too_long)
}

fn timestamp_of(
    template: &Template,
    entered: DateTime<Utc>,
    environment: &Environment,
) -> Result<DateTime<Utc>, Fault> {
    let value = template.evaluate_as("string", Value::is_string, "Timestamp", environment)?;
    let Some(moment) = value.as_str().and_then(timestamp::parse) else {
        return Err(Fault::Timestamp(format!(
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {}",
            shown(&value)
        )));
    };
    not_too_late(entered, moment).ok_or_else(|| Fault::Timestamp(too_long().to_string()))
}
