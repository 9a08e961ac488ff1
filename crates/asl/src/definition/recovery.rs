//! `Retry` and `Catch`.

use super::{Nullable, Reader, reader, variables};
use crate::{
    jsonpath::ReferencePath,
    query::{Sees, Template},
};

#[derive(Debug, Default)]
pub(crate) struct Recovery {
    pub retry: Vec<Retrier>,
    pub catch: Vec<Catcher>,
}

/// The names in `ErrorEquals`.
#[derive(Debug)]
pub(crate) struct ErrorNames(Vec<String>);

#[derive(Debug)]
pub(crate) struct Retrier {
    pub errors: ErrorNames,
    pub interval_seconds: f64,
    pub max_attempts: u64,
    pub backoff_rate: f64,
    pub max_delay_seconds: Option<f64>,
    /// `JitterStrategy` `FULL`: any delay up to the computed one.
    pub full_jitter: bool,
}

#[derive(Debug)]
pub(crate) struct Catcher {
    pub errors: ErrorNames,
    pub next: String,
    pub result_path: Nullable<ReferencePath>,
    pub output: Option<Template>,
    pub assign: Option<Template>,
}

impl Recovery {
    pub fn read(reader: &Reader) -> Self {
        for field in ["Retry", "Catch"] {
            check_all(reader, field);
        }
        Self {
            retry: reader
                .objects("Retry")
                .iter()
                .filter_map(Retrier::read)
                .collect(),
            catch: reader
                .objects("Catch")
                .iter()
                .filter_map(Catcher::read)
                .collect(),
        }
    }
}

/// Refuses `States.ALL` beside other names, and before others of its kind, which it would hide.
fn check_all(reader: &Reader, field: &str) {
    let items = reader.value(field).and_then(serde_json::Value::as_array);
    let items = items.map_or(&[][..], Vec::as_slice);
    for (index, item) in items.iter().enumerate() {
        let names = item
            .get("ErrorEquals")
            .and_then(serde_json::Value::as_array);
        let names = names.map_or(&[][..], Vec::as_slice);
        let is_last = index + 1 == items.len();
        if let Some(at) = names.iter().position(|name| name == "States.ALL")
            && (names.len() > 1 || !is_last)
        {
            reader.mistake_at(
                &format!("{field}[{index}]/ErrorEquals[{at}]"),
                "States.ALL must appear alone and at end of list",
            );
        }
    }
}

impl ErrorNames {
    fn read(reader: &Reader) -> Option<Self> {
        let names: Vec<_> = reader
            .array("ErrorEquals")?
            .iter()
            .filter_map(|name| name.as_str())
            .map(str::to_owned)
            .collect();
        if names.is_empty() {
            reader.mistake_at("ErrorEquals", reader::EMPTY);
            return None;
        }
        Some(Self(names))
    }

    /// Whether an error of that name is meant, `by_wildcard` also by the names that stand for many.
    pub fn include(&self, error: &str, by_wildcard: bool) -> bool {
        self.0.iter().any(|name| match name.as_str() {
            "States.ALL" => by_wildcard,
            "States.TaskFailed" => {
                by_wildcard && !matches!(error, "States.Timeout" | "States.HeartbeatTimeout")
            }
            "States.Timeout" => matches!(error, "States.Timeout" | "States.HeartbeatTimeout"),
            name => name == error,
        })
    }
}

impl Retrier {
    fn read(reader: &Reader) -> Option<Self> {
        reader.allow_only(&[
            "ErrorEquals",
            "IntervalSeconds",
            "MaxAttempts",
            "BackoffRate",
            "MaxDelaySeconds",
            "JitterStrategy",
            "Comment",
        ]);
        reader.require(&["ErrorEquals"]);
        let jitter = reader.text("JitterStrategy");
        if !matches!(jitter, None | Some("FULL" | "NONE")) {
            reader.mistake_at("JitterStrategy", reader::one_of(&["NONE", "FULL"]));
        }
        let interval = reader.whole("IntervalSeconds", 0, 99_999_999).unwrap_or(1) as f64;
        Some(Self {
            errors: ErrorNames::read(reader)?,
            interval_seconds: interval,
            max_attempts: reader.whole("MaxAttempts", 0, 99_999_999).unwrap_or(3),
            backoff_rate: reader.number("BackoffRate", 1.0, f64::MAX).unwrap_or(2.0),
            max_delay_seconds: reader
                .whole("MaxDelaySeconds", 1, 31_622_400)
                .map(|seconds| seconds as f64),
            full_jitter: jitter == Some("FULL"),
        })
    }
}

impl Catcher {
    fn read(reader: &Reader) -> Option<Self> {
        reader.allow_only(&[
            "ErrorEquals",
            "Next",
            "ResultPath",
            "Output",
            "Assign",
            "Comment",
        ]);
        if !reader.require(&["ErrorEquals", "Next"]) {
            return None;
        }
        Some(Self {
            errors: ErrorNames::read(reader)?,
            next: reader.text("Next")?.to_owned(),
            result_path: Nullable::read(reader, "ResultPath", || {
                reader.reference_path("ResultPath")
            }),
            output: reader.template_that_sees("Output", Sees::ERROR),
            assign: variables::read(reader, Sees::ERROR),
        })
    }
}
