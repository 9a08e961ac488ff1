//! HTTP endpoints: `http:invoke`. An endpoint is a command of this machine.
//!
//! Source: "Call HTTPS APIs in Step Functions workflows", AWS Step Functions developer guide.

mod form;
mod request;
mod response;

use std::time::Duration;

use asl::TaskError;
use async_trait::async_trait;
use serde_json::Value;

use self::request::Request;
use super::call::Call;
use super::{Family, Pattern, runtime};
use crate::iam;
use crate::model::sfn::{InspectionDataRequest, InspectionDataResponse};
use crate::sfn::commands::{Ended, LARGEST_ANSWER, LocalCommand, last_words};
use crate::sfn::endpoints;

/// A request that takes longer fails with `States.Http.Socket`.
const LONGEST: Duration = Duration::from_mins(1);

pub(super) struct Http;

/// What went to an API and what came back, for who looks into a task that is tested.
#[derive(Default)]
pub(in crate::sfn) struct Exchange {
    pub request: Option<InspectionDataRequest>,
    pub response: Option<InspectionDataResponse>,
}

#[async_trait]
impl Family for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn has(&self, action: &str, pattern: Pattern) -> bool {
        (action, pattern) == ("invoke", Pattern::RequestResponse)
    }

    async fn run(&self, call: Call<'_>) -> Result<Value, TaskError> {
        let request = Request::read(&call.parameters, &call.caller.region)?;
        authorize(&call, &request)?;
        let url = request.url.as_str();
        let Some((name, endpoint)) = endpoints::find(call.cloud.endpoints(), url) else {
            return Err(runtime(format!(
                "The embedded cloud calls no HTTPS API, and has no endpoint for {url}. Declare the command that answers it in stack.toml: [local.endpoints.NAME] url = \"{}/*\" command = \"…\".",
                request.origin
            )));
        };
        let command = LocalCommand {
            timeout: endpoint.command.timeout.min(LONGEST),
            ..endpoint.command.clone()
        };
        call.exchange.lock().request = Some(request.inspected());
        let ended = command.run(&[], &request.document()).await;
        match ended.map_err(|error| runtime(error.to_string()))? {
            Ended::TimedOut => Err(socket(format!(
                "The request to {url} timed out after {} seconds.",
                command.timeout.as_secs_f64()
            ))),
            Ended::TooLarge => Err(socket(format!(
                "The response of {url} is too large: the command of the endpoint {name} wrote more than {LARGEST_ANSWER} bytes."
            ))),
            Ended::Exited {
                status,
                stdout,
                stderr,
            } if !status.success() => Err(socket(format!(
                "The request to {url} was not answered: the command of the endpoint {name} ended with {status}{}.",
                last_words(&stdout, &stderr)
            ))),
            Ended::Exited { stdout, stderr, .. } => {
                call.exchange.lock().response = response::inspected(&stdout);
                response::read(name, &stdout, &stderr)
            }
        }
    }
}

fn socket(cause: String) -> TaskError {
    TaskError {
        error: "States.Http.Socket".to_owned(),
        cause,
    }
}

/// Whether the caller may call the endpoint, and use the connection and its secret. There is no
/// EventBridge here, so the connection itself need not be there, and adds nothing to the request.
fn authorize(call: &Call<'_>, request: &Request) -> Result<(), TaskError> {
    let may = |action: &str, resource: &str, context: &[(&str, &str)], error: &str| {
        iam::authorize(call.cloud, &call.caller, action, resource, context).map_err(|denied| {
            TaskError {
                error: error.to_owned(),
                cause: denied.to_string(),
            }
        })
    };
    let (region, account) = (&call.caller.region, call.cloud.account());
    let machine = format!(
        "arn:aws:states:{region}:{account}:stateMachine:{}",
        call.machine
    );
    let conditions = [
        ("states:HTTPEndpoint", request.url.as_str()),
        ("states:HTTPMethod", request.method.as_str()),
    ];
    let endpoint = "states:InvokeHTTPEndpoint";
    may(endpoint, &machine, &conditions, "States.Permissions")?;
    let connection = "events:RetrieveConnectionCredentials";
    let denied = "Events.ConnectionResource.AccessDenied";
    may(connection, &request.connection, &[], denied)?;
    let secret = request.secret();
    may("secretsmanager:DescribeSecret", &secret, &[], denied)?;
    may("secretsmanager:GetSecretValue", &secret, &[], denied)
}
