//! What is told while a plan is carried out.

use std::time::{Duration, Instant};

use super::plan::Action;
use crate::resource::{Address, CallError, awaited};

/// One thing that happened to one resource.
#[derive(Debug)]
pub enum Event<'a> {
    Started {
        address: &'a Address,
        action: Action,
    },
    /// What a resource is waiting for or doing now.
    Note { address: &'a Address, text: &'a str },
    Finished {
        address: &'a Address,
        action: Action,
        elapsed: Duration,
        waited: &'a Waited,
    },
    Failed {
        address: &'a Address,
        action: Action,
        error: &'a CallError,
        elapsed: Duration,
        waited: &'a Waited,
    },
    /// It will not be tried; the outcome says why.
    Skipped { address: &'a Address },
}

/// Follows the application of a plan.
pub trait Observer: Send + Sync {
    fn event(&self, event: &Event<'_>);
}

/// Follows nothing.
impl Observer for () {
    fn event(&self, _: &Event<'_>) {}
}

/// The part of a change's time that it spent waiting for something else: a role that is not known
/// everywhere yet, a state that has to come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waited {
    pub time: Duration,
    /// What the longest wait was for.
    pub reason: Option<String>,
}

/// Adds up waits from what a resource notes: a wait lasts until the next note that says otherwise.
#[derive(Debug, Default)]
pub(super) struct Waits {
    total: Waited,
    longest: Duration,
    now: Option<(Instant, String)>,
}

impl Waits {
    pub fn note(&mut self, text: &str) {
        let waiting = awaited(text);
        if let (Some(reason), Some((_, now))) = (waiting, &self.now)
            && reason == now
        {
            return;
        }
        self.end();
        self.now = waiting.map(|reason| (Instant::now(), reason.to_owned()));
    }

    fn end(&mut self) {
        if let Some((since, reason)) = self.now.take() {
            let time = since.elapsed();
            self.total.time += time;
            if self.total.reason.is_none() || time > self.longest {
                self.longest = time;
                self.total.reason = Some(reason);
            }
        }
    }

    pub fn finish(mut self) -> Waited {
        self.end();
        self.total
    }
}
