//! `Task`.

use std::{
    pin::pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};
use futures::{
    channel::oneshot,
    future::{Either, select},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    log::truncated,
    resource::{Resource, Step},
    visit::{Done, Visit},
};
use crate::{
    Submitted, TaskError,
    context::Context,
    definition::Task,
    limits::MAX_PAYLOAD,
    query::{Environment, Fault},
    resume::progress::{Attempt, OpenTask},
};

/// The longest timeout of a task, in seconds.
const MAX_TIMEOUT: u64 = 99_999_999;

/// Whether a task goes on after its request was taken: only such a one has a token in its context
/// object.
///
/// Source: AWS's recorded context objects, in which a task of a request and its response has none;
/// TestState refuses one there ("Context object contains 'Task' when state is not a Task state with a
/// '.sync' or '.waitForTaskToken' service integration pattern").
pub(super) fn is_waited_for(resource: &str) -> bool {
    [".sync", ".waitForTaskToken", ":activity:"]
        .into_iter()
        .any(|pattern| resource.contains(pattern))
}

/// What a task is asked, as its state makes it.
struct Request {
    parameters: Value,
    credentials: Option<Value>,
    timeout: Option<u64>,
    heartbeat: Option<u64>,
}

/// Writes the events of one task; also from within the task, as it is accepted.
struct TaskLog<'l, 'a> {
    interpreter: &'l Interpreter<'a>,
    resource: Resource<'l>,
    previous: AtomicU64,
    /// Why an event from within the task was not written.
    broken: Mutex<Option<Interrupt>>,
}

impl TaskLog<'_, '_> {
    fn write(&self, step: Step, details: Value) -> Result<(), Interrupt> {
        self.note(step, details, Value::Null)
    }

    /// Writes an event with what resuming has to know of it.
    fn note(&self, step: Step, details: Value, note: Value) -> Result<(), Interrupt> {
        let Some((kind, member)) = self.resource.event(step) else {
            return Ok(());
        };
        let mut all = self.resource.details(step);
        for (name, value) in details.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let details = (!member.is_empty()).then_some((member, all));
        let previous = self.previous.load(Ordering::SeqCst);
        let id = self.interpreter.log.note(previous, kind, details, note)?;
        self.previous.store(id, Ordering::SeqCst);
        Ok(())
    }

    /// Writes how the task ended.
    fn end(&self, ended: Result<Value, TaskError>) -> Result<Value, Interrupt> {
        let failure = match ended {
            Ok(output) => {
                let text = output.to_string();
                if text.len() <= MAX_PAYLOAD {
                    let details = json!({"output": text, "outputDetails": truncated()});
                    self.write(Step::Succeeded, details)?;
                    return Ok(output);
                }
                Failure::large_result(self.resource.subject())
            }
            Err(error) => Failure::from(error),
        };
        let step = if failure.is_timeout() {
            Step::TimedOut
        } else {
            Step::Failed
        };
        let note = if failure.missed_heartbeat {
            failure.note()
        } else {
            Value::Null
        };
        self.note(step, failure.details(), note)?;
        Err(failure.into())
    }
}

impl Interpreter<'_> {
    pub(super) async fn task<'s>(
        &self,
        task: &'s Task,
        visit: &Visit<'s>,
        branch: &mut Branch,
        before: Attempt,
    ) -> Result<Done<'s>, Interrupt> {
        let token = self.token(visit);
        let mut context = self.context(visit, branch);
        if is_waited_for(&task.resource) {
            context = context.with_token(token.clone());
        }
        let (request, begun) = match before {
            Attempt::Task(open) => Request::again(open),
            _ => {
                let request = Request::of(task, visit, &context, branch)
                    .map_err(|fault| self.fault(visit, branch, fault))?;
                (request, None)
            }
        };
        if let Some(mocked) = visit.mocked() {
            return visit
                .finish(mocked?, &context, &branch.variables)
                .map_err(|fault| self.fault(visit, branch, fault));
        }
        if begun.is_none()
            && let Resource::Activity { arn } = Resource::of(&task.resource)
            && let Err(cause) = self.tasks.check_activity(arn, &visit.state.name)
        {
            return Err(self.fault(visit, branch, Fault::Runtime(cause)));
        }
        let log = TaskLog {
            interpreter: self,
            resource: Resource::of(&task.resource),
            previous: AtomicU64::new(branch.previous),
            broken: Mutex::new(None),
        };
        let ended = match begun {
            Some(Begun {
                output: Some(output),
                ..
            }) => Ok(output),
            begun => self.ask(task, visit, token, request, begun, &log).await,
        };
        branch.previous = log.previous.load(Ordering::SeqCst);
        if let Some(interrupt) = log
            .broken
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            return Err(interrupt);
        }
        let context = context.at(self.clock.now());
        visit
            .finish(ended?, &context, &branch.variables)
            .map_err(|fault| self.fault(visit, branch, fault))
    }

    /// The token of this attempt: the same when the execution is taken up again.
    fn token(&self, visit: &Visit) -> String {
        let execution = self.execution;
        // Milliseconds are what is kept of a time.
        let started = execution.start_time.trunc_subsecs(3);
        let place = format!(
            "{}|{}|{}|{}|{}",
            execution.arn, started, execution.redrive_count, visit.entered, visit.retries
        );
        URL_SAFE_NO_PAD.encode(Sha512::digest(place))
    }

    /// Runs the task and writes its events.
    async fn ask(
        &self,
        task: &Task,
        visit: &Visit<'_>,
        token: String,
        request: Request,
        begun: Option<Begun>,
        log: &TaskLog<'_, '_>,
    ) -> Result<Value, Interrupt> {
        let scheduled = match &begun {
            Some(begun) => {
                if !begun.started {
                    log.write(Step::Started, json!({}))?;
                }
                begun.scheduled
            }
            None => {
                log.write(Step::Scheduled, self.scheduled(&log.resource, &request))?;
                log.write(Step::Started, json!({}))?;
                self.clock.now()
            }
        };
        self.log.flush().await?;
        let accepted = AtomicBool::new(
            begun
                .as_ref()
                .is_some_and(|begun| begun.submitted.is_some()),
        );
        let (begins, begin) = Self::count(&log.resource, scheduled, begun.as_ref());
        let begins = Mutex::new(begins);
        let submitted = |output: Value| {
            if accepted.swap(true, Ordering::SeqCst) {
                return;
            }
            let begins = begins.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(begins) = begins {
                // Nobody counts once the task has ended.
                let _ = begins.send(self.clock.now());
            }
            let details = match log.resource {
                // The worker that takes it is what ActivityStarted tells.
                Resource::Activity { .. } => output,
                _ => json!({"output": output.to_string(), "outputDetails": truncated()}),
            };
            if let Err(interrupt) = log.write(Step::Submitted, details) {
                *log.broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(interrupt);
            }
        };
        let running = self.tasks.run(
            crate::Task {
                resource: task.resource.clone(),
                parameters: request.parameters,
                token,
                credentials: request.credentials,
                heartbeat: request.heartbeat.map(Duration::from_secs),
                timeout: request.timeout.map(Duration::from_secs),
                state: visit.state.name.clone(),
                attempt: visit.retries,
                execution_arn: self.execution.arn.clone(),
                submitted: begun.map(|begun| Submitted {
                    output: begun.submitted,
                }),
            },
            &submitted,
        );
        let ended = match request.timeout {
            None => running.await,
            Some(seconds) => match select(running, pin!(self.too_late(begin, seconds))).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => Err(TaskError {
                    error: "States.Timeout".to_owned(),
                    cause: String::new(),
                }),
            },
        };
        let ended = log.end(ended);
        self.log.flush().await?;
        ended
    }

    /// When `TimeoutSeconds` begin to count, and what tells that if it is yet to come: a worker has to
    /// take an activity first.
    ///
    /// Source: "Task workflow state" in the Step Functions developer guide.
    fn count(
        resource: &Resource,
        scheduled: DateTime<Utc>,
        begun: Option<&Begun>,
    ) -> (Option<oneshot::Sender<DateTime<Utc>>>, Begin) {
        match (resource, begun.and_then(|begun| begun.taken)) {
            (Resource::Activity { .. }, None) => {
                let (sender, receiver) = oneshot::channel();
                (Some(sender), Begin::WhenTaken(receiver))
            }
            (_, taken) => (None, Begin::At(taken.unwrap_or(scheduled))),
        }
    }

    /// Ends when the task has taken so many seconds.
    async fn too_late(&self, begin: Begin, seconds: u64) {
        let begin = match begin {
            Begin::At(moment) => moment,
            Begin::WhenTaken(moment) => match moment.await {
                Ok(moment) => moment,
                Err(oneshot::Canceled) => return std::future::pending().await,
            },
        };
        let deadline = begin + TimeDelta::seconds(seconds.min(MAX_TIMEOUT) as i64);
        self.clock.sleep_until(deadline).await;
    }

    fn scheduled(&self, resource: &Resource, request: &Request) -> Value {
        let parameters = request.parameters.to_string();
        let mut details = match resource {
            Resource::Integration { .. } => {
                json!({"region": self.region(), "parameters": parameters})
            }
            Resource::Lambda { .. } | Resource::Activity { .. } => {
                json!({"input": parameters, "inputDetails": truncated()})
            }
        };
        if let Some(timeout) = request.timeout {
            details["timeoutInSeconds"] = json!(timeout);
        }
        if let Some(heartbeat) = request.heartbeat {
            details["heartbeatInSeconds"] = json!(heartbeat);
        }
        if let Some(role) = request
            .credentials
            .as_ref()
            .and_then(|credentials| credentials.get("RoleArn"))
        {
            details["taskCredentials"] = json!({"roleArn": role});
        }
        details
    }

    fn region(&self) -> &str {
        self.execution.arn.split(':').nth(3).unwrap_or_default()
    }
}

impl Request {
    fn of(task: &Task, visit: &Visit, context: &Context, branch: &Branch) -> Result<Self, Fault> {
        let variables = &branch.variables;
        let input = visit.effective_input(context, variables)?;
        let environment = Environment::new(&input, context, variables);
        Ok(Self {
            timeout: task
                .timeout
                .as_ref()
                .map(|amount| amount.positive_value("TimeoutSeconds", &environment))
                .transpose()?,
            heartbeat: task
                .heartbeat
                .as_ref()
                .map(|amount| amount.positive_value("HeartbeatSeconds", &environment))
                .transpose()?,
            credentials: task
                .credentials
                .as_ref()
                .map(|template| template.evaluate("Credentials", &environment))
                .transpose()?,
            parameters: visit.parameters(input.clone(), context, variables)?,
        })
    }

    /// What was asked, as the history tells.
    fn again(open: OpenTask) -> (Self, Option<Begun>) {
        let request = Self {
            parameters: open.parameters,
            credentials: open.credentials,
            timeout: open.timeout,
            heartbeat: open.heartbeat,
        };
        let begun = Begun {
            scheduled: open.scheduled,
            started: open.started,
            taken: open.taken,
            submitted: open.submitted,
            output: open.output,
        };
        (request, Some(begun))
    }
}

/// What had come of a task that was scheduled before.
struct Begun {
    scheduled: DateTime<Utc>,
    started: bool,
    taken: Option<DateTime<Utc>>,
    submitted: Option<Value>,
    output: Option<Value>,
}

/// When a task begins to take time.
enum Begin {
    At(DateTime<Utc>),
    WhenTaken(oneshot::Receiver<DateTime<Utc>>),
}
