//! `athena:startQueryExecution`, also `.sync`, and the operations beside it.
//!
//! Source: "Run Athena queries with Step Functions", AWS Step Functions developer guide.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::{Value, json};

use super::casing::{self, Times};
use super::errors::{self, Naming};
use super::{Call, Family, Pattern, StopOnDrop, Waits, runtime};
use crate::model::Shape;
use crate::model::athena::OPERATIONS;

pub(super) struct Athena;

static NAMING: Naming = Naming {
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

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let operation = match (call.action, call.pattern) {
            ("startQueryExecution", Pattern::Sync) => return run_query(&call).await,
            ("startQueryExecution", Pattern::RequestResponse) => "StartQueryExecution",
            ("stopQueryExecution", Pattern::RequestResponse) => "StopQueryExecution",
            ("getQueryExecution", Pattern::RequestResponse) => "GetQueryExecution",
            ("getQueryResults", Pattern::RequestResponse) => "GetQueryResults",
            _ => return Err(call.not_supported()),
        };
        invoke(&call, operation, call.parameters.clone()).await
    }
}

/// One call, with the members as Step Functions spells them.
async fn invoke(call: &Call<'_>, operation: &str, parameters: Value) -> Result<Value, TaskError> {
    let (input, output) = shapes(operation);
    let input = match input {
        Some(shape) => {
            casing::request(shape, parameters).map_err(|error| runtime(error.to_string()))?
        }
        None => parameters,
    };
    let answer = call
        .invoke("athena", operation, input)
        .await
        .map_err(|error| errors::optimized(&NAMING, &error))?;
    Ok(match output {
        Some(shape) => casing::result(shape, answer, Times::Millis),
        None => answer,
    })
}

fn shapes(operation: &str) -> (Option<&'static Shape>, Option<&'static Shape>) {
    OPERATIONS
        .iter()
        .find(|o| o.name == operation)
        .map_or((None, None), |o| (o.input, o.output))
}

/// Starts a query and waits for its end; the query is stopped when the wait is given up.
async fn run_query(call: &Call<'_>) -> Result<Value, TaskError> {
    let started = invoke(call, "StartQueryExecution", call.parameters.clone()).await?;
    let query = json!({"QueryExecutionId": started.get("QueryExecutionId")});
    (call.submitted)(started);
    let stop = StopOnDrop::new(call, "athena", "StopQueryExecution", query.clone());
    let mut waits = Waits::new();
    loop {
        let answer = invoke(call, "GetQueryExecution", query.clone()).await?;
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
