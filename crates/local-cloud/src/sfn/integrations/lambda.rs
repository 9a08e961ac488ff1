//! Lambda: `lambda:invoke`, and a function's ARN as the `Resource`. A function is a command of
//! this machine.
//!
//! Source: "Invoke an AWS Lambda function with Step Functions", AWS Step Functions developer guide.

use asl::TaskError;
use async_trait::async_trait;
use serde_json::{Value, json};

use super::call::Call;
use super::errors::{self, Naming, Sdk};
use super::{Family, Pattern, http_date, http_exchange, runtime};
use crate::error::ServiceError;
use crate::iam;
use crate::sfn::commands::LocalCommand;
use crate::sfn::functions::{self, Failed, Invoked};

pub(super) struct Lambda;

static NAMING: Naming = Naming {
    api: "lambda",
    sdk: Sdk::One,
    prefix: "Lambda",
    service: "AWSLambda",
    general: "AWSLambdaException",
    modelled: errors::LAMBDA,
};

#[async_trait]
impl Family for Lambda {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn takes_tokens(&self) -> bool {
        true
    }

    fn has(&self, action: &str, pattern: Pattern) -> bool {
        (action, pattern) == ("invoke", Pattern::RequestResponse)
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let text = |member: &str| call.parameters.get(member).and_then(Value::as_str);
        let Some(name) = text("FunctionName") else {
            return Err(runtime(
                "The parameter FunctionName of lambda:invoke must be given.".to_owned(),
            ));
        };
        let target = Target::of(&call, name, text("Qualifier"))?;
        let event = event_of(call.parameters.get("Payload"))?;
        match text("InvocationType") {
            None | Some("RequestResponse") => {
                let payload = target.invoke(&event).await?;
                let body = payload.to_string();
                let answer = json!({
                    "ExecutedVersion": target.version,
                    "Payload": payload,
                    "StatusCode": 200,
                });
                Ok(exchanged(answer, Some(target.version.as_str()), body.len()))
            }
            Some("Event") => {
                call.cloud.spawn(async move {
                    if let Err(failed) = target.invoke(&event).await {
                        tracing::warn!(function = target.name, cause = failed.cause, "function");
                    }
                });
                let answer = json!({"Payload": "", "StatusCode": 202});
                Ok(exchanged(answer, None, 0))
            }
            Some("DryRun") => {
                let answer = json!({"Payload": "", "StatusCode": 204});
                Ok(exchanged(answer, None, 0))
            }
            Some(other) => Err(runtime(format!(
                "The InvocationType '{other}' is none of RequestResponse, Event, DryRun."
            ))),
        }
    }
}

/// An answer of Lambda with what the SDK tells of the exchange, whose body is the payload alone, of so
/// many bytes; `version` is the function's that has run.
///
/// Source: AWS's recorded executions.
fn exchanged(answer: Value, version: Option<&str>, length: usize) -> Value {
    let request_id = uuid::Uuid::new_v4().to_string();
    let begun = chrono::Utc::now().timestamp();
    let trace = uuid::Uuid::new_v4().simple().to_string();
    let version = version.map(|version| ("X-Amz-Executed-Version", version.to_owned()));
    let rest = [
        ("x-amzn-Remapped-Content-Length", "0".to_owned()),
        ("Connection", "keep-alive".to_owned()),
        ("x-amzn-RequestId", request_id.clone()),
        ("Content-Length", length.to_string()),
        ("Date", http_date()),
        (
            "X-Amzn-Trace-Id",
            format!("Root=1-{begun:08x}-{trace:.24};Sampled=0"),
        ),
        ("Content-Type", "application/json".to_owned()),
    ];
    let headers: Vec<(&str, String)> = version.into_iter().chain(rest).collect();
    http_exchange(answer, &request_id, &headers)
}

/// The event that a `Payload` is: of a text the JSON that it holds, as it goes to Lambda as it is. Where
/// nothing or null is given the function gets an empty object.
///
/// Source: AWS's recorded executions; of a text that is no JSON, Lambda's own refusal.
fn event_of(payload: Option<&Value>) -> Result<Value, TaskError> {
    match payload {
        None | Some(Value::Null) => Ok(json!({})),
        Some(Value::String(text)) if text.is_empty() => Ok(json!({})),
        Some(Value::String(text)) => asl::parse_json(text).map_err(|error| {
            let refused = ServiceError::new(
                "InvalidRequestContentException",
                format!(
                    "Could not parse request body into json: Could not parse payload into json: {error}"
                ),
            );
            errors::failure(&NAMING, &refused)
        }),
        Some(event) => Ok(event.clone()),
    }
}

/// A function's ARN as the `Resource`: what goes in is the event, what comes out the result. Of its
/// failure the text is handed on as the function wrote it.
///
/// Source: AWS's recorded executions; by `lambda:invoke` the same failure comes without blanks.
pub(super) async fn run_function(call: Call<'_>) -> Result<Value, TaskError> {
    let target = Target::of(&call, call.resource, None)?;
    let answered = target.answer(&call.parameters).await?;
    answered.map_err(|Failed { document, text }| failure_of(&document, text))
}

/// The failure of a task whose function failed.
fn failure_of(document: &Value, cause: String) -> TaskError {
    TaskError {
        error: document
            .get("errorType")
            .and_then(Value::as_str)
            .unwrap_or("Error")
            .to_owned(),
        cause,
    }
}

/// A function that the caller may invoke.
struct Target {
    name: String,
    arn: String,
    version: String,
    function: LocalCommand,
}

impl Target {
    /// The function that a name, a partial or a whole ARN means, perhaps with a version or an
    /// alias behind it.
    fn of(call: &Call<'_>, text: &str, qualifier: Option<&str>) -> Result<Self, TaskError> {
        let (name, own) = parse(text);
        let qualifier = qualifier.or(own);
        let region = &call.caller.region;
        let unqualified = format!(
            "arn:aws:lambda:{region}:{}:function:{name}",
            call.cloud.account()
        );
        let arn = match qualifier {
            Some(qualifier) => format!("{unqualified}:{qualifier}"),
            None => unqualified,
        };
        let failed = |error: &ServiceError| errors::failure(&NAMING, error);
        iam::authorize(call.cloud, &call.caller, "lambda:InvokeFunction", &arn, &[]).map_err(
            |denied| {
                let denied = ServiceError::new("AccessDeniedException", denied.to_string());
                failed(&denied.with_status(403))
            },
        )?;
        let known = call.cloud.functions().get(name);
        let function = known.cloned().ok_or_else(|| {
            let error = ServiceError::new(
                "ResourceNotFoundException",
                format!("Function not found: {arn}"),
            );
            failed(&error.with_status(404))
        })?;
        Ok(Self {
            name: name.to_owned(),
            arn,
            version: qualifier.unwrap_or("$LATEST").to_owned(),
            function,
        })
    }

    /// Runs the function; its error is the task's, and the cause what it answered, without blanks.
    async fn invoke(&self, event: &Value) -> Result<Value, TaskError> {
        self.answer(event)
            .await?
            .map_err(|failed| failure_of(&failed.document, failed.document.to_string()))
    }

    /// Runs the function.
    async fn answer(&self, event: &Value) -> Result<Result<Value, Failed>, TaskError> {
        let request_id = uuid::Uuid::new_v4().to_string();
        let invoked = Invoked {
            name: &self.name,
            arn: &self.arn,
            request_id: &request_id,
        };
        functions::invoke(&self.function, &invoked, event)
            .await
            .map_err(|error| errors::failure(&NAMING, &error))
    }
}

/// The name of a function, and its qualifier: `NAME`, `NAME:QUALIFIER`,
/// `ACCOUNT:function:NAME`, `arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER`.
fn parse(text: &str) -> (&str, Option<&str>) {
    let rest = match text.split_once("function:") {
        Some((_, rest)) => rest,
        None => text,
    };
    match rest.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (rest, None),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_function_is_named_in_four_ways() {
        for text in [
            "resize:live",
            "function:resize:live",
            "000000000000:function:resize:live",
            "arn:aws:lambda:eu-west-1:000000000000:function:resize:live",
        ] {
            assert_eq!(parse(text), ("resize", Some("live")), "{text}");
        }
        assert_eq!(parse("resize"), ("resize", None));
    }
}
