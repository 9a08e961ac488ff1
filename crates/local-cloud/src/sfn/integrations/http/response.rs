//! What an endpoint's command answers, and what becomes of it.

use std::collections::BTreeMap;

use asl::TaskError;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::sfn::InspectionDataResponse;
use crate::sfn::commands::last_words;
use crate::sfn::integrations::runtime;

/// What a command writes to stdout.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Response {
    #[serde(default = "ok")]
    status_code: u16,
    status_text: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, Texts>,
    #[serde(default)]
    response_body: Value,
}

fn ok() -> u16 {
    200
}

impl Response {
    fn status_text_of(&self, code: http::StatusCode) -> String {
        let usual = || code.canonical_reason().unwrap_or_default().to_owned();
        self.status_text.clone().unwrap_or_else(usual)
    }
}

/// What who tests a task is shown; nothing of what is no response.
pub(super) fn inspected(stdout: &[u8]) -> Option<InspectionDataResponse> {
    let response: Response = serde_json::from_slice(stdout).ok()?;
    let code = http::StatusCode::from_u16(response.status_code).ok()?;
    let mut headers = Vec::new();
    for (name, texts) in &response.headers {
        let texts: &[String] = match texts {
            Texts::One(text) => std::slice::from_ref(text),
            Texts::Many(texts) => texts,
        };
        headers.extend(texts.iter().map(|text| format!("{name}: {text}")));
    }
    Some(InspectionDataResponse {
        protocol: Some("https".to_owned()),
        status_code: Some(response.status_code.to_string()),
        status_message: Some(response.status_text_of(code)),
        headers: Some(format!("[{}]", headers.join(", "))),
        body: match response.response_body {
            Value::Null => None,
            Value::String(text) => Some(text),
            document => Some(document.to_string()),
        },
    })
}

/// A header's value, or its values.
#[derive(Deserialize)]
#[serde(untagged)]
enum Texts {
    One(String),
    Many(Vec<String>),
}

/// The result of the task: `Headers` (in lower case, each with a list of values), `ResponseBody`,
/// `StatusCode`, `StatusText`. A status from 400 is `States.Http.StatusCode.NNN` with the body as
/// its cause.
pub(super) fn read(endpoint: &str, stdout: &[u8], stderr: &str) -> Result<Value, TaskError> {
    let response: Response = serde_json::from_slice(stdout).map_err(|error| {
        runtime(format!(
            "What the command of the endpoint {endpoint} wrote to stdout is no response of StatusCode, StatusText, Headers and ResponseBody: {error}{}.",
            last_words(stdout, stderr)
        ))
    })?;
    let status = response.status_code;
    let code = http::StatusCode::from_u16(status).map_err(|_| {
        runtime(format!(
            "The StatusCode {status} of the endpoint {endpoint} is none of HTTP."
        ))
    })?;
    let status_text = response.status_text_of(code);
    let headers: BTreeMap<String, Vec<String>> = response
        .headers
        .into_iter()
        .map(|(name, texts)| {
            let texts = match texts {
                Texts::One(text) => vec![text],
                Texts::Many(texts) => texts,
            };
            (name.to_ascii_lowercase(), texts)
        })
        .collect();
    let kind = headers.get("content-type").and_then(|kinds| kinds.first());
    let kind = kind.map(String::as_str).unwrap_or_default();
    if is_unreadable(kind) {
        return Err(runtime(format!(
            "The response has the content type {kind}, which http:invoke can not read."
        )));
    }
    let body = body(response.response_body, kind);
    if status >= 400 {
        return Err(TaskError {
            error: format!("States.Http.StatusCode.{status}"),
            cause: match body {
                Value::Null => status_text,
                Value::String(text) if text.is_empty() => status_text,
                Value::String(text) => text,
                document => document.to_string(),
            },
        });
    }
    Ok(json!({
        "Headers": headers,
        "ResponseBody": body,
        "StatusCode": status,
        "StatusText": status_text,
    }))
}

/// The type of a content, without its parameters, in lower case.
fn media(kind: &str) -> String {
    let media = kind.split(';').next().unwrap_or_default();
    media.trim().to_ascii_lowercase()
}

fn is_unreadable(kind: &str) -> bool {
    let media = media(kind);
    media == "application/octet-stream"
        || ["image/", "video/", "audio/"]
            .iter()
            .any(|start| media.starts_with(start))
}

/// The text of a JSON document is the document.
fn body(body: Value, kind: &str) -> Value {
    let media = media(kind);
    let is_json = media == "application/json" || media.ends_with("+json");
    match body {
        Value::String(text) if is_json => asl::parse_json(&text).unwrap_or(Value::String(text)),
        body => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(response: &Value) -> Result<Value, TaskError> {
        read("films", response.to_string().as_bytes(), "")
    }

    #[test]
    fn a_response_is_the_result() {
        let result = answered(&json!({
            "StatusCode": 201, "Headers": {"Content-Type": "application/json", "X-Tag": ["a", "b"]},
            "ResponseBody": "{\"id\": 7}"}));
        let told = json!({
            "Headers": {"content-type": ["application/json"], "x-tag": ["a", "b"]},
            "ResponseBody": {"id": 7}, "StatusCode": 201, "StatusText": "Created"});
        assert_eq!(result, Ok(told));
        let least =
            json!({"Headers": {}, "ResponseBody": null, "StatusCode": 200, "StatusText": "OK"});
        assert_eq!(answered(&json!({})), Ok(least));
        let text = answered(&json!({"ResponseBody": "{\"id\": 7}"})).unwrap();
        assert_eq!(text["ResponseBody"], "{\"id\": 7}");
    }

    #[test]
    fn a_status_of_an_error_is_the_tasks() {
        let failed =
            answered(&json!({"StatusCode": 429, "ResponseBody": {"wait": 1}})).unwrap_err();
        assert_eq!(failed.error, "States.Http.StatusCode.429");
        assert_eq!(failed.cause, "{\"wait\":1}");
        let failed = answered(&json!({"StatusCode": 503})).unwrap_err();
        assert_eq!(failed.error, "States.Http.StatusCode.503");
        assert_eq!(failed.cause, "Service Unavailable");
    }

    #[test]
    fn what_cannot_be_read_fails() {
        let image = json!({"Headers": {"content-type": "IMAGE/png; q=1"}, "ResponseBody": "…"});
        let failed = answered(&image).unwrap_err();
        assert_eq!(failed.error, "States.Runtime");
        assert!(failed.cause.contains("IMAGE/png"), "{}", failed.cause);
        for stdout in [
            "",
            "hello",
            "[]",
            "{\"Status\": 200}",
            "{\"StatusCode\": 42}",
        ] {
            let failed = read("films", stdout.as_bytes(), "why").unwrap_err();
            assert_eq!(failed.error, "States.Runtime", "{stdout}");
            assert!(
                failed.cause.contains("the endpoint films"),
                "{}",
                failed.cause
            );
        }
        let failed = read("films", b"hello", "why").unwrap_err();
        let told = "; it wrote: hello; its stderr ends with: why.";
        assert!(failed.cause.ends_with(told), "{}", failed.cause);
    }
}
