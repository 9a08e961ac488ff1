//! TestState: one state, run once, with a look at its data.
//!
//! Source: "Testing state machines with TestState API", AWS Step Functions developer guide.

mod context;

use std::time::Duration;

use asl::{Mock, StateTest, TestError, TestStatus, TestedState, WallClock};
use serde_json::{Map, Value};

use super::arn::MachineArn;
use super::integrations::Integrations;
use super::{definition, machine_settings, mock_result, unknown_operations};
use crate::caller::Caller;
use crate::cloud::Cloud;
use crate::error::ServiceError;
use crate::model::sfn::*;

/// A state that takes longer fails with `States.Timeout`.
const LONGEST: Duration = Duration::from_mins(5);

/// The machine that a tested state is of.
const MACHINE: &str = "TestState";

fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

/// Runs a state once. Without a mock, its task is run under the role.
pub async fn test(
    cloud: &Cloud,
    caller: &Caller,
    input: TestStateInput,
) -> Result<TestStateOutput, ServiceError> {
    if let Some(role) = &input.role_arn {
        let machine = MachineArn::new(cloud.account(), &caller.region, MACHINE);
        machine_settings::check_role(cloud, caller, &machine, role)?;
    }
    if input.mock.is_some() && input.reveal_secrets == Some(true) {
        return Err(invalid(
            "TestState does not support RevealSecrets when a mock is specified.",
        ));
    }
    let has_role = input.role_arn.is_some();
    let validation = validation(&input);
    let level = input.inspection_level.clone();
    let test = state_test(cloud, caller, input)?;
    let unknown = unknown_operations::find_in_test(&test.definition);
    if !unknown.is_empty() {
        return Err(definition::refusal(&unknown));
    }
    check_context(&test)?;
    if !has_role && test.mock.is_none() && is_task(&test) {
        return Err(invalid(
            "RoleArn must be specified when testing a Task state",
        ));
    }
    if let Some(Mock::Result(result)) = &test.mock {
        check_result(&test, result, validation)?;
    }
    let role = test.execution.role_arn.clone();
    let tasks = Integrations::new(cloud, &caller.region, MACHINE, &role);
    let work = asl::test_state(&test, &tasks, &WallClock);
    match tokio::time::timeout(LONGEST, work).await {
        Ok(Ok(tested)) => {
            let data = inspection_data(&tested, level.as_deref(), &tasks)?;
            Ok(answer(tested, data))
        }
        Ok(Err(TestError::Request(message))) => Err(invalid(message)),
        Ok(Err(TestError::Unsupported(message))) => {
            Err(ServiceError::new("InvalidDefinition", message))
        }
        Ok(Err(TestError::Definition(mistakes))) => Err(definition::refusal(&mistakes)),
        Err(_) => Ok(TestStateOutput {
            status: Some("FAILED".to_owned()),
            error: Some("States.Timeout".to_owned()),
            ..TestStateOutput::default()
        }),
    }
}

/// Refuses a context object that the state would not see.
fn check_context(test: &StateTest) -> Result<(), ServiceError> {
    let Value::Object(given) = &test.context else {
        return Ok(());
    };
    let tested = task(test);
    let resource = tested.as_ref().and_then(|task| task["Resource"].as_str());
    context::check(given, resource).map_err(invalid)
}

/// How a mocked result is held against the API's model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Validation {
    Strict,
    Present,
    None,
}

fn validation(input: &TestStateInput) -> Validation {
    let mock = input.mock.as_ref();
    match mock.and_then(|mock| mock.field_validation_mode.as_deref()) {
        Some("NONE") => Validation::None,
        Some("PRESENT") => Validation::Present,
        _ => Validation::Strict,
    }
}

fn check_result(
    test: &StateTest,
    result: &Value,
    validation: Validation,
) -> Result<(), ServiceError> {
    let resource = task(test).and_then(|task| Some(task.get("Resource")?.as_str()?.to_owned()));
    let Some(resource) = resource.filter(|_| validation != Validation::None) else {
        return Ok(());
    };
    mock_result::check(&resource, result, validation == Validation::Strict).map_err(invalid)
}

/// Whether the state is a Task, as far as its definition can be read.
fn is_task(test: &StateTest) -> bool {
    task(test).is_some()
}

/// The state that is tested, if it is a Task, as far as its definition can be read.
fn task(test: &StateTest) -> Option<Value> {
    let definition = asl::parse_json(&test.definition).unwrap_or_default();
    let state = match &test.state {
        Some(name) => find(&definition, name)?.clone(),
        None => definition,
    };
    (state["Type"] == "Task").then_some(state)
}

/// The state of this name, also within Maps and Parallels.
fn find<'a>(definition: &'a Value, name: &str) -> Option<&'a Value> {
    match definition {
        Value::Object(members) => {
            let own = members
                .get("States")
                .and_then(|states| states.get(name))
                .filter(|state| state.get("Type").is_some());
            own.or_else(|| members.values().find_map(|inner| find(inner, name)))
        }
        Value::Array(items) => items.iter().find_map(|inner| find(inner, name)),
        _ => None,
    }
}

fn document(text: Option<&str>, member: &str) -> Result<Value, ServiceError> {
    text.map_or(Ok(Value::Null), |text| {
        asl::parse_json(text)
            .map_err(|error| invalid(format!("{member} is no JSON document: {error}")))
    })
}

fn state_test(
    cloud: &Cloud,
    caller: &Caller,
    input: TestStateInput,
) -> Result<StateTest, ServiceError> {
    let configuration = input.state_configuration.unwrap_or_default();
    let count = |given: Option<i32>| given.map(|n| u64::try_from(n).unwrap_or(0));
    let own_input = match input.input.as_deref() {
        Some(text) => definition::check_input(text)?,
        None => Value::Object(Map::new()),
    };
    let prefix = format!("arn:aws:states:{}:{}", caller.region, cloud.account());
    let name = uuid::Uuid::new_v4().to_string();
    Ok(StateTest {
        definition: input.definition,
        state: input.state_name,
        variables: document(input.variables.as_deref(), "variables")?,
        context: document(input.context.as_deref(), "context")?,
        execution: asl::Execution {
            arn: format!("{prefix}:express:{MACHINE}:{name}:{name}"),
            name,
            role_arn: input.role_arn.unwrap_or_default(),
            start_time: chrono::Utc::now(),
            input: own_input.clone(),
            state_machine_arn: format!("{prefix}:stateMachine:{MACHINE}"),
            state_machine_name: MACHINE.to_owned(),
            alias_arn: None,
            version_arn: None,
            redrive_count: 0,
            redrive_time: None,
            tells_redrives: false,
        },
        input: own_input,
        mock: input.mock.map(mock).transpose()?,
        retry_count: count(configuration.retrier_retry_count).unwrap_or(0),
        error_caused_by_state: configuration.error_caused_by_state,
        map_iteration_failure_count: count(configuration.map_iteration_failure_count),
        map_item_reader_data: configuration.map_item_reader_data,
    })
}

fn mock(given: MockInput) -> Result<Mock, ServiceError> {
    match (given.result, given.error_output) {
        (Some(result), None) => asl::parse_json(&result)
            .map(Mock::Result)
            .map_err(|_| invalid("Mocked result must be valid JSON")),
        (None, Some(output)) => Ok(Mock::Error {
            error: output.error,
            cause: output.cause,
        }),
        (Some(_), Some(_)) => Err(invalid(
            "A test mock should have only one of the following fields: [result, errorOutput].",
        )),
        (None, None) => Err(invalid(
            "A test mock must have one of the following fields: [result, errorOutput].",
        )),
    }
}

fn answer(tested: TestedState, inspection_data: Option<InspectionData>) -> TestStateOutput {
    let status = match tested.status {
        TestStatus::Succeeded => "SUCCEEDED",
        TestStatus::Failed => "FAILED",
        TestStatus::Retriable => "RETRIABLE",
        TestStatus::CaughtError => "CAUGHT_ERROR",
    };
    TestStateOutput {
        output: tested.output.map(|output| output.to_string()),
        error: tested.error,
        cause: tested.cause,
        inspection_data,
        next_state: tested.next,
        status: Some(status.to_owned()),
    }
}

/// What a level shows of a state: TRACE also what an HTTP task sent and was answered.
fn inspection_data(
    tested: &TestedState,
    level: Option<&str>,
    tasks: &Integrations,
) -> Result<Option<InspectionData>, ServiceError> {
    if !matches!(level, Some("DEBUG" | "TRACE")) {
        return Ok(None);
    }
    let mut data = inspection(tested.inspection.0.clone())?;
    if level == Some("TRACE") {
        let exchange = tasks.exchange();
        data.request = exchange.request;
        data.response = exchange.response;
    }
    Ok(Some(data))
}

/// The API's form of what was looked at: documents are texts.
fn inspection(looked_at: Map<String, Value>) -> Result<InspectionData, ServiceError> {
    const NO_TEXTS: [&str; 4] = [
        "maxConcurrency",
        "toleratedFailureCount",
        "toleratedFailurePercentage",
        "errorDetails",
    ];
    let members: Map<String, Value> = looked_at
        .into_iter()
        .map(|(name, value)| {
            let value = if NO_TEXTS.contains(&name.as_str()) {
                value
            } else {
                Value::String(value.to_string())
            };
            (name, value)
        })
        .collect();
    Ok(serde_json::from_value(Value::Object(members))?)
}
