//! One visit of a state: its input, and its output.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
};
use crate::{
    definition::{State, Transition},
    jsonpath::Variables,
    query::{Environment, Fault, PathField, QueryLanguage, Template},
};

/// The most bytes that a state's output may have.
pub(super) const MAX_PAYLOAD: usize = 256 * 1024;

pub(super) struct Visit<'s> {
    pub state: &'s State,
    /// The event before the one that entered the state.
    pub before: u64,
    /// The event that entered the state.
    pub entered: u64,
    pub entered_time: DateTime<Utc>,
    /// The input as it came.
    pub raw: Value,
    /// How often the state was tried again.
    pub retries: u64,
}

/// What a state leaves.
pub(super) struct Done<'s> {
    pub output: Value,
    /// None where the state assigns nothing.
    pub assigned: Option<Variables>,
    /// The state to go to; none ends the flow.
    pub next: Option<&'s str>,
}

impl<'s> Visit<'s> {
    pub fn new(
        state: &'s State,
        before: u64,
        entered: u64,
        entered_time: DateTime<Utc>,
        raw: Value,
    ) -> Self {
        Self {
            state,
            before,
            entered,
            entered_time,
            raw,
            retries: 0,
        }
    }

    pub fn language(&self) -> QueryLanguage {
        self.state.language
    }

    /// Where the state leads when it does what it is for.
    pub fn next(&self) -> Option<&'s str> {
        match self.state.transition() {
            Some(Transition::Next(next)) => Some(next),
            _ => None,
        }
    }

    /// The input after `InputPath`.
    pub fn effective_input(&self, context: &Value, variables: &Variables) -> Result<Value, Fault> {
        through(
            self.state.fields.input_path.as_ref(),
            &self.raw,
            context,
            variables,
        )
    }

    /// What `Parameters` or `Arguments` make, or else the input.
    pub fn parameters(
        &self,
        input: &Value,
        context: &Value,
        variables: &Variables,
    ) -> Result<Value, Fault> {
        let field = match self.language() {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        match &self.state.fields.parameters {
            Some(template) => {
                template.evaluate(field, &Environment::new(input, context, variables))
            }
            None => Ok(input.clone()),
        }
    }

    /// Makes the output of a result, and what is assigned.
    pub fn finish(
        &self,
        result: Value,
        context: &Value,
        variables: &Variables,
    ) -> Result<Done<'s>, Fault> {
        let fields = &self.state.fields;
        let (output, assigned) = match self.language() {
            QueryLanguage::JsonPath => {
                let result = match &fields.result_selector {
                    Some(selector) => selector.evaluate(
                        "ResultSelector",
                        &Environment::new(&result, context, variables),
                    )?,
                    None => result,
                };
                let assigned = assign(
                    fields.assign.as_ref(),
                    &Environment::new(&result, context, variables),
                )?;
                let output = match &fields.result_path {
                    None => result,
                    Some(None) => self.raw.clone(),
                    Some(Some(path)) => put(path, &self.raw, result)?,
                };
                (
                    through(fields.output_path.as_ref(), &output, context, variables)?,
                    assigned,
                )
            }
            QueryLanguage::Jsonata => {
                let environment =
                    Environment::new(&self.raw, context, variables).with_result(&result);
                self.transform(
                    fields.output.as_ref(),
                    fields.assign.as_ref(),
                    "",
                    &environment,
                    &result,
                )?
            }
        };
        Ok(Done {
            output,
            assigned,
            next: self.next(),
        })
    }

    /// Makes the output of a state that has no result: it hands its input on.
    pub fn pass_on(
        &self,
        input: &Value,
        context: &Value,
        variables: &Variables,
    ) -> Result<Done<'s>, Fault> {
        let fields = &self.state.fields;
        let environment = Environment::new(input, context, variables);
        let (output, assigned) = match self.language() {
            QueryLanguage::JsonPath => (
                through(fields.output_path.as_ref(), input, context, variables)?,
                assign(fields.assign.as_ref(), &environment)?,
            ),
            QueryLanguage::Jsonata => self.transform(
                fields.output.as_ref(),
                fields.assign.as_ref(),
                "",
                &environment,
                input,
            )?,
        };
        Ok(Done {
            output,
            assigned,
            next: self.next(),
        })
    }

    /// JSONata's `Output` and `Assign`, found at `prefix` (`Catch[0]/`) in the state.
    pub fn transform(
        &self,
        output: Option<&Template>,
        assign: Option<&Template>,
        prefix: &str,
        environment: &Environment,
        default: &Value,
    ) -> Result<(Value, Option<Variables>), Fault> {
        let assigned = assign
            .map(|assign| assign.evaluate(&format!("{prefix}Assign"), environment))
            .transpose()?
            .map(variables_of);
        let output = match output {
            Some(output) => output.evaluate(&format!("{prefix}Output"), environment)?,
            None => default.clone(),
        };
        Ok((output, assigned))
    }
}

/// A document after `InputPath` or `OutputPath`, of which null gives an empty object.
fn through(
    path: Option<&Option<PathField>>,
    document: &Value,
    context: &Value,
    variables: &Variables,
) -> Result<Value, Fault> {
    match path {
        None => Ok(document.clone()),
        Some(None) => Ok(json!({})),
        Some(Some(path)) => path.select(&Environment::new(document, context, variables)),
    }
}

/// Puts a result into the raw input, as `ResultPath` says.
pub(super) fn put(
    path: &crate::jsonpath::ReferencePath,
    raw: &Value,
    result: Value,
) -> Result<Value, Fault> {
    path.put(raw.clone(), result).ok_or_else(|| {
        Fault::ResultPath(format!(
            "Unable to apply ReferencePath {} to input {raw}",
            path.text()
        ))
    })
}

/// JSONPath's `Assign`.
pub(super) fn assign(
    template: Option<&Template>,
    environment: &Environment,
) -> Result<Option<Variables>, Fault> {
    template
        .map(|template| template.evaluate("Assign", environment).map(variables_of))
        .transpose()
}

pub(super) fn variables_of(value: Value) -> Variables {
    match value {
        Value::Object(members) => members.into_iter().collect(),
        _ => Variables::new(),
    }
}

impl Interpreter<'_> {
    /// Refuses an output that is too large to go on.
    pub(super) fn bounded<'s>(&self, visit: &Visit, done: Done<'s>) -> Result<Done<'s>, Interrupt> {
        if done.output.to_string().len() > MAX_PAYLOAD {
            return Err(Failure::new(
                "States.DataLimitExceeded",
                format!(
                    "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit.",
                    visit.state.name
                ),
            )
            .into());
        }
        Ok(done)
    }

    /// Runs the queries of a state that needs no waiting; what fails is told with its place.
    pub(super) fn query<T>(
        &self,
        visit: &Visit,
        branch: &mut Branch,
        queries: impl FnOnce(&Value, &Variables) -> Result<T, Fault>,
    ) -> Result<T, Interrupt> {
        let context = self.context(visit, branch);
        queries(&context, &branch.variables).map_err(|fault| self.fault(visit, branch, fault))
    }
}
