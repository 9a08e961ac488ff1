//! Executions recorded on AWS, run here.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;
use serde_json::{Value, json};

use crate::world::{Ran, run};

/// What was reached before: may only rise. Four recordings hold a placeholder that nothing can
/// equal (three random numbers, and a time), and two histories lack events that the ids of the
/// others show to have been there.
const OUTCOMES: usize = 165;
const HISTORIES: usize = 163;

const VOLATILE: [&str; 8] = [
    "timestamp",
    "datetime",
    "uuid",
    "snf_role_arn",
    "start-date",
    "stop-date",
    "date",
    "entered-time",
];

const BESIDE: [&str; 4] = [
    "inputDetails",
    "outputDetails",
    "ResponseMetadata",
    "assignedVariablesDetails",
];

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| Regex::new("<[^<>]*>").unwrap());

/// Texts that are JSON become what they hold, whole fractions become integers.
fn norm(value: &Value) -> Value {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner) if !inner.is_string() => norm(&inner),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(norm).collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !BESIDE.contains(&name.as_str()))
            .map(|(name, member)| (name.clone(), norm(member)))
            .collect(),
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64().unwrap();
            if number.fract() == 0.0 && number.abs() < 1e15 {
                json!(number as i64)
            } else {
                value.clone()
            }
        }
        _ => value.clone(),
    }
}

fn eq(wanted: &Value, got: &Value) -> bool {
    match (wanted, got) {
        (Value::String(wanted), _) if VOLATILE.contains(&wanted.as_str()) => true,
        (Value::String(wanted), _) if PLACEHOLDER.is_match(wanted) => {
            let parts: Vec<_> = PLACEHOLDER.split(wanted).map(regex::escape).collect();
            let pattern = Regex::new(&format!("(?s)^{}$", parts.join(".*"))).unwrap();
            pattern.is_match(&got.as_str().map_or_else(|| got.to_string(), str::to_owned))
        }
        (Value::String(wanted), Value::String(got)) => {
            wanted == got || wanted.split_whitespace().eq(got.split_whitespace())
        }
        (Value::Object(wanted), Value::Object(got)) => {
            wanted.len() == got.len()
                && wanted
                    .iter()
                    .all(|(name, wanted)| got.get(name).is_some_and(|got| eq(wanted, got)))
        }
        (Value::Array(wanted), Value::Array(got)) => {
            wanted.len() == got.len() && wanted.iter().zip(got).all(|(wanted, got)| eq(wanted, got))
        }
        (Value::Number(wanted), Value::Number(got)) => wanted.as_f64() == got.as_f64(),
        _ => wanted == got,
    }
}

/// Type and state name of each event.
fn recorded(case: &Value) -> Vec<(String, String)> {
    let name = |event: &Value| {
        ["stateEnteredEventDetails", "stateExitedEventDetails"]
            .into_iter()
            .find_map(|member| event[member]["name"].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let events = case["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| (event["type"].as_str().unwrap().to_owned(), name(event)))
        .collect()
}

fn told(ran: &Ran) -> Vec<(String, String)> {
    let name = |details: &Option<(&str, Value)>| match details {
        Some(("stateEnteredEventDetails" | "stateExitedEventDetails", details)) => {
            details["name"].as_str().unwrap_or_default().to_owned()
        }
        _ => String::new(),
    };
    ran.events
        .iter()
        .map(|event| (event.kind.to_owned(), name(&event.details)))
        .collect()
}

fn counted(events: &[(String, String)]) -> BTreeMap<&(String, String), usize> {
    events.iter().fold(BTreeMap::new(), |mut counts, event| {
        *counts.entry(event).or_default() += 1;
        counts
    })
}

#[tokio::test(start_paused = true)]
async fn executions_end_and_tell_their_history_as_they_did_on_aws() {
    let cases = include_str!("../data/executions.jsonl");
    let (mut outcomes, mut histories, mut differing) = (0, 0, String::new());
    for line in cases.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let ran = run(&case["definition"], case["input"].clone()).await;
        let last = ran.events.last().unwrap();
        let details = last
            .details
            .as_ref()
            .map_or(json!({}), |(_, details)| details.clone());
        let (wanted, got) = (norm(&case["expected"]["details"]), norm(&details));
        let same_end = case["expected"]["end"] == last.kind && eq(&wanted, &got);
        let (wanted_events, events) = (recorded(&case), told(&ran));
        // Where branches run at the same time, the order of their events says nothing.
        let concurrent = wanted_events
            .iter()
            .any(|(kind, _)| kind.starts_with("Map") || kind.starts_with("Parallel"));
        let same_events = if concurrent {
            counted(&wanted_events) == counted(&events)
        } else {
            wanted_events == events
        };
        outcomes += usize::from(same_end);
        histories += usize::from(same_end && same_events);
        if !(same_end && same_events) {
            differing += &format!(
                "{}\n  wanted {wanted}\n  got    {} {got}\n",
                case["id"], last.kind
            );
            if same_end {
                differing += &format!("  wanted {wanted_events:?}\n  got    {events:?}\n");
            }
        }
    }
    assert!(
        outcomes >= OUTCOMES && histories >= HISTORIES,
        "{outcomes} outcomes and {histories} histories are as recorded, once it were {OUTCOMES} and {HISTORIES}:\n{differing}"
    );
}

#[test]
fn a_machine_can_be_made_of_every_definition_that_ran_on_aws() {
    for line in include_str!("../data/executions.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let machine_type = match case["type"].as_str() {
            Some("EXPRESS") => asl::MachineType::Express,
            _ => asl::MachineType::Standard,
        };
        let found = asl::validate(&case["definition"].to_string(), machine_type);
        let mistakes: Vec<_> = found
            .into_iter()
            .filter(|found| found.severity == asl::Severity::Error)
            .collect();
        assert!(mistakes.is_empty(), "{}: {mistakes:?}", case["id"]);
    }
}
