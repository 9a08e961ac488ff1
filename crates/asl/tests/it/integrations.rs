//! What tasks and readers are given, as validation sees it.

use asl::{Diagnostic, MachineType, Severity, StateMachine, validate};
use serde_json::{Value, json};

pub fn of(machine_type: MachineType, state: Value) -> Vec<Diagnostic> {
    let definition = json!({"StartAt": "S", "States": {"S": state}}).to_string();
    validate(&definition, machine_type)
}

fn told_of(machine_type: MachineType, state: Value) -> Vec<(String, String)> {
    of(machine_type, state)
        .into_iter()
        .map(|found| (found.message, found.location.unwrap_or_default()))
        .collect()
}

pub fn told(state: Value) -> Vec<(String, String)> {
    told_of(MachineType::Standard, state)
}

pub fn said(message: &str, location: &str) -> (String, String) {
    (message.to_owned(), format!("/States/S{location}"))
}

pub fn task(resource: &str, parameters: Value) -> Value {
    let mut state =
        json!({"Type": "Task", "End": true, "Resource": format!("arn:aws:states:::{resource}")});
    if !parameters.is_null() {
        state["Parameters"] = parameters;
    }
    state
}

#[test]
fn an_action_is_given_what_it_needs_and_nothing_that_it_does_not_have() {
    let athena = "athena:startQueryExecution.sync";
    assert_eq!(
        told(task(athena, json!({"QueryStrng": "SELECT 1"}))),
        [
            said(
                "The field \"QueryStrng\" is not supported by Step Functions",
                "/Parameters"
            ),
            said(
                "The field 'QueryString' is required but was missing",
                "/Parameters"
            ),
        ]
    );
    assert_eq!(
        told(task(athena, Value::Null)),
        [said(
            "Parameters field is required for resource ARN: arn:aws:states:::athena:startQueryExecution.sync",
            "/Resource"
        )]
    );
    for right in [
        task(
            athena,
            json!({"QueryString.$": "$.sql", "WorkGroup": "w", "ResultConfiguration": {"OutputLocation": "s3://b/"}}),
        ),
        task(
            "sqs:sendMessage",
            json!({"QueueUrl": "q", "MessageBody": "m", "Anything": 1}),
        ),
        task(
            "glue:startJobRun.sync",
            json!({"JobName": "j", "Arguments": {"--x": "y"}}),
        ),
        task("aws-sdk:s3:listBuckets", Value::Null),
        task(
            "http:invoke",
            json!({"ApiEndpoint": "https://example.com", "Method": "GET", "Authentication": {"ConnectionArn": "c"}}),
        ),
        task(
            "http:invoke",
            json!({"ApiEndpoint.$": "$.url", "Method.$": "$.method", "InvocationConfig": {"ConnectionArn.$": "$.c"}}),
        ),
    ] {
        assert_eq!(told(right.clone()), [], "{right}");
    }
    let jsonata = |arguments: Value| {
        let mut state = task(athena, Value::Null);
        state["QueryLanguage"] = json!("JSONata");
        state["Arguments"] = arguments;
        state
    };
    assert_eq!(told(jsonata(json!("{% $states.input %}"))), []);
    assert_eq!(
        told(jsonata(json!({}))),
        [said(
            "The field 'QueryString' is required but was missing",
            "/Arguments"
        )]
    );
}

#[test]
fn an_http_task_has_an_endpoint_a_method_and_a_connection() {
    let missing = |field: &str| {
        said(
            &format!("The field '{field}' is required but was missing"),
            "/Parameters",
        )
    };
    let connection = said(
        "This object should have only one of the following fields: [Authentication, InvocationConfig]",
        "/Parameters",
    );
    assert_eq!(
        told(task("http:invoke", json!({}))),
        [
            missing("ApiEndpoint"),
            missing("Method"),
            connection.clone()
        ]
    );
    let both = json!({"ApiEndpoint": "https://example.com", "Method": "GET", "Authentication": {"ConnectionArn": "c"},
        "InvocationConfig": {"ConnectionArn": "c"}});
    assert_eq!(told(task("http:invoke", both)), [connection]);
}

#[test]
fn what_is_a_text_is_given_a_text() {
    for (resource, given, field) in [
        (
            "athena:startQueryExecution",
            json!({"QueryString": 5}),
            "QueryString",
        ),
        (
            "athena:startQueryExecution",
            json!({"QueryString": "SELECT 1", "WorkGroup": ["w"]}),
            "WorkGroup",
        ),
        ("glue:startJobRun", json!({"JobName": {"a": 1}}), "JobName"),
    ] {
        assert_eq!(
            told(task(resource, given)),
            [said(
                "Expected value of type String",
                &format!("/Parameters/{field}")
            )]
        );
    }
    let message = json!({"QueueUrl": "q", "MessageBody": {"any": "thing"}});
    assert_eq!(told(task("sqs:sendMessage", message)), []);
}

#[test]
fn what_was_taken_once_is_run() {
    let definition =
        json!({"StartAt": "S", "States": {"S": task("athena:startQueryExecution", Value::Null)}});
    assert!(StateMachine::parse(&definition.to_string()).is_ok());
}

#[test]
fn credentials_have_a_role_and_activities_have_none() {
    let mut state = task("aws-sdk:s3:listBuckets", json!({}));
    state["Credentials"] = json!({});
    assert_eq!(
        told(state.clone()),
        [said(
            "The field 'RoleArn' is required but was missing",
            "/Credentials"
        )]
    );
    state["Credentials"] = json!({"RoleArn.$": "$.role"});
    assert_eq!(told(state.clone()), []);
    state["Resource"] = json!("arn:aws:states:us-east-1:000000000000:activity:a");
    assert_eq!(
        told(state),
        [said(
            "The field 'Credentials' is not supported for activities",
            "/Credentials"
        )]
    );
}

#[test]
fn an_express_machine_waits_for_nobody() {
    let express = |state: Value| told_of(MachineType::Express, state);
    let activity = json!({"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:a", "End": true});
    assert_eq!(
        express(activity.clone()),
        [said(
            "Express state machine does not support Activity ARN",
            "/Resource"
        )]
    );
    assert_eq!(told(activity), []);
    let query = task(
        "athena:startQueryExecution.sync",
        json!({"QueryString": "SELECT 1"}),
    );
    assert_eq!(
        express(query),
        [said(
            "Express state machine does not support '.sync' service integration",
            "/Resource"
        )]
    );
    let map = json!({"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}});
    assert_eq!(
        express(map.clone()),
        [said(
            "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
            "/ItemProcessor/ProcessorConfig/Mode"
        )]
    );
    assert_eq!(told(map), []);
}

#[test]
fn children_that_are_express_wait_for_nobody_either() {
    let map = |execution_type: &str, state: &Value| {
        json!({"Type": "Map", "End": true, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": execution_type},
            "StartAt": "I", "States": {"I": state}}})
    };
    let inner = "/ItemProcessor/States/I";
    let pass = json!({"Type": "Pass", "End": true});
    let mut within = map("STANDARD", &pass);
    within["ItemProcessor"]["StartAt"] = json!("P");
    within["ItemProcessor"]["States"] = json!({"P": pass});
    let token = json!({"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}});
    for (state, message, place) in [
        (
            task(
                "athena:startQueryExecution.sync",
                json!({"QueryString": "SELECT 1"}),
            ),
            "Express state machine does not support '.sync' service integration",
            "/Resource",
        ),
        (
            task("lambda:invoke.waitForTaskToken", token),
            "Express state machine does not support '.waitForTaskToken' service integration ",
            "/Resource",
        ),
        (
            within,
            "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
            "/ItemProcessor/ProcessorConfig/Mode",
        ),
    ] {
        let place = format!("{inner}{place}");
        assert_eq!(told(map("EXPRESS", &state)), [said(message, &place)]);
        assert_eq!(told(map("STANDARD", &state)), []);
        // One that was taken once runs.
        let definition = json!({"StartAt": "S", "States": {"S": map("EXPRESS", &state)}});
        assert!(StateMachine::parse(&definition.to_string()).is_ok());
    }
}

fn map(config: Value, reader: Value) -> Value {
    let mut state = json!({"Type": "Map", "End": true, "ItemProcessor": {
        "ProcessorConfig": config,
        "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}});
    if !reader.is_null() {
        state["ItemReader"] = json!({"Resource": "arn:aws:states:::s3:getObject",
            "Parameters": {"Bucket": "b", "Key": "k"}, "ReaderConfig": reader});
    }
    state
}

#[test]
fn the_settings_of_a_reader_go_together() {
    let reader = |config: Value| {
        told(map(
            json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}),
            config,
        ))
    };
    let at = "/ItemReader/ReaderConfig";
    for (config, message) in [
        (
            json!({"InputType": "CSV"}),
            "The field 'CSVHeaderLocation' is required",
        ),
        (
            json!({"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}),
            "These fields are required: [CSVHeaders]",
        ),
        (
            json!({"InputType": "JSON", "CSVHeaderLocation": "FIRST_ROW"}),
            "Field 'CSVHeaderLocation' is not supported",
        ),
        (
            json!({"InputType": "CSV", "ManifestType": "S3_INVENTORY"}),
            "Field 'InputType' is not supported",
        ),
    ] {
        assert_eq!(reader(config.clone()), [said(message, at)], "{config}");
    }
    assert_eq!(
        reader(json!({"InputType": "XML"})),
        [said(
            "Value should be one of the following: [CSV, JSON, JSONL, PARQUET, MANIFEST]",
            "/ItemReader/ReaderConfig/InputType"
        )]
    );
    for right in [
        json!({}),
        json!({"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"]}),
        json!({"InputType": "CSV", "ManifestType": "ATHENA_DATA"}),
        json!({"ManifestType": "S3_INVENTORY"}),
        json!({"InputType": "MANIFEST"}),
    ] {
        assert_eq!(reader(right.clone()), [], "{right}");
    }
    let mut other = map(
        json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}),
        json!({}),
    );
    other["ItemReader"]["Resource"] = json!("arn:aws:states:::s3:putObject");
    assert_eq!(
        told(other),
        [said(
            "The field 'Resource' does not match any of the allowed values",
            "/ItemReader/Resource"
        )]
    );
}

#[test]
fn the_mode_of_a_map_says_whether_its_children_have_a_type() {
    let at = "/ItemProcessor/ProcessorConfig";
    assert_eq!(
        told(map(
            json!({"Mode": "INLINE", "ExecutionType": "STANDARD"}),
            Value::Null
        )),
        [said("Field 'ExecutionType' is not supported", at)]
    );
    assert_eq!(
        told(map(json!({"Mode": "DISTRIBUTED"}), Value::Null)),
        [said("These fields are required: [ExecutionType]", at)]
    );
    let bare = json!({"Type": "Map", "End": true});
    assert_eq!(
        told(bare),
        [said(
            "This object should have only one of the following fields: [ItemProcessor, Iterator]",
            ""
        )]
    );
}

#[test]
fn numbers_that_aws_takes_are_taken() {
    let mut state = task("lambda:invoke", json!({"FunctionName": "f"}));
    state["Retry"] = json!([{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 0}]);
    assert_eq!(told(state.clone()), []);
    let machine = json!({"StartAt": "S", "TimeoutSeconds": 0, "States": {"S": state}});
    assert_eq!(validate(&machine.to_string(), MachineType::Standard), []);
}

#[test]
fn a_member_that_comes_twice_and_a_function_of_json_path_are_warned_of() {
    let definition = json!({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "InputPath": "$.r.max()", "Parameters": {
            "a": 1, "a.$": "$.b", "in": [{"n.$": "$.r[?(@.x > 1)].length()"}],
            "right.$": "$.r[?(@.x)]", "call.$": "States.UUID()", "text": "$5 (or so)"}, "End": true}}})
    .to_string();
    let found = validate(&definition, MachineType::Standard);
    let mut shown: Vec<_> = found
        .iter()
        .map(|found| {
            (
                found.code.as_str(),
                found.location.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    shown.sort_unstable();
    assert_eq!(
        shown,
        [
            ("DOUBLED_MEMBER", "/States/P/Parameters/a.$"),
            ("JSONPATH_FUNCTION", "/States/P/InputPath"),
            ("JSONPATH_FUNCTION", "/States/P/Parameters/in[0]/n.$"),
        ]
    );
    assert!(StateMachine::parse(&definition).is_ok());
}

#[test]
fn what_is_taken_and_hardly_meant_is_a_warning_and_runs() {
    let definition = json!({"StartAt": "P", "States": {
        "P": {"Type": "Pass", "Result": {"a": "$.b"}, "Next": "T"},
        "T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "Next": "C",
            "Parameters": {"a": "$.b", "b": ["$.c", {"c": "States.UUID()"}], "d.$": "$.d", "price": "$5", "error": "States.Timeout"}},
        "C": {"Type": "Choice", "Default": "F", "Choices": [{"Variable": "$.a", "StringEquals": "$.b", "Next": "F"}]},
        "F": {"Type": "Fail", "Error": "E", "Cause": "$.cause"}}})
    .to_string();
    let found = validate(&definition, MachineType::Standard);
    let shown: Vec<_> = found
        .iter()
        .map(|found| {
            (
                found.code.as_str(),
                found.location.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("PASS_RESULT_IS_STATIC", "/States/P/Result"),
            ("NO_DOLLAR", "/States/T/Parameters/a"),
            ("NO_DOLLAR", "/States/T/Parameters/b[1]/c"),
            ("NO_PATH", "/States/C/Choices[0]/StringEquals"),
            ("NO_PATH", "/States/F/Cause"),
        ]
    );
    assert!(
        found
            .iter()
            .all(|found| found.severity == Severity::Warning)
    );
    assert!(StateMachine::parse(&definition).is_ok());
}
