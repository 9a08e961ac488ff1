//! Tasks that answer what a case says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use asl::{MapRuns, Mocks, Object, Rows, Task, TaskError, Tasks};
use async_trait::async_trait;
use serde_json::{Value, json};

use super::agreement::{Extra, agrees};
use super::run::Memory;
use crate::machine::{self, MAP_CALLS};
use crate::output::human;
use crate::stack::Stack;

/// One answer of a task.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What is returned, or error and cause.
    pub result: Result<Value, (String, String)>,
    /// How long it takes on the clock of the test.
    pub after: Duration,
    /// What the task has to be asked with: these members, whatever else there is.
    pub parameters: Option<Value>,
}

/// The answers of one state's task.
#[derive(Debug, Clone)]
pub struct Mock {
    answers: Vec<Answer>,
    is_for_all: bool,
}

impl Mock {
    /// One answer for all calls, or answers in turn.
    pub fn new(answers: Vec<Answer>, is_for_all: bool) -> Self {
        Self {
            answers,
            is_for_all,
        }
    }

    /// Puts in what the parameters refer to in stack.toml.
    pub fn fill_in(&mut self, stack: &Stack) -> anyhow::Result<()> {
        let expected = self.answers.iter_mut().filter_map(|answer| answer.parameters.as_mut());
        for parameters in expected {
            fill_in(parameters, stack)?;
        }
        Ok(())
    }

    fn answer(&self, call: usize) -> Option<&Answer> {
        if self.is_for_all {
            self.answers.first()
        } else {
            self.answers.get(call)
        }
    }
}

/// A mock configuration of Step Functions Local, as a file of cases uses it.
#[derive(Debug, Clone)]
pub struct Shared {
    file: PathBuf,
    mocks: Arc<Mocks>,
    /// What the machine is called there.
    machine: String,
}

/// A test case of a mock configuration.
#[derive(Debug, Clone)]
pub struct TestCase {
    shared: Shared,
    name: String,
}

impl Shared {
    /// The mocks of a machine that has this name or this id, or is the only one that they have.
    pub fn new(file: PathBuf, mocks: Mocks, name: Option<&str>, id: &str) -> Self {
        let machines: Vec<&str> = mocks.machines().collect();
        let machine = match (machines.as_slice(), name) {
            ([only], _) => *only,
            (known, Some(name)) if known.contains(&name) => name,
            _ => id,
        };
        let machine = machine.to_owned();
        Self {
            file,
            mocks: Arc::new(mocks),
            machine,
        }
    }

    pub fn case(&self, name: &str) -> anyhow::Result<TestCase> {
        if !self.mocks.has_case(&self.machine, name) {
            let known: Vec<&str> = self.mocks.cases(&self.machine).collect();
            let machine = &self.machine;
            bail!("the mocks have no test case `{name}` of {machine}; they have: {}", known.join(", "));
        }
        Ok(TestCase {
            shared: self.clone(),
            name: name.to_owned(),
        })
    }
}

impl TestCase {
    fn answer(&self, state: &str, attempt: u64) -> Option<Result<Value, TaskError>> {
        let Shared { mocks, machine, .. } = &self.shared;
        mocks.answer(machine, &self.name, state, attempt)
    }

    /// The states that it mocks and the definition does not have.
    pub fn strange_states(&self, definition: &Value) -> Vec<String> {
        let Shared {
            file,
            mocks,
            machine,
        } = &self.shared;
        crate::mocks::strange_states(file, mocks, machine, &self.name, definition)
    }
}

fn fill_in(value: &mut Value, stack: &Stack) -> anyhow::Result<()> {
    match value {
        Value::String(text) => {
            let filled = stack.fill_in(text);
            *text = filled.with_context(|| {
                format!(
                    "`{text}` refers to what is not known here\n  help: a resource of stack.toml \
                     is; write $${{ for a `${{` that is meant as it is"
                )
            })?;
        }
        Value::Array(items) => {
            for item in items {
                fill_in(item, stack)?;
            }
        }
        Value::Object(members) => {
            for member in members.values_mut() {
                fill_in(member, stack)?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The tasks of a case.
pub struct MockedTasks<'a> {
    mocks: &'a BTreeMap<String, Mock>,
    test_case: Option<&'a TestCase>,
    /// Takes what the children of distributed Maps do.
    children: Memory,
    calls: Mutex<BTreeMap<String, usize>>,
    problems: Mutex<Vec<String>>,
}

impl<'a> MockedTasks<'a> {
    pub fn new(
        mocks: &'a BTreeMap<String, Mock>,
        test_case: Option<&'a TestCase>,
        children: Memory,
    ) -> Self {
        Self {
            mocks,
            test_case,
            children,
            calls: Mutex::default(),
            problems: Mutex::default(),
        }
    }

    /// What was asked that no mock is for, or otherwise than expected; and what was never asked. Of
    /// what is no state of the definition the file of cases tells.
    pub fn problems(self, definition: &Value) -> Vec<String> {
        let mut problems = self.problems.into_inner().unwrap_or_else(PoisonError::into_inner);
        let calls = self.calls.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (state, mock) in self.mocks {
            let called = calls.get(state).copied().unwrap_or_default();
            let is_mockable = MAP_CALLS.contains(&state.as_str())
                || machine::flow_of(definition, state).is_some();
            if called == 0 && !is_mockable {
                continue;
            }
            if mock.is_for_all && called == 0 {
                problems.push(format!("{state} was mocked and never ran"));
            } else if !mock.is_for_all && called < mock.answers.len() {
                let called = human::plural(called, "time");
                let all = human::plural(mock.answers.len(), "answer");
                problems.push(format!("{state} ran {called}, and has {all}"));
            }
        }
        problems
    }

    fn problem(&self, text: String) -> TaskError {
        let mut problems = self.problems.lock().unwrap_or_else(PoisonError::into_inner);
        if !problems.contains(&text) {
            problems.push(text.clone());
        }
        TaskError {
            error: "Test.NoAnswer".to_owned(),
            cause: text,
        }
    }

    fn answer(&self, name: &str, task: &Task) -> Result<Answer, TaskError> {
        let call = {
            let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            let call = calls.entry(name.to_owned()).or_default();
            *call += 1;
            *call - 1
        };
        let Some(mock) = self.mocks.get(name) else {
            let resource = &task.resource;
            return Err(self.problem(format!("{name} ran {resource}, and has no mock")));
        };
        let Some(answer) = mock.answer(call) else {
            let all = human::plural(mock.answers.len(), "time");
            return Err(self.problem(format!("{name} ran more than {all}, and has no answer left")));
        };
        if let Some(expected) = &answer.parameters
            && !agrees(&task.parameters, expected, Extra::Allowed)
        {
            let asked = &task.parameters;
            self.problem(format!("{name} was asked otherwise\n  expected: {expected}\n  asked:    {asked}"));
        }
        Ok(answer.clone())
    }
}

#[async_trait]
impl Tasks for MockedTasks<'_> {
    async fn run(
        &self,
        task: Task,
        submitted: &(dyn Fn(Value) + Send + Sync),
    ) -> Result<Value, TaskError> {
        let name = task.mock_name();
        if let Some(test_case) = self.test_case.filter(|_| !self.mocks.contains_key(name))
            && let Some(answer) = test_case.answer(name, task.attempt)
        {
            return answer;
        }
        let answer = self.answer(name, &task)?;
        let is_ended_by_token =
            task.resource.contains(".waitForTaskToken") || task.resource.contains(":activity:");
        if is_ended_by_token || task.resource.contains(".sync") {
            submitted(json!({}));
        }
        // Nothing beats while the answer is waited for.
        let silence = task.heartbeat.filter(|most| is_ended_by_token && answer.after > *most);
        if let Some(silence) = silence {
            tokio::time::sleep(silence).await;
            return Err(TaskError {
                error: "States.HeartbeatTimeout".to_owned(),
                cause: String::new(),
            });
        }
        tokio::time::sleep(answer.after).await;
        answer.result.map_err(|(error, cause)| TaskError { error, cause })
    }

    async fn read_parquet(&self, resource: &str, object: Object) -> Result<Rows, TaskError> {
        Err(asl::refused_parquet(self, resource, object).await)
    }

    fn map_runs(&self) -> Option<&dyn MapRuns> {
        Some(&self.children)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mock() -> Mock {
        let answer = Answer {
            result: Ok(json!(1)),
            after: Duration::ZERO,
            parameters: Some(json!({"WorkGroup": "${workgroups.main}"})),
        };
        Mock::new(vec![answer], true)
    }

    #[test]
    fn a_mock_that_never_ran_is_told_but_one_of_no_state_is_not() {
        let flow = json!({"StartAt": "All", "States": {"All": {"Type": "Map", "ItemProcessor": {
            "StartAt": "Query", "States": {"Query": {"Type": "Task"}}}}}});
        let names = ["Qeury", "Query", "s3:getObject"];
        let mocks = names.map(|name| (name.to_owned(), mock())).into_iter().collect();
        let tasks = MockedTasks::new(&mocks, None, Memory::default());
        assert_eq!(
            tasks.problems(&flow),
            [
                "Query was mocked and never ran",
                "s3:getObject was mocked and never ran",
            ]
        );
    }

    #[test]
    fn answers_that_nobody_asked_for_are_counted() {
        let flow = json!({"StartAt": "Query", "States": {"Query": {"Type": "Task"}}});
        let once = Mock::new(mock().answers, false);
        let mocks = BTreeMap::from([("Query".to_owned(), once)]);
        let tasks = MockedTasks::new(&mocks, None, Memory::default());
        assert_eq!(tasks.problems(&flow), ["Query ran 0 times, and has 1 answer"]);
    }

    #[test]
    fn parameters_that_refer_to_nothing_are_a_mistake() {
        let error = mock().fill_in(&Stack::default()).expect_err("there is no workgroup");
        let told = error.to_string();
        assert!(told.starts_with("`${workgroups.main}` refers to what is not known"), "{told}");
        let mut plain = json!(["a", {"b": "$${c}"}]);
        fill_in(&mut plain, &Stack::default()).expect("nothing to know");
        assert_eq!(plain, json!(["a", {"b": "${c}"}]));
    }
}
