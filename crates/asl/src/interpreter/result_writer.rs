//! `ResultWriter`: what the child executions gave, in the Map's result or in a bucket.
//!
//! Source: "ResultWriter (Map)" in the Step Functions developer guide.

use serde_json::{Map as Members, Value, json};

use super::{
    Interpreter,
    branch::Branch,
    failure::{Failure, Interrupt},
    map::Start,
    visit::{MAX_PAYLOAD, Visit},
};
use crate::{
    ChildExecution, Outcome,
    definition::{Map, Transformation},
    query::Environment,
    timestamp,
};

/// A file of results is written when it is as large as this, in bytes.
const FILE: usize = 8 * 1024 * 1024;

/// Takes what came of the children.
pub(super) struct Results {
    transformation: Transformation,
    map_run_arn: String,
    to: Destination,
    count: u64,
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
    succeeded: Files,
    failed: Files,
}

/// The results of one kind: what is not written yet, and what is.
struct Files {
    status: &'static str,
    pending: String,
    written: Vec<Value>,
}

pub(super) struct Written {
    pub result: Value,
    /// How many results were written into a bucket.
    pub count: u64,
}

impl Interpreter<'_> {
    pub(super) fn results(
        &self,
        map: &Map,
        visit: &Visit<'_>,
        branch: &mut Branch,
        start: &Start,
        map_run_arn: &str,
    ) -> Result<Results, Interrupt> {
        let results = |transformation, to| Results {
            transformation,
            map_run_arn: map_run_arn.to_owned(),
            to,
            count: 0,
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
        let run = map_run_arn.rsplit(':').next().unwrap_or_default();
        let prefix = text("Prefix");
        let folder = match prefix.trim_end_matches('/') {
            "" => run.to_owned(),
            prefix => format!("{prefix}/{run}"),
        };
        Ok(results(
            writer.transformation.unwrap_or(Transformation::None),
            Destination::Bucket(Bucket {
                resource: resource.clone(),
                bucket: text("Bucket"),
                folder,
                json_lines: writer.json_lines,
                succeeded: Files::new("SUCCEEDED"),
                failed: Files::new("FAILED"),
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
}

impl Results {
    pub async fn add(
        &mut self,
        interpreter: &Interpreter<'_>,
        child: &ChildExecution,
        outcome: Outcome,
    ) -> Result<(), Failure> {
        let has_succeeded = matches!(outcome, Outcome::Succeeded { .. });
        let is_for_state = matches!(self.to, Destination::State(..));
        if !has_succeeded && is_for_state && self.transformation == Transformation::Compact {
            return Ok(());
        }
        let values = match (self.transformation, outcome) {
            (Transformation::Compact, Outcome::Succeeded { output }) => vec![output],
            (Transformation::Flatten, Outcome::Succeeded { output }) => match output {
                Value::Array(items) => items,
                output => vec![output],
            },
            (_, outcome) => vec![record(interpreter, child, outcome)],
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
                self.count += 1;
                bucket.add(interpreter, has_succeeded, &values).await
            }
        }
    }

    /// The result of the Map: the results themselves, or where they were written.
    pub async fn end(self, interpreter: &Interpreter<'_>) -> Result<Written, Failure> {
        match self.to {
            Destination::State(kept, bytes) if bytes <= MAX_PAYLOAD => Ok(Written {
                result: kept.into_iter().flatten().collect(),
                count: 0,
            }),
            Destination::State(..) => Err(Failure::new(
                "States.DataLimitExceeded",
                "The results of the child workflow executions exceed the maximum number of bytes service limit.",
            )),
            Destination::Bucket(bucket) => Ok(Written {
                result: bucket.end(interpreter, &self.map_run_arn).await?,
                count: self.count,
            }),
        }
    }
}

impl Bucket {
    async fn add(
        &mut self,
        interpreter: &Interpreter<'_>,
        has_succeeded: bool,
        values: &[Value],
    ) -> Result<(), Failure> {
        let json_lines = self.json_lines;
        let files = self.files(has_succeeded);
        for value in values {
            if !files.pending.is_empty() {
                files.pending.push(if json_lines { '\n' } else { ',' });
            }
            files.pending += &value.to_string();
        }
        if files.pending.len() < FILE {
            return Ok(());
        }
        self.write(interpreter, has_succeeded).await
    }

    fn files(&mut self, has_succeeded: bool) -> &mut Files {
        if has_succeeded {
            &mut self.succeeded
        } else {
            &mut self.failed
        }
    }

    /// Writes what is pending into the next file.
    async fn write(
        &mut self,
        interpreter: &Interpreter<'_>,
        has_succeeded: bool,
    ) -> Result<(), Failure> {
        let json_lines = self.json_lines;
        let folder = self.folder.clone();
        let files = self.files(has_succeeded);
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
            Err(failure) => Err(Failure::new(
                "States.ResultWriterFailed",
                failure.cause.unwrap_or_default(),
            )),
        }
    }

    async fn end(
        mut self,
        interpreter: &Interpreter<'_>,
        map_run_arn: &str,
    ) -> Result<Value, Failure> {
        for has_succeeded in [true, false] {
            let files = self.files(has_succeeded);
            let is_first = has_succeeded && files.written.is_empty();
            if is_first || !files.pending.is_empty() {
                self.write(interpreter, has_succeeded).await?;
            }
        }
        let key = format!("{}/manifest.json", self.folder);
        let manifest = json!({
            "DestinationBucket": self.bucket,
            "MapRunArn": map_run_arn,
            "ResultFiles": {"FAILED": self.failed.written, "PENDING": [], "SUCCEEDED": self.succeeded.written},
        });
        self.put(interpreter, &key, manifest.to_string()).await?;
        Ok(
            json!({"MapRunArn": map_run_arn, "ResultWriterDetails": {"Bucket": self.bucket, "Key": key}}),
        )
    }
}

/// A child with all that is known of it.
fn record(interpreter: &Interpreter<'_>, child: &ChildExecution, outcome: Outcome) -> Value {
    let execution = &child.execution;
    let mut record = json!({
        "ExecutionArn": execution.arn,
        "Input": execution.input.to_string(),
        "InputDetails": {"Included": true},
        "Name": execution.name,
        "RedriveCount": execution.redrive_count,
        "StartDate": timestamp::format(execution.start_time),
        "StateMachineArn": execution.state_machine_arn,
        "StopDate": timestamp::format(interpreter.clock.now()),
    });
    let (status, error, cause) = match outcome {
        Outcome::Succeeded { output } => {
            record["Output"] = json!(output.to_string());
            record["OutputDetails"] = json!({"Included": true});
            record["RedriveStatus"] = json!("NOT_REDRIVABLE");
            record["RedriveStatusReason"] = json!("Execution is SUCCEEDED and cannot be redriven");
            ("SUCCEEDED", None, None)
        }
        Outcome::Failed { error, cause } => ("FAILED", error, cause),
        Outcome::TimedOut { error, cause } => ("TIMED_OUT", error, cause),
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
