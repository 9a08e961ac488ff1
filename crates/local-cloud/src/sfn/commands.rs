//! Commands of this machine that stand for what a state machine calls: a JSON document goes in on
//! stdin, what comes out on stdout is the answer.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::error::ServiceError;

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
        Ok(Ended::Exited { status, stdout })
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
            .stderr(Stdio::inherit());
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
