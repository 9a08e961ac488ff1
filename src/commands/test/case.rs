//! One case: what is given, and what is expected.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::agreement::{Extra, agrees};
use super::mocks::{Mock, TestCase};
use super::run::Ran;
use crate::stack::Stack;

#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub input: Value,
    /// The moment at which the execution starts.
    pub now: DateTime<Utc>,
    /// By the name of the state.
    pub mocks: BTreeMap<String, Mock>,
    /// What answers for the states that have no mock here.
    pub test_case: Option<TestCase>,
    /// The states that are entered, outside of Map and Parallel.
    pub path: Option<Vec<String>>,
    /// How often states are entered, wherever they are.
    pub visits: BTreeMap<String, usize>,
    pub output: Option<Value>,
    pub error: Option<String>,
    pub cause: Option<String>,
    /// How long it takes on its clock.
    pub seconds: Option<f64>,
}

impl Case {
    /// The same, with what the parameters of its mocks refer to in stack.toml.
    pub fn filled_in(mut self, stack: &Stack) -> anyhow::Result<Self> {
        for (state, mock) in &mut self.mocks {
            let filled = mock.fill_in(stack);
            filled.with_context(|| format!("the case `{}`, mock {state}", self.name))?;
        }
        Ok(self)
    }

    /// What is not as expected.
    pub fn compare(&self, ran: &Ran) -> Vec<String> {
        let mut problems = ran.problems.clone();
        let mut differ = |what: &str, expected: String, got: String| {
            problems.push(format!("{what}\n  expected: {expected}\n  got:      {got}"));
        };
        if let Some(path) = self.path.as_ref().filter(|path| **path != ran.path) {
            differ("the path is another", path.join(" → "), ran.path.join(" → "));
        }
        for (state, expected) in &self.visits {
            let got = ran.visits.get(state).copied().unwrap_or_default();
            if got != *expected {
                let what = format!("{state} is entered another number of times");
                differ(&what, expected.to_string(), got.to_string());
            }
        }
        let got = ran.ending();
        if let Some(expected) = &self.output
            && !ran.output.as_ref().is_some_and(|output| agrees(output, expected, Extra::Refused))
        {
            differ("the output is another", expected.to_string(), got.clone());
        }
        if let Some(expected) = &self.error
            && ran.error.as_ref() != Some(expected)
        {
            differ("the error is another", expected.clone(), got.clone());
        }
        if let Some(expected) = &self.cause
            && !ran.cause.as_ref().is_some_and(|cause| cause.contains(expected))
        {
            differ("the cause is another", expected.clone(), got.clone());
        }
        if self.output.is_none() && self.error.is_none() && self.cause.is_none() && ran.has_failed()
        {
            problems.push(format!("it ended with {got}"));
        }
        if let Some(expected) = self.seconds {
            let got = ran.passed.as_secs_f64();
            if (expected - got).abs() > 0.01 {
                problems.push(format!("it took {got} s on its clock, and not {expected} s"));
            }
        }
        problems
    }
}
