//! `ResultWriter`: what the child executions gave, in the Map's result or in a bucket.
//!
//! Source: "ResultWriter (Map)" in the Step Functions developer guide.

use chrono::{DateTime, Utc};
use serde_json::{Map as Members, Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    map::Start,
    map_run::Run,
    visit::Visit,
};
use crate::{
    ChildExecution, Outcome,
    definition::{Map, Transformation},
    limits::MAX_PAYLOAD,
    query::Environment,
    timestamp,
};

/// A file of results is written when it is as large as this, in bytes.
const FILE: usize = 8 * 1024 * 1024;

/// What a Map fails with whose results cannot be written.
const FAILED: &str = "States.ResultWriterFailed";

/// Takes what came of the children.
pub(super) struct Results {
    transformation: Transformation,
    map_run_arn: String,
    to: Destination,
    written: Count,
}

/// Items, and the children that have them.
#[derive(Clone, Copy, Default)]
pub(super) struct Count {
    pub items: u64,
    pub executions: u64,
}

enum Destination {
    /// The Map's result, in the order of the items, and how many bytes it has.
    State(Vec<Vec<Value>>, usize),
    Bucket(Bucket),
}

struct Bucket {
    resource: String,
    bucket: String,
    folder: String,
    json_lines: bool,
    /// By their [`Kind`].
    files: [Files; 3],
}

/// Which files a child is told of in.
#[derive(Clone, Copy)]
enum Kind {
    Succeeded,
    /// Those that timed out or were aborted, too.
    Failed,
    /// Those that were not started.
    Pending,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Succeeded, Self::Failed, Self::Pending];
}

/// The files of one kind: what is not written yet, and what is.
struct Files {
    status: &'static str,
    pending: String,
    written: Vec<Value>,
}

pub(super) struct Written {
    pub result: Value,
    /// Whose results were written into a bucket.
    pub count: Count,
}

impl Interpreter<'_> {
    pub(super) fn results(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        run: &Run,
    ) -> Result<Results, Interrupt> {
        let results = |transformation, to| Results {
            transformation,
            map_run_arn: run.about.arn.clone(),
            to,
            written: Count::default(),
        };
        let state = || Destination::State(Vec::new(), 0);
        let Some(writer) = &map.result_writer else {
            return Ok(results(Transformation::Compact, state()));
        };
        let Some(resource) = &writer.resource else {
            let transformation = writer.transformation.unwrap_or(Transformation::Compact);
            return Ok(results(transformation, state()));
        };
        let parameters = self.query(visit, branch, |context, variables| {
            match &writer.parameters {
                Some(template) => template.evaluate(
                    &format!("ResultWriter/{}", writer.parameters_field),
                    &Environment::new(&start.input, context, variables),
                ),
                None => Ok(Value::Object(Members::new())),
            }
        })?;
        let text = |field: &str| {
            let text = parameters.get(field).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let id = run.about.arn.rsplit(':').next().unwrap_or_default();
        let prefix = text("Prefix");
        let mut folder = match prefix.trim_end_matches('/') {
            "" => id.to_owned(),
            prefix => format!("{prefix}/{id}"),
        };
        if run.about.redrive_count > 0 {
            // What was written before stays.
            folder += &format!("/Redrive-{}", run.about.redrive_count);
        }
        Ok(results(
            writer.transformation.unwrap_or(Transformation::None),
            Destination::Bucket(Bucket {
                resource: resource.clone(),
                bucket: text("Bucket"),
                folder,
                json_lines: writer.json_lines,
                files: ["SUCCEEDED", "FAILED", "PENDING"].map(Files::new),
            }),
        ))
    }
}

impl Files {
    fn new(status: &'static str) -> Self {
        Self {
            status,
            pending: String::new(),
            written: Vec::new(),
        }
    }

    fn is_unused(&self) -> bool {
        self.pending.is_empty() && self.written.is_empty()
    }
}

impl Failure {
    /// Whether results could not be written.
    pub fn is_of_writer(&self) -> bool {
        self.name() == FAILED
    }
}

impl Results {
    /// Whether they go into a bucket.
    pub fn are_written(&self) -> bool {
        matches!(self.to, Destination::Bucket(_))
    }

    /// Takes what came of a child at the moment `stopped`: no outcome of one that was aborted.
    pub async fn add(
        &mut self,
        interpreter: &Interpreter<'_>,
        child: &ChildExecution,
        outcome: Option<Outcome>,
        stopped: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let has_succeeded = matches!(outcome, Some(Outcome::Succeeded { .. }));
        let is_for_state = matches!(self.to, Destination::State(..));
        if !has_succeeded && is_for_state && self.transformation == Transformation::Compact {
            return Ok(());
        }
        let values = match (self.transformation, outcome) {
            (Transformation::Compact, Some(Outcome::Succeeded { output })) => vec![output],
            (Transformation::Flatten, Some(Outcome::Succeeded { output })) => match output {
                Value::Array(items) => items,
                output => vec![output],
            },
            (_, outcome) => vec![record(child, outcome, stopped)],
        };
        match &mut self.to {
            Destination::State(kept, bytes) => {
                *bytes += values
                    .iter()
                    .map(|value| value.to_string().len())
                    .sum::<usize>();
                // What is too large is of no use; that it was is told at the end.
                if *bytes <= MAX_PAYLOAD {
                    let index = child.index as usize;
                    if kept.len() <= index {
                        kept.resize(index + 1, Vec::new());
                    }
                    kept[index] = values;
                }
                Ok(())
            }
            Destination::Bucket(bucket) => {
                self.written.items += child.items;
                self.written.executions += 1;
                let kind = if has_succeeded {
                    Kind::Succeeded
                } else {
                    Kind::Failed
                };
                bucket.add(interpreter, kind, &values).await
            }
        }
    }

    /// Takes the input of a child that is not started any more.
    pub async fn add_pending(
        &mut self,
        interpreter: &Interpreter<'_>,
        input: &Value,
    ) -> Result<(), Failure> {
        let Destination::Bucket(bucket) = &mut self.to else {
            return Ok(());
        };
        let record = json!({
            "Input": input.to_string(),
            "InputDetails": {"Included": true},
            "Status": "PENDING",
        });
        bucket.add(interpreter, Kind::Pending, &[record]).await
    }

    /// Writes what there is of a Map Run that failed; gives whose results were written.
    pub async fn give_up(self, interpreter: &Interpreter<'_>) -> Result<Count, Failure> {
        if let Destination::Bucket(bucket) = self.to {
            bucket.end(interpreter, &self.map_run_arn).await?;
        }
        Ok(self.written)
    }

    /// The result of the Map: the results themselves, or where they were written.
    pub async fn end(self, interpreter: &Interpreter<'_>) -> Result<Written, Failure> {
        match self.to {
            Destination::State(kept, bytes) if bytes <= MAX_PAYLOAD => Ok(Written {
                result: kept.into_iter().flatten().collect(),
                count: Count::default(),
            }),
            Destination::State(..) => Err(Failure::state_limit(
                "The results of the child workflow executions exceed the maximum number of bytes service limit.",
            )),
            Destination::Bucket(mut bucket) => {
                if bucket.files(Kind::Succeeded).is_unused() {
                    bucket.write(interpreter, Kind::Succeeded).await?;
                }
                Ok(Written {
                    result: bucket.end(interpreter, &self.map_run_arn).await?,
                    count: self.written,
                })
            }
        }
    }
}

impl Bucket {
    async fn add(
        &mut self,
        interpreter: &Interpreter<'_>,
        kind: Kind,
        values: &[Value],
    ) -> Result<(), Failure> {
        let json_lines = self.json_lines;
        let files = self.files(kind);
        for value in values {
            if !files.pending.is_empty() {
                files.pending.push(if json_lines { '\n' } else { ',' });
            }
            files.pending += &value.to_string();
        }
        if files.pending.len() < FILE {
            return Ok(());
        }
        self.write(interpreter, kind).await
    }

    fn files(&mut self, kind: Kind) -> &mut Files {
        &mut self.files[kind as usize]
    }

    /// Writes what is pending into the next file.
    async fn write(&mut self, interpreter: &Interpreter<'_>, kind: Kind) -> Result<(), Failure> {
        let json_lines = self.json_lines;
        let folder = self.folder.clone();
        let files = self.files(kind);
        let pending = std::mem::take(&mut files.pending);
        let (body, ending) = if json_lines {
            (pending, "jsonl")
        } else {
            (format!("[{pending}]"), "json")
        };
        let number = files.written.len();
        let key = format!("{folder}/{}_{number}.{ending}", files.status);
        files.written.push(json!({"Key": key, "Size": body.len()}));
        self.put(interpreter, &key, body).await
    }

    async fn put(
        &self,
        interpreter: &Interpreter<'_>,
        key: &str,
        body: String,
    ) -> Result<(), Failure> {
        let put = json!({"Bucket": self.bucket, "Key": key, "Body": body});
        match interpreter.call(&self.resource, put).await {
            Ok(_) => Ok(()),
            Err(failure) => Err(Failure::new(FAILED, failure.cause.unwrap_or_default())),
        }
    }

    /// Writes what is left, and the manifest.
    async fn end(
        mut self,
        interpreter: &Interpreter<'_>,
        map_run_arn: &str,
    ) -> Result<Value, Failure> {
        for kind in Kind::ALL {
            if !self.files(kind).pending.is_empty() {
                self.write(interpreter, kind).await?;
            }
        }
        let files: Members<_, _> = self
            .files
            .iter_mut()
            .map(|files| {
                let written = std::mem::take(&mut files.written);
                (files.status.to_owned(), Value::Array(written))
            })
            .collect();
        let key = format!("{}/manifest.json", self.folder);
        let manifest = json!({
            "DestinationBucket": self.bucket,
            "MapRunArn": map_run_arn,
            "ResultFiles": files,
        });
        self.put(interpreter, &key, manifest.to_string()).await?;
        Ok(
            json!({"MapRunArn": map_run_arn, "ResultWriterDetails": {"Bucket": self.bucket, "Key": key}}),
        )
    }
}

/// A child with all that is known of it.
fn record(child: &ChildExecution, outcome: Option<Outcome>, stopped: DateTime<Utc>) -> Value {
    let execution = &child.execution;
    let mut record = json!({
        "ExecutionArn": execution.arn,
        "Input": execution.input.to_string(),
        "InputDetails": {"Included": true},
        "Name": execution.name,
        "RedriveCount": execution.redrive_count,
        "StartDate": timestamp::format(execution.start_time),
        "StateMachineArn": execution.state_machine_arn,
        "StopDate": timestamp::format(stopped),
    });
    let (status, error, cause) = match outcome {
        Some(Outcome::Succeeded { output }) => {
            record["Output"] = json!(output.to_string());
            record["OutputDetails"] = json!({"Included": true});
            record["RedriveStatus"] = json!("NOT_REDRIVABLE");
            record["RedriveStatusReason"] = json!("Execution is SUCCEEDED and cannot be redriven");
            ("SUCCEEDED", None, None)
        }
        Some(Outcome::Failed { error, cause }) => ("FAILED", error, cause),
        Some(Outcome::TimedOut { error, cause }) => ("TIMED_OUT", error, cause),
        None => ("ABORTED", None, None),
    };
    if status != "SUCCEEDED" {
        record["RedriveStatus"] = json!("REDRIVABLE");
    }
    record["Status"] = json!(status);
    for (name, text) in [("Error", error), ("Cause", cause)] {
        if let Some(text) = text {
            record[name] = json!(text);
        }
    }
    record
}
