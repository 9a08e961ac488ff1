//! `athena:startQueryExecution`, also `.sync`, and the operations beside it.
//!
//! Source: "Run Athena queries with Step Functions", AWS Step Functions developer guide.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::call::{Call, StopOnDrop, Waits};
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern};

pub(super) struct Athena;

static NAMING: Naming = Naming {
    api: "athena",
    sdk: Sdk::One,
    prefix: "Athena",
    service: "AmazonAthena",
    general: "AmazonAthenaException",
    modelled: errors::ATHENA,
};

#[async_trait]
impl Family for Athena {
    fn name(&self) -> &'static str {
        "athena"
    }

    fn has(&self, action: &str, pattern: Pattern) -> bool {
        match action {
            "startQueryExecution" => matches!(pattern, Pattern::RequestResponse | Pattern::Sync),
            "stopQueryExecution" | "getQueryExecution" | "getQueryResults" => {
                pattern == Pattern::RequestResponse
            }
            _ => false,
        }
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let operation = match (call.action, call.pattern) {
            ("startQueryExecution", Pattern::Sync) => return run_query(&call).await,
            ("startQueryExecution", Pattern::RequestResponse) => {
                return call
                    .invoke(&NAMING, "StartQueryExecution", with_token(&call))
                    .await;
            }
            ("stopQueryExecution", Pattern::RequestResponse) => "StopQueryExecution",
            ("getQueryExecution", Pattern::RequestResponse) => "GetQueryExecution",
            ("getQueryResults", Pattern::RequestResponse) => "GetQueryResults",
            _ => return Err(call.not_supported()),
        };
        call.invoke(&NAMING, operation, call.parameters.clone())
            .await
    }
}

/// The parameters with a `ClientRequestToken`, so that a task which is taken up again starts no
/// second query.
fn with_token(call: &Call<'_>) -> Value {
    let mut parameters = call.parameters.clone();
    if let Value::Object(members) = &mut parameters {
        members
            .entry("ClientRequestToken")
            .or_insert_with(|| json!(hex::encode(Sha256::digest(&call.token))));
    }
    parameters
}

/// Starts a query and waits for its end; the query is stopped when the wait is given up.
async fn run_query(call: &Call<'_>) -> Result<Value, TaskError> {
    let started = match &call.accepted {
        Some(accepted) => accepted.clone(),
        None => {
            call.invoke(&NAMING, "StartQueryExecution", with_token(call))
                .await?
        }
    };
    let query = json!({"QueryExecutionId": started.get("QueryExecutionId")});
    (call.submitted)(started);
    let stop = StopOnDrop::new(call, "athena", "StopQueryExecution", query.clone());
    let mut waits = Waits::new();
    loop {
        let answer = call
            .invoke(&NAMING, "GetQueryExecution", query.clone())
            .await?;
        match answer
            .pointer("/QueryExecution/Status/State")
            .and_then(Value::as_str)
        {
            Some("SUCCEEDED") => {
                stop.disarm();
                return Ok(answer);
            }
            Some("FAILED" | "CANCELLED") => {
                stop.disarm();
                return Err(TaskError {
                    error: "States.TaskFailed".to_owned(),
                    cause: answer.to_string(),
                });
            }
            _ => waits.next().await,
        }
    }
}
