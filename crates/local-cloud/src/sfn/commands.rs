//! Commands of this machine that stand for what a state machine calls: a JSON document goes in on
//! stdin, what comes out on stdout is the answer.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::error::ServiceError;

/// How long a command's stderr is still listened to when the command itself has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// How long what a command wrote to stdout may still take to be read when the command has ended.
const LAST_ANSWER: Duration = Duration::from_millis(500);
/// How soon, and how late, a command is asked again whether it has ended.
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// The most bytes that a command may answer: Lambda's 6 MB, and the 100 bytes that it adds to them.
///
/// Source: "Lambda quotas", AWS Lambda developer guide, and the error that a larger answer has.
pub(super) const LARGEST_ANSWER: usize = 6 * 1024 * 1024 + 100;

/// How many lines of stderr, the last ones, are kept for telling why a command failed.
const LAST_LINES: usize = 3;
/// How many characters of what a command wrote are told.
const SHOWN: usize = 200;

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
    Exited {
        status: ExitStatus,
        stdout: Vec<u8>,
        /// The last lines that it wrote to stderr, if there is a listener for them.
        stderr: String,
    },
    TimedOut,
    /// It wrote more than [`LARGEST_ANSWER`] to stdout.
    TooLarge,
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

    /// Runs it to its end, or until its time is over: then it is killed with all that it started.
    /// `variables` are added to its environment. What it leaves behind when it ends by itself goes
    /// on, and what that writes is no part of the answer.
    pub(super) async fn run(
        &self,
        variables: &[(&str, &str)],
        input: &Value,
    ) -> Result<Ended, ServiceError> {
        let mut command = self.spawn(variables)?;
        feed(command.0.stdin.take(), input.to_string());
        let mut stdout = Stdout::read(command.0.stdout.take());
        let heard = self.hear(command.0.stderr.take());
        let status = match tokio::time::timeout(self.timeout, stdout.until(&mut command)).await {
            Ok(ended) => ended?,
            Err(_) => return Ok(Ended::TimedOut),
        };
        let Some(status) = status else {
            return Ok(Ended::TooLarge);
        };
        let stdout = stdout.all().await?;
        let stderr = match heard {
            Some(heard) => heard.all().await,
            None => String::new(),
        };
        Ok(match stdout {
            Some(stdout) => Ended::Exited {
                status,
                stdout,
                stderr,
            },
            None => Ended::TooLarge,
        })
    }

    /// Has the listener hear every line, in a thread of its own: a process that the command leaves
    /// behind may hold stderr open for ever.
    fn hear(&self, stderr: Option<ChildStderr>) -> Option<Heard> {
        let Listener(hear) = self.listener.clone()?;
        let mut stderr = BufReader::new(stderr?);
        let (end, ended) = oneshot::channel();
        let last = Arc::<Mutex<VecDeque<String>>>::default();
        let heard = last.clone();
        std::thread::spawn(move || {
            let mut line = Vec::new();
            let mut read = |line: &mut Vec<u8>| stderr.read_until(b'\n', line).unwrap_or(0);
            while read(&mut line) > 0 {
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_end_matches(['\n', '\r']);
                hear(text);
                let mut last = last.lock();
                if last.len() == LAST_LINES {
                    last.pop_front();
                }
                last.push_back(brief(text));
                drop(last);
                line.clear();
            }
            // Nobody waits for the end of one that took too long.
            let _ = end.send(());
        });
        Some(Heard {
            last: heard,
            end: ended,
        })
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
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().map(KilledOnDrop).map_err(|error| {
            ServiceError::internal(format!("the command `{}`: {error}", self.command))
        })
    }
}

/// What a command has written to stderr.
struct Heard {
    last: Arc<Mutex<VecDeque<String>>>,
    /// Answered at the end of stderr.
    end: oneshot::Receiver<()>,
}

impl Heard {
    /// The last lines of a command that has ended.
    async fn all(self) -> String {
        // Somebody else may hold its stderr open; that is not waited for.
        let _ = tokio::time::timeout(LAST_WORDS, self.end).await;
        let last = self.last.lock();
        last.iter().cloned().collect::<Vec<_>>().join(" / ")
    }
}

/// The beginning of what a command wrote, in one line.
fn brief(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut line = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if let Some((end, _)) = line.char_indices().nth(SHOWN) {
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}

/// What a command that failed wrote, to be told behind the failure: the beginning of its stdout and
/// the end of its stderr. Empty where it wrote nothing.
pub(super) fn last_words(stdout: &[u8], stderr: &str) -> String {
    // A character has four bytes at most, and spaces may be many.
    let start = &stdout[..stdout.len().min(SHOWN * 16)];
    let stdout = brief(&String::from_utf8_lossy(start));
    let mut told = String::new();
    if !stdout.is_empty() {
        told.push_str(&format!("; it wrote: {stdout}"));
    }
    if !stderr.is_empty() {
        told.push_str(&format!("; its stderr ends with: {stderr}"));
    }
    told
}

/// Writes a command's input, in a thread of its own: nobody may read it. One that does not read its
/// input to the end has it broken off, which is no error.
fn feed(stdin: Option<ChildStdin>, input: String) {
    std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
}

/// What a command writes to stdout. It is read in a thread of its own: a process that the command
/// leaves behind may hold stdout open for ever.
struct Stdout {
    text: Arc<Mutex<Vec<u8>>>,
    /// Answered at the end of stdout, or where more comes than may.
    end: oneshot::Receiver<io::Result<()>>,
    has_ended: bool,
}

impl Stdout {
    fn read(stdout: Option<ChildStdout>) -> Self {
        let text = Arc::<Mutex<Vec<u8>>>::default();
        let (end, ended) = oneshot::channel();
        let into = text.clone();
        std::thread::spawn(move || {
            // Nobody waits for the end of one that took too long.
            let _ = end.send(stdout.map_or(Ok(()), |stdout| read_all(stdout, &into)));
        });
        Self {
            text,
            end: ended,
            has_ended: false,
        }
    }

    fn is_too_large(&self) -> bool {
        self.text.lock().len() > LARGEST_ANSWER
    }

    /// Waits for the end of the command; gives none where it writes too much before.
    ///
    /// It is asked for its end again and again: a thread that waited for it could not be kept from
    /// making its number free for another process, which would then be killed for it. Most commands
    /// close stdout by ending, and are asked at once.
    async fn until(&mut self, command: &mut KilledOnDrop) -> io::Result<Option<ExitStatus>> {
        let mut pause = SHORTEST_PAUSE;
        loop {
            if let Some(status) = command.0.try_wait()? {
                return Ok(Some(status));
            }
            if self.is_too_large() {
                return Ok(None);
            }
            tokio::select! {
                ended = &mut self.end, if !self.has_ended => {
                    self.has_ended = true;
                    pause = SHORTEST_PAUSE;
                    ended.map_err(io::Error::other)??;
                }
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// All that a command has written which has ended; none if that is too much.
    async fn all(mut self) -> io::Result<Option<Vec<u8>>> {
        // Somebody else may hold its stdout open; that is not waited for.
        if !self.has_ended
            && let Ok(ended) = tokio::time::timeout(LAST_ANSWER, &mut self.end).await
        {
            ended.map_err(io::Error::other)??;
        }
        if self.is_too_large() {
            return Ok(None);
        }
        Ok(Some(std::mem::take(&mut *self.text.lock())))
    }
}

/// Reads to the end, or until it is more than may be.
fn read_all(mut stdout: ChildStdout, text: &Mutex<Vec<u8>>) -> io::Result<()> {
    let mut part = vec![0; 64 * 1024];
    loop {
        let count = match stdout.read(&mut part) {
            Ok(0) => return Ok(()),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let mut text = text.lock();
        text.extend_from_slice(&part[..count]);
        if text.len() > LARGEST_ANSWER {
            return Ok(());
        }
    }
}

/// A command that ends with the task that waits for it, and all that it started with it.
struct KilledOnDrop(Child);

impl Drop for KilledOnDrop {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        if !kill_all(&self.0) {
            // One that has just ended is not there to be killed.
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// Kills a command that has not been waited for, and what it started; says whether that was done.
/// The standard library kills no groups of processes, the shell does.
fn kill_all(command: &Child) -> bool {
    let id = command.id();
    let mut kill = if cfg!(windows) {
        let mut kill = Command::new("taskkill");
        kill.args(["/T", "/F", "/PID", &id.to_string()]);
        kill
    } else {
        let mut kill = Command::new("sh");
        kill.args(["-c", &format!("kill -s KILL -- -{id}")]);
        kill
    };
    kill.stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    kill.status().is_ok_and(|status| status.success())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// Whether a process runs that is not only waited for.
    fn runs(id: &str) -> bool {
        let shown = Command::new("ps")
            .args(["-o", "stat=", "-p", id])
            .output()
            .unwrap();
        let state = String::from_utf8_lossy(&shown.stdout).trim().to_owned();
        !state.is_empty() && !state.starts_with('Z')
    }

    /// The number that a command writes into the file `id`, once it is there.
    async fn written(dir: &std::path::Path) -> String {
        loop {
            let id = std::fs::read_to_string(dir.join("id")).unwrap_or_default();
            if id.ends_with('\n') {
                return id.trim().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn what_a_command_started_ends_with_it() {
        let dir = tempfile::tempdir().unwrap();
        // The outer shell does not become the inner one: it has more to do.
        let command = LocalCommand {
            dir: Some(dir.path().to_owned()),
            ..LocalCommand::new("sh -c 'echo $$ > id; sleep 60; echo'; echo")
        };
        let mut run = Box::pin(command.run(&[], &Value::Null));
        let id = tokio::select! {
            _ = &mut run => panic!("it has not begun"),
            id = written(dir.path()) => id,
        };
        drop(run);
        // It is killed already, and may take a moment to be gone.
        while runs(&id) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[tokio::test]
    async fn what_a_command_leaves_behind_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let command = LocalCommand {
            dir: Some(dir.path().to_owned()),
            ..LocalCommand::new("sleep 60 & echo $! > id; echo 1")
        };
        let ended = command.run(&[], &Value::Null).await.unwrap();
        assert!(matches!(ended, Ended::Exited { stdout, .. } if stdout == b"1\n"));
        let id = written(dir.path()).await;
        assert!(runs(&id), "it goes on");
        Command::new("kill").arg(&id).status().unwrap();
    }

    #[tokio::test]
    async fn a_command_that_closes_stdout_is_waited_for_until_its_time_is_over() {
        let command = LocalCommand {
            timeout: Duration::from_millis(50),
            ..LocalCommand::new("exec >&-; sleep 60; exit 0")
        };
        let ended = command.run(&[], &Value::Null).await.unwrap();
        assert!(matches!(ended, Ended::TimedOut));
    }

    #[tokio::test]
    async fn an_answer_has_its_largest_size() {
        let of = |bytes: usize| LocalCommand::new(format!("head -c {bytes} /dev/zero"));
        let largest = of(LARGEST_ANSWER).run(&[], &Value::Null).await.unwrap();
        assert!(matches!(largest, Ended::Exited { stdout, .. } if stdout.len() == LARGEST_ANSWER));
        for command in [of(LARGEST_ANSWER + 1), LocalCommand::new("yes")] {
            let ended = command.run(&[], &Value::Null).await.unwrap();
            assert!(matches!(ended, Ended::TooLarge));
        }
    }

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
