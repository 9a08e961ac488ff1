//! A run that dies at a call, or loses its answer, costs nothing: the next one ends as if it had
//! never happened.
//!
//! `cargo test` dies at a sample of the calls, evenly spread, before and after their effect.
//! `ATHGLUE_KILL=all cargo test kill` takes every one, and some minutes.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::state;
use crate::world::{Ran, World};

/// A stack with each kind in it.
pub const EVERY_KIND: &str = include_str!("every_kind.toml");

/// Of the calls that change something, and of those that read: how many are died at on each side
/// without `ATHGLUE_KILL=all`.
const WRITES: usize = 10;
const READ: usize = 4;

#[test]
fn up_of_the_example_is_finished_after_it_died_at_any_call() {
    Trial::of(World::with_example(), UP).dies();
}

#[test]
fn up_of_every_kind_is_finished_after_it_died_at_any_call() {
    Trial::of(every_kind(), UP).dies();
}

#[test]
fn up_of_every_kind_ends_well_whichever_answer_is_lost() {
    Trial::of(every_kind(), UP).loses_answers();
}

#[test]
fn destroy_of_the_example_is_finished_after_it_died_at_any_call() {
    Trial::of(World::with_example(), DESTROY).dies();
}

#[test]
fn destroy_of_every_kind_is_finished_after_it_died_at_any_call() {
    Trial::of(every_kind(), DESTROY).dies();
}

#[test]
fn destroy_of_every_kind_ends_well_whichever_answer_is_lost() {
    Trial::of(every_kind(), DESTROY).loses_answers();
}

const UP: &[&str] = &["up", "--yes"];
const DESTROY: &[&str] = &["destroy", "--yes"];

/// The stack, with the files that it names.
pub fn every_kind() -> World {
    let world = World::with_stack(EVERY_KIND);
    world.write("data/a.csv", "id,name\n1,one\n2,two\n");
    world.write("data/deep/b.json", "{\"id\": 1}\n{\"id\": 2}\n");
    world.write(
        "pass.asl.json",
        r#"{"StartAt": "Count", "States": {"Count": {"Type": "Task", "End": true,
            "Resource": "arn:aws:states:::athena:startQueryExecution.sync",
            "Parameters": {"QueryString": "SELECT count(*) FROM ${Database}.people", "WorkGroup": "${WorkGroup}"}}}}"#,
    );
    world
}

/// Where a run is disturbed.
#[derive(Debug, Clone, Copy)]
struct Case {
    /// Counted from 1, among the calls that change something or among those that read.
    nth: usize,
    reads: bool,
    /// `before` or `after` the effect.
    when: &'static str,
}

const READS: [&str; 5] = ["Get", "List", "Head", "Describe", "BatchGet"];

impl Case {
    /// The chaos file of it.
    fn rules(self, fault: &str) -> String {
        let reads = READS.map(|read| format!("\"*:{read}*\"")).join(", ");
        let which = if self.reads { "calls" } else { "except" };
        format!(
            "log = \"{self}.log\"\n[[rules]]\n{which} = [{reads}]\nnth = {}\nfault = \"{fault}\"\nwhen = \"{}\"\n",
            self.nth, self.when
        )
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let which = if self.reads { "read" } else { "write" };
        write!(f, "{which}-{}-{}", self.nth, self.when)
    }
}

/// A stack, a command, and where its undisturbed run leads to.
struct Trial {
    world: World,
    command: &'static [&'static str],
    wanted: Vec<String>,
}

impl Trial {
    fn of(world: World, command: &'static [&'static str]) -> Self {
        let mut trial = Self {
            world,
            command,
            wanted: Vec::new(),
        };
        trial
            .world
            .write("undisturbed.toml", "log = \"undisturbed.log\"\n");
        if trial.is_destroy() {
            trial.run(UP, "up", None).ok();
        }
        trial.start("undisturbed").expect("a copy");
        trial
            .run(command, "undisturbed", Some("undisturbed.toml"))
            .ok();
        trial.wanted = state::of(&trial.path("undisturbed"));
        trial
    }

    fn is_destroy(&self) -> bool {
        self.command == DESTROY
    }

    fn dies(&self) {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        self.all(&["before", "after"], cores, |case| {
            let died = self.disturb(case, "exit")?;
            match died.code {
                -1 => self.comes_to_its_end(case),
                // How often a wait looks depends on how long it takes.
                0 if case.reads => self.comes_to_its_end(case),
                0 => Err("this call did not come".to_owned()),
                _ => Err(format!("it did not die: {}{}", died.out, died.err)),
            }
        });
    }

    fn loses_answers(&self) {
        // The SDK waits before it calls again, which takes no processor.
        self.all(&["after"], 16, |case| {
            self.disturb(case, "lose")?;
            self.comes_to_its_end(case)
        });
    }

    fn path(&self, dir: &str) -> PathBuf {
        self.world.path().join(dir)
    }

    /// Makes the cloud that the command starts with.
    fn start(&self, dir: &str) -> Result<(), String> {
        if self.is_destroy() {
            copy(&self.path("up"), &self.path(dir)).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn run(&self, arguments: &[&str], dir: &str, chaos: Option<&str>) -> Ran {
        let mut command = self.world.command(arguments);
        command.args(["--data-dir", dir]);
        if let Some(file) = chaos {
            command.env("ATHGLUE_CHAOS", file);
        }
        Ran::of(command.output().expect("the binary runs"))
    }

    /// Runs the command in a cloud of its own, with a fault.
    fn disturb(&self, case: Case, fault: &str) -> Result<Ran, String> {
        let dir = case.to_string();
        self.start(&dir)?;
        let file = format!("{case}.toml");
        self.world.write(&file, &case.rules(fault));
        Ok(self.run(self.command, &dir, Some(&file)))
    }

    /// The next run goes on to the state that an undisturbed one leads to, and then there is
    /// nothing left to do.
    fn comes_to_its_end(&self, case: Case) -> Result<(), String> {
        let dir = case.to_string();
        let next = self.run(self.command, &dir, None);
        if next.code != 0 {
            return Err(format!("the next run fails: {}{}", next.out, next.err));
        }
        let difference = state::difference(&self.wanted, &state::of(&self.path(&dir)));
        if !difference.is_empty() {
            return Err(format!("the next run ends elsewhere:\n{difference}"));
        }
        let (idle, is_idle) = if self.is_destroy() {
            let idle = self.run(self.command, &dir, None);
            let is_idle = idle.out.starts_with("Nothing to delete");
            (idle, is_idle)
        } else {
            let idle = self.run(&["plan", "--detailed-exitcode"], &dir, None);
            let is_idle = idle.code == 0;
            (idle, is_idle)
        };
        if !is_idle {
            let said = format!("{}{}", idle.out, idle.err);
            return Err(format!("there is still something to do: {said}"));
        }
        std::fs::remove_dir_all(self.path(&dir)).map_err(|error| error.to_string())
    }

    /// Tries all cases, several at a time, and shows those that do not end as they should.
    fn all(
        &self,
        sides: &[&'static str],
        at_a_time: usize,
        case: impl Fn(Case) -> Result<(), String> + Sync,
    ) {
        let cases = self.cases(sides);
        let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..at_a_time {
                scope.spawn(|| {
                    while let Some(one) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if let Err(error) = case(*one) {
                            let text = format!("{one} ({}): {error}", self.met(*one));
                            failed.lock().expect("no panic").push(text);
                        }
                    }
                });
            }
        });
        let failed = failed.into_inner().expect("no panic");
        assert!(
            failed.is_empty(),
            "{} of {} runs did not end well:\n\n{}",
            failed.len(),
            cases.len(),
            failed.join("\n\n")
        );
        println!("{}: {} runs disturbed", self.command[0], cases.len());
    }

    /// The calls of the undisturbed run, on each side of their effect.
    fn cases(&self, sides: &[&'static str]) -> Vec<Case> {
        let log = std::fs::read_to_string(self.path("undisturbed.log")).expect("a log");
        let reads = log.lines().filter(|line| is_read(line)).count();
        let writes = log.lines().count() - reads;
        assert!(writes > 0, "{log}");
        let all = std::env::var("ATHGLUE_KILL").is_ok_and(|which| which == "all");
        let step = |calls: usize, wanted: usize| {
            if all {
                1
            } else {
                calls.div_ceil(wanted).max(1)
            }
        };
        let mut cases = Vec::new();
        for when in sides.iter().copied() {
            let case = |reads| move |nth| Case { nth, reads, when };
            cases.extend((1..=writes).step_by(step(writes, WRITES)).map(case(false)));
            cases.extend((1..=reads).step_by(step(reads, READ)).map(case(true)));
        }
        cases
    }

    /// The call that a case met, as the log of its run names it.
    fn met(&self, case: Case) -> String {
        let log = self.path(&format!("{case}.log"));
        let log = std::fs::read_to_string(log).unwrap_or_default();
        let met = log
            .lines()
            .find(|line| line.ends_with(" exit") || line.ends_with(" lost"));
        met.unwrap_or("no call").to_owned()
    }
}

/// Whether a line of a log, such as `12 glue:GetTable 200`, is of a call that changes nothing.
fn is_read(line: &str) -> bool {
    let operation = line.split_once(':').map_or("", |(_, rest)| rest);
    READS.iter().any(|read| operation.starts_with(read))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.metadata()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
