//! A call of an HTTPS API: Step Functions makes it for the state machine, through a connection of
//! EventBridge.
//!
//! Source: "IAM permissions to run an HTTP Task" in "Call HTTPS APIs in Step Functions workflows",
//! AWS Step Functions developer guide.

use super::super::call::{Call, Given};
use super::super::{Home, Statement};

/// Whether a call is one of an HTTPS API.
pub(in super::super) fn is_one(call: &Call) -> bool {
    !call.sdk && (call.service, call.operation.as_str()) == ("http", "Invoke")
}

/// What a call that a state machine makes takes.
pub(in super::super) fn statements(home: &Home, machine: &str, call: &Call) -> [Statement; 3] {
    let [connection, secret] = connection(home, call);
    [endpoint(home, machine, call), connection, secret]
}

/// The right to call the API, held to its URL and to the method.
fn endpoint(home: &Home, machine: &str, call: &Call) -> Statement {
    let url = call.arguments.text("ApiEndpoint").pattern("*");
    let methods = match call.arguments.text("Method") {
        Given::Text(method) => vec![method],
        Given::Absent | Given::Unknown { .. } => Vec::new(),
    };
    Statement::allow(
        "CallOverHttp",
        ["states:InvokeHTTPEndpoint"],
        [home.arn("states", &format!("stateMachine:{machine}"))],
        format!("`{}` calls this API", call.state),
    )
    .where_like("states:HTTPEndpoint", vec![url])
    .where_like("states:HTTPMethod", methods)
}

/// The connection, and the secret of Secrets Manager in which it keeps its credentials.
fn connection(home: &Home, call: &Call) -> [Statement; 2] {
    let given = ["Authentication", "InvocationConfig"]
        .map(|field| call.arguments.at(&[field, "ConnectionArn"]))
        .into_iter()
        .find(|given| *given != Given::Absent);
    let reason = format!("`{}` calls over HTTP with this connection", call.state);
    let (connection, secret) = match given {
        Some(Given::Text(arn)) => {
            let name = arn.split('/').nth(1).unwrap_or("*").to_owned();
            (arn, format!("secret:events!connection/{name}/*"))
        }
        _ => {
            let all = home.arn("events", "connection/*");
            (all, "secret:events!connection/*".to_owned())
        }
    };
    [
        Statement::allow(
            "UseConnection",
            ["events:RetrieveConnectionCredentials"],
            [connection],
            &*reason,
        ),
        Statement::allow(
            "ReadConnectionSecret",
            [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
            ],
            [home.arn("secretsmanager", &secret)],
            reason,
        ),
    ]
}
