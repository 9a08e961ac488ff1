//! Lambda functions that are commands of this machine: the event goes in on stdin, the answer is
//! what comes out on stdout.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::ServiceError;

/// A function. Its name is the key that it is kept under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// What the shell runs. It reads the event, a JSON document, from stdin and writes its answer,
    /// also JSON, to stdout; what it writes to stderr is for people. An exit code other than 0 is
    /// an error of the function: `errorType` and `errorMessage` of a JSON object on stdout say
    /// which.
    pub command: String,
    /// The folder that it runs in; that of the process where none is named.
    pub dir: Option<PathBuf>,
    /// What is added to the environment of the process.
    pub environment: BTreeMap<String, String>,
    /// How long it may take.
    pub timeout: Duration,
}

impl Function {
    /// A function that may take as long as Lambda lets one: 15 minutes.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            dir: None,
            environment: BTreeMap::new(),
            timeout: Duration::from_mins(15),
        }
    }

    /// Runs it. A failure of the function is `Ok(Err(…))` with what Lambda answers then: an
    /// object of `errorType` and `errorMessage`.
    pub(super) async fn invoke(
        &self,
        name: &str,
        arn: &str,
        request_id: &str,
        event: &Value,
    ) -> Result<Result<Value, Value>, ServiceError> {
        let mut child = self.spawn(name, arn)?;
        let (stdin, stdout) = (child.0.stdin.take(), child.0.stdout.take());
        let event = event.to_string();
        // A command that does not read its event has it broken off, which is no error.
        let writing = tokio::task::spawn_blocking(move || {
            stdin.map(|mut stdin| stdin.write_all(event.as_bytes()))
        });
        let reading = tokio::task::spawn_blocking(move || {
            let mut text = Vec::new();
            stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut text))?;
            Ok::<_, std::io::Error>(text)
        });
        let read = match tokio::time::timeout(self.timeout, reading).await {
            Ok(read) => read.map_err(ServiceError::internal)??,
            Err(_) => return Ok(Err(timed_out(request_id, self.timeout))),
        };
        let status = tokio::task::spawn_blocking(move || child.wait())
            .await
            .map_err(ServiceError::internal)??;
        drop(writing);
        Ok(answer(request_id, status, &read))
    }

    fn spawn(&self, name: &str, arn: &str) -> Result<KilledOnDrop, ServiceError> {
        let mut command = if cfg!(windows) {
            let mut command = Command::new("cmd");
            command.arg("/C");
            command
        } else {
            let mut command = Command::new("sh");
            command.arg("-c");
            command
        };
        command
            .arg(&self.command)
            .envs(&self.environment)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_ARN", arn)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit());
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command.spawn().map(KilledOnDrop).map_err(|error| {
            ServiceError::internal(format!("the command of the function {name}: {error}"))
        })
    }
}

/// A command that ends with the task that waits for it.
struct KilledOnDrop(Child);

impl KilledOnDrop {
    fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.0.wait()
    }
}

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        // One that has been waited for is not there to be killed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn timed_out(request_id: &str, after: Duration) -> Value {
    json!({
        "errorType": "Sandbox.Timedout",
        "errorMessage": format!("RequestId: {request_id} Error: Task timed out after {:.2} seconds", after.as_secs_f64()),
    })
}

/// What a command that has ended answers.
fn answer(request_id: &str, status: ExitStatus, stdout: &[u8]) -> Result<Value, Value> {
    let text = String::from_utf8_lossy(stdout);
    let document: Option<Value> = if text.trim().is_empty() {
        Some(Value::Null)
    } else {
        serde_json::from_str(&text).ok()
    };
    if status.success() {
        return document.ok_or_else(|| {
            json!({
                "errorType": "Runtime.MarshalError",
                "errorMessage": "Unable to marshal response: what the command wrote to stdout is no JSON document",
            })
        });
    }
    match document {
        Some(Value::Object(members)) if members.contains_key("errorType") => {
            Err(Value::Object(members))
        }
        _ => Err(json!({
            "errorType": "Runtime.ExitError",
            "errorMessage": format!("RequestId: {request_id} Error: Runtime exited with error: {status}"),
        })),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn invoke(command: &str, event: Value) -> Result<Value, Value> {
        let function = Function::new(command);
        let arn = "arn:aws:lambda:eu-west-1:000000000000:function:f";
        function.invoke("f", arn, "r", &event).await.unwrap()
    }

    #[tokio::test]
    async fn the_event_goes_in_and_the_answer_comes_out() {
        let event = json!({"title": "Metropolis", "long": "x".repeat(200_000)});
        assert_eq!(invoke("cat", event.clone()).await, Ok(event));
        assert_eq!(invoke("true", json!({})).await, Ok(Value::Null));
        let named = invoke("echo \"\\\"$AWS_LAMBDA_FUNCTION_NAME\\\"\"", json!({})).await;
        assert_eq!(named, Ok(json!("f")));
    }

    #[tokio::test]
    async fn an_exit_code_is_the_error_that_the_command_names() {
        let named = r#"echo '{"errorType":"Missing","errorMessage":"no such film"}'; exit 1"#;
        assert_eq!(
            invoke(named, json!({})).await,
            Err(json!({"errorType": "Missing", "errorMessage": "no such film"}))
        );
        let unnamed = invoke("exit 3", json!({})).await.unwrap_err();
        assert_eq!(unnamed["errorType"], "Runtime.ExitError");
        let words = invoke("echo hello", json!({})).await.unwrap_err();
        assert_eq!(words["errorType"], "Runtime.MarshalError");
    }

    #[tokio::test]
    async fn a_function_that_takes_too_long_is_ended() {
        let function = Function {
            timeout: Duration::from_millis(50),
            ..Function::new("exec sleep 60")
        };
        let ended = function.invoke("f", "arn", "r", &json!({})).await.unwrap();
        assert_eq!(ended.unwrap_err()["errorType"], "Sandbox.Timedout");
    }
}
