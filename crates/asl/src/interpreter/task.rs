//! `Task`.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use futures::future::{Either, select};
use serde_json::{Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    log::truncated,
    visit::{Done, Visit},
};
use crate::{
    TaskError,
    context::Context,
    definition::Task,
    query::{Environment, Fault},
};

/// The longest timeout of a task, in seconds.
const MAX_TIMEOUT: u64 = 99_999_999;

/// The integration a resource names, and with it the events that tell of a task.
enum Resource<'t> {
    Lambda {
        arn: &'t str,
    },
    Activity {
        arn: &'t str,
    },
    /// `arn:aws:states:::TYPE:NAME`.
    Integration {
        kind: &'t str,
        name: &'t str,
    },
}

impl<'t> Resource<'t> {
    fn of(arn: &'t str) -> Self {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, rest) = (
            parts.next().unwrap_or_default(),
            parts.nth(2).unwrap_or_default(),
        );
        match (service, rest.rsplit_once(':')) {
            ("states", Some(("activity", _))) => Self::Activity { arn },
            ("states", Some((kind, name))) => Self::Integration { kind, name },
            _ => Self::Lambda { arn },
        }
    }

    /// The event of that step and the member that holds its details; not every integration has one
    /// for each.
    fn event(&self, step: Step) -> Option<(&'static str, &'static str)> {
        Some(match (self, step) {
            (Self::Lambda { .. }, Step::Scheduled) => (
                "LambdaFunctionScheduled",
                "lambdaFunctionScheduledEventDetails",
            ),
            (Self::Lambda { .. }, Step::Started) => ("LambdaFunctionStarted", ""),
            (Self::Lambda { .. }, Step::Submitted) => return None,
            (Self::Lambda { .. }, Step::Succeeded) => (
                "LambdaFunctionSucceeded",
                "lambdaFunctionSucceededEventDetails",
            ),
            (Self::Lambda { .. }, Step::Failed) => {
                ("LambdaFunctionFailed", "lambdaFunctionFailedEventDetails")
            }
            (Self::Lambda { .. }, Step::TimedOut) => (
                "LambdaFunctionTimedOut",
                "lambdaFunctionTimedOutEventDetails",
            ),
            (Self::Activity { .. }, Step::Scheduled) => {
                ("ActivityScheduled", "activityScheduledEventDetails")
            }
            // A worker starts an activity: it is accepted then, and not before.
            (Self::Activity { .. }, Step::Started) => return None,
            (Self::Activity { .. }, Step::Submitted) => {
                ("ActivityStarted", "activityStartedEventDetails")
            }
            (Self::Activity { .. }, Step::Succeeded) => {
                ("ActivitySucceeded", "activitySucceededEventDetails")
            }
            (Self::Activity { .. }, Step::Failed) => {
                ("ActivityFailed", "activityFailedEventDetails")
            }
            (Self::Activity { .. }, Step::TimedOut) => {
                ("ActivityTimedOut", "activityTimedOutEventDetails")
            }
            (Self::Integration { .. }, Step::Scheduled) => {
                ("TaskScheduled", "taskScheduledEventDetails")
            }
            (Self::Integration { .. }, Step::Started) => ("TaskStarted", "taskStartedEventDetails"),
            (Self::Integration { .. }, Step::Submitted) => {
                ("TaskSubmitted", "taskSubmittedEventDetails")
            }
            (Self::Integration { .. }, Step::Succeeded) => {
                ("TaskSucceeded", "taskSucceededEventDetails")
            }
            (Self::Integration { .. }, Step::Failed) => ("TaskFailed", "taskFailedEventDetails"),
            (Self::Integration { .. }, Step::TimedOut) => {
                ("TaskTimedOut", "taskTimedOutEventDetails")
            }
        })
    }

    /// What all events of the integration tell, or its first.
    fn details(&self, step: Step) -> Value {
        match (self, step) {
            (Self::Integration { kind, name }, _) => {
                json!({"resourceType": kind, "resource": name})
            }
            (Self::Lambda { arn } | Self::Activity { arn }, Step::Scheduled) => {
                json!({"resource": arn})
            }
            _ => json!({}),
        }
    }
}

#[derive(Clone, Copy)]
enum Step {
    Scheduled,
    Started,
    Submitted,
    Succeeded,
    Failed,
    TimedOut,
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
        let Some((kind, member)) = self.resource.event(step) else {
            return Ok(());
        };
        let mut all = self.resource.details(step);
        for (name, value) in details.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        let details = (!member.is_empty()).then_some((member, all));
        let previous = self.previous.load(Ordering::SeqCst);
        let id = self.interpreter.log.record(previous, kind, details)?;
        self.previous.store(id, Ordering::SeqCst);
        Ok(())
    }
}

impl Interpreter<'_> {
    pub(super) async fn task<'s>(
        &self,
        task: &'s Task,
        visit: &Visit<'s>,
        branch: &mut Branch,
    ) -> Result<Done<'s>, Interrupt> {
        let token = uuid::Uuid::new_v4().to_string();
        let mut context = self.context(visit, branch);
        context.set("Task", json!({"Token": token}));
        let request = request(task, visit, &context, branch)
            .map_err(|fault| self.fault(visit, branch, fault))?;
        let log = TaskLog {
            interpreter: self,
            resource: Resource::of(&task.resource),
            previous: AtomicU64::new(branch.previous),
            broken: Mutex::new(None),
        };
        let ended = self.ask(task, token, request, &log).await;
        branch.previous = log.previous.load(Ordering::SeqCst);
        if let Some(interrupt) = log
            .broken
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            return Err(interrupt);
        }
        visit
            .finish(ended?, &context, &branch.variables)
            .map_err(|fault| self.fault(visit, branch, fault))
    }

    /// Runs the task and writes its events.
    async fn ask(
        &self,
        task: &Task,
        token: String,
        request: Request,
        log: &TaskLog<'_, '_>,
    ) -> Result<Value, Interrupt> {
        log.write(Step::Scheduled, self.scheduled(&log.resource, &request))?;
        log.write(Step::Started, json!({}))?;
        let submitted = |output: Value| {
            let details = json!({"output": output.to_string(), "outputDetails": truncated()});
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
            },
            &submitted,
        );
        let ended = match request.timeout {
            None => running.await,
            Some(seconds) => {
                let deadline =
                    self.clock.now() + TimeDelta::seconds(seconds.min(MAX_TIMEOUT) as i64);
                match select(running, self.clock.sleep_until(deadline)).await {
                    Either::Left((ended, _)) => ended,
                    Either::Right(_) => {
                        log.write(Step::TimedOut, json!({"error": "States.Timeout"}))?;
                        return Err(Failure {
                            error: Some("States.Timeout".to_owned()),
                            cause: None,
                        }
                        .into());
                    }
                }
            }
        };
        match ended {
            Ok(output) => {
                log.write(
                    Step::Succeeded,
                    json!({"output": output.to_string(), "outputDetails": truncated()}),
                )?;
                Ok(output)
            }
            Err(TaskError { error, cause }) => {
                let step = if matches!(error.as_str(), "States.Timeout" | "States.HeartbeatTimeout")
                {
                    Step::TimedOut
                } else {
                    Step::Failed
                };
                let failure = Failure::new(&error, cause);
                log.write(step, failure.details())?;
                Err(failure.into())
            }
        }
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

fn request(
    task: &Task,
    visit: &Visit,
    context: &Context,
    branch: &Branch,
) -> Result<Request, Fault> {
    let variables = &branch.variables;
    let input = visit.effective_input(context, variables)?;
    let environment = Environment::new(&input, context, variables);
    Ok(Request {
        timeout: task
            .timeout
            .as_ref()
            .map(|amount| amount.whole_value("TimeoutSeconds", &environment))
            .transpose()?,
        heartbeat: task
            .heartbeat
            .as_ref()
            .map(|amount| amount.whole_value("HeartbeatSeconds", &environment))
            .transpose()?,
        credentials: task
            .credentials
            .as_ref()
            .map(|template| template.evaluate("Credentials", &environment))
            .transpose()?,
        parameters: visit.parameters(&input, context, variables)?,
    })
}
