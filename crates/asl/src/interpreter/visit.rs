//! One visit of a state: its input, and its output.

use std::{borrow::Cow, sync::Arc};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    probe::Probe,
};
use crate::{
    context::Context,
    definition::{Kind, Nullable, State, Transition},
    jsonpath::Variables,
    limits::{MAX_ASSIGNED, MAX_LEVELS, MAX_PAYLOAD, MAX_VARIABLES},
    query::{Environment, Fault, PathField, QueryLanguage, Template},
};

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
    /// What the event that starts another attempt notes of the one that failed before; null in the first.
    pub retried: Value,
    /// Who looks into the state, when it is tested.
    pub probe: Option<Arc<Probe>>,
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
            retried: Value::Null,
            probe: None,
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
    pub fn effective_input(
        &self,
        context: &Context,
        variables: &Variables,
    ) -> Result<Cow<'_, Value>, Fault> {
        let input = through(
            &self.state.fields.input_path,
            Cow::Borrowed(&self.raw),
            context,
            variables,
        )?;
        if self.language() == QueryLanguage::JsonPath && self.shows_input() {
            self.saw("afterInputPath", &input);
        }
        Ok(input)
    }

    /// What `Parameters` or `Arguments` make, or else the input.
    pub fn parameters(
        &self,
        input: Cow<'_, Value>,
        context: &Context,
        variables: &Variables,
    ) -> Result<Value, Fault> {
        let field = match self.language() {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        let parameters = match &self.state.fields.parameters {
            Some(template) => {
                template.evaluate(field, &Environment::new(&input, context, variables))?
            }
            None => input.into_owned(),
        };
        if self.probe.is_some() && self.shows_input() {
            self.saw(&format!("after{field}"), &parameters);
        }
        Ok(parameters)
    }

    /// Whether AWS shows what becomes of the input of a state that is tested: not where nothing does,
    /// as a Pass has its `Result`.
    fn shows_input(&self) -> bool {
        !matches!(&self.state.kind, Kind::Pass(pass) if pass.result.is_some())
    }

    /// Whether the state has a result that AWS shows of a state that is tested.
    fn shows_result(&self) -> bool {
        match &self.state.kind {
            Kind::Pass(pass) => pass.result.is_some(),
            kind => !matches!(kind, Kind::Map(_)),
        }
    }

    /// Makes the output of a result, and what is assigned.
    pub fn finish(
        &self,
        result: Value,
        context: &Context,
        variables: &Variables,
    ) -> Result<Done<'s>, Fault> {
        let fields = &self.state.fields;
        if self.shows_result() {
            self.saw("result", &result);
        }
        let (output, assigned) = match self.language() {
            QueryLanguage::JsonPath => {
                let result = match &fields.result_selector {
                    Some(selector) => selector.evaluate(
                        "ResultSelector",
                        &Environment::new(&result, context, variables),
                    )?,
                    None => result,
                };
                self.saw("afterResultSelector", &result);
                let assigned = assign(
                    fields.assign.as_ref(),
                    &Environment::new(&result, context, variables),
                )?;
                let output = match &fields.result_path {
                    Nullable::Absent => result,
                    Nullable::Null => self.raw.clone(),
                    Nullable::Given(path) => put(path, &self.raw, result)?,
                };
                self.saw("afterResultPath", &output);
                (
                    through(&fields.output_path, Cow::Owned(output), context, variables)?
                        .into_owned(),
                    assigned,
                )
            }
            QueryLanguage::Jsonata => {
                let environment =
                    Environment::new(&self.raw, context, variables).with_result(&result);
                transform(
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
        context: &Context,
        variables: &Variables,
    ) -> Result<Done<'s>, Fault> {
        let fields = &self.state.fields;
        let environment = Environment::new(input, context, variables);
        let (output, assigned) = match self.language() {
            QueryLanguage::JsonPath => (
                through(
                    &fields.output_path,
                    Cow::Borrowed(input),
                    context,
                    variables,
                )?
                .into_owned(),
                assign(fields.assign.as_ref(), &environment)?,
            ),
            QueryLanguage::Jsonata => transform(
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
}

/// JSONata's `Output` and `Assign`, found at `prefix` (`Catch[0]/`) in the state.
pub(super) fn transform(
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

fn is_deeper(value: &Value, levels: usize) -> bool {
    let deeper = |value: &Value| levels == 0 || is_deeper(value, levels - 1);
    match value {
        Value::Array(items) => items.iter().any(deeper),
        Value::Object(members) => members.values().any(deeper),
        _ => false,
    }
}

/// A document after `InputPath` or `OutputPath`, of which null gives an empty object.
fn through<'v>(
    path: &Nullable<PathField>,
    document: Cow<'v, Value>,
    context: &Context,
    variables: &Variables,
) -> Result<Cow<'v, Value>, Fault> {
    match path {
        Nullable::Absent => Ok(document),
        Nullable::Null => Ok(Cow::Owned(json!({}))),
        Nullable::Given(path) => path
            .select(&Environment::new(&document, context, variables))
            .map(Cow::Owned),
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

/// The bytes of a value as JSON text, in which no character has to be escaped.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(|item| size(item) + 1).sum::<usize>(),
        Value::Object(members) => {
            let member = |(name, member): (&String, &Value)| name.len() + size(member) + 4;
            2 + members.iter().map(member).sum::<usize>()
        }
        Value::Number(number) => number.to_string().len(),
        Value::Null | Value::Bool(_) => 4,
    }
}

/// Refuses a value that no document could be read with again: an execution that is interrupted is taken
/// up from the texts of its outputs and variables.
fn check_depth(
    visit: &Visit,
    value: &Value,
    what: impl FnOnce() -> String,
) -> Result<(), Interrupt> {
    if !is_deeper(value, MAX_LEVELS) {
        return Ok(());
    }
    Err(Failure::runtime(format!(
        "An error occurred while executing the state '{}' (entered at the event id #{}). The {} is nested deeper than {MAX_LEVELS} levels.",
        visit.state.name,
        visit.entered,
        what()
    ))
    .into())
}

/// What of the variables around the state stays beside what it assigns counts too.
fn check_variables(
    visit: &Visit,
    variables: &Variables,
    assigned: &Variables,
) -> Result<(), Interrupt> {
    let new: usize = assigned.values().map(size).sum();
    let kept = variables
        .iter()
        .filter(|(name, _)| !assigned.contains_key(*name));
    let old: usize = kept.map(|(_, value)| size(value)).sum();
    if new <= MAX_ASSIGNED && new + old <= MAX_VARIABLES {
        return Ok(());
    }
    Err(Failure::state_limit(format!(
        "The state/task '{}' assigned variables with a size exceeding the maximum number of bytes service limit.",
        visit.state.name
    ))
    .into())
}

fn variables_of(value: Value) -> Variables {
    match value {
        Value::Object(members) => members.into_iter().collect(),
        _ => Variables::new(),
    }
}

impl Interpreter<'_> {
    /// Refuses an output, or variables, that are too large to go on; gives the output with its text.
    pub(super) fn bounded<'s>(
        visit: &Visit,
        variables: &Variables,
        done: Done<'s>,
    ) -> Result<(Done<'s>, String), Interrupt> {
        if let Some(assigned) = &done.assigned {
            for (name, value) in assigned {
                check_depth(visit, value, || format!("variable '{name}'"))?;
            }
            check_variables(visit, variables, assigned)?;
        }
        check_depth(visit, &done.output, || "output".to_owned())?;
        let text = done.output.to_string();
        if text.len() > MAX_PAYLOAD {
            return Err(Failure::large_output(&visit.state.name).into());
        }
        Ok((done, text))
    }

    /// Runs the queries of a state that needs no waiting; what fails is told with its place.
    pub(super) fn query<T>(
        &self,
        visit: &Visit,
        branch: &mut Branch,
        queries: impl FnOnce(&Context, &Variables) -> Result<T, Fault>,
    ) -> Result<T, Interrupt> {
        let context = self.context(visit, branch);
        let variables: &Variables = &branch.variables;
        queries(&context, variables).map_err(|fault| self.fault(visit, branch, fault))
    }
}
