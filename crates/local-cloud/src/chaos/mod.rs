//! An embedded cloud that misbehaves when it is told to: a tool for tests.
//!
//! It stands where a client's calls come in ([`crate::Cloud::http_client`], [`crate::serve`]). What
//! the services call among themselves, for a crawl, a query or a task, is left alone.

mod answers;
mod called;
mod new_role;
mod rules;
mod stale;

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::time::Duration;

use http::{Request, Response};
use parking_lot::Mutex;
use s3s::Body;
use sha2::{Digest, Sha256};

pub use rules::{Rule, Rules};

use crate::cloud::Cloud;
use crate::router;
use called::Called;
use rules::{Chance, Fault, When};

/// No answer comes: the connection broke.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the connection was closed before an answer came")]
pub struct Broken;

/// Rules, and what they have met so far.
pub struct Chaos {
    seed: u64,
    rules: Vec<Rule>,
    log: Option<Mutex<File>>,
    met: Mutex<Met>,
    replica: stale::Replica,
}

#[derive(Default)]
struct Met {
    /// All calls so far.
    calls: u64,
    /// Of each rule, its calls so far.
    of_rule: HashMap<usize, u64>,
    /// Of each rule and operation. Chance is drawn by these, and so depends less on the order in
    /// which parallel calls come in.
    of_operation: HashMap<(usize, String), u64>,
}

impl std::fmt::Debug for Chaos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chaos")
            .field("seed", &self.seed)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl Chaos {
    /// Fails when the log cannot be opened.
    pub fn new(rules: Rules) -> std::io::Result<Self> {
        let log = match rules.log {
            Some(path) => Some(Mutex::new(
                File::options().create(true).append(true).open(path)?,
            )),
            None => None,
        };
        Ok(Self {
            seed: rules.seed,
            rules: rules.rules,
            log,
            met: Mutex::default(),
            replica: stale::Replica::default(),
        })
    }

    /// Answers a request as the rules want it.
    pub(crate) async fn call(
        &self,
        cloud: &Cloud,
        request: Request<Body>,
    ) -> Result<Response<Body>, Broken> {
        let (called, request) = Called::of(request).await?;
        let (number, faults) = self.meet(&called);
        for delay in faults.iter().filter_map(Faced::delay) {
            tokio::time::sleep(delay).await;
        }
        let answered = match self.strike(&faults, When::Before, cloud, &called, number) {
            Some(answered) => answered,
            None => self.answer(cloud, &called, request, number, &faults).await,
        };
        match &answered {
            Ok(response) => self.note(number, &called, response.status().as_str()),
            Err(Broken) => self.note(number, &called, "lost"),
        }
        answered
    }

    /// Lets the call have its effect, and then what comes after it.
    async fn answer(
        &self,
        cloud: &Cloud,
        called: &Called,
        request: Request<Body>,
        number: u64,
        faults: &[Faced<'_>],
    ) -> Result<Response<Body>, Broken> {
        let lag = faults
            .iter()
            .find_map(Faced::lag)
            .filter(|_| called.reads());
        let recalled = lag.and_then(|lag| self.replica.recall(called, lag));
        let response = match recalled {
            Some(old) => old,
            None => {
                let response = router::call(cloud, request).await;
                if !called.reads() {
                    self.replica.written(called);
                }
                match lag {
                    Some(_) => self.replica.keep(called, response).await?,
                    None => response,
                }
            }
        };
        self.strike(faults, When::After, cloud, called, number)
            .unwrap_or(Ok(response))
    }

    /// What a fault on this side of the effect makes of the call; the first one counts.
    fn strike(
        &self,
        faults: &[Faced<'_>],
        side: When,
        cloud: &Cloud,
        called: &Called,
        number: u64,
    ) -> Option<Result<Response<Body>, Broken>> {
        for faced in faults {
            let error = match faced.fault {
                Fault::Exit(when) if *when == side => {
                    self.note(number, called, "exit");
                    std::process::abort();
                }
                Fault::Lose(when) if *when == side => return Some(Err(Broken)),
                Fault::Throttle if side == When::Before => answers::throttled(called),
                Fault::Fail {
                    when,
                    code,
                    status,
                    message,
                } if *when == side => {
                    answers::failed(called, code.as_deref(), *status, message.as_deref())
                }
                Fault::NewRole { time } if side == When::Before => {
                    match new_role::refuse(cloud, called, *time) {
                        Some(error) => error,
                        None => continue,
                    }
                }
                _ => continue,
            };
            return Some(Ok(answers::response(called, error)));
        }
        None
    }

    /// Counts a call, and says which number it has and what it meets.
    fn meet(&self, called: &Called) -> (u64, Vec<Faced<'_>>) {
        let name = called.to_string();
        let mut met = self.met.lock();
        met.calls += 1;
        let mut faults = Vec::new();
        for (i, rule) in self.rules.iter().enumerate() {
            if !rule.is_about(called) {
                continue;
            }
            let nth = met.of_rule.entry(i).or_default();
            *nth += 1;
            let nth = *nth;
            let count = met.of_operation.entry((i, name.clone())).or_default();
            *count += 1;
            let draw = self.draw(i, &name, *count);
            let meets = match &rule.chance {
                Chance::Always => true,
                Chance::Share(share) => draw < *share,
                Chance::Nth(list) => list.contains(&nth),
            };
            if meets {
                faults.push(Faced {
                    fault: &rule.fault,
                    draw,
                });
            }
        }
        (met.calls, faults)
    }

    /// A number from 0 to 1 that is the same for the same seed, rule, operation and count.
    fn draw(&self, rule: usize, operation: &str, count: u64) -> f64 {
        let text = format!("{}/{rule}/{operation}/{count}", self.seed);
        let digest = Sha256::digest(text.as_bytes());
        let mut number = [0; 8];
        number.copy_from_slice(&digest[..8]);
        u64::from_le_bytes(number) as f64 / u64::MAX as f64
    }

    fn note(&self, number: u64, called: &Called, what: &str) {
        let Some(log) = &self.log else { return };
        let line = format!("{number} {called} {what}\n");
        if let Err(error) = log.lock().write_all(line.as_bytes()) {
            tracing::error!(%error, "the log of a chaos file");
        }
    }
}

/// A fault that a call meets.
struct Faced<'a> {
    fault: &'a Fault,
    /// From 0 to 1, what it was drawn by.
    draw: f64,
}

impl Faced<'_> {
    fn delay(&self) -> Option<Duration> {
        match self.fault {
            Fault::Delay { time, jitter } => Some(*time + jitter.mul_f64(self.draw)),
            _ => None,
        }
    }

    fn lag(&self) -> Option<Duration> {
        match self.fault {
            Fault::Stale { time } => Some(*time),
            _ => None,
        }
    }
}
