//! What is told while a plan is carried out.

use std::time::{Duration, Instant};

use super::plan::Action;
use crate::cloud::Pause;
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
/// everywhere yet, a state that has to come, a service that was busy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waited {
    pub time: Duration,
    /// What the longest wait was for.
    pub reason: Option<String>,
}

/// Adds up waits: those that a resource notes, each until the next note that says otherwise, and the
/// pauses of the SDK. What overlaps counts once.
#[derive(Debug, Default)]
pub(super) struct Waits {
    ended: Vec<Pause>,
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
        if let Some((from, reason)) = self.now.take() {
            self.ended.push(Pause {
                from,
                to: Instant::now(),
                reason,
            });
        }
    }

    /// The waits in all, with the pauses that the SDK made beside.
    pub fn finish(mut self, pauses: Vec<Pause>) -> Waited {
        self.end();
        self.ended.extend(pauses);
        self.ended.sort_by_key(|pause| pause.from);
        let mut time = Duration::ZERO;
        let mut counted: Option<Instant> = None;
        for pause in &self.ended {
            let from = counted.map_or(pause.from, |counted| counted.max(pause.from));
            time += pause.to.saturating_duration_since(from);
            counted = Some(counted.map_or(pause.to, |counted| counted.max(pause.to)));
        }
        let longest = self
            .ended
            .into_iter()
            .max_by_key(|pause| pause.to.saturating_duration_since(pause.from));
        Waited {
            time,
            reason: longest.map(|pause| pause.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_that_overlap_count_once_and_the_longest_is_named() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let pause = |from, to, reason: &str| Pause {
            from: at(from),
            to: at(to),
            reason: reason.to_owned(),
        };
        let waits = Waits {
            ended: vec![pause(100, 400, "the role")],
            now: None,
        };
        let waited = waits.finish(vec![
            pause(0, 50, "GetRole"),
            pause(350, 500, "CreateCrawler"),
            pause(120, 130, "CreateCrawler"),
        ]);
        assert_eq!(waited.time, Duration::from_millis(450));
        assert_eq!(waited.reason.as_deref(), Some("the role"));
        assert_eq!(Waits::default().finish(Vec::new()), Waited::default());
    }
}
