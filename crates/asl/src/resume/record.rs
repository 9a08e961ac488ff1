//! Reads from a history how far its execution had come.
//!
//! Every event follows another by `previousEventId`, and so belongs to the strand (the execution,
//! a branch, an iteration) of that one, or to one around it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    RecordedEvent, ResumeError,
    knot::{At, Child, Knot, Open},
    progress::{IterationEnd, OpenTask, Position, Progress, RecordedFailure},
};
use crate::{
    definition::{Flow, Kind, State, Transition},
    parse_json,
};

/// What an event is that does not fit.
type Problem = String;

/// Reads a history. With `redrive` it has to have ended without success, without it not to have
/// ended.
pub(crate) fn read(
    flow: &Flow,
    events: Vec<RecordedEvent>,
    redrive: bool,
) -> Result<Progress, ResumeError> {
    let mut reading = Reading::new(flow);
    let mut last = 0;
    for event in events {
        let id = event.id;
        if id != last + 1 {
            let problem = format!("it comes after {last}");
            return Err(ResumeError::History { id, problem });
        }
        last = id;
        reading
            .apply(event)
            .map_err(|problem| ResumeError::History { id, problem })?;
    }
    let ended = reading.ended.as_ref().map(|ended| ended.kind.as_str());
    match (ended, redrive) {
        (None, false) => {}
        (Some(kind), true) if kind != "ExecutionSucceeded" => reading.redrive(last + 1, None),
        (None, true) => return Err(ResumeError::State("it still runs")),
        (Some(_), true) => return Err(ResumeError::State("it has succeeded")),
        (Some(_), false) => return Err(ResumeError::State("it has ended")),
    }
    let started = reading.started;
    let root = reading
        .strand(0)
        .map_err(|problem| ResumeError::History { id: last, problem })?;
    Ok(Progress {
        root,
        last_event: last,
        started: started.filter(|_| !redrive),
        redriven: redrive,
    })
}

pub(super) struct Reading<'d> {
    states: HashMap<&'d str, &'d State>,
    pub knots: Vec<Knot>,
    /// The knot of each event, by its id; the first is of none.
    knot_of: Vec<usize>,
    started: Option<DateTime<Utc>>,
    ended: Option<Ended>,
}

/// The event that ended the execution.
struct Ended {
    kind: String,
    error: Option<String>,
}

fn text<'e>(event: &'e RecordedEvent, field: &str) -> Result<&'e str, Problem> {
    event
        .details
        .get(field)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("{} has no {field}", event.kind))
}

fn failure(details: &Value) -> RecordedFailure {
    let field = |name: &str| details.get(name).and_then(Value::as_str).map(str::to_owned);
    let is = |name: &str| details.get(name).and_then(Value::as_bool) == Some(true);
    RecordedFailure {
        error: field("error"),
        cause: field("cause"),
        missed_heartbeat: is("missedHeartbeat"),
        of_state_limit: is("ofStateLimit"),
    }
}

impl<'d> Reading<'d> {
    fn new(flow: &'d Flow) -> Self {
        let mut states = HashMap::new();
        index(flow, &mut states);
        Self {
            states,
            knots: vec![Knot::default()],
            knot_of: vec![0],
            started: None,
            ended: None,
        }
    }

    fn state(&self, name: &str) -> Result<&'d State, Problem> {
        self.states
            .get(name)
            .copied()
            .ok_or_else(|| format!("the definition has no state '{name}'"))
    }

    fn apply(&mut self, event: RecordedEvent) -> Result<(), Problem> {
        let from = usize::try_from(event.previous_event_id)
            .ok()
            .and_then(|previous| self.knot_of.get(previous).copied())
            .ok_or("it follows an event that is not there")?;
        let knot = match event.kind.as_str() {
            kind if kind.ends_with("StateEntered") => self.enter(from, &event)?,
            kind if kind.ends_with("StateExited") => self.exit(from, &event)?,
            "ExecutionStarted" => {
                self.started = Some(event.timestamp);
                // The first state follows nothing.
                self.knot_of.push(from);
                return Ok(());
            }
            "ExecutionRedriven" => {
                self.redrive(event.id, Some(event.timestamp));
                0
            }
            kind if kind.starts_with("Execution") => {
                self.ended = Some(Ended {
                    kind: kind.to_owned(),
                    error: failure(&event.details).error,
                });
                from
            }
            kind if kind.starts_with("MapIteration") => return self.iteration(from, event),
            kind if kind.starts_with("MapState") || kind.starts_with("Parallel") => {
                self.fork(from, &event)?
            }
            kind if kind.starts_with("MapRun") => self.map_run(from, &event)?,
            "TaskStateAborted" => {
                if let At::In(open) = &mut self.knots[from].at {
                    open.aborted = true;
                }
                // Nothing follows it.
                self.knot_of.push(from);
                return Ok(());
            }
            "EvaluationFailed" => {
                let name = text(&event, "state")?;
                let at = self.find(from, |open| open.name == name)?;
                let open = self.open(at)?;
                // Of a task that was tried before, the failure was taken by a retrier.
                let before = open.pending.replace(failure(&event.details));
                open.failures.extend(before.map(RecordedFailure::into_name));
                at
            }
            _ => {
                self.task(from, &event)?;
                from
            }
        };
        if !is_aside(&event.kind) {
            self.knots[knot].previous = event.id;
        }
        self.knot_of.push(knot);
        Ok(())
    }

    fn open(&mut self, knot: usize) -> Result<&mut Open, Problem> {
        match &mut self.knots[knot].at {
            At::In(open) => Ok(open),
            _ => Err("no state is entered where it is".to_owned()),
        }
    }

    /// The innermost knot around `from` whose open state is meant, or else the last one right within
    /// it, or else the last of all.
    fn find(&self, from: usize, meant: impl Fn(&Open) -> bool) -> Result<usize, Problem> {
        let is_meant = |knot: &usize| matches!(&self.knots[*knot].at, At::In(open) if meant(open));
        std::iter::successors(Some(from), |knot| self.knots[*knot].parent)
            .find(is_meant)
            .or_else(|| {
                let is_within = |knot: &usize| self.knots[*knot].parent == Some(from);
                let mut knots = (0..self.knots.len()).rev();
                knots.find(|knot| is_within(knot) && is_meant(knot))
            })
            .or_else(|| (0..self.knots.len()).rev().find(is_meant))
            .ok_or_else(|| "the state it is of is not entered".to_owned())
    }

    fn enter(&mut self, from: usize, event: &RecordedEvent) -> Result<usize, Problem> {
        let name = text(event, "name")?;
        self.state(name)?;
        let knot = match &self.knots[from].at {
            At::In(open) => {
                let Kind::Parallel(parallel) = &self.state(&open.name)?.kind else {
                    return Err(format!("the state '{}' was not left", open.name));
                };
                let branch = parallel
                    .branches
                    .iter()
                    .position(|branch| branch.start_at == name)
                    .ok_or_else(|| format!("no branch starts at '{name}'"))?;
                self.fork_off(from, branch, event.id)?
            }
            _ => from,
        };
        self.knots[knot].at = At::In(Box::new(Open {
            name: name.to_owned(),
            before: event.previous_event_id,
            entered: event.id,
            entered_time: event.timestamp,
            input: text(event, "input")?.to_owned(),
            ..Open::default()
        }));
        Ok(knot)
    }

    fn fork_off(&mut self, owner: usize, index: usize, started: u64) -> Result<usize, Problem> {
        let knot = self.knots.len();
        self.knots.push(Knot {
            parent: Some(owner),
            previous: started,
            variables: Arc::clone(&self.knots[owner].variables),
            at: At::Start,
        });
        self.open(owner)?
            .children
            .insert(index, Child { knot, end: None });
        Ok(knot)
    }

    fn exit(&mut self, from: usize, event: &RecordedEvent) -> Result<usize, Problem> {
        let name = text(event, "name")?;
        let at = self.find(from, |open| open.name == name)?;
        let state = self.state(name)?;
        let caught = self.open(at)?.pending.is_some();
        let noted = event.note.get("next").and_then(Value::as_str);
        let next = match (noted, state.transition()) {
            (Some(noted), _) => Some(noted.to_owned()),
            (None, Some(Transition::Next(next))) if !caught => Some(next.clone()),
            (None, Some(Transition::End)) if !caught => None,
            (None, None) if !matches!(state.kind, Kind::Choice(_)) => None,
            // What was entered next, if anything was, shows where it led.
            _ => Some(String::new()),
        };
        let output = text(event, "output")?.to_owned();
        let knot = &mut self.knots[at];
        if let Some(Value::Object(assigned)) = event.details.get("assignedVariables") {
            let variables = Arc::make_mut(&mut knot.variables);
            for (name, value) in assigned {
                let value = parse_json(value.as_str().unwrap_or_default())
                    .map_err(|error| format!("the variable {name} cannot be read: {error}"))?;
                variables.insert(name.clone(), value);
            }
        }
        knot.at = At::Left { next, output };
        Ok(at)
    }

    fn fork(&mut self, from: usize, event: &RecordedEvent) -> Result<usize, Problem> {
        let of_map = event.kind.starts_with("Map");
        let is_kind = |name: &str| match self.state(name).map(|state| &state.kind) {
            Ok(Kind::Map(_)) => of_map,
            Ok(Kind::Parallel(_)) => !of_map,
            _ => false,
        };
        let starts = event.kind.ends_with("Started");
        // After a failure within, the event before it can be of another such state, inside of this one.
        let noted = event.note.get("state").and_then(Value::as_str);
        let is_meant =
            |open: &Open| noted.map_or(starts || open.started, |noted| noted == open.name);
        let at = self.find(from, |open| is_kind(&open.name) && is_meant(open))?;
        let open = self.open(at)?;
        if starts {
            if let Some(error) = event.note.get("retried").and_then(Value::as_str) {
                // What is pending, if anything tells of it, is the same failure.
                open.pending = None;
                open.failures.push(error.to_owned());
            }
            open.try_again();
            open.started = true;
        } else if event.kind.ends_with("Succeeded") {
            open.succeeded = true;
        } else {
            open.pending = Some(failure(&event.note));
            open.told = true;
        }
        Ok(at)
    }

    fn map_run(&mut self, from: usize, event: &RecordedEvent) -> Result<usize, Problem> {
        let is_map =
            |name: &str| matches!(self.state(name).map(|state| &state.kind), Ok(Kind::Map(_)));
        let at = self.find(from, |open| is_map(&open.name) && open.started)?;
        let open = self.open(at)?;
        match event.kind.as_str() {
            "MapRunStarted" => open.map_run = Some(text(event, "mapRunArn")?.to_owned()),
            "MapRunRedriven" => {
                open.map_run = Some(text(event, "mapRunArn")?.to_owned());
                open.map_run_redrives += 1;
                open.map_run_redriven = false;
            }
            "MapRunSucceeded" => open.map_run_succeeded = Some(event.id),
            "MapRunFailed" => {
                open.map_run_error = text(event, "error").ok().map(str::to_owned);
                let noted = failure(&event.note);
                open.pending = Some(RecordedFailure {
                    missed_heartbeat: noted.missed_heartbeat,
                    of_state_limit: noted.of_state_limit,
                    ..failure(&event.details)
                });
            }
            _ => {}
        }
        Ok(at)
    }

    fn iteration(&mut self, from: usize, event: RecordedEvent) -> Result<(), Problem> {
        let name = text(&event, "name")?;
        let index = event
            .details
            .get("index")
            .and_then(Value::as_u64)
            .ok_or("it has no index")? as usize;
        let owner = self.find(from, |open| open.name == name && open.started)?;
        if event.kind == "MapIterationStarted" {
            let knot = self.fork_off(owner, index, event.id)?;
            self.knot_of.push(knot);
            return Ok(());
        }
        let child = self
            .open(owner)?
            .children
            .get_mut(&index)
            .ok_or_else(|| format!("the iteration {index} was not started"))?;
        let end = match event.kind.as_str() {
            "MapIterationSucceeded" => IterationEnd::Succeeded(event.id),
            "MapIterationFailed" => IterationEnd::Failed(failure(&event.note)),
            _ => IterationEnd::Aborted,
        };
        let succeeded = matches!(end, IterationEnd::Succeeded(_));
        let knot = child.knot;
        child.end = Some(end);
        if succeeded {
            // Nothing goes on from it any more, not in a redrive either.
            self.knots[knot].variables = Arc::default();
        }
        if event.kind != "MapIterationAborted" {
            self.knots[owner].previous = event.previous_event_id;
        }
        self.knot_of.push(owner);
        Ok(())
    }

    fn task(&mut self, from: usize, event: &RecordedEvent) -> Result<(), Problem> {
        let open = self.open(from)?;
        let kind = event.kind.as_str();
        if kind.ends_with("Scheduled") {
            open.try_again();
            open.task = Some(scheduled(event)?);
            return Ok(());
        }
        if kind.ends_with("Failed") || kind.ends_with("TimedOut") {
            open.pending = Some(RecordedFailure {
                missed_heartbeat: failure(&event.note).missed_heartbeat,
                ..failure(&event.details)
            });
            return Ok(());
        }
        let task = open.task.as_mut().ok_or("no task was scheduled")?;
        let output = || {
            let text = text(event, "output")?;
            parse_json(text).map_err(|error| format!("its output: {error}"))
        };
        match kind {
            "TaskSubmitted" => task.submitted = Some(output()?),
            "ActivityStarted" => {
                task.submitted = Some(event.details.clone());
                task.taken = Some(event.timestamp);
            }
            kind if kind.ends_with("Succeeded") => task.output = Some(output()?),
            "TaskStarted" | "LambdaFunctionStarted" => task.started = true,
            kind => return Err(format!("{kind} is not known")),
        }
        Ok(())
    }

    /// What did not succeed is to be done again, after the event `id`.
    fn redrive(&mut self, id: u64, at: Option<DateTime<Utc>>) {
        self.started = at;
        let error = self.ended.take().and_then(|ended| ended.error);
        for knot in &mut self.knots {
            if let At::In(open) = &mut knot.at {
                knot.previous = id;
                open.redrive(error.as_deref());
            }
        }
    }

    fn strand(&mut self, knot: usize) -> Result<super::progress::Strand, Problem> {
        let taken = std::mem::take(&mut self.knots[knot]);
        let at = match taken.at {
            At::Start => Position::Start,
            At::Left { next, output } => {
                if next.as_deref() == Some("") {
                    return Err("nothing tells where its state leads".to_owned());
                }
                Position::Left {
                    next,
                    output: document(&output)?,
                }
            }
            At::In(open) => Position::In(Box::new(open.into_state(self)?)),
        };
        Ok(super::progress::Strand {
            previous: taken.previous,
            variables: taken.variables,
            at,
        })
    }

    /// The strands of an open state's branches or iterations.
    pub fn strands(
        &mut self,
        children: BTreeMap<usize, Child>,
    ) -> Result<BTreeMap<usize, (super::progress::Strand, Child)>, Problem> {
        children
            .into_iter()
            .map(|(index, child)| Ok((index, (self.strand(child.knot)?, child))))
            .collect()
    }
}

/// Whether an event tells of an end that the state's own does not follow: `MapStateExited` follows
/// what `MapStateSucceeded` and `MapRunSucceeded` come after.
fn is_aside(kind: &str) -> bool {
    kind == "MapRunSucceeded" || kind.ends_with("StateSucceeded")
}

fn index<'d>(flow: &'d Flow, states: &mut HashMap<&'d str, &'d State>) {
    for (name, state) in &flow.states {
        states.insert(name, state);
        match &state.kind {
            Kind::Parallel(parallel) => {
                for branch in &parallel.branches {
                    index(branch, states);
                }
            }
            Kind::Map(map) => index(&map.processor, states),
            _ => {}
        }
    }
}

fn scheduled(event: &RecordedEvent) -> Result<OpenTask, Problem> {
    let parameters = event
        .details
        .get("parameters")
        .or_else(|| event.details.get("input"))
        .and_then(Value::as_str)
        .ok_or("it has no parameters")?;
    let seconds = |field: &str| event.details.get(field).and_then(Value::as_u64);
    Ok(OpenTask {
        scheduled: event.timestamp,
        parameters: document(parameters)?,
        timeout: seconds("timeoutInSeconds"),
        heartbeat: seconds("heartbeatInSeconds"),
        credentials: event
            .details
            .pointer("/taskCredentials/roleArn")
            .map(|role| serde_json::json!({"RoleArn": role})),
        started: false,
        taken: None,
        submitted: None,
        output: None,
    })
}

pub(super) fn document(text: &str) -> Result<Value, Problem> {
    parse_json(text).map_err(|error| format!("a document cannot be read: {error}"))
}
