//! What optimized integrations are given: fields that have to be there, and fields that there are.
//!
//! Source: the pages of the services in "Integrating optimized services with Step Functions", AWS
//! Step Functions developer guide, and the API references of the services.

use serde_json::{Map, Value};

use super::{Reader, map::parameters_field, reader::only_one_of, resource::Integration};
use crate::query::QueryLanguage;

/// What an action takes.
struct Request {
    service: &'static str,
    action: &'static str,
    required: &'static [&'static str],
    /// All fields of the API's request; empty where they are not listed here.
    fields: &'static [&'static str],
}

const REQUESTS: &[Request] = &[
    Request {
        service: "athena",
        action: "startQueryExecution",
        required: &["QueryString"],
        fields: &[
            "QueryString",
            "ClientRequestToken",
            "QueryExecutionContext",
            "ResultConfiguration",
            "WorkGroup",
            "ExecutionParameters",
            "ResultReuseConfiguration",
            "EngineConfiguration",
        ],
    },
    Request {
        service: "athena",
        action: "stopQueryExecution",
        required: &["QueryExecutionId"],
        fields: &["QueryExecutionId"],
    },
    Request {
        service: "athena",
        action: "getQueryExecution",
        required: &["QueryExecutionId"],
        fields: &["QueryExecutionId"],
    },
    Request {
        service: "athena",
        action: "getQueryResults",
        required: &["QueryExecutionId"],
        fields: &[
            "QueryExecutionId",
            "NextToken",
            "MaxResults",
            "QueryResultType",
        ],
    },
    Request {
        service: "glue",
        action: "startJobRun",
        required: &["JobName"],
        fields: &[
            "JobName",
            "JobRunId",
            "JobRunQueuingEnabled",
            "Arguments",
            "AllocatedCapacity",
            "Timeout",
            "MaxCapacity",
            "SecurityConfiguration",
            "NotificationProperty",
            "WorkerType",
            "NumberOfWorkers",
            "ExecutionClass",
            "ExecutionRoleSessionPolicy",
        ],
    },
    // Beside them a connection, in one of two fields.
    required("http", "invoke", &["ApiEndpoint", "Method"]),
    required("lambda", "invoke", &["FunctionName"]),
    required("sqs", "sendMessage", &["QueueUrl", "MessageBody"]),
    required("sns", "publish", &["Message"]),
    required("dynamodb", "putItem", &["TableName", "Item"]),
    required("dynamodb", "getItem", &["TableName", "Key"]),
    required("states", "startExecution", &["StateMachineArn"]),
    required("events", "putEvents", &["Entries"]),
    required("ecs", "runTask", &["TaskDefinition"]),
];

/// Fields whose value is a text, of all the services of which requests are known here.
const TEXTS: &[&str] = &[
    "ApiEndpoint",
    "ClientRequestToken",
    "ExecutionClass",
    "FunctionName",
    "JobName",
    "JobRunId",
    "Method",
    "NextToken",
    "QueryExecutionId",
    "QueryResultType",
    "QueryString",
    "QueueUrl",
    "SecurityConfiguration",
    "StateMachineArn",
    "TableName",
    "TaskDefinition",
    "WorkGroup",
    "WorkerType",
];

/// The fields of `http:invoke` that name the connection.
///
/// Source: "Call HTTPS APIs in Step Functions workflows": an HTTP Task requires an EventBridge
/// connection.
const CONNECTIONS: [&str; 2] = ["Authentication", "InvocationConfig"];

const fn required(
    service: &'static str,
    action: &'static str,
    required: &'static [&'static str],
) -> Request {
    Request {
        service,
        action,
        required,
        fields: &[],
    }
}

/// Refuses what the task's action would not take. Only what is written out is looked at: a whole
/// expression, or the value of a field, may become anything.
pub(super) fn check(reader: &Reader, resource: &str, integration: Integration) {
    if let Some(Value::Object(credentials)) = reader.value("Credentials") {
        check_required(reader, "Credentials", credentials, &["RoleArn"]);
    }
    let known = REQUESTS.iter().find(|request| {
        request.service == integration.service && request.action == integration.action
    });
    let Some(request) = known else {
        return;
    };
    let field = parameters_field(reader);
    match reader.value(field) {
        None => reader.mistake_at(
            "Resource",
            format!("{field} field is required for resource ARN: {resource}"),
        ),
        Some(Value::Object(given)) => check_fields(reader, request, field, given),
        Some(_) => {}
    }
}

fn check_fields(reader: &Reader, request: &Request, field: &str, given: &Map<String, Value>) {
    for name in given.keys().map(|name| bare(name, reader.language)) {
        if !request.fields.is_empty() && !request.fields.contains(&name) {
            let message = format!("The field \"{name}\" is not supported by Step Functions");
            let finding = ("SCHEMA_VALIDATION_FAILED", message, reader.at(field));
            let known = request.fields.iter().copied();
            reader.findings.add_unknown(finding, name, known);
        }
    }
    check_required(reader, field, given, request.required);
    if request.service == "http" {
        check_connection(reader, field, given);
    }
    for (name, value) in given {
        if TEXTS.contains(&name.as_str()) && !value.is_string() {
            let place = format!("{field}/{name}");
            reader.mistake_at(&place, "Expected value of type String");
        }
    }
}

fn check_connection(reader: &Reader, field: &str, given: &Map<String, Value>) {
    let names = given.keys().map(|name| bare(name, reader.language));
    if names.filter(|name| CONNECTIONS.contains(name)).count() != 1 {
        reader.mistake_at(field, only_one_of(&CONNECTIONS));
    }
}

fn check_required(reader: &Reader, field: &str, given: &Map<String, Value>, required: &[&str]) {
    let has = |field: &&str| {
        let mut names = given.keys().map(|name| bare(name, reader.language));
        names.any(|name| name == *field)
    };
    for missing in required.iter().filter(|field| !has(field)) {
        let message = format!("The field '{missing}' is required but was missing");
        reader.mistake_at(field, message);
    }
}

/// The name without the ending that has its value looked up.
fn bare(name: &str, language: QueryLanguage) -> &str {
    match language {
        QueryLanguage::JsonPath => name.strip_suffix(".$").unwrap_or(name),
        QueryLanguage::Jsonata => name,
    }
}
