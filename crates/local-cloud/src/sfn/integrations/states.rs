//! `states:startExecution`, also `.sync` and `.sync:2`: an execution inside an execution.
//!
//! Source: "Start workflow executions from a task state", AWS Step Functions developer guide.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::call::{Call, CallError, StopOnDrop, Waits};
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern, http_date, http_exchange, runtime};
use crate::error::ServiceError;
use crate::sfn::arn::{ExecutionArn, MachineArn};

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

    fn has(&self, action: &str, _: Pattern) -> bool {
        action == "startExecution"
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let answer = match &call.accepted {
            Some(accepted) => accepted.clone(),
            None => exchanged(start(&call).await?),
        };
        if call.pattern == Pattern::RequestResponse {
            return Ok(answer);
        }
        let execution = json!({"ExecutionArn": answer.get("ExecutionArn")});
        (call.submitted)(answer);
        wait(&call, execution).await
    }

    fn takes_tokens(&self) -> bool {
        true
    }
}

/// An answer of Step Functions with what the SDK tells of the exchange.
fn exchanged(answer: Value) -> Value {
    let request_id = uuid::Uuid::new_v4().to_string();
    let headers = [
        ("x-amzn-RequestId", request_id.clone()),
        ("connection", "keep-alive".to_owned()),
        ("Content-Length", answer.to_string().len().to_string()),
        ("Date", http_date()),
        ("Content-Type", "application/x-amz-json-1.0".to_owned()),
    ];
    http_exchange(answer, &request_id, &headers)
}

/// Starts the inner execution. Its name, where none is given, comes from the token, so that a task
/// which is taken up again finds the execution that it may have started before.
async fn start(call: &Call<'_>) -> Result<Value, TaskError> {
    let mut parameters = call.parameters.clone();
    if let Value::Object(members) = &mut parameters {
        members
            .entry("Name")
            .or_insert_with(|| json!(name(&call.token)));
    }
    let name = parameters.get("Name").cloned();
    let machine = parameters.get("StateMachineArn").cloned();
    match call.call(&NAMING, "StartExecution", parameters).await {
        Ok(started) => Ok(started),
        Err(CallError::Parameters(cause)) => Err(runtime(cause)),
        Err(CallError::Service(error))
            if error.code == "ExecutionAlreadyExists" && call.was_begun =>
        {
            let arn = name
                .as_ref()
                .and_then(Value::as_str)
                .zip(machine.as_ref().and_then(Value::as_str));
            let arn = arn.and_then(|(name, machine)| execution_arn(machine, name).ok());
            let found = json!({"ExecutionArn": arn});
            let described = call
                .invoke(&NAMING, "DescribeExecution", found.clone())
                .await?;
            Ok(json!({"ExecutionArn": found["ExecutionArn"], "StartDate": described["StartDate"]}))
        }
        Err(CallError::Service(error)) => Err(errors::failure(&NAMING, &error)),
    }
}

/// A name that looks like those that Step Functions gives, and is always that of the token.
fn name(token: &str) -> String {
    let digest = Sha256::digest(token);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

fn execution_arn(machine: &str, name: &str) -> Result<String, ServiceError> {
    let machine = MachineArn::parse(machine)?;
    let arn = ExecutionArn {
        region: machine.region,
        account: machine.account,
        machine: machine.name,
        name: name.to_owned(),
    };
    Ok(arn.to_string())
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
        && let Some(document) = slot.as_str().and_then(|t| asl::parse_json(t).ok())
    {
        *slot = document;
    }
}
