//! Commands of this machine that stand for what a state machine calls: a JSON document goes in on
//! stdin, what comes out on stdout is the answer.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::oneshot;

use crate::error::ServiceError;

/// How long a command's stderr is still listened to when the command itself has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Who hears the lines that commands write to stderr.
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

/// A command. What it stands for is the key that it is kept under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalCommand {
    /// What the shell runs. It reads a JSON document from stdin and writes its answer to stdout;
    /// what it writes to stderr is for people.
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

/// How a command came to its end.
pub(super) enum Ended {
    Exited { status: ExitStatus, stdout: Vec<u8> },
    TimedOut,
}

impl LocalCommand {
    /// A command that may take as long as Lambda lets a function: 15 minutes.
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            dir: None,
            environment: BTreeMap::new(),
            timeout: Duration::from_mins(15),
            listener: None,
        }
    }

    /// Runs it to its end, or until its time is over. `variables` are added to its environment.
    pub(super) async fn run(
        &self,
        variables: &[(&str, &str)],
        input: &Value,
    ) -> Result<Ended, ServiceError> {
        let mut child = self.spawn(variables)?;
        let (stdin, stdout) = (child.0.stdin.take(), child.0.stdout.take());
        let heard = self.hear(child.0.stderr.take());
        let input = input.to_string();
        // A command that does not read its input has it broken off, which is no error.
        let writing = tokio::task::spawn_blocking(move || {
            stdin.map(|mut stdin| stdin.write_all(input.as_bytes()))
        });
        let reading = tokio::task::spawn_blocking(move || {
            let mut text = Vec::new();
            stdout.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut text))?;
            Ok::<_, std::io::Error>(text)
        });
        let stdout = match tokio::time::timeout(self.timeout, reading).await {
            Ok(read) => read.map_err(ServiceError::internal)??,
            Err(_) => return Ok(Ended::TimedOut),
        };
        let status = tokio::task::spawn_blocking(move || child.wait())
            .await
            .map_err(ServiceError::internal)??;
        drop(writing);
        if let Some(heard) = heard {
            // Somebody else may hold its stderr open; that is not waited for.
            let _ = tokio::time::timeout(LAST_WORDS, heard).await;
        }
        Ok(Ended::Exited { status, stdout })
    }

    /// Has the listener hear every line, in a thread of its own: a process that the command leaves
    /// behind may hold stderr open for ever. What is given back is answered at its end.
    fn hear(&self, stderr: Option<ChildStderr>) -> Option<oneshot::Receiver<()>> {
        let Listener(hear) = self.listener.clone()?;
        let mut stderr = BufReader::new(stderr?);
        let (end, ended) = oneshot::channel();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            let mut read = |line: &mut Vec<u8>| stderr.read_until(b'\n', line).unwrap_or(0);
            while read(&mut line) > 0 {
                let text = String::from_utf8_lossy(&line);
                hear(text.trim_end_matches(['\n', '\r']));
                line.clear();
            }
            // Nobody waits for the end of one that took too long.
            let _ = end.send(());
        });
        Some(ended)
    }

    fn spawn(&self, variables: &[(&str, &str)]) -> Result<KilledOnDrop, ServiceError> {
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
            .envs(variables.iter().copied())
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
            ServiceError::internal(format!("the command `{}`: {error}", self.command))
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_to_stderr_is_heard_line_by_line() {
        let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
        let lines = heard.clone();
        let command = LocalCommand {
            listener: Some(Listener::new(move |line| {
                lines.lock().unwrap().push(line.to_owned());
            })),
            ..LocalCommand::new("printf 'one\\r\\ntwo' >&2; echo 1")
        };
        let ended = command.run(&[], &Value::Null).await.unwrap();
        assert!(matches!(ended, Ended::Exited { stdout, .. } if stdout == b"1\n"));
        assert_eq!(*heard.lock().unwrap(), ["one", "two"]);
    }
}
