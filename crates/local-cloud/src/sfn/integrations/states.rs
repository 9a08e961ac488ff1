//! `states:startExecution`, also `.sync` and `.sync:2`: an execution inside an execution.
//!
//! Source: "Start workflow executions from a task state", AWS Step Functions developer guide.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::{Value, json};

use super::call::{Call, StopOnDrop, Waits};
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern};

pub(super) struct States;

static NAMING: Naming = Naming {
    api: "states",
    sdk: Sdk::One,
    prefix: "StepFunctions",
    service: "AWSStepFunctions",
    general: "AWSStepFunctionsException",
    modelled: errors::SFN,
};

#[async_trait]
impl Family for States {
    fn name(&self) -> &'static str {
        "states"
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        if call.action != "startExecution" {
            return Err(call.not_supported());
        }
        let started = call
            .invoke(&NAMING, "StartExecution", call.parameters.clone())
            .await?;
        let execution = json!({"ExecutionArn": started.get("ExecutionArn")});
        let answer = with_metadata(started);
        if call.pattern == Pattern::RequestResponse {
            return Ok(answer);
        }
        (call.submitted)(answer);
        wait(&call, execution).await
    }
}

/// Waits for the end of the inner execution, which is stopped when the wait is given up. With
/// `.sync:2` its input and output are documents and no texts.
async fn wait(call: &Call<'_>, execution: Value) -> Result<Value, TaskError> {
    let child = json!({"executionArn": execution.get("ExecutionArn")});
    let stop = StopOnDrop::new(call, "states", "StopExecution", child);
    let mut waits = Waits::new();
    loop {
        let mut answer = call
            .invoke(&NAMING, "DescribeExecution", execution.clone())
            .await?;
        let status = answer
            .get("Status")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if status.as_deref() == Some("RUNNING") {
            waits.next().await;
            continue;
        }
        stop.disarm();
        if call.pattern == Pattern::Sync2 {
            for member in ["Input", "Output"] {
                parse_text(&mut answer, member);
            }
        }
        return match status.as_deref() {
            Some("SUCCEEDED") => Ok(answer),
            _ => Err(TaskError {
                error: "States.TaskFailed".to_owned(),
                cause: answer.to_string(),
            }),
        };
    }
}

/// Puts the document in the place of its text.
fn parse_text(answer: &mut Value, member: &str) {
    if let Some(slot) = answer.get_mut(member)
        && let Some(document) = slot.as_str().and_then(|t| serde_json::from_str(t).ok())
    {
        *slot = document;
    }
}

/// The answer with what the SDK tells of the HTTP exchange, which this integration shows.
fn with_metadata(mut answer: Value) -> Value {
    let request_id = uuid::Uuid::new_v4().to_string();
    let headers = [
        ("x-amzn-RequestId", request_id.clone()),
        ("connection", "keep-alive".to_owned()),
        ("Content-Length", answer.to_string().len().to_string()),
        (
            "Date",
            chrono::Utc::now()
                .format("%a, %d %b %Y %H:%M:%S GMT")
                .to_string(),
        ),
        ("Content-Type", "application/x-amz-json-1.0".to_owned()),
    ];
    let all: Value = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!([value])))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let single: Value = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    if let Value::Object(members) = &mut answer {
        members.insert(
            "SdkHttpMetadata".to_owned(),
            json!({"AllHttpHeaders": all, "HttpHeaders": single, "HttpStatusCode": 200}),
        );
        members.insert(
            "SdkResponseMetadata".to_owned(),
            json!({"RequestId": request_id}),
        );
    }
    answer
}
