//! Mocked integrations: what tasks answer in a test case, from a file as Step Functions Local
//! has it.
//!
//! A test case has mocked responses for the states that it names; the other tasks are run.
//!
//! Source: "Configuration file for mocked service integrations", AWS Step Functions developer
//! guide.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::TaskError;

/// A `MockConfigFile.json`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Mocks {
    #[serde(default)]
    state_machines: BTreeMap<String, Machine>,
    #[serde(default)]
    mocked_responses: BTreeMap<String, BTreeMap<String, Response>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Machine {
    test_cases: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
enum Response {
    Return(Value),
    #[serde(rename_all = "PascalCase")]
    Throw {
        error: String,
        #[serde(default)]
        cause: String,
    },
}

/// What is wrong with a mock configuration.
#[derive(Debug, thiserror::Error)]
pub enum MocksError {
    #[error("the mock configuration is not of the form that Step Functions Local takes: {0}")]
    Form(#[from] serde_json::Error),
    #[error(
        "the test case '{case}' of '{machine}' gives the state '{state}' the response '{response}', which is not among the MockedResponses"
    )]
    NoResponse {
        machine: String,
        case: String,
        state: String,
        response: String,
    },
    #[error(
        "'{attempts}' of the mocked response '{response}' is neither a number nor a range of numbers (0, 1-2)"
    )]
    Attempts { response: String, attempts: String },
    #[error(
        "the mocked response '{response}' does not say what happens the {attempt}. time, counted from 0"
    )]
    Gap { response: String, attempt: u64 },
    #[error(
        "the mocked response '{response}' says twice what happens the {attempt}. time, counted from 0: in '{first}' and in '{second}'"
    )]
    Overlap {
        response: String,
        attempt: u64,
        first: String,
        second: String,
    },
}

impl Mocks {
    /// Reads a mock configuration.
    pub fn parse(text: &str) -> Result<Self, MocksError> {
        let mocks: Self = serde_json::from_str(text)?;
        for (name, responses) in &mocks.mocked_responses {
            check_attempts(name, responses)?;
        }
        for (machine, cases) in &mocks.state_machines {
            for (case, states) in &cases.test_cases {
                for (state, response) in states {
                    if !mocks.mocked_responses.contains_key(response) {
                        return Err(MocksError::NoResponse {
                            machine: machine.clone(),
                            case: case.clone(),
                            state: state.clone(),
                            response: response.clone(),
                        });
                    }
                }
            }
        }
        Ok(mocks)
    }

    /// The machines that have test cases, by the names that the file has for them.
    pub fn machines(&self) -> impl Iterator<Item = &str> {
        self.state_machines.keys().map(String::as_str)
    }

    /// The test cases of a machine; none of one that the file does not have.
    pub fn cases(&self, machine: &str) -> impl Iterator<Item = &str> {
        let machine = self.state_machines.get(machine);
        let cases = machine
            .into_iter()
            .flat_map(|machine| machine.test_cases.keys());
        cases.map(String::as_str)
    }

    /// Has the test cases of `machine` be those of `name`, too, unless the file has such a machine.
    pub fn call_also(&mut self, machine: &str, name: &str) {
        if let Some(found) = self.state_machines.get(machine).cloned() {
            self.state_machines.entry(name.to_owned()).or_insert(found);
        }
    }

    /// Whether the machine has this test case.
    pub fn has_case(&self, machine: &str, case: &str) -> bool {
        self.states(machine, case).is_some()
    }

    /// The states that a test case has responses for; none of a case that there is not.
    pub fn mocked_states(&self, machine: &str, case: &str) -> impl Iterator<Item = &str> {
        let states = self.states(machine, case);
        let states = states.into_iter().flat_map(BTreeMap::keys);
        states.map(String::as_str)
    }

    fn states(&self, machine: &str, case: &str) -> Option<&BTreeMap<String, String>> {
        self.state_machines.get(machine)?.test_cases.get(case)
    }

    /// What a state's task answers, tried so often before; none where it is to be run.
    pub fn answer(
        &self,
        machine: &str,
        case: &str,
        state: &str,
        attempt: u64,
    ) -> Option<Result<Value, TaskError>> {
        let name = self.states(machine, case)?.get(state)?;
        let responses = self.mocked_responses.get(name)?;
        let of_attempt = |attempts: &&String| {
            range(attempts).is_some_and(|(first, last)| (first..=last).contains(&attempt))
        };
        let Some(attempts) = responses.keys().find(of_attempt) else {
            return Some(Err(TaskError {
                error: "States.Runtime".to_owned(),
                cause: format!(
                    "The mocked response '{name}' does not say what happens the {attempt}. time, counted from 0."
                ),
            }));
        };
        Some(match &responses[attempts] {
            Response::Return(value) => Ok(value.clone()),
            Response::Throw { error, cause } => Err(TaskError {
                error: error.clone(),
                cause: cause.clone(),
            }),
        })
    }
}

/// `N` or `N-M`.
fn range(attempts: &str) -> Option<(u64, u64)> {
    let (first, last) = attempts.split_once('-').unwrap_or((attempts, attempts));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first, last))
}

/// The attempts begin with 0, leave none out and name none twice.
fn check_attempts(name: &str, responses: &BTreeMap<String, Response>) -> Result<(), MocksError> {
    let mut ranges = Vec::with_capacity(responses.len());
    for attempts in responses.keys() {
        let (first, last) = range(attempts).ok_or_else(|| MocksError::Attempts {
            response: name.to_owned(),
            attempts: attempts.clone(),
        })?;
        ranges.push((first, last, attempts.as_str()));
    }
    ranges.sort_unstable();
    let (mut next, mut before) = (0, "");
    for (first, last, attempts) in ranges {
        if first < next {
            return Err(MocksError::Overlap {
                response: name.to_owned(),
                attempt: first,
                first: before.to_owned(),
                second: attempts.to_owned(),
            });
        }
        if first > next {
            return Err(MocksError::Gap {
                response: name.to_owned(),
                attempt: next,
            });
        }
        (next, before) = (last.saturating_add(1), attempts);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file() -> Value {
        json!({
            "StateMachines": {"films": {"TestCases": {
                "Retried": {"Query": "QueryRetried"}
            }}},
            "MockedResponses": {"QueryRetried": {
                "0-1": {"Throw": {"Error": "Athena.TooManyRequestsException", "Cause": "Slow down."}},
                "2": {"Return": {"QueryExecutionId": "1"}}
            }}
        })
    }

    #[test]
    fn a_state_answers_as_often_as_its_mock_says() {
        let mocks = Mocks::parse(&file().to_string()).unwrap();
        let answer = |attempt| mocks.answer("films", "Retried", "Query", attempt).unwrap();
        assert_eq!(
            answer(1).unwrap_err().error,
            "Athena.TooManyRequestsException"
        );
        assert_eq!(answer(2).unwrap(), json!({"QueryExecutionId": "1"}));
        assert_eq!(answer(3).unwrap_err().error, "States.Runtime");
        assert_eq!(mocks.answer("films", "Retried", "Other", 0), None);
        assert!(!mocks.has_case("films", "Happy"));
    }

    #[test]
    fn a_machine_is_known_by_another_name_too() {
        let mut mocks = Mocks::parse(&file().to_string()).unwrap();
        mocks.call_also("films", "stack-films");
        mocks.call_also("none", "other");
        assert!(mocks.has_case("stack-films", "Retried"));
        assert_eq!(
            mocks.machines().collect::<Vec<_>>(),
            ["films", "stack-films"]
        );
        assert_eq!(mocks.cases("other").count(), 0);
    }

    #[test]
    fn a_file_with_a_mistake_is_refused_with_its_place() {
        let mut gap = file();
        gap["MockedResponses"]["QueryRetried"] = json!({"1": {"Return": 1}});
        let mut twice = file();
        twice["MockedResponses"]["QueryRetried"]["1-2"] = json!({"Return": 1});
        let mut missing = file();
        missing["MockedResponses"] = json!({});
        let mut unknown = file();
        unknown["Mocks"] = json!({});
        let mut word = file();
        word["MockedResponses"]["QueryRetried"] = json!({"first": {"Return": 1}});
        let told = |file: Value| Mocks::parse(&file.to_string()).unwrap_err().to_string();
        assert!(told(gap).contains("does not say what happens the 0. time"));
        let twice = told(twice);
        assert!(
            twice.ends_with("the 1. time, counted from 0: in '0-1' and in '1-2'"),
            "{twice}"
        );
        assert!(told(missing).contains("'QueryRetried', which is not among"));
        assert!(told(unknown).contains("unknown field `Mocks`"));
        assert!(told(word).contains("'first'"));
    }
}
