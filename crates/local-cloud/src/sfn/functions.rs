//! Lambda functions that are commands of this machine: the event goes in on stdin, the answer is
//! what comes out on stdout.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::error::ServiceError;

/// How long a command's stderr is still listened to when the command itself has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Who hears the lines that functions write to stderr.
#[derive(Clone)]
pub struct Listener(Arc<dyn Fn(&str) + Send + Sync>);

impl Listener {
    /// `hear` is called from a thread of its own with each line, without its end.
    pub fn new(hear: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

impl PartialEq for Listener {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Listener {}

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
    /// Who hears what it writes to stderr; without one, that goes to the stderr of this process.
    pub listener: Option<Listener>,
}

impl Function {
    /// A function that may take as long as Lambda lets one: 15 minutes.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            dir: None,
            environment: BTreeMap::new(),
            timeout: Duration::from_mins(15),
            listener: None,
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
        let heard = self.hear(child.0.stderr.take());
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
        if let Some(heard) = heard {
            // Somebody else may hold its stderr open; that is not waited for.
            let _ = tokio::time::timeout(LAST_WORDS, heard).await;
        }
        Ok(answer(request_id, status, &read))
    }

    /// Has the listener hear every line, in a thread of its own: a process that the command leaves
    /// behind may hold stderr open for ever. What is given back is answered at its end.
    fn hear(&self, stderr: Option<ChildStderr>) -> Option<oneshot::Receiver<()>> {
        let Listener(hear) = self.listener.clone()?;
        let mut stderr = BufReader::new(stderr?);
        let (end, ended) = oneshot::channel();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while stderr
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line);
                hear(text.trim_end_matches(['\n', '\r']));
                line.clear();
            }
            // Nobody waits for the end of one that took too long.
            let _ = end.send(());
        });
        Some(ended)
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
            .stderr(match self.listener {
                Some(_) => Stdio::piped(),
                None => Stdio::inherit(),
            });
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
    async fn what_is_written_to_stderr_is_heard_line_by_line() {
        let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
        let lines = heard.clone();
        let function = Function {
            listener: Some(Listener::new(move |line| {
                lines.lock().unwrap().push(line.to_owned());
            })),
            ..Function::new("printf 'one\\r\\ntwo' >&2; echo 1")
        };
        let answered = function.invoke("f", "arn", "r", &json!({})).await.unwrap();
        assert_eq!(answered, Ok(json!(1)));
        assert_eq!(*heard.lock().unwrap(), ["one", "two"]);
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
