//! Ctrl-C, against a served cloud that takes its time.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(target_os = "linux")]
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::serve::serve;
use crate::world::{SMALL, World};

/// Stands before a served cloud and keeps every request back for a while.
struct Slow {
    url: String,
    millis: Arc<AtomicU64>,
}

fn slow(upstream: &str, millis: u64) -> Slow {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let upstream = upstream.strip_prefix("http://").expect("a URL").to_owned();
    let millis = Arc::new(AtomicU64::new(millis));
    let delay = millis.clone();
    thread::spawn(move || {
        for client in listener.incoming() {
            let Ok(client) = client else { break };
            let Ok(server) = TcpStream::connect(&upstream) else {
                break;
            };
            let back = (
                server.try_clone().expect("a socket"),
                client.try_clone().expect("a socket"),
            );
            let delay = delay.clone();
            thread::spawn(move || pass(client, server, &delay));
            thread::spawn(move || pass(back.0, back.1, &AtomicU64::new(0)));
        }
    });
    Slow {
        url: format!("http://{address}"),
        millis,
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, delay: &AtomicU64) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read) = from.read(&mut buffer) {
        thread::sleep(Duration::from_millis(delay.load(Ordering::Relaxed)));
        if read == 0 || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    // The other side may have closed it first.
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// A run of the binary that Ctrl-C is pressed in, and what it says on stderr.
struct Pressed {
    child: Child,
    err: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Pressed {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let err = BufReader::new(child.stderr.take().expect("it has a stderr"));
        Self {
            child,
            err,
            said: String::new(),
        }
    }

    fn up(world: &World, target: &str) -> Self {
        let arguments = ["up", "--yes", "--parallelism", "1", "--target", target];
        Self::start(world.command(&arguments).stdout(Stdio::null()))
    }

    /// Under the rules of a chaos file, with the log `calls.log`.
    fn with_rules(world: &World, rules: &str, arguments: &[&str]) -> Self {
        let rules = format!("log = \"calls.log\"\n{rules}");
        let file = world.write("chaos.toml", &rules);
        world.write("calls.log", "");
        let mut command = world.command(arguments);
        command.env("ATHGLUE_CHAOS", file).stdout(Stdio::null());
        Self::start(&mut command)
    }

    fn wait_for(&mut self, text: &str) {
        while !self.said.contains(text) {
            let read = self.err.read_line(&mut self.said).expect("a line");
            assert!(read > 0, "it ended without {text:?}:\n{}", self.said);
        }
    }

    /// Waits until a call was answered, as the log of the chaos file tells.
    fn wait_for_call(&mut self, world: &World, call: &str) {
        self.wait_for_calls(world, call, 1);
    }

    fn wait_for_calls(&mut self, world: &World, call: &str, times: usize) {
        let log = world.path().join("calls.log");
        let has_all = |log: String| log.matches(call).count() >= times;
        while !std::fs::read_to_string(&log).is_ok_and(has_all) {
            assert_eq!(self.child.try_wait().expect("a process"), None, "{call}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn ctrl_c(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Presses twice, and looks that it does not wait for the calls that take a minute.
    fn twice_stops(mut self, said_once: &str) {
        self.ctrl_c();
        self.wait_for(said_once);
        let asked = Instant::now();
        self.ctrl_c();
        let (code, said) = self.end();
        assert!(asked.elapsed() < Duration::from_secs(20), "{said}");
        assert_eq!(code, Some(130), "{said}");
    }

    /// The exit code, and all that was said.
    fn end(mut self) -> (Option<i32>, String) {
        self.err.read_to_string(&mut self.said).expect("text");
        let status = self.child.wait().expect("it ends");
        (status.code(), self.said)
    }
}

/// A rule by which these calls take a minute.
fn slow_calls(calls: &str) -> String {
    format!("[[rules]]\ncalls = {calls}\nfault = \"delay\"\ntime = \"1m\"\n")
}

#[test]
fn ctrl_c_once_lets_what_is_in_flight_finish_and_the_next_up_goes_on() {
    let world = World::with_stack(SMALL);
    let served = serve(&world);
    let slow = slow(&served.1, 50);
    let mut up = Pressed::up(&world, &slow.url);
    up.wait_for(" created");
    up.ctrl_c();
    let (code, said) = up.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("Ctrl-C once more stops at once"), "{said}");
    assert!(said.contains("queries.one: stopped"), "{said}");
    assert!(!said.contains("in the middle of it"), "{said}");
    world.run(&["up", "--yes", "--target", &served.1]).ok();
    let plan = ["plan", "--detailed-exitcode", "--target", &served.1];
    assert_eq!(world.run(&plan).code, 0);
}

#[test]
fn ctrl_c_twice_stops_at_once_and_the_next_up_goes_on() {
    let world = World::with_stack(SMALL);
    let served = serve(&world);
    let slow = slow(&served.1, 50);
    let mut up = Pressed::up(&world, &slow.url);
    up.wait_for(" created");
    // Nothing that is asked for now will be answered soon.
    slow.millis.store(60_000, Ordering::Relaxed);
    thread::sleep(Duration::from_millis(300));
    let asked = Instant::now();
    up.ctrl_c();
    up.wait_for("Stopping");
    up.ctrl_c();
    let (code, said) = up.end();
    assert!(asked.elapsed() < Duration::from_secs(20), "{said}");
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("stopped in the middle of it"), "{said}");
    world.run(&["up", "--yes", "--target", &served.1]).ok();
    let plan = ["plan", "--detailed-exitcode", "--target", &served.1];
    assert_eq!(world.run(&plan).code, 0);
}

#[test]
fn ctrl_c_cancels_a_query_and_once_more_leaves_it() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    let rules = slow_calls(r#"["athena:GetQueryExecution", "athena:StopQueryExecution"]"#);
    let mut query = Pressed::with_rules(&world, &rules, &["query", "SELECT 1"]);
    query.wait_for_call(&world, "athena:StartQueryExecution 200");
    query.twice_stops("Ctrl-C once more leaves it as it is");

    let rules = slow_calls("\"athena:GetQueryExecution\"");
    let mut query = Pressed::with_rules(&world, &rules, &["query", "SELECT 1"]);
    query.wait_for_call(&world, "athena:StartQueryExecution 200");
    query.ctrl_c();
    let (code, said) = query.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("is cancelled."), "{said}");
}

#[test]
fn ctrl_c_ends_a_query_whose_rows_nobody_reads() {
    let world = World::with_stack(SMALL);
    world.run(&["up", "--yes"]).ok();
    let many = "SELECT rpad('x', 100, 'x') AS row FROM UNNEST(sequence(1, 10000)) AS t (x)";
    let mut command = world.command(&["query", many, "--format", "csv"]);
    let mut query = Pressed::start(command.stdout(Stdio::piped()));
    let mut rows = query.child.stdout.take().expect("it has a stdout");
    // The head comes with the first rows, and the rest waits to be read.
    rows.read_exact(&mut [0]).expect("a row");
    query.ctrl_c();
    let pressed = Instant::now();
    let ended = loop {
        match query.child.try_wait().expect("a process") {
            Some(ended) => break Some(ended),
            None if pressed.elapsed() > Duration::from_secs(20) => break None,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    if ended.is_none() {
        query.child.kill().expect("it is killed");
    }
    assert_eq!(ended.and_then(|ended| ended.code()), Some(130));
    drop(rows);
}

const CRAWLED: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[buckets.data]
[databases.lake]

[crawlers.films]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/films/"]
"#;

#[test]
fn ctrl_c_stops_crawlers_and_once_more_leaves_them() {
    let world = World::with_stack(CRAWLED);
    world.run(&["up", "--yes"]).ok();
    let rules = slow_calls(r#"["glue:ListCrawls", "glue:StopCrawler"]"#);
    let mut crawl = Pressed::with_rules(&world, &rules, &["crawl"]);
    crawl.wait_for("is started");
    crawl.twice_stops("Ctrl-C once more leaves it as it is");
}

#[test]
fn ctrl_c_tells_of_the_crawls_that_had_ended_before_it() {
    let more = r#"
[crawlers.songs]
database = "${databases.lake}"
paths = ["s3://${buckets.data}/songs/"]
"#;
    let world = World::with_stack(&format!("{CRAWLED}{more}"));
    world.run(&["up", "--yes"]).ok();
    // One of the two is never started.
    let rules = format!("{}nth = 2\n", slow_calls("\"glue:StartCrawler\""));
    let mut crawl = Pressed::with_rules(&world, &rules, &["crawl"]);
    // The last that is asked of the other is its log, until it gives nothing more.
    crawl.wait_for_calls(&world, "logs:GetLogEvents 200", 2);
    thread::sleep(Duration::from_millis(500));
    crawl.ctrl_c();
    let (code, said) = crawl.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("found nothing new"), "{said}");
    assert_eq!(said.matches(" is not running").count(), 1, "{said}");
}

const WAITS: &str = r#"
[stack]
name = "small"
region = "eu-west-1"

[state_machines.long.definition]
StartAt = "Wait"
States.Wait = { Type = "Wait", Seconds = 600, End = true }
"#;

#[test]
fn ctrl_c_stops_an_execution_and_once_more_leaves_it() {
    let world = World::with_stack(WAITS);
    world.run(&["up", "--yes"]).ok();
    let rules = slow_calls("\"states:StopExecution\"");
    let mut run = Pressed::with_rules(&world, &rules, &["run", "long"]);
    run.wait_for_call(&world, "states:GetExecutionHistory 200");
    run.twice_stops("Ctrl-C once more leaves it as it is");

    let mut run = Pressed::with_rules(&world, "", &["run", "long"]);
    run.wait_for_call(&world, "states:GetExecutionHistory 200");
    run.ctrl_c();
    let (code, said) = run.end();
    assert_eq!(code, Some(130), "{said}");
    assert!(said.contains("Ended after"), "{said}");
}

/// A run of the binary on a terminal, which `script` gives it.
#[cfg(target_os = "linux")]
struct Terminal {
    child: Child,
    keys: std::process::ChildStdin,
    screen: mpsc::Receiver<Vec<u8>>,
    shown: Vec<u8>,
}

#[cfg(target_os = "linux")]
impl Terminal {
    fn start(world: &World, arguments: &str, environment: &[(&str, &str)]) -> Self {
        let athglue = env!("CARGO_BIN_EXE_athglue");
        let line = format!("exec {athglue} {arguments}");
        let clean = world.command(&[]);
        let mut run = Command::new("script");
        run.args(["-qec", &line, "/dev/null"])
            .current_dir(world.path())
            .env_clear()
            .envs(
                clean
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("TERM", "xterm")
            .envs(environment.iter().copied());
        let mut child = run
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script runs");
        let keys = child.stdin.take().expect("a keyboard");
        let mut out = child.stdout.take().expect("a screen");
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read) = out.read(&mut buffer) {
                if read == 0 || sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            keys,
            screen,
            shown: Vec::new(),
        }
    }

    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Takes in what is shown next; false when it has ended.
    fn look(&mut self) -> bool {
        match self.screen.recv_timeout(Duration::from_mins(1)) {
            Ok(more) => {
                self.shown.extend(more);
                true
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => false,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                self.child.kill().expect("it is killed");
                panic!("nothing more is shown after:\n{}", self.shown());
            }
        }
    }

    fn wait_for(&mut self, text: &str) {
        while !self.shown().contains(text) {
            assert!(self.look(), "it ended without {text:?}:\n{}", self.shown());
        }
    }

    fn ctrl_c(&mut self) {
        self.keys.write_all(b"\x03").expect("it is typed");
    }

    /// The exit code, and all that was shown.
    fn end(mut self) -> (Option<i32>, String) {
        while self.look() {}
        let status = self.child.wait().expect("it ends");
        (status.code(), self.shown())
    }
}

/// A terminal that echoes `^C` moves the cursor, and a moving line would stay.
#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_leaves_no_trace_on_the_terminal() {
    let world = World::with_stack(SMALL);
    let rules = "[[rules]]\ncalls = \"s3:CreateBucket\"\nfault = \"delay\"\ntime = \"2s\"\n";
    world.write("chaos.toml", rules);
    let mut up = Terminal::start(&world, "up --yes", &[("ATHGLUE_CHAOS", "chaos.toml")]);
    up.wait_for("is being created");
    up.ctrl_c();
    let (_, shown) = up.end();
    assert!(
        shown.contains("Stopping: what has begun is finished"),
        "{shown}"
    );
    assert!(!shown.contains("^C"), "{shown:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn ctrl_c_at_the_question_leaves_the_execution_at_once() {
    let world = World::with_stack(WAITS);
    world.run(&["up", "--yes"]).ok();
    let mut run = Terminal::start(&world, "run long", &[]);
    run.wait_for("Wait");
    run.ctrl_c();
    run.wait_for("[y/N] ");
    run.ctrl_c();
    // No key is pressed but that.
    let (code, shown) = run.end();
    assert_eq!(code, Some(130), "{shown}");
    let (_, after) = shown.split_once("[y/N] ").expect("the question");
    let (rest, left) = after.split_once("\r\n").expect("a line of its own");
    assert!(!rest.contains("left"), "{shown:?}");
    assert!(left.contains("is left as it is."), "{shown:?}");
}

#[test]
fn ctrl_c_ends_the_demo_in_any_step_and_its_folder_with_it() {
    for (calls, step) in [
        (r#"["s3:*"]"#, "$ athglue plan"),
        (r#"["glue:CreateDatabase"]"#, "$ athglue up"),
    ] {
        let world = World::new();
        let temporary = world.path().join("tmp");
        std::fs::create_dir(&temporary).expect("a folder");
        let rules = world.write("chaos.toml", &slow_calls(calls));
        let mut demo = world.command(&["demo"]);
        demo.env("TMPDIR", &temporary)
            .env("ATHGLUE_CHAOS", rules)
            .stdout(Stdio::null());
        let mut demo = Pressed::start(&mut demo);
        demo.wait_for(step);
        thread::sleep(Duration::from_millis(300));
        demo.ctrl_c();
        thread::sleep(Duration::from_millis(300));
        demo.ctrl_c();
        let (code, said) = demo.end();
        assert_eq!(code, Some(130), "{said}");
        let left = std::fs::read_dir(&temporary).expect("a folder").count();
        assert_eq!(left, 0, "{step}");
    }
}
